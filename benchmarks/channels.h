/*
 * What both embedded programs are told and set up alike: keys, destinations, which channel comes next.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHANNELS_H
#define CHANNELS_H

#include "rounds.h"

enum { KEY_BYTES = 40 };

static const struct {
    const char *name, *url, *headers;
} destinations[] = {
    {"crm", "https://crm.example.com/hooks/whatsapp", "{\"X-Source\":\"whatsapp\"}"},
    {"archive", "https://archive.example.com/events", "{}"},
    {"analytics", "https://analytics.example.com/in", "{\"X-Team\":\"data\"}"},
};
enum { DESTINATIONS = sizeof destinations / sizeof *destinations };

/* What an update sets, in turns, so that each one changes the database. */
static const char *const updated_urls[] = {
    "https://archive.example.com/events/2025", "https://archive.example.com/events/2026"};

/* databases.py knows these keys too. */
static inline const char *key_of(long channel, char key[KEY_BYTES]) {
    snprintf(key, KEY_BYTES, "benchmark-key-%09ld", channel);
    return key;
}

/* xorshift64: any channel may come next, so neither keys nor pages are met in order. */
static inline long random_channel(long channels) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (long)(state % (uint64_t)channels);
}

#endif
