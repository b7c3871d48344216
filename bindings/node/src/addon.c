/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of d360webhook.h for JavaScript. lib/ is the only caller, so types of arguments are not checked here. Each call
 * runs on a thread of a pool, with a client derived for it: stopping that client ends this call and no other.
 */
#define NAPI_VERSION 8
#include <d360webhook.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"

enum { CALLS = 128, LASTING_CALLS = 256 };

/* The state of one environment: the main thread's, or a worker's. */
struct environment {
    struct pool calls, lasting; /* lasting: a wait or a fleet call, which may take seconds */
    napi_threadsafe_function events;
    struct job *jobs;
};

enum kind { OVER, PROGRESS, LINE };
struct event {
    enum kind kind;
    struct job *job;
    int level;
    char *text;
};

/* A call. It lives until its end was reported and JavaScript has no reference to it. */
struct job {
    struct task task; /* the first member */
    struct environment *environment;
    struct job *previous, *next; /* in environment->jobs until it is over */
    d360_status (*call)(struct job *);
    d360_client *client; /* its own; NULL once the call is over */
    char *first, *second, *answer;
    int64_t milliseconds;
    d360_status status;
    napi_ref on_over, on_progress, on_line;
    struct event over;
    bool is_referenced;
};

/* On the job's thread. An event is dropped if there is no memory for it, or if the environment ends. */
static void post(struct job *job, enum kind kind, int level, const char *text) {
    size_t size = strlen(text) + 1;
    struct event *event = malloc(sizeof *event + size);
    if (!event) return;
    *event = (struct event){kind, job, level, memcpy(event + 1, text, size)};
    if (napi_call_threadsafe_function(job->environment->events, event, napi_tsfn_nonblocking) != napi_ok) free(event);
}

static int report_progress(const char *event, void *job) {
    post(job, PROGRESS, 0, event);
    return 0;
}

static void report_line(int level, const char *message, void *job) { post(job, LINE, level, message); }

#define FLEET job->first, job->second, job->on_progress ? report_progress : NULL, job
#define OPERATIONS(_)                                      \
    _(multi_webhook_get, job->first)                       \
    _(multi_webhook_set, job->first, job->second)          \
    _(multi_webhook_append, job->first, job->second)       \
    _(multi_webhook_update, job->first, job->second)       \
    _(multi_webhook_delete, job->first, job->second)       \
    _(customer_webhook_get, job->first)                    \
    _(customer_webhook_set, job->first, job->second)       \
    _(waba_webhook_get, job->first)                        \
    _(waba_webhook_set, job->first, job->second)           \
    _(waba_webhook_wait, job->first, job->second, job->milliseconds) \
    _(channel_register, job->first)                        \
    _(channel_list)                                        \
    _(channel_remove, job->first)                          \
    _(fleet_plan, FLEET)                                   \
    _(fleet_apply, FLEET)                                  \
    _(fleet_audit, FLEET)                                  \
    _(fleet_export, FLEET)

#define FUNCTION(name, ...) \
    static d360_status name(struct job *job) { return d360_##name(job->client, ##__VA_ARGS__, &job->answer); }
#define ROW(name, ...) {#name, name},
OPERATIONS(FUNCTION)
static const struct {
    const char *name;
    d360_status (*call)(struct job *);
} operations[] = {OPERATIONS(ROW)};

static d360_status open_client(struct job *job) { return d360_open(job->first, job->second, &job->client, &job->answer); }

static d360_status close_client(struct job *job) {
    d360_close(job->client);
    job->client = NULL;
    return D360_OK;
}

static void run(struct task *task) {
    struct job *job = (struct job *)task;
    job->status = job->call(job);
    if (job->on_line) d360_set_log(job->client, NULL, NULL);
    job->over = (struct event){.kind = OVER, .job = job};
    napi_call_threadsafe_function(job->environment->events, &job->over, napi_tsfn_nonblocking);
}

/* ---- values ---- */

static napi_value text(napi_env env, const char *text) {
    napi_value value;
    if (!text || napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) != napi_ok) napi_get_null(env, &value);
    return value;
}

