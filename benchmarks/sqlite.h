/*
 * SQLite by hand: statements, keys' digests, JSON text from rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SQLITE_H
#define SQLITE_H

#include <openssl/evp.h>
#include <sqlite3.h>

#include "channels.h"

static sqlite3 *database;
static EVP_MD *sha256;

static inline void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) fail("%s", sqlite3_errmsg(database));
}

static inline sqlite3_stmt *prepared(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static inline void run_statement(sqlite3_stmt *statement) {
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

static inline void bind_digest(sqlite3_stmt *statement, int parameter, const char *api_key) {
    unsigned char digest[32];
    if (EVP_Digest(api_key, strlen(api_key), digest, NULL, sha256, NULL) != 1) fail("no digest");
    check(sqlite3_bind_blob(statement, parameter, digest, sizeof digest, SQLITE_TRANSIENT));
}

struct text {
    char *bytes;
    size_t length, capacity;
};

static inline void append(struct text *text, const char *bytes, size_t length) {
    if (text->length + length + 1 > text->capacity) {
        text->capacity = 2 * (text->length + length) + 256;
        text->bytes = realloc(text->bytes, text->capacity);
        if (!text->bytes) fail("out of memory");
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static inline void append_text(struct text *text, const char *string) { append(text, string, strlen(string)); }

/* As a JSON string. */
static inline void append_column(struct text *text, sqlite3_stmt *statement, int column) {
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

static const char reading_destinations[] =
    "SELECT enabled, name, url, headers FROM channel LEFT JOIN destination ON destination.channel = channel.id"
    " WHERE key_digest = ?1 ORDER BY position";

/* One statement is one snapshot: no transaction is needed. */
static inline char *multi_webhook(sqlite3_stmt *reading, const char *api_key) {
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

static inline void open_database(const char *path, const char *schema) {
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL); /* once: it costs several times what a digest does */
    check(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    check(sqlite3_exec(database, schema, NULL, NULL, NULL));
}

#endif
