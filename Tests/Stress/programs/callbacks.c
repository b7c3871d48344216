/*
 * Log callbacks from many threads, exchanged all the time: the one before is neither running nor run again.
 *
 *   callbacks exchange URL ROUNDS         ROUNDS exchanges from outside, and as many from inside a callback
 *   callbacks cancel URL                  every attempt fails and is logged; the first line cancels
 *
 * Channel 0 is known to the service.
 */
#include "stress.h"

enum { THREADS = 8 };

static d360_client *client;
static atomic_bool is_over;
static atomic_int inside;
static atomic_long lines;

/* A callback's context; freed once the callback was taken away, so that memory checkers see a late one too. */
struct listener {
    atomic_int is_set;
    atomic_long heard;
};

static struct listener *new_listener(void) {
    struct listener *listener = calloc(1, sizeof *listener);
    CHECK(listener, "calloc");
    listener->is_set = 1;
    return listener;
}

static void retire(struct listener *listener) {
    atomic_store(&listener->is_set, 0);
    sched_yield();
    free(listener);
}

static void hear(int level, const char *message, void *context) {
    struct listener *listener = context;
    CHECK(atomic_fetch_add(&inside, 1) == 0, "two lines of one client at once");
    CHECK(atomic_load(&listener->is_set) == 1, "a callback that was taken away was called");
    CHECK(level >= 0 && level <= 3 && message && *message && !strchr(message, '\n'), "level %d: %s", level, message);
    CHECK(!strstr(message, "key-0"), "a line holds the key: %s", message);
    atomic_fetch_add(&listener->heard, 1);
    atomic_fetch_add(&lines, 1);
    if (lines % 16 == 0) sched_yield();
    CHECK(atomic_load(&listener->is_set) == 1, "a callback was taken away while it ran");
    atomic_fetch_sub(&inside, 1);
}

/* Puts another in its own place. This one runs on after that, but never again. */
static void hear_once(int level, const char *message, void *context) {
    struct listener *listener = context;
    hear(level, message, listener);
    CHECK(atomic_load(&listener->heard) == 1, "called again after it had put another in its place");
    struct listener *next = new_listener();
    d360_set_log(client, hear_once, next);
    CHECK(strlen(d360_status_name(D360_OK)) && strlen(d360_version()), "no name");
    d360_string_free(NULL);
    retire(listener);
}

static void *call_until_over(void *nothing) {
    while (!atomic_load(&is_over)) {
        char *answer = NULL;
        d360_status status = d360_multi_webhook_get(client, "key-0", &answer);
        CHECK(status == D360_OK, "%s: %s", d360_status_name(status), answer);
        d360_string_free(answer);
    }
    return nothing;
}

static void wait_for_lines(long count) {
    double limit = milliseconds() + 60000;
    while (lines < count) {
        CHECK(milliseconds() < limit, "no line for a minute");
        sched_yield();
    }
}

static void exchange(long rounds) {
    pthread_t threads[THREADS];
    struct listener *listener = new_listener();
    d360_set_log(client, hear, listener);
    for (int n = 0; n < THREADS; n++) threads[n] = start(call_until_over, NULL);
    for (long round = 0; round < rounds; round++) {
        if (listener) wait_for_lines(lines + round % 3);
        struct listener *next = round % 5 == 4 ? NULL : new_listener();
        d360_set_log(client, next ? hear : NULL, next);
        if (listener) retire(listener);
        listener = next;
    }
    d360_set_log(client, hear_once, new_listener());
    if (listener) retire(listener);
    wait_for_lines(lines + rounds);
    d360_set_log(client, NULL, NULL);
    long before = lines;
    sleep_milliseconds(50);
    CHECK(lines == before, "lines without a callback");
    atomic_store(&is_over, true);
    for (int n = 0; n < THREADS; n++) join(threads[n]);
    /* The last of `hear_once` is still reachable by nobody: it was never called, and goes with the process. */
}

static atomic_long cancelled_at;

static void cancel_at_first_line(int level, const char *message, void *context) {
    (void)level, (void)message, (void)context;
    if (!cancelled_at) {
        d360_cancel(client);
        cancelled_at = (long)milliseconds();
    }
}

static void cancel(void) {
    d360_set_log(client, cancel_at_first_line, NULL);
    EXPECT(D360_CANCELLED, d360_multi_webhook_get(client, "key-0", &answer));
    long took = (long)milliseconds() - cancelled_at;
    CHECK(took <= 100, "the call ended %ld ms after the cancel", took);
    d360_set_log(client, NULL, NULL);
    /* One that begins later goes its way: all its attempts are used up. */
    EXPECT(D360_SERVICE_ERROR, d360_multi_webhook_get(client, "key-0", &answer));
}

int main(int argc, char **argv) {
    CHECK(argc >= 3, "exchange|cancel URL [ROUNDS]");
    client = open_client(argv[2], "{\"max_attempts\": 3}");
    if (strcmp(argv[1], "exchange") == 0) exchange(number(argv[3]));
    else cancel();
    d360_close(client);
    printf("%ld lines\n", (long)lines);
    return EXIT_SUCCESS;
}
