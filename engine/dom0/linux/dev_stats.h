/*
 * dev_stats.h - counters of the devices that dom0's kernel serves, from sysfs
 * and /proc/net/dev. Knows nothing of Xen's libraries; the root of the file
 * systems is a parameter for the tests.
 */
#ifndef XENDECK_ENGINE_DEV_STATS_H
#define XENDECK_ENGINE_DEV_STATS_H

#include "engine/dom0/dom0_device.h"

struct dev_stats;

/* root: "" for this machine, else a directory with sys/ and proc/ in it. */
struct dev_stats *dev_stats_new(const char *root);
void dev_stats_free(struct dev_stats *ds); /* NULL is allowed */

/* As dom0_dev_list and dom0_dev_stats. A kernel without backends has none. */
int dev_stats_list(struct dev_stats *ds, struct dom0_dev *out, size_t max,
                   size_t *n_out, struct err *e);
int dev_stats_read(struct dev_stats *ds, const struct dom0_dev *devs, size_t n,
                   bool full, struct dom0_dev_stats *out, struct err *e);

#endif
