/*
 * Whichever one request for memory of the C libraries fails, a fleet call answers D360_OK or D360_OUT_OF_MEMORY; afterwards
 * everything works. Prints what each call said and what the service held then, for whoever started this to compare.
 *
 *   fleet_allocations URL OPTIONS CONCURRENCY STRIDE LIBRARY…    every STRIDE-th request, counted over the libraries
 *   fleet_allocations URL OPTIONS CONCURRENCY text               the text that is returned: the library's own request
 *
 * Channels 0 to ACCOUNTS - 1 are known to a remote service. The Swift runtime's own requests never fail here.
 *
 * A line is {"request", "call", "status", "answer", "document", "state": [[multi, customer, waba], …]}; an answer that found no
 * memory is null.
 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "stress.h"

#include "failing_requests.h"

enum { ACCOUNTS = 3, MOST = 8192 };

static const char *url, *options;
static char document[MOST], keys[MOST], more[64];
static bool is_remote;

/* Each round has a document of its own: a destination goes, one changes, one comes; some are off before. */
static void write_document(long round) {
    int length = snprintf(document, MOST, "{\"accounts\":["), keys_length = snprintf(keys, MOST, "{\"accounts\":[");
    for (int n = 0; n < ACCOUNTS; n++) {
        const char *comma = n ? "," : "";
        length += snprintf(document + length, (size_t)(MOST - length),
            "%s{\"name\":\"n%d\",\"api_key\":\"key-%d\",\"customer_webhook\":{\"url\":\"https://hooks.example.com/%ld\"},"
            "\"waba_webhook\":{\"url\":\"https://waba.example.com/%ld\"},\"multi_webhook\":{\"prune\":true,\"destinations\":["
            "{\"name\":\"crm\",\"url\":\"https://crm.example.com/%ld\",\"headers\":{\"X-Round\":\"%ld\"}},"
            "{\"name\":\"d%ld\",\"url\":\"https://crm.example.com/\"}]}}",
            comma, n, n, round, round, round, round, round);
        keys_length += snprintf(keys + keys_length, (size_t)(MOST - keys_length), "%s{\"name\":\"n%d\",\"api_key\":\"key-%d\"}",
            comma, n, n);
    }
    CHECK(length + 3 < MOST && keys_length + 3 < MOST, "MOST is too small");
    strcat(document, "]}");
    strcat(keys, "]}");
}

static void say_reading(const char *before, d360_status status, char *answer) {
    CHECK(status == D360_OK && answer, "the state cannot be read: %s", answer ? answer : "no text");
    printf("%s%s", before, answer);
    d360_string_free(answer);
}

/* By a client of its own. */
static void say_state(void) {
    d360_client *client = open_client(url, options);
    for (int n = 0; n < ACCOUNTS; n++) {
        char key[32], *answer = NULL;
        key_of(n, key);
        d360_status status = d360_multi_webhook_get(client, key, &answer);
        say_reading(n ? ",[" : "[", status, answer);
        status = d360_customer_webhook_get(client, key, &answer);
        say_reading(",", status, answer);
        status = d360_waba_webhook_get(client, key, &answer);
        say_reading(",", status, answer);
        printf("]");
    }
    d360_close(client);
}

typedef d360_status fleet_call(d360_client *, const char *, const char *, d360_progress_fn, void *, char **);

static void try_call(const char *name, fleet_call *call, d360_client *client, const char *given) {
    char *answer = NULL;
    d360_status status = call(client, given, more, NULL, NULL, &answer);
    long left = atomic_exchange(&requests_left, -1);
    CHECK(status == D360_OK || status == D360_OUT_OF_MEMORY, "request %ld: %s: %s: %s", failed_request, name,
        d360_status_name(status), answer ? answer : "no text");
    printf("{\"request\":%ld,\"call\":\"%s\",\"status\":\"%s\",\"answer\":%s,\"document\":%s,\"state\":[", failed_request, name,
        d360_status_name(status), answer ? answer : "null", document);
    say_state();
    printf("]}\n");
    d360_string_free(answer);
    requests_left = left;
}

