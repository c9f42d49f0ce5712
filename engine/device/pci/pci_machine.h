/*
 * pci_machine.h - a PCI device of the host in the machine that a device model
 * emulates. Private to engine/device/pci.
 */
#ifndef XENDECK_ENGINE_DEVICE_PCI_MACHINE_H
#define XENDECK_ENGINE_DEVICE_PCI_MACHINE_H

#include "engine/device/device.h"

struct model_plug;

/* Has d's domain such a machine? */
bool pci_in_machine(const struct device *d);
/* The model puts it into the machine, or takes it out, and is asked whether it
 * is so: call again after each wake-up, with the same *p, NULL at first. */
enum step_rc pci_plug_in(struct device *d, uint32_t sbdf, struct model_plug **p,
                         struct err *e);
/* STEP_DONE too if there is no model any more. */
enum step_rc pci_plug_out(struct device *d, uint32_t sbdf,
                          struct model_plug **p, struct err *e);
void pci_plug_end(struct device *d, struct model_plug **p);

#endif
