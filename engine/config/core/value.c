/*
 * value.c - the one validator of values: a text, from a file of whatever
 * format, against what its setting takes.
 */
#include "engine/config/core/value.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/disk_source.h"
#include "engine/config/core/screen_values.h"
#include "src/base/xalloc.h"

#define WORD_MAX 32 /* bytes of a setting's name that are compared */
#define SIZE_ALLOWED                                                           \
    "4 to 16777216 whole MiB, or a text such as \"512M\" or \"2G\""

_Static_assert(CONFIG_MEM_MIN_KIB == 4ULL << 10, "as SIZE_ALLOWED says");
_Static_assert(CONFIG_MEM_MAX_KIB == 16777216ULL << 10, "as SIZE_ALLOWED says");

/* --- sentences */

int
value_bad(const struct config_src *src, enum err_code code, unsigned line,
          const char *shown, const char *fmt, ...)
{
    struct conf_at at = { src->file, line, src->e };
    va_list ap;

    va_start(ap, fmt);
    conf_vbad_at(&at, code, shown, fmt, ap);
    va_end(ap);
    return -1;
}

static bool
value_is_bare(const char *text)
{
    unsigned long long n;

    return text_u64(text, 0, ULLONG_MAX, &n) || strcmp(text, "true") == 0 ||
           strcmp(text, "false") == 0;
}

void
value_found(const struct config_item *it, struct buf *out)
{
    if (it->found != NULL)
        buf_str(out, it->found);
    else if (value_is_bare(it->value))
        buf_str(out, it->value);
    else
        conf_quote(out, it->value, strlen(it->value));
}

static const char *
shown_of(const struct config_item *it)
{
    return it->shown != NULL ? it->shown : it->name;
}

int
value_refuse(const struct config_src *src, enum err_code code,
             const struct config_item *it, const char *fmt, ...)
{
    struct buf allowed = { 0 }, found = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&allowed, fmt, ap);
    va_end(ap);
    value_found(it, &found);
    value_bad(src, code, it->line, shown_of(it), "found %s, allowed %s",
              buf_text(&found), buf_text(&allowed));
    buf_free(&found);
    buf_free(&allowed);
    return -1;
}

/* "a", "b" or "c" */
static void
list_words(const struct value_word *words, struct buf *out)
{
    size_t i;

    for (i = 0; words[i].word != NULL; i++)
        buf_fmt(out, "%s\"%s\"",
                i == 0                      ? ""
                : words[i + 1].word == NULL ? " or "
                                            : ", ",
                words[i].word);
}

int
value_refuse_type(const struct config_src *src, const struct value_rule *rule,
                  const struct config_item *it)
{
    struct buf words = { 0 };
    int rc;

    switch (rule->type) {
    case VALUE_NUMBER:
        return value_refuse(
            src, ERR_INVALID, it, "a whole number of %llu to %llu",
            (unsigned long long)rule->min, (unsigned long long)rule->max);
    case VALUE_SIGNED:
        return value_refuse(
            src, ERR_RANGE, it, "a whole number of -%llu to %llu",
            (unsigned long long)rule->max, (unsigned long long)rule->max);
    case VALUE_BOOL:
        return value_refuse(src, ERR_INVALID, it, "true or false");
    case VALUE_SIZE:
        return value_refuse(src, ERR_RANGE, it, SIZE_ALLOWED);
    case VALUE_WORD:
        list_words(rule->words, &words);
        rc = value_refuse(src, ERR_INVALID, it, "%s", buf_text(&words));
        buf_free(&words);
        return rc;
    case VALUE_CPUS:
        return value_refuse(src, ERR_INVALID, it,
                            "a cpu number or a text such as \"0-3,^2\"");
    case VALUE_ID:
    case VALUE_GROUP:
    case VALUE_LIST:
        return value_refuse(src, ERR_INVALID, it, "%s", rule->allowed);
    case VALUE_TEXTS:
        return value_refuse(src, ERR_INVALID, it, "%s",
                            rule->allowed != NULL ? rule->allowed
                                                  : "texts in quotes");
    case VALUE_TEXT:
    case VALUE_PATH:
    case VALUE_DISK:
        break;
    }
    return value_refuse(src, ERR_INVALID, it, "a text in quotes");
}

void
value_quoted(struct buf *out, const char *text)
{
    buf_chr(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_chr(out, '\\');
        buf_chr(out, *text);
    }
    buf_chr(out, '"');
}

bool
value_listen_ok(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789.:-[]%") == strlen(text);
}

bool
value_keymap_ok(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789-_") == strlen(text);
}

