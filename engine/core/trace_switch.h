/*
 * trace_switch.h - whether the calls of this host's programs are traced, and
 * into which file.
 */
#ifndef XENDECK_ENGINE_TRACE_SWITCH_H
#define XENDECK_ENGINE_TRACE_SWITCH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

struct engine;

/* For every program on the host that has the same RUN_DIR: an engine that
 * runs follows within a tick, later ones at their start. Till off, or the next
 * boot. */
int engine_trace(struct engine *en, bool on, struct err *e);
bool engine_trace_on(const struct engine *en);
/* Why the file cannot be written; NULL: it can, or the trace is off. */
const char *engine_trace_error(const struct engine *en);
void engine_trace_path(const struct engine *en, char *dst, size_t n);

/* Starts or stops as the host's switch says, which stays where it is. */
void trace_follow(struct engine *en);
void trace_stop(struct engine *en);

#endif
