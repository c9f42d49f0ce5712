/*
 * batch_warn.h - which of the engine's events a batch is told as warnings.
 */
#ifndef XENDECK_COMMAND_BATCH_WARN_H
#define XENDECK_COMMAND_BATCH_WARN_H

#include "engine/api/toolstack.h"

struct batch_warn {
    uint64_t told; /* the newest event that was looked at: its number */
    double told_s; /* and its time */
    bool all;      /* the engine's every warning is for this batch */
};

/* What happened before now is told to nobody, unless all is set. */
void batch_warn_begin(struct batch_warn *w, const struct engine *en, bool all);
/* Appends what the engine warned of since the last call, a sentence a line.
 * own: all of it came from the batch, nothing else has run since; else only
 * what is of op or of its domain. */
void batch_warn_take(struct batch_warn *w, const struct engine *en,
                     const struct op *op, bool own, struct buf *out);

#endif
