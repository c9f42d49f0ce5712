/*
 * reader.c - one way to say what is wrong with a configuration, and typed,
 * checked access to the settings that libconfig read.
 * Values come from a file that may be hostile or broken: they are shown cut
 * and made safe, and taken only when nothing in them had to be made safe.
 */
#include "engine/config/reader.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define SHOWN_MAX 60  /* bytes of a value in a message */
#define FILE_MAX  160 /* bytes of a file's name in a message: its end */
#define WORD_MAX  32  /* bytes of a setting's name that are compared */

int
reader_bad(const struct reader *r, enum err_code code, unsigned line,
           const char *setting, const char *fmt, ...)
{
    size_t len = strlen(r->file);
    const char *dots = len > FILE_MAX ? "..." : "";
    const char *file = len > FILE_MAX ? r->file + len - FILE_MAX : r->file;
    va_list ap;

    va_start(ap, fmt);
    err_vset(r->e, code, fmt, ap);
    va_end(ap);
    if (line == 0)
        return err_wrap(r->e, "%s%s: %s", dots, file, setting);
    return err_wrap(r->e, "%s%s:%u: %s", dots, file, line, setting);
}

void
reader_quote(struct buf *out, const char *text, size_t n)
{
    bool cut = n > SHOWN_MAX;

    buf_chr(out, '"');
    buf_safe(out, text, cut ? SHOWN_MAX : n);
    buf_str(out, cut ? "...\"" : "\"");
}

void
reader_path(const config_setting_t *s, struct buf *out)
{
    const config_setting_t *parent = config_setting_parent(s);

    if (parent == NULL)
        return;
    reader_path(parent, out);
    if (config_setting_name(s) == NULL) {
        buf_fmt(out, "[%d]", config_setting_index(s));
        return;
    }
    if (out->len > 0)
        buf_chr(out, '.');
    buf_safe(out, config_setting_name(s), SHOWN_MAX);
}

