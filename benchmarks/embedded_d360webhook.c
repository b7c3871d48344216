/*
 * embedded_d360webhook SERVICE-URL get|update|mixed|any [CHANNELS]: calls of an embedded service through the library.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   get     reads the destinations of one channel that has three
 *   update  changes the URL of one of them
 *   mixed   99 readings, then an update
 *   any     reads those of any of CHANNELS channels that are in the database already
 */
#include "d360webhook_channel.h"

static d360_client *client;
static char key[KEY_BYTES];
static long channels;

static void get_one(const char *api_key) {
    char *answer;
    check(d360_multi_webhook_get(client, api_key, &answer), &answer);
}

static void update_one(void) {
    static long turn;
    char request[256], *answer;
    snprintf(request, sizeof request, "{\"name\":\"archive\",\"url\":\"%s\"}", updated_urls[turn++ % 2]);
    check(d360_multi_webhook_update(client, key, request, &answer), &answer);
}

static void get(long count) {
    while (count-- > 0) get_one(key);
}

static void update(long count) {
    while (count-- > 0) update_one();
}

static void mixed(long count) {
    for (long index = 1; index <= count; index++) {
        if (index % 100 == 0) update_one();
        else get_one(key);
    }
}

static void any(long count) {
    char api_key[KEY_BYTES];
    while (count-- > 0) get_one(key_of(random_channel(channels), api_key));
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(long count);
    } modes[] = {{"get", get}, {"update", update}, {"mixed", mixed}, {"any", any}};
    void (*run)(long count) = NULL;
    char *error;
    if (count < 3 || count > 4) fail("usage: %s SERVICE-URL get|update|mixed|any [CHANNELS]", arguments[0]);
    for (size_t index = 0; index < sizeof modes / sizeof *modes; index++) {
        if (strcmp(modes[index].name, arguments[2]) == 0) run = modes[index].run;
    }
    if (!run || (run == any) != (count == 4)) fail("no such mode: %s", arguments[2]);
    key_of(0, key);
    if (d360_open(arguments[1], NULL, &client, &error) != D360_OK) fail("%s", error);
    if (run == any) channels = atol(arguments[3]);
    else set_up_channel(client, key);
    serve_rounds(run, NULL);
    d360_close(client);
    return 0;
}
