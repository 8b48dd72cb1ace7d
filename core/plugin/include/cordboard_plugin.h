/* The boundary between Cordboard and a plugin in a file of its own (.so), major version 1.
 *
 * A plugin exports ONE symbol:   const cb_plugin CORDBOARD_PLUGIN;
 *
 * Its operations are the methods of the traits `Transport` and `Sink` of the crate cordboard-plugin, its
 * errors the errors of those traits, one to one. Arguments and answers are JSON, as serde writes the
 * types of that crate; bytes (HTTP bodies, pictures, values of state) go beside it as buffers:
 * {"$buffer": n} in the JSON stands for buffer n. ABI.md beside this file says what each operation takes
 * and gives.
 *
 * Rules
 * - A cb_slice is borrowed: good until the called function returns. Copy what is needed longer.
 * - A cb_buf that is an argument is handed over, whatever the function returns: the callee calls
 *   release(owner) once, from any thread. The array of them stays the caller's. `release` may be NULL
 *   (static bytes). Each side frees only what it has allocated.
 * - Every function may be called from any thread, also at the same time, returns at once and never
 *   blocks on I/O; only `shutdown` may take its time. None lets a panic or an exception out.
 * - Neither side calls the other while it holds a lock that its own functions take.
 * - A payload is at most 16 MiB of JSON, beside it at most 4096 buffers of 128 MiB together. What is
 *   larger is not read: an answer counts as CB_BAD_PAYLOAD, a host call is not taken.
 * - A file is never unloaded, and replaced only while no bridge runs.
 * - No signal handlers, setenv, chdir, umask, setlocale or fork in a plugin.
 */
#ifndef CORDBOARD_PLUGIN_H
#define CORDBOARD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "CRDBRD\0\1" in memory, on a little-endian machine. */
#define CB_MAGIC UINT64_C(0x0100445242445243)
#define CB_ABI_MAJOR 1
#define CB_ABI_MINOR 0

typedef struct { const uint8_t *ptr; size_t len; } cb_slice;

typedef struct {
    const uint8_t *ptr;
    size_t len;
    void *owner;
    void (*release)(void *owner);
} cb_buf;

/* What became of a call. */
enum {
    CB_OK = 0,          /* the payload is the answer */
    CB_ERROR = 1,       /* the payload is the error of the trait's method, as JSON */
    CB_CANCELLED = 2,   /* it was cancelled, or this side is stopping; no payload */
    CB_PANIC = 3,       /* the payload is what the panic said, as text */
    CB_UNSUPPORTED = 4, /* no such operation: the trait's default applies */
    CB_BAD_PAYLOAD = 5  /* the payload could not be read; it says why, as text */
};

/* Operations of both. Their payload is an array of the method's arguments without the host. */
enum {
    CB_WOKE = 1, CB_DIAGNOSE = 2, CB_PAGE = 3, CB_ACT = 4, CB_PROBE = 5,
    /* of a transport */
    CB_RECEIVE = 16, CB_CONFIRM = 17, CB_SEND = 18, CB_FETCH = 19, CB_RUN = 20,
    /* of a sink */
    CB_BEGIN_LINK = 32, CB_COMPLETE_LINK = 33, CB_REFRESH = 34, CB_REVOKE = 35, CB_CHECK = 36,
    CB_UPLOAD = 37, CB_DESCRIBE = 38, CB_PUBLISH = 39, CB_SETTLE = 40, CB_RETRACT = 41, CB_SERVE = 42
};

/* Questions: pure, answered at once by `ask`. */
enum {
    CB_CAPABILITIES = 64, CB_SET_UP = 65, CB_PLAN = 66, CB_LINK_STATE = 67, CB_FINGERPRINT = 68
};

/* What a plugin may ask of the host, by `host_call`. */
enum {
    CB_HOST_HTTP = 128, CB_HOST_GET = 129, CB_HOST_SCAN = 130, CB_HOST_COMMIT = 131,
    CB_HOST_SLEEP_UNTIL = 132
};

/* Levels of a log line, and kinds of a measure. */
enum { CB_DEBUG = 0, CB_INFO = 1, CB_WARN = 2, CB_LEVEL_ERROR = 3 };
enum { CB_COUNTER = 0, CB_GAUGE = 1 };

