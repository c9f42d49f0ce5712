/*
 * console_text.h - the text of a console pane, for the pane's other files.
 */
#ifndef XENDECK_UI_CONSOLE_TEXT_H
#define XENDECK_UI_CONSOLE_TEXT_H

#include "ui/pane/console/pane_console.h"

/* See pane_ops.text: the newest that a pager gets. */
void console_text(const struct pane *p, struct buf *out);

#endif
