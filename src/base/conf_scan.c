/*
 * conf_scan.c - a first pass over a configuration's text, before libconfig.
 * It refuses what libconfig 1.5 would take without a word or be hurt by:
 * @include, a comment without end, NUL written as \x00, the same setting twice,
 * brackets nested too deep for its parser, and so many settings that its
 * lookups, which are linear, take minutes. Its states are those of libconfig's
 * own lexer, so the two never disagree about what is text and what is not.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/conf.h"
#include "src/base/conf_int.h"
#include "src/base/xalloc.h"

#define ASSIGNMENT "NAME = VALUE; with text in quotes"

#define DIGITS_MAX 18 /* of a whole number: fits 64 bits */
#define KEY_MAX    63 /* bytes of a setting's name */

struct name {
    const char *at; /* in the text */
    size_t len;
    unsigned group; /* serial number of the group it stands in */
};

struct level {
    char open; /* '{', '(', '[', or 0 for the file itself */
    unsigned group, index;
    const char *name; /* the last setting named here, or NULL */
    size_t len;
};

struct scan {
    struct conf_at at; /* the line of p */
    struct buf *out;
    const char *p, *done; /* the next byte; the first not yet copied */
    unsigned depth, n_groups;
    unsigned n_items;
    struct level levels[CONF_DEPTH_MAX + 1];
    struct name last; /* a word that may turn out to be a setting's name */
    struct name *names;
    size_t n_names;
};

/* Where the scan is, as "image.kernel" or "devices[2].mac". */
static void
where(const struct scan *sc, struct buf *out)
{
    const struct level *l;
    unsigned i;

    for (i = 0; i <= sc->depth; i++) {
        l = &sc->levels[i];
        if (l->open == '(' || l->open == '[')
            buf_fmt(out, "[%u]", l->index);
        if (l->name == NULL)
            continue;
        if (out->len > 0)
            buf_chr(out, '.');
        buf_safe(out, l->name, l->len < 60 ? l->len : 60);
    }
    if (out->len == 0)
        buf_str(out, "syntax");
}

static int
conf_scan_refuse(const struct scan *sc, enum err_code code, const char *found,
                 const char *allowed)
{
    struct buf at = { 0 };

    where(sc, &at);
    conf_bad_at(&sc->at, code, buf_text(&at), "found %s, allowed %s", found,
                allowed);
    buf_free(&at);
    return -1;
}

static int
conf_scan_refuse_byte(const struct scan *sc, const char *allowed)
{
    char found[32];

    text_fmt(found, sizeof found, "byte 0x%02X", (unsigned char)*sc->p);
    return conf_scan_refuse(sc, ERR_INVALID, found, allowed);
}

static int
scan_string(struct scan *sc)
{
    for (sc->p++; *sc->p != '"'; sc->p++) {
        if (*sc->p == '\0')
            return conf_scan_refuse(sc, ERR_INVALID,
                                    "a text that is not closed",
                                    "text between two \"");
        if ((unsigned char)*sc->p < 0x20 || *sc->p == 0x7f)
            return conf_scan_refuse_byte(sc, "text of one line without control "
                                             "characters");
        if (strncmp(sc->p, "\\x00", 4) == 0)
            return conf_scan_refuse(sc, ERR_INVALID, "\\x00 (NUL)",
                                    "text without control characters");
        if (*sc->p == '\\' && (sc->p[1] == '"' || sc->p[1] == '\\'))
            sc->p++;
    }
    sc->p++;
    return 0;
}

static int
scan_block_comment(struct scan *sc)
{
    struct conf_at begin = sc->at;

    for (sc->p += 2; strncmp(sc->p, "*/", 2) != 0; sc->p++) {
        if (*sc->p == '\n')
            sc->at.line++;
        if (*sc->p != '\0')
            continue;
        return conf_bad_at(&begin, ERR_INVALID, "syntax",
                           "found a comment that is not closed, allowed "
                           "/* text */");
    }
    sc->p += 2;
    return 0;
}

/* What libconfig would read as one number; true if it is a whole one. */
static bool
skip_number(const char **pp)
{
    const char *p = *pp;
    bool whole = true;

    if (*p == '+' || *p == '-')
        p++;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
        isxdigit((unsigned char)p[2])) {
        for (p += 2; isxdigit((unsigned char)*p); p++)
            ;
        *pp = p;
        return true;
    }
    for (; isdigit((unsigned char)*p); p++)
        ;
    if (*p == '.') {
        whole = false;
        for (p++; isdigit((unsigned char)*p); p++)
            ;
    }
    if ((*p == 'e' || *p == 'E') &&
        (isdigit((unsigned char)p[1]) ||
         ((p[1] == '+' || p[1] == '-') && isdigit((unsigned char)p[2])))) {
        whole = false;
        for (p += 2; isdigit((unsigned char)*p); p++)
            ;
    }
    *pp = p;
    return whole;
}