/* Called exactly once for each host call that was taken, from any thread, also within host_call itself. */
typedef void (*cb_done)(void *user, int32_t status, cb_slice payload, cb_buf *bufs, size_t n);

/* The host, as a plugin sees it. It lives for ever. `call` is the token of the plugin's call for which
 * something is asked; when that call ends, is cancelled or runs out of time, what was asked for it is
 * dropped and done is called with CB_CANCELLED. */
typedef struct {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    /* A call is done. Its token is used up; a second completion is counted and ignored. With the last
     * call of an instance that is let go, `destroy` may be called before this returns. */
    void (*complete)(uint64_t call, int32_t status, cb_slice payload, cb_buf *bufs, size_t n);
    /* Asks the host. Gives a number for host_cancel; 0: not taken, and done is never called. The call
     * must be under way; 1000 host calls of one call may be open at once. */
    uint64_t (*host_call)(uint64_t call, uint32_t op, cb_slice payload, cb_buf *bufs, size_t n,
                          cb_done done, void *user);
    /* Nobody waits for this any more; done is called with CB_CANCELLED unless it has been called. Any
     * number may be given, also one that is answered. */
    void (*host_cancel)(uint64_t call, uint64_t number);
    /* Milliseconds since 1970 UTC by the call's clock; that of the process for call 0. */
    int64_t (*now)(uint64_t call);
    /* Random bytes, fit for keys. */
    void (*random)(uint64_t call, uint8_t *into, size_t len);
    /* A line for the bridge's log, at most 4096 bytes; with the message of the call it belongs to
     * (0: none). Never secrets, texts or numbers of people. */
    void (*log)(uint64_t call, int32_t level, cb_slice line);
    /* Adds to a counter, or sets a gauge, of the call's instance. Names are a-z, 0-9 and _, at most 64. */
    void (*metric)(uint64_t call, int32_t kind, cb_slice name, int64_t value);
    /* A person must act, and why; ptr NULL: it is over. */
    void (*trouble)(uint64_t call, cb_slice why);
} cb_host;

/* A plugin. The first 16 bytes never change; nothing else is read before they are accepted. New fields
 * come at the end, and a reader takes those behind the other side's struct_size for NULL. The first 8
 * bytes of cb_host never change either. */
typedef struct {
    uint64_t magic;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t struct_size;
    /* JSON, static: {"name", "version", "lang", "panic"?: "unwind"|"abort", "sdk"?, "rustc"?} */
    cb_slice manifest;
    /* Called once, before anything else. 0: ready. */
    int32_t (*init)(const cb_host *host);
    /* JSON: {"transports": [{"kind", "settings": [{"key","kind","default","doc"}]}], "sinks": […]} */
    int32_t (*describe)(cb_buf *answer);
    /* Makes an instance of a kind; `settings` as in cordboard_plugin::Settings. On anything but CB_OK,
     * `error` is {"key","problem"}, or text. settings NULL: one to probe with. */
    int32_t (*create)(cb_slice kind, cb_slice settings, void **instance, cb_buf *error);
    /* A pure question, answered at once. */
    int32_t (*ask)(void *instance, uint32_t op, cb_slice payload, cb_buf *answer);
    /* Begins a call. CB_OK: taken, and exactly one `complete` for this token follows. Anything else:
     * not taken, and none follows. */
    int32_t (*call)(void *instance, uint32_t op, uint64_t call, cb_slice payload, cb_buf *bufs, size_t n);
    /* Nobody waits for this call any more: end it soon, with `complete(…, CB_CANCELLED, …)`. It may have
     * been completed meanwhile: then there is nothing to do. May be NULL. */
    void (*cancel)(void *instance, uint64_t call);
    /* No call is under way, and none follows. May be NULL. */
    void (*destroy)(void *instance);
    /* The process ends within so many milliseconds: take no more calls, end those under way, and return
     * when that is done. Called once. May be NULL. */
    void (*shutdown)(uint32_t deadline_ms);
} cb_plugin;

#ifdef __cplusplus
}
#endif
#endif
