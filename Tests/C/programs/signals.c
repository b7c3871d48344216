/*
 * Signal handlers, the signal mask and pending signals are the same after calls on a service that ends its connections.
 * SIGPIPE has its default action here: raising it would end the program. Argument: the service's URL.
 */
#include "check.h"
#include <signal.h>

static struct sigaction actions[65];
static sigset_t mask;

static void remember(void) {
    for (int i = 1; i < 65; i++) sigaction(i, NULL, &actions[i]);
    sigprocmask(SIG_SETMASK, NULL, &mask);
}

static void compare(void) {
    sigset_t now, pending;
    sigprocmask(SIG_SETMASK, NULL, &now);
    sigpending(&pending);
    for (int i = 1; i < 65; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) != 0) continue;
        CHECK(action.sa_handler == actions[i].sa_handler);
        CHECK(action.sa_flags == actions[i].sa_flags);
        CHECK(sigismember(&now, i) == sigismember(&mask, i));
        CHECK(sigismember(&pending, i) == 0);
    }
}

int main(int argc, char **argv) {
    d360_client *client = NULL;
    CHECK(argc == 2 && signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    remember();
    CHECK(d360_open(argv[1], "{\"timeout_ms\": 2000}", &client, NULL) == D360_OK);
    for (int i = 0; i < 20; i++) {
        d360_multi_webhook_get(client, "key-berlin", NULL);
        d360_customer_webhook_set(client, "key-berlin", "{\"url\": \"https://hooks.example.com\"}", NULL);
        compare();
    }
    d360_close(client);
    compare();
    return failures != 0;
}
