/*
 * cmd_json.c - what the families put into JSON objects.
 */
#include "src/command/cmd_json.h"

void
json_put_u64(struct json_object *js, const char *name, uint64_t v)
{
    json_object_object_add(js, name, json_object_new_uint64(v));
}

void
json_put_text(struct json_object *js, const char *name, const char *text)
{
    json_object_object_add(js, name, json_object_new_string(text));
}

void
json_put_bool(struct json_object *js, const char *name, bool v)
{
    json_object_object_add(js, name, json_object_new_boolean(v));
}

void
json_put_rate(struct json_object *js, const char *name, double per_s)
{
    json_object_object_add(
        js, name,
        per_s < 0 ? NULL : json_object_new_uint64((uint64_t)(per_s + 0.5)));
}

void
json_put_vcpu(struct json_object *js, const struct dom_vcpu *v)
{
    json_put_u64(js, "vcpu", v->id);
    json_put_bool(js, "online", v->online);
    json_put_bool(js, "running", v->running);
    json_put_bool(js, "blocked", v->blocked);
    json_object_object_add(js, "cpu",
                           v->online ? json_object_new_uint64(v->cpu) : NULL);
    json_put_u64(js, "cpu_ns", v->cpu_ns);
}

void
json_out(struct buf *out, struct json_object *js)
{
    buf_str(out, json_object_to_json_string_ext(
                     js, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                             JSON_C_TO_STRING_NOSLASHESCAPE));
    buf_chr(out, '\n');
    json_object_put(js);
}
