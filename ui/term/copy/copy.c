/*
 * copy.c - the cursor of copy mode: where it is, how it walks, and the view
 * that follows it.
 */
#include "ui/term/copy/copy_int.h"

#include "ui/term/copy/copy_hunt.h"

const struct row *
copy_read(struct copy_reader *r, size_t index)
{
    if (r->row == NULL || r->index != index)
        r->row = term_row(r->c->t, index, &r->work);
    r->index = index;
    return r->row;
}

bool
copy_goes_on(struct copy_reader *r, size_t index)
{
    const struct row *row = copy_read(r, index);

    return row != NULL && term_goes_on(r->c->t, index, row);
}

/* --- the view --- */

static size_t
view_top(const struct copy *c)
{
    return c->t->sb.rows - c->t->view;
}

static void
show_row(struct copy *c, size_t index)
{
    size_t top = view_top(c), rows = (size_t)c->t->rows;

    if (index < top)
        term_scroll(c->t, -(long)(top - index));
    else if (index >= top + rows)
        term_scroll(c->t, (long)(index - top - rows + 1));
}

/* The column is the first of its character. */
static int
whole_cell(const struct copy *c, size_t index, int col)
{
    struct copy_reader r = { .c = c };
    const struct row *row = copy_read(&r, index);

    col = term_clamp(col, 0, c->t->cols - 1);
    if (row != NULL && col > 0 && col < row->len &&
        (row->cells[col].attrs & CELL_TAIL))
        col--;
    row_free(&r.work);
    return col;
}

void
copy_to(struct copy *c, size_t index, int col)
{
    size_t last = copy_rows(c) - 1;

    if (index > last)
        index = last;
    c->row = c->t->sb.gone + index;
    c->col = whole_cell(c, index, col);
    show_row(c, index);
    copy_show_selection(c);
}

/* --- life --- */

void
copy_begin(struct copy *c, struct term *t)
{
    VTermPos pos = term_pos(t);

    *c = (struct copy){ .t = t, .cols = t->cols };
    term_hold(t, true);
    if (t->view == 0)
        copy_to(c, t->sb.rows + (size_t)term_clamp(pos.row, 0, t->rows - 1),
                pos.col);
    else
        copy_to(c, view_top(c) + (size_t)t->rows / 2, 0);
    c->want = c->col;
}

void
copy_end(struct copy *c)
{
    copy_hunt_end(c);
    c->shape = COPY_NONE;
    copy_show_selection(c);
    term_hold(c->t, false);
}

void
copy_sync(struct copy *c)
{
    if (c->cols != c->t->cols) { /* the rows are others now */
        c->cols = c->t->cols;
        c->shape = COPY_NONE;
        copy_to(c, view_top(c) + (size_t)c->t->rows / 2, 0);
        return;
    }
    c->from_row = c->t->sb.gone + copy_index(c, c->from_row);
    copy_to(c, copy_index(c, c->row), c->col);
}

/* --- steps --- */

static void
by_rows(struct copy *c, long rows)
{
    size_t at = copy_index(c, c->row), last = copy_rows(c) - 1;

    if (rows < 0)
        at = at > (size_t)-rows ? at - (size_t)-rows : 0;
    else
        at = last - at > (size_t)rows ? at + (size_t)rows : last;
    copy_to(c, at, c->want);
}

static void
move_view(struct copy *c, long rows)
{
    size_t at = copy_index(c, c->row), top, end;

    term_scroll(c->t, rows);
    top = view_top(c);
    end = top + (size_t)c->t->rows - 1;
    copy_to(c, at < top ? top : at > end ? end : at, c->want);
}

/* Behind the last character, or on it. */
static int
copy_row_end(const struct copy *c)
{
    struct copy_reader r = { .c = c };
    int used = row_used(copy_read(&r, copy_index(c, c->row)));

    row_free(&r.work);
    return used > 0 ? used - 1 : 0;
}

static int
copy_row_indent(const struct copy *c)
{
    struct copy_reader r = { .c = c };
    const struct row *row = copy_read(&r, copy_index(c, c->row));
    int used = row_used(row), col = 0;

    while (col < used && (row->cells[col].ch == 0 || row->cells[col].ch == ' '))
        col++;
    row_free(&r.work);
    return col < used ? col : 0;
}

