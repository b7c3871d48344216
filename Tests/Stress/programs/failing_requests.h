/* A process of its own for each request for memory that fails: what is made once in a process is made anew. */
#ifndef FAILING_REQUESTS_H
#define FAILING_REQUESTS_H

#include "failing_malloc.h"

/* How a process ends that made fewer requests than that. */
enum { NONE_LEFT = 2 };
/* Counted from 0. */
static long failed_request;

/* `run` ends its process: with NONE_LEFT, or well. Prints how many requests there are. */
SHARED void fail_each_request(long stride, void (*run)(long nth)) {
    long failures = 0;
    for (long nth = 0;; nth += stride) {
        pid_t child = fork_or_fail();
        if (!child) {
            alarm(60);
            failed_request = nth;
            run(nth);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status)) {
            fprintf(stderr, "request %ld: ended by signal %d\n", nth, WTERMSIG(status));
        } else if (WEXITSTATUS(status) == NONE_LEFT) {
            CHECK(failures == 0, "%ld of %ld requests failed as they may not", failures, nth / stride);
            printf("%ld requests\n", nth);
            return;
        }
        if (status != 0) failures++;
        CHECK(failures < 100, "100 of the first %ld requests failed as they may not", nth / stride);
    }
}

#endif
