/*
 * remote_d360webhook BASE-URL API-KEY THREADS [OPTIONS-JSON]: GET /multi_webhook through the library, on one client.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <d360webhook.h>

#include "threads.h"

static const char *base_url, *api_key, *options;
static int threads;
static d360_client *client;

static d360_client *opened(void) {
    d360_client *made;
    char *error;
    if (d360_open(base_url, options, &made, &error) != D360_OK) fail("%s", error);
    return made;
}

static void get(d360_client *on) {
    char *answer;
    if (d360_multi_webhook_get(on, api_key, &answer) != D360_OK) fail("%s", answer);
    d360_string_free(answer);
}

static void get_many(int number, long count) {
    (void)number;
    while (count-- > 0) get(client);
}

static void run(long count) { run_in_threads(threads, count, get_many); }

/* Left open, as what it holds is what is asked for. */
static void idle(void) { get(opened()); }

int main(int count, char **arguments) {
    if (count != 4 && count != 5) fail("usage: %s BASE-URL API-KEY THREADS [OPTIONS-JSON]", arguments[0]);
    base_url = arguments[1];
    api_key = arguments[2];
    options = count == 5 ? arguments[4] : NULL;
    threads = number_of_threads(arguments[3]);
    client = opened();
    get(client);
    serve_rounds(run, idle);
    d360_close(client);
    return 0;
}
