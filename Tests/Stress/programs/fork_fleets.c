/*
 * Forks of a program that makes fleet calls, which run threads.
 *
 *   fork_fleets idle URL OPTIONS CHILDREN              the children, 0 or more, use the client's fleet calls, as the parent does
 *   fork_fleets busy URL OPTIONS CHILDREN SECOND_URL   forks while an apply runs: in the child its client answers
 *                                                      D360_INTERNAL_ERROR and is closed, a new one is opened on SECOND_URL
 *
 * Channels 0 to ACCOUNTS * (CHILDREN + 1) - 1, of which each process has its own, are known to a remote service. Busy: 0 to
 * ACCOUNTS.
 */
#include "stress.h"

enum { ACCOUNTS = 8, MOST = 16384 };

static const char *url, *options;
static d360_client *client;

/* The accounts of process `n`, with their own webhooks at ".../word/number". */
static const char *fleet(int n, const char *word, long number, char buffer[MOST]) {
    int length = snprintf(buffer, MOST, "{\"accounts\":[");
    for (int i = n * ACCOUNTS; i < (n + 1) * ACCOUNTS; i++) {
        char own[128];
        length += snprintf(buffer + length, (size_t)(MOST - length),
            "%s{\"name\":\"n%d\",\"api_key\":\"key-%d\",\"customer_webhook\":%s,\"multi_webhook\":{\"destinations\":["
            "{\"name\":\"crm\",\"url\":\"https://crm.example.com/%ld\"}]}}",
            i % ACCOUNTS ? "," : "", i, i, webhook(word, number, own), number);
    }
    CHECK(length + 100 < MOST, "MOST is too small");
    strcat(buffer, "]}");
    return buffer;
}

/* Ends the program unless all of this process's accounts are like `word` then. */
#define EXPECT_ALL(word, call)                                                                                        \
    do {                                                                                                              \
        char *answer = NULL, all_[32];                                                                                \
        d360_status status_ = (call);                                                                                 \
        snprintf(all_, sizeof all_, "\"%s\":%d,", (word), ACCOUNTS);                                                  \
        CHECK(status_ == D360_OK && answer && strstr(answer, all_), "%s: %s: not %s: %s", #call,                      \
            d360_status_name(status_), all_, answer ? answer : "no text");                                            \
        d360_string_free(answer);                                                                                     \
    } while (0)

/* All four calls. */
static void call_fleets(d360_client *own, int n, const char *word, long number) {
    char document[MOST], keys[MOST];
    const char *more = "{\"concurrency\":8}";
    fleet(n, word, number, document);
    EXPECT_ALL("changed", d360_fleet_apply(own, document, more, NULL, NULL, &answer));
    EXPECT_ALL("in_sync", d360_fleet_plan(own, document, more, NULL, NULL, &answer));
    EXPECT_ALL("in_sync", d360_fleet_audit(own, document, more, NULL, NULL, &answer));
    int length = snprintf(keys, MOST, "{\"accounts\":[");
    for (int i = n * ACCOUNTS; i < (n + 1) * ACCOUNTS; i++) {
        length += snprintf(keys + length, (size_t)(MOST - length), "%s{\"name\":\"n%d\",\"api_key\":\"key-%d\"}",
            i % ACCOUNTS ? "," : "", i, i);
    }
    strcat(keys, "]}");
    EXPECT_ALL("accounts", d360_fleet_export(own, keys, more, NULL, NULL, &answer));
}

/* One after another, then as many at once, each beside the parent's own calls. */
static void fork_idle(int children) {
    pid_t running[children + 1];
    call_fleets(client, 0, "parent", 0);
    for (int n = 1; n <= children; n++) {
        running[n] = fork_or_fail();
        if (!running[n]) {
            alarm(60);
            call_fleets(client, n, "child", 1);
            call_fleets(client, n, "child", 2);
            if (n % 2) d360_close(client);
            if (n / 2 % 2) exit(EXIT_SUCCESS);
            _exit(EXIT_SUCCESS);
        }
        call_fleets(client, 0, "parent", n);
        if (n <= children / 2) wait_for(running[n]);
    }
    for (int n = children / 2 + 1; n <= children; n++) wait_for(running[n]);
    call_fleets(client, 0, "parent", children + 1);
}

