/* Calls every function of the header on the embedded service, each to success and to a failure. */
#include "check.h"

static int logged;

static void count(int level, const char *message, void *context) {
    CHECK(level >= 0 && level <= 3);
    CHECK(message != NULL && strchr(message, '\n') == NULL);
    CHECK(context == &logged);
    logged++;
}

static void channels(d360_client *client) {
    char *text = NULL;
    EXPECT(D360_OK, "\"message\"", text, d360_channel_register(client, CHANNEL, &text));
    EXPECT(D360_CONFLICT, "\"status\":\"D360_CONFLICT\"", text,
           d360_channel_register(client, "{\"phone_number_id\": \"7\", \"waba_id\": 7, \"api_key\": \"key\"}", &text));
    EXPECT(D360_OK, "123065260884961", text, d360_channel_list(client, &text));
    EXPECT(D360_NOT_FOUND, "\"not_applied\"", text, d360_channel_remove(client, "1", &text));
}

static void multi_webhook(d360_client *client) {
    char *text = NULL;
    const char *crm = "{\"destinations\": [{\"name\": \"crm\", \"url\": \"https://crm.example.com\"}]}";
    EXPECT(D360_UNAUTHORIZED, "\"code\":4", text, d360_multi_webhook_get(client, "", &text));
    EXPECT(D360_OK, "\"enabled\":false", text, d360_multi_webhook_get(client, "key", &text));
    EXPECT(D360_NOT_ENABLED, "D360_NOT_ENABLED", text, d360_multi_webhook_append(client, "key", crm, &text));
    EXPECT(D360_OK, "Operation started successfully", text,
           d360_multi_webhook_set(client, "key", "{\"enabled\": true}", &text));
    EXPECT(D360_MALFORMED_JSON, "D360_MALFORMED_JSON", text, d360_multi_webhook_set(client, "key", "{", &text));
    EXPECT(D360_OK, "\"message\"", text, d360_multi_webhook_append(client, "key", crm, &text));
    EXPECT(D360_CONFLICT, "\"path\":\"/destinations/0/name\"", text,
           d360_multi_webhook_append(client, "key", crm, &text));
    EXPECT(D360_OK, "\"message\"", text,
           d360_multi_webhook_update(client, "key", "{\"name\": \"crm\", \"headers\": {\"X-A\": \"b\"}}", &text));
    EXPECT(D360_NOT_FOUND, "\"path\":\"/name\"", text,
           d360_multi_webhook_update(client, "key", "{\"name\": \"Crm\", \"headers\": {}}", &text));
    EXPECT(D360_OK, "\"X-A\":\"b\"", text, d360_multi_webhook_get(client, "key", &text));
    EXPECT(D360_OK, "\"message\"", text, d360_multi_webhook_delete(client, "key", "crm", &text));
    EXPECT(D360_NOT_FOUND, "D360_NOT_FOUND", text, d360_multi_webhook_delete(client, "key", "crm", &text));
}

static void webhooks(d360_client *client) {
    char *text = NULL;
    const char *url = "{\"url\": \"https://hooks.example.com/main\"}";
    EXPECT(D360_OK, "https://hooks.example.com/main", text, d360_customer_webhook_set(client, "key", url, &text));
    EXPECT(D360_OK, "https://hooks.example.com/main", text, d360_customer_webhook_get(client, "key", &text));
    EXPECT(D360_INVALID_REQUEST, "\"path\":\"/url\"", text,
           d360_customer_webhook_set(client, "key", "{\"url\": \"https://hooks.example.com:3000\"}", &text));
    EXPECT(D360_OK, "123065260884961", text, d360_waba_webhook_set(client, "key", url, &text));
    EXPECT(D360_OK, "\"waba_id\":123065260884961", text, d360_waba_webhook_get(client, "key", &text));
    EXPECT(D360_OK, "+4930123456", text, d360_waba_webhook_wait(client, "key", url, 0, &text));
    EXPECT(D360_TIMEOUT, "\"last_seen\"", text,
           d360_waba_webhook_wait(client, "key", "{\"url\": \"https://other.example.com\"}", 1, &text));
    EXPECT(D360_OK, "\"valid\":true", text, d360_webhook_validate(url, NULL, &text));
    EXPECT(D360_INVALID_REQUEST, "\"documented\"", text,
           d360_webhook_validate("{\"url\": \"http://a_b.example.com\"}", "{\"url_policy\": \"cloud\"}", &text));
}

static int told;

static int count_accounts(const char *event, void *context) {
    CHECK(strstr(event, "\"name\":\"berlin\"") != NULL);
    CHECK(context == &told);
    told++;
    return 0;
}

static void fleets(d360_client *client) {
    char *text = NULL;
    const char *fleet = "{\"accounts\": [{\"name\": \"berlin\", \"api_key\": \"key\", "
                        "\"customer_webhook\": {\"url\": \"https://hooks.example.com/fleet\"}}]}";
    EXPECT(D360_OK, "\"planned\"", text, d360_fleet_plan(client, fleet, NULL, count_accounts, &told, &text));
    EXPECT(D360_OK, "customer_webhook_mismatch", text, d360_fleet_audit(client, fleet, NULL, NULL, NULL, &text));
    EXPECT(D360_OK, "\"changed\":1", text,
           d360_fleet_apply(client, fleet, "{\"concurrency\": 2}", count_accounts, &told, &text));
    EXPECT(D360_OK, "https://hooks.example.com/fleet", text,
           d360_fleet_export(client, "{\"accounts\": [{\"name\": \"berlin\", \"api_key\": \"key\"}]}", NULL, NULL, NULL, &text));
    EXPECT(D360_INVALID_REQUEST, "\"path\":\"/accounts\"", text,
           d360_fleet_plan(client, "{\"accounts\": {}}", NULL, NULL, NULL, &text));
    CHECK(told == 2);
}

