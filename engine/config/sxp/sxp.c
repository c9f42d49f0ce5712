/*
 * sxp.c - the reader of S-expressions. Its lexical rules are those of xend's
 * own parser: "#" begins a comment, even inside a bare atom; {}<>[]; end an
 * atom and begin the next; quotes are single or double. What xend's parser
 * would have garbled (an unknown escape) is refused.
 * Bounded in bytes, depth, atoms and their size: a file is hostile.
 */
#include "engine/config/sxp/sxp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/conf.h"
#include "src/base/xalloc.h"

#define SPACE     " \t\n\v\f\r"
#define SEPARATOR "{}()<>[];"

struct sxp_reader {
    struct conf_at at; /* the line of p */
    const char *p;
    struct sxp *open[SXP_DEPTH_MAX + 1]; /* [0]: the file itself */
    unsigned depth;
    size_t n_nodes;
};

void
sxp_fini(struct sxp *s)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        sxp_fini(&s->kids[i]);
    free(s->kids);
    free(s->atom);
    *s = (struct sxp){ 0 };
}

static struct sxp *
sxp_add(struct sxp *s)
{
    if (s->n == s->cap) {
        s->cap = s->cap == 0 ? 4 : s->cap * 2;
        s->kids = xrealloc(s->kids, s->cap, sizeof s->kids[0]);
    }
    s->kids[s->n] = (struct sxp){ 0 };
    return &s->kids[s->n++];
}

struct sxp *
sxp_add_list(struct sxp *s)
{
    return sxp_add(s);
}

void
sxp_add_atom(struct sxp *s, const char *text)
{
    sxp_add(s)->atom = xstrdup(text);
}

void
sxp_add_pair(struct sxp *s, const char *name, const char *value)
{
    struct sxp *pair;

    if (value == NULL)
        return;
    pair = sxp_add_list(s);
    sxp_add_atom(pair, name);
    sxp_add_atom(pair, value);
}

const char *
sxp_name(const struct sxp *s)
{
    return s->n > 0 && s->kids[0].atom != NULL ? s->kids[0].atom : "";
}

const struct sxp *
sxp_child(const struct sxp *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        if (s->kids[i].atom == NULL && strcmp(sxp_name(&s->kids[i]), name) == 0)
            return &s->kids[i];
    return NULL;
}

const char *
sxp_value(const struct sxp *s)
{
    return s->n == 2 ? s->kids[1].atom : NULL;
}

/* --- reading --- */

static int
sxp_refuse(const struct sxp_reader *r, enum err_code code, const char *found,
           const char *allowed)
{
    return conf_bad_at(&r->at, code, "syntax", "found %s, allowed %s", found,
                       allowed);
}

static int
sxp_refuse_byte(const struct sxp_reader *r, unsigned char c,
                const char *allowed)
{
    char found[16];

    text_fmt(found, sizeof found, "byte 0x%02X", c);
    return sxp_refuse(r, ERR_INVALID, found, allowed);
}

/* A place for one more node, at the end of the innermost list. */
static int
sxp_place(struct sxp_reader *r, struct sxp **out)
{
    struct buf allowed = { 0 };

    if (r->n_nodes == SXP_NODES_MAX) {
        buf_fmt(&allowed, "%d", SXP_NODES_MAX);
        sxp_refuse(r, ERR_RANGE, "too many atoms and lists",
                   buf_text(&allowed));
        buf_free(&allowed);
        return -1;
    }
    r->n_nodes++;
    *out = sxp_add(r->open[r->depth]);
    (*out)->line = r->at.line;
    return 0;
}

static int
sxp_open_list(struct sxp_reader *r)
{
    struct sxp *s;

    if (r->depth == SXP_DEPTH_MAX)
        return sxp_refuse(r, ERR_RANGE, "more than 64 lists inside each other",
                          "64");
    if (sxp_place(r, &s) < 0)
        return -1;
    r->open[++r->depth] = s;
    r->p++;
    return 0;
}

static int
close_list(struct sxp_reader *r)
{
    if (r->depth == 0)
        return sxp_refuse(r, ERR_INVALID, "a ) that closes nothing",
                          "as many ) as (");
    r->depth--;
    r->p++;
    return 0;
}

static int
put_atom(struct sxp_reader *r, struct buf *text)
{
    struct sxp *s;
    struct buf allowed = { 0 };

    if (text->len > SXP_ATOM_MAX) {
        buf_fmt(&allowed, "%d bytes", SXP_ATOM_MAX);
        sxp_refuse(r, ERR_RANGE, "an atom that is too long",
                   buf_text(&allowed));
        buf_free(&allowed);
        return -1;
    }
    if (sxp_place(r, &s) < 0)
        return -1;
    s->atom = buf_take(text);
    return 0;
}

