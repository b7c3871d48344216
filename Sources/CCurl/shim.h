/* Swift cannot call variadic functions: each type of argument has a function here. */
#ifndef D360_CCURL_SHIM_H
#define D360_CCURL_SHIM_H

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static inline CURLcode d360_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode d360_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode d360_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode d360_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode d360_curl_set_write(
    CURL *easy, size_t (*write)(char *data, size_t size, size_t count, void *context)) {
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write);
}

static inline CURLcode d360_curl_set_headers(
    CURL *easy, size_t (*header)(char *data, size_t size, size_t count, void *context)) {
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
}

static inline CURLcode d360_curl_set_prereq(
    CURL *easy, int (*prereq)(void *context, char *remote, char *local, int remote_port, int local_port)) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, prereq);
}

static inline CURLMcode d360_curl_keep_one_connection(CURLM *multi) {
    return curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);
}

static inline CURLcode d360_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode d360_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline const char *d360_curl_get_text(CURL *easy, CURLINFO info) {
    const char *value = NULL;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}

/* Says whether libcurl was built with the place of a machine's certificate authorities. */
static inline bool d360_curl_knows_authorities(void) {
    const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
    return libcurl->cainfo || libcurl->capath;
}

/* The socket of a handle that keeps one connection. */
struct d360_socket {
    int descriptor;         /* -1: none, or not known which */
    bool is_new;            /* opened during the exchange under way */
    bool is_high;           /* its number says that much of the process's limit is in use */
    bool lacks_descriptors; /* the exchange under way got none from the system */
    int waiting;            /* bytes that a new TLS connection had before the first request; 0 if that is not known */
    uint64_t read;          /* what OpenSSL had read from it by then */
};

/* One in so many of the limit's descriptors, and no fewer than the least, are left to the rest of the program; from one in so
 * many on, a number is high. A handle has so many descriptors with its connection. */
enum { d360_reserved_part = 16, d360_reserved_least = 8, d360_low_part = 4, d360_handle_descriptors = 3 };

/* The first number that is left to the rest of the program. Descriptors are given out from below. */
static inline rlim_t d360_descriptor_bound(const struct rlimit *limit) {
    rlim_t reserved = limit->rlim_cur / d360_reserved_part;
    if (reserved < d360_reserved_least) reserved = d360_reserved_least;
    return limit->rlim_cur > reserved ? limit->rlim_cur - reserved : 0;
}

/* False if another handle would take descriptors that are left to the rest of the program. */
static inline bool d360_has_room_for_handle(void) {
    struct rlimit limit;
    int taken[d360_handle_descriptors];
    bool has_room = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    int count = 0;
    /* It takes them all: between low numbers that are free, high ones may be in use. */
    while (has_room && count < d360_handle_descriptors) {
        int descriptor = count ? fcntl(taken[0], F_DUPFD_CLOEXEC, 0) : open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (descriptor >= 0) taken[count++] = descriptor;
        has_room = descriptor >= 0 && (rlim_t)descriptor < d360_descriptor_bound(&limit);
    }
    while (count > 0) close(taken[--count]);
    return has_room;
}

/* libcurl's own sockets would be inherited by programs that the caller starts. */
static inline curl_socket_t d360_curl_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct d360_socket *kept = context;
    struct rlimit limit;
    (void)purpose;
    int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (descriptor < 0) {
        kept->lacks_descriptors = errno == EMFILE || errno == ENFILE;
        return CURL_SOCKET_BAD;
    }
    bool is_limited = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    if (is_limited && (rlim_t)descriptor >= d360_descriptor_bound(&limit)) {
        close(descriptor);
        kept->lacks_descriptors = true;
        return CURL_SOCKET_BAD;
    }
    kept->descriptor = descriptor;
    kept->is_new = true;
    kept->is_high = is_limited && (rlim_t)descriptor >= limit.rlim_cur / d360_low_part;
    return descriptor;
}

static inline int d360_curl_close_socket(void *context, curl_socket_t descriptor) {
    struct d360_socket *kept = context;
    if (kept->descriptor == descriptor) kept->descriptor = -1;
    return close(descriptor);
}

static inline CURLcode d360_curl_set_sockets(
    CURL *easy, struct d360_socket *kept, void *context,
    curl_socket_t (*open)(void *context, curlsocktype purpose, struct curl_sockaddr *address)) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, d360_curl_close_socket);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, kept);
    return code;
}

/* OpenSSL's, where libcurl is built on it; NULL elsewhere. Bytes that it has read from the socket wait in it. */
extern int SSL_has_pending(const void *ssl) __attribute__((weak));
extern void *SSL_get_rbio(const void *ssl) __attribute__((weak));
extern uint64_t BIO_number_read(void *bio) __attribute__((weak));

/* The OpenSSL connection of a handle, or NULL. */
static inline const void *d360_curl_ssl(CURL *easy) {
    struct curl_tlssessioninfo *session = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || !session) return NULL;
    return session->backend == CURLSSLBACKEND_OPENSSL ? session->internals : NULL;
}

/* How many bytes OpenSSL has read from its socket; false if that is not known. */
static inline bool d360_curl_tls_bytes(CURL *easy, uint64_t *bytes) {
    const void *ssl = SSL_get_rbio && BIO_number_read ? d360_curl_ssl(easy) : NULL;
    void *bio = ssl ? SSL_get_rbio(ssl) : NULL;
    if (bio) *bytes = BIO_number_read(bio);
    return bio;
}

/* True if bytes wait on the connection that a request is about to be sent on, or it has ended. The request did not cause them. */
static inline bool d360_curl_has_unasked_bytes(CURL *easy, struct d360_socket *kept, bool is_tls) {
    char byte;
    kept->waiting = 0;
    if (kept->descriptor < 0) return !kept->is_new;
    /* A new TLS connection may have bytes waiting that belong to the handshake: session tickets. */
    if (is_tls && kept->is_new) {
        if (ioctl(kept->descriptor, FIONREAD, &kept->waiting) != 0 || !d360_curl_tls_bytes(easy, &kept->read)) kept->waiting = 0;
        return false;
    }
    ssize_t count = recv(kept->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count >= 0) return count > 0 || !kept->is_new;
    const void *ssl = is_tls && SSL_has_pending ? d360_curl_ssl(easy) : NULL;
    return ssl && SSL_has_pending(ssl) == 1;
}

/* True if the first bytes of the response were waiting before the request was sent. OpenSSL reads no further than the record that
 * it hands out. */
static inline bool d360_curl_came_too_early(CURL *easy, const struct d360_socket *kept) {
    uint64_t bytes = 0;
    return kept->waiting > 0 && d360_curl_tls_bytes(easy, &bytes) && bytes - kept->read <= (uint64_t)kept->waiting;
}

/* True if the process or the system has no descriptor left at this moment. */
static inline bool d360_lacks_descriptors(void) {
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return errno == EMFILE || errno == ENFILE;
    close(descriptor);
    return false;
}

#endif
