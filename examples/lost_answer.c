/*
 * Appends a destination to a service that cuts its answer, and shows how the library settles whether it was applied:
 *
 *   cc lost_answer.c $(pkg-config --cflags --libs d360webhook) -o lost_answer && ./lost_answer http://127.0.0.1:8360
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <d360webhook.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY "key-berlin"

static void print_line(int level, const char *message, void *context) {
    (void)context;
    static const char *const names[] = {"error", "warning", "info", "debug"};
    printf("  %-7s  %s\n", names[level], message);
}

int main(int argc, char **argv) {
    d360_client *client = NULL;
    char *answer = NULL;
    if (argc != 2 || d360_open(argv[1], NULL, &client, &answer) != D360_OK) {
        fprintf(stderr, "%s\n", answer ? answer : "usage: lost_answer SERVICE_URL");
        d360_string_free(answer);
        return EXIT_FAILURE;
    }
    d360_status status = d360_multi_webhook_set(client, KEY, "{\"enabled\": true}", NULL);
    if (status == D360_OK) {
        d360_set_log(client, print_line, NULL);
        status = d360_multi_webhook_append(client, KEY,
            "{\"destinations\": [{\"name\": \"crm\", \"url\": \"https://crm.example.com/events\"}]}", &answer);
        d360_set_log(client, NULL, NULL);
        printf("  append:  %s %s\n", d360_status_name(status), answer);
        d360_string_free(answer);
    }
    if (status == D360_OK) {
        status = d360_multi_webhook_get(client, KEY, &answer);
        printf("  service: %s\n", answer);
        d360_string_free(answer);
    }
    d360_close(client);
    return status == D360_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
