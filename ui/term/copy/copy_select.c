/*
 * copy_select.c - what is selected: shown, and given as text.
 */
#include "ui/term/copy/copy_int.h"

/* --- the selection --- */

static bool
cursor_first(const struct copy *c)
{
    return c->row < c->from_row ||
           (c->row == c->from_row && c->col < c->from_col);
}

/* Its ends in the order of the text; a block's columns are its own. */
static struct term_selection
ends(const struct copy *c)
{
    struct term_selection s = { .shape = (int)c->shape };
    bool first = cursor_first(c);

    s.first = first ? c->row : c->from_row;
    s.last = first ? c->from_row : c->row;
    s.from = first ? c->col : c->from_col;
    s.to = first ? c->from_col : c->col;
    if (c->shape == COPY_BLOCK && s.from > s.to) {
        s.to = s.from;
        s.from = first ? c->from_col : c->col;
    }
    if (c->shape == COPY_LINES) {
        s.from = 0;
        s.to = c->t->cols - 1;
    }
    return s;
}

void
copy_show_selection(struct copy *c)
{
    term_select(c->t, ends(c));
}

void
copy_mark(struct copy *c, enum copy_shape shape)
{
    if (c->shape == COPY_NONE) {
        c->from_row = c->row;
        c->from_col = c->col;
    }
    c->shape = c->shape == shape ? COPY_NONE : shape;
    copy_show_selection(c);
}

void
copy_swap(struct copy *c)
{
    uint64_t row = c->row;
    int col = c->col;

    if (c->shape == COPY_NONE)
        return;
    c->row = c->from_row;
    c->col = c->from_col;
    c->from_row = row;
    c->from_col = col;
    copy_to(c, copy_index(c, c->row), c->col);
    c->want = c->col;
}

/* --- its text --- */

/* Lines are whole: with the rows that they came from and go on in. */
static struct term_selection
whole_lines(const struct copy *c, struct term_selection s,
            struct copy_reader *r)
{
    size_t first = copy_index(c, s.first), last = copy_index(c, s.last);

    while (first > 0 && copy_goes_on(r, first - 1))
        first--;
    while (copy_goes_on(r, last))
        last++;
    s.first = c->t->sb.gone + first;
    s.last = c->t->sb.gone + last;
    return s;
}

static void
add_cells(const struct row *row, int from, int to, bool all, struct buf *out)
{
    struct row part = { 0 };

    if (to > row->len)
        to = row->len;
    if (from >= to)
        return;
    part.cells = row->cells + from; /* borrowed */
    part.len = to - from;
    row_text(&part, all, out);
}

void
copy_columns(const struct term_selection *s, uint64_t row, int *from, int *to)
{
    bool block = s->shape == COPY_BLOCK;

    *from = block || row == s->first ? s->from : 0;
    *to = block || row == s->last ? s->to + 1 : TERM_MAX_COLS;
}

bool
copy_text(const struct copy *c, struct buf *out)
{
    struct copy_reader r = { .c = c };
    struct term_selection s = ends(c);
    uint64_t i;
    int from, to;
    bool on;

    if (s.shape == COPY_NONE) {
        s.shape = COPY_LINES;
        s.first = s.last = c->row;
        s.from = 0;
        s.to = TERM_MAX_COLS;
    }
    if (s.shape == COPY_LINES)
        s = whole_lines(c, s, &r);
    for (i = s.first; i <= s.last && out->len <= COPY_TEXT_MAX; i++) {
        if (i < c->t->sb.gone)
            continue; /* dropped meanwhile */
        copy_columns(&s, i, &from, &to);
        on = s.shape != COPY_BLOCK && i < s.last &&
             copy_goes_on(&r, copy_index(c, i));
        add_cells(copy_read(&r, copy_index(c, i)), from, to, on, out);
        if (!on && (i < s.last || s.shape != COPY_CHARS))
            buf_chr(out, '\n');
    }
    row_free(&r.work);
    if (out->len <= COPY_TEXT_MAX)
        return true;
    out->len = text_cut(out->data, COPY_TEXT_MAX);
    out->data[out->len] = '\0';
    return false;
}
