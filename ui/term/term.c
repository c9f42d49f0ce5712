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
#include "ui/term/term_move.h"

#define STEP_BYTES 128U

static void
term_on_output(const char *bytes, size_t n, void *arg)
{
    struct term *t = arg;

    if (t->opts.output != NULL && n > 0)
        t->opts.output(t->opts.arg, bytes, n);
}

void
term_reply(struct term *t, const char *text)
{
    term_on_output(text, strlen(text), t);
}

/* --- what the filter tells --- */

/* What libvterm leaves as it was where xterm does not: whether the next glyph
 * wraps, and the column after lines were inserted or deleted. */
static void
after_pass(struct term *t, const char *bytes, size_t n)
{
    char final = bytes[n - 1], number;
    VTermPos pos;

    if (n == 2) {
        if (strchr("DEM", final) != NULL)
            term_end_wrap(t);
        return;
    }
    if (bytes[1] != '[')
        return;
    number = bytes[2] == '?' ? bytes[3] : bytes[2];
    if (final == 'X' || ((final == 'J' || final == 'K') && number != '1')) {
        term_end_wrap(t);
    } else if (final == 'L' || final == 'M') {
        vterm_state_get_cursorpos(t->st, &pos);
        pos.col = 0;
        if (pos.row >= t->top && pos.row < t->bottom)
            term_goto(t, pos);
    } else if (final == 'g' || final == 'I' || final == 'Z') {
        term_cost(t, t->cols); /* libvterm walks over the tab stops */
    }
}

static void
on_pass(void *arg, const char *bytes, size_t n)
{
    struct term *t = arg;

    vterm_input_write(t->vt, bytes, n);
    after_pass(t, bytes, n);
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
        r->wraps = at < n;
        term_push_row(t, &g->row[0]);
        grid_scroll(g, 0, t->rows, 1, &t->pen, t->cols);
        term_cost(t, (int)part + t->rows);
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

    if (t->alt || t->filter.odd != 0 || term_margins(t) || t->cols < 3 ||
        t->pen.bg != COLOR_NONE || !at_bottom_left(t))
        return 0;
    while (at < n && t->filter.cost < t->filter.limit &&
           (len = plain_line(s + at, n - at)) >= 0) {
        print_line(t, s + at, (size_t)len);
        at += (size_t)len + 2;
    }
    if (at > 0) {
        t->put.row = t->after.row = -1;
        term_mark(t, 0, t->rows);
    }
    return at;
}

/* LF, VT and FF are one to a terminal. */
static bool
line_feed(char c)
{
    return c >= '\n' && c <= '\f';
}

/* The bytes that libvterm gets at once: to the end of the line, few enough
 * that the limit holds whatever each of them costs. */
static size_t
text_step(const char *s, size_t n)
{
    size_t step = n > STEP_BYTES ? text_cut(s, STEP_BYTES) : n, i;

    for (i = 0; i < step; i++)
        if (line_feed(s[i]))
            return i + 1;
    return step;
}

static size_t
on_text(void *arg, const char *s, size_t n)
{
    struct term *t = arg;
    size_t at = 0, step;

    while (at < n && (at == 0 || t->filter.cost < t->filter.limit)) {
        step = print_lines(t, s + at, n - at);
        if (step == 0) {
            step = text_step(s + at, n - at);
            vterm_input_write(t->vt, s + at, step);
            t->filter.cost += step * FILTER_BYTE_COST;
            if (line_feed(s[at + step - 1]))
                term_end_wrap(t); /* it scrolled, the column is the same */
        }
        at += step;
    }
    return at;
}

/* A login prompt clears the screen, and the end of the boot with it: what is
 * about to be erased is kept. */
void
term_keep_screen(struct term *t)
{
    int last, y;

    if (t->alt)
        return;
    last = grid_last(&t->grid[0]);
    for (y = 0; y <= last; y++)
        term_push_row(t, &t->grid[0].row[y]);
}

static void
on_erasing(void *arg, bool all)
{
    struct term *t = arg;
    VTermPos pos;

    vterm_state_get_cursorpos(t->st, &pos);
    if (all || (pos.row == 0 && pos.col == 0))
        term_keep_screen(t);
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
    term_on_output(text, n, arg);
}

static void
on_size_query(void *arg, long what)
{
    struct term *t = arg;
    char text[48];
    int n = snprintf(text, sizeof(text), "\033[%d;%d;%dt", what == 18 ? 8 : 9,
                     t->rows, t->cols);

    term_on_output(text, (size_t)n, t);
}

