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
void list_filter(struct pane *list, const char *text); /* "" or NULL: none */
void list_select(struct pane *list, uint64_t dom_id);

#endif
