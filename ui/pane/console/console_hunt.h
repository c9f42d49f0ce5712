/*
 * console_hunt.h - a search in a console pane's text, some of it a turn, for
 * the pane's other files.
 */
#ifndef XENDECK_UI_CONSOLE_HUNT_H
#define XENDECK_UI_CONSOLE_HUNT_H

#include "ui/pane/console/pane_console.h"

/* Looks for a text from where the user is, in direction dir, in copy mode or in
 * the view. tells: that there is none is told once it is known later. False:
 * there is none; true: it is shown, or is still looked for. */
bool console_hunt(struct console_pane *cp, const char *text, int dir,
                  bool tells);
/* Gives it up; idempotent. */
void console_hunt_end(struct console_pane *cp);
/* Also of a text that was being typed; see pane_ops.search_end. */
void console_hunt_give_up(struct pane *p);
/* How far it is. */
void console_hunt_title(const struct console_pane *cp, const char *dot,
                        struct buf *out);

#endif
