/*
 * ending_clear.h - the last steps of an end, which remove what there was.
 */
#ifndef XENDECK_ENGINE_ENDING_CLEAR_H
#define XENDECK_ENGINE_ENDING_CLEAR_H

#include "engine/life/ending.h"

/* Is what is left of it ours to remove, and does the domain go,
 * nodes, memory and all? */
bool ending_cleans(const struct ending *x);
bool ending_goes(const struct ending *x);
/* Steps. */
enum step_rc ending_run_nodes(struct task *t, struct err *e);
enum step_rc ending_run_destroy(struct task *t, struct err *e);
enum step_rc ending_forget(struct task *t, struct err *e); /* the last one */

#endif