static int
read_bare(struct sxp_reader *r)
{
    struct buf text = { 0 };
    const char *begin = r->p;
    int rc;

    for (; *r->p != '\0' && strchr(SPACE "#", *r->p) == NULL; r->p++) {
        if (r->p > begin && strchr(SEPARATOR, *r->p) != NULL)
            break;
        if ((unsigned char)*r->p <= ' ' || (unsigned char)*r->p >= 0x7f)
            return sxp_refuse_byte(r, (unsigned char)*r->p,
                                   "such a byte in quotes only");
    }
    buf_add(&text, begin, (size_t)(r->p - begin));
    rc = put_atom(r, &text);
    buf_free(&text);
    return rc;
}

/* Up to max digits of a base at r->p; false: none, or no byte but NUL. */
static bool
take_code(struct sxp_reader *r, unsigned base, unsigned max, struct buf *text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned v = 0, n;
    const char *d;

    for (n = 0; n < max && *r->p != '\0'; n++, r->p++) {
        d = strchr(digits, tolower((unsigned char)*r->p));
        if (d == NULL || (unsigned)(d - digits) >= base)
            break;
        v = v * base + (unsigned)(d - digits);
    }
    if (n == 0 || v == 0 || v > 0xff)
        return false;
    buf_chr(text, (char)v);
    return true;
}

/* r->p is behind the backslash. */
static int
read_escape(struct sxp_reader *r, struct buf *text)
{
    static const char names[] = "abtnvfr\\'\"", bytes[] = "\a\b\t\n\v\f\r\\'\"";
    const char *at = *r->p != '\0' ? strchr(names, *r->p) : NULL;

    if (at != NULL) {
        buf_chr(text, bytes[at - names]);
        r->p++;
        return 0;
    }
    if (*r->p == 'x') {
        r->p++;
        if (take_code(r, 16, 2, text))
            return 0;
    } else if (take_code(r, 8, 3, text)) {
        return 0;
    }
    return sxp_refuse(
        r, ERR_INVALID, "a backslash with none of its letters",
        "\\a \\b \\t \\n \\v \\f \\r \\\\ \\' \\\", \\x01 to \\xff "
        "and \\001 to \\377");
}

static int
read_string(struct sxp_reader *r)
{
    struct buf text = { 0 };
    char quote = *r->p++;
    int rc = -1;

    while (*r->p != quote) {
        if (*r->p == '\0') {
            sxp_refuse(r, ERR_INVALID, "a text that is not closed",
                       "text between two quotes of a kind");
            goto out;
        }
        if (*r->p == '\\') {
            r->p++;
            if (read_escape(r, &text) < 0)
                goto out;
            continue;
        }
        r->at.line += *r->p == '\n';
        buf_chr(&text, *r->p++);
    }
    r->p++;
    rc = put_atom(r, &text);
out:
    buf_free(&text);
    return rc;
}

static int
sxp_read_one(struct sxp_reader *r)
{
    switch (*r->p) {
    case '\n':
        r->at.line++;
        r->p++;
        return 0;
    case ' ':
    case '\t':
    case '\v':
    case '\f':
    case '\r':
        r->p++;
        return 0;
    case '#':
        r->p += strcspn(r->p, "\n");
        return 0;
    case '(':
        return sxp_open_list(r);
    case ')':
        return close_list(r);
    case '\'':
    case '"':
        return read_string(r);
    default:
        return read_bare(r);
    }
}

static int
sxp_read_all(struct sxp_reader *r)
{
    if (strlen(r->p) > SXP_TEXT_MAX)
        return sxp_refuse(r, ERR_RANGE, "more than 1 MiB", "1048576 bytes");
    while (*r->p != '\0')
        if (sxp_read_one(r) < 0)
            return -1;
    if (r->depth == 0)
        return 0;
    r->at.line = r->open[r->depth]->line;
    return sxp_refuse(r, ERR_INVALID, "a ( that is not closed",
                      "as many ) as (");
}

int
sxp_read(const char *text, const char *file, struct sxp *out, struct err *e)
{
    struct sxp_reader r = { .at = { file, 1, e }, .p = text };

    *out = (struct sxp){ 0 };
    r.open[0] = out;
    if (sxp_read_all(&r) == 0)
        return 0;
    sxp_fini(out);
    return -1;
}
