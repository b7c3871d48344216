/*
 * Whichever one request for memory of the C libraries fails, a call succeeds or answers D360_OUT_OF_MEMORY, and what it says
 * of its outcome is true; afterwards everything works.
 *
 *   allocations URL OPTIONS STRIDE LIBRARY…    every STRIDE-th request, counted over the libraries with these names
 *   allocations URL OPTIONS growth             jansson's text buffers, where a configuration is read and stored
 *   allocations URL OPTIONS text               the text that is returned: the library's own request
 *
 * A process of its own for each request: what is made once in a process is made anew. Channels 0 and 1 are known to a remote
 * service. The Swift runtime's own requests never fail here: those end the process by design.
 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "stress.h"

#include "failing_requests.h"

static const char *url, *options;
static bool is_remote;

/* Fails unless a call says what it may say. */
static bool is_fine(const char *call, d360_status status, char *answer, const char **outcome) {
    CHECK(status == D360_OK || status == D360_OUT_OF_MEMORY, "request %ld: %s: %s: %s", failed_request, call,
        d360_status_name(status), answer ? answer : "no text");
    *outcome = status == D360_OK || !answer ? ""
        : strstr(answer, "\"outcome\":\"not_applied\"") ? "not_applied"
        : strstr(answer, "\"outcome\":\"applied\"") ? "applied" : "unknown";
    d360_string_free(answer);
    return status == D360_OK;
}

