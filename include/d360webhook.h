/*
 * d360webhook.h: where 360dialog sends a WhatsApp number's events.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nine operations of the 360dialog Messaging API read and set a phone number's own webhook (the customer webhook), the
 * webhook of its WhatsApp Business Account (the WABA webhook), and up to three named destinations that get a copy. This
 * library runs them against the real service, or against an embedded implementation of the whole service that needs no
 * network.
 *
 * CONVENTIONS, for every function
 *
 * Status     Every call that can fail returns a d360_status. Nothing is printed, no exception or signal is raised.
 * Text       UTF-8, NUL-terminated. JSON goes in and out as text. What you pass is copied before the call returns.
 * Answers    A call with response_json always stores text there: the service's JSON with D360_OK, else an error
 *            document. NULL is allowed for it. You own the text: free it with d360_string_free, after failures as well.
 *            Where even the error document cannot be allocated, NULL is stored.
 * Errors     {"error": {"status": "D360_CONFLICT", "code": 6, "message": "destination name 'crm' is taken",
 *                       "path": "/destinations/1/name", "http_status": 409, "retryable": false,
 *                       "outcome": "not_applied", "attempts": 1, "service_message": "…"}}
 *            path             JSON Pointer into the request; only where one member is to blame
 *            http_status      only where a service answered; so is service_message, its own words
 *            retryable        the same call may succeed later
 *            outcome          whether anything was changed: "not_applied", "applied" or "unknown"
 *            attempts         how often the operation was sent; reads that settle it do not count; 0: refused here
 *            last_seen        only with D360_TIMEOUT of d360_waba_webhook_wait
 *            report           only with D360_CANCELLED of a fleet call
 *            Every other member is always there. Members may be added.
 * Order      A call is judged in this order: NULL arguments, text that is not UTF-8, the request (size, JSON, shape,
 *            limits), the key, the state of the service. A request that breaks a documented rule costs no round trip.
 * Limits     A request is at most 1 MiB of JSON, a fleet document 64 MiB, 64 levels deep, without duplicate members.
 * Keys       api_key is the value of the header D360-API-KEY and belongs to one phone number. A byte outside 0x21 to
 *            0x7E is D360_INVALID_ARGUMENT, an empty key D360_UNAUTHORIZED.
 * Secrets    No error, log line or last_seen holds an API key, a header's value or a secret, and URLs there lose
 *            userinfo, query and fragment. Only an answer with D360_OK holds what was configured.
 * Threads    Every function may be called from any thread at any time on one client, d360_close excepted: no new call
 *            on a client may begin beside its close. Calls block; no thread outlives a call, save a name lookup that
 *            the system has not answered yet. The library is never unloaded.
 * Signals    No handler is installed, no SIGPIPE is raised. Every descriptor is close-on-exec, but for libcurl's
 *            wake-up pair.
 * Fork       A child may go on using a client if no other thread was inside a call of the library at the fork.
 *            It never touches a connection that it shares with its parent, not by d360_close either. In the child,
 *            sqlite::memory: answers D360_STORAGE_ERROR, and a client that was busy in another thread at the fork
 *            D360_INTERNAL_ERROR; both can be closed, and new ones opened. (A database file that a thread was reading or
 *            writing at the very moment of the fork stays D360_INTERNAL_ERROR in that child.) POSIX allows the child of a program with
 *            threads little before exec; the library adds no promise to that.
 * Callbacks  A progress callback runs on the caller's thread, a log callback on a thread of the call that logs. Inside
 *            one, only d360_cancel, d360_stop, d360_set_log, d360_status_name, d360_version and d360_string_free may be called. It may
 *            not be left by longjmp or by an exception.
 * Memory     D360_OUT_OF_MEMORY covers what the C libraries allocate and the text returned. An allocation of the
 *            Swift runtime that fails ends the process.
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

#ifdef __cplusplus
extern "C" {
#endif

/* ABI: append only, and never give a retired number away. */
typedef int32_t d360_status;
enum {
    D360_OK                 = 0,  /* done */
    D360_INVALID_ARGUMENT   = 1,  /* the call itself is wrong: NULL, an unknown option, a service URL of no known kind */
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

/* Whether a write changed anything. ABI: append only. */
typedef int32_t d360_outcome;
enum {
    D360_NOT_APPLIED = 0, /* nothing was changed */
    D360_APPLIED     = 1, /* the write was applied */
    D360_UNKNOWN     = 2  /* the write may have been applied */
};

/* A service (connections, storage; shared with derived clients) and settings (time limits, cancel, log). */
typedef struct d360_client d360_client;

/*
 * Called with one line of text without a newline, on the thread of the call that logs, one at a time for each client.
 *
 * level    0 error, 1 warning, 2 info, 3 debug
 * message  valid during the call
 */
typedef void (*d360_log_fn)(int level, const char *message, void *context);

/*
 * Called by a fleet call for each account that has its result, on the thread that made the call, one at a time.
 *
 * event_json  {"done": 17, "total": 10000, "name": "berlin", "status": "D360_OK", "actions": 2}; done rises by one each
 *             time; valid during the call
 *
 * Nonzero cancels the fleet call, and that call alone.
 */
typedef int (*d360_progress_fn)(const char *event_json, void *context);

/*
 * Opens a client of a service. Sends nothing; an embedded service's file is opened, and created where it is missing.
 *
 * service_url   https://waba-v2.360dialog.io  a remote service over libcurl; a base path is kept, and where it ends in
 *                                             /v1, the customer webhook is at <base>/configs/webhook
 *               http://127.0.0.1:8360         the same without TLS; refused beyond loopback (127.0.0.0/8, [::1],
 *                                             localhost) unless allow_insecure_http
 *               sqlite:/var/lib/d360/w.db     the embedded service, durable, shared by any number of processes; the
 *                                             path is taken literally, made absolute now, created with mode 0600
 *               sqlite::memory:               the embedded service, gone at close
 *               userinfo, query or fragment is D360_INVALID_ARGUMENT
 * options_json  NULL, or an object. A member that is unknown, of the wrong type or out of range is
 *               D360_INVALID_ARGUMENT, its path names it. Those of the other kind of service are checked, to no effect.
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
 * client        where to store the client; NULL is stored after a failure. Close it with d360_close
 * error_json    NULL, or where to store the error document; NULL is stored with D360_OK
 *
 * D360_STORAGE_ERROR: the file cannot be opened, or is another program's or a newer version's; it is left untouched.
 */
d360_status d360_open(const char *service_url, const char *options_json, d360_client **client, char **error_json);

/*
 * Makes another client of the same service: it shares connections and storage, and has its own time limits, cancel and
 * log. It starts without a log callback. Cheap enough for one call. Closed separately, in any order.
 *
 * options_json  NULL, or an object of timeout_ms, connect_timeout_ms, max_attempts, max_response_bytes, url_policy;
 *               those left out are those of client
 */
d360_status d360_derive(d360_client *client, const char *options_json, d360_client **derived, char **error_json);

/* Cancels the calls in flight, waits for them, frees the client. NULL is nothing. No callback runs afterwards. */
void d360_close(d360_client *client);

/*
 * Ends every call of this client that has begun, within 100 ms, with D360_CANCELLED; later calls are not touched. A call
 * that has its result returns it; a transaction that is being synced to disk is finished first. A cancelled write's
 * outcome is "not_applied" where nothing was sent, or all that was sent was answered and refused, else "unknown". Any
 * thread may call it; a signal handler may not. NULL is nothing.
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
 * The answer is the service's own text; every member is optional by its specification.
 */
d360_status d360_multi_webhook_get(d360_client *client, const char *api_key, char **response_json);

/*
 * POST /multi_webhook: turns multi-webhook on or off.
 *
 * request_json  {"enabled": boolean, "destinations": [{"name": string, "url": string, "headers": {string: string}?}]?}
 *               destinations only with enabled true, and only while it is off; names are unique, compared as bytes
 *
 * D360_CONFLICT: destinations given while it is on (append them), or a name that is taken.
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
 * dest_name  as it was given, not encoded: "a/b", ".." and non-ASCII text arrive as the name they are. An empty one is
 *            D360_NOT_FOUND without asking
 *
 * D360_NOT_ENABLED: multi-webhook is off. D360_NOT_FOUND: no destination has this name.
 */
d360_status d360_multi_webhook_delete(d360_client *client, const char *api_key, const char *dest_name,
                                      char **response_json);

/* GET /v1/configs/webhook: {"url": string}, the number's own webhook; without url where there is none. Its headers are
 * not shown by the service. */
d360_status d360_customer_webhook_get(d360_client *client, const char *api_key, char **response_json);

/*
 * POST /v1/configs/webhook: replaces the number's own webhook, headers included.
 *
 * request_json  {"url": string, "headers": {string: string}?}
 *
 * A write whose answer was lost is sent again until one complete answer came back, as no reading shows its headers.
 */
d360_status d360_customer_webhook_set(d360_client *client, const char *api_key, const char *request_json,
                                      char **response_json);

/* GET /waba_webhook: {"url": string, "headers": object, "waba_id": integer of 64 bits, "numbers_on_this_waba": [string]},
 * the webhook of the WhatsApp Business Account that the number is on; without url and headers where there is none. */
d360_status d360_waba_webhook_get(d360_client *client, const char *api_key, char **response_json);

/*
 * POST /waba_webhook: replaces the webhook of the number's WABA, headers included. The real service applies it within
 * 15 to 20 seconds: d360_waba_webhook_wait tells when.
 *
 * request_json  {"url": string, "headers": {string: string}?, "override_all": boolean?}
 *               override_all false, or left out: numbers with a webhook of their own keep it; true: theirs is removed
 */
d360_status d360_waba_webhook_set(d360_client *client, const char *api_key, const char *request_json,
                                  char **response_json);

/*
 * Reads until the WABA webhook is what request_json asks for, and answers with the last reading. Blocks.
 *
 * request_json  as for d360_waba_webhook_set; override_all is ignored, headers left out mean none, and they count only
 *               where the service shows them
 * timeout_ms    milliseconds from now for the whole call; each reading has the client's own limit. 0 reads once,
 *               negative is D360_INVALID_ARGUMENT
 *
 * Failures that may pass are waited through. D360_TIMEOUT: not applied yet; the error document's "last_seen" holds the
 * configuration as it was last read, or null.
 */
d360_status d360_waba_webhook_wait(d360_client *client, const char *api_key, const char *request_json,
                                   int64_t timeout_ms, char **response_json);

/*
 * Adds a channel (a phone number and its key) to an embedded service, or replaces what is given of a known one. Its key
 * is stored as a SHA-256 digest. Answers {"message": string}.
 *
 * channel_json  {"phone_number_id": string, "phone_number": string?, "waba_id": integer, "api_key": string};
 *               waba_id and api_key are required the first time
 *
 * D360_CONFLICT: the key belongs to another number. D360_UNSUPPORTED: a remote service.
 */
d360_status d360_channel_register(d360_client *client, const char *channel_json, char **response_json);

/* Lists an embedded service's channels as registered: {"channels": [{"phone_number_id", "phone_number"?, "waba_id"}]}.
 * Never with keys. D360_UNSUPPORTED: a remote service. */
d360_status d360_channel_list(d360_client *client, char **response_json);

/* Removes a channel of an embedded service with its configuration. The WABA's stays while another channel is on it.
 * D360_NOT_FOUND: no such channel. D360_UNSUPPORTED: a remote service. */
d360_status d360_channel_remove(d360_client *client, const char *phone_number_id, char **response_json);

/*
 * Fleets: one document says how many numbers ought to be configured. Plan says what is missing, apply makes it so, audit
 * names what loses events, export writes the document for what is there. They use nothing but the nine operations, so they
 * work on every service.
 *
 * fleet_json  {"webhooks": {NAME: {"url", "headers"?}}?, "profiles": {NAME: SECTIONS}?,
 *              "accounts": [{"name": string, "api_key": string, "profile": NAME?,
 *                            "expect": {"waba_id": integer?, "number": string?}?, SECTIONS}]}
 *             SECTIONS, each optional; one that is absent is not managed, and an account's own takes the place of its
 *             profile's whole one:
 *               "customer_webhook": WEBHOOK, or null: the number has none of its own and follows its WABA's
 *               "waba_webhook":     WEBHOOK with "override_all": boolean?
 *               "multi_webhook":    {"enabled": boolean?, "prune": boolean?, "destinations": [WEBHOOK with "name"]?};
 *                                   enabled is true where it is left out; prune deletes what is not given
 *             WEBHOOK: {"url", "headers"?} or {"use": NAME}, one of "webhooks"
 *             Names and keys of accounts are unique. expect is a precondition: an account whose WABA or number (compared
 *             by its digits) is another is never written to. The whole document is checked before anything is sent: what
 *             is wrong is D360_INVALID_REQUEST with its path. At most 64 MiB; so are the options.
 * options_json  NULL, or an object; a member that is unknown or wrong is D360_INVALID_ARGUMENT, its path names it. One that
 *             is for another of the four calls is checked, to no effect.
 *               concurrency          16: accounts at once, 1 to 256; so many threads (on an embedded service one for each
 *                                    core at most, but 2), all joined before the call returns
 *               requests_per_second  none: a ceiling for the whole call, 1 to 1000000
 *               only                 all: names of accounts; the others have no row
 *               wait_ms              apply, 30000: how long a change may take to show; 0 to 86400000
 *               allow_unlisted       plan and apply, false: lets override_all take webhooks of their own from numbers that
 *                                    the document does not name
 *               force                plan and apply, []: sections ("customer_webhook"...) that are sent though what can be
 *                                    read agrees, for headers that no reading shows
 *               plan                 apply: a report of d360_fleet_plan; an account whose digest differs now is skipped
 *               max_failures         apply, none: after so many failed accounts no new one is begun; 1 to 2147483647
 *               probe                audit and apply, false: POST {} to each URL and headers of the document once: 5 s, no
 *                                    redirects, 200 expected; a failure stops the accounts that use the URL
 *               probe_secret         audit and apply: signs the probe in x-360dialog-signature
 * progress    NULL, or called for each account; context is handed to it
 * report_json NULL, or where to store text that you own afterwards: with D360_OK the report
 *             {"summary": {"accounts", "in_sync", "changed", "failed", "unknown", "skipped", "losing_events", "operations",
 *                          "findings": {"error", "warning", "info"}},
 *              "accounts": [{"name", "number", "waba_id", "status", "in_sync", "losing_events", "digest",
 *                            "actions": [{"operation", "destinations"?, "overrides"?, "status", "outcome"?, "changes"}],
 *                            "findings": [{"code", "severity", "message", "path", "expected", "actual"}],
 *                            "error": null or what stands under "error" in an error document}]}
 *             Rows stand in the document's order. changes are {"path", "before", "after", "query_changed"?}, of headers
 *             {"path", "added", "removed", "changed"}: names, never values; URLs lose userinfo, query and fragment.
 *
 * D360_OK: the call ran, whatever became of the accounts: read the summary. D360_CANCELLED: the error document carries
 * "report": what was done and what was not; applying the document again finishes it.
 *
 * A 429 slows the whole call down, not one account, and waiting for it is not part of an account's time limit. Where the
 * service admits nothing at all for the client's timeout_ms, the accounts that still wait end with D360_RATE_LIMITED.
 *
 * A log callback runs on the call's own threads, one at a time.
 */

/* Says what apply would do: accounts' actions have the status "planned". Sends no write. */
d360_status d360_fleet_plan(d360_client *client, const char *fleet_json, const char *options_json,
                            d360_progress_fn progress, void *context, char **report_json);

/*
 * Brings every account to what the document says, with the fewest operations, and reads everything again: findings are
 * those of that reading. WABA webhooks come first, once per WABA, each waited for; then the numbers' own; then
 * destinations, deletes before appends. An account stops at its first failed action; the others go on.
 *
 * Each account ends in_sync, changed, failed, unknown (a write's outcome is) or skipped. A second apply does nothing.
 */
d360_status d360_fleet_apply(d360_client *client, const char *fleet_json, const char *options_json,
                             d360_progress_fn progress, void *context, char **report_json);

/* Reads every account and names what loses events and what differs from the document. Sends no write. */
d360_status d360_fleet_audit(d360_client *client, const char *fleet_json, const char *options_json,
                             d360_progress_fn progress, void *context, char **report_json);

/*
 * Writes the document of what is there, which a plan finds in sync.
 *
 * keys_json    {"accounts": [{"name": string, "api_key": string}]}
 * export_json  {"document": …, "report": …}: keys and header values are in the document, those of a number's own webhook
 *              excepted, as they cannot be read; the report is like that of an audit. An account that cannot be read is in
 *              the report only
 */
d360_status d360_fleet_export(d360_client *client, const char *keys_json, const char *options_json,
                              d360_progress_fn progress, void *context, char **export_json);

/*
 * Checks a webhook against the rules without a service: every problem, not only the first.
 *
 * webhook_json  {"url": string, "headers": {string: string}?}
 * options_json  NULL, or {"url_policy": "cloud" | "local" | "none"}
 * report_json   {"valid": boolean, "problems": [{"path", "message", "rule": "documented" | "ours"}]}, stored with D360_OK
 *               (valid) and with D360_INVALID_REQUEST (problems); with other statuses the error document
 *
 * "documented" is what the vendor documents; "ours" is what the embedded service decides where the vendor is silent.
 */
d360_status d360_webhook_validate(const char *webhook_json, const char *options_json, char **report_json);

/*
 * Signs an event's body as the service does: HMAC-SHA256 under secret, 64 lowercase hexadecimal digits, the value of
 * the header x-360dialog-signature.
 *
 * secret     not empty, else D360_INVALID_ARGUMENT
 * body       length bytes; NULL with length 0 is an empty body
 * signature  where to store the text, required; you own it; NULL is stored after a failure
 */
d360_status d360_signature_sign(const char *secret, const void *body, size_t length, char **signature);

/*
 * Compares a received signature in constant time. Hexadecimal digits of either case, with or without "sha256=" before
 * them. D360_SIGNATURE_MISMATCH: any other text, malformed or not.
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
 * Sets the client's log callback, or removes it (NULL). When it returns, the callback before it is not running and will
 * not run; called inside that very callback: once that returns. NULL for client is nothing.
 *
 * context  handed to the callback; yours to keep alive until then
 */
void d360_set_log(d360_client *client, d360_log_fn log, void *context);

/* "D360_CONFLICT"; "D360_UNKNOWN_STATUS" for a number that this version does not know. Static text, never NULL. */
const char *d360_status_name(d360_status status);

/* The library's version, "0.1.0". Static text. */
const char *d360_version(void);

/* Frees text that this library returned. NULL is nothing. */
void d360_string_free(char *string);

#ifdef __cplusplus
}
#endif

#endif
