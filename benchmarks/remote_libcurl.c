/*
 * remote_libcurl BASE-URL API-KEY THREADS [parse]: GET /multi_webhook as one writes it by hand, an easy handle for each thread.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It sends what the library sends, its own name included; all that does not change from call to call is set once. The answer
 * is collected in memory that its receiver frees; with `parse` it is also parsed by jansson, which tells what that costs.
 */
#include <curl/curl.h>
#include <jansson.h>

#include "threads.h"

struct answer {
    char *text;
    size_t length;
};

static char url[256], key_header[256];
static int threads, parses;
static CURL *handles[MOST_THREADS];

static size_t take(char *data, size_t size, size_t count, void *context) {
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

static CURL *opened(void) {
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
    return easy;
}

static void get(CURL *easy) {
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

static void get_many(int number, long count) {
    while (count-- > 0) get(handles[number]);
}

static void run(long count) { run_in_threads(threads, count, get_many); }

static void idle(void) { get(opened()); }

int main(int count, char **arguments) {
    parses = count == 5 && strcmp(arguments[4], "parse") == 0;
    if (count != 4 + parses) fail("usage: %s BASE-URL API-KEY THREADS [parse]", arguments[0]);
    snprintf(url, sizeof url, "%s/multi_webhook", arguments[1]);
    snprintf(key_header, sizeof key_header, "D360-API-KEY: %s", arguments[2]);
    threads = number_of_threads(arguments[3]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (int number = 0; number < threads; number++) {
        handles[number] = opened();
        get(handles[number]);
    }
    return serve_rounds(run, idle);
}
