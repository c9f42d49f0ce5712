/*
 * hello.c - see hello.h. One row of a table holds a member's name and place.
 */
#include "src/attach/hello.h"

#include <stdlib.h>
#include <string.h>

#include "src/attach/conn.h"
#include "src/base/conf.h"
#include "src/base/xalloc.h"

#define WHERE_MAX   4200
#define VERSION_MAX 31

static const struct {
    const char *key;
    size_t at, size;
} texts[] = {
#define TEXT(m)                                                                \
    {                                                                          \
#m, offsetof(struct hello, m), sizeof(((struct hello *)0)->m)          \
    }
    TEXT(version),    TEXT(cwd),         TEXT(term),  TEXT(theme),
    TEXT(theme_dirs), TEXT(config_name), TEXT(token), TEXT(hook),
#undef TEXT
};

static const struct {
    const char *key;
    size_t at;
} flags[] = {
#define FLAG(m)                                                                \
    {                                                                          \
#m, offsetof(struct hello, m)                                          \
    }
    FLAG(utf8),       FLAG(read_only),   FLAG(no_color),
    FLAG(no_unicode), FLAG(only_config), FLAG(stdio),
#undef FLAG
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct json_object *
encode_lines(const struct hello *h)
{
    struct json_object *list = json_object_new_array(), *one;
    size_t i;

    for (i = 0; i < h->n_lines; i++) {
        one = json_object_new_object();
        msg_add_text(one, "text", h->lines[i].text);
        if (h->lines[i].where != NULL)
            msg_add_text(one, "where", h->lines[i].where);
        json_object_array_add(list, one);
    }
    return list;
}

struct json_object *
hello_encode(const struct hello *h)
{
    struct json_object *msg = msg_new("hello");
    const char *base = (const char *)h;
    size_t i;

    msg_add_int(msg, "v", WIRE_VERSION);
    msg_add_text(msg, "kind", h->kind == HELLO_TERMINAL ? "terminal" : "batch");
    for (i = 0; i < COUNT(texts); i++)
        if (base[texts[i].at] != '\0')
            msg_add_text(msg, texts[i].key, base + texts[i].at);
    for (i = 0; i < COUNT(flags); i++)
        if (*(const bool *)(base + flags[i].at))
            json_object_object_add(msg, flags[i].key,
                                   json_object_new_boolean(1));
    if (h->config_text != NULL)
        msg_add_text(msg, "config", h->config_text);
    if (h->kind == HELLO_BATCH || h->n_lines > 0)
        json_object_object_add(msg, "lines", encode_lines(h));
    return msg;
}

/* A text that is "" may be left out; what cannot be taken is never "". */
static int
decode_text(struct json_object *msg, const char *key, size_t max,
            const char **out, struct err *e)
{
    struct json_object *v = NULL;
    size_t n;

    *out = "";
    if (!json_object_object_get_ex(msg, key, &v))
        return 0;
    if (!json_object_is_type(v, json_type_string))
        return err_set(e, ERR_INVALID, "%s: found no text", key);
    n = (size_t)json_object_get_string_len(v);
    if (n > max)
        return err_set(e, ERR_RANGE, "%s: found %zu bytes, allowed %zu", key, n,
                       max);
    *out = json_object_get_string(v);
    if (strlen(*out) != n)
        return err_set(e, ERR_INVALID, "%s: found a byte of value 0", key);
    return 0;
}

static int
decode_line(struct json_object *one, struct hello *out, struct err *e)
{
    const char *text, *where;

    if (!json_object_is_type(one, json_type_object))
        return err_set(e, ERR_INVALID, "a line of the batch is no object");
    if (!json_object_object_get_ex(one, "text", NULL))
        return err_set(e, ERR_INVALID, "a line of the batch has no text");
    if (decode_text(one, "text", CMD_LINE_BYTES, &text, e) < 0 ||
        decode_text(one, "where", WHERE_MAX, &where, e) < 0)
        return err_wrap(e, "line %zu", out->n_lines + 1);
    out->lines[out->n_lines].text = xstrdup(text);
    out->lines[out->n_lines++].where = *where != '\0' ? xstrdup(where) : NULL;
    return 0;
}

static int
decode_lines(struct json_object *msg, struct hello *out, struct err *e)
{
    struct json_object *list = NULL;
    size_t i, n;

    if (!json_object_object_get_ex(msg, "lines", &list) ||
        !json_object_is_type(list, json_type_array))
        return err_set(e, ERR_INVALID, "a batch without lines");
    n = json_object_array_length(list);
    if (n > HELLO_LINES_MAX)
        return err_set(e, ERR_RANGE, "found %zu lines, allowed %d", n,
                       HELLO_LINES_MAX);
    out->lines = xcalloc(n + 1, sizeof(out->lines[0]));
    for (i = 0; i < n; i++)
        if (decode_line(json_object_array_get_idx(list, i), out, e) < 0)
            return -1;
    return 0;
}

static bool
flag_of(struct json_object *msg, const char *key)
{
    struct json_object *v = NULL;

    return json_object_object_get_ex(msg, key, &v) &&
           json_object_is_type(v, json_type_boolean) &&
           json_object_get_boolean(v);
}

static int
refuse_version(struct json_object *msg, long long v, struct err *e)
{
    const char *version = msg_text(msg, "version", VERSION_MAX);

    return err_set(e, ERR_UNSUPPORTED,
                   "this client (xendeck %s, protocol %lld) and the engine "
                   "(xendeck %s, protocol %d) are of different versions: start "
                   "xendeck anew, or `xendeck --replace' the engine",
                   *version != '\0' ? version : "of an unknown version", v,
                   XENDECK_VERSION, WIRE_VERSION);
}

static int
decode_kind(struct json_object *msg, struct hello *out, struct err *e)
{
    const char *what = msg_text(msg, "kind", 16);
    long long v = msg_int(msg, "v", 0, 1000000, 0);

    if (!msg_is(msg, "hello"))
        return err_set(e, ERR_INVALID, "the first message is no hello");
    if (v != WIRE_VERSION)
        return refuse_version(msg, v, e);
    if (strcmp(what, "terminal") != 0 && strcmp(what, "batch") != 0)
        return err_set(e, ERR_INVALID, "a session of an unknown kind");
    out->kind = strcmp(what, "batch") == 0 ? HELLO_BATCH : HELLO_TERMINAL;
    return 0;
}

int
hello_decode(struct json_object *msg, struct hello *out, struct err *e)
{
    char *base = (char *)out;
    const char *config;
    size_t i;

    memset(out, 0, sizeof(*out));
    if (decode_kind(msg, out, e) < 0)
        return -1;
    for (i = 0; i < COUNT(texts); i++)
        text_fmt(base + texts[i].at, texts[i].size, "%s",
                 msg_text(msg, texts[i].key, texts[i].size - 1));
    for (i = 0; i < COUNT(flags); i++)
        *(bool *)(base + flags[i].at) = flag_of(msg, flags[i].key);
    if (out->cwd[0] != '/')
        text_fmt(out->cwd, sizeof(out->cwd), "/");
    if (decode_text(msg, "config", CONF_FILE_MAX, &config, e) < 0)
        return -1;
    if (*config != '\0')
        out->config_text = xstrdup(config);
    return out->kind == HELLO_BATCH ||
                   json_object_object_get_ex(msg, "lines", NULL)
               ? decode_lines(msg, out, e)
               : 0;
}

int
hello_check_others(const struct hello *h, struct err *e)
{
    size_t n = h->config_text != NULL ? strlen(h->config_text) : 0;

    if (n > HELLO_CONFIG_OTHERS)
        return err_set(e, ERR_RANGE,
                       "%s: found %zu bytes of settings, allowed %d in a "
                       "session that may not administer",
                       h->config_name, n, HELLO_CONFIG_OTHERS);
    if (h->n_lines > HELLO_LINES_OTHERS)
        return err_set(e, ERR_RANGE,
                       "found %zu lines, allowed %d in a session that may not "
                       "administer",
                       h->n_lines, HELLO_LINES_OTHERS);
    return 0;
}

void
hello_fini(struct hello *h)
{
    size_t i;

    for (i = 0; i < h->n_lines; i++) {
        free((char *)(uintptr_t)h->lines[i].text);
        free((char *)(uintptr_t)h->lines[i].where);
    }
    free(h->lines);
    free(h->config_text);
    h->lines = NULL;
    h->n_lines = 0;
    h->config_text = NULL;
}
