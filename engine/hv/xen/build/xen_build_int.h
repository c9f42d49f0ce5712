/*
 * xen_build_int.h - a build at work, shared by xen_build.c and the file of what
 * only PVH and HVM domains need, xen_build_hvm.c.
 */
#ifndef XENDECK_ENGINE_HV_XEN_BUILD_INT_H
#define XENDECK_ENGINE_HV_XEN_BUILD_INT_H

#include "engine/hv/acpi_tables.h"
#include "engine/hv/xen/xen_int.h"

struct phase;

struct build {
    const struct hv_build *b;
    struct hv_built out;
    struct xen_logger *xl;
    xc_interface *xch;
    struct xc_dom_image *dom;
    const struct phase *phase;
    bool dry;
    /* Of PVH and HVM domains; the library reads them until it has loaded. */
    struct e820entry map[E820MAX];
    unsigned n_map;
    uint8_t tables[ACPI_TABLES_MAX], rsdp[ACPI_RSDP_BYTES];
    struct buf firmware, acpi, smbios; /* files */
};

/* Memory layout, before the library is asked to parse. */
void build_hvm_layout(struct build *bc);
/* The firmware's files; -1 with a sentence. */
int build_hvm_files(struct build *bc, struct err *e);
/* Tables and memory map, between populating and loading. As a phase's run. */
int build_hvm_describe(struct build *bc);
/* The vcpus of an HVM domain, once it is loaded. */
int build_hvm_vcpus(struct build *bc);
void build_hvm_fini(struct build *bc);

#endif
