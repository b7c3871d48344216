/*
 * What is signed: 64 bytes, and their signature.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SIGNING_H
#define SIGNING_H

#include "rounds.h"

static const char secret[] = "benchmark-secret-0123456789abcdef";
static const char body[] = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"12345\"}]} ";
_Static_assert(sizeof body - 1 == 64, "64 bytes");

static inline void expect_signature(const char *signature) {
    if (strcmp(signature, "7ca4f490f2dbe237672f2d5d48f3a014f2eca67e0b45744017ca253af349a8ea") != 0) fail("not the signature: %s", signature);
}

#endif
