/*
 * embedded_sqlite FILE get|update: the same work as one writes it by hand on SQLite.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keys are stored as SHA-256 digests and looked up by them; a reading answers JSON text in memory of its own; an update is a
 * transaction that is on the disk when it returns. Statements are prepared once, and there is one connection without locks of
 * its own: the program has one thread.
 */
#include <openssl/evp.h>
#include <sqlite3.h>

#include "channels.h"

static sqlite3 *database;
static sqlite3_stmt *reading, *finding, *updating, *beginning, *committing;
static EVP_MD *sha256;
static char key[KEY_BYTES];

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE channel (id INTEGER PRIMARY KEY, key_digest BLOB NOT NULL UNIQUE, enabled INTEGER NOT NULL) STRICT;"
    "CREATE TABLE destination (channel INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,"
    "    headers TEXT NOT NULL, PRIMARY KEY (channel, position), UNIQUE (channel, name)) STRICT, WITHOUT ROWID;";

static void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) fail("%s", sqlite3_errmsg(database));
}

static sqlite3_stmt *prepared(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void run_statement(sqlite3_stmt *statement) {
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

static void bind_digest(sqlite3_stmt *statement, int parameter, const char *api_key) {
    unsigned char digest[32];
    if (EVP_Digest(api_key, strlen(api_key), digest, NULL, sha256, NULL) != 1) fail("no digest");
    check(sqlite3_bind_blob(statement, parameter, digest, sizeof digest, SQLITE_TRANSIENT));
}

struct text {
    char *bytes;
    size_t length, capacity;
};

static void append(struct text *text, const char *bytes, size_t length) {
    if (text->length + length + 1 > text->capacity) {
        text->capacity = 2 * (text->length + length) + 256;
        text->bytes = realloc(text->bytes, text->capacity);
        if (!text->bytes) fail("out of memory");
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void append_text(struct text *text, const char *string) { append(text, string, strlen(string)); }

/* As a JSON string. */
static void append_column(struct text *text, sqlite3_stmt *statement, int column) {
    const unsigned char *string = sqlite3_column_text(statement, column), *run = string;
    append(text, "\"", 1);
    for (; *string; string++) {
        if (*string >= 0x20 && *string != '"' && *string != '\\') continue;
        char escape[8];
        append(text, (const char *)run, (size_t)(string - run));
        append(text, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", *string));
        run = string + 1;
    }
    append(text, (const char *)run, (size_t)(string - run));
    append(text, "\"", 1);
}

/* One statement is one snapshot: no transaction is needed. */
static char *multi_webhook(const char *api_key) {
    struct text text = {0};
    int rows = 0;
    bind_digest(reading, 1, api_key);
    while (sqlite3_step(reading) == SQLITE_ROW) {
        if (rows++ == 0) {
            append_text(&text, sqlite3_column_int(reading, 0) ? "{\"enabled\":true" : "{\"enabled\":false");
            append_text(&text, ",\"destinations\":[");
        }
        if (sqlite3_column_type(reading, 1) == SQLITE_NULL) break;
        append_text(&text, rows > 1 ? ",{\"name\":" : "{\"name\":");
        append_column(&text, reading, 1);
        append_text(&text, ",\"url\":");
        append_column(&text, reading, 2);
        append_text(&text, ",\"headers\":");
        append_text(&text, (const char *)sqlite3_column_text(reading, 3)); /* JSON text already */
        append(&text, "}", 1);
    }
    check(sqlite3_reset(reading));
    if (rows == 0) fail("no such key");
    append_text(&text, "]}");
    return text.bytes;
}

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
    while (count-- > 0) free(multi_webhook(key));
}

static void update(long count) {
    static long turn;
    while (count-- > 0) set_url(key, "archive", updated_urls[turn++ % 2]);
}

static void set_up_channel(void) {
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

int main(int count, char **arguments) {
    if (count != 3) fail("usage: %s FILE get|update", arguments[0]);
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL); /* once: it costs several times what a digest does */
    key_of(0, key);
    check(sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    check(sqlite3_exec(database, schema, NULL, NULL, NULL));
    set_up_channel();
    reading = prepared(
        "SELECT enabled, name, url, headers FROM channel LEFT JOIN destination ON destination.channel = channel.id"
        " WHERE key_digest = ?1 ORDER BY position");
    finding = prepared("SELECT id, enabled FROM channel WHERE key_digest = ?1");
    updating = prepared("UPDATE destination SET url = ?1 WHERE channel = ?2 AND name = ?3");
    beginning = prepared("BEGIN IMMEDIATE");
    committing = prepared("COMMIT");
    return serve_rounds(strcmp(arguments[2], "update") == 0 ? update : get, NULL);
}
