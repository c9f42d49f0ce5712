/*
 * conf.c - reading libconfig files that anybody may have written: conf_scan
 * goes over the text first, then libconfig parses. Values come from a file
 * that may be hostile or broken: they are shown cut and made safe, and taken
 * only when nothing in them had to be made safe.
 */
#include "src/base/conf.h"

#include <string.h>

#include "src/base/conf_int.h"
#include "src/base/fdio.h"

#define SHOWN_MAX 60  /* bytes of a value in a sentence */
#define FILE_MAX  160 /* bytes of a file's name in a sentence: its end */

/* --- sentences */

int
conf_vbad_at(const struct conf_at *at, enum err_code code, const char *setting,
             const char *fmt, va_list ap)
{
    size_t len = strlen(at->file);
    const char *dots = len > FILE_MAX ? "..." : "";
    const char *file = len > FILE_MAX ? at->file + len - FILE_MAX : at->file;

    err_vset(at->e, code, fmt, ap);
    if (at->line == 0)
        return err_wrap(at->e, "%s%s: %s", dots, file, setting);
    return err_wrap(at->e, "%s%s:%u: %s", dots, file, at->line, setting);
}

int
conf_bad_at(const struct conf_at *at, enum err_code code, const char *setting,
            const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    conf_vbad_at(at, code, setting, fmt, ap);
    va_end(ap);
    return -1;
}

int
conf_bad(const char *file, const config_setting_t *s, struct err *e,
         const char *fmt, ...)
{
    struct conf_at at = { file, config_setting_source_line(s), e };
    struct buf path = { 0 };
    va_list ap;

    conf_path(s, &path);
    va_start(ap, fmt);
    conf_vbad_at(&at, ERR_INVALID, path.len > 0 ? buf_text(&path) : "file", fmt,
                 ap);
    va_end(ap);
    buf_free(&path);
    return -1;
}

int
conf_refuse(const char *file, const config_setting_t *s, struct err *e,
            const char *fmt, ...)
{
    struct buf found = { 0 }, allowed = { 0 };
    va_list ap;

    conf_found(s, &found);
    va_start(ap, fmt);
    buf_vfmt(&allowed, fmt, ap);
    va_end(ap);
    conf_bad(file, s, e, "found %s, allowed %s", buf_text(&found),
             buf_text(&allowed));
    buf_free(&found);
    buf_free(&allowed);
    return -1;
}

void
conf_path(const config_setting_t *s, struct buf *out)
{
    const config_setting_t *up = config_setting_parent(s);

    if (up == NULL)
        return;
    conf_path(up, out);
    if (config_setting_name(s) == NULL) {
        buf_fmt(out, "[%d]", config_setting_index(s));
        return;
    }
    if (out->len > 0)
        buf_chr(out, '.');
    buf_safe(out, config_setting_name(s), SHOWN_MAX);
}

void
conf_quote(struct buf *out, const char *text, size_t n)
{
    bool cut = n > SHOWN_MAX;

    buf_chr(out, '"');
    buf_safe(out, text, cut ? SHOWN_MAX : n);
    buf_str(out, cut ? "...\"" : "\"");
}

void
conf_found(const config_setting_t *s, struct buf *out)
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        buf_fmt(out, "%lld", config_setting_get_int64(s));
        break;
    case CONFIG_TYPE_FLOAT:
        buf_fmt(out, "the fraction %g", config_setting_get_float(s));
        break;
    case CONFIG_TYPE_STRING:
        conf_quote(out, config_setting_get_string(s),
                   strlen(config_setting_get_string(s)));
        break;
    case CONFIG_TYPE_BOOL:
        buf_str(out, config_setting_get_bool(s) ? "true" : "false");
        break;
    case CONFIG_TYPE_GROUP:
        buf_str(out, "a group { }");
        break;
    case CONFIG_TYPE_ARRAY:
        buf_str(out, "an array [ ]");
        break;
    default:
        buf_str(out, "a list ( )");
        break;
    }
}

