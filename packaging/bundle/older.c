/* SPDX-License-Identifier: Apache-2.0
 *
 * What Swift's runtime, in the daemon, needs of newer systems than the one that it is linked for. */
#include <math.h>
#include <stdlib.h>

/* std::__throw_bad_array_new_length(), which Debian 11's C++ runtime has not. Nothing in Swift's runtime catches C++ exceptions, so
   throwing one ends the process, as this does. */
_Noreturn void _ZSt28__throw_bad_array_new_lengthv(void) { abort(); }

/* glibc 2.29 has new versions of these, the only functions of its that are newer than 2.28. They differ in speed and in the handling
   of errors by matherr(), which nobody defines. */
#ifdef __x86_64__
#define OLDER(name) \
    double older_##name(double); \
    __asm__(".symver older_" #name "," #name "@GLIBC_2.2.5"); \
    double name(double x) { return older_##name(x); }
OLDER(exp)
OLDER(exp2)
OLDER(log)
OLDER(log2)
#endif
