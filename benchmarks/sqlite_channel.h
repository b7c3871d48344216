/*
 * A database of one channel with three destinations, made by hand.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SQLITE_CHANNEL_H
#define SQLITE_CHANNEL_H

#include "sqlite.h"

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE channel (id INTEGER PRIMARY KEY, key_digest BLOB NOT NULL UNIQUE, enabled INTEGER NOT NULL) STRICT;"
    "CREATE TABLE destination (channel INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,"
    "    headers TEXT NOT NULL, PRIMARY KEY (channel, position), UNIQUE (channel, name)) STRICT, WITHOUT ROWID;";

static inline void set_up_channel(const char *key) {
    sqlite3_stmt *channel = prepared("INSERT INTO channel (id, key_digest, enabled) VALUES (1, ?1, 1)");
    sqlite3_stmt *destination =
        prepared("INSERT INTO destination (channel, position, name, url, headers) VALUES (1, ?1, ?2, ?3, ?4)");
    bind_digest(channel, 1, key);
    run_statement(channel);
    for (int index = 0; index < DESTINATIONS; index++) {
        check(sqlite3_bind_int(destination, 1, index));
        check(sqlite3_bind_text(destination, 2, destinations[index].name, -1, SQLITE_STATIC));
        check(sqlite3_bind_text(destination, 3, destinations[index].url, -1, SQLITE_STATIC));
        check(sqlite3_bind_text(destination, 4, destinations[index].headers, -1, SQLITE_STATIC));
        run_statement(destination);
    }
    check(sqlite3_finalize(channel));
    check(sqlite3_finalize(destination));
}

#endif
