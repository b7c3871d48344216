/*
 * sign_d360webhook: d360_signature_sign of 64 bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <d360webhook.h>

#include "signing.h"

static void run(long count) {
    while (count-- > 0) {
        char *signature;
        if (d360_signature_sign(secret, body, sizeof body - 1, &signature) != D360_OK) fail("d360_signature_sign failed");
        expect_signature(signature);
        d360_string_free(signature);
    }
}

int main(void) { return serve_rounds(run, NULL); }
