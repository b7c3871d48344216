/*
 * d360_cancel of calls that wait for a locked database: within 100 ms, and only those that have begun.
 *
 *   cancelling URL ROUNDS    another process holds the write lock until standard input ends
 */
#include "stress.h"

static d360_client *client;

struct call {
    d360_client *client;
    d360_status status;
    double ended;
    char text[1024];
};

static void *write_webhook(void *argument) {
    struct call *call = argument;
    char *answer = NULL;
    call->status = d360_customer_webhook_set(call->client, "key-0", "{\"url\": \"https://hooks.example.com/a\"}", &answer);
    call->ended = milliseconds();
    snprintf(call->text, sizeof call->text, "%s", answer ? answer : "no text");
    d360_string_free(answer);
    return NULL;
}

static void check_cancelled(const struct call *call, double at) {
    CHECK(call->status == D360_CANCELLED, "%s: %s", d360_status_name(call->status), call->text);
    CHECK(strstr(call->text, "\"outcome\":\"not_applied\""), "%s", call->text);
    CHECK(call->ended - at <= 100, "the call ended %.1f ms after the cancel", call->ended - at);
}

int main(int argc, char **argv) {
    CHECK(argc == 3, "URL ROUNDS");
    client = open_client(argv[1], NULL);
    d360_client *derived = NULL;
    EXPECT(D360_OK, d360_derive(client, NULL, &derived, &answer));
    struct call other = {.client = derived}, later = {.client = client};
    pthread_t other_thread = start(write_webhook, &other);
    for (long round = number(argv[2]); round > 0; round--) {
        /* One waits for the lock, one for the other. */
        struct call first = {.client = client}, second = {.client = client};
        pthread_t one = start(write_webhook, &first), two = start(write_webhook, &second);
        sleep_milliseconds(200); /* nothing says from outside that a call has begun */
        EXPECT(D360_OK, d360_customer_webhook_get(client, "key-0", &answer));
        double at = milliseconds();
        d360_cancel(client);
        join(one);
        join(two);
        check_cancelled(&first, at);
        check_cancelled(&second, at);
    }
    /* Those of a derived client, and those that begin later, wait on. */
    d360_cancel(client);
    pthread_t later_thread = start(write_webhook, &later);
    sleep_milliseconds(200);
    CHECK(!other.text[0] && !later.text[0], "a call that was not cancelled has ended: %s%s", other.text, later.text);
    dprintf(STDOUT_FILENO, "waiting\n");
    while (getchar() != EOF) {}
    join(other_thread);
    join(later_thread);
    CHECK(other.status == D360_OK, "%s", other.text);
    CHECK(later.status == D360_OK, "%s", later.text);
    d360_close(client);
    d360_close(derived);
    return EXIT_SUCCESS;
}