/* The same client, and the process. */
static void check_afterwards(d360_client *client) {
    char *answer = NULL;
    d360_status status = d360_fleet_apply(client, document, more, NULL, NULL, &answer);
    CHECK(status == D360_OK && strstr(answer, "\"failed\":0,\"unknown\":0,"), "request %ld: afterwards: %s: %s", failed_request,
        d360_status_name(status), answer ? answer : "no text");
    d360_string_free(answer);
    status = d360_fleet_plan(client, document, more, NULL, NULL, &answer);
    CHECK(status == D360_OK && strstr(answer, "\"accounts\":3,\"in_sync\":3,"), "request %ld: afterwards: %s: %s", failed_request,
        d360_status_name(status), answer ? answer : "no text");
    d360_string_free(answer);
    d360_close(client);
}

static void make_calls(long nth) {
    d360_client *client = open_client(url, options);
    write_document(nth);
    if (nth % 2) EXPECT(D360_OK, d360_multi_webhook_set(client, "key-0", "{\"enabled\":false}", &answer));
    requests_left = nth;
    try_call("plan", d360_fleet_plan, client, document);
    try_call("apply", d360_fleet_apply, client, document);
    try_call("audit", d360_fleet_audit, client, document);
    try_call("export", d360_fleet_export, client, keys);
    bool has_failed = requests_left < 0;
    requests_left = -1;
    check_afterwards(client);
    fflush(stdout);
    _exit(has_failed ? EXIT_SUCCESS : NONE_LEFT);
}

/* Reports of two rounds have the same length; the copy of it is the one request of its size that the library makes. */
static void fail_returned_text(void) {
    d360_client *client = open_client(url, options);
    char *answer = NULL;
    for (long round = 10; round < 12; round++) {
        d360_string_free(answer);
        write_document(round);
        d360_status status = d360_fleet_apply(client, document, more, NULL, NULL, &answer);
        CHECK(status == D360_OK, "%s", answer);
    }
    failing_size = strlen(answer) + 1;
    let_fail_in("libd360webhook");
    d360_string_free(answer);
    write_document(12);
    requests_left = 0;
    try_call("apply", d360_fleet_apply, client, document);
    CHECK(requests_left < 0, "no request was made");
    check_afterwards(client);
}

static void prepare(void) {
    pid_t child = fork_or_fail();
    if (!child) {
        d360_client *client = open_client(url, options);
        char key[32];
        for (int n = 0; n < ACCOUNTS; n++) {
            if (!is_remote) register_channel(client, n);
            EXPECT(D360_OK, d360_multi_webhook_set(client, key_of(n, key),
                "{\"enabled\":true,\"destinations\":[{\"name\":\"crm\",\"url\":\"https://crm.example.com/a\"},"
                "{\"name\":\"old\",\"url\":\"https://crm.example.com/b\"}]}", &answer));
        }
        d360_close(client);
        _exit(EXIT_SUCCESS);
    }
    wait_for(child);
}

int main(int argc, char **argv) {
    CHECK(argc >= 5, "URL OPTIONS CONCURRENCY STRIDE LIBRARY… | URL OPTIONS CONCURRENCY text");
    url = argv[1];
    options = argv[2];
    is_remote = strncmp(url, "sqlite:", 7) != 0;
    snprintf(more, sizeof more, "{\"concurrency\":%ld}", number(argv[3]));
    /* libcrypto 3.0 reads through NULL where its own first set-up finds no memory; all that comes later may find none. */
    EXPECT(D360_OK, d360_signature_sign("secret", "body", 4, &answer));
    prepare();
    if (strcmp(argv[4], "text") == 0) {
        fail_returned_text();
        return EXIT_SUCCESS;
    }
    for (int i = 5; i < argc; i++) let_fail_in(argv[i]);
    fail_each_request(number(argv[4]), make_calls);
    return EXIT_SUCCESS;
}
