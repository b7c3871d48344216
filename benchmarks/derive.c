/*
 * derive BASE-URL [OPTIONS-JSON]: d360_derive and d360_close of a remote client.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <d360webhook.h>

#include "rounds.h"

static const char *options;
static d360_client *client;

static void run(long count) {
    while (count-- > 0) {
        d360_client *derived;
        if (d360_derive(client, options, &derived, NULL) != D360_OK) fail("d360_derive failed");
        d360_close(derived);
    }
}

int main(int count, char **arguments) {
    if (count < 2 || count > 3) fail("usage: %s BASE-URL [OPTIONS-JSON]", arguments[0]);
    options = count == 3 ? arguments[2] : NULL;
    if (d360_open(arguments[1], NULL, &client, NULL) != D360_OK) fail("d360_open failed");
    serve_rounds(run, NULL);
    d360_close(client);
    return 0;
}
