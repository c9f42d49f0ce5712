/*
 * pci.h - what the files of the PCI handler share. Private to engine/device.
 */
#ifndef XENDECK_ENGINE_DEVICE_PCI_H
#define XENDECK_ENGINE_DEVICE_PCI_H

#include "engine/device/device.h"
#include "engine/device/step.h"
#include "engine/dom0/pci_bdf.h"

#define PCI_ENTRIES_MAX DOM_DEVICES_MAX

/* --- pci_host.c: the device itself, and a domain's rights to it --- */
/* Who has it by libxl's record: DOM_NO_DOMID: nobody that lives. */
int pci_owner(struct engine *en, uint32_t sbdf, uint32_t *domid_out,
              struct err *e);
/* Refuses what pciback does not hold, or another domain has. */
int pci_check(const struct device *d, uint32_t sbdf, struct err *e);
/* Writes libxl's record that d's domain has it, and resets it: before a guest
 * can see it, as libxl. Whose it is was checked in the same turn of the loop.
 */
int pci_claim(struct device *d, uint32_t sbdf, struct err *e);
/* Of one that is claimed: rights to ports, memory and interrupt, then the
 * IOMMU. After a failure of either pci_revoke takes back what was given. */
int pci_grant(struct device *d, uint32_t sbdf, struct err *e);
/* Takes all back; a domain that is gone has nothing any more. The record of
 * another domain stays. Idempotent. */
void pci_revoke(struct engine *en, uint32_t domid, uint32_t sbdf);
/* The same of all that libxl's record gives to the domain. */
void pci_sweep(struct engine *en, uint32_t domid);

/* --- pci_nodes.c: a domain's PCI devices share one backend directory --- */
/* Their addresses, in order; at most PCI_ENTRIES_MAX. */
int pci_entries(struct engine *en, const char *back, uint32_t *sbdf_out,
                size_t *n_out, struct err *e);
/* By device_put: the nodes of entry number n, for the first write. */
void pci_put_entry(struct device *d, const struct device *of, unsigned n);
/* A further entry, and the wish to have it taken in, unless quiet. */
int pci_add_entry(struct device *d, bool quiet, struct err *e);
/* Marks the entry as closing, and wishes so. */
int pci_close_entry(struct device *d, unsigned n, struct err *e);
/* Takes the entry out and closes the gap. */
int pci_rm_entry(struct device *d, unsigned n, struct err *e);

#endif
