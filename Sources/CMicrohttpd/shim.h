/* Swift cannot call variadic functions: one typed door to MHD_start_daemon. */
#ifndef D360_CMICROHTTPD_SHIM_H
#define D360_CMICROHTTPD_SHIM_H

#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <strings.h>

/* Swift finds the C library's own in several modules at once, and takes none. */
enum {
    D360_STREAM = SOCK_STREAM,
    D360_SOCKET_LISTEN = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
    D360_SOCKET_DATAGRAM = SOCK_DGRAM | SOCK_CLOEXEC
};

/* accept4 is hidden unless _GNU_SOURCE is defined; MHD_add_connection makes the socket non-blocking. */
static inline int d360_accept(int listening, struct sockaddr *address, socklen_t *length) {
    int connection = accept(listening, address, length);
    if (connection >= 0) fcntl(connection, F_SETFD, FD_CLOEXEC);
    return connection;
}

struct d360_mhd_callbacks {
    MHD_AccessHandlerCallback handle;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    /* One line of libmicrohttpd's own. */
    void (*log)(void *context, const char *line);
    void *context;
};

static inline void d360_mhd_log(void *context, const char *format, va_list arguments) {
    const struct d360_mhd_callbacks *callbacks = (const struct d360_mhd_callbacks *)context;
    char line[512];
    vsnprintf(line, sizeof line, format, arguments);
    callbacks->log(callbacks->context, line);
}

/* Paths are taken apart before they are decoded: "a%2Fb" is one segment. */
static inline size_t d360_mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    size_t length = 0;
    (void)context;
    (void)connection;
    while (text[length]) length++;
    return length;
}

/*
 * It listens nowhere: MHD_add_connection gives it connections.
 *
 * callbacks    must outlive the daemon
 * certificate  PEM text with its key's, or NULL for both: HTTP without TLS
 *
 * NULL: it could not start; the reason was logged.
 */
static inline struct MHD_Daemon *d360_mhd_start(
    unsigned int threads, unsigned int connections, const struct d360_mhd_callbacks *callbacks, const char *certificate,
    const char *key) {
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    return MHD_start_daemon(
        flags | (certificate ? MHD_USE_TLS : 0), 0, NULL, NULL, callbacks->handle, callbacks->context,
        MHD_OPTION_EXTERNAL_LOGGER, d360_mhd_log, (void *)callbacks,
        MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16 * 1024,
        MHD_OPTION_NOTIFY_COMPLETED, callbacks->completed, callbacks->context,
        MHD_OPTION_NOTIFY_CONNECTION, callbacks->connection, callbacks->context,
        MHD_OPTION_UNESCAPE_CALLBACK, d360_mhd_keep_escapes, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_ARRAY, certificate ? tls : none,
        MHD_OPTION_END);
}

struct d360_mhd_header {
    const char *name;
    /* The first one's. */
    const char *value;
    unsigned int count;
};

static inline enum MHD_Result d360_mhd_compare(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
    struct d360_mhd_header *header = (struct d360_mhd_header *)context;
    (void)kind;
    if (strcasecmp(name, header->name) == 0 && header->count++ == 0) header->value = value;
    return MHD_YES;
}

/* MHD_lookup_connection_value does not say how often a header is given. */
static inline struct d360_mhd_header d360_mhd_find_header(struct MHD_Connection *connection, const char *name) {
    struct d360_mhd_header header = {name, NULL, 0};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, d360_mhd_compare, &header);
    return header;
}

/* Asks libmicrohttpd for the context of a connection; MHD_get_connection_info is variadic too. */
static inline void *d360_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static inline int d360_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *d360_mhd_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

#endif
