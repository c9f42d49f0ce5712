/*
 * retry.h - restarts that failed: each is tried again, with growing pauses,
 * until it succeeds, an operator gives it up, or its configuration is gone. One
 * that was cancelled waits for an operator. Meanwhile the domain is listed as
 * "refused".
 */
#ifndef XENDECK_ENGINE_RETRY_H
#define XENDECK_ENGINE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/life/create.h"

struct life_room;

/* Keeps a restart whose creation has failed. op: the operation, which stays on
 * record until the next attempt is, so that a later engine goes on; 0: none
 * is. name: for events. */
void retry_keep(struct engine *en, const uint8_t uuid[16], const char *name,
                const struct create_opts *o, uint64_t op,
                const struct err *why);
/* Keeps one that was cancelled: nothing tries it but an operator's `start'. */
void retry_hold(struct engine *en, const uint8_t uuid[16], const char *name,
                const struct create_opts *o, uint64_t op);
/* Is a restart of this domain still to be done? */
bool retry_pending(const struct engine *en, const uint8_t uuid[16]);
/* Tries it now, and leaves it paused if so asked, as what tries it after that
 * does. -1 with *e: nothing is pending, or it cannot begin. */
int retry_now(struct engine *en, const uint8_t uuid[16], bool paused,
              uint64_t *op_out, struct err *e);
/* An operator gives it up: a definition is off then, anything else is
 * forgotten. Begins an operation; returns its id. */
uint64_t retry_give_up(struct engine *en, const uint8_t uuid[16],
                       const char *name);
/* Nothing tries it any more. */
void retry_drop(struct engine *en, const uint8_t uuid[16]);
/* Is any to be tried again by this engine? */
bool retry_any(const struct life_room *r);
/* The engine ends: what is pending stays on record for the next one. */
void retry_close(struct life_room *r);

#endif
