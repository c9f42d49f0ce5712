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
#include "ui/term/fast/fast.h"
#include "ui/term/find/term_hunt.h"
#include "ui/term/term_move.h"

#define STEP_BYTES 128U

void
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
        t->own_stops = t->own_stops || final == 'H';
        return;
    }
    if (bytes[1] != '[')
        return;
    number = bytes[2] == '?' ? bytes[3] : bytes[2];
    if (final == 'X' || ((final == 'J' || final == 'K') && number != '1')) {
        term_end_wrap(t);
    } else if (final == 'L' || final == 'M') {
        pos = term_pos(t);
        pos.col = 0;
        if (pos.row >= t->top && pos.row < t->bottom)
            term_goto(t, pos);
    } else if (final == 'g' || final == 'I' || final == 'Z') {
        term_cost(t, t->cols); /* libvterm walks over the tab stops */
        t->own_stops = t->own_stops || final == 'g';
    }
}

static void
on_pass(void *arg, const char *bytes, size_t n)
{
    struct term *t = arg;

    term_feed(t, bytes, n);
    after_pass(t, bytes, n);
}

/* LF, VT and FF are one to a terminal. */
static bool
line_feed(char c)
{
    return c >= '\n' && c <= '\f';
}

/* A combining character that s begins with: its bytes, or 0. */
static size_t
mark_at(const char *s, size_t n, uint32_t *cp)
{
    int len = utf8_get(s, n, cp);

    return len > 1 && filter_is_mark(*cp) ? (size_t)len : 0;
}

/* Whether s[i] is not for the same call as what is before it. libvterm takes
 * ASCII behind another character for none that a character set is for. */
static bool
begins_anew(const char *s, size_t i, size_t n)
{
    uint32_t cp;

    if ((s[i] & 0xc0) == 0xc0)
        return mark_at(s + i, n - i, &cp) > 0;
    return (signed char)s[i] >= 0 && (signed char)s[i - 1] < 0;
}

/* The bytes that libvterm gets at once: to the end of the line or where it has
 * to begin anew, and few enough that the limit holds whatever each of them
 * costs. */
static size_t
text_step(const char *s, size_t n)
{
    size_t step = n > STEP_BYTES ? text_cut(s, STEP_BYTES) : n, i;

    for (i = 0; i < step; i++) {
        if (i > 0 && begins_anew(s, i, step))
            return i;
        if (line_feed(s[i]))
            return i + 1;
    }
    return step;
}

/* One piece of text through libvterm; returns its bytes. To libvterm a
 * combining character behind the glyph at the edge is the next one. */
static size_t
text_piece(struct term *t, const char *s, size_t n)
{
    uint32_t cp;
    size_t step = term_wrap_pending(t) ? mark_at(s, n, &cp) : 0;

    if (step > 0) {
        term_mark_at_edge(t, cp);
        return step;
    }
    step = text_step(s, n);
    term_feed(t, s, step);
    if (line_feed(s[step - 1]))
        term_end_wrap(t); /* it scrolled, the column is the same */
    return step;
}

static size_t
on_text(void *arg, const char *s, size_t n)
{
    struct term *t = arg;
    size_t at = 0, step;

    while (at < n && (at == 0 || t->filter.cost < t->filter.limit)) {
        step = text_piece(t, s + at, n - at);
        t->filter.cost += step * FILTER_BYTE_COST;
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
    VTermPos pos = term_pos(t);

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
    .fast = fast_take,
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
    term_hunt_end(t);
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
    VTermPos pos = term_pos(t);
    bool edge;
    int col;

    rows = term_clamp(rows, 1, TERM_MAX_ROWS);
    cols = term_clamp(cols, 2, TERM_MAX_COLS);
    if (rows == t->rows && cols == t->cols)
        return;
    col = term_next_col(t, pos);
    edge = col != pos.col;
    t->resized = (VTermPos){ .row = pos.row, .col = col };
    term_no_margins(t); /* libvterm does not bound the top one */
    term_sync(t);
    vterm_set_size(t->vt, rows, cols);
    t->rows = t->bottom = rows;
    t->cols = cols;
    t->dirty = xrealloc(t->dirty, (size_t)rows, sizeof(*t->dirty));
    t->any_dirty = t->all_dirty = true;
    t->put.row = -1;
    t->aligned = false;
    pos = term_pos(t);
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
    VTermPos pos = term_pos(t);
    int last;

    filter_abort(&t->filter);
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
    VTermPos pos = term_pos(t);

    *y = term_clamp(pos.row, 0, t->rows - 1);
    *x = term_clamp(pos.col, 0, t->cols - 1);
    return t->cursor_visible && t->view == 0;
}
