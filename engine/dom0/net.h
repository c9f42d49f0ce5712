/*
 * net.h - the boundary to dom0's bridges: a const table of operations with two
 * drivers, the kernel's (sysfs and the bridge ioctls) and the simulated host's.
 */
#ifndef XENDECK_ENGINE_NET_H
#define XENDECK_ENGINE_NET_H

#include <stddef.h>

#include "engine/model/model.h"
#include "src/base/err.h"

#define NET_SYSFS "/sys/class/net"

struct net;

struct net_ops {
    void (*close)(struct net *);
    /* By name; at most max, returns how many there are. `ours` is the
     * caller's to fill. */
    size_t (*list)(struct net *, struct vnet *out, size_t max);
    /* Made and up. ERR_EXISTS: an interface has that name. */
    int (*create)(struct net *, const char *name, struct err *);
    /* The caller has seen that it is empty. */
    int (*remove)(struct net *, const char *name, struct err *);
};

/* First member of each driver's own struct. */
struct net {
    const struct net_ops *ops;
};

/* sysfs: NET_SYSFS, or a tree of a test's own. */
struct net *net_sys_open(const char *sysfs);

#endif
