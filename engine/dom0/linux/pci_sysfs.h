/*
 * pci_sysfs.h - the host's PCI devices as sysfs shows them. The root is a
 * parameter for the tests.
 */
#ifndef XENDECK_ENGINE_PCI_SYSFS_H
#define XENDECK_ENGINE_PCI_SYSFS_H

#include "engine/dom0/dom0_device.h"

/* root: "" for this machine, else a directory with sys/ in it. As
 * dom0_pci_list, dom0_pci_get and dom0_pci_reset. */
int pci_sysfs_list(const char *root, struct dom0_pci *out, size_t max,
                   size_t *n_out, struct err *e);
int pci_sysfs_get(const char *root, uint32_t sbdf, struct dom0_pci *out,
                  struct err *e);
int pci_sysfs_reset(const char *root, uint32_t sbdf, struct err *e);
int pci_sysfs_permissive(const char *root, uint32_t sbdf, struct err *e);

#endif
