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
/* Connects the emulated cards of interfaces, whose taps exist once the device
 * model runs, as devices_attach does the interfaces: call again after each
 * wake-up. devices_undo and every removal disconnect them.
 * script/device_script.c */
enum step_rc devices_attach_cards(struct devices *ds, struct err *e);

#endif
