/*
 * pci_bdf.h - the address of a PCI device as text and as a number.
 */
#ifndef XENDECK_ENGINE_PCI_BDF_H
#define XENDECK_ENGINE_PCI_BDF_H

#include <stdbool.h>
#include <stdint.h>

/* "0000:01:00.0" <-> sbdf; the segment may be left out. */
#define PCI_BDF_MAX 16
bool pci_bdf_parse(const char *text, uint32_t *sbdf_out);
void pci_bdf_print(uint32_t sbdf, char out[PCI_BDF_MAX]);

#endif
