/* A sink in C: posts texts to a bulletin board. POST <api_base>/posts {"text": …} answers {"id": …, "url": …},
 * DELETE <api_base>/posts/<id> takes one back. Texts stay JSON strings from end to end, escapes and all. */
#define _GNU_SOURCE
#include "cordboard_plugin.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(t) ((cb_slice){ (const uint8_t *)(t), strlen(t) })
#define BUF(t, release) ((cb_buf){ (const uint8_t *)(t), strlen(t), (void *)(t), release })
#define ARGS(s) (int)(s).len, (const char *)(s).ptr /* for %.*s */
#define ERROR(name, more) "{\"error\":\"" name "\"," more "}"
#define DETAIL(what) "\"detail\":\"" what "\""
#define WAIT(ms) "\"wait_ms\":" ms "," DETAIL("too many at once")
#define TROUBLE(which, what) "\"trouble\":\"" which "\"," DETAIL(what)
#define REFUSAL(why, code, words) "\"reason\":\"" why "\",\"code\":\"" code "\",\"words\":\"" words "\""
#define SETTING(key, kind, doc) "{\"key\":\"" key "\",\"kind\":\"" kind "\",\"default\":null,\"doc\":\"" doc "\"}"
#define MANIFEST "{\"name\":\"board\",\"version\":\"0.1.0\",\"lang\":\"c\"}"
#define KINDS "{\"sinks\":[{\"kind\":\"board\",\"settings\":[" \
    SETTING("api_base", "url", "Where the board's API is.") "," SETTING("token", "secret", "Our key there.") "]}]}"
#define CAN "{\"credentials\":[],\"bases\":[{\"name\":\"api\",\"url\":\"%s\"}],\"conversation\":\"core\"," \
    "\"media_types\":[],\"refuses_duplicates\":false,\"price_post\":0,\"price_link_post\":0,\"price_settle\":0," \
    "\"price_check\":0,\"price_retract\":0,\"provider\":\"Board\",\"publish_ms_max\":20000}"
#define PLAN "{\"parts\":[{\"text\":\"%.*s\",\"media\":[],\"handles\":[],\"price\":0,\"has_link\":false}]}"
#define REQUEST "[{\"target\":{\"base\":{\"name\":\"api\",\"path\":\"/posts%s%.*s\"}},\"method\":\"%s\"," \
    "\"headers\":[[\"content-type\",\"application/json\"]],\"authorization\":\"Bearer %s\"," \
    "\"body\":{\"$buffer\":0},\"timeout_ms\":15000,\"answer_bytes_max\":65536}]"

typedef struct { char *base, *token; } board;        /* its settings, as they stood between their quotes */
typedef struct { uint64_t call; bool posts; } asked; /* what we have asked the host, and for which call */
static const cb_host *host;

static cb_slice trimmed(const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from)) from++;
    while (from < to && isspace((unsigned char)to[-1])) to--;
    return (cb_slice){ (const uint8_t *)from, (size_t)(to - from) };
}

/* The value of a member of an object (`key` with its quotes), or the nth element of an array (key NULL), as it
 * stands. A flat scan: strings are stepped over with their escapes, brackets must match, and nothing may be
 * missing at the end. A key that is written with escapes is none of ours. */
static bool find(cb_slice in, const char *key, int nth, cb_slice *value)
{
    const char *p = (const char *)in.ptr, *end = p + in.len, *start = p;
    cb_slice name = { NULL, 0 };
    char closing[64];
    size_t deep = 0;
    bool found = false;
    for (; p < end; p++) {
        if (deep == 1 && (*p == ',' || *p == closing[0])) {
            bool ours = key ? name.len == strlen(key) && !memcmp(name.ptr, key, name.len) : nth-- == 0;
            if (ours) *value = trimmed(start, p), found = value->len > 0;
            name.len = 0, start = p + 1;
        } else if (deep == 1 && *p == ':') name = trimmed(start, p), start = p + 1;
        if (*p == '"') {
            while (++p < end && *p != '"') p += *p == '\\';
        } else if (*p == '{' || *p == '[') {
            if (deep == sizeof closing || (deep == 0 && *p != (key ? '{' : '['))) return false;
            closing[deep++] = *p == '{' ? '}' : ']';
            if (deep == 1) start = p + 1;
        } else if (*p == '}' || *p == ']') {
            if (deep == 0 || closing[--deep] != *p) return false;
            if (deep == 0) return found && trimmed(p + 1, end).len == 0;
        }
    }
    return false;
}

