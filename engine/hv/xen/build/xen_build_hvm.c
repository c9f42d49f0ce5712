/*
 * xen_build_hvm.c - what the build of a PVH or an HVM domain has besides that
 * of a PV one: the layout of its memory with the hole for devices, the map that
 * it is told, the ACPI tables of a PVH domain, the firmware and the vcpus of an
 * HVM one.
 */
#define XC_WANT_COMPAT_MAP_FOREIGN_API 1 /* xc_map_foreign_range */

#include "engine/hv/xen/build/xen_build_int.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/features.h>
#include <xen/hvm/hvm_info_table.h>

#include "src/base/fdio.h"

#define MIB          (UINT64_C(1) << 20)
#define FOUR_GIB     (UINT64_C(1) << 32)
#define VGA_HOLE     0x20                 /* pages from 0xa0000 on */
#define ACPI_AT      UINT64_C(0xfc000000) /* where libxl puts them */
#define PVH_HOLE     (FOUR_GIB - ACPI_AT) /* to 4 GiB, special pages and all */
#define HVM_HOLE     UINT64_C(0x10000000)
#define FIRMWARE_MAX ((size_t)32 << 20)
#define RSDP_LOW     (MIB - ACPI_RSDP_BYTES)
#define SPECIAL_AT                                                             \
    ((uint64_t)(X86_HVM_END_SPECIAL_REGION - X86_HVM_NR_SPECIAL_PAGES) << 12)
#define SPECIAL_BYTES ((uint64_t)X86_HVM_NR_SPECIAL_PAGES << 12)

static uint64_t
hole_bytes(const struct hv_build *b)
{
    if (b->kind == HV_PVH)
        return PVH_HOLE;
    return b->mmio_hole_mib > 0 ? (uint64_t)b->mmio_hole_mib << 20 : HVM_HOLE;
}

/* Memory below the hole, and what does not fit there above 4 GiB. */
void
build_hvm_layout(struct build *bc)
{
    const struct hv_build *b = bc->b;
    struct xc_dom_image *dom = bc->dom;
    uint64_t bytes = b->seen_kib << 10;

    dom->device_model = b->kind == HV_HVM;
    dom->vga_hole_size = b->kind == HV_HVM ? VGA_HOLE : 0;
    dom->mmio_size = hole_bytes(b);
    dom->mmio_start = FOUR_GIB - dom->mmio_size;
    dom->lowmem_end = bytes < dom->mmio_start ? bytes : dom->mmio_start;
    dom->highmem_end =
        bytes > dom->lowmem_end ? FOUR_GIB + bytes - dom->lowmem_end : 0;
    dom->target_pages = b->mem_kib / HV_PAGE_KIB;
}

static int
build_take_file(int fd, const char *what, struct buf *to,
                struct xc_hvm_firmware_module *m, struct err *e)
{
    char path[64];

