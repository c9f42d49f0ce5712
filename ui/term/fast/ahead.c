/*
 * ahead.c - libvterm is kept where the terminal is. Invariant: while a glyph
 * is kept here, libvterm is in no mode in which writing it again would do more
 * than move its cursor, as each change of a mode brings it up first.
 */
#include "ui/term/fast/ahead.h"

#include <stdio.h>
#include <string.h>

#include "ui/term/term_move.h"

VTermPos
term_pos(const struct term *t)
{
    VTermPos pos;

    if (t->ahead.moved)
        return t->ahead.pos;
    vterm_state_get_cursorpos(t->st, &pos);
    return pos;
}

void
ahead_move(struct term *t, VTermPos pos)
{
    t->ahead.moved = true;
    t->ahead.pos = pos;
}

void
ahead_glyph(struct term *t, const char *bytes, size_t n, VTermPos pos)
{
    struct ahead *a = &t->ahead;

    memcpy(a->glyph, bytes, n);
    a->n_glyph = n;
    a->glyph_pos = pos;
}

static void
sync_sgr(struct term *t)
{
    struct ahead *a = &t->ahead;

    a->syncing = true;
    vterm_input_write(t->vt, a->sgr, a->n_sgr);
    a->syncing = false;
    a->n_sgr = 0;
}

void
ahead_sgr(struct term *t, const char *bytes, size_t n, bool reset)
{
    struct ahead *a = &t->ahead;

    if (reset)
        a->n_sgr = 0;
    else if (a->n_sgr + n > sizeof(a->sgr))
        sync_sgr(t);
    memcpy(a->sgr + a->n_sgr, bytes, n);
    a->n_sgr += n;
}

static size_t
put_move(char *text, size_t size, VTermPos pos)
{
    return (size_t)snprintf(text, size, "\033[%d;%dH", pos.row + 1,
                            pos.col + 1);
}

/* The last glyph is written again where it was, which neither scrolls nor
 * wraps, and the cursor goes on from there. */
static void
sync_cursor(struct term *t)
{
    struct ahead *a = &t->ahead;
    bool wraps = term_wrap_pending(t);
    char text[64];
    size_t n = 0;

    if (a->n_glyph > 0) {
        n = put_move(text, sizeof(text), a->glyph_pos);
        memcpy(text + n, a->glyph, a->n_glyph);
        n += a->n_glyph;
    }
    if (!wraps)
        n += put_move(text + n, sizeof(text) - n, a->pos);
    a->syncing = true;
    vterm_input_write(t->vt, text, n);
    a->syncing = false;
    a->moved = false;
    a->n_glyph = 0;
}

void
term_sync(struct term *t)
{
    if (t->ahead.moved)
        sync_cursor(t);
    if (t->ahead.n_sgr > 0)
        sync_sgr(t);
}

void
term_feed(struct term *t, const char *bytes, size_t n)
{
    term_sync(t);
    vterm_input_write(t->vt, bytes, n);
}
