/*
 * event_row.h - events and log lines as rows of a view.
 */
#ifndef XENDECK_UI_EVENT_ROW_H
#define XENDECK_UI_EVENT_ROW_H

#include "engine/model/model.h"
#include "src/base/log.h"
#include "ui/pane/view.h"

/* Columns of what stands before the text: time, level, domain's name. */
int event_row_head(int cols, bool with_name);
/* s is a segment of the event's text. */
void event_row(const struct event *ev, const struct view_seg *s, int cols,
               bool with_name, struct view_row *r);
/* The same for a line of a log; role: of its level. */
void event_row_log(const struct log_line *l, enum role role,
                   const struct view_seg *s, int cols, struct view_row *r);
/* "06:00:01", or with the date. Local time. */
void event_stamp(double wall_s, bool date, char *out, size_t out_size);

#endif
