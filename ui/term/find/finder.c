/*
 * finder.c - see finder.h.
 */
#include "ui/term/find/finder.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "src/base/xalloc.h"

/* --- what is looked for --- */

static bool
is_plain(const struct finder *f)
{
    static const char special[] = "\\[](){}.*+?^$|";
    int i;

    for (i = 0; i < f->n; i++)
        if (f->text[i] < 0x80 && strchr(special, (int)f->text[i]) != NULL)
            return false;
    return true;
}

static void
finder_text(struct finder *f, const char *text)
{
    size_t n = text == NULL ? 0 : strlen(text), at = 0;
    uint32_t cp;
    int len;

    f->fold = true;
    while (at < n && f->n < ERE_TEXT_MAX) {
        len = utf8_get(text + at, n - at, &cp);
        if (len <= 0)
            return;
        if (iswupper((wint_t)cp))
            f->fold = false;
        f->text[f->n++] = cp;
        at += (size_t)len;
    }
}

void
finder_open(struct finder *f, const struct term *t, const char *text)
{
    memset(f, 0, sizeof(*f));
    f->t = t;
    finder_text(f, text);
    f->regex = !is_plain(f) && ere_make(&f->re, f->text, f->n, f->fold);
}

void
finder_close(struct finder *f)
{
    row_free(&f->work);
    free(f->cp);
    free(f->col);
}

/* --- where --- */

static void
finder_add(struct finder *f, const struct row *r, int column)
{
    int x;

    if (f->line.n + r->len + 1 > f->cap) {
        f->cap = (f->line.n + r->len + 1) * 2;
        f->cp = xrealloc(f->cp, (size_t)f->cap, sizeof(*f->cp));
        f->col = xrealloc(f->col, (size_t)f->cap, sizeof(*f->col));
    }
    for (x = 0; x < r->len; x++) {
        if (r->cells[x].attrs & CELL_TAIL)
            continue;
        f->cp[f->line.n] = r->cells[x].ch == 0 ? ' ' : r->cells[x].ch;
        f->col[f->line.n++] = column + x;
    }
    f->col[f->line.n] = column + r->len;
}

/* Only an expression asks whether a row begins its line. */
static bool
row_begins(struct finder *f, size_t line)
{
    const struct row *r;

    if (!f->regex || line == 0)
        return true;
    r = term_row(f->t, line - 1, &f->work);
    return !term_goes_on(f->t, line - 1, r);
}

bool
finder_row(struct finder *f, size_t line)
{
    const struct row *r;
    bool begins = row_begins(f, line);
    int reach, column;

    f->line.n = 0;
    r = term_row(f->t, line, &f->work);
    if (r == NULL)
        return false;
    finder_add(f, r, 0);
    f->own = f->line.n;
    f->columns = column = r->len;
    reach = f->own + (f->regex ? FINDER_REACH : f->n);
    while (f->line.n < reach && term_goes_on(f->t, line, r)) {
        r = term_row(f->t, ++line, &f->work);
        finder_add(f, r, column);
        column += r->len;
    }
    f->line.cp = f->cp;
    f->line.begins = begins;
    f->line.ends = !term_goes_on(f->t, line, r);
    f->cost += 16U + (size_t)f->line.n;
    return true;
}

static bool
is_here(const struct finder *f, int at)
{
    int i;

    if (at + f->n > f->line.n)
        return false;
    for (i = 0; i < f->n; i++) {
        uint32_t ch = f->cp[at + i];

        if (ch != f->text[i] &&
            !(f->fold && (uint32_t)towlower((wint_t)ch) == f->text[i]))
            return false;
    }
    return true;
}

/* The text as it stands. */
static bool
find_plain(const struct finder *f, int from, struct ere_match *out)
{
    for (; from < f->own; from++)
        if (is_here(f, from)) {
            *out = (struct ere_match){ from, from + f->n };
            return true;
        }
    return false;
}

bool
finder_next(struct finder *f, int from, struct ere_match *out)
{
    struct ere_match m = { 0 }, x = { 0 };
    bool found, more;
    int i = 0;

    if (f->n == 0)
        return false;
    while (i < f->own && f->col[i] < from)
        i++;
    found = find_plain(f, i, &m);
    more = f->regex && ere_find(&f->re, &f->line, i, f->own, &x, &f->cost);
    if (more &&
        (!found || x.start < m.start || (x.start == m.start && x.end > m.end)))
        m = x;
    if (!found && !more)
        return false;
    *out = (struct ere_match){ f->col[m.start], f->col[m.end] };
    return true;
}