static bool find_string(cb_slice in, const char *key, cb_slice *inside)
{
    if (!find(in, key, 0, inside) || inside->len < 2 || inside->ptr[0] != '"') return false;
    return *inside = (cb_slice){ inside->ptr + 1, inside->len - 2 }, true;
}

static char *format(const char *how, ...)
{
    char *text;
    va_list args;
    va_start(args, how);
    if (vasprintf(&text, how, args) < 0) text = NULL;
    va_end(args);
    return text;
}

static void give_back(cb_buf *bufs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bufs[i].release) bufs[i].release(bufs[i].owner);
}

/* What to do when the board says no, or nothing: an error is an action for the bridge. */
static char *refused(int status, cb_slice response)
{
    cb_slice why, all, header, name, value;
    if (status == 0 && find_string(response, "\"unreachable\"", &why))
        return format(ERROR("unreachable", DETAIL("%.*s")), ARGS(why));
    if (status == 0 && find_string(response, "\"forbidden\"", &why))
        return format(ERROR("operator", TROUBLE("setting", "%.*s")), ARGS(why));
    if (status == 429 && find(response, "\"headers\"", 0, &all))
        for (int i = 0; find(all, NULL, i, &header); i++)
            if (find(header, NULL, 0, &name) && find(header, NULL, 1, &value) && name.len == 13 &&
                !strncasecmp((const char *)name.ptr, "\"retry-after\"", 13) && value.len < 10 && isdigit(value.ptr[1]))
                return format(ERROR("retry_after", WAIT("%lld")), 1000 * atoll((const char *)value.ptr + 1));
    if (status == 429) return format(ERROR("retry_after", WAIT("null")));
    if (status == 401 || status == 403) return format(ERROR("operator", TROUBLE("keys", "status %d")), status);
    if (status < 400 || status > 499) return format(ERROR("unclear", DETAIL("status %d")), status);
    return format(ERROR("refused", REFUSAL("other", "%d", "the board does not take it")), status);
}

static void on_answer(void *user, int32_t status, cb_slice payload, cb_buf *bufs, size_t n)
{
    asked of = *(asked *)user;
    cb_slice found, id, url, body = { n ? bufs[0].ptr : NULL, n ? bufs[0].len : 0 };
    int code = status == CB_OK && find(payload, "\"status\"", 0, &found) ? atoi((const char *)found.ptr) : 0;
    bool good = of.posts ? code >= 200 && code < 300 : code == 200 || code == 204 || code == 404 || code == 410;
    char *json; /* NULL: cancelled */
    free(user);
    if (!good) json = status == CB_CANCELLED ? NULL : refused(code, payload);
    else if (!of.posts) json = format("null");
    else if (!find_string(body, "\"id\"", &id) || id.len == 0)
        good = false, json = format(ERROR("unclear", DETAIL("a success without an id")));
    else if (!find_string(body, "\"url\"", &url)) json = format("{\"id\":\"%.*s\",\"url\":null}", ARGS(id));
    else json = format("{\"id\":\"%.*s\",\"url\":\"%.*s\"}", ARGS(id), ARGS(url));
    host->complete(of.call, json == NULL ? CB_CANCELLED : good ? CB_OK : CB_ERROR, TEXT(json ? json : ""), NULL, 0);
    give_back(bufs, n);
    free(json);
}

