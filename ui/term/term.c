/*
 * term.c - the terminal as its owner sees it: made, fed, resized, asked. The
 * parser is only ever given whole sequences (filter.h), so between two calls
 * it is always ready for a sequence of ours.
 */
#include "ui/term/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/draw/theme.h"
#include "ui/term/term_int.h"

static void
on_output(const char *bytes, size_t n, void *arg)
{
    struct term *t = arg;

    if (t->opts.output != NULL && n > 0)
        t->opts.output(t->opts.arg, bytes, n);
}

static void
say(struct term *t, const char *text)
{
    vterm_input_write(t->vt, text, strlen(text));
}

/* --- the cursor, and the glyph at the edge --- */

int
term_next_col(const struct term *t, VTermPos pos)
{
    const struct row *r = &t->grid[t->alt].row[pos.row];
    int col = pos.col + t->put_width;

    if (t->put.row < 0 || t->put.row != pos.row || t->put.col != pos.col ||
        col < t->cols)
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
    snprintf(text, sizeof(text), "\033[%d;%dHx", y + 1, t->cols);
    say(t, text);
    row_free(r);
    *r = keep;
}

static void
goto_row_col(struct term *t, VTermPos pos)
{
    char text[48];

    snprintf(text, sizeof(text), "\033[%d;%dH", pos.row + 1, pos.col + 1);
    say(t, text);
}

/* col as term_next_col gave it, before the size may have changed. */
static void
settle_cursor(struct term *t, int row, int col)
{
    VTermPos pos = { .row = row, .col = col };

    if (col >= t->cols)
        set_wrap_pending(t, row);
    else
        goto_row_col(t, pos);
}

/* libvterm does not bound the top margin when it shrinks. */
static void
reset_margins(struct term *t)
{
    VTermPos pos;

    if (!t->filter.margins)
        return;
    vterm_state_get_cursorpos(t->st, &pos);
    say(t, "\033[r");
    goto_row_col(t, pos);
    t->filter.margins = false;
}

/* --- what the filter tells --- */

static void
on_pass(void *arg, const char *bytes, size_t n)
{
    struct term *t = arg;
    bool alt = t->alt;

    vterm_input_write(t->vt, bytes, n);
    /* libvterm went back to a place of the size before */
    if (alt && !t->alt && t->main_resized && n == 8 &&
        memcmp(bytes, "\033[?1049l", 8) == 0) {
        reset_margins(t);
        settle_cursor(t, t->main_cursor.row, t->main_cursor.col);
    }
}

/* A line that is printed at the bottom of the screen and scrolls it: its cells
 * are written here, for in a flood nearly all lines are such, and libvterm is
 * where it was when the line is done. n: without its line end. */
static void
print_line(struct term *t, const char *s, size_t n)
{
    struct grid *g = &t->grid[0];
    size_t at = 0, i, part;

    do {
        struct row *r = &g->row[t->rows - 1];
        struct cell c = t->pen;

        part = n - at < (size_t)t->cols ? n - at : (size_t)t->cols;
        row_reserve(r, t->cols);
        for (i = 0; i < part; i++) {
            c.ch = (unsigned char)s[at + i];
            r->cells[i] = c;
        }
        r->len = (int)part;
        at += part;
        term_push_row(t, &g->row[0]);
        grid_scroll(g, 0, t->rows, 1, &t->pen, t->cols);
    } while (at < n);
}

/* Printable ASCII up to CR LF: the length without them, or -1. */
static long
plain_line(const char *s, size_t n)
{
    const char *end = memchr(s, '\r', n);
    size_t len, i;
    unsigned odd = 0;

    if (end == NULL || (size_t)(end - s) + 1 >= n || end[1] != '\n')
        return -1;
    len = (size_t)(end - s);
    for (i = 0; i < len; i++)
        odd |= (unsigned char)(s[i] - 0x20) >= 0x5f;
    return odd ? -1 : (long)len;
}

static bool
at_bottom_left(const struct term *t)
{
    VTermPos pos;

    vterm_state_get_cursorpos(t->st, &pos);
    return pos.row == t->rows - 1 && pos.col == 0 &&
           t->grid[0].row[pos.row].len == 0;
}

/* Lines from s on that need no libvterm; returns the bytes they took. */
static size_t
print_lines(struct term *t, const char *s, size_t n)
{
    size_t at = 0;
    long len;

    if (t->alt || t->filter.odd != 0 || t->filter.margins || t->cols < 3 ||
        t->pen.bg != COLOR_NONE || !at_bottom_left(t))
        return 0;
    while (at < n && (len = plain_line(s + at, n - at)) >= 0) {
        print_line(t, s + at, (size_t)len);
        at += (size_t)len + 2;
    }
    if (at > 0) {
        t->put.row = -1;
        term_mark(t, 0, t->rows);
    }
    return at;
}

static void
on_text(void *arg, const char *s, size_t n)
{
    struct term *t = arg;
    size_t at = 0;

    while (at < n) {
        const char *nl;
        size_t step;

        at += print_lines(t, s + at, n - at);
        nl = at < n ? memchr(s + at, '\n', n - at) : NULL;
        step = nl != NULL ? (size_t)(nl - s) + 1 - at : n - at;
        if (step > 0)
            vterm_input_write(t->vt, s + at, step);
        at += step;
    }
}

/* A login prompt clears the screen, and the end of the boot with it: what is
 * about to be erased is kept. */
static void
on_erasing(void *arg, bool all)
{
    struct term *t = arg;
    VTermPos pos;
    int last, y;

    vterm_state_get_cursorpos(t->st, &pos);
    if (t->alt || (!all && (pos.row > 0 || pos.col > 0)))
        return;
    last = grid_last(&t->grid[0]);
    for (y = 0; y <= last; y++)
        term_push_row(t, &t->grid[0].row[y]);
}

