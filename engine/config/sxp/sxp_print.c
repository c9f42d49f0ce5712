/*
 * sxp_print.c - S-expressions in normal form: the quoting of xend's own
 * printer, and lines that a person can read.
 */
#include <ctype.h>
#include <string.h>

#include "engine/config/sxp/sxp.h"

#define COLS   76 /* a list that fits stands on one line */
#define INDENT 4

/* What xend writes without quotes. */
static bool
sxp_print_is_bare(const char *s)
{
    if (*s == '\0')
        return false;
    if (strcmp(s, "@") == 0)
        return true;
    for (; *s != '\0'; s++)
        if (!isalnum((unsigned char)*s) && strchr(".-_:/~", *s) == NULL)
            return false;
    return true;
}

/* As Python's repr: single quotes, unless that would need a backslash and
 * double ones would not. */
static void
print_quoted(const char *s, struct buf *out)
{
    char q = strchr(s, '\'') != NULL && strchr(s, '"') == NULL ? '"' : '\'';

    buf_chr(out, q);
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (*s == q || c == '\\')
            buf_fmt(out, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_fmt(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c < ' ' || c >= 0x7f)
            buf_fmt(out, "\\x%02x", c);
        else
            buf_chr(out, *s);
    }
    buf_chr(out, q);
}

static void
print_flat(const struct sxp *s, struct buf *out)
{
    size_t i;

    if (s->atom != NULL) {
        if (sxp_print_is_bare(s->atom))
            buf_str(out, s->atom);
        else
            print_quoted(s->atom, out);
        return;
    }
    buf_chr(out, '(');
    for (i = 0; i < s->n; i++) {
        if (i > 0)
            buf_chr(out, ' ');
        print_flat(&s->kids[i], out);
    }
    buf_chr(out, ')');
}

/* Counts the columns of s down from left; below zero: they are too many. */
static long
columns_left(const struct sxp *s, long left)
{
    size_t i;

    if (s->atom != NULL)
        return left - (long)strlen(s->atom);
    left -= 1 + (long)s->n;
    for (i = 0; i < s->n && left >= 0; i++)
        left = columns_left(&s->kids[i], left);
    return left;
}

static void
print_at(const struct sxp *s, int indent, struct buf *out)
{
    size_t i;

    if (s->atom != NULL || columns_left(s, COLS - indent) >= 0) {
        print_flat(s, out);
        return;
    }
    buf_chr(out, '(');
    for (i = 0; i < s->n; i++) {
        if (i > 0)
            buf_fmt(out, "\n%*s", indent + INDENT, "");
        print_at(&s->kids[i], indent + INDENT, out);
    }
    buf_chr(out, ')');
}

void
sxp_print(const struct sxp *s, struct buf *out)
{
    size_t i;

    for (i = 0; i < s->n; i++) {
        print_at(&s->kids[i], 0, out);
        buf_chr(out, '\n');
    }
}
