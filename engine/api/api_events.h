/*
 * api_events.h - for front ends: the events that were, the trace.
 */
#ifndef XENDECK_API_EVENTS_H
#define XENDECK_API_EVENTS_H

#include "engine/core/trace_switch.h"
#include "engine/event/journal.h"

/* Of an operator. kind: a word, as xend's event names were; dom_id 0: of the
 * host. */
int engine_event_inject(struct engine *en, const char *kind, uint64_t dom_id,
                        const char *text, struct err *e);
/* Whether a hook of this engine runs whoever has mark in its environment, as
 * XENDECK_HOOK. */
bool engine_hook_has(struct engine *en, const char *mark);

#endif
