/*
 * fast.c - guest output written into the grid without libvterm. It is only for
 * a terminal in which a character is no more than the next cell: no margins,
 * no insert mode, no other character sets, the edge wraps.
 */
#include "ui/term/fast/fast.h"

#include <string.h>

#include "ui/term/term_move.h"

#define TAB_COLS 8

/* The cursor of the run at work. */
struct run {
    struct term *t;
    VTermPos pos;
    bool wraps; /* the next glyph goes to the next line */
    /* How the text ends, as the filter keeps it for REP. */
    enum { NO_TEXT, A_GLYPH, A_CONTROL } last;
};

/* --- characters --- */

/* Columns of the characters of a page of 256 that is all alike. */
static const unsigned char page_width[256] = {
    [0x01 ... 0x02] = 1, [0x21 ... 0x22] = 1, [0x24] = 1,          [0x28] = 1,
    [0x34 ... 0x4c] = 2, [0x4e ... 0x9f] = 2, [0xac ... 0xd6] = 2,
};

/* Of other pages these are. */
static const struct {
    uint32_t first, last;
    int width;
} ranges[] = {
    { 0xa1, 0xac, 1 },     { 0xae, 0xff, 1 },     { 0x391, 0x3a1, 1 },
    { 0x3a3, 0x3ff, 1 },   { 0x400, 0x482, 1 },   { 0x48a, 0x4ff, 1 },
    { 0x2010, 0x2027, 1 }, { 0x2500, 0x25fc, 1 }, { 0x3001, 0x3029, 2 },
    { 0x3041, 0x3096, 2 }, { 0x309b, 0x30ff, 2 }, { 0xff01, 0xff60, 2 },
};

int
fast_width(uint32_t cp)
{
    size_t i;

    if (cp > 0xffff)
        return 0;
    if (page_width[cp >> 8] != 0)
        return page_width[cp >> 8];
    for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (cp >= ranges[i].first && cp <= ranges[i].last)
            return ranges[i].width;
    return 0;
}

static bool
printable(char c)
{
    return (unsigned char)(c - 0x20) < 0x5f;
}

/* --- the cursor --- */

static void
moved(struct run *u)
{
    term_moved(u->t, u->pos);
    u->wraps = false;
}

static void
fast_line_feed(struct run *u)
{
    if (u->pos.row < u->t->rows - 1)
        u->pos.row++;
    else
        term_scroll_line(u->t);
}

/* Where n columns begin, on the next line if they do not fit on this one. */
static void
make_room(struct run *u, int n)
{
    if (!u->wraps && u->pos.col + n <= u->t->cols)
        return;
    fast_line_feed(u);
    u->pos.col = 0;
    u->wraps = false;
}

/* The cursor behind n glyphs of so many columns each, the last of which has
 * these bytes. */
static void
go_behind(struct run *u, int n, int width, const char *bytes, size_t n_bytes)
{
    struct term *t = u->t;

    u->last = A_GLYPH;
    u->pos.col += (n - 1) * width;
    ahead_glyph(t, bytes, n_bytes, u->pos);
    u->wraps = u->pos.col + width >= t->cols;
    if (u->wraps)
        return;
    u->pos.col += width;
    t->put.row = -1;
}

/* --- text --- */

/* Printable ASCII as far as it fits on a line. */
static size_t
take_ascii(struct run *u, const char *s, size_t n)
{
    struct row *r;
    size_t i = 1, fit;

    make_room(u, 1);
    fit = (size_t)(u->t->cols - u->pos.col);
    n = n < fit ? n : fit;
    while (i < n && printable(s[i]))
        i++;
    r = term_glyphs(u->t, u->pos, 1, (int)i);
    row_put_ascii(r, u->pos.col, s, (int)i, &u->t->pen);
    go_behind(u, (int)i, 1, s + i - 1, 1);
    return i;
}

