/*
 * pane_log.h - the log pane, as verbs see it: events, operations, the engine's
 * log, Xen's log.
 */
#ifndef XENDECK_UI_PANE_LOG_H
#define XENDECK_UI_PANE_LOG_H

#include "engine/model/model.h"
#include "ui/desk/pane.h"

/* The front end takes the result. */
struct pane *log_pane_new(struct ui *ui);
void log_tab_step(struct pane *log, int dir);
void log_show_operations(struct pane *log);
/* Words of event_filter.h; "" or NULL: none. */
void log_filter(struct pane *log, const char *text);
/* The event under the cursor; NULL: none, or another log is shown. */
const struct event *log_event(const struct pane *log);
/* Id of the operation under the cursor; 0: none, or another log is shown. */
uint64_t log_operation(const struct pane *log);

#endif
