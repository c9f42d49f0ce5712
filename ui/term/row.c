/*
 * row.c - rows of cells and how they are written, erased and shifted.
 * Invariant: a CELL_WIDE cell is followed by its CELL_TAIL, and no tail stands
 * alone. Called by what writes the screen and by the scrollback.
 */
#include "ui/term/row.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/draw/theme.h"

static const struct cell blank = { .fg = COLOR_NONE, .bg = COLOR_NONE };

void
row_free(struct row *r)
{
    free(r->cells);
    *r = (struct row){ 0 };
}

void
row_clear(struct row *r)
{
    r->len = 0;
    r->wraps = false;
}

void
row_reserve(struct row *r, int n)
{
    int cap = n + n / 4 + 16;

    if (n <= r->cap)
        return;
    r->cells = xrealloc(r->cells, (size_t)cap, sizeof(*r->cells));
    r->cap = cap;
}

void
row_extend(struct row *r, int n)
{
    if (n <= r->len)
        return;
    row_reserve(r, n);
    while (r->len < n)
        r->cells[r->len++] = blank;
}

static void
blank_at(struct row *r, int col)
{
    r->cells[col].ch = 0;
    r->cells[col].mark[0] = 0;
    r->cells[col].attrs &= (uint16_t) ~(CELL_WIDE | CELL_TAIL);
}

/* The characters cut in half by a change of cells from `from` to `to`. */
static void
split_wide(struct row *r, int from, int to)
{
    if (from < r->len && from > 0 && (r->cells[from].attrs & CELL_TAIL)) {
        blank_at(r, from - 1);
        blank_at(r, from);
    }
    if (to < r->len && to > 0 && (r->cells[to].attrs & CELL_TAIL)) {
        blank_at(r, to - 1);
        blank_at(r, to);
    }
}

void
row_put(struct row *r, int col, const struct cell *c, int width)
{
    row_extend(r, col);
    split_wide(r, col, col + width);
    if (col + width > r->len) {
        row_reserve(r, col + width);
        r->len = col + width;
    }
    r->cells[col] = *c;
    if (width == 2) {
        r->cells[col].attrs |= CELL_WIDE;
        r->cells[col + 1] = *c;
        r->cells[col + 1].ch = 0;
        r->cells[col + 1].mark[0] = 0;
        r->cells[col + 1].attrs |= CELL_TAIL;
    }
}

void
row_put_ascii(struct row *r, int col, const char *s, int n,
              const struct cell *pen)
{
    struct cell *to, c = *pen;
    int i;

    row_extend(r, col);
    split_wide(r, col, col + n);
    if (col + n > r->len) {
        row_reserve(r, col + n);
        r->len = col + n;
    }
    to = r->cells + col;
    for (i = 0; i < n; i++) {
        c.ch = (unsigned char)s[i];
        to[i] = c;
    }
}

void
row_erase(struct row *r, int from, int to, const struct cell *pen, bool rest)
{
    struct cell fill = blank;
    int i;

    if (from < 0)
        from = 0;
    split_wide(r, from, to);
    if (rest)
        r->wraps = false;
    if (rest && r->len > to)
        r->len = to;
    fill.bg = pen->bg;
    if (fill.bg == COLOR_NONE && r->len <= to) {
        if (r->len > from) {
            r->len = from;
            r->wraps = false; /* what stood at the edge is gone */
        }
        return;
    }
    row_extend(r, to);
    for (i = from; i < to; i++)
        r->cells[i] = fill;
}

void
row_erase_selective(struct row *r, int from, int to)
{
    int i;

    for (i = from < 0 ? 0 : from; i < to && i < r->len; i++) {
        if (r->cells[i].attrs & CELL_PROTECTED)
            continue;
        split_wide(r, i, i + 1);
        r->cells[i] = blank;
    }
}

void
row_shift(struct row *r, int from, int to, int n, const struct cell *pen)
{
    int width = to - from, by = n < 0 ? -n : n;

    if (width <= 0 || n == 0)
        return;
    if (by >= width) {
        row_erase(r, from, to, pen, false);
        return;
    }
    row_extend(r, to);
    r->wraps = false;
    split_wide(r, from, to);
    if (n > 0) {
        split_wide(r, to - by, to);
        memmove(&r->cells[from + by], &r->cells[from],
                (size_t)(width - by) * sizeof(*r->cells));
        row_erase(r, from, from + by, pen, false);
        return;
    }
    split_wide(r, from + by, to);
    memmove(&r->cells[from], &r->cells[from + by],
            (size_t)(width - by) * sizeof(*r->cells));
    row_erase(r, to - by, to, pen, false);
}

static bool
cell_blank(const struct cell *c)
{
    return (c->ch == 0 || c->ch == ' ') && c->bg == COLOR_NONE &&
           (c->attrs & (CELL_UNDERLINE | CELL_REVERSE | CELL_TAIL)) == 0;
}

int
row_used(const struct row *r)
{
    int n = r->len;

    while (n > 0 && cell_blank(&r->cells[n - 1]))
        n--;
    return n;
}

void
row_text(const struct row *r, bool all, struct buf *out)
{
    size_t keep = out->len;
    char bytes[4 * (TERM_MARKS + 1)];
    int i, m, n;

    for (i = 0; i < r->len; i++) {
        const struct cell *c = &r->cells[i];

        if (c->attrs & CELL_TAIL)
            continue;
        n = utf8_put(bytes, c->ch == 0 ? ' ' : c->ch);
        for (m = 0; m < TERM_MARKS && c->mark[m] != 0; m++)
            n += utf8_put(bytes + n, c->mark[m]);
        buf_add(out, bytes, (size_t)n);
        if (all || (c->ch != 0 && c->ch != ' '))
            keep = out->len;
    }
    if (out->data != NULL) {
        out->len = keep;
        out->data[keep] = '\0';
    }
}
