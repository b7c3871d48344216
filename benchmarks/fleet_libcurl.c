/*
 * fleet_libcurl BASE-URL ACCOUNTS CONCURRENCY: the readings of an audit as one writes them by hand, with libcurl's multi interface.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An operation is the three readings of every account, one after another for each account and so many accounts at once, in one
 * thread. It sends what the library sends; the answers are collected in memory that is freed, and nobody looks at them.
 */
#include <curl/curl.h>

#include "fleets.h"

static const char *const paths[] = {"/waba_webhook", "/v1/configs/webhook", "/multi_webhook"};
enum { PATHS = sizeof paths / sizeof *paths, MOST_TRANSFERS = 256 };

static struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    int path;
    char *text;
    size_t length;
} transfers[MOST_TRANSFERS];

static char urls[PATHS][256];
static CURLM *multi;
static long accounts, next_account;

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t length = size * count;
    char *longer = realloc(transfer->text, transfer->length + length + 1);
    if (!longer) return 0;
    transfer->text = longer;
    memcpy(longer + transfer->length, data, length);
    transfer->length += length;
    longer[transfer->length] = '\0';
    return length;
}

static void open_transfer(struct transfer *transfer) {
    transfer->easy = curl_easy_init();
    if (!transfer->easy) fail("out of memory");
    curl_easy_setopt(transfer->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(transfer->easy, CURLOPT_USERAGENT, "fleet_libcurl/0.1.0");
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(transfer->easy, CURLOPT_PROXY, "");
}

static void ask(struct transfer *transfer) {
    curl_easy_setopt(transfer->easy, CURLOPT_URL, urls[transfer->path]);
    if (curl_multi_add_handle(multi, transfer->easy) != CURLM_OK) fail("curl_multi_add_handle");
}

/* False: there is none left. */
static int begin_account(struct transfer *transfer) {
    char header[64], key[KEY_BYTES];
    if (next_account == accounts) return 0;
    snprintf(header, sizeof header, "D360-API-KEY: %s", key_of(next_account++, key));
    curl_slist_free_all(transfer->headers);
    transfer->headers = curl_slist_append(curl_slist_append(NULL, header), "Accept: application/json");
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    transfer->path = 0;
    ask(transfer);
    return 1;
}

/* Whether its account goes on, or another one. */
static int finish(struct transfer *transfer, CURLcode code) {
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200 || !transfer->text) fail("%s, status %ld", curl_easy_strerror(code), status);
    free(transfer->text);
    transfer->text = NULL;
    transfer->length = 0;
    curl_multi_remove_handle(multi, transfer->easy);
    if (++transfer->path == PATHS) return begin_account(transfer);
    ask(transfer);
    return 1;
}

static void read_all(int concurrency) {
    int busy = 0, running, left;
    next_account = 0;
    while (busy < concurrency && begin_account(&transfers[busy])) busy++;
    while (busy > 0) {
        CURLMsg *message;
        struct transfer *transfer;
        if (curl_multi_perform(multi, &running) != CURLM_OK) fail("curl_multi_perform");
        while ((message = curl_multi_info_read(multi, &left))) {
            CURLcode code = message->data.result;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            if (!finish(transfer, code)) busy--;
        }
        if (busy > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) fail("curl_multi_poll");
    }
}

static int concurrency;

static void run(long count) {
    while (count-- > 0) read_all(concurrency);
}

int main(int count, char **arguments) {
    if (count != 4) fail("usage: %s BASE-URL ACCOUNTS CONCURRENCY", arguments[0]);
    accounts = atol(arguments[2]);
    concurrency = atoi(arguments[3]);
    if (concurrency < 1 || concurrency > MOST_TRANSFERS) fail("1 to %d at once", MOST_TRANSFERS);
    for (int path = 0; path < PATHS; path++) snprintf(urls[path], sizeof urls[path], "%s%s", arguments[1], paths[path]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)MOST_TRANSFERS);
    for (int index = 0; index < concurrency; index++) open_transfer(&transfers[index]);
    return serve_rounds(run, NULL);
}