static const struct filter_ops filter_ops = {
    .text = on_text,
    .pass = on_pass,
    .own = term_own,
    .csi = term_csi,
    .mode = term_mode,
    .erasing = on_erasing,
    .title = on_title,
    .size_query = on_size_query,
    .reply = on_reply,
};

/* --- life --- */

/* The view cannot be further up than there are lines. */
static void
on_dropped(struct sb *s)
{
    struct term *t = container_of(s, struct term, sb);

    if (t->view <= s->rows)
        return;
    t->view = s->rows;
    t->any_dirty = t->all_dirty = true;
}

struct term *
term_new(const struct term_opts *o)
{
    struct term *t = xcalloc(1, sizeof(*t));

    t->opts = *o;
    t->rows = term_clamp(o->rows, 1, TERM_MAX_ROWS);
    t->cols = term_clamp(o->cols, 2, TERM_MAX_COLS);
    t->put.row = t->after.row = -1;
    t->bottom = t->rows;
    t->pen = (struct cell){ .fg = COLOR_NONE, .bg = COLOR_NONE };
    t->any_dirty = t->all_dirty = true;
    t->dirty = xcalloc((size_t)t->rows, sizeof(*t->dirty));
    grid_init(&t->grid[0], t->rows);
    grid_init(&t->grid[1], t->rows);
    sb_init(&t->sb, o->scrollback_bytes, t->cols, o->share);
    t->sb.dropped = on_dropped;
    filter_init(&t->filter, &filter_ops, t);
    t->vt = vterm_new(t->rows, t->cols);
    vterm_set_utf8(t->vt, 1);
    vterm_output_set_callback(t->vt, term_on_output, t);
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
    free(t->dirty);
    free(t);
}

void
term_write(struct term *t, const char *bytes, size_t n)
{
    t->filter.cost = 0;
    t->filter.limit = SIZE_MAX;
    (void)filter_feed(&t->filter, bytes, n);
}

size_t
term_work(struct term *t, const char *bytes, size_t n)
{
    struct term_share *share = t->opts.share;
    size_t least = TERM_TURN_COST / 16, done;

    t->filter.cost = 0;
    t->filter.limit = TERM_TURN_COST;
    if (share != NULL)
        t->filter.limit = share->spent + least < TERM_TURN_COST
                              ? TERM_TURN_COST - share->spent
                              : least;
    done = filter_feed(&t->filter, bytes, n);
    if (share != NULL)
        share->spent += t->filter.cost;
    return done;
}

size_t
term_cost_of_turn(const struct term *t)
{
    return t->filter.cost;
}

/* --- resizing --- */

void
term_resize(struct term *t, int rows, int cols)
{
    VTermPos pos;
    bool edge;
    int col;

    rows = term_clamp(rows, 1, TERM_MAX_ROWS);
    cols = term_clamp(cols, 2, TERM_MAX_COLS);
    if (rows == t->rows && cols == t->cols)
        return;
    vterm_state_get_cursorpos(t->st, &pos);
    col = term_next_col(t, pos);
    edge = col != pos.col;
    t->resized = (VTermPos){ .row = pos.row, .col = col };
    term_no_margins(t); /* libvterm does not bound the top one */
    vterm_set_size(t->vt, rows, cols);
    t->rows = t->bottom = rows;
    t->cols = cols;
    t->dirty = xrealloc(t->dirty, (size_t)rows, sizeof(*t->dirty));
    t->any_dirty = t->all_dirty = true;
    t->put.row = -1;
    t->aligned = false;
    vterm_state_get_cursorpos(t->st, &pos);
    if (!t->alt)
        term_settle(t, t->resized.row, t->resized.col);
    else
        term_settle(t, pos.row, edge || col >= cols ? col : pos.col);
}

void
term_size(const struct term *t, int *rows, int *cols)
{
    *rows = t->rows;
    *cols = t->cols;
}

/* --- a line of our own --- */

void
term_seam(struct term *t, const char *text)
{
    VTermPos pos;
    int last;

    filter_abort(&t->filter);
    vterm_state_get_cursorpos(t->st, &pos);
    if (t->alt)
        pos = t->main_cursor;
    term_leave_guest(t);
    last = grid_last(&t->grid[0]);
    if (last < pos.row)
        last = pos.row - (pos.col == 0 ? 1 : 0);
    if (last >= 0) {
        pos.row = last;
        pos.col = 0;
        term_goto(t, pos);
        term_say(t, "\r\n");
    }
    term_write(t, text, strlen(text));
    term_write(t, "\r\n", 2);
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
    *y = term_clamp(pos.row, 0, t->rows - 1);
    *x = term_clamp(pos.col, 0, t->cols - 1);
    return t->cursor_visible && t->view == 0;
}
