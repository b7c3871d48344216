/* Swift cannot call variadic functions; and SQLITE_TRANSIENT is a cast that it cannot import. */
#ifndef D360_CSQLITE_SHIM_H
#define D360_CSQLITE_SHIM_H

#include <sqlite3.h>

static inline int d360_sqlite_keep_log_on_close(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

/* Before SQLite's first use, by a program that owns its process: its statistics cost every allocation one lock for all. */
static inline int d360_sqlite_keep_no_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static inline int d360_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length) {
    return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int d360_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length) {
    return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

#endif
