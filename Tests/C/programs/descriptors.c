/*
 * Uses a remote service and an embedded file, then lists on standard output what a program started in place of a child
 * inherits: "number target", one a line. Arguments: the service's URL, the file.
 */
#include "check.h"
#include <dirent.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void list(void) {
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char path[300], target[300];
        int number = atoi(entry->d_name), domain = 0;
        socklen_t size = sizeof domain;
        if (entry->d_name[0] == '.' || number == dirfd(folder)) continue;
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = '\0';
        if (getsockopt(number, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX) strcpy(target, "unix socket");
        printf("%d %s\n", number, target);
    }
    if (folder) closedir(folder);
}

static void list_in_child(char *self) {
    char argument[] = "list";
    char *arguments[] = {self, argument, NULL};
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        execv("/proc/self/exe", arguments);
        _exit(127);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

int main(int argc, char **argv) {
    if (argc == 2) {
        list();
        return 0;
    }
    char file[300];
    d360_client *remote = NULL, *embedded = NULL;
    snprintf(file, sizeof file, "sqlite:%s", argv[2]);
    CHECK(d360_open(argv[1], NULL, &remote, NULL) == D360_OK);
    CHECK(d360_multi_webhook_get(remote, "key-berlin", NULL) == D360_OK);
    CHECK(d360_open(file, NULL, &embedded, NULL) == D360_OK);
    CHECK(d360_channel_register(embedded, CHANNEL, NULL) == D360_OK);
    CHECK(d360_multi_webhook_get(embedded, "key", NULL) == D360_OK);
    /* What this process holds, for comparison: the kept connection and the file must be among it. */
    list();
    printf("child\n");
    fflush(stdout);
    list_in_child(argv[0]);
    d360_close(remote);
    d360_close(embedded);
    return failures != 0;
}
