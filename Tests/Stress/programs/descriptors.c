/*
 * Opens and closes clients; counts descriptors and threads, looks at what an exec would inherit.
 *
 *   descriptors URL OPTIONS ROUNDS    channel 0 is known to a remote service
 */
#include "stress.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>

static bool is_remote;

static long entries(const char *folder) {
    DIR *opened = opendir(folder);
    CHECK(opened, "%s: %s", folder, strerror(errno));
    long count = 0;
    while (readdir(opened)) count++;
    closedir(opened);
    return count;
}

static d360_client *use(const char *url, const char *options) {
    d360_client *client = open_client(url, options);
    if (!is_remote) register_channel(client, 0);
    EXPECT(D360_OK, d360_customer_webhook_set(client, "key-0", "{\"url\": \"https://hooks.example.com/a\"}", &answer));
    EXPECT(D360_OK, d360_multi_webhook_get(client, "key-0", &answer));
    return client;
}

/* libcurl's wake-up pair: its versions before 8.9 cannot mark it. Two sockets connected with each other and bound nowhere. */
static bool is_wake_up(int descriptor) {
    struct sockaddr_storage address = {0}, peer = {0};
    socklen_t length = sizeof address, peer_length = sizeof peer;
    return is_remote && getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 && address.ss_family == AF_UNIX
        && length == sizeof address.ss_family && getpeername(descriptor, (struct sockaddr *)&peer, &peer_length) == 0;
}

static void check_close_on_exec(void) {
    long of_library = 0, wake_ups = 0;
    for (int descriptor = 3; descriptor < 1024; descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        if (flags < 0) continue;
        of_library++;
        if (flags & FD_CLOEXEC) continue;
        char link[64], name[256] = "";
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        CHECK(readlink(link, name, sizeof name - 1) > 0 && is_wake_up(descriptor), "descriptor %d, %s, outlives exec", descriptor,
            name);
        wake_ups++;
    }
    CHECK(of_library > wake_ups, "the library has no descriptor open");
    CHECK(wake_ups <= 2, "%ld descriptors outlive exec", wake_ups);
}

int main(int argc, char **argv) {
    CHECK(argc == 4, "URL OPTIONS ROUNDS");
    is_remote = strncmp(argv[1], "sqlite:", 7) != 0;
    for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);

    /* What the first use leaves behind for good is counted in. */
    d360_close(use(argv[1], argv[2]));
    long descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
    for (long round = number(argv[3]); round > 0; round--) {
        d360_client *client = use(argv[1], argv[2]), *derived = NULL;
        EXPECT(D360_OK, d360_derive(client, NULL, &derived, &answer));
        d360_close(derived);
        EXPECT(D360_INVALID_ARGUMENT, d360_derive(client, "{\"ca_file\": \"/\"}", &derived, &answer));
        EXPECT(D360_UNAUTHORIZED, d360_multi_webhook_get(client, "nobody's", &answer));
        d360_close(client);
    }
    CHECK(entries("/proc/self/fd") == descriptors, "%ld descriptors instead of %ld", entries("/proc/self/fd"), descriptors);
    CHECK(entries("/proc/self/task") == threads, "%ld threads instead of %ld", entries("/proc/self/task"), threads);

    d360_client *client = use(argv[1], argv[2]);
    if (strcmp(argv[1], "sqlite::memory:") != 0) check_close_on_exec();
    d360_close(client);
    CHECK(entries("/proc/self/fd") == descriptors, "a descriptor is left");
    return EXIT_SUCCESS;
}
