/*
 * failing_calls COUNT (STATUS CALL FIRST SECOND)…: each call fails COUNT times with its status, gives an error document and no
 * client, and keeps no memory.
 *
 *   CALL      FIRST         SECOND
 *   open      service URL   options
 *   derive    options       -
 *   plan      document      options
 *   append    request       -
 *
 * "-" is NULL.
 */
#include "check.h"
#include <malloc.h>
#include <stdlib.h>

enum { ARGUMENTS = 4, MOST_KEPT = 4096 };

static d360_client *client;

static d360_status fail(char **arguments, d360_client **made, char **error) {
    const char *call = arguments[1];
    const char *first = strcmp(arguments[2], "-") == 0 ? NULL : arguments[2];
    const char *second = strcmp(arguments[3], "-") == 0 ? NULL : arguments[3];
    if (strcmp(call, "open") == 0) return d360_open(first, second, made, error);
    if (strcmp(call, "derive") == 0) return d360_derive(client, first, made, error);
    if (strcmp(call, "plan") == 0) return d360_fleet_plan(client, first, second, NULL, NULL, error);
    if (strcmp(call, "append") == 0) return d360_multi_webhook_append(client, "key", first, error);
    CHECK(!"a call that is known here");
    return D360_OK;
}

static void fail_many(int count, char **arguments) {
    size_t before = 0;
    for (int i = 0; i < count; i++) {
        d360_client *made = NULL;
        char *error = NULL;
        /* The first calls fill caches of the libraries below. */
        if (i == count / 10) before = mallinfo2().uordblks;
        const char *status = d360_status_name(fail(arguments, &made, &error));
        if (strcmp(status, arguments[0]) != 0 || made || !error || error[0] != '{') {
            fprintf(stderr, "%s: %s, not %s: %s\n", arguments[1], status, arguments[0], error ? error : "NULL");
            failures++;
        }
        d360_string_free(error);
        if (failures) return;
    }
    size_t after = mallinfo2().uordblks;
    if (after > before + MOST_KEPT) {
        fprintf(stderr, "%s %s: %zu bytes kept by %d calls\n", arguments[1], arguments[2], after - before, count - count / 10);
        failures++;
    }
}

int main(int argc, char **argv) {
    char *error = NULL;
    CHECK(argc > 2 && (argc - 2) % ARGUMENTS == 0);
    CHECK(d360_open("sqlite::memory:", NULL, &client, &error) == D360_OK);
    CHECK(d360_channel_register(client, CHANNEL, &error) == D360_OK);
    d360_string_free(error);
    for (int at = 2; at + ARGUMENTS <= argc; at += ARGUMENTS) fail_many(atoi(argv[1]), argv + at);
    d360_close(client);
    return failures != 0;
}
