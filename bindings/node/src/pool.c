/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <signal.h>
#include <time.h>

enum { IDLE_SECONDS = 10, STACK_BYTES = 1 << 20 };

void pool_init(struct pool *pool, int limit) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pool->first = NULL;
    pool->last = &pool->first;
    pool->threads = pool->idle = 0;
    pool->limit = limit;
    pool->ends = false;
}

/* The next task, or NULL if the thread should end. The lock is held. */
static struct task *next_task(struct pool *pool) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += IDLE_SECONDS;
    pool->idle++;
    int waited = 0;
    while (!pool->first && !pool->ends && waited == 0) waited = pthread_cond_timedwait(&pool->changed, &pool->lock, &end);
    pool->idle--;
    struct task *task = pool->ends ? NULL : pool->first;
    if (task && !(pool->first = task->next)) pool->last = &pool->first;
    return task;
}

static void *work(void *context) {
    struct pool *pool = context;
    pthread_mutex_lock(&pool->lock);
    for (struct task *task; (task = next_task(pool));) {
        pthread_mutex_unlock(&pool->lock);
        task->run(task);
        pthread_mutex_lock(&pool->lock);
    }
    pool->threads--;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Signals go to the program's own threads. */
static bool start_thread(struct pool *pool) {
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, &attributes, work, pool) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

bool pool_add(struct pool *pool, struct task *task) {
    pthread_mutex_lock(&pool->lock);
    task->next = NULL;
    *pool->last = task;
    pool->last = &task->next;
    int waiting = 0;
    for (struct task *one = pool->first; one && waiting <= pool->idle; one = one->next) waiting++;
    if (waiting > pool->idle && pool->threads < pool->limit && start_thread(pool)) pool->threads++;
    bool runs = pool->threads > 0;
    if (!runs) pool->first = NULL, pool->last = &pool->first;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    return runs;
}

struct task *pool_end(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->ends = true;
    pthread_cond_broadcast(&pool->changed);
    while (pool->threads > 0) pthread_cond_wait(&pool->changed, &pool->lock);
    struct task *left = pool->first;
    pool->first = NULL;
    pthread_mutex_unlock(&pool->lock);
    return left;
}
