/*
 * server API-KEY [MILLISECONDS]: answers the three readings on loopback, always alike, at as little cost as can be; so many
 * milliseconds after the request.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Prints its port; ends with its standard input. One thread: what it does is measured with every client alike.
 * A request with another method or path, or with a key that does not begin with API-KEY, gets 401, so no client is measured
 * on what nobody asked for.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rounds.h"

static struct reading {
    const char *request_line, *body;
    size_t length;
    char answer[1024];
} readings[] = {
    {.request_line = "GET /multi_webhook HTTP/1.1\r\n",
     .body = "{\"enabled\":true,\"destinations\":["
             "{\"name\":\"crm\",\"url\":\"https://crm.example.com/hooks/whatsapp\",\"headers\":{\"X-Source\":\"whatsapp\"}},"
             "{\"name\":\"archive\",\"url\":\"https://archive.example.com/events\",\"headers\":{}},"
             "{\"name\":\"analytics\",\"url\":\"https://analytics.example.com/in\",\"headers\":{\"X-Team\":\"data\"}}]}"},
    {.request_line = "GET /waba_webhook HTTP/1.1\r\n",
     .body = "{\"url\":\"https://hooks.example.com/whatsapp\",\"headers\":{\"Authorization\":\"Bearer benchmark\"},"
             "\"waba_id\":123065260884961,\"numbers_on_this_waba\":[\"100000000000000\"]}"},
    {.request_line = "GET /v1/configs/webhook HTTP/1.1\r\n", .body = "{}"},
};
enum { READINGS = sizeof readings / sizeof *readings };
static const char unauthorized[] = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";

enum { MOST_DESCRIPTORS = 4096, MOST_BYTES = 4096 };
static struct connection {
    size_t length;
    char bytes[MOST_BYTES];
} *connections[MOST_DESCRIPTORS];

static char key_line[256];
static int events;

/* Answers that are not due yet, the next one first: all wait equally long. A connection has one at most. */
static struct late {
    int descriptor;
    int64_t due;
    const struct reading *reading;
} late[MOST_DESCRIPTORS];
static size_t first_late, late_count;
static int64_t delay;

static void watch(int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static void forget(int descriptor) {
    for (size_t index = 0; index < late_count; index++) {
        struct late *one = &late[(first_late + index) % MOST_DESCRIPTORS];
        if (one->descriptor == descriptor) one->descriptor = -1;
    }
    free(connections[descriptor]);
    connections[descriptor] = NULL;
    close(descriptor);
}

static void take_connection(int listener) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (descriptor < 0) return;
    if (descriptor >= MOST_DESCRIPTORS) fail("too many connections");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[descriptor] = calloc(1, sizeof *connections[descriptor]);
    if (!connections[descriptor]) fail("out of memory");
    watch(descriptor);
}

/* NULL: what nobody was to ask for. */
static const struct reading *asked_for(const char *head, size_t length) {
    if (!memmem(head, length, key_line, strlen(key_line))) return NULL;
    for (int index = 0; index < READINGS; index++) {
        size_t line = strlen(readings[index].request_line);
        if (length > line && memcmp(head, readings[index].request_line, line) == 0) return &readings[index];
    }
    return NULL;
}

/* Readings have no body, so a blank line ends a request. */
static void serve(int descriptor) {
    struct connection *connection = connections[descriptor];
    ssize_t count = read(descriptor, connection->bytes + connection->length, MOST_BYTES - connection->length);
    if (count <= 0) {
        forget(descriptor);
        return;
    }
    connection->length += (size_t)count;
    char *end;
    while ((end = memmem(connection->bytes, connection->length, "\r\n\r\n", 4))) {
        size_t head = (size_t)(end - connection->bytes) + 2;
        const struct reading *reading = asked_for(connection->bytes, head);
        const char *answer = reading ? reading->answer : unauthorized;
        size_t length = reading ? reading->length : sizeof unauthorized - 1;
        if (reading && delay > 0) {
            if (late_count == MOST_DESCRIPTORS) fail("too many requests");
            late[(first_late + late_count++) % MOST_DESCRIPTORS] = (struct late){descriptor, nanoseconds() + delay, reading};
        } else if (send(descriptor, answer, length, MSG_NOSIGNAL) != (ssize_t)length) {
            forget(descriptor);
            return;
        }
        connection->length -= head + 2;
        memmove(connection->bytes, end + 4, connection->length);
    }
    if (connection->length == MOST_BYTES) forget(descriptor);
}

/* Sends what is due; the milliseconds until the next, -1 where there is none. */
static int serve_late(void) {
    for (; late_count > 0; first_late = (first_late + 1) % MOST_DESCRIPTORS, late_count--) {
        int64_t wait = late[first_late].due - nanoseconds();
        if (wait > 0) return (int)((wait + 999999) / 1000000);
        int descriptor = late[first_late].descriptor;
        const struct reading *reading = late[first_late].reading;
        if (descriptor >= 0 && send(descriptor, reading->answer, reading->length, MSG_NOSIGNAL) != (ssize_t)reading->length) {
            forget(descriptor);
        }
    }
    return -1;
}

int main(int count, char **arguments) {
    if (count != 2 && count != 3) fail("usage: %s API-KEY [MILLISECONDS]", arguments[0]);
    if (count == 3) delay = atoll(arguments[2]) * 1000000;
    snprintf(key_line, sizeof key_line, "\r\nD360-API-KEY: %s", arguments[1]);
    for (int index = 0; index < READINGS; index++) {
        struct reading *reading = &readings[index];
        reading->length = (size_t)snprintf(
            reading->answer, sizeof reading->answer,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(reading->body),
            reading->body);
    }

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        fail("cannot listen: %s", strerror(errno));
    }
    events = epoll_create1(EPOLL_CLOEXEC);
    watch(listener);
    watch(STDIN_FILENO);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    struct epoll_event ready[64];
    for (;;) {
        int many = epoll_wait(events, ready, 64, serve_late());
        for (int index = 0; index < many; index++) {
            int descriptor = ready[index].data.fd;
            if (descriptor == STDIN_FILENO) return 0;
            if (descriptor == listener) take_connection(listener);
            else serve(descriptor);
        }
    }
}
