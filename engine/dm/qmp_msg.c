/*
 * qmp_msg.c - see qmp_int.h.
 */
#include <limits.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/dm/qmp_int.h"

struct json_object *
qmp_member(struct json_object *o, const char *key, enum json_type type)
{
    struct json_object *v = NULL;

    if (!json_object_is_type(o, json_type_object) ||
        !json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, type))
        return NULL;
    return v;
}

const char *
qmp_text(struct json_object *o, const char *key)
{
    struct json_object *v = qmp_member(o, key, json_type_string);
    const char *text = v != NULL ? json_object_get_string(v) : NULL;

    /* a NUL inside would hide the rest from whoever checks it */
    return text != NULL && strlen(text) == (size_t)json_object_get_string_len(v)
               ? text
               : NULL;
}

static enum err_code
qmp_code_of(const char *class)
{
    if (class != NULL && strcmp(class, "CommandNotFound") == 0)
        return ERR_UNSUPPORTED;
    if (class != NULL && strcmp(class, "DeviceNotFound") == 0)
        return ERR_NOENT;
    return ERR_IO;
}

static void
qmp_read_error(struct qmp_msg *m, struct json_object *error)
{
    const char *desc = qmp_text(error, "desc");

    m->kind = QMP_MSG_ERROR;
    err_set(&m->error, qmp_code_of(qmp_text(error, "class")), "%.300s",
            desc != NULL ? desc : "it refuses, and does not say why");
}

static void
qmp_sort(struct qmp_msg *m)
{
    struct json_object *v = NULL;

    if ((v = qmp_member(m->all, "QMP", json_type_object)) != NULL) {
        m->kind = QMP_MSG_GREETING;
    } else if ((m->event = qmp_text(m->all, "event")) != NULL) {
        m->kind = QMP_MSG_EVENT;
        m->body = qmp_member(m->all, "data", json_type_object);
    } else if ((v = qmp_member(m->all, "error", json_type_object)) != NULL) {
        qmp_read_error(m, v);
    } else if (json_object_object_get_ex(m->all, "return", &v) && v != NULL) {
        m->kind = QMP_MSG_RETURN;
        m->body = v;
    }
}

int
qmp_msg_read(struct qmp_msg *m, const char *line, size_t n, struct err *e)
{
    struct json_tokener *tok = json_tokener_new_ex(QMP_DEPTH);
    struct json_object *id;

    *m = (struct qmp_msg){ .kind = QMP_MSG_OTHER };
    if (tok != NULL && n <= INT_MAX &&
        text_json_values(line, n) <= QMP_VALUES_MAX)
        m->all = json_tokener_parse_ex(tok, line, (int)n);
    json_tokener_free(tok);
    if (!json_object_is_type(m->all, json_type_object)) {
        json_object_put(m->all);
        m->all = NULL;
        return err_set(e, ERR_LOST, "it sent what is no message of QMP");
    }
    id = qmp_member(m->all, "id", json_type_int);
    m->has_id = id != NULL && json_object_get_int64(id) >= 0;
    m->id = m->has_id ? (uint64_t)json_object_get_int64(id) : 0;
    qmp_sort(m);
    return 0;
}

void
qmp_msg_fini(struct qmp_msg *m)
{
    json_object_put(m->all);
    m->all = NULL;
}

void
qmp_msg_write(struct buf *out, const char *name, uint64_t id,
              struct json_object *args)
{
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "execute", json_object_new_string(name));
    if (args != NULL)
        json_object_object_add(o, "arguments", args);
    json_object_object_add(o, "id", json_object_new_int64((int64_t)id));
    buf_str(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
    buf_str(out, "\r\n");
    json_object_put(o);
}
