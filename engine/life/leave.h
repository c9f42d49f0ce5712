/*
 * leave.h - beside an engine of record a request of another process leaves the
 * end of the domain to it.
 */
#ifndef XENDECK_ENGINE_LEAVE_H
#define XENDECK_ENGINE_LEAVE_H

#include "engine/life/ending.h"

/* After the request is written: whoever reaps the domain has to know of it, and
 * needs the lock. */
int leave_asked(struct ending *x, struct err *e);
void leave_withdrawn(struct ending *x);
/* Sets x->verb to shutdown if an operator of another process asked for that. */
void leave_take_asked(struct ending *x);
/* Writes for those who see it vanish that it is destroyed by request. */
void leave_destroyed(const struct ending *x);
/* Did another engine say so of this one? */
bool leave_was_destroyed(const struct dom_entry *de);
bool leave_says_destroyed(const struct engine *en, uint32_t domid,
                          const uint8_t uuid[16]);
/* The step after its end: waits until it is reaped, if that is another's. */
enum step_rc leave_run(struct task *t, struct err *e);

#endif
