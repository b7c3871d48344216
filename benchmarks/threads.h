/*
 * Splits a round among threads.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>

#include "rounds.h"

enum { MOST_THREADS = 64 };

struct share {
    pthread_t thread;
    int number;
    long count;
    void (*run)(int number, long count);
};

static inline void *run_share(void *context) {
    struct share *share = context;
    share->run(share->number, share->count);
    return NULL;
}

/* Runs `run` in so many threads, in this one where it is one alone, and waits for all of them. */
static inline void run_in_threads(int threads, long count, void (*run)(int number, long count)) {
    struct share shares[MOST_THREADS];
    if (threads == 1) {
        run(0, count);
        return;
    }
    for (int number = 0; number < threads; number++) {
        shares[number] = (struct share){.number = number, .count = count / threads + (number < count % threads), .run = run};
        if (pthread_create(&shares[number].thread, NULL, run_share, &shares[number]) != 0) fail("no thread");
    }
    for (int number = 0; number < threads; number++) pthread_join(shares[number].thread, NULL);
}

static inline int number_of_threads(const char *argument) {
    int threads = atoi(argument);
    if (threads < 1 || threads > MOST_THREADS) fail("1 to %d threads", MOST_THREADS);
    return threads;
}

#endif