static void
on_title(void *arg, const char *text, size_t n)
{
    struct term *t = arg;

    text_safe(t->title, sizeof(t->title), text, n);
}

static void
on_reply(void *arg, const char *text, size_t n)
{
    on_output(text, n, arg);
}

static void
on_size_query(void *arg, long what)
{
    struct term *t = arg;
    char text[48];
    int n = snprintf(text, sizeof(text), "\033[%d;%d;%dt", what == 18 ? 8 : 9,
                     t->rows, t->cols);

    on_output(text, (size_t)n, t);
}

static const struct filter_ops filter_ops = {
    .text = on_text,
    .pass = on_pass,
    .erasing = on_erasing,
    .title = on_title,
    .size_query = on_size_query,
    .reply = on_reply,
};

/* --- life --- */

static int
clamp(int v, int min, int max)
{
    return v < min ? min : v > max ? max : v;
}

struct term *
term_new(const struct term_opts *o)
{
    struct term *t = xcalloc(1, sizeof(*t));

    t->opts = *o;
    t->rows = clamp(o->rows, 1, TERM_MAX_ROWS);
    t->cols = clamp(o->cols, 2, TERM_MAX_COLS);
    t->put.row = -1;
    t->pen = (struct cell){ .fg = COLOR_NONE, .bg = COLOR_NONE };
    t->any_dirty = t->all_dirty = true;
    t->dirty = xcalloc((size_t)t->rows, sizeof(*t->dirty));
    grid_init(&t->grid[0], t->rows);
    grid_init(&t->grid[1], t->rows);
    sb_init(&t->sb, o->scrollback_bytes);
    filter_init(&t->filter, &filter_ops, t);
    t->vt = vterm_new(t->rows, t->cols);
    vterm_set_utf8(t->vt, 1);
    vterm_output_set_callback(t->vt, on_output, t);
    t->st = vterm_obtain_state(t->vt);
    vterm_state_set_callbacks(t->st, &term_screen_callbacks, t);
    vterm_state_reset(t->st, 1);
    return t;
}

void
term_free(struct term *t)
{
    if (t == NULL)
        return;
    vterm_free(t->vt);
    grid_fini(&t->grid[0]);
    grid_fini(&t->grid[1]);
    sb_fini(&t->sb);
    row_free(&t->work);
    free(t->dirty);
    free(t);
}

void
term_write(struct term *t, const char *bytes, size_t n)
{
    filter_feed(&t->filter, bytes, n);
}

/* --- resizing --- */

void
term_resize(struct term *t, int rows, int cols)
{
    VTermPos pos;
    bool edge;
    int col;

    rows = clamp(rows, 1, TERM_MAX_ROWS);
    cols = clamp(cols, 2, TERM_MAX_COLS);
    if (rows == t->rows && cols == t->cols)
        return;
    vterm_state_get_cursorpos(t->st, &pos);
    col = term_next_col(t, pos);
    edge = col != pos.col;
    reset_margins(t);
    vterm_set_size(t->vt, rows, cols);
    t->rows = rows;
    t->cols = cols;
    t->dirty = xrealloc(t->dirty, (size_t)rows, sizeof(*t->dirty));
    t->any_dirty = t->all_dirty = true;
    t->put.row = -1;
    say(t, FILTER_CLAMP);
    vterm_state_get_cursorpos(t->st, &pos);
    if (edge || col >= cols)
        settle_cursor(t, pos.row, col);
}

void
term_size(const struct term *t, int *rows, int *cols)
{
    *rows = t->rows;
    *cols = t->cols;
}

/* --- a line of our own --- */

/* Modes that a guest which is gone may have left behind. */
static const char *const back_to_plain[] = {
    "\033[?1049l", "\033[?1000l", "\033[?1006l", "\033[?2004l",
    "\033[?5l",    "\033[?6l",    "\033[r",      "\033[?1l",
    "\033[4l",     "\033[20l",    "\033[?7h",    "\033[?25h",
    "\033[m",      "\033[0\"q",   "\033(B\017",  "\033>",
};

void
term_seam(struct term *t, const char *text)
{
    VTermPos pos;
    size_t i;
    int last;

    filter_abort(&t->filter);
    vterm_state_get_cursorpos(t->st, &pos);
    if (t->alt)
        pos = t->main_cursor;
    for (i = 0; i < sizeof(back_to_plain) / sizeof(back_to_plain[0]); i++)
        say(t, back_to_plain[i]);
    t->filter.margins = false;
    t->filter.odd &= FILTER_ODD_SETS & ~1U;
    last = grid_last(&t->grid[0]);
    if (last < pos.row)
        last = pos.row - (pos.col == 0 ? 1 : 0);
    if (last >= 0) {
        pos.row = last;
        pos.col = 0;
        goto_row_col(t, pos);
        say(t, "\r\n");
    }
    filter_feed(&t->filter, text, strlen(text));
    filter_feed(&t->filter, "\r\n", 2);
}

/* --- asking --- */

bool
term_altscreen(const struct term *t)
{
    return t->alt;
}

const char *
term_title(const struct term *t)
{
    return t->title;
}

bool
term_bell(struct term *t)
{
    bool rang = t->bell;

    t->bell = false;
    return rang;
}

bool
term_cursor(const struct term *t, int *y, int *x)
{
    VTermPos pos;

    vterm_state_get_cursorpos(t->st, &pos);
    *y = clamp(pos.row, 0, t->rows - 1);
    *x = clamp(pos.col, 0, t->cols - 1);
    return t->cursor_visible && t->view == 0;
}
