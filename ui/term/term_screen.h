/*
 * term_screen.h - what happens to the screen, whoever asks for it: libvterm by
 * its callbacks, or the terminal by itself. Private to ui/term.
 */
#ifndef XENDECK_UI_TERM_TERM_SCREEN_H
#define XENDECK_UI_TERM_TERM_SCREEN_H

#include <stdint.h>

#include <vterm.h>

struct row;
struct term;

/* What libvterm calls back. */
extern const VTermStateCallbacks term_screen_callbacks;
/* Into the scrollback. */
void term_push_row(struct term *t, const struct row *r);
/* Rows [top, end) are to be drawn. */
void term_mark(struct term *t, int top, int end);
/* n > 0 glyphs of so many columns each are written from pos on, all in one row:
 * returns it, for the caller to write them. */
struct row *term_glyphs(struct term *t, VTermPos pos, int width, int n);
/* A combining character for the glyph behind which the next one wraps. */
void term_mark_at_edge(struct term *t, uint32_t ch);
/* The cursor has come to pos by something else than a glyph. */
void term_moved(struct term *t, VTermPos pos);
/* A line feed on the last row. */
void term_scroll_line(struct term *t);
/* EL: from pos to the end of its row. */
void term_erase_to_edge(struct term *t, VTermPos pos);

#endif
