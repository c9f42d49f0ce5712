/*
 * acpi_tables.h - the ACPI tables of a PVH domain, which has no firmware to
 * make any: RSDP, RSDT and XSDT, FADT, FACS, an empty DSDT, and a MADT that
 * names its processors. Plain bytes, nothing of Xen's libraries.
 */
#ifndef XENDECK_ENGINE_HV_ACPI_TABLES_H
#define XENDECK_ENGINE_HV_ACPI_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_RSDP_BYTES 64
#define ACPI_TABLES_MAX ((size_t)4096)
#define ACPI_VCPUS_MAX  128 /* all of them fit into ACPI_TABLES_MAX */

struct acpi_guest {
    uint64_t at; /* where the tables will lie in the domain, a page's start */
    unsigned max_vcpus, vcpus; /* vcpus: enabled at the start */
    bool apic;                 /* with a MADT even for one vcpu */
};

/* All but the RSDP; returns their bytes. out: ACPI_TABLES_MAX, zeroed. */
size_t acpi_tables_build(const struct acpi_guest *g, uint8_t *out);
/* The RSDP that leads to them. out: ACPI_RSDP_BYTES, zeroed. */
void acpi_rsdp_build(const struct acpi_guest *g, uint8_t *out);

#endif
