/*
 * d360webhook.h: configures where 360dialog sends the events of a WhatsApp number.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nine operations of the 360dialog Messaging API read and set a phone number's own webhook (the customer webhook), the
 * webhook of its WhatsApp Business Account (the WABA webhook), and up to three named destinations that get a copy of each
 * event. This library runs them against the real service, or against an embedded implementation of the service that needs
 * no network.
 *
 * CONTENTS
 *
 *   Conventions, types, clients ....... d360_open, d360_derive, d360_close, d360_cancel, d360_stop
 *   Destinations ...................... d360_multi_webhook_get, _set, _append, _update, _delete
 *   The number's own webhook .......... d360_customer_webhook_get, _set
 *   The WABA's webhook ................ d360_waba_webhook_get, _set, _wait
 *   Channels of an embedded service ... d360_channel_register, _list, _remove
 *   Fleets ............................ d360_fleet_plan, _apply, _audit, _export
 *   Rules and signatures .............. d360_webhook_validate, d360_signature_sign, _verify
 *   Error documents and text .......... d360_error_outcome, d360_error_text, d360_json_quote, d360_string_free
 *   Log and version ................... d360_set_log, d360_status_name, d360_version
 *
 * CONVENTIONS, for every function
 *
 * Status     Every call that can fail returns a d360_status. The library prints nothing and raises no exception or signal.
 *
 * Text       Text is UTF-8 and NUL-terminated. JSON goes in and out as text. The library copies what you pass before the
 *            call returns.
 *
 * Answers    A call with response_json always stores text there: the service's JSON with D360_OK, otherwise an error
 *            document. You may pass NULL for response_json. You own the text: free it with d360_string_free, also after
 *            a failure. If even the error document cannot be allocated, NULL is stored.
 *
 * Errors     {"error": {"status": "D360_CONFLICT", "code": 6, "message": "destination name 'crm' is taken",
 *                       "path": "/destinations/1/name", "http_status": 409, "retryable": false,
 *                       "outcome": "not_applied", "attempts": 1, "service_message": "..."}}
 *            path             JSON Pointer into the request, if one member is to blame
 *            http_status      present if a service answered; so is service_message, the service's own words
 *            retryable        the same call may succeed later
 *            outcome          whether anything was changed: "not_applied", "applied" or "unknown"
 *            attempts         how often the operation was sent, without the reads that settle it; 0 if it was rejected
 *                             before it was sent
 *            last_seen        only with D360_TIMEOUT of d360_waba_webhook_wait
 *            report           only with D360_CANCELLED or D360_CONFLICT of a fleet call
 *            All other members are always present. Later versions may add members.
 *
 * Order      A call is checked in this order: NULL arguments, text that is not UTF-8, the request (size, JSON, shape,
 *            limits), the key, the state of the service. A request that breaks a documented rule is not sent.
 *
 * Limits     A request has at most 1 MiB of JSON, a fleet document and its options 64 MiB, each at most 64 levels deep and
 *            without duplicate members. A longer text is rejected before it is copied.
 *
 * Keys       api_key is the value of the header D360-API-KEY and belongs to one phone number. A byte outside 0x21 to 0x7E
 *            is D360_INVALID_ARGUMENT. An empty key, or one over 4,096 bytes, is D360_UNAUTHORIZED and is not sent.
 *
 * Secrets    No error, log line, report or last_seen contains an API key, the value of a header or a secret. URLs in them
 *            have no userinfo, query and fragment. Only an answer with D360_OK contains what was configured.
 *
 * Threads    Any thread may call any function at any time on one client, with one exception: no call on a client may
 *            begin while d360_close runs on it. Calls block. No thread outlives a call, except a name lookup that the
 *            system has not answered yet. The library is never unloaded.
 *
 * Signals    The library installs no signal handler and raises no SIGPIPE. Every descriptor is close-on-exec, except
 *            libcurl's wake-up pair.
 *
 * Fork       A child may continue to use a client if no other thread was inside a call of the library at the fork. The
 *            child never uses a connection inherited from its parent, not even in d360_close. In the child, a client of
 *            sqlite::memory: returns D360_STORAGE_ERROR, and a client that was busy in another thread at the fork returns
 *            D360_INTERNAL_ERROR; both can be closed, and new clients opened. (A database file that a thread was using at
 *            the moment of the fork stays D360_INTERNAL_ERROR in that child.) After fork in a multi-threaded program,
 *            POSIX permits only async-signal-safe calls until exec; the library does not relax that. The library
 *            registers one fork handler, which counts.
 *
 * Callbacks  A progress callback runs on the caller's thread, a log callback on a thread of the call that logs. Inside a
 *            callback, only d360_cancel, d360_stop, d360_set_log, d360_status_name, d360_version and d360_string_free may
 *            be called. A callback must not be left by longjmp or by an exception. No lock is held while it runs.
 *
 * Memory     D360_OUT_OF_MEMORY covers the allocations of the C libraries and of the returned text. If an allocation of
 *            the Swift runtime fails, the process ends. jansson 2.14 itself can crash if an allocation fails while it
 *            parses a number.
 *
 * Resources  A call holds at most a small multiple of its request and of max_response_bytes, and frees it when it returns.
 *            A remote client uses one descriptor for each call in flight, plus libcurl's wake-up pair, and keeps idle
 *            connections for later calls. It leaves one in 16 of the process's descriptors, and at least 8, to the rest of
 *            the program: calls wait for each other instead. A fleet call holds its document, what it reads and its report,
 *            and uses at most `concurrency` threads. Other calls use no thread of their own, except for name lookups.
 *
 * A first program:
 *
 *   #include <d360webhook.h>
 *   #include <stdio.h>
 *
 *   int main(void) {
 *       d360_client *client = NULL;
 *       char *answer = NULL;
 *       if (d360_open("sqlite::memory:", NULL, &client, &answer) != D360_OK) {
 *           fprintf(stderr, "%s\n", answer);
 *           d360_string_free(answer);
 *           return 1;
 *       }
 *       d360_channel_register(client,
 *           "{\"phone_number_id\": \"106540352242922\", \"waba_id\": 123065260884961, \"api_key\": \"key\"}", NULL);
 *       d360_status status = d360_customer_webhook_set(client, "key",
 *           "{\"url\": \"https://hooks.example.com/main\"}", &answer);
 *       printf("%s %s\n", d360_status_name(status), answer);
 *       d360_string_free(answer);
 *       d360_close(client);
 *       return 0;
 *   }
 *
 *   cc first.c $(pkg-config --cflags --libs d360webhook) -o first && ./first
 *   D360_OK {"url":"https://hooks.example.com/main"}
 */
