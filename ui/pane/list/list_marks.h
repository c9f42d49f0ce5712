/*
 * list_marks.h - the marked domains of a list, as verbs see them. A mark is on
 * one life of a domain: one that restarts has lost it.
 */
#ifndef XENDECK_UI_LIST_MARKS_H
#define XENDECK_UI_LIST_MARKS_H

#include "ui/desk/pane.h"

/* How many there are, and their struct dom.id in the order of the table:
 * borrowed until the next change. */
size_t list_marks(const struct pane *list, const uint64_t **ids_out);
bool list_is_marked(const struct pane *list, uint64_t dom_id);
/* The cursor's domain: marked, or no more; the cursor goes to the next one. */
void list_mark_step(struct pane *list);
/* All shown from where list_mark_step was last to the cursor. */
void list_mark_range(struct pane *list);
/* All that are shown but domain 0, which hardly any verb takes. */
void list_mark_all(struct pane *list);
/* Of all that are shown but domain 0: those that are not marked. */
void list_mark_invert(struct pane *list);
void list_mark_none(struct pane *list);
/* As well all that meet conditions (dom_filter.h), shown or not, but domain 0;
 * with try: none is marked yet. Returns how many meet them, -1 with *e: they
 * are faulty. */
long list_mark_where(struct pane *list, const char *line, bool try,
                     struct err *e);

#endif