static int
scan_number(struct scan *sc)
{
    const char *begin = sc->p;
    char found[48];

    if (!skip_number(&sc->p))
        return 0;
    if (sc->p - begin > DIGITS_MAX) {
        text_fmt(found, sizeof found, "a number of %td characters",
                 sc->p - begin);
        return conf_scan_refuse(sc, ERR_RANGE, found, "at most 18");
    }
    buf_add(sc->out, sc->done, (size_t)(sc->p - sc->done));
    buf_chr(sc->out, 'L');
    while (*sc->p == 'L') /* as written: replaced by ours */
        sc->p++;
    sc->done = sc->p;
    return 0;
}

static int
count_item(struct scan *sc)
{
    char found[64], allowed[16];

    if (++sc->n_items <= CONF_ITEMS_MAX)
        return 0;
    text_fmt(found, sizeof found, "more than %d settings and list elements",
             CONF_ITEMS_MAX);
    text_fmt(allowed, sizeof allowed, "%d", CONF_ITEMS_MAX);
    return conf_scan_refuse(sc, ERR_RANGE, found, allowed);
}

/* The last word is a setting's name: "=" or ":" follows. */
static int
scan_assign(struct scan *sc)
{
    struct level *l = &sc->levels[sc->depth];
    size_t i;

    sc->p++;
    if (sc->last.at == NULL)
        return 0; /* libconfig refuses it */
    l->name = sc->last.at;
    l->len = sc->last.len;
    sc->last.at = NULL;
    if (l->len > KEY_MAX)
        return conf_scan_refuse(
            sc, ERR_RANGE, "a setting's name that is too long", "63 bytes");
    if (count_item(sc) < 0)
        return -1;
    for (i = 0; i < sc->n_names; i++)
        if (sc->names[i].group == l->group && sc->names[i].len == l->len &&
            memcmp(sc->names[i].at, l->name, l->len) == 0)
            return conf_scan_refuse(sc, ERR_INVALID,
                                    "the setting a second time",
                                    "one of each name");
    sc->names[sc->n_names++] = (struct name){ l->name, l->len, l->group };
    return 0;
}

static void
scan_word(struct scan *sc)
{
    sc->last.at = sc->p;
    while (isalnum((unsigned char)*sc->p) || *sc->p == '*' || *sc->p == '_' ||
           *sc->p == '-')
        sc->p++;
    sc->last.len = (size_t)(sc->p - sc->last.at);
}

static int
scan_open(struct scan *sc)
{
    struct level *l;

    if (sc->depth == CONF_DEPTH_MAX)
        return conf_bad_at(&sc->at, ERR_RANGE, "syntax",
                           "found more than %d brackets inside each other, "
                           "allowed %d",
                           CONF_DEPTH_MAX, CONF_DEPTH_MAX);
    l = &sc->levels[++sc->depth];
    *l = (struct level){ .open = *sc->p++, .group = ++sc->n_groups };
    return 0;
}

static int
scan_punct(struct scan *sc)
{
    switch (*sc->p) {
    case '{':
    case '(':
    case '[':
        return scan_open(sc);
    case '}':
    case ')':
    case ']':
        if (sc->depth > 0)
            sc->depth--;
        break;
    case ',':
        sc->levels[sc->depth].index++;
        if (count_item(sc) < 0)
            return -1;
        break;
    case '=':
    case ':':
        return scan_assign(sc);
    case ';':
        break;
    case '@':
        if (strncmp(sc->p, "@include", 8) != 0)
            return conf_scan_refuse_byte(sc, ASSIGNMENT);
        return conf_bad_at(&sc->at, ERR_DENIED, "@include",
                           "found a line that includes another file, allowed "
                           "one file that holds all");
    default:
        return conf_scan_refuse_byte(sc, ASSIGNMENT);
    }
    sc->p++;
    return 0;
}

/* One token or one run of blanks. */
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
        return scan_block_comment(sc);
    if (isdigit(c) || c == '.' || c == '+' || c == '-')
        return scan_number(sc);
    if (isalpha(c) || c == '*') {
        scan_word(sc);
        return 0;
    }
    if (strchr(" \t\r\n\f", c) == NULL)
        return scan_punct(sc);
    sc->at.line += c == '\n';
    sc->p++;
    return 0;
}

int
conf_scan(const char *text, const char *file, struct buf *out, struct err *e)
{
    struct scan sc = { .at = { file, 1, e }, .out = out };
    int rc = 0;

    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* byte order mark: some editors' habit */
    sc.p = sc.done = text;
    sc.names = xcalloc(CONF_ITEMS_MAX + 1, sizeof sc.names[0]);
    while (rc == 0 && *sc.p != '\0')
        rc = scan_one(&sc);
    if (rc == 0) {
        buf_add(out, sc.done, (size_t)(sc.p - sc.done));
        buf_chr(out, '\n'); /* ends a comment, which the end would not */
    }
    free(sc.names);
    return rc;
}
