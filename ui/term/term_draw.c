/*
 * term_draw.c - from cells to curses. Only printable characters of the width
 * that the grid gives them are ever written; what this terminal or locale
 * cannot show becomes a stand-in of the same width.
 */
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "src/base/xalloc.h"
#include "ui/draw/theme.h"
#include "ui/term/copy/copy.h"
#include "ui/term/find/finder.h"
#include "ui/term/term_int.h"

bool
term_dirty(const struct term *t)
{
    if (t->all_dirty)
        return true;
    /* wholly in the scrollback, which does not change under the view */
    if (t->view >= (size_t)t->rows)
        return false;
    return t->any_dirty;
}

wchar_t
term_ascii(uint32_t ch)
{
    static const struct {
        uint32_t first, last;
        char ascii;
    } table[] = {
        { 0xa0, 0xa0, ' ' },      { 0x2010, 0x2015, '-' },
        { 0x2018, 0x201a, '\'' }, { 0x201c, 0x201e, '"' },
        { 0x2022, 0x2022, '*' },  { 0x2190, 0x2190, '<' },
        { 0x2192, 0x2192, '>' },  { 0x2500, 0x2501, '-' },
        { 0x2502, 0x2503, '|' },  { 0x2504, 0x2505, '-' },
        { 0x2506, 0x2507, '|' },  { 0x2508, 0x2509, '-' },
        { 0x250a, 0x250b, '|' },  { 0x250c, 0x254b, '+' },
        { 0x254c, 0x254d, '-' },  { 0x254e, 0x254f, '|' },
        { 0x2550, 0x2550, '-' },  { 0x2551, 0x2551, '|' },
        { 0x2552, 0x256c, '+' },  { 0x2580, 0x2590, '#' },
        { 0x2591, 0x2593, ':' },
    };
    size_t i;

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (ch >= table[i].first && ch <= table[i].last)
            return (wchar_t)table[i].ascii;
    return L'?';
}

/* Fills text (room for TERM_MARKS + 2) with what stands for the cell. Returns
 * the columns it takes, 1 or the cell's own width. */
static int
cell_text(const struct cell *c, wchar_t *text)
{
    int width = c->attrs & CELL_WIDE ? 2 : 1, n = 0, m;

    if (c->ch == 0 || (c->attrs & CELL_TAIL)) {
        text[n++] = L' ';
    } else if ((c->ch >= 0x20 && c->ch < 0x7f) || /* most: no look-up */
               (iswprint((wint_t)c->ch) && wcwidth((wchar_t)c->ch) == width)) {
        text[n++] = (wchar_t)c->ch;
    } else {
        text[0] = term_ascii(c->ch);
        text[1] = L'\0';
        return 1;
    }
    for (m = 0; m < TERM_MARKS && c->mark[m] != 0; m++)
        if (wcwidth((wchar_t)c->mark[m]) == 0)
            text[n++] = (wchar_t)c->mark[m];
    text[n] = L'\0';
    return width;
}

static attr_t
cell_attrs(const struct term *t, const struct cell *c)
{
    attr_t a = A_NORMAL;

    if (c->attrs & CELL_BOLD)
        a |= A_BOLD;
    if (c->attrs & CELL_UNDERLINE)
        a |= A_UNDERLINE;
#ifdef A_ITALIC
    if (c->attrs & CELL_ITALIC)
        a |= A_ITALIC;
#endif
    if (((c->attrs & CELL_REVERSE) != 0) != t->reverse)
        a |= A_REVERSE;
    return a;
}

/* One row being drawn: the style of the cell before, as most cells share it. */
struct pen {
    const struct term *t;
    struct colors *colors;
    struct finder *match;
    int32_t fg, bg;
    attr_t color_attrs;
    int pair;
    struct ere_match lit; /* these cells are highlighted */
    int sel_from, sel_to; /* cells [from, to) are selected */
};

/* Matches are shown as far as a frame can afford to look for them. */
static bool
may_match(const struct finder *f)
{
    return f->cost < FIND_TURN_COST;
}

