/*
 * A parent with an open client has children; each writes and ends, the parent goes on in between.
 *
 *   forks URL OPTIONS CHILDREN    channels 0 (the parent's) to CHILDREN are known to a remote service already
 *
 * Child n sets its own webhook to ".../child/n", by its key "key-n". Four ways to end, in turn: exit and _exit, with and
 * without d360_close.
 */
#include "stress.h"

static void be_child(d360_client *client, int n) {
    char key[32], wanted[128];
    key_of(n, key);
    webhook("child", n, wanted);
    EXPECT_TEXT(wanted, d360_customer_webhook_set(client, key, wanted, &answer));
    EXPECT_TEXT(wanted, d360_customer_webhook_get(client, key, &answer));
    if (n % 2) d360_close(client);
    if (n / 2 % 2) exit(EXIT_SUCCESS);
    _exit(EXIT_SUCCESS);
}

static void go_on(d360_client *client, int n) {
    char wanted[128];
    webhook("parent", n, wanted);
    EXPECT_TEXT(wanted, d360_customer_webhook_set(client, "key-0", wanted, &answer));
    EXPECT_TEXT(wanted, d360_customer_webhook_get(client, "key-0", &answer));
}

int main(int argc, char **argv) {
    CHECK(argc == 4, "URL OPTIONS CHILDREN");
    d360_client *client = open_client(argv[1], argv[2]);
    int children = (int)number(argv[3]);
    if (strncmp(argv[1], "sqlite:", 7) == 0) {
        for (int n = 0; n <= children; n++) register_channel(client, n);
    }
    go_on(client, 0);

    /* One child after another, then as many at once, each of them beside the parent's own calls. */
    int half = children / 2;
    for (int n = 1; n <= half; n++) {
        pid_t child = fork_or_fail();
        if (!child) be_child(client, n);
        go_on(client, n);
        wait_for(child);
        go_on(client, n);
    }
    pid_t *running = calloc((size_t)children + 1, sizeof *running);
    CHECK(running, "calloc");
    for (int n = half + 1; n <= children; n++) {
        running[n] = fork_or_fail();
        if (!running[n]) be_child(client, n);
    }
    for (int n = half + 1; n <= children; n++) go_on(client, n);
    for (int n = half + 1; n <= children; n++) wait_for(running[n]);
    free(running);
    go_on(client, children + 1);
    d360_close(client);
    return EXIT_SUCCESS;
}