    if (fd < 0)
        return 0;
    text_fmt(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (fd_read_file(path, FIRMWARE_MAX, to, e) < 0)
        return err_wrap(e, "%s", what);
    m->data = (uint8_t *)to->data;
    m->length = (uint32_t)to->len;
    return 0;
}

int
build_hvm_files(struct build *bc, struct err *e)
{
    const struct hv_build *b = bc->b;
    struct xc_dom_image *dom = bc->dom;

    if (b->kind != HV_HVM)
        return 0;
    if (build_take_file(b->firmware_fd, "the firmware", &bc->firmware,
                        &dom->system_firmware_module, e) < 0 ||
        build_take_file(b->acpi_fd, "the ACPI tables", &bc->acpi,
                        &dom->acpi_modules[0], e) < 0)
        return -1;
    return build_take_file(b->smbios_fd, "the SMBIOS structures", &bc->smbios,
                           &dom->smbios_module, e);
}

void
build_hvm_fini(struct build *bc)
{
    buf_free(&bc->firmware);
    buf_free(&bc->acpi);
    buf_free(&bc->smbios);
}

static void
add_region(struct build *bc, uint64_t addr, uint64_t size, uint32_t type)
{
    if (size > 0)
        bc->map[bc->n_map++] =
            (struct e820entry){ .addr = addr, .size = size, .type = type };
}

/* Linux before 4.20 looks for the RSDP below 1 MiB alone. */
static uint64_t
rsdp_at(const struct build *bc, size_t tables)
{
    const char *os = xc_dom_guest_os(bc->dom);

    if (os != NULL && strcmp(os, "linux") == 0 &&
        !xc_dom_feature_get(bc->dom, XENFEAT_linux_rsdp_unrestricted))
        return RSDP_LOW;
    return ACPI_AT + ((tables + 4095) & ~(size_t)4095);
}

static void
add_tables(struct build *bc)
{
    const struct acpi_guest g = { .at = ACPI_AT,
                                  .max_vcpus = bc->b->max_vcpus,
                                  .vcpus = bc->b->vcpus,
                                  .apic = bc->b->apic };
    struct xc_hvm_firmware_module *m = bc->dom->acpi_modules;
    size_t bytes = acpi_tables_build(&g, bc->tables);
    unsigned i;

    acpi_rsdp_build(&g, bc->rsdp);
    m[0] =
        (struct xc_hvm_firmware_module){ .data = bc->rsdp,
                                         .length = ACPI_RSDP_BYTES,
                                         .guest_addr_out = rsdp_at(bc, bytes) };
    m[1] = (struct xc_hvm_firmware_module){ .data = bc->tables,
                                            .length = (uint32_t)bytes,
                                            .guest_addr_out = ACPI_AT };
    for (i = 0; i < 2; i++) {
        uint64_t page = m[i].guest_addr_out & ~UINT64_C(4095);

        add_region(bc, page, m[i].guest_addr_out - page + m[i].length,
                   E820_ACPI);
    }
}

/* A PVH kernel has no firmware to ask: it is told of everything; hvmloader
 * takes what is below 1 MiB for itself. */
int
build_hvm_describe(struct build *bc)
{
    struct xc_dom_image *dom = bc->dom;
    uint64_t low = bc->b->kind == HV_PVH ? 0 : MIB;

    if (bc->b->kind == HV_PV)
        return 0;
    add_region(bc, low, dom->lowmem_end - low, E820_RAM);
    if (bc->b->kind == HV_PVH)
        add_region(bc, SPECIAL_AT, SPECIAL_BYTES, E820_RESERVED);
    if (bc->b->kind == HV_PVH && bc->b->acpi)
        add_tables(bc);
    if (dom->highmem_end > 0)
        add_region(bc, FOUR_GIB, dom->highmem_end - FOUR_GIB, E820_RAM);
    if (xc_domain_set_memory_map(bc->xch, bc->b->domid, bc->map, bc->n_map) < 0)
        return -1;
    dom->e820 = bc->map;
    dom->e820_entries = bc->n_map;
    return 0;
}

static void
seal_info(struct hvm_info_table *t)
{
    const uint8_t *p = (const uint8_t *)t;
    uint8_t sum = 0;
    uint32_t i;

    t->checksum = 0;
    for (i = 0; i < t->length; i++)
        sum = (uint8_t)(sum + p[i]);
    t->checksum = (uint8_t)(0U - sum);
}

static void
note_modules(struct build *bc)
{
    const struct xc_dom_image *dom = bc->dom;

    if (bc->acpi.len > 0) {
        bc->out.acpi_at = dom->acpi_modules[0].guest_addr_out;
        bc->out.acpi_bytes = dom->acpi_modules[0].length;
    }
    if (bc->smbios.len > 0) {
        bc->out.smbios_at = dom->smbios_module.guest_addr_out;
        bc->out.smbios_bytes = dom->smbios_module.length;
    }
}

/* The library has filled in a table for one vcpu. */
int
build_hvm_vcpus(struct build *bc)
{
    const struct hv_build *b = bc->b;
    struct hvm_info_table *t;
    uint8_t *page;
    unsigned i;

    if (b->kind != HV_HVM)
        return 0;
    page = xc_map_foreign_range(bc->xch, b->domid, XC_PAGE_SIZE,
                                PROT_READ | PROT_WRITE, HVM_INFO_PFN);
    if (page == NULL)
        return -1;
    t = (struct hvm_info_table *)(void *)(page + HVM_INFO_OFFSET);
    t->apic_mode = b->apic;
    t->nr_vcpus = b->max_vcpus;
    memset(t->vcpu_online, 0, sizeof(t->vcpu_online));
    for (i = 0; i < b->vcpus; i++)
        t->vcpu_online[i / 8] |= (uint8_t)(1U << i % 8);
    seal_info(t);
    (void)munmap(page, XC_PAGE_SIZE);
    note_modules(bc);
    return 0;
}
