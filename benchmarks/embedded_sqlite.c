/*
 * embedded_sqlite FILE get|update: the same work as one writes it by hand on SQLite.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keys are stored as SHA-256 digests and looked up by them; a reading answers JSON text in memory of its own; an update is a
 * transaction that is on the disk when it returns. Statements are prepared once, and there is one connection without locks of
 * its own: the program has one thread.
 */
#include "sqlite_channel.h"

static sqlite3_stmt *reading, *finding, *updating, *beginning, *committing;
static char key[KEY_BYTES];

static void set_url(const char *api_key, const char *name, const char *url) {
    run_statement(beginning);
    bind_digest(finding, 1, api_key);
    if (sqlite3_step(finding) != SQLITE_ROW || !sqlite3_column_int(finding, 1)) fail("no such key, or not enabled");
    check(sqlite3_bind_int64(updating, 2, sqlite3_column_int64(finding, 0)));
    check(sqlite3_reset(finding));
    check(sqlite3_bind_text(updating, 1, url, -1, SQLITE_TRANSIENT));
    check(sqlite3_bind_text(updating, 3, name, -1, SQLITE_TRANSIENT));
    run_statement(updating);
    if (sqlite3_changes(database) != 1) fail("no such destination");
    run_statement(committing);
}

static void get(long count) {
    while (count-- > 0) free(multi_webhook(reading, key));
}

static void update(long count) {
    static long turn;
    while (count-- > 0) set_url(key, "archive", updated_urls[turn++ % 2]);
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage: %s FILE get|update", arguments[0]);
    key_of(0, key);
    open_database(arguments[1], schema);
    set_up_channel(key);
    reading = prepared(reading_destinations);
    finding = prepared("SELECT id, enabled FROM channel WHERE key_digest = ?1");
    updating = prepared("UPDATE destination SET url = ?1 WHERE channel = ?2 AND name = ?3");
    beginning = prepared("BEGIN IMMEDIATE");
    committing = prepared("COMMIT");
    return serve_rounds(strcmp(arguments[2], "update") == 0 ? update : get, NULL);
}
