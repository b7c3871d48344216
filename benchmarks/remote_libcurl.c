/*
 * remote_libcurl BASE-URL API-KEY THREADS parse|ignore [CA-FILE]: by_hand.h with an easy handle for each thread.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "by_hand.h"
#include "threads.h"

static int threads;
static CURL *handles[MOST_THREADS];

static void get_many(int number, long count) {
    while (count-- > 0) get(handles[number]);
}

static void run(long count) { run_in_threads(threads, count, get_many); }

static void idle(void) { get(opened()); }

int main(int count, char **arguments) {
    if (count != 5 && count != 6) fail("usage: %s BASE-URL API-KEY THREADS parse|ignore [CA-FILE]", arguments[0]);
    parses = strcmp(arguments[4], "parse") == 0;
    if (count == 6) authorities = arguments[5];
    threads = number_of_threads(arguments[3]);
    ask(arguments[1], arguments[2]);
    for (int number = 0; number < threads; number++) {
        handles[number] = opened();
        get(handles[number]);
    }
    return serve_rounds(run, idle);
}
