/*
 * The fleet that is measured: what its document says, and so what a service shows that is in agreement with it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FLEETS_H
#define FLEETS_H

#include "channels.h"

/* JSON text of the WABA webhook; databases.py takes it from there. */
#define WABA_URL "https://hooks.example.com/whatsapp"
#define WABA_HEADERS "{\"Authorization\":\"Bearer benchmark\"}"

/* A WABA has one number, as databases.py makes them. */
static inline long waba_of(long account) { return 123065260884961 + account; }

static inline long number_of(long account) { return 100000000000000 + account; }

#endif
