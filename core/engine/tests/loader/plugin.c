/* A plugin that does as it is told, also what no plugin should. How its table looks is told by -D, what
 * a call does by a word in its payload. It goes on within the bridge's own functions, and has no thread. */
#define _GNU_SOURCE
#include "cordboard_plugin.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef MANIFEST
#define MANIFEST "{\"name\":\"odd-c\",\"version\":\"0.1.0\",\"lang\":\"c\",\"later\":[1]}"
#endif
#ifndef KINDS
#define KINDS "{\"sinks\":[{\"kind\":\"odd-c\",\"settings\":[]}],\"later\":{}}"
#endif
#ifndef INIT
#define INIT CB_OK
#endif

#ifdef UNRESOLVED
void a_function_that_nobody_has(void);
#endif

#define CAN "{\"credentials\":[],\"bases\":[{\"name\":\"api\",\"url\":\"http://127.0.0.1:9\"}]," \
    "\"conversation\":\"core\",\"media_types\":[],\"refuses_duplicates\":false,\"price_post\":0," \
    "\"price_link_post\":0,\"price_settle\":0,\"price_check\":0,\"price_retract\":0," \
    "\"provider\":\"Odd\",\"publish_ms_max\":1000,\"later\":\"a newer field\"}"
#define REQUEST(method) "[{\"target\":{\"base\":{\"name\":\"api\",\"path\":\"/\"}},\"method\":\"" method \
    "\",\"headers\":[],\"authorization\":null,\"body\":{\"$buffer\":0},\"timeout_ms\":1000," \
    "\"answer_bytes_max\":2097152}]"

static const cb_host *host;
static atomic_int inits, created, destroyed, cancels, answered, dropped, not_taken, released;
static uint64_t kept[64];
static int kept_count;

static cb_slice words(const char *text) { return (cb_slice){ (const uint8_t *)text, strlen(text) }; }

static bool says(cb_slice in, const char *word) { return memmem(in.ptr, in.len, word, strlen(word)) != NULL; }

static void give_back(void *owner) { released++; free(owner); }

static cb_buf copy(const char *text)
{
    char *bytes = strdup(text);
    return (cb_buf){ (const uint8_t *)bytes, strlen(bytes), bytes, give_back };
}

static void complete(uint64_t call, int32_t status, const char *payload)
{
    host->complete(call, status, words(payload), NULL, 0);
}

static void post(uint64_t call, const char *id)
{
    char json[256];
    snprintf(json, sizeof json, "{\"id\":\"%s\",\"url\":null,\"later\":1}", id);
    complete(call, CB_OK, json);
}

static int32_t init(const cb_host *table)
{
    host = table;
#ifdef UNRESOLVED
    a_function_that_nobody_has();
#endif
    return inits++ == 0 ? INIT : CB_PANIC;
}

static int32_t describe(cb_buf *answer)
{
    *answer = copy(KINDS);
    return CB_OK;
}

static int32_t create(cb_slice kind, cb_slice settings, void **instance, cb_buf *error)
{
    (void)kind;
    if (says(settings, "\"make\":\"text\"")) {
        *error = copy("not today");
        return CB_ERROR;
    }
    if (says(settings, "\"make\":\"nothing\"")) return CB_OK;
    created++;
    *instance = malloc(1);
    return CB_OK;
}

static int32_t ask(void *instance, uint32_t op, cb_slice payload, cb_buf *answer)
{
    char told[256];
    (void)instance;
    switch (op) {
    case CB_CAPABILITIES:
        *answer = copy(CAN);
        return CB_OK;
    case CB_FINGERPRINT:
        snprintf(told, sizeof told,
                 "\"inits %d created %d destroyed %d cancels %d answered %d dropped %d not_taken %d released %d\"",
                 inits, created, destroyed, cancels, answered, dropped, not_taken, released);
        *answer = copy(told);
        return CB_OK;
    case CB_PLAN:
        *answer = copy(says(payload, "refuse me")
                           ? "{\"reason\":\"content\",\"code\":\"7\",\"words\":\"not these words\"}"
                           : "{\"parts\": 7}");
        return says(payload, "refuse me") ? CB_ERROR : CB_OK;
    default:
        return CB_UNSUPPORTED;
    }
}

/* The bridge has answered a question of ours: what it says becomes the end of the call. */
static void on_answer(void *user, int32_t status, cb_slice payload, cb_buf *bufs, size_t n)
{
    uint64_t call = (uint64_t)(uintptr_t)user;
    char told[64];
    for (size_t i = 0; i < n; i++)
        if (bufs[i].release) bufs[i].release(bufs[i].owner);
    if (status == CB_CANCELLED) {
        dropped++;
        complete(call, CB_CANCELLED, "");
        return;
    }
    answered++;
    snprintf(told, sizeof told, "status %d, %zu buffers%s", status, n, says(payload, "not_a_call") ? "!" : "");
    post(call, told);
}

static uint64_t question(uint64_t call, uint32_t op, const char *payload)
{
    cb_buf body = copy("a body");
    uint64_t number =
        host->host_call(call, op, words(payload), &body, 1, on_answer, (void *)(uintptr_t)call);
    if (number == 0) not_taken++;
    return number;
}

static void talk(uint64_t call)
{
    char long_name[80];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[79] = 0;
    host->log(call, CB_WARN, words("a line\nof \xff words"));
    host->metric(call, CB_COUNTER, words("odd_total"), 3);
    host->metric(call, CB_COUNTER, words("odd_total"), -5);
    host->metric(call, CB_COUNTER, words("Not a name"), 1);
    host->metric(call, CB_COUNTER, words(long_name), 1);
    host->metric(call, 7, words("odd_total"), 1);
    host->metric(call, CB_GAUGE, words("odd_level"), -4);
    host->trouble(call, words("somebody must look"));
}