/* To the next row that shows nothing. */
static void
by_paragraph(struct copy *c, int dir)
{
    struct copy_reader r = { .c = c };
    size_t at = copy_index(c, c->row), last = copy_rows(c) - 1;
    bool text = false;

    while (dir < 0 ? at > 0 : at < last) {
        at = dir < 0 ? at - 1 : at + 1;
        if (row_used(copy_read(&r, at)) > 0)
            text = true;
        else if (text)
            break;
    }
    row_free(&r.work);
    copy_to(c, at, 0);
}

static void
in_row(struct copy *c, int col)
{
    copy_to(c, copy_index(c, c->row), col);
}

static bool
step_in_row(struct copy *c, enum copy_step step)
{
    switch (step) {
    case COPY_LEFT:
        in_row(c, c->col - 1);
        return true;
    case COPY_RIGHT:
        in_row(c, c->col + 1);
        if (c->col < c->t->cols - 1 && c->col == c->want)
            in_row(c, c->col + 2); /* a character of two columns */
        return true;
    case COPY_ROW_START:
        in_row(c, 0);
        return true;
    case COPY_ROW_TEXT:
        in_row(c, copy_row_indent(c));
        return true;
    case COPY_ROW_END:
        in_row(c, copy_row_end(c));
        return true;
    default:
        return false;
    }
}

/* Rows that a step moves the cursor by; 0: it is another kind of step. */
static long
rows_of(const struct copy *c, enum copy_step step)
{
    long page = c->t->rows > 1 ? c->t->rows - 1 : 1;
    long half = c->t->rows > 1 ? c->t->rows / 2 : 1;

    switch (step) {
    case COPY_UP:
        return -1;
    case COPY_DOWN:
        return 1;
    case COPY_PAGE_UP:
        return -page;
    case COPY_PAGE_DOWN:
        return page;
    case COPY_HALF_UP:
        return -half;
    case COPY_HALF_DOWN:
        return half;
    default:
        return 0;
    }
}

static bool
step_in_view(struct copy *c, enum copy_step step)
{
    size_t top = view_top(c), rows = (size_t)c->t->rows;

    switch (step) {
    case COPY_TOP:
        copy_to(c, 0, 0);
        return true;
    case COPY_BOTTOM:
        copy_to(c, copy_rows(c) - 1, 0);
        return true;
    case COPY_VIEW_FIRST:
        copy_to(c, top, 0);
        return true;
    case COPY_VIEW_MIDDLE:
        copy_to(c, top + rows / 2, 0);
        return true;
    case COPY_VIEW_LAST:
        copy_to(c, top + rows - 1, 0);
        return true;
    default:
        return false;
    }
}

void
copy_go(struct copy *c, enum copy_step step, unsigned n)
{
    long rows = rows_of(c, step);
    unsigned i;

    if (rows != 0) {
        by_rows(c, rows * (long)n);
        return; /* the column aimed at stays */
    }
    if (step == COPY_VIEW_UP || step == COPY_VIEW_DOWN) {
        move_view(c, step == COPY_VIEW_UP ? -(long)n : (long)n);
        return;
    }
    for (i = 0; i < n; i++) {
        uint64_t row = c->row;
        int col = c->col;

        c->want = c->col;
        if (step == COPY_PARAGRAPH_UP || step == COPY_PARAGRAPH_DOWN)
            by_paragraph(c, step == COPY_PARAGRAPH_UP ? -1 : 1);
        else if (!step_in_row(c, step) && !step_in_view(c, step))
            copy_word_step(c, step);
        if (row == c->row && col == c->col)
            break;
    }
    c->want = c->col;
}

void
copy_point(struct copy *c, int y, int x)
{
    copy_to(c, view_top(c) + (size_t)term_clamp(y, 0, c->t->rows - 1), x);
    c->want = c->col;
}

bool
copy_cursor(const struct copy *c, int *y, int *x)
{
    size_t at = copy_index(c, c->row), top = view_top(c);

    if (at < top || at >= top + (size_t)c->t->rows)
        return false;
    *y = (int)(at - top);
    *x = c->col;
    return true;
}
