/* What the programs of this folder share: a claim that does not hold ends the program with a line that says what was seen. */
#ifndef STRESS_H
#define STRESS_H

#include <d360webhook.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHARED __attribute__((unused)) static

/* _exit, as a child of fork may not run its parent's atexit handlers. */
__attribute__((noreturn, format(printf, 3, 4))) SHARED void fail(const char *file, int line, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dprintf(STDERR_FILENO, "%s:%d (process %d): %s\n", file, line, (int)getpid(), text);
    _exit(EXIT_FAILURE);
}

#define FAIL(...) fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition, ...) ((condition) ? (void)0 : FAIL(__VA_ARGS__))

/* Ends the program unless a call had this status; frees its text. `call` stores its text at &answer. */
#define EXPECT(wanted, call)                                                                                          \
    do {                                                                                                              \
        char *answer = NULL;                                                                                          \
        d360_status status_ = (call);                                                                                 \
        CHECK(status_ == (wanted), "%s: %s instead of %s: %s", #call, d360_status_name(status_),                      \
            d360_status_name(wanted), answer ? answer : "no text");                                                   \
        d360_string_free(answer);                                                                                     \
    } while (0)

/* The same, and the text is `text`, byte for byte. */
#define EXPECT_TEXT(text, call)                                                                                       \
    do {                                                                                                              \
        char *answer = NULL;                                                                                          \
        d360_status status_ = (call);                                                                                 \
        CHECK(status_ == D360_OK && answer && strcmp(answer, (text)) == 0, "%s: %s: %s instead of %s", #call,         \
            d360_status_name(status_), answer ? answer : "no text", (text));                                          \
        d360_string_free(answer);                                                                                     \
    } while (0)

SHARED d360_client *open_client(const char *url, const char *options) {
    d360_client *client = NULL;
    char *error = NULL;
    d360_status status = d360_open(url, options, &client, &error);
    CHECK(status == D360_OK && client && !error, "d360_open %s: %s: %s", url, d360_status_name(status), error ? error : "");
    return client;
}

/* Channel number `n` of an embedded service has the key "key-n"; all are on one WABA. */
SHARED void register_channel(d360_client *client, int n) {
    char channel[256];
    snprintf(channel, sizeof channel,
        "{\"phone_number_id\":\"10654035%07d\",\"waba_id\":123065260884961,\"api_key\":\"key-%d\"}", n, n);
    EXPECT(D360_OK, d360_channel_register(client, channel, &answer));
}

SHARED const char *key_of(int n, char buffer[32]) {
    snprintf(buffer, 32, "key-%d", n);
    return buffer;
}

/* {"url": "https://hooks.example.com/<word>/<number>"}, as a request and as the answer. */
SHARED const char *webhook(const char *word, long number, char buffer[128]) {
    snprintf(buffer, 128, "{\"url\":\"https://hooks.example.com/%s/%ld\"}", word, number);
    return buffer;
}

SHARED double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

SHARED void sleep_milliseconds(long count) {
    struct timespec time = {count / 1000, count % 1000 * 1000000};
    while (nanosleep(&time, &time) && errno == EINTR) {}
}

SHARED pid_t fork_or_fail(void) {
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0, "fork: %s", strerror(errno));
    return child;
}

/* Ends the program unless the child ended well. */
SHARED void wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR, "waitpid: %s", strerror(errno));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child %d ended with %s %d", (int)child,
        WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* One byte from one process to another: who waits goes on once the other says so. */
struct gate {
    int ends[2];
};

SHARED struct gate new_gate(void) {
    struct gate gate;
    CHECK(pipe(gate.ends) == 0, "pipe: %s", strerror(errno));
    return gate;
}

SHARED void open_gate(struct gate gate) { CHECK(write(gate.ends[1], "", 1) == 1, "write: %s", strerror(errno)); }

SHARED void pass_gate(struct gate gate) {
    char byte;
    ssize_t count;
    while ((count = read(gate.ends[0], &byte, 1)) < 0 && errno == EINTR) {}
    CHECK(count == 1, "read: %s", count ? strerror(errno) : "the other process ended");
}

SHARED pthread_t start(void *(*body)(void *), void *argument) {
    pthread_t thread;
    int code = pthread_create(&thread, NULL, body, argument);
    CHECK(code == 0, "pthread_create: %s", strerror(code));
    return thread;
}

SHARED void join(pthread_t thread) {
    int code = pthread_join(thread, NULL);
    CHECK(code == 0, "pthread_join: %s", strerror(code));
}

SHARED long number(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    CHECK(*text && !*end, "%s is not a number", text);
    return value;
}

#endif
