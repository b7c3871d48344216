#ifndef D360_GLIBC_H
#define D360_GLIBC_H
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#include <math.h>
static inline int d360_get_errno(void) __attribute__((swift_name("getter:errno()")));
static inline int d360_get_errno(void) { return errno; }
static inline void d360_set_errno(int value) __attribute__((swift_name("setter:errno(_:)")));
static inline void d360_set_errno(int value) { errno = value; }
#endif
