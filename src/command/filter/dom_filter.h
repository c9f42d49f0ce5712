/*
 * dom_filter.h - which domains are wanted: a line of conditions that all must
 * hold, as the list's filter, the marking by pattern and `list --where` take
 * it. `web`, `!web`, `/^web[0-9]/`, `state:paused`, `mem>1G`, `cpu>50`.
 */
#ifndef XENDECK_COMMAND_DOM_FILTER_H
#define XENDECK_COMMAND_DOM_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/model.h"
#include "src/base/buf.h"
#include "src/base/err.h"

#define DOM_FILTER_LINE 128 /* bytes, with the NUL */

struct dom_filter_term;

/* Zeroed passes all. */
struct dom_filter {
    char line[DOM_FILTER_LINE]; /* as it was typed */
    struct dom_filter_term *terms;
    size_t n;
};

/* Replaces the conditions by those of a line; "" or NULL: none. On -1 f is as
 * it was, and *e has one sentence that names the place. */
int dom_filter_set(struct dom_filter *f, const char *line, struct err *e);
/* The same while the line is being typed: on -1 the conditions of it that have
 * no fault hold. */
int dom_filter_type(struct dom_filter *f, const char *line, struct err *e);
void dom_filter_fini(struct dom_filter *f); /* back to zeroed */
bool dom_filter_empty(const struct dom_filter *f);
/* Whether a condition is on what is counted only while RATES_DEVICES is wanted.
 */
bool dom_filter_wants_rates(const struct dom_filter *f);
/* now_s: seconds since the epoch. */
bool dom_filter_match(const struct dom_filter *f, const struct dom *d,
                      double now_s);
/* Appends what may stand for the condition at the end of line, one candidate a
 * line. Returns the offset in line where that condition begins. */
size_t dom_filter_complete(const char *line, struct buf *out);

#endif