static atomic_bool has_begun, may_end;

/* The first event is that of an account that asks for nothing, and comes early; the last one holds the call. */
static int hold(const char *event, void *unused) {
    (void)unused;
    char last[32];
    snprintf(last, sizeof last, "\"done\":%d,", ACCOUNTS + 1);
    has_begun = true;
    while (strstr(event, last) && !may_end) sleep_milliseconds(1);
    return 0;
}

static void *apply(void *round) {
    char *answer = NULL, document[MOST], more[64], all[32];
    fleet(0, "busy", *(long *)round, document);
    snprintf(more, sizeof more, ",{\"name\":\"n%d\",\"api_key\":\"key-%d\"}]}", ACCOUNTS, ACCOUNTS);
    strcpy(document + strlen(document) - 2, more);
    d360_status status = d360_fleet_apply(client, document, "{\"concurrency\":9}", hold, NULL, &answer);
    snprintf(all, sizeof all, "\"changed\":%d,", ACCOUNTS);
    CHECK(status == D360_OK && strstr(answer, all), "the parent's call: %s: %s", d360_status_name(status), answer);
    d360_string_free(answer);
    return NULL;
}

/* A file that was in use, and SQLite itself where a thread was inside it, stay so in a child. */
static bool is_refused(const char *second) {
    d360_client *own = NULL;
    char *error = NULL;
    if (strncmp(second, "sqlite:", 7) != 0 || d360_open(second, options, &own, &error) == D360_OK) {
        d360_close(own);
        return false;
    }
    CHECK(strstr(error, "when the process forked"), "%s", error);
    d360_string_free(error);
    return true;
}

static void be_child_of_busy(const char *second) {
    char document[MOST];
    alarm(20);
    fleet(0, "child", 1, document);
    EXPECT(D360_INTERNAL_ERROR, d360_fleet_apply(client, document, NULL, NULL, NULL, &answer));
    EXPECT(D360_INTERNAL_ERROR, d360_fleet_audit(client, document, NULL, NULL, NULL, &answer));
    EXPECT(D360_INTERNAL_ERROR, d360_multi_webhook_get(client, "key-0", &answer));
    d360_close(client);
    if (is_refused(second)) _exit(EXIT_SUCCESS);
    d360_client *own = open_client(second, options);
    EXPECT(D360_OK, d360_fleet_audit(own, document, "{\"concurrency\":8}", NULL, NULL, &answer));
    d360_close(own);
    _exit(EXIT_SUCCESS);
}

/* A new client each time: its connections are being made, too. */
static void fork_busy(long children, const char *second) {
    for (long n = 1; n <= children; n++) {
        d360_close(client);
        client = open_client(url, options);
        has_begun = may_end = false;
        pthread_t thread = start(apply, &n);
        while (!has_begun) sched_yield();
        struct timespec moment = {0, rand() % 20000000};
        nanosleep(&moment, NULL);
        pid_t child = fork_or_fail();
        if (!child) be_child_of_busy(second);
        may_end = true;
        join(thread);
        wait_for(child);
    }
}

int main(int argc, char **argv) {
    bool is_busy = argc == 6 && strcmp(argv[1], "busy") == 0;
    CHECK(is_busy || (argc == 5 && strcmp(argv[1], "idle") == 0), "idle URL OPTIONS CHILDREN | busy URL OPTIONS CHILDREN SECOND_URL");
    url = argv[2];
    options = argv[3];
    int children = (int)number(argv[4]);
    client = open_client(url, options);
    if (strncmp(url, "sqlite:", 7) == 0) {
        for (int n = 0; n < (is_busy ? ACCOUNTS + 1 : ACCOUNTS * (children + 1)); n++) register_channel(client, n);
    }
    if (is_busy) fork_busy(children, argv[5]);
    else fork_idle(children);
    d360_close(client);
    return EXIT_SUCCESS;
}
