/*
 * The nine operations, on each service that is named, side by side:
 *
 *   cc operations.c $(pkg-config --cflags --libs d360webhook) -o operations
 *   ./operations http://127.0.0.1:8360 sqlite::memory:
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <d360webhook.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEY "key-berlin"

typedef d360_status (*reading)(d360_client *client, const char *api_key, char **response_json);
typedef d360_status (*writing)(d360_client *client, const char *api_key, const char *argument, char **response_json);

static const struct {
    const char *method;
    const char *path;
    reading read;
    writing write;
    const char *argument;
} operations[] = {
    {"POST", "/multi_webhook", NULL, d360_multi_webhook_set,
     "{\"enabled\": true, \"destinations\": [{\"name\": \"crm\", \"url\": \"https://crm.example.com/events\"}]}"},
    {"PUT", "/multi_webhook", NULL, d360_multi_webhook_append,
     "{\"destinations\": [{\"name\": \"audit\", \"url\": \"https://audit.example.com/events\"}]}"},
    {"PATCH", "/multi_webhook", NULL, d360_multi_webhook_update,
     "{\"name\": \"crm\", \"headers\": {\"Authorization\": \"Bearer example\"}}"},
    {"GET", "/multi_webhook", d360_multi_webhook_get, NULL, NULL},
    {"DELETE", "/multi_webhook/audit", NULL, d360_multi_webhook_delete, "audit"},
    {"POST", "/v1/configs/webhook", NULL, d360_customer_webhook_set, "{\"url\": \"https://hooks.example.com/berlin\"}"},
    {"GET", "/v1/configs/webhook", d360_customer_webhook_get, NULL, NULL},
    {"POST", "/waba_webhook", NULL, d360_waba_webhook_set, "{\"url\": \"https://hooks.example.com/all\"}"},
    {"GET", "/waba_webhook", d360_waba_webhook_get, NULL, NULL},
};

static d360_client *open_service(const char *url) {
    d360_client *client = NULL;
    char *answer = NULL;
    if (d360_open(url, NULL, &client, &answer) == D360_OK) {
        /* A remote service knows its channels; an embedded one is told, once. */
        d360_status status = d360_channel_register(client,
            "{\"phone_number_id\": \"106540352242922\", \"waba_id\": 123065260884961, \"api_key\": \"" KEY "\"}", &answer);
        if (status == D360_OK || status == D360_UNSUPPORTED) {
            d360_string_free(answer);
            return client;
        }
    }
    fprintf(stderr, "%s: %s\n", url, answer);
    exit(EXIT_FAILURE);
}

static double milliseconds(void) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    int failures = 0;
    d360_client **clients = calloc((size_t)argc, sizeof *clients);
    for (int i = 1; i < argc; i++) clients[i] = open_service(argv[i]);

    for (size_t o = 0; o < sizeof operations / sizeof operations[0]; o++) {
        printf("%-6s %-21s →", operations[o].method, operations[o].path);
        for (int i = 1; i < argc; i++) {
            char *answer = NULL;
            double begin = milliseconds();
            d360_status status = operations[o].read
                ? operations[o].read(clients[i], KEY, &answer)
                : operations[o].write(clients[i], KEY, operations[o].argument, &answer);
            printf("%*s%-8s %8.2f ms", i > 1 ? 10 : 2, "", d360_status_name(status), milliseconds() - begin);
            if (status != D360_OK) {
                fprintf(stderr, "%s\n", answer);
                failures++;
            }
            d360_string_free(answer);
        }
        printf("\n");
    }

    for (int i = 1; i < argc; i++) d360_close(clients[i]);
    free(clients);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
