/*
 * event_json.c - an event as one JSON object on one line, and back. What a
 * guest chose (its name) cannot end a string or a line: texts are safe before
 * they get here, and quoted here.
 */
#include <json-c/json.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/event/event_int.h"

static void
event_json_put_text(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_fmt(out, ",\"%s\":\"", name);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            buf_fmt(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_fmt(out, "\\u%04x", c);
        else
            buf_chr(out, (char)c);
    }
    buf_chr(out, '"');
}

static void
event_json_put_uuid(struct buf *out, const uint8_t uuid[16])
{
    static const uint8_t none[16];
    char text[37];

    if (memcmp(uuid, none, sizeof(none)) == 0)
        return;
    uuid_print_text(uuid, text);
    event_json_put_text(out, "uuid", text);
}

static void
event_json_put_op(struct buf *out, const struct event *ev)
{
    buf_fmt(out, ",\"op\":%llu", (unsigned long long)ev->op);
    event_json_put_text(out, "verb", op_verb_id(ev->verb));
    if (ev->kind == EVENT_OP_END) {
        event_json_put_text(out, "result", op_state_name(ev->result));
        buf_fmt(out, ",\"duration_ms\":%llu",
                (unsigned long long)ev->duration_ms);
    }
    event_json_put_text(out, "xl", ev->xl);
}

void
event_to_json(const struct event *ev, const char *engine, struct buf *out)
{
    buf_fmt(out, "{\"seq\":%llu,\"time\":%.3f", (unsigned long long)ev->seq,
            ev->wall_s);
    event_json_put_text(out, "kind", event_kind_name(ev->kind));
    event_json_put_text(out, "level", event_level_name(ev->level));
    if (ev->name[0] != '\0') {
        buf_fmt(out, ",\"domid\":%lld",
                ev->domid == DOM_NO_DOMID ? -1LL : (long long)ev->domid);
        event_json_put_text(out, "name", ev->name);
        event_json_put_uuid(out, ev->uuid);
    }
    event_json_put_text(out, "text", ev->text);
    event_json_put_text(out, "reason", ev->reason);
    event_json_put_text(out, "who", ev->who);
    if (ev->op != 0)
        event_json_put_op(out, ev);
    if (ev->hook)
        buf_str(out, ",\"hook\":true");
    event_json_put_text(out, "engine", engine);
    buf_str(out, "}");
}

void
engine_event_json(const struct event *ev, struct buf *out)
{
    event_to_json(ev, "", out);
    buf_chr(out, '\n');
}

/* --- back --- */

static void
get_text(json_object *js, const char *name, char *dst, size_t dst_size)
{
    json_object *v;

    *dst = '\0';
    if (json_object_object_get_ex(js, name, &v) &&
        json_object_is_type(v, json_type_string))
        text_safe(dst, dst_size, json_object_get_string(v),
                  (size_t)json_object_get_string_len(v));
}

static uint64_t
get_number(json_object *js, const char *name)
{
    json_object *v;
    int64_t n;

    if (!json_object_object_get_ex(js, name, &v) ||
        !json_object_is_type(v, json_type_int))
        return 0;
    n = json_object_get_int64(v);
    return n > 0 ? (uint64_t)n : 0;
}

/* The number of the word under name, -1: none. */
static int
get_word(json_object *js, const char *name, const char *(*word)(unsigned),
         int n)
{
    char text[32];
    int i;

    get_text(js, name, text, sizeof(text));
    for (i = 0; text[0] != '\0' && i < n; i++)
        if (strcmp(text, word((unsigned)i)) == 0)
            return i;
    return -1;
}

static void
get_op(json_object *js, struct event *ev)
{
    int verb = get_word(js, "verb", op_verb_id, OP_VERBS);
    int result = get_word(js, "result", op_state_name, OP_CANCELLED + 1);

    if (verb < 0)
        return;
    ev->op = get_number(js, "op");
    ev->verb = (enum op_verb)verb;
    if (result >= 0)
        ev->result = (enum op_state)result;
    ev->duration_ms = get_number(js, "duration_ms");
    get_text(js, "xl", ev->xl, sizeof(ev->xl));
}

static void
get_domain(json_object *js, struct event *ev)
{
    char uuid[40];
    json_object *v;

    get_text(js, "name", ev->name, sizeof(ev->name));
    if (ev->name[0] == '\0')
        return;
    if (json_object_object_get_ex(js, "domid", &v) &&
        json_object_get_int64(v) < 0)
        ev->domid = DOM_NO_DOMID;
    else
        ev->domid = (uint32_t)get_number(js, "domid");
    get_text(js, "uuid", uuid, sizeof(uuid));
    if (uuid[0] == '\0' || !uuid_parse_text(uuid, ev->uuid))
        memset(ev->uuid, 0, sizeof(ev->uuid));
}

static bool
get_event(json_object *js, struct event *ev)
{
    int kind = get_word(js, "kind", event_kind_name, EVENT_KINDS);
    int level = get_word(js, "level", event_level_name, EVENT_ERROR + 1);
    json_object *v;

    if (kind < 0 || level < 0 || !json_object_object_get_ex(js, "time", &v))
        return false;
    ev->kind = (enum event_kind)kind;
    ev->level = (enum event_level)level;
    ev->wall_s = json_object_get_double(v);
    get_domain(js, ev);
    get_text(js, "text", ev->text, sizeof(ev->text));
    get_text(js, "reason", ev->reason, sizeof(ev->reason));
    get_text(js, "who", ev->who, sizeof(ev->who));
    get_op(js, ev);
    ev->hook =
        json_object_object_get_ex(js, "hook", &v) && json_object_get_boolean(v);
    return true;
}

bool
event_from_json(const char *line, size_t n, struct event *out, char *engine,
                size_t engine_size)
{
    struct json_tokener *tok = json_tokener_new_ex(4);
    json_object *js = NULL;
    bool ok = false;

    memset(out, 0, sizeof(*out));
    *engine = '\0';
    if (tok == NULL)
        return false;
    if (n > 0 && n < 16384)
        js = json_tokener_parse_ex(tok, line, (int)n);
    if (js != NULL && json_object_is_type(js, json_type_object)) {
        ok = get_event(js, out);
        get_text(js, "engine", engine, engine_size);
    }
    out->foreign = true;
    json_object_put(js);
    json_tokener_free(tok);
    return ok;
}
