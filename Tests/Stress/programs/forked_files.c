/*
 * What happens to an inherited client of a database file, one case per run:
 *
 *   forked_files FILE CASE [OTHER NAME OF FILE]
 *
 * Prints "key url" for every write that was acknowledged, which must be there at the end.
 */
#include "stress.h"

static char url[4096];
static char other_url[4096];

static void set(d360_client *client, int channel, const char *word, long count) {
    char key[32], wanted[128];
    webhook(word, count, wanted);
    EXPECT_TEXT(wanted, d360_customer_webhook_set(client, key_of(channel, key), wanted, &answer));
    EXPECT_TEXT(wanted, d360_customer_webhook_get(client, key, &answer));
    dprintf(STDOUT_FILENO, "%s %s\n", key, wanted);
}

static d360_client *open_with_channels(int channels) {
    d360_client *client = open_client(url, NULL);
    for (int n = 0; n < channels; n++) register_channel(client, n);
    return client;
}

/* The parent closes between two writes of the child. */
static void parent_closes_between_writes(void) {
    d360_client *client = open_with_channels(2);
    set(client, 0, "parent", 1);
    struct gate wrote = new_gate(), closed = new_gate();
    pid_t child = fork_or_fail();
    if (!child) {
        set(client, 1, "child", 1);
        open_gate(wrote);
        pass_gate(closed);
        for (int i = 2; i < 20; i++) set(client, 1, "child", i);
        d360_close(client);
        exit(EXIT_SUCCESS);
    }
    pass_gate(wrote);
    set(client, 0, "parent", 2);
    d360_close(client);
    open_gate(closed);
    wait_for(child);
}

/* The child's first call comes once the parent has closed: the log that it inherited is gone by then. */
static void parent_closes_before_first_write(void) {
    d360_client *client = open_with_channels(2);
    set(client, 0, "parent", 1);
    struct gate closed = new_gate();
    pid_t child = fork_or_fail();
    if (!child) {
        pass_gate(closed);
        for (int i = 0; i < 20; i++) set(client, 1, "child", i);
        d360_close(client);
        exit(EXIT_SUCCESS);
    }
    set(client, 0, "parent", 2);
    d360_close(client);
    open_gate(closed);
    wait_for(child);
}

/* Two clients of one file, the second by another name of it if there is one, used in turn on both sides. */
static void two_clients(void) {
    d360_client *first = open_with_channels(4), *second = open_client(*other_url ? other_url : url, NULL);
    set(first, 0, "parent", 1);
    set(second, 1, "parent", 1);
    struct gate wrote = new_gate(), closed = new_gate();
    pid_t child = fork_or_fail();
    if (!child) {
        set(second, 3, "child", 1);
        open_gate(wrote);
        pass_gate(closed);
        set(second, 3, "child", 2);
        set(first, 2, "child", 2);
        d360_close(second);
        set(first, 2, "child", 3);
        d360_close(first);
        exit(EXIT_SUCCESS);
    }
    pass_gate(wrote);
    set(first, 0, "parent", 2);
    d360_close(first);
    set(second, 1, "parent", 2);
    d360_close(second);
    open_gate(closed);
    wait_for(child);
}

/* A derived client shares the file; the child has only that one left, and has a child of its own. */
static void derived_and_grandchild(void) {
    d360_client *client = open_with_channels(3), *derived = NULL;
    EXPECT(D360_OK, d360_derive(client, NULL, &derived, &answer));
    set(derived, 0, "parent", 1);
    struct gate closed = new_gate();
    pid_t child = fork_or_fail();
    if (!child) {
        d360_close(client);
        set(derived, 1, "child", 1);
        pid_t grandchild = fork_or_fail();
        if (!grandchild) {
            set(derived, 2, "grandchild", 1);
            pass_gate(closed);
            set(derived, 2, "grandchild", 2);
            d360_close(derived);
            exit(EXIT_SUCCESS);
        }
        set(derived, 1, "child", 2);
        d360_close(derived);
        wait_for(grandchild);
        exit(EXIT_SUCCESS);
    }
    set(client, 0, "parent", 2);
    d360_close(client);
    set(derived, 0, "parent", 3);
    d360_close(derived);
    open_gate(closed);
    wait_for(child);
}

