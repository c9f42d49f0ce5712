/*
 * view_text.h - all of a view as text, for the user's own pager.
 */
#ifndef XENDECK_UI_VIEW_TEXT_H
#define XENDECK_UI_VIEW_TEXT_H

#include "ui/pane/view.h"

/* Appends the text of all items, a line each. */
void view_text(const struct view *v, const struct pane *p, struct buf *out);

#endif
