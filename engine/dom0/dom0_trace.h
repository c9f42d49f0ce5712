/*
 * dom0_trace.h - see dom0_trace.c. Both are idempotent; a traced driver is
 * stopped before it is closed.
 */
#ifndef XENDECK_ENGINE_DOM0_TRACE_H
#define XENDECK_ENGINE_DOM0_TRACE_H

#include "engine/dom0/dom0.h"
#include "src/base/log.h"

void dom0_trace_start(struct dom0 *d, struct log *log);
void dom0_trace_stop(struct dom0 *d);

#endif