/* --- files */

/* What libconfig refused: the line, for its own words say little. */
static int
conf_refuse_syntax(const config_t *cf, const char *text, const char *file,
                   struct err *e)
{
    struct conf_at at = { file, (unsigned)config_error_line(cf), e };
    struct buf shown = { 0 };
    unsigned i;

    for (i = 1; i < at.line && strchr(text, '\n') != NULL; i++)
        text = strchr(text, '\n') + 1;
    at.line = i; /* the scan ends the last line, even of an empty one */
    text += strspn(text, " \t");
    conf_quote(&shown, text, strcspn(text, "\r\n"));
    conf_bad_at(&at, ERR_INVALID, "syntax",
                "found a mistake %s %s (%s), allowed NAME = VALUE;",
                text[0] == '\0' ? "before" : "in or before",
                text[0] == '\0' ? "the end of the file" : buf_text(&shown),
                config_error_text(cf));
    buf_free(&shown);
    return -1;
}

int
conf_parse(const char *text, const char *file, config_t *cf, struct err *e)
{
    struct buf fit = { 0 };
    int rc = conf_scan(text, file, &fit, e);

    if (rc == 0) {
        config_init(cf);
        if (config_read_string(cf, buf_text(&fit)) != CONFIG_TRUE) {
            rc = conf_refuse_syntax(cf, text, file, e);
            config_destroy(cf);
        }
    }
    buf_free(&fit);
    return rc;
}

int
conf_read(const char *path, struct buf *text, struct err *e)
{
    struct conf_at at = { path, 1, e };
    const char *p, *nul;

    buf_clear(text);
    if (fd_read_file(path, CONF_FILE_MAX, text, e) < 0)
        return -1;
    p = buf_text(text);
    nul = memchr(p, '\0', text->len);
    if (nul == NULL)
        return 0;
    for (; p < nul; p++)
        at.line += *p == '\n';
    return conf_bad_at(&at, ERR_INVALID, "syntax",
                       "found a NUL byte, allowed text");
}

int
conf_load(const char *path, config_t *cf, struct err *e)
{
    struct buf text = { 0 };
    int rc = conf_read(path, &text, e);

    if (rc == 0)
        rc = conf_parse(buf_text(&text), path, cf, e);
    buf_free(&text);
    return rc;
}

/* --- values */

bool
conf_is_safe(const char *text, size_t len)
{
    struct buf b = { 0 };
    bool safe;

    buf_safe(&b, text, len);
    safe = strcmp(buf_text(&b), text) == 0;
    buf_free(&b);
    return safe;
}

int
conf_text(const char *file, const config_setting_t *s, size_t max_bytes,
          const char **out, struct err *e)
{
    const char *text;
    size_t len;

    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return conf_refuse(file, s, e, "a text in quotes");
    text = config_setting_get_string(s);
    len = strlen(text);
    if (len > max_bytes)
        return conf_refuse(file, s, e, "at most %zu bytes (this is %zu)",
                           max_bytes, len);
    if (!conf_is_safe(text, len))
        return conf_refuse(file, s, e, "UTF-8 text without control characters");
    *out = text;
    return 0;
}

int
conf_bool(const char *file, const config_setting_t *s, bool *out, struct err *e)
{
    if (config_setting_type(s) != CONFIG_TYPE_BOOL)
        return conf_refuse(file, s, e, "true or false");
    *out = config_setting_get_bool(s) != 0;
    return 0;
}

int
conf_number(const char *file, const config_setting_t *s, double min, double max,
            double *out, struct err *e)
{
    double v = min - 1; /* refused, unless the setting is a number */

    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        v = (double)config_setting_get_int64(s);
        break;
    case CONFIG_TYPE_FLOAT:
        v = config_setting_get_float(s);
        break;
    default:
        break;
    }
    if (!(v >= min && v <= max))
        return conf_refuse(file, s, e, "a number from %.10g to %.10g", min,
                           max);
    *out = v;
    return 0;
}
