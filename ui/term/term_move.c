/*
 * term_move.c - the cursor and the margins. libvterm is only told where the
 * cursor goes, in rows and columns of the screen: it knows no origin mode, and
 * moves through margins at which xterm stops.
 * Invariant: top < bottom <= rows; libvterm scrolls between the same two.
 */
#include <stdio.h>
#include <string.h>

#include "ui/term/term_move.h"

void
term_say(struct term *t, const char *text)
{
    term_feed(t, text, strlen(text));
}

/* --- the glyph at the edge --- */

bool
term_wrap_pending(const struct term *t)
{
    VTermPos pos;

    if (t->put.row < 0 || (t->filter.odd & FILTER_ODD_NO_WRAP))
        return false;
    pos = term_pos(t);
    return t->put.row == pos.row && t->put.col == pos.col &&
           pos.col + t->put_width >= t->cols;
}

int
term_next_col(const struct term *t, VTermPos pos)
{
    const struct row *r = &t->grid[t->alt].row[pos.row];
    int col = pos.col + t->put_width;

    if (!term_wrap_pending(t))
        return pos.col;
    return r->len > col ? r->len : col; /* behind what the edge hides */
}

/* The next glyph is to go to the next line, not over the one at the edge.
 * libvterm only gets there by writing a glyph: the row is put back after. */
static void
set_wrap_pending(struct term *t, int y)
{
    struct row *r = &term_grid(t)->row[y], keep = { 0 };
    char text[48];

    row_extend(r, t->cols);
    row_reserve(&keep, r->len);
    memcpy(keep.cells, r->cells, (size_t)r->len * sizeof(*r->cells));
    keep.len = r->len;
    keep.wraps = r->wraps;
    snprintf(text, sizeof(text), "\033[%d;%dHx", y + 1, t->cols);
    term_say(t, text);
    row_free(r);
    *r = keep;
    term_cost(t, t->cols);
}

/* --- where the cursor goes --- */

void
term_goto(struct term *t, VTermPos pos)
{
    pos.row = term_clamp(pos.row, 0, t->rows - 1);
    pos.col = term_clamp(pos.col, 0, t->cols - 1);
    ahead_move(t, pos);
    t->put.row = t->after.row = -1;
    t->any_dirty = true;
}

void
term_settle(struct term *t, int row, int col)
{
    VTermPos pos = { .row = row, .col = col };

    if (col >= t->cols)
        set_wrap_pending(t, term_clamp(row, 0, t->rows - 1));
    else
        term_goto(t, pos);
}

void
term_end_wrap(struct term *t)
{
    if (term_wrap_pending(t))
        term_goto(t, term_pos(t));
}

void
term_home(struct term *t)
{
    term_goto(t, (VTermPos){ .row = t->origin ? t->top : 0 });
}

/* --- margins --- */

bool
term_margins(const struct term *t)
{
    return t->top > 0 || t->bottom < t->rows;
}

void
term_no_margins(struct term *t)
{
    VTermPos pos = term_pos(t);

    if (!term_margins(t))
        return;
    term_say(t, "\033[r");
    term_goto(t, pos);
    t->top = 0;
    t->bottom = t->rows;
}

/* DECSTBM. What is no region is ignored, as by xterm. */
static void
set_margins(struct term *t, long top, long bottom)
{
    char text[48];

    if (top < 1)
        top = 1;
    if (bottom < 1 || bottom > t->rows)
        bottom = t->rows;
    if (bottom <= top)
        return;
    t->top = (int)top - 1;
    t->bottom = (int)bottom;
    snprintf(text, sizeof(text), "\033[%ld;%ldr", top, bottom);
    term_say(t, text);
    term_home(t);
}

/* --- moves --- */

/* Up and down stop at a margin, unless they begin beyond it. */
static int
row_above(const struct term *t, int row, int n)
{
    return term_clamp(row - n, row < t->top ? 0 : t->top, row);
}

static int
row_below(const struct term *t, int row, int n)
{
    int last = row >= t->bottom ? t->rows - 1 : t->bottom - 1;

    return term_clamp(row + n, row, last);
}

/* A row counted from 0, of the region in origin mode. */
static int
row_at(const struct term *t, long row)
{
    if (!t->origin)
        return (int)row;
    return term_clamp((int)row + t->top, t->top, t->bottom - 1);
}

static void
insert_chars(struct term *t, VTermPos pos, int n)
{
    struct row *r = &term_grid(t)->row[pos.row];

    term_end_wrap(t);
    if (pos.col >= r->len && t->pen.bg == COLOR_NONE)
        return; /* blanks among blanks */
    row_shift(r, pos.col, t->cols, n, &t->pen);
    term_mark(t, pos.row, pos.row + 1);
    term_cost(t, t->cols);
}

static int
at_least_one(long v)
{
    return v < 1 ? 1 : (int)v;
}

/* True: pos is where the sequence moves the cursor. */
static bool
moves(const struct term *t, char final, long a, long b, VTermPos *pos)
{
    int n = at_least_one(a);

    switch (final) {
    case 'A':
    case 'F':
        pos->row = row_above(t, pos->row, n);
        break;
    case 'B':
    case 'E':
        pos->row = row_below(t, pos->row, n);
        break;
    case 'C':
    case 'a':
        pos->col += n;
        break;
    case 'D':
    case 'j':
        pos->col -= n;
        break;
    case 'G':
    case '`':
        pos->col = n - 1;
        break;
    case 'H':
    case 'f':
        pos->col = at_least_one(b) - 1;
        pos->row = row_at(t, n - 1);
        break;
    case 'd':
        pos->row = row_at(t, n - 1);
        break;
    case 'e':
    case 'k':
        n = final == 'e' ? n : -n;
        pos->row = row_at(t, pos->row + n - (t->origin ? t->top : 0));
        break;
    default:
        return false;
    }
    if (final == 'E' || final == 'F')
        pos->col = 0;
    return true;
}

/* --- reports --- */

static void
report_cursor(struct term *t, VTermPos pos, bool private)
{
    char text[48];

    snprintf(text, sizeof(text), "\033[%s%d;%dR", private ? "?" : "",
             pos.row + 1 - (t->origin ? t->top : 0), pos.col + 1);
    term_reply(t, text);
}

static void
report_mode(struct term *t, long mode)
{
    bool on = mode == 6 ? t->origin : mode == 40 ? t->colm_allowed : t->alt;
    char text[48];

    snprintf(text, sizeof(text), "\033[?%ld;%d$y", mode, on ? 1 : 2);
    term_reply(t, text);
}

void
term_csi(void *arg, char final, long a, long b)
{
    struct term *t = arg;
    VTermPos pos = term_pos(t);

    if (moves(t, final, a, b, &pos))
        term_goto(t, pos);
    else if (final == '@' || final == 'P')
        insert_chars(t, pos, final == '@' ? at_least_one(a) : -at_least_one(a));
    else if (final == 'r')
        set_margins(t, a, b);
    else if (final == 'n')
        report_cursor(t, pos, b != 0);
    else if (final == 'p')
        report_mode(t, a);
}
