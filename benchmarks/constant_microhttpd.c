/*
 * constant_microhttpd THREADS BODY: libmicrohttpd and nothing else: GET /multi_webhook answers BODY.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Prints its port; ends with its standard input. The answer is made once and sent again and again.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <unistd.h>

#include "rounds.h"

static struct MHD_Response *answer, *nothing;

static enum MHD_Result handle(
    void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload, size_t *length, void **state) {
    static int seen;
    (void)context, (void)version, (void)upload;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    if (*length) {
        *length = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 || strcmp(url, "/multi_webhook") != 0) return MHD_queue_response(connection, 404, nothing);
    return MHD_queue_response(connection, 200, answer);
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage: %s THREADS BODY", arguments[0]);
    answer = MHD_create_response_from_buffer(strlen(arguments[2]), arguments[2], MHD_RESPMEM_PERSISTENT);
    nothing = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    if (!answer || !nothing || MHD_add_response_header(answer, "Content-Type", "application/json") != MHD_YES) fail("no memory");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)atoi(arguments[1]), MHD_OPTION_CONNECTION_LIMIT, 1000u, MHD_OPTION_END);
    if (!daemon) fail("libmicrohttpd does not start");
    printf("%d\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    while (getchar() != EOF) continue;
    MHD_stop_daemon(daemon);
    return 0;
}