/* The endings of a call that are one line each. */
static bool ended(uint64_t call, cb_slice payload)
{
    static const struct { const char *word; int32_t status; const char *payload; } endings[] = {
        { "do unknown", CB_ERROR, "{\"error\":\"from_the_future\",\"detail\":\"\"}" },
        { "do unreadable", CB_ERROR, "not even JSON" },
        { "do throttled", CB_ERROR, "{\"error\":\"retry_after\",\"wait_ms\":1234,\"detail\":\"slow\",\"later\":1}" },
        { "do garbage", CB_OK, "{\"id\":" },
        { "do nonsense", 99, "" },
        { "do panic", CB_PANIC, "it broke in C" },
        { "do end", CB_CANCELLED, "" },
        { "do unsupported", CB_UNSUPPORTED, "" },
        { "do no buffer", CB_OK, "{\"id\":{\"$buffer\":3},\"url\":null}" },
    };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (says(payload, endings[i].word)) {
            complete(call, endings[i].status, endings[i].payload);
            return true;
        }
    return false;
}

static void huge(uint64_t call)
{
    size_t len = (16u << 20) + 1;
    char *json = malloc(len);
    cb_buf beside = copy("beside");
    memset(json, ' ', len);
    host->complete(call, CB_OK, (cb_slice){ (uint8_t *)json, len }, &beside, 1);
    free(json);
}

static int32_t publish(uint64_t call, cb_slice payload)
{
    if (says(payload, "do refuse")) return CB_CANCELLED;
    if (says(payload, "do misread")) return CB_BAD_PAYLOAD;
    if (ended(call, payload)) return CB_OK;
    if (says(payload, "do keep")) {
        kept[kept_count++ % 64] = call;
        return CB_OK;
    }
    if (says(payload, "do flush"))
        while (kept_count > 0) complete(kept[--kept_count], CB_CANCELLED, "");
    if (says(payload, "do invent")) complete(call + 1000000, CB_OK, "{}");
    if (says(payload, "do huge")) {
        huge(call);
        return CB_OK;
    }
    if (says(payload, "do talk")) talk(call);
    if (says(payload, "do ask")) return question(call, CB_HOST_HTTP, REQUEST("POST")) ? CB_OK : CB_ERROR;
    if (says(payload, "do misask")) return question(call, CB_HOST_HTTP, "[7]") ? CB_OK : CB_ERROR;
    if (says(payload, "do oddask")) return question(call, 999, "[]") ? CB_OK : CB_ERROR;
    if (says(payload, "do sleep")) return question(call, CB_HOST_SLEEP_UNTIL, "[9000000000000]") ? CB_OK : CB_ERROR;
    if (says(payload, "do wake")) {
        uint64_t number = question(call, CB_HOST_SLEEP_UNTIL, "[9000000000000]");
        host->host_cancel(call, number + 7);
        host->host_cancel(call, number);
        host->host_cancel(call, number);
        return CB_OK;
    }
    post(call, "c-1");
    if (says(payload, "do twice")) post(call, "c-2");
    if (says(payload, "do more")) {
        question(call, CB_HOST_HTTP, REQUEST("POST"));
        host->log(call, CB_INFO, words("after the end"));
        host->metric(call, CB_COUNTER, words("odd_late_total"), 1);
        host->host_cancel(call, 1);
        question(0, CB_HOST_HTTP, REQUEST("POST"));
    }
    return CB_OK;
}

/* Hands the very buffer back that came in: it is given back to the bridge by the bridge. */
static void echo(uint64_t call, cb_buf *bufs, size_t n)
{
    char json[] = "{\"status\":200,\"headers\":[],\"body\":{\"$buffer\":0}}";
    host->complete(call, CB_OK, words(json), bufs, n);
}

static int32_t begin(void *instance, uint32_t op, uint64_t call, cb_slice payload, cb_buf *bufs, size_t n)
{
    (void)instance;
    if (op == CB_SERVE) {
        echo(call, bufs, n);
        return CB_OK;
    }
    for (size_t i = 0; i < n; i++)
        if (bufs[i].release) bufs[i].release(bufs[i].owner);
    return op == CB_PUBLISH ? publish(call, payload) : CB_UNSUPPORTED;
}

#ifndef NULLS
static void cancel(void *instance, uint64_t call)
{
    (void)instance;
    (void)call;
    cancels++;
}

static void destroy(void *instance)
{
    destroyed++;
    free(instance);
}
#endif

#ifdef LONGER
/* What a later minor version may look like. */
typedef struct { cb_plugin known; void (*newer)(void); uint64_t more[4]; } table;
static void newer(void) { abort(); }
#define WHOLE(...) { __VA_ARGS__, newer, { 1, 2, 3, 4 } }
#else
typedef cb_plugin table;
#define WHOLE(...) __VA_ARGS__
#endif

#ifndef THE_MAGIC
#define THE_MAGIC CB_MAGIC
#endif
#ifndef MAJOR
#define MAJOR CB_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR CB_ABI_MINOR
#endif
#ifndef SIZE
#define SIZE sizeof(table)
#endif
#ifndef SYMBOL
#define SYMBOL CORDBOARD_PLUGIN
#endif
#ifdef NULLS
#define cancel NULL
#define destroy NULL
#endif

__attribute__((visibility("default"))) const table SYMBOL = WHOLE({
    THE_MAGIC, MAJOR, MINOR, SIZE, { (const uint8_t *)MANIFEST, sizeof MANIFEST - 1 },
    init, describe, create, ask, begin, cancel, destroy, NULL
});
