/*
 * xen_build_int.h - a build at work, shared by xen_build.c and the file of what
 * only PVH and HVM domains need, xen_build_hvm.c, and
 * that of their kernel, xen_build_kernel.c.
 */
#ifndef XENDECK_ENGINE_HV_XEN_BUILD_INT_H
#define XENDECK_ENGINE_HV_XEN_BUILD_INT_H

#include "engine/hv/acpi_tables.h"
#include "engine/hv/kernel_keep.h"
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
    struct kernel_keep keep; /* of a packed kernel, if is_kept */
    bool is_kept;
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
/* The kernel, as those kept have it if it must be unpacked; as phases' run. One
 * that is unpacked here is kept once it has been read. */
int build_kernel_file(struct build *bc);
int build_kernel_parse(struct build *bc);
void build_kernel_fini(struct build *bc);

#endif
