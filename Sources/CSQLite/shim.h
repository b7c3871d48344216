/* Swift cannot call variadic functions; and SQLITE_TRANSIENT is a cast that it cannot import. */
#ifndef D360_CSQLITE_SHIM_H
#define D360_CSQLITE_SHIM_H

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/fcntl.h's; the C library shows them only with _GNU_SOURCE, which another header may have come before. */
#define D360_OFD_SETLK 37

/* A lock of the open file description on the bytes that SQLite locks exclusively before it deletes a write-ahead log:
 * sqlite3's os.h, SHARED_FIRST and SHARED_SIZE. */
static inline int d360_set_lock(int descriptor, short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0x40000000 + 2, .l_len = 510};
    return fcntl(descriptor, D360_OFD_SETLK, &lock);
}
static inline int d360_open_to_lock(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
static inline int d360_lock_shared(int descriptor) { return d360_set_lock(descriptor, F_RDLCK); }
static inline int d360_unlock(int descriptor) { return d360_set_lock(descriptor, F_UNLCK); }

/* Says whether the file is the root of a mount: statx(2), STATX_ATTR_MOUNT_ROOT. Kernels before 5.8 do not say so: 0. The header of
 * struct statx names constants that <sys/stat.h> has too; stx_attributes is its second 64-bit word. */
static inline int d360_is_mount(const char *path) {
    unsigned long long status[32] = {0};
    return syscall(SYS_statx, AT_FDCWD, path, 0, 0, status) == 0 && (status[1] & 0x2000) != 0;
}

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
