/*
 * drift.h - what a running domain has otherwise than its configuration on
 * record, from which its next life is made.
 */
#ifndef XENDECK_ENGINE_DRIFT_H
#define XENDECK_ENGINE_DRIFT_H

#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

/* Appends a line in words for each difference; nothing: there is none, or the
 * domain is off. Returns 0, or -1 with *e: it is gone, or nothing is on record
 * of it. */
int engine_drift(struct engine *en, uint64_t dom_id, struct buf *out,
                 struct err *e);

#endif
