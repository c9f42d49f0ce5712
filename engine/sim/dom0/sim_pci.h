/*
 * sim_pci.h - PCI devices of the simulated host.
 */
#ifndef XENDECK_ENGINE_SIM_PCI_H
#define XENDECK_ENGINE_SIM_PCI_H

#include "engine/sim/sim_int.h"

void sim_pci_init(struct sim *s);
/* A dying domain's devices and rights go back. */
void sim_pci_release(struct sim *s, uint32_t domid);
void sim_pci_dump(const struct sim *s, struct buf *out);

#endif
