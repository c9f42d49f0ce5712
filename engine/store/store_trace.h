/*
 * store_trace.h - see store_trace.c. Both are idempotent; a traced driver is
 * stopped before it is closed.
 */
#ifndef XENDECK_ENGINE_STORE_TRACE_H
#define XENDECK_ENGINE_STORE_TRACE_H

#include "engine/store/store.h"
#include "src/base/log.h"

void store_trace_start(struct store *st, struct log *log);
void store_trace_stop(struct store *st);

#endif