static napi_value number(napi_env env, int64_t number) {
    napi_value value;
    napi_create_int64(env, number, &value);
    return value;
}

/* A copy of a string that the caller frees; NULL for null, or if there is no memory. */
static char *copied(napi_env env, napi_value value) {
    size_t length;
    if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return NULL;
    char *copy = malloc(length + 1);
    if (copy) napi_get_value_string_utf8(env, value, copy, length + 1, &length);
    return copy;
}

static napi_ref reference(napi_env env, napi_value function) {
    napi_valuetype type;
    napi_ref made = NULL;
    if (napi_typeof(env, function, &type) == napi_ok && type == napi_function) napi_create_reference(env, function, 1, &made);
    return made;
}

static void forget(napi_env env, napi_ref one) {
    if (env && one) napi_delete_reference(env, one);
}

/* [status, answer], and frees the answer. */
static napi_value result(napi_env env, d360_status status, char *answer, napi_value client) {
    napi_value array;
    napi_create_array_with_length(env, 2, &array);
    napi_set_element(env, array, 0, number(env, status));
    napi_set_element(env, array, 1, client ? client : text(env, answer));
    d360_string_free(answer);
    return array;
}

static void close_at_once(napi_env env, void *client, void *hint) {
    (void)env, (void)hint;
    d360_close(*(d360_client **)client);
    free(client);
}

/* A client for JavaScript, closed when it is collected. */
static napi_value wrapped(napi_env env, d360_client *client) {
    napi_value value = NULL;
    d360_client **place = malloc(sizeof(d360_client *));
    if (place) *place = client;
    if (!place || napi_create_external(env, place, close_at_once, NULL, &value) != napi_ok) {
        free(place);
        d360_close(client);
        napi_throw_error(env, NULL, "out of memory");
    }
    return value;
}

static void *unwrapped(napi_env env, napi_value value) {
    void *data = NULL;
    napi_get_value_external(env, value, &data);
    return data;
}

/* ---- jobs, on the thread of JavaScript ---- */

/* The event loop goes on while there is a job. */
static void unlink_job(napi_env env, struct job *job) {
    struct environment *environment = job->environment;
    if (!environment) return;
    if (job->previous) job->previous->next = job->next;
    else environment->jobs = job->next;
    if (job->next) job->next->previous = job->previous;
    job->environment = NULL;
    if (env && !environment->jobs) napi_unref_threadsafe_function(env, environment->events);
}

static void free_job(napi_env env, struct job *job) {
    unlink_job(env, job);
    d360_close(job->client);
    job->client = NULL;
    d360_string_free(job->answer);
    free(job->first), free(job->second);
    job->answer = job->first = job->second = NULL;
    forget(env, job->on_over), forget(env, job->on_progress), forget(env, job->on_line);
    job->on_over = job->on_progress = job->on_line = NULL;
    if (!job->is_referenced) free(job);
}

static void collected(napi_env env, void *data, void *hint) {
    (void)env, (void)hint;
    struct job *job = data;
    job->is_referenced = false;
    if (!job->on_over) free(job);
}

/* A job that is in the environment's list; `functions` are on_over, on_progress and on_line. */
static struct job *new_job(napi_env env, d360_status (*call)(struct job *), d360_client *client, napi_value *functions, int count) {
    struct job *job = calloc(1, sizeof *job);
    if (!job) return NULL;
    napi_get_instance_data(env, (void **)&job->environment);
    job->task.run = run, job->call = call, job->client = client;
    job->on_over = reference(env, functions[0]);
    if (count > 1) job->on_progress = reference(env, functions[1]), job->on_line = reference(env, functions[2]);
    job->next = job->environment->jobs;
    if (job->next) job->next->previous = job;
    else napi_ref_threadsafe_function(env, job->environment->events);
    job->environment->jobs = job;
    return job;
}

static bool begin(napi_env env, struct job *job, struct pool *pool) {
    if (job->on_line) d360_set_log(job->client, report_line, job);
    if (pool_add(pool, &job->task)) return true;
    free_job(env, job);
    napi_throw_error(env, NULL, "no thread could be started");
    return false;
}

