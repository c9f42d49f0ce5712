/*
 * machine_devices.h - what the devices of a domain with an emulated machine
 * have besides.
 */
#ifndef XENDECK_ENGINE_DEVICE_MACHINE_DEVICES_H
#define XENDECK_ENGINE_DEVICE_MACHINE_DEVICES_H

#include "engine/device/device.h"

/* Adds the paravirtual keyboard and pointer that libxl gives a machine with
 * vkb_device, if the configuration has none of its own and the model is not
 * confined, which could not serve it. vfb.c */
void devices_add_keyboard(struct devices *ds);
/* What can only be attached once the device model runs, as devices_attach does
 * the rest: the emulated cards of interfaces, whose taps the model has made,
 * and what it puts into the machine (pci). Call again after each wake-up.
 * devices_undo and every removal take it back. attach.c */
enum step_rc devices_attach_late(struct devices *ds, struct err *e);

#endif
