/*
 * device_check.h - the devices of a configuration, looked at by `check'.
 */
#ifndef XENDECK_ENGINE_DEVICE_CHECK_H
#define XENDECK_ENGINE_DEVICE_CHECK_H

#include "engine/device/device.h"

/* attach.c: devices_check of all, each fault told. What is not honoured stays
 * in ds->warn; so does which devices are not looked at, as another host serves
 * their files. */
void devices_check_each(struct devices *ds,
                        void (*fault)(void *arg, const struct err *e),
                        void *arg);

#endif
