/*
 * Forks while another thread is inside a call. In the child the client answers D360_INTERNAL_ERROR; it can be closed, and a
 * new one opened.
 *
 *   fork_while_busy URL OPTIONS SECOND_URL < go    the call on URL waits until "go" ends; SECOND_URL answers the new client
 *
 * Prints "busy" once the call waits and the child has ended; what ends the wait comes after that.
 */
#include "stress.h"

static d360_client *client;

static void *write_and_wait(void *result) {
    char *answer = NULL;
    *(d360_status *)result = d360_customer_webhook_set(client, "key-0", "{\"url\": \"https://hooks.example.com/busy\"}", &answer);
    d360_string_free(answer);
    return NULL;
}

int main(int argc, char **argv) {
    CHECK(argc == 4, "URL OPTIONS SECOND_URL");
    client = open_client(argv[1], argv[2]);
    d360_status result = -1;
    pthread_t thread = start(write_and_wait, &result);
    sleep_milliseconds(500); /* nothing says from outside that a call has begun */

    pid_t child = fork_or_fail();
    if (!child) {
        alarm(20);
        EXPECT(D360_INTERNAL_ERROR, d360_multi_webhook_get(client, "key-0", &answer));
        EXPECT(D360_INTERNAL_ERROR, d360_customer_webhook_set(client, "key-0", "{\"url\": \"https://a.example.com\"}", &answer));
        d360_close(client);
        d360_client *own = open_client(argv[3], argv[2]);
        EXPECT(D360_OK, d360_multi_webhook_get(own, "key-0", &answer));
        d360_close(own);
        exit(EXIT_SUCCESS);
    }
    wait_for(child);
    dprintf(STDOUT_FILENO, "busy\n");
    while (getchar() != EOF) {}
    join(thread);
    CHECK(result == D360_OK, "the parent's call ended with %s", d360_status_name(result));
    EXPECT_TEXT("{\"url\":\"https://hooks.example.com/busy\"}", d360_customer_webhook_get(client, "key-0", &answer));
    d360_close(client);
    return EXIT_SUCCESS;
}
