/*
 * term_state.c - what a guest saves, restores, switches and resets: the saved
 * cursor of each screen, the alternate screen, DEC modes that libvterm does
 * otherwise than xterm, the resets. The model is xterm in its own default
 * settings.
 */
#include <stdio.h>
#include <string.h>

#include "ui/term/term_move.h"

static const struct cell plain_pen = { .fg = COLOR_NONE, .bg = COLOR_NONE };

/* --- attributes and character sets, as libvterm is told of them --- */

static void
say_color(struct term *t, int base, int32_t color)
{
    char text[48];

    if (color == COLOR_NONE)
        return;
    if (color & 0x1000000)
        snprintf(text, sizeof(text), "\033[%d;2;%d;%d;%dm", base,
                 (color >> 16) & 0xff, (color >> 8) & 0xff, color & 0xff);
    else
        snprintf(text, sizeof(text), "\033[%d;5;%dm", base, color);
    term_say(t, text);
}

static void
set_pen(struct term *t, const struct cell *pen)
{
    static const struct {
        unsigned bit;
        const char *text;
    } bits[] = {
        { CELL_BOLD, "\033[1m" },
        { CELL_ITALIC, "\033[3m" },
        { CELL_UNDERLINE, "\033[4m" },
        { CELL_REVERSE, "\033[7m" },
    };
    struct cell want = *pen; /* pen may be what the next line changes */
    size_t i;

    term_say(t, "\033[m");
    for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        if (want.attrs & bits[i].bit)
            term_say(t, bits[i].text);
    say_color(t, 38, want.fg);
    say_color(t, 48, want.bg);
}

static void
set_protected(struct term *t, bool on)
{
    struct filter *f = &t->filter;

    term_say(t, on ? "\033[1\"q" : "\033[0\"q");
    f->odd = on ? f->odd | FILTER_ODD_PROTECT
                : f->odd & ~(unsigned)FILTER_ODD_PROTECT;
}

static void
set_charsets(struct term *t, const char set[4], int gl)
{
    static const char *const shift[4] = { "\017", "\016", "\033n", "\033o" };
    struct filter *f = &t->filter;
    char text[4] = "\033";
    int i;

    for (i = 0; i < 4; i++) {
        text[1] = (char)('(' + i);
        text[2] = set[i];
        if (f->set[i] != set[i])
            term_say(t, text);
        f->odd = set[i] != 'B' ? f->odd | 1U << i : f->odd & ~(1U << i);
    }
    memcpy(f->set, set, sizeof(f->set));
    f->gl = gl;
    term_say(t, shift[gl]);
}

/* --- the saved cursor --- */

static void
save_cursor(struct term *t)
{
    struct saved_cursor *s = &t->saved[t->alt];

    s->pos = term_pos(t);
    s->pos.col = term_next_col(t, s->pos);
    s->pen = t->pen;
    s->origin = t->origin;
    s->protect = (t->filter.odd & FILTER_ODD_PROTECT) != 0;
    memcpy(s->set, t->filter.set, sizeof(s->set));
    s->gl = t->filter.gl;
    s->valid = true;
}

static struct saved_cursor
nothing_saved(void)
{
    return (struct saved_cursor){ .pen = plain_pen, .set = "BBBB" };
}

static void
restore_from(struct term *t, const struct saved_cursor *s)
{
    set_charsets(t, s->set, s->gl);
    set_protected(t, s->protect);
    t->origin = s->origin;
    term_settle(
        t, s->origin && s->pos.row >= t->bottom ? t->bottom - 1 : s->pos.row,
        s->pos.col);
    set_pen(t, &s->pen);
}

static void
restore_cursor(struct term *t)
{
    struct saved_cursor s = t->saved[t->alt];

    if (!s.valid)
        s = nothing_saved();
    restore_from(t, &s);
}

/* --- the alternate screen --- */

static void
clear_screen(struct term *t)
{
    struct grid *g = term_grid(t);
    int y;

    for (y = 0; y < g->held; y++) {
        if (y < g->rows)
            row_erase(&g->row[y], 0, t->cols, &t->pen, true);
        else
            row_clear(&g->row[y]);
    }
    term_mark(t, 0, t->rows);
    term_cost(t, t->pen.bg == COLOR_NONE ? t->rows : t->rows * t->cols);
}

static void
switch_screen(struct term *t, bool alt)
{
    if (t->alt == alt)
        return;
    t->switching = true; /* libvterm erases what it switches to */
    term_say(t, alt ? "\033[?1047h" : "\033[?1047l");
    t->switching = false;
    term_cost(t, t->rows);
}

