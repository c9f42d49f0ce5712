/*
 * dom0_model_log.h - what device models have written into their logs.
 */
#ifndef XENDECK_ENGINE_DOM0_MODEL_LOG_H
#define XENDECK_ENGINE_DOM0_MODEL_LOG_H

#include <stddef.h>

#include "src/base/buf.h"

struct dom0;

/* Appends the newest bytes of a log as they are, at most max; nothing if there
 * is none. */
void dom0_model_log_end(struct dom0 *d, const char *log, size_t max,
                        struct buf *out);
/* The last line of a log, made safe; "" if it said nothing. */
void dom0_model_log_tail(struct dom0 *d, const char *log, char *dst, size_t n);

#endif
