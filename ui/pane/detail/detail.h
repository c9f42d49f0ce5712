/*
 * detail.h - the detail pane, as verbs see it.
 */
#ifndef XENDECK_UI_DETAIL_H
#define XENDECK_UI_DETAIL_H

#include "engine/model/model.h"
#include "ui/desk/pane.h"

/* The front end takes the result. */
struct pane *detail_pane_new(struct ui *ui);
/* Prompts for the value under the cursor of the tune tab, if that is shown. */
void detail_tune_edit(struct pane *detail);
void detail_tab(struct pane *detail, int index); /* 0.. */
void detail_tab_step(struct pane *detail, int dir);
/* The curves of the graphs show more of the past (dir 1) or less (-1). */
void detail_zoom(struct pane *detail, int dir);
/* The device under the cursor of the devices tab; NULL: none, or another tab.
 * Borrowed until the next turn. */
const struct dom_device *detail_device(const struct pane *detail);

#endif
