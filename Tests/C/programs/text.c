/* Text that is not UTF-8, at every argument that takes text. */
#include "check.h"

static const char *const not_utf8[] = {
    "\xff",             /* no such byte */
    "\xe2\x82",         /* cut short */
    "\xc0\xaf",         /* overlong */
    "\xed\xa0\x80",     /* a surrogate */
    "\xf4\x90\x80\x80", /* beyond U+10FFFF */
};

#define REFUSED(text, call) EXPECT(D360_INVALID_ARGUMENT, "\"attempts\":0", text, call)
#define MALFORMED(text, call) EXPECT(D360_MALFORMED_JSON, "\"attempts\":0", text, call)

static void arguments(d360_client *client, const char *bad) {
    char *text = NULL;
    d360_client *stored = NULL;
    REFUSED(text, d360_open(bad, NULL, &stored, &text));
    REFUSED(text, d360_multi_webhook_get(client, bad, &text));
    REFUSED(text, d360_customer_webhook_get(client, bad, &text));
    REFUSED(text, d360_waba_webhook_get(client, bad, &text));
    REFUSED(text, d360_multi_webhook_set(client, bad, "{}", &text));
    REFUSED(text, d360_multi_webhook_append(client, bad, "{}", &text));
    REFUSED(text, d360_multi_webhook_update(client, bad, "{}", &text));
    REFUSED(text, d360_customer_webhook_set(client, bad, "{}", &text));
    REFUSED(text, d360_waba_webhook_set(client, bad, "{}", &text));
    REFUSED(text, d360_waba_webhook_wait(client, bad, "{}", 0, &text));
    REFUSED(text, d360_multi_webhook_delete(client, "key", bad, &text));
    REFUSED(text, d360_multi_webhook_delete(client, bad, "crm", &text));
    REFUSED(text, d360_channel_remove(client, bad, &text));
    CHECK(d360_signature_sign(bad, "a", 1, &text) == D360_INVALID_ARGUMENT && text == NULL);
    CHECK(d360_signature_verify(bad, "a", 1, "00") == D360_INVALID_ARGUMENT);
}

static void json(d360_client *client, const char *bad) {
    char request[64];
    char *text = NULL;
    d360_client *stored = NULL;
    snprintf(request, sizeof request, "{\"name\": \"%s\"}", bad);
    MALFORMED(text, d360_open("sqlite::memory:", request, &stored, &text));
    MALFORMED(text, d360_derive(client, request, &stored, &text));
    MALFORMED(text, d360_multi_webhook_set(client, "key", request, &text));
    MALFORMED(text, d360_multi_webhook_append(client, "key", request, &text));
    MALFORMED(text, d360_multi_webhook_update(client, "key", request, &text));
    MALFORMED(text, d360_customer_webhook_set(client, "key", request, &text));
    MALFORMED(text, d360_waba_webhook_set(client, "key", request, &text));
    MALFORMED(text, d360_waba_webhook_wait(client, "key", request, 0, &text));
    MALFORMED(text, d360_channel_register(client, request, &text));
    MALFORMED(text, d360_webhook_validate(request, NULL, &text));
    MALFORMED(text, d360_webhook_validate("{\"url\": \"https://hooks.example.com\"}", request, &text));
}

int main(void) {
    d360_client *client = NULL;
    CHECK(d360_open("sqlite::memory:", NULL, &client, NULL) == D360_OK);
    CHECK(d360_channel_register(client, CHANNEL, NULL) == D360_OK);
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++) {
        arguments(client, not_utf8[i]);
        json(client, not_utf8[i]);
    }
    d360_close(client);
    return failures != 0;
}
