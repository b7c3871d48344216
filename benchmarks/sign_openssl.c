/*
 * sign_openssl: the same by OpenSSL's HMAC, with hexadecimal digits in memory of their own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "signing.h"

static void run(long count) {
    static const char digits[] = "0123456789abcdef";
    while (count-- > 0) {
        unsigned char code[32];
        char *signature = malloc(2 * sizeof code + 1);
        if (!signature || !HMAC(EVP_sha256(), secret, sizeof secret - 1, (const unsigned char *)body, sizeof body - 1, code, NULL)) {
            fail("no signature");
        }
        for (size_t index = 0; index < sizeof code; index++) {
            signature[2 * index] = digits[code[index] >> 4];
            signature[2 * index + 1] = digits[code[index] & 15];
        }
        signature[2 * sizeof code] = '\0';
        expect_signature(signature);
        free(signature);
    }
}

int main(void) { return serve_rounds(run, NULL); }
