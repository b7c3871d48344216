/*
 * A child's first calls come from many threads at once, on a client that was idle at the fork. All are answered.
 *
 *   fork_into_threads URL OPTIONS CHILDREN    channel 0 is known to a remote service already
 */
#include "stress.h"

enum { THREADS = 16 };

static d360_client *client;
static pthread_barrier_t beginning;

static void *call(void *unused) {
    pthread_barrier_wait(&beginning);
    EXPECT(D360_OK, d360_customer_webhook_get(client, "key-0", &answer));
    return unused;
}

static void call_at_once(void) {
    pthread_t threads[THREADS];
    CHECK(pthread_barrier_init(&beginning, NULL, THREADS) == 0, "pthread_barrier_init");
    for (int n = 0; n < THREADS; n++) threads[n] = start(call, NULL);
    for (int n = 0; n < THREADS; n++) join(threads[n]);
    pthread_barrier_destroy(&beginning);
}

int main(int argc, char **argv) {
    CHECK(argc == 4, "URL OPTIONS CHILDREN");
    client = open_client(argv[1], argv[2]);
    if (strncmp(argv[1], "sqlite:", 7) == 0) register_channel(client, 0);
    call_at_once();
    for (long n = number(argv[3]); n > 0; n--) {
        pid_t child = fork_or_fail();
        if (!child) {
            alarm(60);
            call_at_once();
            d360_close(client);
            exit(EXIT_SUCCESS);
        }
        wait_for(child);
    }
    call_at_once();
    d360_close(client);
    return EXIT_SUCCESS;
}
