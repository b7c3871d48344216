/*
 * fleet_sqlite FILE ACCOUNTS: the readings of a plan as one writes them by hand on SQLite.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An operation is the three readings of every account, in one thread: each answers JSON text in memory of its own. Nobody looks
 * at the texts.
 */
#include "fleets.h"
#include "sqlite.h"

static sqlite3_stmt *waba, *customer, *multi;
static long accounts;

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE channel (id INTEGER PRIMARY KEY, key_digest BLOB NOT NULL UNIQUE, number TEXT NOT NULL, waba INTEGER NOT NULL,"
    "    own_url TEXT, enabled INTEGER NOT NULL) STRICT;"
    "CREATE INDEX channel_by_waba ON channel (waba);"
    "CREATE TABLE waba (id INTEGER PRIMARY KEY, url TEXT, headers TEXT) STRICT;"
    "CREATE TABLE destination (channel INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,"
    "    headers TEXT NOT NULL, PRIMARY KEY (channel, position), UNIQUE (channel, name)) STRICT, WITHOUT ROWID;";

static void add_accounts(void) {
    char key[KEY_BYTES];
    sqlite3_stmt *channel = prepared("INSERT INTO channel VALUES (?2, ?1, ?3, ?4, NULL, 1)");
    sqlite3_stmt *its_waba = prepared("INSERT INTO waba VALUES (?1, '" WABA_URL "', '" WABA_HEADERS "')");
    sqlite3_stmt *destination = prepared("INSERT INTO destination VALUES (?1, ?2, ?3, ?4, ?5)");
    check(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL));
    for (long account = 0; account < accounts; account++) {
        bind_digest(channel, 1, key_of(account, key));
        check(sqlite3_bind_int64(channel, 2, account));
        check(sqlite3_bind_int64(channel, 3, number_of(account)));
        check(sqlite3_bind_int64(channel, 4, waba_of(account)));
        run_statement(channel);
        check(sqlite3_bind_int64(its_waba, 1, waba_of(account)));
        run_statement(its_waba);
        for (int index = 0; index < DESTINATIONS; index++) {
            check(sqlite3_bind_int64(destination, 1, account));
            check(sqlite3_bind_int(destination, 2, index));
            check(sqlite3_bind_text(destination, 3, destinations[index].name, -1, SQLITE_STATIC));
            check(sqlite3_bind_text(destination, 4, destinations[index].url, -1, SQLITE_STATIC));
            check(sqlite3_bind_text(destination, 5, destinations[index].headers, -1, SQLITE_STATIC));
            run_statement(destination);
        }
    }
    check(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL));
    check(sqlite3_finalize(channel));
    check(sqlite3_finalize(its_waba));
    check(sqlite3_finalize(destination));
}

static char *waba_webhook(const char *api_key) {
    struct text text = {0};
    int rows = 0;
    bind_digest(waba, 1, api_key);
    while (sqlite3_step(waba) == SQLITE_ROW) {
        if (rows++ == 0) {
            append_text(&text, "{");
            if (sqlite3_column_type(waba, 1) != SQLITE_NULL) {
                append_text(&text, "\"url\":");
                append_column(&text, waba, 1);
                append_text(&text, ",\"headers\":");
                append_text(&text, (const char *)sqlite3_column_text(waba, 2)); /* JSON text already */
                append_text(&text, ",");
            }
            append_text(&text, "\"waba_id\":");
            append_text(&text, (const char *)sqlite3_column_text(waba, 0));
            append_text(&text, ",\"numbers_on_this_waba\":[");
        }
        if (rows > 1) append_text(&text, ",");
        append_column(&text, waba, 3);
    }
    check(sqlite3_reset(waba));
    if (rows == 0) fail("no such key");
    append_text(&text, "]}");
    return text.bytes;
}

static char *customer_webhook(const char *api_key) {
    struct text text = {0};
    bind_digest(customer, 1, api_key);
    if (sqlite3_step(customer) != SQLITE_ROW) fail("no such key");
    if (sqlite3_column_type(customer, 0) == SQLITE_NULL) {
        append_text(&text, "{}");
    } else {
        append_text(&text, "{\"url\":");
        append_column(&text, customer, 0);
        append_text(&text, "}");
    }
    check(sqlite3_reset(customer));
    return text.bytes;
}

static void run(long count) {
    char key[KEY_BYTES];
    while (count-- > 0) {
        for (long account = 0; account < accounts; account++) {
            key_of(account, key);
            free(waba_webhook(key));
            free(customer_webhook(key));
            free(multi_webhook(multi, key));
        }
    }
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage: %s FILE ACCOUNTS", arguments[0]);
    accounts = atol(arguments[2]);
    open_database(arguments[1], schema);
    add_accounts();
    waba = prepared(
        "SELECT asking.waba, waba.url, headers, listed.number FROM channel AS asking JOIN channel AS listed USING (waba)"
        " LEFT JOIN waba ON waba.id = asking.waba WHERE asking.key_digest = ?1 ORDER BY listed.id");
    customer = prepared("SELECT own_url FROM channel WHERE key_digest = ?1");
    multi = prepared(reading_destinations);
    return serve_rounds(run, NULL);
}
