/*
 * Sixteen threads, one client, mixed operations; what every call answers and what is there at the end is checked.
 *
 *   threads URL OPTIONS CALLS      channels 0 to 16 are known to a remote service already; at most 1000 destinations
 *   threads race                   two threads write to one variable without a lock: what ThreadSanitizer must report
 *
 * Thread n has channel n to itself and knows what is there; channel 0 is everybody's.
 */
#include "stress.h"

enum { THREADS = 16, STEPS = 12 };

static d360_client *client;
static long rounds;
static atomic_long calls, shared_appended, shared_deleted;

struct worker {
    int number;
    char key[32];
    char url[128];
    bool has_own, has_audit, own_is_first;
};

static d360_status counted(d360_status status) {
    atomic_fetch_add(&calls, 1);
    return status;
}

/* What channel `n` must show: nobody else writes there. */
static const char *destinations(const struct worker *self, char buffer[512]) {
    char own[128] = "";
    const char *audit = self->has_audit ? "{\"name\":\"audit\",\"url\":\"https://audit.example.com/a\",\"headers\":{}}" : "";
    if (self->has_own) {
        snprintf(own, sizeof own, "{\"name\":\"own\",\"url\":\"https://own.example.com/%d\",\"headers\":{\"X-Thread\":\"%d\"}}",
            self->number, self->number);
    }
    snprintf(buffer, 512, "{\"enabled\":true,\"destinations\":[%s%s%s]}", self->own_is_first ? own : audit,
        self->has_own && self->has_audit ? "," : "", self->own_is_first ? audit : own);
    return buffer;
}

static void append_and_delete_on_the_shared_channel(const struct worker *self, long round) {
    char request[256], name[64], *answer = NULL;
    snprintf(name, sizeof name, "thread %d, %ld", self->number, round);
    snprintf(request, sizeof request, "{\"destinations\":[{\"name\":\"%s\",\"url\":\"https://shared.example.com/%d\"}]}", name,
        self->number);
    d360_status status = counted(d360_multi_webhook_append(client, "key-0", request, &answer));
    CHECK(status == D360_OK, "append: %s: %s", d360_status_name(status), answer);
    d360_string_free(answer);
    atomic_fetch_add(&shared_appended, 1);
    EXPECT(D360_CONFLICT, counted(d360_multi_webhook_append(client, "key-0", request, &answer)));
    /* One of every thread's stays to be counted. */
    if (round == 0) return;
    EXPECT(D360_OK, counted(d360_multi_webhook_delete(client, "key-0", name, &answer)));
    atomic_fetch_add(&shared_deleted, 1);
}

static void use_a_derived_client(const struct worker *self) {
    d360_client *derived = NULL;
    EXPECT(D360_OK, d360_derive(client, "{\"timeout_ms\":20000}", &derived, &answer));
    d360_cancel(derived); /* nothing of it has begun */
    EXPECT_TEXT(self->url, counted(d360_customer_webhook_get(derived, self->key, &answer)));
    d360_close(derived);
}

