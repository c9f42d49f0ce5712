/*
 * pane_list.h - the domain list, as verbs see it.
 */
#ifndef XENDECK_UI_PANE_LIST_H
#define XENDECK_UI_PANE_LIST_H

#include "ui/desk/pane.h"

/* The front end takes the result. */
struct pane *list_pane_new(struct ui *ui);
void list_sort(struct pane *list, const char *column, bool reverse_again);
void list_sort_step(struct pane *list, int dir);
/* Shows the domains that pass a line of conditions (dom_filter.h); "" or NULL:
 * all. -1 with *e: what was shown stays. */
int list_filter(struct pane *list, const char *line, struct err *e);
/* The same on each key of the line: on -1 what is faulty of it is left out. */
int list_filter_typed(struct pane *list, const char *line, struct err *e);
/* Chooses the columns, from left to right: "id name:30 cpu", or "default". -1
 * with *e: they stay as they are. */
int list_columns(struct pane *list, const char *text, struct err *e);
/* Appends the same text for those that are chosen. */
void list_columns_text(const struct pane *list, struct buf *out);
/* The conditions that hold, as typed; "": none. Borrowed. */
const char *list_filter_line(const struct pane *list);
void list_select(struct pane *list, uint64_t dom_id);

#endif
