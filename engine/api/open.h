/*
 * open.h - opening and closing the engine.
 *
 * Single-threaded: all calls from the loop's thread. Nothing here blocks for
 * long: what takes time is an operation (struct op) that the loop advances.
 */
#ifndef XENDECK_API_OPEN_H
#define XENDECK_API_OPEN_H

#include "engine/core/engine.h"
#include "engine/core/engine_options.h"
#include "engine/core/listeners.h"
#include "engine/hv/hv_info.h"
#include "engine/task/helper_main.h"
#include "src/base/buf.h"
#include "src/base/err.h"

/* Sentences, one a line, on what keeps this program from running the Xen host
 * it is on; returns their number. 0: ENGINE_XEN can be opened. on_xen_out
 * (may be NULL): a hypervisor is beneath us. */
int engine_preflight(struct buf *why, bool *on_xen_out);

/* What the hypervisor beneath us tells of itself, without an engine; false:
 * there is none, or it does not talk to us. */
bool engine_look_host(struct hv_host *out);

/* Opens the host, lists its domains, takes back the owned ones. NULL with *e
 * in plain words. */
struct engine *engine_open(const struct engine_opts *o, struct err *e);
/* Who looks at the host's lock is told that its engine is ending: before the
 * engine stops listening, since engine_close may take a minute. */
void engine_say_closing(struct engine *en);
/* Undoes creations at work, leaves domains running. NULL is allowed. */
void engine_close(struct engine *en);

#endif
