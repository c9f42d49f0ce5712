/*
 * term_view.h - what is seen of an embedded terminal: the live screen or the
 * lines above it, drawn, read and searched. Part of term.h.
 */
#ifndef XENDECK_UI_TERM_TERM_VIEW_H
#define XENDECK_UI_TERM_TERM_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "ui/draw/color.h"
#include "ui/draw/curses.h"

struct term;

/* View: 0 is the live screen, n shows n lines further up. Clamped. New output
 * keeps a scrolled view on the same text. Scrolls by lines, negative: up. */
void term_scroll(struct term *t, long lines);
size_t term_view(const struct term *t);
size_t term_lines(const struct term *t); /* scrollback lines kept */
size_t term_bytes(const struct term *t); /* bytes of the scrollback */
bool term_altscreen(const struct term *t);
const char *term_title(const struct term *t); /* set by the guest, safe; "" */
bool term_bell(struct term *t);               /* rang since the last call */

/* What stands for a character where only ASCII can be shown: one column. */
wchar_t term_ascii(uint32_t ch);
/* True if drawing would change anything since the last term_drawn. */
bool term_dirty(const struct term *t);
/* Draws the view into w at 0,0; only rows that changed unless all. match:
 * text to highlight, or NULL. */
void term_draw(const struct term *t, WINDOW *w, struct colors *c, bool all,
               const char *match);
/* It was drawn, with this match: what counts changes begins anew. */
void term_drawn(struct term *t, const char *match);
/* Cursor of the live screen; false: hidden or scrolled away. */
bool term_cursor(const struct term *t, int *y, int *x);

/* Text of a row, UTF-8, trailing blanks cut: 0 is the oldest of the scrollback,
 * term_lines() the first of the screen. False past the end. */
bool term_line_text(const struct term *t, size_t line, struct buf *out);
/* The same as a part of its line: with its trailing blanks if that goes on in
 * the next row, which *on tells. */
bool term_line_part(const struct term *t, size_t line, struct buf *out,
                    bool *on);
/* Looks for text, also across the edge where a line wraps (case-insensitive
 * unless it has a capital), dir 1 down from the view's top, -1 up from its
 * bottom, going on at the other end, and scrolls to it. The same text again:
 * from the last match while that is in view. False: not found. */
bool term_search(struct term *t, const char *text, int dir);

#endif
