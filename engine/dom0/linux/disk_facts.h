/*
 * disk_facts.h - what this kernel says of its disks.
 */
#ifndef XENDECK_ENGINE_DISK_FACTS_H
#define XENDECK_ENGINE_DISK_FACTS_H

#include <stdbool.h>

#include "engine/dom0/dom0_device.h"

/* As dom0_disk. */
int disk_facts(const char *path, struct dom0_disk *out, struct err *e);

/* Is the block device mounted, by the text of /proc/PID/mountinfo? source
 * (may be NULL): its path, for file systems that show numbers of their own
 * (btrfs). True with "mounted on DIR" in user. */
bool disk_mounted(const char *mountinfo, unsigned major, unsigned minor,
                  const char *source, struct dom0_disk *out);

#endif
