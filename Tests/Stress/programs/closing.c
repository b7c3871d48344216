/*
 * Closes a client while calls are in flight in other threads.
 *
 *   closing waiting URL OPTIONS FUNCTION     nothing answers: the calls end by the close; FUNCTION is get or set
 *   closing answering URL OPTIONS ROUNDS     calls that are just being answered; a log line says that one has begun
 *
 * Channels 0 to 16 are known to the service.
 */
#include "stress.h"

enum { THREADS = 16 };

static d360_client *client;
static const char *function;

struct call {
    d360_status status;
    char *answer;
    char key[32];
};

static void *run(void *argument) {
    struct call *call = argument;
    call->status = strcmp(function, "get") == 0
        ? d360_multi_webhook_get(client, call->key, &call->answer)
        : d360_customer_webhook_set(client, call->key, "{\"url\": \"https://hooks.example.com/lost\"}", &call->answer);
    return NULL;
}

static void waiting(const char *url, const char *options) {
    client = open_client(url, options);
    d360_client *other = NULL;
    EXPECT(D360_OK, d360_derive(client, NULL, &other, &answer));
    struct call calls[THREADS] = {0};
    pthread_t threads[THREADS];
    for (int n = 0; n < THREADS; n++) {
        key_of(n, calls[n].key);
        threads[n] = start(run, &calls[n]);
    }
    sleep_milliseconds(1000); /* nothing says from outside that a call has begun */
    double begun = milliseconds();
    d360_close(client);
    double took = milliseconds() - begun;
    CHECK(took <= 100 * 1.1, "d360_close took %.0f ms", took);
    for (int n = 0; n < THREADS; n++) {
        join(threads[n]);
        CHECK(calls[n].status == D360_CANCELLED, "a call ended with %s: %s", d360_status_name(calls[n].status),
            calls[n].answer ? calls[n].answer : "no text");
        CHECK(calls[n].answer && strstr(calls[n].answer, "\"D360_CANCELLED\""), "%s", calls[n].answer);
        d360_string_free(calls[n].answer);
    }
    d360_close(other);
}

static atomic_int begun;

/* A call may log several lines. */
static void note(int level, const char *message, void *context) {
    static _Thread_local bool has_begun;
    (void)level, (void)message, (void)context;
    if (!has_begun) atomic_fetch_add(&begun, 1);
    has_begun = true;
}

static void answering(const char *url, const char *options, long rounds) {
    enum { FEW = 4 };
    function = "get";
    d360_client *parent = open_client(url, options);
    for (long round = 0; round < rounds; round++) {
        struct call calls[FEW] = {0};
        pthread_t threads[FEW];
        EXPECT(D360_OK, d360_derive(parent, NULL, &client, &answer));
        d360_set_log(client, note, NULL);
        atomic_store(&begun, 0);
        for (int n = 0; n < FEW; n++) {
            key_of(n, calls[n].key);
            threads[n] = start(run, &calls[n]);
        }
        while (atomic_load(&begun) < FEW) sched_yield();
        d360_close(client);
        for (int n = 0; n < FEW; n++) {
            join(threads[n]);
            CHECK(calls[n].status == D360_OK || calls[n].status == D360_CANCELLED, "%s", d360_status_name(calls[n].status));
            CHECK(calls[n].answer, "no text");
            d360_string_free(calls[n].answer);
        }
    }
    EXPECT(D360_OK, d360_multi_webhook_get(parent, "key-0", &answer));
    d360_close(parent);
}

int main(int argc, char **argv) {
    CHECK(argc == 5, "waiting|answering URL OPTIONS FUNCTION|ROUNDS");
    function = argv[4];
    if (strcmp(argv[1], "waiting") == 0) waiting(argv[2], argv[3]);
    else answering(argv[2], argv[3], number(argv[4]));
    return EXIT_SUCCESS;
}
