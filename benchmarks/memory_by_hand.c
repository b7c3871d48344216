/*
 * memory_by_hand BASE-URL API-KEY FILE: a process that has done the same with libcurl, jansson and SQLite.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "by_hand.h"
#include "sqlite_channel.h"

int main(int count, char **arguments) {
    char key[KEY_BYTES];
    if (count != 4) fail("usage: %s BASE-URL API-KEY FILE", arguments[0]);
    parses = 1;
    ask(arguments[1], arguments[2]);
    key_of(0, key);
    open_database(arguments[3], schema);
    set_up_channel(key);
    get(opened());
    free(multi_webhook(prepared(reading_destinations), key));
    return serve_rounds(NULL, NULL);
}
