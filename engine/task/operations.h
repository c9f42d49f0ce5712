/*
 * operations.h - the operations that are at work and the last that have ended,
 * as front ends read them.
 */
#ifndef XENDECK_ENGINE_OPERATIONS_H
#define XENDECK_ENGINE_OPERATIONS_H

#include "engine/model/operation.h"
#include "src/base/buf.h"

struct engine;

/* Live ones and the last that ended; one stays for at least 2 s after its end,
 * however many there are. */
size_t engine_op_count(const struct engine *en);
const struct op *engine_op_at(const struct engine *en, size_t i);
const struct op *engine_op_by_id(const struct engine *en, uint64_t id);
/* Creation: undone. Waiting for a guest: the request is withdrawn. ERR_INVALID
 * if it cannot be cancelled any more. */
int engine_op_cancel(struct engine *en, uint64_t op, struct err *e);
/* True while operations run; engine_close would undo or abandon them. */
bool engine_busy(const struct engine *en);
/* Lines for `info`: those at work. Returns how many there are. */
size_t engine_ops_info(const struct engine *en, struct buf *out);

#endif