static size_t
take_wide(struct run *u, const char *s, size_t n)
{
    struct cell c = u->t->pen;
    struct row *r;
    int len = utf8_get(s, n, &c.ch), width;

    if (len <= 0 || (width = fast_width(c.ch)) == 0)
        return 0;
    make_room(u, width);
    r = term_glyphs(u->t, u->pos, width, 1);
    row_put(r, u->pos.col, &c, width);
    go_behind(u, 1, width, s, (size_t)len);
    return (size_t)len;
}

/* --- controls --- */

static size_t
take_line_feed(struct run *u)
{
    int row = u->pos.row;

    fast_line_feed(u);
    if (u->wraps) /* the glyph at the edge has its line for itself */
        u->t->put.row = u->t->after.row = -1;
    u->wraps = false;
    if (u->pos.row != row)
        moved(u);
    u->last = A_CONTROL;
    return 1;
}

/* Back to a column of the same line. */
static size_t
take_back(struct run *u, int col)
{
    u->last = A_CONTROL;
    if (col < 0 || col == u->pos.col)
        return 1;
    u->pos.col = col;
    moved(u);
    return 1;
}

static size_t
take_tab(struct run *u)
{
    int col = (u->pos.col / TAB_COLS + 1) * TAB_COLS, last = u->t->cols - 1;

    if (u->t->own_stops)
        return 0;
    u->last = A_CONTROL;
    if (u->pos.col >= last)
        return 1;
    u->pos.col = col < last ? col : last;
    term_cost(u->t, TAB_COLS);
    moved(u);
    return 1;
}

/* EL to the end of the line, which coloured output sends with each colour. */
static size_t
take_erase(struct run *u, const char *s, size_t n)
{
    size_t len = n > 2 && s[2] == '0' ? 4 : 3;

    if (n < len || s[len - 1] != 'K')
        return 0;
    term_erase_to_edge(u->t, u->pos);
    if (u->wraps)
        u->t->put.row = u->t->after.row = -1;
    u->wraps = false;
    return len;
}

static size_t
take_sequence(struct run *u, const char *s, size_t n)
{
    size_t len;

    if (n < 3 || s[1] != '[')
        return 0;
    len = fast_sgr(u->t, s, n);
    return len > 0 ? len : take_erase(u, s, n);
}

/* --- the whole of it --- */

static size_t
fast_take_one(struct run *u, const char *s, size_t n)
{
    if (printable(*s))
        return take_ascii(u, s, n);
    if ((signed char)*s < 0)
        return take_wide(u, s, n);
    switch (*s) {
    case '\033':
        return take_sequence(u, s, n);
    case '\r':
        return take_back(u, 0);
    case '\n':
    case '\v':
    case '\f':
        return take_line_feed(u);
    case '\b':
        return take_back(u, u->pos.col - 1);
    case '\t':
        return take_tab(u);
    default:
        return 0;
    }
}

/* What the filter keeps of text. */
static void
tell_filter(const struct run *u)
{
    struct filter *f = &u->t->filter;
    const struct ahead *a = &u->t->ahead;

    if (u->last == NO_TEXT)
        return;
    f->marks = 0;
    f->n_last = u->last == A_GLYPH ? a->n_glyph : 0;
    memcpy(f->last, a->glyph, f->n_last);
}

size_t
fast_take(void *arg, const char *s, size_t n)
{
    struct term *t = arg;
    struct run u = { .t = t };
    size_t at = 0, len;

    if (t->filter.odd != 0 || term_margins(t) || t->rows < 2 || t->cols < 3)
        return 0;
    u.pos = term_pos(t);
    u.wraps = term_wrap_pending(t);
    while (at < n && t->filter.cost < t->filter.limit &&
           (len = fast_take_one(&u, s + at, n - at)) > 0) {
        at += len;
        t->filter.cost += len * FAST_BYTE_COST;
    }
    if (at > 0)
        ahead_move(t, u.pos);
    tell_filter(&u);
    return at;
}