static int32_t call(void *instance, uint32_t op, uint64_t token, cb_slice payload, cb_buf *bufs, size_t n)
{
    cb_slice argument, words;
    bool posts = op == CB_PUBLISH, taken = false;
    give_back(bufs, n);
    if (!posts && op != CB_RETRACT) return CB_UNSUPPORTED;
    if (!find(payload, NULL, 1, &argument) || !find_string(argument, posts ? "\"text\"" : "\"id\"", &words))
        return CB_BAD_PAYLOAD;
    for (size_t i = 0; !posts && i < words.len; i++) /* an id that would need escapes in a path is not the board's */
        if (!isalnum(words.ptr[i]) && words.ptr[i] != '-' && words.ptr[i] != '_') return CB_BAD_PAYLOAD;
    char *body = format(posts ? "{\"text\":\"%.*s\"}" : "", ARGS(words));
    char *request = format(REQUEST, posts ? "" : "/", posts ? 0 : (int)words.len, (const char *)words.ptr,
                           posts ? "POST" : "DELETE", ((board *)instance)->token);
    asked *user = malloc(sizeof *user);
    if (body && request && user) {
        *user = (asked){ token, posts };
        taken = host->host_call(token, CB_HOST_HTTP, TEXT(request), &BUF(body, free), 1, on_answer, user) != 0;
    } else free(body);
    if (!taken) free(user);
    free(request);
    return taken ? CB_OK : CB_CANCELLED;
}

/* One part, the text as it stands. NULL when it says nothing, or is longer than 500 characters. */
static char *plan(cb_slice text)
{
    size_t chars = 0, seen = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i], next = c == '\\' ? text.ptr[++i] : 0; /* an escape is whole: the host wrote it */
        if (next == 'u') i += 4;
        chars += c < 0x80 || c >= 0xc0; /* the other bytes go on with a character */
        seen += next ? next == '"' || next == '\\' : c > ' ' && c != 0x7f;
    }
    return seen == 0 || chars > 500 ? NULL : format(PLAN, ARGS(text));
}

static int32_t ask(void *instance, uint32_t op, cb_slice payload, cb_buf *into)
{
    cb_slice draft, text, media;
    char *json = NULL;
    if (op == CB_CAPABILITIES) json = format(CAN, ((board *)instance)->base);
    else if (op != CB_PLAN) return CB_UNSUPPORTED;
    else if (!find(payload, NULL, 0, &draft) || !find_string(draft, "\"text\"", &text)) return CB_BAD_PAYLOAD;
    else if (!find(draft, "\"media_types\"", 0, &media) || !find(media, NULL, 0, &media)) json = plan(text);
    *into = json ? BUF(json, free) : BUF("{" REFUSAL("content", "", "the board takes 1 to 500 characters") "}", NULL);
    return json ? CB_OK : CB_ERROR;
}

static void destroy(void *of) { board *gone = of; if (gone) free(gone->base), free(gone->token), free(gone); }

static int32_t create(cb_slice kind, cb_slice settings, void **instance, cb_buf *error)
{
    cb_slice values, base, token;
    (void)kind, (void)error; /* there is one kind, and the host has checked its settings */
    if (!find(settings, "\"values\"", 0, &values) || !find_string(values, "\"api_base\"", &base) ||
        !find_string(values, "\"token\"", &token)) return CB_UNSUPPORTED;
    board *made = malloc(sizeof *made);
    if (made) *made = (board){ format("%.*s", ARGS(base)), format("%.*s", ARGS(token)) };
    if (made && made->base && made->token) return *instance = made, CB_OK;
    return destroy(made), CB_CANCELLED;
}

static int32_t describe(cb_buf *into) { return *into = BUF(KINDS, NULL), CB_OK; }
static int32_t init(const cb_host *table) { return host = table, CB_OK; }

const cb_plugin CORDBOARD_PLUGIN = { CB_MAGIC, CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_plugin),
    { (const uint8_t *)MANIFEST, sizeof MANIFEST - 1 }, init, describe, create, ask, call, NULL, destroy, NULL };