static void deliver(napi_env env, napi_value unused, void *unused_too, void *data) {
    (void)unused, (void)unused_too;
    struct event *event = data;
    struct job *job = event->job;
    if (!env) { /* the environment ends */
        if (event->kind == OVER) free_job(NULL, job);
        else free(event);
        return;
    }
    napi_value function, global, arguments[2];
    napi_ref references[] = {job->on_over, job->on_progress, job->on_line};
    napi_get_reference_value(env, references[event->kind], &function);
    napi_get_global(env, &global);
    if (event->kind == OVER) {
        napi_value client = NULL;
        if (job->call == open_client && job->client) client = wrapped(env, job->client), job->client = NULL;
        arguments[0] = result(env, job->status, job->answer, client), job->answer = NULL;
        free_job(env, job);
        napi_call_function(env, global, function, 1, arguments, NULL);
    } else {
        arguments[0] = event->kind == LINE ? number(env, event->level) : text(env, event->text);
        arguments[1] = text(env, event->text);
        free(event);
        napi_call_function(env, global, function, 2, arguments, NULL);
    }
    bool failed = false;
    napi_value error;
    napi_is_exception_pending(env, &failed);
    if (failed && napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

/* ---- functions of the addon ---- */

#define ARGUMENTS(n)                                                 \
    napi_value a[n];                                                 \
    napi_get_cb_info(env, info, &(size_t){n}, a, NULL, NULL)

/* open(url, options, over) */
static napi_value js_open(napi_env env, napi_callback_info info) {
    ARGUMENTS(3);
    struct job *job = new_job(env, open_client, NULL, &a[2], 1);
    if (!job) return NULL;
    job->first = copied(env, a[0]), job->second = copied(env, a[1]);
    begin(env, job, &job->environment->calls);
    return NULL;
}

/* derive(client, options): [status, client or text] */
static napi_value js_derive(napi_env env, napi_callback_info info) {
    ARGUMENTS(2);
    d360_client *derived = NULL;
    char *options = copied(env, a[1]), *error = NULL;
    d360_status status = d360_derive(*(d360_client **)unwrapped(env, a[0]), options, &derived, &error);
    free(options);
    napi_value client = derived ? wrapped(env, derived) : NULL;
    return derived && !client ? NULL : result(env, status, error, client);
}

/* start(client, operation, first, second, milliseconds, over, progress, line): a job */
static napi_value js_start(napi_env env, napi_callback_info info) {
    ARGUMENTS(8);
    d360_client *client = NULL;
    char *name = copied(env, a[1]);
    d360_status (*call)(struct job *) = NULL;
    for (size_t i = 0; name && i < sizeof operations / sizeof *operations; i++)
        if (strcmp(name, operations[i].name) == 0) call = operations[i].call;
    bool lasts = name && (strncmp(name, "fleet_", 6) == 0 || strcmp(name, "waba_webhook_wait") == 0);
    free(name);
    struct job *job = NULL;
    if (call && d360_derive(*(d360_client **)unwrapped(env, a[0]), NULL, &client, NULL) == D360_OK)
        job = new_job(env, call, client, &a[5], 3);
    if (!job) {
        d360_close(client);
        napi_throw_error(env, NULL, "out of memory");
        return NULL;
    }
    job->first = copied(env, a[2]), job->second = copied(env, a[3]);
    napi_get_value_int64(env, a[4], &job->milliseconds);
    napi_value value;
    job->is_referenced = napi_create_external(env, job, collected, NULL, &value) == napi_ok;
    struct environment *environment = job->environment;
    return begin(env, job, lasts ? &environment->lasting : &environment->calls) ? value : NULL;
}

/* stop(job): ends the call, if it is not over yet. */
static napi_value js_stop(napi_env env, napi_callback_info info) {
    ARGUMENTS(1);
    struct job *job = unwrapped(env, a[0]);
    d360_stop(job->client);
    return NULL;
}

/* close(client, over): no call of the client may be in flight. */
static napi_value js_close(napi_env env, napi_callback_info info) {
    ARGUMENTS(2);
    d360_client **place = unwrapped(env, a[0]);
    struct job *job = new_job(env, close_client, *place, &a[1], 1);
    if (!job) return NULL;
    *place = NULL;
    begin(env, job, &job->environment->calls);
    return NULL;
}

/* validate(webhook, options): [status, report or error] */
static napi_value js_validate(napi_env env, napi_callback_info info) {
    ARGUMENTS(2);
    char *webhook = copied(env, a[0]), *options = copied(env, a[1]), *report = NULL;
    d360_status status = d360_webhook_validate(webhook, options, &report);
    free(webhook), free(options);
    return result(env, status, report, NULL);
}

/* sign(secret, body): [status, signature] */
static napi_value js_sign(napi_env env, napi_callback_info info) {
    ARGUMENTS(2);
    void *body = NULL;
    size_t length = 0;
    napi_get_buffer_info(env, a[1], &body, &length);
    char *secret = copied(env, a[0]), *signature = NULL;
    d360_status status = d360_signature_sign(secret, body, length, &signature);
    free(secret);
    return result(env, status, signature, NULL);
}

/* verify(secret, body, signature): status */
static napi_value js_verify(napi_env env, napi_callback_info info) {
    ARGUMENTS(3);
    void *body = NULL;
    size_t length = 0;
    napi_get_buffer_info(env, a[1], &body, &length);
    char *secret = copied(env, a[0]), *signature = copied(env, a[2]);
    d360_status status = d360_signature_verify(secret, body, length, signature);
    free(secret), free(signature);
    return number(env, status);
}

static napi_value js_status_name(napi_env env, napi_callback_info info) {
    ARGUMENTS(1);
    int32_t status = -1;
    napi_get_value_int32(env, a[0], &status);
    return text(env, d360_status_name(status));
}

static void free_tasks(struct task *first) {
    for (struct task *next; first; first = next) {
        next = first->next;
        free_job(NULL, (struct job *)first);
    }
}

/*
 * At the environment's end, also amid calls: they are stopped and waited for. Jobs that were begun are freed as their last event
 * is dropped; clients are closed by their finalizers.
 */
static void end(void *data) {
    struct environment *environment = data;
    for (struct job *job = environment->jobs; job; job = job->next)
        if (job->call != open_client && job->call != close_client) d360_stop(job->client);
    free_tasks(pool_end(&environment->calls));
    free_tasks(pool_end(&environment->lasting));
    while (environment->jobs) unlink_job(NULL, environment->jobs);
}

static void free_environment(napi_env env, void *data, void *hint) {
    (void)env, (void)hint;
    free(data);
}

NAPI_MODULE_INIT() {
    struct environment *environment = calloc(1, sizeof *environment);
    if (!environment) return NULL;
    pool_init(&environment->calls, CALLS);
    pool_init(&environment->lasting, LASTING_CALLS);
    napi_value name = text(env, "d360webhook");
    napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, NULL, deliver, &environment->events);
    napi_unref_threadsafe_function(env, environment->events);
    napi_set_instance_data(env, environment, free_environment, NULL);
    napi_add_env_cleanup_hook(env, end, environment);
    napi_property_descriptor functions[] = {
        {"open", NULL, js_open, NULL, NULL, NULL, napi_enumerable, NULL},
        {"derive", NULL, js_derive, NULL, NULL, NULL, napi_enumerable, NULL},
        {"start", NULL, js_start, NULL, NULL, NULL, napi_enumerable, NULL},
        {"stop", NULL, js_stop, NULL, NULL, NULL, napi_enumerable, NULL},
        {"close", NULL, js_close, NULL, NULL, NULL, napi_enumerable, NULL},
        {"validate", NULL, js_validate, NULL, NULL, NULL, napi_enumerable, NULL},
        {"sign", NULL, js_sign, NULL, NULL, NULL, napi_enumerable, NULL},
        {"verify", NULL, js_verify, NULL, NULL, NULL, napi_enumerable, NULL},
        {"statusName", NULL, js_status_name, NULL, NULL, NULL, napi_enumerable, NULL},
        {"version", NULL, NULL, NULL, NULL, text(env, d360_version()), napi_enumerable, NULL},
    };
    napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
    return exports;
}
