#ifndef D360_CJANSSON_SHIM_H
#define D360_CJANSSON_SHIM_H

#include <jansson.h>

#endif
