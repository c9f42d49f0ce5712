/*
 * disk_facts.h - what the kernel of the domain we run in says of its disks:
 * the part of the driver for real Xen that is Linux, not Xen.
 */
#ifndef XENDECK_ENGINE_HV_DOM0_H
#define XENDECK_ENGINE_HV_DOM0_H

#include <stdbool.h>

#include "engine/hv/hv.h"

/* As hv_disk. */
int dom0_disk(struct hv *h, const char *path, struct hv_disk *out,
              struct err *e);

/* Is the block device mounted, by the text of /proc/PID/mountinfo? source
 * (may be NULL): its path, for file systems that show numbers of their own
 * (btrfs). True with "mounted on DIR" in user. */
bool dom0_mounted(const char *mountinfo, unsigned major, unsigned minor,
                  const char *source, struct hv_disk *out);

#endif
