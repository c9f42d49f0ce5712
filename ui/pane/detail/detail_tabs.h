/*
 * detail_tabs.h - the tabs of the detail pane that have a cursor.
 */
#ifndef XENDECK_UI_DETAIL_TABS_H
#define XENDECK_UI_DETAIL_TABS_H

#include "ui/pane/detail/detail_int.h"

/* --- detail_tune.c --- */
void detail_tune_read(struct detail_pane *dp);
size_t detail_tune_rows(const struct detail_pane *dp);
void detail_tune_row(const struct detail_pane *dp, size_t i,
                     struct view_row *r);
void detail_tune_move(struct detail_pane *dp, long by);
void detail_tune_click(struct detail_pane *dp, int row);

/* --- detail_dev.c --- */
/* Takes a new list; the cursor stays on its device. */
void detail_dev_take(struct detail_pane *dp, const struct dom_device *list,
                     size_t n);
void detail_dev_seg(struct detail_pane *dp);
void detail_dev_move(struct detail_pane *dp, long by);
void detail_dev_click(struct detail_pane *dp, int row);
const struct dom_device *detail_dev_cursor(const struct detail_pane *dp);
void detail_dev_head(const struct detail_pane *dp, struct view_row *r);
void detail_dev_row(const struct detail_pane *dp, const struct view_seg *s,
                    struct view_row *r);

#endif