static attr_t
pen_style(struct pen *p, int x, const struct cell *c)
{
    attr_t a = cell_attrs(p->t, c);

    if (c->fg != p->fg || c->bg != p->bg) {
        p->fg = c->fg;
        p->bg = c->bg;
        p->color_attrs = colors_pair(p->colors, c->fg, c->bg, &p->pair);
    }
    if (x >= p->lit.end &&
        !(may_match(p->match) && finder_next(p->match, x, &p->lit)))
        p->lit = (struct ere_match){ TERM_MAX_COLS, TERM_MAX_COLS };
    if (x >= p->lit.start)
        a ^= A_REVERSE;
    if (x >= p->sel_from && x < p->sel_to)
        a = (a ^ A_REVERSE) | A_BOLD;
    return a | p->color_attrs;
}

/* How many cells of a row belong to a match that begins in the row before and
 * goes over the edge; one that is longer than a row is cut. */
static int
match_into(struct finder *f, size_t line)
{
    struct ere_match m = { 0 };

    if (f->n < 2 || line == 0 || !may_match(f) || !finder_row(f, line - 1) ||
        f->line.n == f->own)
        return 0;
    while (m.end <= f->columns && may_match(f) && finder_next(f, m.end, &m))
        ;
    return m.end > f->columns ? m.end - f->columns : 0;
}

/* The highlights of a row begin. */
static void
pen_match(struct pen *p, size_t line)
{
    p->lit = (struct ere_match){ 0, match_into(p->match, line) };
    if (p->match->n > 0)
        (void)finder_row(p->match, line);
}

/* Of the row of this number. */
static void
pen_selection(struct pen *p, uint64_t row)
{
    const struct term_selection *s = &p->t->sel;

    p->sel_from = p->sel_to = 0;
    if (s->shape != COPY_NONE && row >= s->first && row <= s->last)
        copy_columns(s, row, &p->sel_from, &p->sel_to);
}

static void
term_draw_draw_row(struct pen *p, WINDOW *w, int y, int cols,
                   const struct row *r)
{
    static const struct cell none = { .fg = COLOR_NONE, .bg = COLOR_NONE };
    wchar_t text[TERM_MARKS + 2];
    int x = 0, width, fill;
    cchar_t cc;

    wmove(w, y, 0);
    while (x < cols) {
        const struct cell *c = r != NULL && x < r->len ? &r->cells[x] : &none;
        struct cell cut = *c;
        attr_t a = pen_style(p, x, c);

        fill = c->attrs & CELL_WIDE ? 2 : 1;
        if (x + fill > cols) { /* half of it would show */
            cut.ch = 0;
            cut.attrs &= (uint16_t)~CELL_WIDE;
            cut.mark[0] = 0;
            fill = 1;
        }
        width = cell_text(&cut, text);
        setcchar(&cc, text, a, (short)p->pair, &p->pair);
        mvwadd_wch(w, y, x, &cc);
        if (width < fill) {
            setcchar(&cc, L" ", a, (short)p->pair, &p->pair);
            mvwadd_wch(w, y, x + 1, &cc);
        }
        x += fill;
    }
}

void
term_draw(const struct term *t, WINDOW *w, struct colors *c, bool all,
          const char *match)
{
    size_t top = t->sb.rows - t->view;
    struct pen p = { .t = t, .colors = c, .fg = COLOR_NONE, .bg = COLOR_NONE };
    struct row work = { 0 };
    struct finder f;
    int y, rows = getmaxy(w), cols = getmaxx(w);

    colors_frame(c);
    finder_open(&f, t, match);
    p.match = &f;
    all = all || t->all_dirty || t->view > 0 || f.n > 0 ||
          term_text_hash(match) != t->drawn_match;
    if (cols > t->cols)
        cols = t->cols;
    for (y = 0; y < rows; y++) {
        if (y >= t->rows) {
            wmove(w, y, 0);
            wclrtoeol(w);
            continue;
        }
        if (!all && !t->dirty[y])
            continue;
        pen_match(&p, top + (size_t)y);
        pen_selection(&p, t->sb.gone + top + (size_t)y);
        term_draw_draw_row(&p, w, y, cols, term_row(t, top + (size_t)y, &work));
        if (cols < getmaxx(w)) {
            wmove(w, y, cols);
            wclrtoeol(w);
        }
    }
    row_free(&work);
    finder_close(&f);
}

void
term_drawn(struct term *t, const char *match)
{
    memset(t->dirty, 0, (size_t)t->rows * sizeof(*t->dirty));
    t->any_dirty = t->all_dirty = false;
    t->drawn_match = term_text_hash(match);
}
