/*
 * conf.c - reading libconfig files that anybody may have written: a first
 * pass refuses what would hurt libconfig 1.5 (deep nesting, which its parser
 * answers with its stack; many settings, which it looks up one by one; whole
 * numbers that it would wrap at 32 bits), then libconfig parses.
 */
#include "src/base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/fdio.h"

#define FOUND_MAX 40 /* bytes of a text quoted in a sentence */

struct scan {
    const char *p, *file;
    struct err *e;
    unsigned line, depth, items;
};

static int
refuse(const struct scan *sc, enum err_code code, const char *what)
{
    return err_set(sc->e, code, "%s:%u: %s", sc->file, sc->line, what);
}

static int
scan_string(struct scan *sc)
{
    for (sc->p++; *sc->p != '"'; sc->p++) {
        if (*sc->p == '\0' || *sc->p == '\n')
            return refuse(sc, ERR_INVALID,
                          "found a text that is not closed, allowed text "
                          "between two \" on one line");
        if (*sc->p == '\\' && (sc->p[1] == '"' || sc->p[1] == '\\'))
            sc->p++;
    }
    sc->p++;
    return 0;
}

static int
scan_comment(struct scan *sc)
{
    const char *end = strstr(sc->p + 2, "*/");

    if (end == NULL)
        return refuse(sc, ERR_INVALID, "found a comment that is not closed");
    for (; sc->p < end; sc->p++)
        sc->line += *sc->p == '\n';
    sc->p = end + 2;
    return 0;
}

static int
scan_number(struct scan *sc)
{
    unsigned long long v;
    char *end;

    errno = 0;
    v = strtoull(sc->p, &end, 0);
    if (*end != '.' && (errno != 0 || v > INT32_MAX))
        return refuse(sc, ERR_RANGE,
                      "found a number that is too large, allowed at most "
                      "2147483647");
    while (isalnum((unsigned char)*sc->p) || *sc->p == '.')
        sc->p++;
    return 0;
}

static int
scan_punct(struct scan *sc)
{
    switch (*sc->p) {
    case '{':
    case '(':
    case '[':
        if (++sc->depth > CONF_DEPTH_MAX)
            return refuse(sc, ERR_RANGE,
                          "found more than 16 brackets inside each other, "
                          "allowed 16");
        break;
    case '}':
    case ')':
    case ']':
        sc->depth -= sc->depth > 0;
        break;
    case '=':
    case ':':
    case ',':
        if (++sc->items > CONF_ITEMS_MAX)
            return refuse(sc, ERR_RANGE,
                          "found more than 4096 settings, allowed 4096");
        break;
    case '@':
        return refuse(sc, ERR_DENIED,
                      "found @include, allowed one file that holds all");
    default:
        break;
    }
    sc->p++;
    return 0;
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static int
scan_one(struct scan *sc)
{
    unsigned char c = (unsigned char)*sc->p;

    if (c == '"')
        return scan_string(sc);
    if (c == '#' || strncmp(sc->p, "//", 2) == 0) {
        sc->p += strcspn(sc->p, "\n");
        return 0;
    }
    if (strncmp(sc->p, "/*", 2) == 0)
        return scan_comment(sc);
    if (isdigit(c))
        return scan_number(sc);
    if (isalpha(c) || c == '*') {
        while (is_word(*sc->p))
            sc->p++;
        return 0;
    }
    sc->line += c == '\n';
    return scan_punct(sc);
}

static int
scan(const char *text, const char *file, struct err *e)
{
    struct scan sc = { .p = text, .file = file, .e = e, .line = 1 };

    while (*sc.p != '\0')
        if (scan_one(&sc) < 0)
            return -1;
    return 0;
}

int
conf_parse(const char *text, const char *file, config_t *cf, struct err *e)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* byte order mark: some editors' habit */
    if (scan(text, file, e) < 0)
        return -1;
    config_init(cf);
    if (config_read_string(cf, text) == CONFIG_TRUE)
        return 0;
    err_set(e, ERR_INVALID, "%s:%d: %s", file, config_error_line(cf),
            config_error_text(cf));
    config_destroy(cf);
    return -1;
}