/* --- the nearest known name */

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

void
value_nearer(const char *name, const char *candidate, unsigned *distance,
             const char **near)
{
    unsigned d = edit_distance(name, candidate);

    if (d >= *distance)
        return;
    *distance = d;
    *near = candidate;
}

static const char *
last_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL ? dot + 1 : name;
}

/* A name that shares hardly a letter with it is no help. */
int
value_refuse_name(const struct config_src *src, const struct config_item *it,
                  const char *near)
{
    const char *name = last_name(it->name);

    if (2 * edit_distance(name, last_name(near)) > strlen(name) + 1)
        return value_bad(src, ERR_NOENT, it->line, shown_of(it),
                         "found an unknown setting, allowed are those of "
                         "xendeck-domain(5)");
    return value_bad(src, ERR_NOENT, it->line, shown_of(it),
                     "found an unknown setting, allowed is the nearest known "
                     "one, %s",
                     near);
}

/* --- values by type */

static int
value_check_text(const struct config_src *src, const struct config_item *it)
{
    size_t len = strlen(it->value);

    if (len == 0)
        return value_refuse(src, ERR_INVALID, it,
                            "a text that is not empty, or no such setting");
    if (len > VALUE_TEXT_MAX)
        return value_refuse(src, ERR_INVALID, it,
                            "at most %d bytes (this is %zu)", VALUE_TEXT_MAX,
                            len);
    if (!conf_is_safe(it->value, len))
        return value_refuse(src, ERR_INVALID, it,
                            "UTF-8 text without control characters");
    return 0;
}

static int
take_text(const struct config_src *src, const struct value_rule *rule,
          const struct config_item *it, struct value *out)
{
    if (value_check_text(src, it) < 0)
        return -1;
    if (rule->ok != NULL && !rule->ok(it->value))
        return value_refuse(src, ERR_INVALID, it, "%s", rule->allowed);
    out->text = xstrdup(it->value);
    return 0;
}

static int
value_take_number(const struct config_src *src, const struct value_rule *rule,
                  const struct config_item *it, struct value *out)
{
    const char *digits = it->value + (it->value[0] == '-');
    unsigned long long n;

    if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits))
        if (!text_u64(it->value, 0, ULLONG_MAX, &n))
            return value_refuse_type(src, rule, it);
    if (!text_u64(it->value, rule->min, rule->max, &n))
        return value_refuse(src, ERR_RANGE, it, "%llu to %llu",
                            (unsigned long long)rule->min,
                            (unsigned long long)rule->max);
    out->number = n;
    out->text = xasprintf("%llu", n);
    return 0;
}

/* Kept as two's complement in number. */
static int
value_take_signed(const struct config_src *src, const struct value_rule *rule,
                  const struct config_item *it, struct value *out)
{
    bool minus = it->value[0] == '-';
    unsigned long long n;

    if (!text_u64(it->value + minus, 0, rule->max, &n))
        return value_refuse_type(src, rule, it);
    out->number = minus ? (uint64_t)0 - n : n;
    out->text = xasprintf("%s%llu", minus && n > 0 ? "-" : "", n);
    return 0;
}

static int
take_bool(const struct config_src *src, const struct value_rule *rule,
          const struct config_item *it, struct value *out)
{
    bool on = strcmp(it->value, "true") == 0 || strcmp(it->value, "1") == 0;

    if (!on && strcmp(it->value, "false") != 0 && strcmp(it->value, "0") != 0)
        return value_refuse_type(src, rule, it);
    out->number = on;
    out->text = xstrdup(on ? "true" : "false");
    return 0;
}

static int
value_take_word(const struct config_src *src, const struct value_rule *rule,
                const struct config_item *it, struct value *out)
{
    const struct value_word *w;

    for (w = rule->words; w->word != NULL; w++) {
        if (strcmp(it->value, w->word) != 0)
            continue;
        out->number = w->value;
        out->text = xstrdup(w->word);
        return 0;
    }
    return value_refuse_type(src, rule, it);
}

/* "512" (MiB) or "512M" in KiB; 0 if it is no such text. */
static uint64_t
kib_of_text(const char *text)
{
    static const char units[] = "KMGT";
    size_t len = strlen(text), n_digits = strspn(text, "0123456789");
    const char *unit = units + 1;
    unsigned long long n;
    char digits[16];

    if (text_u64(text, 1, CONFIG_MEM_MAX_KIB / 1024, &n))
        return n << 10;
    if (n_digits == 0 || n_digits + 1 != len || n_digits >= sizeof digits)
        return 0;
    unit = strchr(units, toupper((unsigned char)text[len - 1]));
    text_fmt(digits, sizeof digits, "%.*s", (int)n_digits, text);
    if (unit == NULL || !text_u64(digits, 1, CONFIG_MEM_MAX_KIB, &n) ||
        n > CONFIG_MEM_MAX_KIB >> (10 * (unit - units)))
        return 0;
    return n << (10 * (unit - units));
}