static void
alt_with_cursor(struct term *t)
{
    save_cursor(t);
    if (t->alt)
        return;
    switch_screen(t, true);
    clear_screen(t);
}

/* Where nothing was saved xterm goes home. Here that is a guest whose program
 * was at work before this terminal came: it has left its cursor below what it
 * drew, and the prompt is to follow there. */
static void
main_with_cursor(struct term *t)
{
    struct saved_cursor s;

    switch_screen(t, false);
    s = t->saved[0];
    if (!s.valid) {
        s = nothing_saved();
        s.pos = term_pos(t);
    }
    restore_from(t, &s);
}

/* --- modes --- */

/* DECCOLM: off in xterm unless mode 40 allows it. The width is the pane's and
 * stays; the rest of it is done. */
static void
column_mode(struct term *t)
{
    if (!t->colm_allowed)
        return;
    term_keep_screen(t);
    clear_screen(t);
    term_no_margins(t);
    term_home(t);
}

/* A glyph at the edge that was written while nothing wraps does not later. */
static void
wrap_mode(struct term *t, bool on)
{
    if (!on)
        term_end_wrap(t);
    else if (t->filter.odd & FILTER_ODD_NO_WRAP)
        t->put.row = -1;
}

bool
term_mode(void *arg, long mode, bool on)
{
    struct term *t = arg;

    switch (mode) {
    case 3:
        column_mode(t);
        return true;
    case 6:
        t->origin = on;
        term_home(t);
        return true;
    case 7:
        wrap_mode(t, on);
        return false;
    case 40:
        t->colm_allowed = on;
        return true;
    case 47:
        switch_screen(t, on);
        return true;
    case 1047:
        if (!on && t->alt)
            clear_screen(t);
        switch_screen(t, on);
        return true;
    case 1048:
        (on ? save_cursor : restore_cursor)(t);
        return true;
    case 1049:
        (on ? alt_with_cursor : main_with_cursor)(t);
        return true;
    default:
        return false;
    }
}

/* --- resets --- */

static void
plain_modes(struct term *t)
{
    wrap_mode(t, true);
    term_say(t, "\033[4l\033[?1l\033[?7h\033[?25h\033>");
    t->filter.odd &= ~(unsigned)(FILTER_ODD_INSERT | FILTER_ODD_NO_WRAP);
    t->origin = false;
    term_no_margins(t);
    set_protected(t, false);
    set_charsets(t, "BBBB", 0);
    set_pen(t, &plain_pen);
}

/* DECSTR: neither screen nor cursor change; a later restore goes home. */
static void
soft_reset(struct term *t)
{
    plain_modes(t);
    t->saved[t->alt] = nothing_saved();
    t->saved[t->alt].valid = true;
}

void
term_leave_guest(struct term *t)
{
    switch_screen(t, false);
    plain_modes(t);
    term_say(t, "\033[20l\033[?5l\033[?1000l\033[?1006l\033[?2004l");
    t->filter.odd &= ~(unsigned)FILTER_ODD_NEWLINE;
    memset(t->saved, 0, sizeof(t->saved));
    t->colm_allowed = false;
}

void
term_reset(struct term *t)
{
    filter_abort(&t->filter);
    term_leave_guest(t);
    term_keep_screen(t);
    term_say(t, "\033c");
    t->own_stops = false;
    t->put.row = t->after.row = -1;
    t->all_dirty = t->any_dirty = true;
    term_cost(t, t->rows + t->cols);
}

/* DECALN. A screen that is full of E already stays as it is. */
static void
align(struct term *t)
{
    const struct cell e = { .ch = 'E', .fg = COLOR_NONE, .bg = COLOR_NONE };
    struct grid *g = term_grid(t);
    int y, x;

    t->origin = false;
    term_no_margins(t);
    term_home(t);
    set_pen(t, &plain_pen);
    if (t->aligned)
        return;
    for (y = 0; y < t->rows; y++) {
        struct row *r = &g->row[y];

        row_reserve(r, t->cols);
        for (x = 0; x < t->cols; x++)
            r->cells[x] = e;
        r->len = t->cols;
        r->wraps = false;
    }
    term_mark(t, 0, t->rows);
    term_cost(t, t->rows * t->cols);
    t->aligned = true;
}

void
term_own(void *arg, enum filter_own what)
{
    struct term *t = arg;

    switch (what) {
    case FILTER_SAVE:
        save_cursor(t);
        break;
    case FILTER_RESTORE:
        restore_cursor(t);
        break;
    case FILTER_ALIGN:
        align(t);
        break;
    case FILTER_SOFT_RESET:
        soft_reset(t);
        break;
    case FILTER_RESET:
        term_reset(t);
        break;
    }
}
