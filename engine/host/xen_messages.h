/*
 * xen_messages.h - the hypervisor's own log (xl dmesg) as front ends read it.
 */
#ifndef XENDECK_ENGINE_XEN_MESSAGES_H
#define XENDECK_ENGINE_XEN_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

/* Xen's own log (xl dmesg), made safe, newest at the end. */
int engine_xen_log(struct engine *en, struct buf *out, struct err *e);
/* The same by lines, numbered from 1 and never anew: takes over what is new.
 * After the first call it follows by itself (ENGINE_CH_XENLOG). */
int engine_xen_log_read(struct engine *en, struct err *e);
/* The number of the oldest line that is kept, and how many there are. */
uint64_t engine_xen_log_range(const struct engine *en, size_t *n_out);
/* Borrowed until the next read. NULL: not kept (any more). */
const char *engine_xen_log_line(const struct engine *en, uint64_t nth);
/* As if typed on Xen's serial console: what they print is in its log. */
int engine_debug_keys(struct engine *en, const char *keys, struct err *e);

#endif
