/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that run jobs. Calls of the library block, and libuv's own pool has four threads for files and names of the whole
 * program, so the addon has threads of its own.
 */
#ifndef D360_POOL_H
#define D360_POOL_H

#include <pthread.h>
#include <stdbool.h>

struct task {
    struct task *next;
    void (*run)(struct task *);
};

/* A queue and its threads, which are started as they are needed and end if they are idle for some seconds. */
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct task *first, **last;
    int threads, idle, limit;
    bool ends;
};

void pool_init(struct pool *pool, int limit);

/* Runs the task on a thread of the pool, after those that were added before. False if not even one thread could be started. */
bool pool_add(struct pool *pool, struct task *task);

/* Waits until running tasks have returned and all threads have ended. Returns the tasks that were not begun. */
struct task *pool_end(struct pool *pool);

#endif
