/*
 * What every program measured here is: a worker that runs rounds on request, so that a program and its peer can take turns.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads commands, one on a line, and answers each with one line:
 *   run N    runs N operations; answers with the nanoseconds that they took
 *   idle     makes one more client and one call on it; answers with the bytes it holds: heap, resident
 *   memory   answers with the bytes that the process holds: heap, resident
 *   private  answers with the resident bytes that the process shares with no other: all, those it wrote to
 *   peak     runs one operation; answers with the most bytes that were resident meanwhile, and those of its texts
 * Ends with its standard input. Any operation that fails ends it at once: no figure comes from work that was not done.
 */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

__attribute__((noreturn, format(printf, 1, 2))) static inline void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static inline int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What malloc has given out, with what it mapped for single large blocks. */
static inline long heap_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return (long)(info.uordblks + info.hblkhd);
}

static inline long said_by_kernel(const char *path, const char *format) {
    FILE *file = fopen(path, "re");
    char line[256];
    long kibibytes = -1;
    if (!file) fail("cannot read %s", path);
    while (kibibytes < 0 && fgets(line, sizeof line, file)) sscanf(line, format, &kibibytes);
    fclose(file);
    if (kibibytes < 0) fail("%s has no line %s", path, format);
    return kibibytes * 1024;
}

/* Counted page by page; the figures in /proc/self/statm lag behind. */
static inline long resident_bytes(void) { return said_by_kernel("/proc/self/smaps_rollup", "Rss: %ld kB"); }

static inline long private_dirty_bytes(void) { return said_by_kernel("/proc/self/smaps_rollup", "Private_Dirty: %ld kB"); }

static inline long private_bytes(void) {
    return private_dirty_bytes() + said_by_kernel("/proc/self/smaps_rollup", "Private_Clean: %ld kB");
}

/* The most that was resident since forget_peak. */
static inline long peak_bytes(void) { return said_by_kernel("/proc/self/status", "VmHWM: %ld kB"); }

static inline void forget_peak(void) {
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (!file || fputs("5", file) < 0 || fclose(file) != 0) fail("cannot write /proc/self/clear_refs");
}

/* Bytes that went into the last operation and came out of it, where a program counts them. */
static long text_bytes;

/* Either may be NULL if its command never comes. */
static inline int serve_rounds(void (*run)(long count), void (*idle)(void)) {
    char line[64];
    long count;
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    while (fgets(line, sizeof line, stdin)) {
        if (run && sscanf(line, "run %ld", &count) == 1) {
            int64_t start = nanoseconds();
            run(count);
            printf("%lld\n", (long long)(nanoseconds() - start));
        } else if (idle && strcmp(line, "idle\n") == 0) {
            long resident = resident_bytes(), heap = heap_bytes();
            idle();
            heap = heap_bytes() - heap;
            printf("%ld %ld\n", heap, resident_bytes() - resident);
        } else if (strcmp(line, "memory\n") == 0) {
            printf("%ld %ld\n", heap_bytes(), resident_bytes());
        } else if (strcmp(line, "private\n") == 0) {
            printf("%ld %ld\n", private_bytes(), private_dirty_bytes());
        } else if (run && strcmp(line, "peak\n") == 0) {
            forget_peak();
            run(1);
            printf("%ld %ld\n", peak_bytes(), text_bytes);
        } else {
            fail("unknown command: %s", line);
        }
    }
    return 0;
}

#endif
