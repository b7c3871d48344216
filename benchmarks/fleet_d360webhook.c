/*
 * fleet_d360webhook SERVICE-URL audit|plan ACCOUNTS CONCURRENCY: calls on a fleet that is in agreement with its document.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An operation is one call on all accounts.
 */
#include <d360webhook.h>

#include "fleets.h"

static d360_client *client;
static d360_status (*call)(d360_client *, const char *, const char *, d360_progress_fn, void *, char **);
static char *document, options[64], wanted[128];

/* server.c shows every account the same WABA. */
static char *described(long accounts, int expects) {
    char *text = NULL, key[KEY_BYTES];
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    if (!stream) fail("out of memory");
    fprintf(stream, "{\"profiles\":{\"standard\":{\"customer_webhook\":null,\"waba_webhook\":{\"url\":\"%s\",\"headers\":%s},"
                    "\"multi_webhook\":{\"destinations\":[", WABA_URL, WABA_HEADERS);
    for (int index = 0; index < DESTINATIONS; index++) {
        fprintf(stream, "%s{\"name\":\"%s\",\"url\":\"%s\",\"headers\":%s}", index ? "," : "", destinations[index].name,
                destinations[index].url, destinations[index].headers);
    }
    fputs("]}}},\"accounts\":[", stream);
    for (long account = 0; account < accounts; account++) {
        fprintf(stream, "%s{\"name\":\"number-%ld\",\"api_key\":\"%s\",\"profile\":\"standard\"", account ? "," : "", account,
                key_of(account, key));
        if (expects) {
            fprintf(stream, ",\"expect\":{\"waba_id\":%ld,\"number\":\"%ld\"}", waba_of(account), number_of(account));
        }
        fputs("}", stream);
    }
    fputs("]}", stream);
    if (fclose(stream) != 0) fail("out of memory");
    return text;
}

static void run(long count) {
    while (count-- > 0) {
        char *report;
        d360_status status = call(client, document, options, NULL, NULL, &report);
        if (status != D360_OK || strncmp(report, wanted, strlen(wanted)) != 0) {
            fail("%s: %.1000s", d360_status_name(status), report);
        }
        text_bytes = (long)(strlen(document) + strlen(report));
        d360_string_free(report);
    }
}

int main(int count, char **arguments) {
    char *error;
    if (count != 5) fail("usage: %s SERVICE-URL audit|plan ACCOUNTS CONCURRENCY", arguments[0]);
    call = strcmp(arguments[2], "plan") == 0 ? d360_fleet_plan : d360_fleet_audit;
    long accounts = atol(arguments[3]);
    document = described(accounts, call == d360_fleet_plan);
    snprintf(options, sizeof options, "{\"concurrency\":%d}", atoi(arguments[4]));
    snprintf(wanted, sizeof wanted, "{\"summary\":{\"accounts\":%ld,\"in_sync\":%ld,\"changed\":0,\"failed\":0,",
             accounts, accounts);
    if (d360_open(arguments[1], NULL, &client, &error) != D360_OK) fail("%s", error);
    serve_rounds(run, NULL);
    d360_close(client);
    return 0;
}
