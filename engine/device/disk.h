/*
 * disk.h - what a disk of a configuration means, and which guest has a disk.
 */
#ifndef XENDECK_ENGINE_DEVICE_DISK_H
#define XENDECK_ENGINE_DEVICE_DISK_H

#include "engine/device/device.h"
#include "engine/dom0/dom0.h"

struct disk_spec {
    char params[1024]; /* an absolute path, or what a custom script takes; ""
                          for an empty drive */
    char script[48];   /* of a prefix as "drbd:", or "" */
    bool custom;       /* the script is none of Xen's own: it checks itself */
    bool cdrom;
    const char *format; /* "raw", "qcow2", "vhd", "qed" */
    const char *mode;   /* "r", "w", "w!" */
};

/* Texts are borrowed from c. */
void disk_spec(const struct config_device *c, struct disk_spec *out);

/* Another domain than domain 0 serves it: its path means nothing here. */
bool disk_is_far(const struct config_device *c);

struct disk_user {
    char who[200]; /* "domain 3 (web1), xvda" */
};

/* Does a guest have this disk so that it cannot be had in this mode? The rule
 * of Xen's block script: who reads it may share it with readers, who writes
 * it shares it with nobody. 1: yes, out->who tells which; 0: no; -1: not all
 * guests could be looked at. */
int disk_used_by_guest(struct engine *en, const struct disk_spec *s,
                       const struct dom0_disk *disk, struct disk_user *out,
                       struct err *e);

#endif
