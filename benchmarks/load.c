/*
 * load LIBRARY…: the nanoseconds that it takes to load shared libraries, in this order, into a fresh process.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>

#include "rounds.h"

int main(int count, char **arguments) {
    int64_t start = nanoseconds();
    for (int index = 1; index < count; index++) {
        if (!dlopen(arguments[index], RTLD_NOW | RTLD_LOCAL)) fail("%s", dlerror());
    }
    printf("%lld\n", (long long)(nanoseconds() - start));
    return 0;
}
