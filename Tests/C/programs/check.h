/* Checks that go on after a failure, so one run shows them all. Valid C99 and C++17. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <d360webhook.h>
#include <stdio.h>
#include <string.h>

static int failures;

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            failures++;                                                        \
        }                                                                      \
    } while (0)

/* The status of `call`, and `part` within the text that it stored in `text`, which is freed. */
#define EXPECT(wanted, part, text, call)                                                                            \
    do {                                                                                                            \
        d360_status status_ = (call);                                                                               \
        if (status_ != (wanted) || !(text) || !strstr((text), (part))) {                                            \
            fprintf(stderr, "%s:%d: %s: %s %s, not %s … %s\n", __FILE__, __LINE__, #call, d360_status_name(status_), \
                    (text) ? (text) : "NULL", d360_status_name(wanted), (part));                                    \
            failures++;                                                                                             \
        }                                                                                                           \
        d360_string_free(text);                                                                                     \
        (text) = NULL;                                                                                              \
    } while (0)

#define CHANNEL                                                                                            \
    "{\"phone_number_id\": \"106540352242922\", \"phone_number\": \"+4930123456\", \"waba_id\": 123065260884961, " \
    "\"api_key\": \"key\"}"

#endif