/* The size of FILE-wal and what FILE holds, as one number each. */
static void look_at_files(const char *path, unsigned long long seen[2]) {
    char log[4200];
    snprintf(log, sizeof log, "%s-wal", path);
    const char *paths[2] = {path, log};
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(paths[i], "rbe");
        CHECK(file, "%s: %s", paths[i], strerror(errno));
        unsigned long long hash = 14695981039346656037ull;
        for (int byte; (byte = getc(file)) != EOF;) hash = (hash ^ (unsigned)byte) * 1099511628211ull;
        CHECK(ftell(file) > 0, "%s is empty", paths[i]);
        fclose(file);
        seen[i] = hash;
    }
}

/* A child that only closes what it inherited, or only ends, changes neither the file nor its log. */
static void child_only_closes(const char *path) {
    d360_client *client = open_with_channels(2);
    set(client, 0, "parent", 1);
    for (int i = 0; i < 4; i++) {
        unsigned long long before[2], after[2];
        look_at_files(path, before);
        pid_t child = fork_or_fail();
        if (!child) {
            if (i % 2) d360_close(client);
            if (i / 2) exit(EXIT_SUCCESS);
            _exit(EXIT_SUCCESS);
        }
        wait_for(child);
        look_at_files(path, after);
        CHECK(before[0] == after[0], "a child that ended (case %d) changed the file", i);
        CHECK(before[1] == after[1], "a child that ended (case %d) changed the log", i);
        set(client, 0, "parent", 2 + i);
    }
    /* Its log is gone with the parent's own close. */
    d360_close(client);
}

/* An embedded service in memory does not follow into a child; new ones can be opened there. */
static void memory(void) {
    d360_client *client = open_client("sqlite::memory:", NULL), *derived = NULL;
    EXPECT(D360_OK, d360_derive(client, NULL, &derived, &answer));
    register_channel(client, 0);
    pid_t child = fork_or_fail();
    if (!child) {
        EXPECT(D360_STORAGE_ERROR, d360_multi_webhook_get(client, "key-0", &answer));
        EXPECT(D360_STORAGE_ERROR, d360_customer_webhook_set(derived, "key-0", "{\"url\": \"https://a.example.com\"}", &answer));
        EXPECT(D360_STORAGE_ERROR, d360_channel_list(client, &answer));
        d360_client *again = NULL;
        EXPECT(D360_OK, d360_derive(client, NULL, &again, &answer));
        EXPECT(D360_STORAGE_ERROR, d360_channel_list(again, &answer));
        d360_close(again);
        d360_client *own = open_client("sqlite::memory:", NULL);
        register_channel(own, 0);
        EXPECT_TEXT("{\"channels\":[{\"phone_number_id\":\"106540350000000\",\"waba_id\":123065260884961}]}",
            d360_channel_list(own, &answer));
        d360_close(client);
        EXPECT(D360_STORAGE_ERROR, d360_channel_list(derived, &answer));
        d360_close(derived);
        EXPECT(D360_OK, d360_channel_list(own, &answer));
        d360_close(own);
        exit(EXIT_SUCCESS);
    }
    wait_for(child);
    EXPECT(D360_OK, d360_multi_webhook_get(client, "key-0", &answer));
    d360_close(client);
    EXPECT(D360_OK, d360_multi_webhook_get(derived, "key-0", &answer));
    d360_close(derived);
}

int main(int argc, char **argv) {
    CHECK(argc == 3 || argc == 4, "FILE CASE [OTHER NAME]");
    snprintf(url, sizeof url, "sqlite:%s", argv[1]);
    if (argc == 4) snprintf(other_url, sizeof other_url, "sqlite:%s", argv[3]);
    const char *wanted = argv[2];
    if (!strcmp(wanted, "parent-closes-between-writes")) parent_closes_between_writes();
    else if (!strcmp(wanted, "parent-closes-before-first-write")) parent_closes_before_first_write();
    else if (!strcmp(wanted, "two-clients")) two_clients();
    else if (!strcmp(wanted, "derived-and-grandchild")) derived_and_grandchild();
    else if (!strcmp(wanted, "child-only-closes")) child_only_closes(argv[1]);
    else if (!strcmp(wanted, "memory")) memory();
    else FAIL("no case %s", wanted);
    return EXIT_SUCCESS;
}
