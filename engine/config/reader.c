/*
 * reader.c - typed, checked access to the settings of a configuration, on top
 * of src/base/conf.h: groups of known members, words, whole numbers, paths.
 */
#include "engine/config/reader.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define WORD_MAX 32 /* bytes of a setting's name that are compared */

int
reader_bad(const struct reader *r, enum err_code code, unsigned line,
           const char *setting, const char *fmt, ...)
{
    struct conf_at at = { r->file, line, r->e };
    va_list ap;

    va_start(ap, fmt);
    conf_vbad_at(&at, code, setting, fmt, ap);
    va_end(ap);
    return -1;
}

int
reader_refuse(const struct reader *r, enum err_code code,
              const config_setting_t *s, const char *fmt, ...)
{
    struct buf allowed = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&allowed, fmt, ap);
    va_end(ap);
    conf_refuse(r->file, s, r->e, "%s", buf_text(&allowed));
    buf_free(&allowed);
    if (r->e != NULL)
        r->e->code = code;
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
    conf_path(s, &path);
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

int
reader_text(struct reader *r, config_setting_t *s, const char **out)
{
    if (config_setting_type(s) == CONFIG_TYPE_STRING &&
        config_setting_get_string(s)[0] == '\0')
        return reader_refuse(r, ERR_INVALID, s,
                             "a text that is not empty, or no such setting");
    return conf_text(r->file, s, READER_TEXT_MAX, out, r->e);
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
