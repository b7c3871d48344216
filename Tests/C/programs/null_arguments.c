/* NULL for each pointer argument: D360_INVALID_ARGUMENT where a value is needed, and allowed where the header says so. */
#include "check.h"

typedef d360_status (*reading)(d360_client *, const char *, char **);
typedef d360_status (*writing)(d360_client *, const char *, const char *, char **);
typedef d360_status (*fleet)(d360_client *, const char *, const char *, d360_progress_fn, void *, char **);

static d360_status wait_once(d360_client *client, const char *key, const char *request, char **response) {
    return d360_waba_webhook_wait(client, key, request, 0, response);
}

#define REFUSED(text, call) EXPECT(D360_INVALID_ARGUMENT, "\"status\":\"D360_INVALID_ARGUMENT\"", text, call)

static void opening(d360_client *client) {
    char *text = NULL;
    d360_client *stored = client;
    REFUSED(text, d360_open(NULL, NULL, &stored, &text));
    CHECK(stored == NULL);
    REFUSED(text, d360_open("sqlite::memory:", NULL, NULL, &text));
    CHECK(d360_open(NULL, NULL, NULL, NULL) == D360_INVALID_ARGUMENT);
    stored = client;
    REFUSED(text, d360_derive(NULL, NULL, &stored, &text));
    CHECK(stored == NULL);
    REFUSED(text, d360_derive(client, NULL, NULL, &text));
    CHECK(d360_derive(NULL, NULL, NULL, NULL) == D360_INVALID_ARGUMENT);
    d360_close(NULL);
    d360_cancel(NULL);
    d360_stop(NULL);
    CHECK(d360_error_outcome(NULL) == D360_UNKNOWN);
    CHECK(d360_error_text(NULL, "message", &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_error_text("{}", NULL, &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_error_text("{}", "message", NULL) == D360_INVALID_ARGUMENT);
    CHECK(d360_json_quote(NULL, &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_json_quote("x", NULL) == D360_INVALID_ARGUMENT);
    d360_set_log(NULL, NULL, NULL);
    d360_string_free(NULL);
}

static void operations(d360_client *client) {
    const reading readings[] = {d360_multi_webhook_get, d360_customer_webhook_get, d360_waba_webhook_get};
    const writing writings[] = {d360_multi_webhook_set,    d360_multi_webhook_append, d360_multi_webhook_update,
                                d360_multi_webhook_delete, d360_customer_webhook_set, d360_waba_webhook_set, wait_once};
    const char *request = "{\"url\": \"https://hooks.example.com\"}";
    char *text = NULL;
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        REFUSED(text, readings[i](NULL, "key", &text));
        REFUSED(text, readings[i](client, NULL, &text));
        CHECK(readings[i](client, "key", NULL) == D360_OK);
        CHECK(readings[i](NULL, NULL, NULL) == D360_INVALID_ARGUMENT);
    }
    for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++) {
        REFUSED(text, writings[i](NULL, "key", request, &text));
        REFUSED(text, writings[i](client, NULL, request, &text));
        REFUSED(text, writings[i](client, "key", NULL, &text));
        CHECK(writings[i](NULL, NULL, NULL, NULL) == D360_INVALID_ARGUMENT);
    }
    CHECK(d360_customer_webhook_set(client, "key", request, NULL) == D360_OK);
    REFUSED(text, d360_waba_webhook_wait(client, "key", request, -1, &text));
}

static void channels(d360_client *client) {
    char *text = NULL;
    REFUSED(text, d360_channel_register(NULL, CHANNEL, &text));
    REFUSED(text, d360_channel_register(client, NULL, &text));
    CHECK(d360_channel_register(client, CHANNEL, NULL) == D360_OK);
    REFUSED(text, d360_channel_list(NULL, &text));
    CHECK(d360_channel_list(client, NULL) == D360_OK);
    REFUSED(text, d360_channel_remove(NULL, "106540352242922", &text));
    REFUSED(text, d360_channel_remove(client, NULL, &text));
    CHECK(d360_channel_remove(client, "106540352242922", NULL) == D360_OK);
}

static void fleets(d360_client *client) {
    const fleet fleets[] = {d360_fleet_plan, d360_fleet_apply, d360_fleet_audit, d360_fleet_export};
    const char *nobody = "{\"accounts\": []}";
    char *text = NULL;
    for (size_t i = 0; i < sizeof fleets / sizeof fleets[0]; i++) {
        REFUSED(text, fleets[i](NULL, nobody, NULL, NULL, NULL, &text));
        REFUSED(text, fleets[i](client, NULL, NULL, NULL, NULL, &text));
        CHECK(fleets[i](client, nobody, NULL, NULL, NULL, NULL) == D360_OK);
        CHECK(fleets[i](NULL, NULL, NULL, NULL, NULL, NULL) == D360_INVALID_ARGUMENT);
    }
}

static void without_client(void) {
    char *text = NULL;
    REFUSED(text, d360_webhook_validate(NULL, NULL, &text));
    CHECK(d360_webhook_validate("{\"url\": \"https://hooks.example.com\"}", NULL, NULL) == D360_OK);
    text = (char *)"stale";
    CHECK(d360_signature_sign(NULL, "a", 1, &text) == D360_INVALID_ARGUMENT && text == NULL);
    text = (char *)"stale";
    CHECK(d360_signature_sign("secret", NULL, 1, &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_signature_sign("secret", "a", 1, NULL) == D360_INVALID_ARGUMENT);
    text = (char *)"stale";
    CHECK(d360_signature_sign("", "a", 1, &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_signature_sign("secret", NULL, 0, &text) == D360_OK);
    CHECK(d360_signature_verify("secret", NULL, 0, text) == D360_OK);
    CHECK(d360_signature_verify(NULL, NULL, 0, text) == D360_INVALID_ARGUMENT);
    CHECK(d360_signature_verify("", NULL, 0, text) == D360_INVALID_ARGUMENT);
    CHECK(d360_signature_verify("secret", NULL, 1, text) == D360_INVALID_ARGUMENT);
    CHECK(d360_signature_verify("secret", NULL, 0, NULL) == D360_INVALID_ARGUMENT);
    d360_string_free(text);
}

int main(void) {
    d360_client *client = NULL;
    CHECK(d360_open("sqlite::memory:", NULL, &client, NULL) == D360_OK);
    CHECK(d360_channel_register(client, CHANNEL, NULL) == D360_OK);
    opening(client);
    operations(client);
    channels(client);
    fleets(client);
    without_client();
    d360_close(client);
    return failures != 0;
}