static void signatures(void) {
    char *signature = NULL;
    /* RFC 4231, test case 2. */
    const char *wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const char *body = "what do ya want for nothing?";
    CHECK(d360_signature_sign("Jefe", body, strlen(body), &signature) == D360_OK);
    CHECK(signature && strcmp(signature, wanted) == 0);
    CHECK(d360_signature_verify("Jefe", body, strlen(body), signature) == D360_OK);
    CHECK(d360_signature_verify("jefe", body, strlen(body), signature) == D360_SIGNATURE_MISMATCH);
    d360_string_free(signature);
}

/* What a program without a JSON library does with an error. */
static void error_documents(d360_client *client) {
    char *error = NULL, *text = NULL;
    CHECK(d360_multi_webhook_update(client, "key", "{\"name\": \"nobody\", \"headers\": {}}", &error) != D360_OK);
    CHECK(d360_error_outcome(error) == D360_NOT_APPLIED);
    CHECK(d360_error_text(error, "status", &text) == D360_OK && text && strncmp(text, "D360_", 5) == 0);
    d360_string_free(text);
    CHECK(d360_error_text(error, "message", &text) == D360_OK && text && text[0]);
    d360_string_free(text);
    CHECK(d360_error_text(error, "service_message", &text) == D360_NOT_FOUND && text == NULL);
    CHECK(d360_error_text(error, "attempts", &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_error_text("{", "message", &text) == D360_MALFORMED_JSON && text == NULL);
    CHECK(d360_error_text("{}", "message", &text) == D360_INVALID_ARGUMENT && text == NULL);
    d360_string_free(error);
    CHECK(d360_error_outcome("{\"error\": {\"outcome\": \"applied\"}}") == D360_APPLIED);
    CHECK(d360_error_outcome("{\"error\": {\"outcome\": \"unknown\"}}") == D360_UNKNOWN);
    CHECK(d360_error_outcome("{\"error\": {\"outcome\": \"perhaps\"}}") == D360_UNKNOWN);
    CHECK(d360_error_outcome("no document") == D360_UNKNOWN);
    CHECK(d360_json_quote("a \"b\"\n\xC3\xA9", &text) == D360_OK && text && strcmp(text, "\"a \\\"b\\\"\\n\xC3\xA9\"") == 0);
    d360_string_free(text);
    CHECK(d360_json_quote("\xFF", &text) == D360_INVALID_ARGUMENT && text == NULL);
}

/* A stopped client answers nothing but D360_CANCELLED; clients derived from it go on. */
static void stopping(d360_client *client) {
    char *text = NULL;
    d360_client *stopped = NULL;
    CHECK(d360_derive(client, NULL, &stopped, NULL) == D360_OK);
    d360_stop(stopped);
    d360_stop(stopped);
    EXPECT(D360_CANCELLED, "\"not_applied\"", text, d360_multi_webhook_set(stopped, "key", "{\"enabled\": true}", &text));
    d360_cancel(stopped);
    EXPECT(D360_CANCELLED, "D360_CANCELLED", text, d360_waba_webhook_get(stopped, "key", &text));
    EXPECT(D360_CANCELLED, "D360_CANCELLED", text, d360_fleet_plan(stopped, "{\"accounts\": []}", NULL, NULL, NULL, &text));
    EXPECT(D360_OK, "\"channels\"", text, d360_channel_list(client, &text));
    d360_close(stopped);
}

int main(void) {
    d360_client *client = NULL, *derived = NULL;
    CHECK(strcmp(d360_version(), D360WEBHOOK_VERSION) == 0);
    char *text = NULL;
    CHECK(strlen(d360_version()) >= strlen("0.0.0"));
    CHECK(strcmp(d360_status_name(D360_CONFLICT), "D360_CONFLICT") == 0);
    CHECK(strcmp(d360_status_name(-1), "D360_UNKNOWN_STATUS") == 0);
    EXPECT(D360_INVALID_ARGUMENT, "\"path\":\"/colour\"", text,
           d360_open("sqlite::memory:", "{\"colour\": 1}", &client, &text));
    CHECK(client == NULL);
    CHECK(d360_open("sqlite::memory:", "{\"max_destinations\": 4}", &client, &text) == D360_OK);
    CHECK(client != NULL && text == NULL);
    CHECK(d360_derive(client, "{\"timeout_ms\": 1000}", &derived, &text) == D360_OK);
    CHECK(derived != NULL && text == NULL);
    d360_set_log(client, count, &logged);
    channels(client);
    multi_webhook(client);
    d360_cancel(client);
    d360_set_log(client, NULL, NULL);
    webhooks(derived);
    fleets(derived);
    signatures();
    error_documents(derived);
    stopping(derived);
    EXPECT(D360_OK, "\"message\"", text, d360_channel_remove(client, "106540352242922", &text));
    d360_close(client);
    EXPECT(D360_OK, "\"channels\":[]", text, d360_channel_list(derived, &text));
    d360_close(derived);
    return failures != 0;
}
