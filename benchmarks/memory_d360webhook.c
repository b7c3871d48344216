/*
 * memory_d360webhook BASE-URL API-KEY FILE: a process that has opened a remote and an embedded client and read by each once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "d360webhook_channel.h"

static d360_client *opened(const char *url) {
    d360_client *client;
    char *error;
    if (d360_open(url, NULL, &client, &error) != D360_OK) fail("%s", error);
    return client;
}

static void get(d360_client *client, const char *api_key) {
    char *answer;
    check(d360_multi_webhook_get(client, api_key, &answer), &answer);
}

int main(int count, char **arguments) {
    char file[512], key[KEY_BYTES];
    if (count != 4) fail("usage: %s BASE-URL API-KEY FILE", arguments[0]);
    snprintf(file, sizeof file, "sqlite:%s", arguments[3]);
    d360_client *remote = opened(arguments[1]), *embedded = opened(file);
    key_of(0, key);
    set_up_channel(embedded, key);
    get(remote, arguments[2]);
    get(embedded, key);
    return serve_rounds(NULL, NULL);
}
