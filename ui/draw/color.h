/*
 * color.h - curses colour pairs on demand. A terminal has far fewer pairs
 * than there are pairs of 256 colours, so they are handed out as they come up
 * and the longest unused is taken back.
 */
#ifndef XENDECK_UI_COLOR_H
#define XENDECK_UI_COLOR_H

#include <stdbool.h>

#include "ui/draw/curses.h"
#include "ui/draw/theme.h"

struct colors;

/* After initscr. use_color false: every style is its mono attributes. */
struct colors *colors_new(bool use_color);
void colors_free(struct colors *c);
bool colors_on(const struct colors *c);
/* fg, bg: as struct role_style; mapped to what the terminal has (truecolor to
 * 256 to 16 to 8). Sets *pair_out, and returns attributes that stand in for
 * what cannot be shown (bright as bold with 8 colours). */
attr_t colors_pair(struct colors *c, int fg, int bg, int *pair_out);
/* A frame begins. Curses walks over the whole screen when a pair that is in use
 * gets other colours: after so many of these in a frame what is still asked for
 * is mapped to 16 colours. */
void colors_frame(struct colors *c);
/* Pairs in use that got other colours in this frame. */
unsigned colors_made_anew(const struct colors *c);
/* Style of a role on this terminal. */
attr_t colors_role(struct colors *c, const struct theme *th, enum role r,
                   int *pair_out);
/* Forget all pairs (after a theme switch). */
void colors_reset(struct colors *c);

#endif
