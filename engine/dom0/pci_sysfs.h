/*
 * pci_sysfs.h - the host's PCI devices as sysfs shows them. Knows nothing of
 * Xen's libraries; the root is a parameter for the tests.
 */
#ifndef XENDECK_ENGINE_HV_PCI_SYSFS_H
#define XENDECK_ENGINE_HV_PCI_SYSFS_H

#include "engine/hv/hv.h"

/* root: "" for this machine, else a directory with sys/ in it. As hv_pci_list,
 * hv_pci_get and hv_pci_reset. */
int pci_sysfs_list(const char *root, struct hv_pci *out, size_t max,
                   size_t *n_out, struct err *e);
int pci_sysfs_get(const char *root, uint32_t sbdf, struct hv_pci *out,
                  struct err *e);
int pci_sysfs_reset(const char *root, uint32_t sbdf, struct err *e);
int pci_sysfs_permissive(const char *root, uint32_t sbdf, struct err *e);

/* "0000:01:00.0" <-> sbdf; the segment may be left out. */
#define PCI_BDF_MAX 16
bool pci_bdf_parse(const char *text, uint32_t *sbdf_out);
void pci_bdf_print(uint32_t sbdf, char out[PCI_BDF_MAX]);

#endif
