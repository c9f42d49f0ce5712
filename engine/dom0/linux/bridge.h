/*
 * bridge.h - bridges of this kernel.
 */
#ifndef XENDECK_ENGINE_BRIDGE_H
#define XENDECK_ENGINE_BRIDGE_H

#include <stddef.h>

#include "engine/model/model.h"
#include "src/base/err.h"

#define BRIDGE_SYSFS "/sys/class/net"

/* By name; at most max, returns how many there are. sysfs: BRIDGE_SYSFS, or a
 * tree of a test's own. */
size_t bridges_read(const char *sysfs, struct vnet *out, size_t max);
int bridge_make(const char *name, struct err *e);
int bridge_unmake(const char *name, struct err *e);

#endif
