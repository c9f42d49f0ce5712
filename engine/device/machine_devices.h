/*
 * machine_devices.h - what the devices of a domain with an emulated machine
 * have, and ask for, besides.
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

/* Has it a device of the host? device.c */
bool machine_has_host_devices(const struct domain_config *c);
/* One of the host that is in an emulated machine: an IOMMU cannot map memory
 * that is populated on demand, so all of it is there from the start, as libxl
 * has it. device.c */
bool machine_wants_all_memory(const struct domain_config *c);

#endif
