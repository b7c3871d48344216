/* libpq's header is in a folder of its own, which pkg-config names. */
#ifndef D360_CPOSTGRESQL_SHIM_H
#define D360_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>

#endif
