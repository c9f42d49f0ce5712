/*
 * past.h - the second that a front end shows: now, or one of the last hour
 * (engine/host/history.h). All of its panes that show what is recorded follow.
 */
#ifndef XENDECK_UI_PAST_H
#define XENDECK_UI_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "ui/desk/desk.h"

struct dom;

/* The moment in milliseconds of the loop's clock; 0: now. */
uint64_t ui_past_ms(const struct ui *ui);
/* Shows the moment so many seconds before the one that is shown (negative:
 * after it), within what is recorded; now if it is not before the last sample.
 * False: nothing is recorded. */
bool ui_past_move(struct ui *ui, int64_t seconds);
/* Shows now. */
void ui_past_leave(struct ui *ui);
/* What is decided by a second that is over shall not be done to this one: true,
 * with a sentence, while the past is shown. verb: what is refused. */
bool ui_past_refuse(struct ui *ui, const char *verb, struct err *e);
/* Seconds since the epoch of the moment, or of now. */
double ui_past_wall_s(struct ui *ui);
/* "12:03:10, 4m10s ago"; "" for now. */
void ui_past_text(struct ui *ui, char *out, size_t out_size);
/* The n samples that end with that of the moment, as engine_history_until. */
void ui_past_history(struct ui *ui, uint64_t dom_id, unsigned what, double *out,
                     size_t n);
/* d as it was then: d itself now, else in *room. One that did not run then, or
 * was not recorded, is off there. */
const struct dom *ui_past_dom(struct ui *ui, const struct dom *d,
                              struct dom *room);

#endif