#define TRY(call)                                                                                                     \
    ({                                                                                                                \
        char *answer = NULL;                                                                                          \
        d360_status status_ = (call);                                                                                 \
        is_fine(#call, status_, answer, &outcome);                                                                    \
    })

/* `outcome` is of the write, empty unless it failed. */
static void check_state(bool was_set, const char *outcome, long round) {
    char *answer = NULL, wanted[128];
    CHECK(d360_customer_webhook_get(open_client(url, options), "key-1", &answer) == D360_OK, "%s", answer);
    bool is_there = strcmp(answer, webhook("round", round, wanted)) == 0;
    if (was_set) CHECK(is_there, "request %ld: acknowledged and lost: %s", failed_request, answer);
    bool is_refused = strcmp(outcome, "not_applied") == 0, is_applied = strcmp(outcome, "applied") == 0;
    CHECK(!is_refused || !is_there, "request %ld: not_applied, but there: %s", failed_request, answer);
    CHECK(!is_applied || is_there, "request %ld: applied, but not there: %s", failed_request, answer);
    d360_string_free(answer);
}

/* The client and the process go on. */
static void check_afterwards(d360_client *client, bool was_set, const char *outcome, long round) {
    char request[128];
    if (!client) client = open_client(url, options);
    check_state(was_set, outcome, round);
    webhook("round", round, request);
    EXPECT(D360_OK, d360_customer_webhook_set(client, "key-1", request, &answer));
    EXPECT_TEXT(request, d360_customer_webhook_get(client, "key-1", &answer));
    EXPECT(D360_OK, d360_multi_webhook_get(client, "key-1", &answer));
    EXPECT(D360_OK, d360_multi_webhook_update(client, "key-1", "{\"name\":\"crm\",\"headers\":{}}", &answer));
    EXPECT(D360_OK, d360_webhook_validate("{\"url\":\"https://a.example.com\"}", NULL, &answer));
    d360_close(client);
}

/* Everything that the library does, once, with the nth request failing. */
static void do_everything(long nth) {
    char request[128];
    const char *outcome = "", *of_write = "";
    bool was_set = false;
    d360_client *client = NULL, *derived = NULL;
    webhook("round", nth, request);
    requests_left = nth;
    if (TRY(d360_open(url, options, &client, &answer))) {
        if (!is_remote) {
            TRY(d360_channel_register(client,
                "{\"phone_number_id\":\"2\",\"phone_number\":\"+49\",\"waba_id\":2,\"api_key\":\"key-2\"}", &answer));
            TRY(d360_channel_list(client, &answer));
        }
        was_set = TRY(d360_customer_webhook_set(client, "key-1", request, &answer));
        of_write = outcome;
        TRY(d360_multi_webhook_set(client, "key-1", "{\"enabled\":true}", &answer));
        TRY(d360_multi_webhook_update(client, "key-1", "{\"name\":\"crm\",\"headers\":{\"X-A\":\"b\",\"X-C\":\"d\"}}", &answer));
        TRY(d360_multi_webhook_get(client, "key-1", &answer));
        TRY(d360_waba_webhook_set(client, "key-1", "{\"url\":\"https://waba.example.com/a\"}", &answer));
        TRY(d360_waba_webhook_wait(client, "key-1", "{\"url\":\"https://waba.example.com/a\"}", 1000, &answer));
        if (TRY(d360_derive(client, "{\"url_policy\":\"cloud\"}", &derived, &answer))) {
            TRY(d360_customer_webhook_get(derived, "key-1", &answer));
            d360_close(derived);
        }
    } else {
        CHECK(!client, "a client with a failure");
        of_write = outcome;
    }
    TRY(d360_webhook_validate("{\"url\":\"https://a.example.com\"}", "{\"url_policy\":\"cloud\"}", &answer));
    TRY(d360_signature_sign("secret", "body", 4, &answer));
    bool has_failed = requests_left < 0;
    requests_left = -1;
    check_afterwards(client, was_set, of_write, nth);
    _exit(has_failed ? EXIT_SUCCESS : NONE_LEFT);
}

/* What is read as JSON and stored as JSON, without a number in it. */
static void change_documents(long nth) {
    char request[128];
    const char *outcome = "";
    d360_client *client = open_client(url, options);
    growth = ONLY_GROWTH;
    requests_left = nth;
    bool was_set = TRY(d360_customer_webhook_set(client, "key-1", webhook("round", nth, request), &answer));
    const char *of_write = outcome;
    TRY(d360_multi_webhook_set(client, "key-1", "{\"enabled\":true}", &answer));
    TRY(d360_multi_webhook_update(client, "key-1", "{\"name\":\"crm\",\"headers\":{\"X-A\":\"b\",\"X-C\":\"d\"}}", &answer));
    TRY(d360_multi_webhook_update(client, "key-1", "{\"name\":\"crm\",\"url\":\"https://crm.example.com/b\"}", &answer));
    bool has_failed = requests_left < 0;
    requests_left = -1;
    check_afterwards(client, was_set, of_write, nth);
    _exit(has_failed ? EXIT_SUCCESS : NONE_LEFT);
}

static void prepare(void) {
    pid_t child = fork_or_fail();
    if (!child) {
        d360_client *client = open_client(url, options);
        for (int n = 0; n < 2 && !is_remote; n++) register_channel(client, n);
        EXPECT(D360_OK, d360_multi_webhook_set(client, "key-1",
            "{\"enabled\":true,\"destinations\":[{\"name\":\"crm\",\"url\":\"https://crm.example.com/a\"}]}", &answer));
        d360_close(client);
        _exit(EXIT_SUCCESS);
    }
    wait_for(child);
}

/* The copy of a text of this length is the one request of its size that the library makes. */
static void fail_returned_text(void) {
    d360_client *client = open_client(url, options);
    char *answer = NULL, request[4096], *wanted = NULL;
    if (!is_remote) register_channel(client, 1);
    int length = snprintf(request, sizeof request, "{\"url\":\"https://hooks.example.com/%01500d\"}", 1);
    EXPECT(D360_OK, d360_customer_webhook_set(client, "key-1", request, &answer));
    CHECK(d360_customer_webhook_get(client, "key-1", &wanted) == D360_OK && (int)strlen(wanted) == length, "%s", wanted);

    failing_size = (size_t)length + 1;
    let_fail_in("libd360webhook");
    requests_left = 0;
    d360_status status = d360_customer_webhook_get(client, "key-1", &answer);
    CHECK(requests_left < 0, "no request was made");
    CHECK(status == D360_OUT_OF_MEMORY, "%s", d360_status_name(status));
    CHECK(answer && strstr(answer, "\"D360_OUT_OF_MEMORY\""), "%s", answer ? answer : "no text");
    d360_string_free(answer);
    /* A write is no less applied. */
    requests_left = 0;
    status = d360_customer_webhook_set(client, "key-1", request, &answer);
    CHECK(requests_left < 0 && status == D360_OUT_OF_MEMORY, "%s", d360_status_name(status));
    CHECK(answer && strstr(answer, "\"outcome\":\"applied\""), "%s", answer ? answer : "no text");
    d360_string_free(answer);
    /* Nothing is allocated for who wants no text. */
    requests_left = 0;
    CHECK(d360_customer_webhook_get(client, "key-1", NULL) == D360_OK && requests_left == 0, "a text for nobody");
    requests_left = -1;
    EXPECT_TEXT(wanted, d360_customer_webhook_get(client, "key-1", &answer));
    d360_string_free(wanted);
    d360_close(client);
}

int main(int argc, char **argv) {
    CHECK(argc >= 4, "URL OPTIONS STRIDE LIBRARY… | URL OPTIONS growth | URL OPTIONS text");
    url = argv[1];
    options = argv[2];
    is_remote = strncmp(url, "sqlite:", 7) != 0;
    if (strcmp(argv[3], "text") == 0) {
        fail_returned_text();
        return EXIT_SUCCESS;
    }
    /* libcrypto 3.0 reads through NULL where its own first set-up finds no memory; all that comes later may find none. */
    EXPECT(D360_OK, d360_signature_sign("secret", "body", 4, &answer));
    prepare();
    if (strcmp(argv[3], "growth") == 0) {
        let_fail_in("libjansson");
        fail_each_request(1, change_documents);
        return EXIT_SUCCESS;
    }
    for (int i = 4; i < argc; i++) let_fail_in(argv[i]);
    fail_each_request(number(argv[3]), do_everything);
    return EXIT_SUCCESS;
}
