/*
 * A channel of an embedded service with three destinations, made through the library.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef D360WEBHOOK_CHANNEL_H
#define D360WEBHOOK_CHANNEL_H

#include <d360webhook.h>

#include "channels.h"

/* Frees what was answered. */
static inline void check(d360_status status, char **answer) {
    if (status != D360_OK) fail("%s", *answer);
    d360_string_free(*answer);
}

static inline void set_up_channel(d360_client *client, const char *key) {
    char text[1024], *answer;
    size_t length;
    snprintf(text, sizeof text, "{\"phone_number_id\":\"100000000000000\",\"waba_id\":123065260884961,\"api_key\":\"%s\"}", key);
    check(d360_channel_register(client, text, &answer), &answer);
    length = (size_t)snprintf(text, sizeof text, "{\"enabled\":true,\"destinations\":");
    for (int index = 0; index < DESTINATIONS; index++) {
        length += (size_t)snprintf(
            text + length, sizeof text - length, "%c{\"name\":\"%s\",\"url\":\"%s\",\"headers\":%s}", index == 0 ? '[' : ',',
            destinations[index].name, destinations[index].url, destinations[index].headers);
    }
    snprintf(text + length, sizeof text - length, "]}");
    check(d360_multi_webhook_set(client, key, text, &answer), &answer);
}

#endif
