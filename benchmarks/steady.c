/*
 * steady PORT CHANNELS CONNECTIONS BODY: GET /multi_webhook on loopback; every answer must be 200 with BODY.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads commands, one on a line, and answers each with one line; ends with its standard input:
 *   run N      N requests, as fast as the answers come; answers with the nanoseconds that they took
 *   rate R N   N requests, R a second at even distances, even if answers are late; answers with the nanoseconds from the moment
 *              a request was due until its answer had come: the median, the 99th percentile, the longest
 * A request that is due while every connection waits for an answer is late, and its time runs all the same.
 * The keys are those of channels.h, any of CHANNELS, in no order.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channels.h"

enum { MOST_CONNECTIONS = 1024, MOST_BYTES = 8192 };

static struct connection {
    int descriptor;
    int64_t due;
    size_t length;
    char bytes[MOST_BYTES];
} connections[MOST_CONNECTIONS];

static struct connection *idle[MOST_CONNECTIONS];
static int connection_count, idle_count, events;
static long channels;
static const char *body;
static size_t body_length;

static void open_connection(struct connection *connection, int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        fail("cannot connect: %s", strerror(errno));
    }
    connection->descriptor = descriptor;
    idle[idle_count++] = connection;
}

static void ask(int64_t due) {
    struct connection *connection = idle[--idle_count];
    char request[256], key[KEY_BYTES];
    int length = snprintf(
        request, sizeof request, "GET /multi_webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nD360-API-KEY: %s\r\n\r\n",
        key_of(random_channel(channels), key));
    connection->due = due;
    connection->length = 0;
    if (send(connection->descriptor, request, (size_t)length, MSG_NOSIGNAL) != length) fail("send: %s", strerror(errno));
}

/* Whether a whole answer has come. */
static int take(struct connection *connection) {
    ssize_t count = recv(
        connection->descriptor, connection->bytes + connection->length, MOST_BYTES - connection->length, MSG_DONTWAIT);
    if (count <= 0) fail("the server closed a connection");
    connection->length += (size_t)count;
    const char *end = memmem(connection->bytes, connection->length, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = (size_t)(end - connection->bytes) + 4;
    if (connection->length < head + body_length) return 0;
    if (connection->length > head + body_length || strncmp(connection->bytes, "HTTP/1.1 200 ", 13) != 0 ||
        memcmp(connection->bytes + head, body, body_length) != 0) {
        fail("a wrong answer: %.*s", (int)connection->length, connection->bytes);
    }
    idle[idle_count++] = connection;
    return 1;
}

static int by_size(const void *one, const void *other) {
    int64_t left = *(const int64_t *)one, right = *(const int64_t *)other;
    return (left > right) - (left < right);
}

/* `interval` nanoseconds between two requests; 0: as fast as the answers come. `times` may be NULL. */
static void request(long count, double interval, int64_t *times) {
    struct epoll_event ready[64];
    int64_t start = nanoseconds();
    long sent = 0, taken = 0;
    while (taken < count) {
        int64_t now = nanoseconds(), due = start + (int64_t)((double)sent * interval);
        while (sent < count && idle_count > 0 && due <= now) {
            ask(interval > 0 ? due : now);
            due = start + (int64_t)((double)++sent * interval);
        }
        int64_t wait = sent < count && idle_count > 0 ? due - now : 1000000000;
        struct timespec limit = {wait / 1000000000, wait % 1000000000};
        int many = epoll_pwait2(events, ready, 64, &limit, NULL);
        if (many < 0 && errno != EINTR) fail("epoll_pwait2: %s", strerror(errno));
        if (many == 0 && nanoseconds() - now > 10000000000) fail("no answer for 10 s");
        for (int index = 0; index < many; index++) {
            struct connection *connection = ready[index].data.ptr;
            if (!take(connection)) continue;
            if (times) times[taken] = nanoseconds() - connection->due;
            taken++;
        }
    }
}

int main(int count, char **arguments) {
    char line[64];
    long requests, rate;
    if (count != 5) fail("usage: %s PORT CHANNELS CONNECTIONS BODY", arguments[0]);
    channels = atol(arguments[2]);
    connection_count = atoi(arguments[3]);
    body = arguments[4];
    body_length = strlen(body);
    if (channels < 1 || connection_count < 1 || connection_count > MOST_CONNECTIONS || body_length > MOST_BYTES / 2) {
        fail("a number or BODY is too large or too small");
    }
    prctl(PR_SET_TIMERSLACK, 1); /* nanoseconds; 50,000 otherwise */
    events = epoll_create1(EPOLL_CLOEXEC);
    for (int index = 0; index < connection_count; index++) open_connection(&connections[index], atoi(arguments[1]));
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "run %ld", &requests) == 1) {
            int64_t start = nanoseconds();
            request(requests, 0, NULL);
            printf("%lld\n", (long long)(nanoseconds() - start));
        } else if (sscanf(line, "rate %ld %ld", &rate, &requests) == 2 && rate > 0 && requests > 0) {
            int64_t *times = calloc((size_t)requests, sizeof *times);
            if (!times) fail("out of memory");
            request(requests, 1e9 / (double)rate, times);
            qsort(times, (size_t)requests, sizeof *times, by_size);
            printf("%lld %lld %lld\n", (long long)times[requests / 2], (long long)times[requests - 1 - requests / 100],
                   (long long)times[requests - 1]);
            free(times);
        } else {
            fail("unknown command: %s", line);
        }
    }
    return 0;
}
