/* A plugin of a few lines, for tests of what a bridge does with files. Compiled with NAME, and with
 * TRANSPORT, SINK or both as the kinds it offers. Whatever is posted to its hook is one text. */
#include "cordboard_plugin.h"

#include <string.h>

static const cb_host *bridge;
static char one_transport, one_sink;

#define TEXT(words) ((cb_slice){ (const uint8_t *)(words), sizeof(words) - 1 })
#define HELD(words) ((cb_buf){ (const uint8_t *)(words), sizeof(words) - 1, NULL, NULL })

static const char MANIFEST[] = "{\"name\":\"" NAME "\",\"version\":\"0.3.1\",\"lang\":\"c\"}";

static const char KINDS[] = "{"
#ifdef TRANSPORT
    "\"transports\":[{\"kind\":\"" TRANSPORT "\",\"settings\":["
    "{\"key\":\"numbers\",\"kind\":\"number_list\",\"default\":null,\"doc\":\"Our numbers.\"},"
    "{\"key\":\"loft\",\"kind\":\"text\",\"default\":\"\\\"dry\\\"\",\"doc\":\"How it is up there.\"}]}],"
#endif
#ifdef SINK
    "\"sinks\":[{\"kind\":\"" SINK "\",\"settings\":[]}],"
#endif
    "\"more\":[]}";

static const char OF_A_TRANSPORT[] =
    "{\"numbers\":[\"+15550100001\"],\"bases\":[],\"media_hosts\":[],\"pictures_in\":false,\"webhook\":true,"
    "\"confirms\":false,\"carrier_words\":[],\"price_segment_in\":0,\"price_segment_out\":0,"
    "\"text_chars_max\":1600,\"pace\":{\"at_once\":1,\"gap_ms\":0,\"call_ms_max\":20000}}";

static const char OF_A_SINK[] =
    "{\"credentials\":[],\"bases\":[],\"conversation\":\"core\",\"media_types\":[],\"refuses_duplicates\":false,"
    "\"price_post\":0,\"price_link_post\":0,\"price_settle\":0,\"price_check\":0,\"price_retract\":0,"
    "\"provider\":\"Wall\",\"publish_ms_max\":1000}";

static const char ARRIVED[] =
    "{\"messages\":[{\"key\":{\"account\":\"loft\",\"id\":\"1\"},\"from\":\"+15550101142\",\"to\":\"+15550100001\","
    "\"text\":\"coo\",\"media\":[],\"keyword\":null,\"segments\":1}],\"statuses\":[],"
    "\"answer\":{\"status\":200,\"headers\":[],\"body\":{\"$buffer\":0}}}";

static int32_t init(const cb_host *host) { bridge = host; return CB_OK; }

static int32_t describe(cb_buf *answer) { *answer = HELD(KINDS); return CB_OK; }

static int32_t create(cb_slice kind, cb_slice settings, void **instance, cb_buf *error)
{
#ifdef SINK
    if (kind.len == sizeof(SINK) - 1 && memcmp(kind.ptr, SINK, kind.len) == 0) {
        *instance = &one_sink;
        return CB_OK;
    }
#endif
    static const char wet[] = "\"loft\":\"wet\"";
    for (size_t at = 0; at + sizeof(wet) - 1 <= settings.len; at++)
        if (memcmp(settings.ptr + at, wet, sizeof(wet) - 1) == 0) {
            *error = HELD("{\"key\":\"loft\",\"problem\":\"must be dry\"}");
            return CB_ERROR;
        }
    (void)kind;
    *instance = &one_transport;
    return CB_OK;
}

static int32_t ask(void *instance, uint32_t op, cb_slice payload, cb_buf *answer)
{
    (void)payload;
    if (op != CB_CAPABILITIES)
        return CB_UNSUPPORTED;
    *answer = instance == &one_sink ? HELD(OF_A_SINK) : HELD(OF_A_TRANSPORT);
    return CB_OK;
}

static int32_t call(void *instance, uint32_t op, uint64_t token, cb_slice payload, cb_buf *bufs, size_t n)
{
    (void)instance; (void)payload;
    for (size_t i = 0; i < n; i++)
        if (bufs[i].release)
            bufs[i].release(bufs[i].owner);
    switch (op) {
    case CB_RECEIVE:
        bridge->complete(token, CB_OK, TEXT(ARRIVED), &(cb_buf){ NULL, 0, NULL, NULL }, 1);
        return CB_OK;
    case CB_SEND:
        bridge->log(token, CB_INFO, TEXT("a pigeon takes off"));
        bridge->complete(token, CB_OK, TEXT("{\"id\":\"p1\",\"state\":\"sent\",\"segments\":1}"), NULL, 0);
        return CB_OK;
    default:
        return CB_UNSUPPORTED;
    }
}

static void cancel(void *instance, uint64_t token) { (void)instance; (void)token; }
static void destroy(void *instance) { (void)instance; }

const cb_plugin CORDBOARD_PLUGIN = {
    CB_MAGIC, CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_plugin),
    { (const uint8_t *)MANIFEST, sizeof(MANIFEST) - 1 },
    init, describe, create, ask, call, cancel, destroy, NULL,
};
