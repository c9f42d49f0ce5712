/*
 * hv_trace.h - see hv_trace.c. Both are idempotent; a traced driver is stopped
 * before it is closed.
 */
#ifndef XENDECK_ENGINE_HV_TRACE_H
#define XENDECK_ENGINE_HV_TRACE_H

#include "engine/hv/hv.h"
#include "src/base/log.h"

void hv_trace_start(struct hv *h, struct log *log);
void hv_trace_stop(struct hv *h);

#endif