#ifndef D360WEBHOOK_H
#define D360WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

/* The version that a program is compiled with; d360_version says the version that it runs with. */
#define D360WEBHOOK_VERSION_MAJOR 0
#define D360WEBHOOK_VERSION_MINOR 2
#define D360WEBHOOK_VERSION_PATCH 0
#define D360WEBHOOK_VERSION "0.2.0"

#ifdef __cplusplus
extern "C" {
#endif

/* ABI: append only, and never give a retired number away. */
typedef int32_t d360_status;
enum {
    D360_OK                 = 0,  /* done */
    D360_INVALID_ARGUMENT   = 1,  /* the call itself is wrong: NULL, an unknown option, an unknown kind of service URL */
    D360_MALFORMED_JSON     = 2,  /* not JSON, duplicate members, invalid UTF-8, deeper than 64 levels */
    D360_INVALID_REQUEST    = 3,  /* JSON that breaks a rule, found here or by the service (400, 413, 415, 422) */
    D360_UNAUTHORIZED       = 4,  /* the key is missing, wrong or may not do this (401, 403) */
    D360_NOT_FOUND          = 5,  /* no such destination */
    D360_CONFLICT           = 6,  /* a name is taken, a key belongs to another number, a name twice in one request (409) */
    D360_NOT_ENABLED        = 7,  /* multi-webhook is off (409) */
    D360_LIMIT_EXCEEDED     = 8,  /* too many destinations; only from services that say our status */
    D360_RATE_LIMITED       = 9,  /* 429, attempts used up */
    D360_TIMEOUT            = 10, /* no answer in time, and nothing was changed */
    D360_NETWORK_ERROR      = 11, /* name, connection or transfer failed, and nothing was changed */
    D360_TLS_ERROR          = 12, /* the peer's certificate or the handshake */
    D360_SERVICE_ERROR      = 13, /* 5xx, attempts used up, and nothing was changed */
    D360_PROTOCOL_ERROR     = 14, /* an answer that is not what the API documents */
    D360_OUTCOME_UNKNOWN    = 15, /* a write was sent, its answer was lost, and it could not be settled */
    D360_STORAGE_ERROR      = 16, /* the embedded service's database: full, locked, corrupt, not ours */
    D360_CANCELLED          = 17, /* by d360_cancel or a progress callback */
    D360_UNSUPPORTED        = 18, /* the service has no such operation */
    D360_SIGNATURE_MISMATCH = 19, /* the signature is not of this body under this secret, or is malformed */
    D360_OUT_OF_MEMORY      = 20, /* see Memory above */
    D360_INTERNAL_ERROR     = 21  /* a fault of the library, or a client that was busy at a fork */
};

/* Says if a write changed anything. ABI: append only. */
typedef int32_t d360_outcome;
enum {
    D360_NOT_APPLIED = 0, /* nothing was changed */
    D360_APPLIED     = 1, /* the write was applied */
    D360_UNKNOWN     = 2  /* the write may have been applied */
};

/* A client is a service (connections and storage, shared with derived clients) and its own time limits, cancel and log. */
typedef struct d360_client d360_client;

/*
 * The library calls it with one line of text without a newline, on a thread of the call that logs. Lines of one client come
 * one at a time.
 *
 * level    0 error, 1 warning, 2 info, 3 debug
 * message  valid until the callback returns
 */
typedef void (*d360_log_fn)(int level, const char *message, void *context);

/*
 * A fleet call calls it once for each account when its result is final, on the thread that made the call.
 *
 * event_json  {"done": 17, "total": 10000, "name": "berlin", "status": "D360_OK", "actions": 2}; done rises by one each
 *             time; valid until the callback returns
 *
 * Nonzero cancels this fleet call and no other call.
 */
typedef int (*d360_progress_fn)(const char *event_json, void *context);

/*
 * Opens a client of a service. Nothing is sent. The file of an embedded service is opened, and created if it is missing.
 *
 * service_url   https://waba-v2.360dialog.io  a remote service over libcurl; a base path is kept, and where it ends in
 *                                             /v1, the customer webhook is at <base>/configs/webhook
 *               http://127.0.0.1:8360         the same without TLS; rejected beyond loopback (127.0.0.0/8, [::1],
 *                                             localhost) unless allow_insecure_http
 *               sqlite:/var/lib/d360/w.db     the embedded service, durable, shared by any number of processes; the
 *                                             path is taken literally, made absolute now, created with mode 0600
 *               sqlite::memory:               the embedded service, gone at close
 *               A URL with userinfo, query or fragment is D360_INVALID_ARGUMENT.
 * options_json  NULL, or an object. A member that is unknown, of the wrong type or out of range is D360_INVALID_ARGUMENT,
 *               and path names it. Options of the other kind of service are validated and then ignored.
 *                 timeout_ms            remote, 30000: the whole operation, retries included; 1 to 86400000
 *                 connect_timeout_ms    remote, 10000: one connection attempt; 1 to 86400000
 *                 max_attempts          remote, 4: 1 turns retries off; 1 to 100
 *                 max_response_bytes    remote, 1048576: of an answer, after decompression; one with status 200 that is
 *                                       longer is D360_PROTOCOL_ERROR; 1 to 1073741824
 *                 url_policy            "cloud", the default: the service's rules for webhook URLs; "local": http, ports
 *                                       and IP addresses too, for tests; "none": the service decides (remote only)
 *                 ca_file               remote, the system's: a PEM bundle
 *                 proxy                 remote, the environment's: as libcurl takes it, "" for none; never used for loopback
 *                 user_agent            remote: put before the library's own
 *                 allow_insecure_http   remote, false: plain HTTP beyond loopback
 *                 max_destinations      embedded, 3: per phone number; 1 to 1000
 *                 apply_delay_ms        embedded, 0: how long a WABA webhook takes to apply; 0 to 86400000
 *                 multi_apply_delay_ms  embedded, 0: how long a change of the destinations takes to show in readings;
 *                                       0 to 86400000
 *                 answers               embedded, "specification": how readings look. "specification": as documented,
 *                                       members that are not set are left out. "observed": null for a url that is not
 *                                       set and for empty headers and destinations, and the customer webhook's headers
 *                                       shown. "not_found": over HTTP, 404 for a customer webhook that is not set
 * client        where to store the client; NULL is stored after a failure. Close it with d360_close
 * error_json    NULL, or where to store the error document; NULL is stored with D360_OK
 *
 * D360_STORAGE_ERROR: the file cannot be opened, is a mount of its own, or belongs to another program or to a newer version.
 * The file is left untouched.
 */
d360_status d360_open(const char *service_url, const char *options_json, d360_client **client, char **error_json);

/*
 * Makes another client of the same service. It shares connections and storage, has its own time limits, cancel and log, and
 * starts without a log callback. It is cheap enough to be made for one call. Close both clients, in any order.
 *
 * options_json  NULL, or an object of timeout_ms, connect_timeout_ms, max_attempts, max_response_bytes and url_policy;
 *               options that are left out are those of client
 *
 * D360_CANCELLED: client was stopped.
 */
d360_status d360_derive(d360_client *client, const char *options_json, d360_client **derived, char **error_json);

/* Cancels the calls in flight, waits for them and frees the client. No callback runs afterwards. Does nothing if client is
 * NULL. */
void d360_close(d360_client *client);

/*
 * Ends every call of this client that has begun, within 100 ms, with D360_CANCELLED. A call has begun once its function was
 * entered; later calls are not affected. A call that already has its result returns it. A transaction that is being synced to
 * disk is finished first. The outcome of a cancelled write is "not_applied" if nothing was sent or every request was
 * rejected; otherwise "unknown". Any thread may call it, but not a signal handler. Does nothing if client is NULL.
 */
void d360_cancel(d360_client *client);

/*
 * Like d360_cancel, but for good: calls in flight and calls that begin later end with D360_CANCELLED; only d360_close remains.
 * Any thread may call it, any number of times, also while other calls are about to begin. Does nothing if client is NULL.
 */
void d360_stop(d360_client *client);

/*
 * GET /multi_webhook: {"enabled": boolean, "destinations": [{"name", "url", "headers"}]}.
 *
 * The answer is the service's own text. By its specification every member is optional; null counts as left out.
 */
d360_status d360_multi_webhook_get(d360_client *client, const char *api_key, char **response_json);

/*
 * POST /multi_webhook: turns multi-webhook on or off.
 *
 * request_json  {"enabled": boolean, "destinations": [{"name": string, "url": string, "headers": {string: string}?}]?}
 *               destinations are allowed only with enabled true and only while multi-webhook is off; names are unique
 *               and compared as bytes
 *
 * D360_CONFLICT: destinations were given while multi-webhook is on (append them instead), or a name is taken.
 */
d360_status d360_multi_webhook_set(d360_client *client, const char *api_key, const char *request_json,
                                   char **response_json);

/*
 * PUT /multi_webhook: appends destinations, all of them or none.
 *
 * request_json  {"destinations": [{"name": string, "url": string, "headers": {string: string}?}]}
 *
 * D360_NOT_ENABLED: multi-webhook is off. D360_CONFLICT: a name is taken. D360_LIMIT_EXCEEDED, from the real service
 * D360_INVALID_REQUEST: more than the maximum.
 */
d360_status d360_multi_webhook_append(d360_client *client, const char *api_key, const char *request_json,
                                      char **response_json);

/*
 * PATCH /multi_webhook: changes one destination's URL, or its headers, or both.
 *
 * request_json  {"name": string, "url": string?, "headers": {string: string}?}; headers replace all that were there
 *
 * D360_NOT_ENABLED: multi-webhook is off. D360_NOT_FOUND: no destination has this name.
 */
d360_status d360_multi_webhook_update(d360_client *client, const char *api_key, const char *request_json,
                                      char **response_json);

/*
 * DELETE /multi_webhook/{dest_name}: removes one destination.
 *
 * dest_name  the name as it was appended, not encoded: "a/b", ".." and non-ASCII text are sent correctly. An empty name is
 *            D360_NOT_FOUND and is not sent
 *
 * D360_NOT_ENABLED: multi-webhook is off. D360_NOT_FOUND: no destination has this name.
 */
d360_status d360_multi_webhook_delete(d360_client *client, const char *api_key, const char *dest_name,
                                      char **response_json);

/*
 * GET /v1/configs/webhook: {"url": string}, the number's own webhook. If none is set, url is left out or null; a service that
 * answers 404 then is D360_OK with {}. The specification does not show the headers; some services do.
 */
d360_status d360_customer_webhook_get(d360_client *client, const char *api_key, char **response_json);

/*
 * POST /v1/configs/webhook: replaces the number's own webhook, headers included.
 *
 * request_json  {"url": string, "headers": {string: string}?}
 *
 * If the answer to a write is lost and the service's readings do not show headers, the write is sent again until one complete
 * answer came back.
 */
d360_status d360_customer_webhook_set(d360_client *client, const char *api_key, const char *request_json,
                                      char **response_json);

/*
 * GET /waba_webhook: {"url": string, "headers": object, "waba_id": integer of 64 bits, "numbers_on_this_waba": [string]}, the
 * webhook of the WhatsApp Business Account that the number is on. If none is set, url and headers are left out or null.
 */
d360_status d360_waba_webhook_get(d360_client *client, const char *api_key, char **response_json);

/*
 * POST /waba_webhook: replaces the webhook of the number's WABA, headers included. The real service applies it within
 * 15 to 20 seconds (its specification); d360_waba_webhook_wait returns once it shows.
 *
 * request_json  {"url": string, "headers": {string: string}?, "override_all": boolean?}
 *               if override_all is true, the own webhooks of all numbers of the WABA are removed; if it is false or
 *               left out, numbers keep their own webhook
 */
d360_status d360_waba_webhook_set(d360_client *client, const char *api_key, const char *request_json,
                                  char **response_json);

/*
 * Reads until the WABA webhook is what request_json asks for, and returns the last reading. Blocks.
 *
 * request_json  as for d360_waba_webhook_set. override_all is ignored. headers count only if the service shows them; if
 *               they are left out, none are expected
 * timeout_ms    milliseconds from now, for the whole call; each reading has the client's own limit too. 0 reads once. A
 *               negative number is D360_INVALID_ARGUMENT
 *
 * Retryable failures of a reading do not end the wait. D360_TIMEOUT: not applied yet; "last_seen" in the error document is the
 * configuration as it was last read, or null.
 */
d360_status d360_waba_webhook_wait(d360_client *client, const char *api_key, const char *request_json,
                                   int64_t timeout_ms, char **response_json);

/*
 * Adds a channel (a phone number and its key) to an embedded service, or replaces the given members of a known channel. The
 * key is stored as a SHA-256 digest. The answer is {"message": string}.
 *
 * channel_json  {"phone_number_id": string, "phone_number": string?, "waba_id": integer, "api_key": string};
 *               waba_id and api_key are required the first time
 *
 * D360_CONFLICT: the key belongs to another number. D360_UNSUPPORTED: a remote service.
 */
d360_status d360_channel_register(d360_client *client, const char *channel_json, char **response_json);

/*
 * Lists the channels of an embedded service in the order of their registration, without keys:
 * {"channels": [{"phone_number_id", "phone_number"?, "waba_id"}]}. D360_UNSUPPORTED: a remote service.
 */
d360_status d360_channel_list(d360_client *client, char **response_json);

/*
 * Removes a channel of an embedded service with its configuration. The configuration of its WABA stays while another channel is
 * on it. D360_NOT_FOUND: no such channel. D360_UNSUPPORTED: a remote service.
 */
d360_status d360_channel_remove(d360_client *client, const char *phone_number_id, char **response_json);

/*
 * FLEETS
 *
 * One document describes the configuration of many numbers. Plan says what is missing, apply changes it, audit names what
 * loses events, export writes a document that describes the current configuration. The four calls use nothing but the nine
 * operations, so they work on every service.
 *
 * fleet_json
 *   {"webhooks": {NAME: {"url", "headers"?}}?,
 *    "profiles": {NAME: SECTIONS}?,
 *    "accounts": [{"name": string, "api_key": string, "profile": NAME?,
 *                  "expect": {"waba_id": integer?, "number": string?}?, SECTIONS}]}
 *
 *   SECTIONS, each optional. A section that is absent is not managed. An account's own section replaces its profile's.
 *     "customer_webhook"  WEBHOOK, or null: the number has no webhook of its own and follows its WABA's
 *     "waba_webhook"      WEBHOOK with "override_all": boolean?
 *     "multi_webhook"     {"enabled": boolean?, "prune": boolean?, "destinations": [WEBHOOK with "name"]?}; enabled is true
 *                         if left out; prune deletes destinations that are not given
 *   WEBHOOK is {"url", "headers"?} or {"use": NAME}, one of "webhooks". If a customer webhook's headers are left out, they are
 *   not managed: they are not compared, and are sent along unchanged if the service shows them. Elsewhere headers that are left
 *   out mean none.
 *
 *   Names and keys of accounts are unique. expect is a precondition: the library never writes to an account if its WABA or
 *   number (compared by its digits) is another one. The whole document is checked before anything is sent; a mistake is
 *   D360_INVALID_REQUEST with its path. The document has at most 64 MiB, and so have the options.
 *
 * options_json  NULL, or an object. An unknown or wrong member is D360_INVALID_ARGUMENT, and path names it. Options of another
 *               of the four calls are validated and then ignored.
 *   concurrency          all, 16: accounts at once, 1 to 256. The call uses that many threads (embedded services: at most one
 *                        per core, but at least two); all have ended when the call returns
 *   requests_per_second  all, none: the most requests a second of the whole call, 1 to 1000000
 *   only                 all, all: names of accounts; the others have no row
 *   routes               plan, apply, audit, false: rows have "routes": {"now": ROUTE, "wanted": ROUTE}, where ROUTE is
 *                        {"main": "customer_webhook" | "waba_webhook" | null, "url", "destinations": [{"name", "url"}]}
 *   wait_ms              apply, 30000: how long a change may take to show, 0 to 86400000
 *   allow_unlisted       plan, apply, false: allows override_all to remove webhooks of numbers that are not in the document
 *   force                plan, apply, []: sections ("customer_webhook"...) to send even if the readable part already matches;
 *                        use it after changing headers that the service does not show. A forced override_all is given all of
 *                        wait_ms before webhooks of numbers are set, if no reading can show that it took effect
 *   plan                 apply: a report of d360_fleet_plan; an account with another digest now is skipped
 *   max_changes          apply, none: if more accounts would change, the call ends before the first write with D360_CONFLICT
 *                        and a report like plan's
 *   max_failures         apply, none: after so many failed accounts no new account is begun, 1 to 2147483647
 *   probe                apply, audit, false: sends POST {} to each URL and headers of the document once: 5 s, no redirects,
 *                        200 expected. A failure stops the accounts that use the URL
 *   probe_secret         apply, audit, none: signs the probe in x-360dialog-signature
 *
 * progress     NULL, or called once for each account; context is passed to it
 *
 * report_json  NULL, or where to store text that you own afterwards: with D360_OK the report
 *   {"summary": {"accounts", "in_sync", "changed", "failed", "unknown", "skipped", "losing_events", "operations",
 *                "findings": {"error", "warning", "info"}},
 *    "accounts": [{"name", "number", "waba_id", "status", "in_sync", "losing_events", "digest",
 *                  "actions": [{"operation", "destinations"?, "overrides"?, "status", "outcome"?, "changes"}],
 *                  "findings": [{"code", "severity", "message", "path", "expected", "actual", "remedy"}],
 *                  "error": null, or the member "error" of an error document, "routes"?}]}
 *   Rows are in the order of the document. changes are {"path", "before", "after", "query_changed"?}, or for headers {"path",
 *   "added", "removed", "changed"}: names, never values. URLs have no userinfo, query and fragment. remedy is "apply", "plan",
 *   "probe", "edit" or null.
 *
 * D360_OK: the call ran, even if accounts failed; read the summary. D360_CANCELLED: the error document carries
 * "report": what was done and what was not. Applying the document again finishes it. An audit or an export that is cancelled
 * while it reads has no digests, and so has an apply that has written. The row of an account that a cancelled apply did not
 * finish has no findings: it was not read again.
 *
 * A 429 slows the whole call down; a key that alone gets it is limited alone. Waiting for the limit is not part of an
 * account's time limit. If the service admits nothing for the client's timeout_ms, the accounts that still wait end with
 * D360_RATE_LIMITED.
 */

/* Reports what apply would do: actions have the status "planned". Sends no write. */
d360_status d360_fleet_plan(d360_client *client, const char *fleet_json, const char *options_json,
                            d360_progress_fn progress, void *context, char **report_json);

/*
 * Changes every account to match the document, with the fewest operations, and reads everything again: findings are those of
 * that reading. WABA webhooks come first, once per WABA, each waited for; then the numbers' own; then destinations, deletes
 * before appends. An account stops at its first failed action; the others go on.
 *
 * Each account ends in_sync, changed, failed, unknown (the outcome of a write is) or skipped. A second apply does nothing.
 */
d360_status d360_fleet_apply(d360_client *client, const char *fleet_json, const char *options_json,
                             d360_progress_fn progress, void *context, char **report_json);

/* Reads every account and names what loses events and what differs from the document. Sends no write. */
d360_status d360_fleet_audit(d360_client *client, const char *fleet_json, const char *options_json,
                             d360_progress_fn progress, void *context, char **report_json);

/*
 * Writes a document that describes the current configuration; a plan of it finds everything in sync.
 *
 * keys_json    {"accounts": [{"name": string, "api_key": string}]}
 * export_json  {"document": ..., "report": ...}. The document contains keys and header values, except headers of a number's own
 *              webhook that the service does not show. The report is like audit's. An account that cannot be read is only in
 *              the report
 */
d360_status d360_fleet_export(d360_client *client, const char *keys_json, const char *options_json,
                              d360_progress_fn progress, void *context, char **export_json);

/*
 * Checks a webhook against the rules, without a service. The report has every problem, not only the first.
 *
 * webhook_json  {"url": string, "headers": {string: string}?}
 * options_json  NULL, or {"url_policy": "cloud" | "local" | "none"}
 * report_json   {"valid": boolean, "problems": [{"path", "message", "rule": "documented" | "ours"}]}, stored with D360_OK
 *               (valid) and with D360_INVALID_REQUEST (problems); with other statuses the error document
 *
 * The vendor documents the rules that are "documented"; the others are decisions of this library.
 */
d360_status d360_webhook_validate(const char *webhook_json, const char *options_json, char **report_json);

/*
 * Signs an event's body as the service does: HMAC-SHA256 under secret, 64 lowercase hexadecimal digits, the value of
 * the header x-360dialog-signature.
 *
 * secret     must not be empty
 * body       length bytes; NULL with length 0 is an empty body
 * signature  where to store the text, required; you own it; NULL is stored after a failure
 */
d360_status d360_signature_sign(const char *secret, const void *body, size_t length, char **signature);

/*
 * Compares a received signature in constant time. The signature is hexadecimal digits of either case, with or without
 * "sha256=" before them. D360_SIGNATURE_MISMATCH: any other text, malformed or not.
 */
d360_status d360_signature_verify(const char *secret, const void *body, size_t length, const char *signature);

/*
 * The outcome that an error document says, for programs without a JSON library. D360_UNKNOWN for NULL and for a text that is
 * not an error document.
 */
d360_outcome d360_error_outcome(const char *error_json);

/*
 * Copies one text of an error document.
 *
 * member  "message", "path", "service_message" or "status"
 * text    where to store the copy, required; you own it; NULL is stored after a failure
 *
 * D360_NOT_FOUND: the document has no such member. D360_INVALID_ARGUMENT: another member, or not an error document.
 */
d360_status d360_error_text(const char *error_json, const char *member, char **text);

/*
 * Writes text as a JSON string, quotes included, to be put into a request.
 *
 * quoted  where to store the string, required; you own it; NULL is stored after a failure
 */
d360_status d360_json_quote(const char *text, char **quoted);

/*
 * Sets the client's log callback, or removes it (NULL). After it returns, the previous callback is not running and will not be
 * called again. If it is called from that callback, or from a callback that waits for it, this holds once the callback has
 * returned. Does nothing if client is NULL.
 *
 * context  passed to the callback; keep it alive as long as the callback may run
 */
void d360_set_log(d360_client *client, d360_log_fn log, void *context);

/* The name of a status, such as "D360_CONFLICT"; "D360_UNKNOWN_STATUS" for another number. Static text, never NULL. */
const char *d360_status_name(d360_status status);

/* The library's version, "0.2.0". Static text. */
const char *d360_version(void);

/* Frees text that this library returned. Does nothing if string is NULL. */
void d360_string_free(char *string);

#ifdef __cplusplus
}
#endif

#endif