/* xc_dom_mem_init counts in MiB: a part of one would be lost. */
static int
take_size(const struct config_src *src, const struct value_rule *rule,
          const struct config_item *it, struct value *out)
{
    uint64_t kib = kib_of_text(it->value);

    if (kib < CONFIG_MEM_MIN_KIB || kib > CONFIG_MEM_MAX_KIB || kib % 1024 != 0)
        return value_refuse_type(src, rule, it);
    out->number = kib;
    out->text = xstrdup(it->value);
    return 0;
}

/* What the list means is the store's to say. */
static int
value_take_cpus(const struct config_src *src, const struct config_item *it,
                struct value *out)
{
    /* printed as one text: what is taken must be taken again */
    if (strlen(it->value) > VALUE_TEXT_MAX)
        return value_bad(src, ERR_RANGE, it->line, shown_of(it),
                         "found %zu bytes, allowed %d", strlen(it->value),
                         VALUE_TEXT_MAX);
    if (it->value[0] != '\0' && value_check_text(src, it) < 0)
        return -1;
    out->text = xstrdup(it->value);
    return 0;
}

/* dir/path with the leading "./" and "../" of path worked off: legal only
 * because no component of dir is a symbolic link. */
static char *
value_join(const char *dir, const char *path)
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

/* text: the value, or the part of it that is the path. */
static int
value_take_path(const struct config_src *src, const char *dir, const char *text,
                const struct config_item *it, struct value *out)
{
    if (value_check_text(src, it) < 0)
        return -1;
    if (text[0] == '\0' || (text[0] != '/' && dir == NULL))
        return value_refuse(src, ERR_INVALID, it, "a path that starts with /");
    out->text = text[0] == '/' ? xstrdup(text) : value_join(dir, text);
    if (strlen(out->text) <= VALUE_TEXT_MAX)
        return 0;
    free(out->text); /* printed, it could not be taken again */
    out->text = NULL;
    return value_refuse(src, ERR_RANGE, it, "%d bytes of absolute path",
                        VALUE_TEXT_MAX);
}

/* For xend a device without a directory lay under /dev. */
static int
take_disk(const struct config_src *src, const struct config_item *it,
          struct value *out)
{
    if (strncmp(it->value, "phy:", 4) == 0)
        return value_take_path(src, "/dev", it->value + 4, it, out);
    if (strncmp(it->value, "file:", 5) == 0)
        return value_take_path(src, src->dir, it->value + 5, it, out);
    if (disk_source_is_remote(it->value))
        return value_refuse(src, ERR_UNSUPPORTED, it, "%s",
                            DISK_SOURCE_ALLOWED);
    return value_take_path(src, src->dir, it->value, it, out);
}

/* A message about a password does not tell it. */
static int
take_secret(const struct config_src *src, const struct value_rule *rule,
            const struct config_item *it, struct value *out)
{
    struct config_item hidden = *it;

    hidden.found = "a password";
    return take_text(src, rule, &hidden, out);
}

int
value_take(const struct config_src *src, const struct value_rule *rule,
           const struct config_item *it, struct value *out)
{
    *out = (struct value){ 0 };
    if (rule->secret)
        return take_secret(src, rule, it, out);
    switch (rule->type) {
    case VALUE_TEXT:
    case VALUE_TEXTS:
    case VALUE_ID:
        return take_text(src, rule, it, out);
    case VALUE_PATH:
        return value_take_path(src, src->dir, it->value, it, out);
    case VALUE_DISK:
        return take_disk(src, it, out);
    case VALUE_NUMBER:
        return value_take_number(src, rule, it, out);
    case VALUE_SIGNED:
        return value_take_signed(src, rule, it, out);
    case VALUE_BOOL:
        return take_bool(src, rule, it, out);
    case VALUE_WORD:
        return value_take_word(src, rule, it, out);
    case VALUE_SIZE:
        return take_size(src, rule, it, out);
    case VALUE_CPUS:
        return value_take_cpus(src, it, out);
    case VALUE_GROUP:
    case VALUE_LIST:
        break;
    }
    return value_refuse_type(src, rule, it);
}
