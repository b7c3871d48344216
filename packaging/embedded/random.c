/*
 * Embedded Swift seeds its hash tables by arc4random_buf, which glibc has since 2.36. With this one, glibc 2.34 is enough.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

__attribute__((visibility("hidden"))) void arc4random_buf(void *buffer, size_t count) {
    unsigned char *next = buffer;
    while (count > 0) {
        ssize_t filled = getrandom(next, count, 0);
        if (filled < 0 && errno != EINTR) abort();
        if (filled < 0) continue;
        next += filled;
        count -= (size_t)filled;
    }
}