static void step(struct worker *self, long round, int kind) {
    char text[512];
    switch (kind) {
    case 0:
        webhook(self->key, round, self->url);
        EXPECT_TEXT(self->url, counted(d360_customer_webhook_set(client, self->key, self->url, &answer)));
        break;
    case 1:
    case 5:
        EXPECT_TEXT(self->url, counted(d360_customer_webhook_get(client, self->key, &answer)));
        break;
    case 2:
        snprintf(text, sizeof text,
            "{\"destinations\":[{\"name\":\"own\",\"url\":\"https://own.example.com/%d\",\"headers\":{\"X-Thread\":\"%d\"}}]}",
            self->number, self->number);
        EXPECT(self->has_own ? D360_CONFLICT : D360_OK, counted(d360_multi_webhook_append(client, self->key, text, &answer)));
        if (!self->has_own) self->own_is_first = !self->has_audit;
        self->has_own = true;
        break;
    case 3:
    case 7:
    case 9:
        EXPECT_TEXT(destinations(self, text), counted(d360_multi_webhook_get(client, self->key, &answer)));
        break;
    case 4:
        EXPECT(self->has_audit ? D360_OK : D360_NOT_FOUND,
            counted(d360_multi_webhook_update(client, self->key, "{\"name\":\"audit\",\"headers\":{}}", &answer)));
        break;
    case 6:
        EXPECT(self->has_audit ? D360_OK : D360_NOT_FOUND,
            counted(d360_multi_webhook_delete(client, self->key, "audit", &answer)));
        self->has_audit = false;
        break;
    case 8:
        EXPECT(self->has_audit ? D360_CONFLICT : D360_OK,
            counted(d360_multi_webhook_append(client, self->key,
                "{\"destinations\":[{\"name\":\"audit\",\"url\":\"https://audit.example.com/a\"}]}", &answer)));
        if (!self->has_audit) self->own_is_first = self->has_own;
        self->has_audit = true;
        if (round % 3 == 2) {
            EXPECT(self->has_own ? D360_OK : D360_NOT_FOUND,
                counted(d360_multi_webhook_delete(client, self->key, "own", &answer)));
            self->has_own = false;
        }
        break;
    case 10:
        append_and_delete_on_the_shared_channel(self, round);
        use_a_derived_client(self);
        break;
    default:
        EXPECT(D360_UNAUTHORIZED, counted(d360_waba_webhook_get(client, "nobody's", &answer)));
        EXPECT(D360_OK, counted(d360_waba_webhook_set(client, self->key, "{\"url\":\"https://waba.example.com/a\"}", &answer)));
        EXPECT(D360_OK, counted(d360_waba_webhook_get(client, self->key, &answer)));
        EXPECT(D360_OK, d360_signature_sign("secret", self->key, strlen(self->key), &answer));
        EXPECT(D360_INVALID_REQUEST, d360_webhook_validate("{\"url\":\"http://a\"}", NULL, &answer));
        d360_set_log(client, NULL, NULL);
    }
}

static void *work(void *argument) {
    struct worker *self = argument;
    EXPECT(D360_OK, counted(d360_multi_webhook_set(client, self->key, "{\"enabled\":true}", &answer)));
    for (long round = 0; round < rounds; round++) {
        /* Each thread begins elsewhere in the round: at any time they do different things. */
        for (int i = 0; i < STEPS; i++) step(self, round, round ? (i + self->number) % STEPS : i);
    }
    char text[512];
    EXPECT_TEXT(self->url, counted(d360_customer_webhook_get(client, self->key, &answer)));
    EXPECT_TEXT(destinations(self, text), counted(d360_multi_webhook_get(client, self->key, &answer)));
    return NULL;
}

/* Every destination of everybody's channel, each exactly once. */
static void check_shared_channel(void) {
    char *answer = NULL, wanted[64];
    CHECK(d360_multi_webhook_get(client, "key-0", &answer) == D360_OK, "%s", answer);
    long count = 0;
    for (const char *found = answer; (found = strstr(found, "\"name\"")); found++) count++;
    CHECK(count == THREADS && count == shared_appended - shared_deleted, "%ld destinations of %ld appended, %ld deleted", count,
        (long)shared_appended, (long)shared_deleted);
    for (int n = 1; n <= THREADS; n++) {
        snprintf(wanted, sizeof wanted, "\"thread %d, 0\"", n);
        CHECK(strstr(answer, wanted), "%s is lost: %s", wanted, answer);
    }
    d360_string_free(answer);
}

static long unguarded;

static void *add(void *nothing) {
    for (int i = 0; i < 100000; i++) unguarded++;
    return nothing;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "race") == 0) {
        pthread_t one = start(add, NULL), other = start(add, NULL);
        join(one);
        join(other);
        return unguarded > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    CHECK(argc == 4, "URL OPTIONS CALLS");
    client = open_client(argv[1], argv[2]);
    if (strncmp(argv[1], "sqlite:", 7) == 0) {
        for (int n = 0; n <= THREADS; n++) register_channel(client, n);
    }
    EXPECT(D360_OK, d360_multi_webhook_set(client, "key-0", "{\"enabled\":true}", &answer));

    /* A round makes 16 calls and two thirds. */
    rounds = number(argv[3]) / THREADS / 16 + 1;
    struct worker workers[THREADS + 1] = {0};
    pthread_t threads[THREADS + 1];
    for (int n = 1; n <= THREADS; n++) {
        workers[n].number = n;
        key_of(n, workers[n].key);
        threads[n] = start(work, &workers[n]);
    }
    for (int n = 1; n <= THREADS; n++) join(threads[n]);
    CHECK(calls >= number(argv[3]), "only %ld calls", (long)calls);
    check_shared_channel();
    d360_close(client);
    printf("%ld calls\n", (long)calls);
    return EXIT_SUCCESS;
}
