/*
 * bridge.h - bridges of this kernel.
 */
#ifndef XENDECK_ENGINE_BRIDGE_H
#define XENDECK_ENGINE_BRIDGE_H

#include <stddef.h>

#include "engine/dom0/dom0_device.h"
#include "engine/model/model.h"
#include "src/base/err.h"

#define BRIDGE_SYSFS  "/sys/class/net"
#define BRIDGE_FILTER "/proc/sys/net/bridge/bridge-nf-call-iptables"

/* By name; at most max, n_out: how many there are. sysfs: BRIDGE_SYSFS, or a
 * tree of a test's own. -1: not all could be looked at, so that one that is
 * missing, or seems empty, may be neither. */
int bridges_read(const char *sysfs, struct vnet *out, size_t max, size_t *n_out,
                 struct err *e);
int bridge_make(const char *name, struct err *e);
int bridge_unmake(const char *name, struct err *e);
/* As dom0_port_join and dom0_port_leave, whatever the administrator has set. */
int bridge_port_join(const struct dom0_port *p, unsigned *mtu_out,
                     struct err *e);
int bridge_port_leave(const struct dom0_port *p, struct err *e);
/* Does vif-bridge do more here: hooks below `scripts`, rules of a firewall that
 * sees bridged packets, by what is in the file `filter`? */
bool bridge_port_needs_script(const char *scripts, const char *filter);

#endif