/* Appends what the value of s is, in a few words. */
static void
describe(const config_setting_t *s, struct buf *out)
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
        reader_quote(out, config_setting_get_string(s),
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

int
reader_refuse(const struct reader *r, enum err_code code,
              const config_setting_t *s, const char *fmt, ...)
{
    struct buf path = { 0 }, found = { 0 }, allowed = { 0 };
    va_list ap;

    reader_path(s, &path);
    describe(s, &found);
    va_start(ap, fmt);
    buf_vfmt(&allowed, fmt, ap);
    va_end(ap);
    reader_bad(r, code, config_setting_source_line(s), buf_text(&path),
               "found %s, allowed %s", buf_text(&found), buf_text(&allowed));
    buf_free(&path);
    buf_free(&found);
    buf_free(&allowed);
    return -1;
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Letters to insert, delete or replace to make b of a. */
static unsigned
edit_distance(const char *a, const char *b)
{
    size_t la = strnlen(a, WORD_MAX), lb = strnlen(b, WORD_MAX), i, j;
    unsigned row[WORD_MAX + 1], diagonal, above;

    for (j = 0; j <= lb; j++)
        row[j] = (unsigned)j;
    for (i = 1; i <= la; i++) {
        diagonal = row[0];
        row[0] = (unsigned)i;
        for (j = 1; j <= lb; j++) {
            above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1,
                           diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[lb];
}

int
reader_unknown(const struct reader *r, const config_setting_t *s,
               const struct reader_field *fields, size_t n)
{
    const char *name = config_setting_name(s), *near = fields[0].name;
    unsigned d, best = UINT_MAX;
    struct buf path = { 0 };
    size_t i;

    for (i = 0; i < n; i++) {
        d = edit_distance(name, fields[i].name);
        if (d < best) {
            best = d;
            near = fields[i].name;
        }
    }
    reader_path(s, &path);
    reader_bad(r, ERR_INVALID, config_setting_source_line(s), buf_text(&path),
               "found an unknown setting, allowed is the nearest known one, "
               "%s",
               near);
    buf_free(&path);
    return -1;
}

int
reader_group(struct reader *r, config_setting_t *s,
             const struct reader_field *fields, size_t n, void *dest)
{
    int i, n_members = config_setting_length(s);
    config_setting_t *m;
    size_t f;

    for (i = 0; i < n_members; i++) {
        m = config_setting_get_elem(s, (unsigned)i);
        for (f = 0; f < n; f++)
            if (strcmp(config_setting_name(m), fields[f].name) == 0)
                break;
        if (f == n)
            return reader_unknown(r, m, fields, n);
        if (fields[f].read(r, m, dest) < 0)
            return -1;
    }
    return 0;
}

/* True if nothing in the text has to be replaced to show it. */
static bool
is_safe(const char *text, size_t len)
{
    struct buf b = { 0 };
    bool safe;

    buf_safe(&b, text, len);
    safe = strcmp(buf_text(&b), text) == 0;
    buf_free(&b);
    return safe;
}

int
reader_text(struct reader *r, config_setting_t *s, const char **out)
{
    const char *text;
    size_t len;

    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return reader_refuse(r, ERR_INVALID, s, "a text in quotes");
    text = config_setting_get_string(s);
    len = text == NULL ? 0 : strlen(text);
    if (len == 0)
        return reader_refuse(r, ERR_INVALID, s,
                             "a text that is not empty, or no such setting");
    if (len > READER_TEXT_MAX)
        return reader_refuse(r, ERR_RANGE, s, "%d bytes (this is %zu)",
                             READER_TEXT_MAX, len);
    if (!is_safe(text, len))
        return reader_refuse(r, ERR_INVALID, s,
                             "UTF-8 text without control characters");
    *out = text;
    return 0;
}

int
reader_uint(struct reader *r, config_setting_t *s, uint64_t min, uint64_t max,
            uint64_t *out)
{
    int type = config_setting_type(s);
    long long v;

    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return reader_refuse(r, ERR_INVALID, s,
                             "a whole number of %llu to %llu",
                             (unsigned long long)min, (unsigned long long)max);
    v = config_setting_get_int64(s);
    if (v < 0 || (uint64_t)v < min || (uint64_t)v > max)
        return reader_refuse(r, ERR_RANGE, s, "%llu to %llu",
                             (unsigned long long)min, (unsigned long long)max);
    *out = (uint64_t)v;
    return 0;
}

int
reader_bool(struct reader *r, config_setting_t *s, bool *out)
{
    if (config_setting_type(s) != CONFIG_TYPE_BOOL)
        return reader_refuse(r, ERR_INVALID, s, "true or false");
    *out = config_setting_get_bool(s) != 0;
    return 0;
}

int
reader_words(struct reader *r, config_setting_t *s,
             const struct reader_word *words, size_t n, int *out)
{
    struct buf all = { 0 };
    const char *text;
    size_t i;

    if (config_setting_type(s) == CONFIG_TYPE_STRING) {
        text = config_setting_get_string(s);
        for (i = 0; i < n; i++) {
            if (strcmp(text, words[i].word) != 0)
                continue;
            *out = words[i].value;
            return 0;
        }
    }
    for (i = 0; i < n; i++)
        buf_fmt(&all, "%s\"%s\"",
                i == 0       ? ""
                : i + 1 == n ? " or "
                             : ", ",
                words[i].word);
    reader_refuse(r, ERR_INVALID, s, "%s", buf_text(&all));
    buf_free(&all);
    return -1;
}

/* dir/path with the leading "./" and "../" of path worked off: legal only
 * because no component of dir is a symbolic link. */
static char *
join(const char *dir, const char *path)
{
    size_t len = strlen(dir);

    for (;;) {
        while (len > 0 && dir[len - 1] == '/')
            len--;
        if (strncmp(path, "./", 2) == 0) {
            path += 2;
        } else if (strncmp(path, "../", 3) == 0) {
            path += 3;
            while (len > 0 && dir[len - 1] != '/')
                len--;
        } else {
            break;
        }
        path += strspn(path, "/");
    }
    return xasprintf("%.*s/%s", (int)len, dir, path);
}

int
reader_file(struct reader *r, config_setting_t *s, char **out)
{
    const char *text = "";
    char *path;

    if (reader_text(r, s, &text) < 0)
        return -1;
    if (text[0] != '/' && r->dir == NULL)
        return reader_refuse(r, ERR_INVALID, s, "a path that starts with /");
    path = text[0] == '/' ? xstrdup(text) : join(r->dir, text);
    if (strlen(path) >= PATH_MAX) {
        free(path);
        return reader_refuse(r, ERR_RANGE, s, "%d bytes of absolute path",
                             PATH_MAX - 1);
    }
    *out = path;
    return 0;
}
