/*
 * console_copy.h - copy mode of a console pane, for the pane's other files.
 */
#ifndef XENDECK_UI_CONSOLE_COPY_H
#define XENDECK_UI_CONSOLE_COPY_H

#include "ui/pane/console/pane_console.h"

void console_copy_begin(struct console_pane *cp);
void console_copy_end(struct console_pane *cp);
void console_copy_key(struct console_pane *cp, const struct key *k);
bool console_copy_mouse(struct console_pane *cp, const struct mouse *m);
/* The guest does not want the mouse: what is dragged over, or clicked twice, is
 * selected in copy mode. */
bool console_copy_by_mouse(struct console_pane *cp, const struct mouse *m);
/* Text that is looked for in copy mode; see pane_ops.search. */
bool console_copy_search(struct console_pane *cp, const char *text, int dir,
                         bool incremental);
void console_copy_title(const struct console_pane *cp, const char *dot,
                        struct buf *out);

#endif
