/*
 * Sixteen threads on one client of each service that is named, mixed operations, beside derived clients, cancels, and a
 * log callback that comes and goes. Arguments: rounds of each thread, service URLs. Built with ThreadSanitizer as well.
 */
#include "check.h"
#include <pthread.h>
#include <stdlib.h>

#define THREADS 16

enum { KINDS = 9, UPDATE = 3, DELETE = 4 };

struct work {
    d360_client *client;
    int thread;
    int rounds;
};

static void ignore(int level, const char *message, void *context) {
    (void)level;
    (void)message;
    (void)context;
}

/*
 * What several threads do to one configuration at once may meet what another one did; nothing else may happen. A 404 to an
 * update or delete counts as D360_NOT_FOUND where a reading lacks the name: another thread may have appended it by then.
 */
static int is_expected(d360_status status, int kind) {
    if (status == D360_PROTOCOL_ERROR) return kind == UPDATE || kind == DELETE;
    return status == D360_OK || status == D360_CONFLICT || status == D360_NOT_FOUND || status == D360_NOT_ENABLED ||
           status == D360_LIMIT_EXCEEDED || status == D360_INVALID_REQUEST || status == D360_CANCELLED;
}

static d360_status operation(d360_client *client, int thread, int round, int kind) {
    char name[32], request[160];
    snprintf(name, sizeof name, "d%d", thread % 4);
    switch (kind) {
    case 0: return d360_multi_webhook_get(client, "key-berlin", NULL);
    case 1: return d360_multi_webhook_set(client, "key-berlin", "{\"enabled\": true}", NULL);
    case 2:
        snprintf(request, sizeof request, "{\"destinations\": [{\"name\": \"%s\", \"url\": \"https://h.example.com\"}]}", name);
        return d360_multi_webhook_append(client, "key-berlin", request, NULL);
    case UPDATE:
        snprintf(request, sizeof request, "{\"name\": \"%s\", \"headers\": {\"X-Round\": \"%d\"}}", name, round);
        return d360_multi_webhook_update(client, "key-berlin", request, NULL);
    case DELETE: return d360_multi_webhook_delete(client, "key-berlin", name, NULL);
    case 5: return d360_customer_webhook_set(client, "key-berlin", "{\"url\": \"https://h.example.com\"}", NULL);
    case 6: return d360_customer_webhook_get(client, "key-berlin", NULL);
    case 7: return d360_waba_webhook_set(client, "key-berlin", "{\"url\": \"https://h.example.com\"}", NULL);
    default: return d360_waba_webhook_get(client, "key-berlin", NULL);
    }
}

static void *run(void *argument) {
    struct work *work = (struct work *)argument;
    long unexpected = 0;
    for (int round = 0; round < work->rounds; round++) {
        int kind = (work->thread + round) % KINDS;
        if (!is_expected(operation(work->client, work->thread, round, kind), kind)) unexpected++;
        if (round % 16 == work->thread) {
            d360_client *derived = NULL;
            if (d360_derive(work->client, "{\"timeout_ms\": 20000}", &derived, NULL) != D360_OK) unexpected++;
            if (!is_expected(operation(derived, work->thread, round, kind), kind)) unexpected++;
            d360_close(derived);
        }
        if (round % 64 == 3 * work->thread) d360_cancel(work->client);
        if (round % 8 == 0 && work->thread == 0) d360_set_log(work->client, round % 16 ? NULL : ignore, NULL);
    }
    return (void *)unexpected;
}

int main(int argc, char **argv) {
    CHECK(argc > 2);
    for (int i = 2; i < argc; i++) {
        d360_client *client = NULL;
        pthread_t threads[THREADS];
        struct work work[THREADS];
        CHECK(d360_open(argv[i], NULL, &client, NULL) == D360_OK);
        d360_status registered = d360_channel_register(
            client, "{\"phone_number_id\": \"106540352242922\", \"waba_id\": 123065260884961, \"api_key\": \"key-berlin\"}", NULL);
        CHECK(registered == D360_OK || registered == D360_UNSUPPORTED);
        for (int t = 0; t < THREADS; t++) {
            work[t].client = client;
            work[t].thread = t;
            work[t].rounds = atoi(argv[1]);
            CHECK(pthread_create(&threads[t], NULL, run, &work[t]) == 0);
        }
        for (int t = 0; t < THREADS; t++) {
            void *unexpected = NULL;
            CHECK(pthread_join(threads[t], &unexpected) == 0);
            CHECK(unexpected == NULL);
        }
        d360_close(client);
    }
    return failures != 0;
}
