/*
 * term_move.h - the cursor and the margins, for the files of the terminal.
 * Private to ui/term.
 */
#ifndef XENDECK_UI_TERM_TERM_MOVE_H
#define XENDECK_UI_TERM_TERM_MOVE_H

#include "ui/term/term_int.h"

/* To libvterm, whole sequences. */
void term_say(struct term *t, const char *text);
/* The next glyph goes to the next line. */
bool term_wrap_pending(const struct term *t);
/* The column where the next glyph goes: beyond the edge if it is to wrap. */
int term_next_col(const struct term *t, VTermPos pos);
/* pos is clamped to the screen. */
void term_goto(struct term *t, VTermPos pos);
/* Puts the cursor where term_next_col found it; the size may have changed. */
void term_settle(struct term *t, int row, int col);
/* The next glyph goes over the one at the edge after all. */
void term_end_wrap(struct term *t);
void term_home(struct term *t);
bool term_margins(const struct term *t);
void term_no_margins(struct term *t); /* the cursor stays */
void term_csi(void *arg, char final, long a, long b);

#endif
