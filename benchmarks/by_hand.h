/*
 * GET /multi_webhook as one writes it by hand on libcurl.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It sends the headers that the library sends; everything that stays the same is set once. The answer is collected in memory of
 * its own. If `parses`, jansson parses it, as a program does that uses it; else nobody looks at it: that is the limit.
 */
#ifndef BY_HAND_H
#define BY_HAND_H

#include <curl/curl.h>
#include <jansson.h>

#include "rounds.h"

struct answer {
    char *text;
    size_t length;
};

static char url[256], key_header[256];
static int parses;
static const char *authorities;

static inline size_t take(char *data, size_t size, size_t count, void *context) {
    struct answer *answer = context;
    size_t length = size * count;
    char *longer = realloc(answer->text, answer->length + length + 1);
    if (!longer) return 0;
    answer->text = longer;
    memcpy(longer + answer->length, data, length);
    answer->length += length;
    longer[answer->length] = '\0';
    return length;
}

static inline CURL *opened(void) {
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, key_header);
    headers = curl_slist_append(headers, "Accept: application/json");
    if (!easy || !headers) fail("out of memory");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "remote_libcurl/0.1.0");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (authorities) curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
    return easy;
}

static inline void get(CURL *easy) {
    struct answer answer = {0};
    long status = 0;
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    CURLcode code = curl_easy_perform(easy);
    if (code != CURLE_OK) fail("%s", curl_easy_strerror(code));
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || !answer.text) fail("status %ld", status);
    if (parses) {
        json_t *value = json_loadb(answer.text, answer.length, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(value)) fail("the answer is not JSON");
        json_decref(value);
    }
    free(answer.text);
}

static inline void ask(const char *base_url, const char *api_key) {
    snprintf(url, sizeof url, "%s/multi_webhook", base_url);
    snprintf(key_header, sizeof key_header, "D360-API-KEY: %s", api_key);
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

#endif
