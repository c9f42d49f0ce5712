/*
 * vdev.h - names of virtual disks ("xvda1") and the numbers that guests see.
 */
#ifndef XENDECK_ENGINE_CONFIG_VDEV_H
#define XENDECK_ENGINE_CONFIG_VDEV_H

#include <stdbool.h>
#include <stdint.h>

/* What vdev_parse takes, for messages. */
#define VDEV_ALLOWED                                                           \
    "xvda, hda to hdd, sda to sdp, each with or without a partition, d0p1 or " \
    "a device number"

/* The xenbus device number of a virtual disk's name: xvdX[P], hdX[P] (four
 * disks of 63 partitions), sdX[P] (16 of 15), dDpP, or a number itself. */
bool vdev_parse(const char *name, uint32_t *number_out);

#endif
