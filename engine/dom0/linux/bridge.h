/*
 * bridge.h - bridges of this kernel.
 */
#ifndef XENDECK_ENGINE_BRIDGE_H
#define XENDECK_ENGINE_BRIDGE_H

#include <stddef.h>

#include "engine/model/model.h"
#include "src/base/err.h"

#define BRIDGE_SYSFS "/sys/class/net"

/* By name; at most max, n_out: how many there are. sysfs: BRIDGE_SYSFS, or a
 * tree of a test's own. -1: not all could be looked at, so that one that is
 * missing, or seems empty, may be neither. */
int bridges_read(const char *sysfs, struct vnet *out, size_t max, size_t *n_out,
                 struct err *e);
int bridge_make(const char *name, struct err *e);
int bridge_unmake(const char *name, struct err *e);

#endif