int
conf_load(const char *path, config_t *cf, struct err *e)
{
    struct buf text = { 0 };
    int rc = -1;

    if (fd_read_file(path, CONF_FILE_MAX, &text, e) < 0)
        return -1;
    if (strlen(buf_text(&text)) != text.len)
        err_set(e, ERR_INVALID, "%s: found a NUL byte, allowed text", path);
    else
        rc = conf_parse(buf_text(&text), path, cf, e);
    buf_free(&text);
    return rc;
}

static void
path_of(const config_setting_t *s, struct buf *out)
{
    const config_setting_t *up = config_setting_parent(s);

    if (up == NULL)
        return;
    path_of(up, out);
    if (config_setting_name(s) == NULL) {
        buf_fmt(out, "[%d]", config_setting_index(s));
        return;
    }
    if (out->len > 0)
        buf_chr(out, '.');
    buf_safe(out, config_setting_name(s), FOUND_MAX);
}

int
conf_bad(const char *file, const config_setting_t *s, struct err *e,
         const char *fmt, ...)
{
    struct buf at = { 0 };
    va_list ap;

    va_start(ap, fmt);
    err_vset(e, ERR_INVALID, fmt, ap);
    va_end(ap);
    path_of(s, &at);
    err_wrap(e, "%s:%u: %s", file, (unsigned)config_setting_source_line(s),
             at.len > 0 ? buf_text(&at) : "file");
    buf_free(&at);
    return -1;
}

void
conf_found(const config_setting_t *s, struct buf *out)
{
    const char *text;

    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        buf_fmt(out, "%lld", config_setting_get_int64(s));
        break;
    case CONFIG_TYPE_FLOAT:
        buf_fmt(out, "%g", config_setting_get_float(s));
        break;
    case CONFIG_TYPE_BOOL:
        buf_str(out, config_setting_get_bool(s) ? "true" : "false");
        break;
    case CONFIG_TYPE_STRING:
        text = config_setting_get_string(s);
        buf_chr(out, '"');
        buf_safe(out, text, FOUND_MAX);
        buf_str(out, strlen(text) > FOUND_MAX ? "...\"" : "\"");
        break;
    case CONFIG_TYPE_GROUP:
        buf_str(out, "a group { }");
        break;
    default:
        buf_str(out, "a list");
        break;
    }
}

static int
bad_type(const char *file, const config_setting_t *s, struct err *e,
         const char *allowed)
{
    struct buf found = { 0 };

    conf_found(s, &found);
    conf_bad(file, s, e, "found %s, allowed %s", buf_text(&found), allowed);
    buf_free(&found);
    return -1;
}

int
conf_text(const char *file, const config_setting_t *s, size_t max_bytes,
          const char **out, struct err *e)
{
    const char *text, *p;
    char allowed[64];

    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return bad_type(file, s, e, "text in quotes");
    text = config_setting_get_string(s);
    for (p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return bad_type(file, s, e, "text without control characters");
    text_fmt(allowed, sizeof allowed, "at most %zu bytes", max_bytes);
    if (strlen(text) > max_bytes)
        return bad_type(file, s, e, allowed);
    *out = text;
    return 0;
}

int
conf_bool(const char *file, const config_setting_t *s, bool *out, struct err *e)
{
    if (config_setting_type(s) != CONFIG_TYPE_BOOL)
        return bad_type(file, s, e, "true or false");
    *out = config_setting_get_bool(s) != 0;
    return 0;
}

int
conf_number(const char *file, const config_setting_t *s, double min, double max,
            double *out, struct err *e)
{
    char allowed[64];
    double v;

    text_fmt(allowed, sizeof allowed, "a number from %.10g to %.10g", min, max);
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        v = (double)config_setting_get_int64(s);
        break;
    case CONFIG_TYPE_FLOAT:
        v = config_setting_get_float(s);
        break;
    default:
        return bad_type(file, s, e, allowed);
    }
    if (!(v >= min && v <= max))
        return bad_type(file, s, e, allowed);
    *out = v;
    return 0;
}
