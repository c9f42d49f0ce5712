/*
 * xen_machine.c - what machine a domain sees, set before its memory is filled:
 * clocks, page table memory, HVM parameters, the memory map of PV domains; and
 * the generation of one that was restored.
 */
#define XC_WANT_COMPAT_MAP_FOREIGN_API 1 /* xc_map_foreign_range */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/hvm/params.h>

#include "engine/config/hardware/cpuid.h"
#include "src/base/xalloc.h"

int
xen_set_tsc(struct hv *h, uint32_t domid, unsigned mode, struct err *e)
{
    if (xc_domain_set_tsc_info(xen_of(h)->xch, domid, mode, 0, 0, 0) < 0)
        return xen_err_dom(e, domid, errno, "time stamp counter");
    return 0;
}

int
xen_set_time_offset(struct hv *h, uint32_t domid, int32_t seconds,
                    struct err *e)
{
    if (xc_domain_set_time_offset(xen_of(h)->xch, domid, seconds) < 0)
        return xen_err_dom(e, domid, errno, "offset of the clock");
    return 0;
}

int
xen_set_paging_pool(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (xc_set_paging_mempool_size(xen_of(h)->xch, domid, kib << 10) < 0)
        return xen_err_dom(e, domid, errno, "memory for page tables");
    return 0;
}

int
xen_memory_use(struct hv *h, uint32_t domid, struct memory_use *out,
               struct err *e)
{
    struct gnttab_query_size q = { .dom = (domid_t)domid };
    struct hv_dom d;
    uint64_t bytes;

    if (hv_get(h, domid, &d, e) < 0)
        return -1;
    *out = (struct memory_use){ 0 };
    if (d.kind != HV_PV &&
        xc_get_paging_mempool_size(xen_of(h)->xch, domid, &bytes) == 0)
        out->paging_kib = bytes >> 10;
    if (xc_gnttab_query_size(xen_of(h)->xch, &q) == 0 &&
        q.status == GNTST_okay) {
        out->grant_frames = q.nr_frames;
        out->grant_frames_max = q.max_nr_frames;
    }
    return 0;
}

struct param {
    uint32_t number;
    uint64_t value;
    const char *what;
};

/* Those that are 0 are so already; Xen refuses some of a PVH domain. */
int
xen_set_params(struct hv *h, uint32_t domid, const struct hv_params *p,
               struct err *e)
{
    const struct param list[] = {
        { HVM_PARAM_TIMER_MODE, p->timer_mode, "timer mode" },
        { HVM_PARAM_ALTP2M, p->altp2m, "alternate memory views" },
        { HVM_PARAM_HPET_ENABLED, p->hvm && p->hpet, "HPET" },
        { HVM_PARAM_VPT_ALIGN, p->hvm && p->vpt_align, "alignment of timers" },
        { HVM_PARAM_VIRIDIAN, p->viridian, "Hyper-V interface" },
        { HVM_PARAM_MCA_CAP, p->mca_caps, "machine check" },
    };
    size_t i;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i].value != 0 &&
            xc_hvm_param_set(xen_of(h)->xch, domid, list[i].number,
                             list[i].value) < 0)
            return xen_err_dom(e, domid, errno, list[i].what);
    return 0;
}

/* hvmloader notes where it has put the generation; the guest may have changed
 * the note since, which harms nobody but itself. */
int
xen_set_generation(struct hv *h, uint32_t domid, const uint64_t id[2],
                   struct err *e)
{
    xc_interface *xch = xen_of(h)->xch;
    const size_t bytes = 2 * sizeof(id[0]);
    uint64_t at = 0;
    char *page;

    if (xc_hvm_param_get(xch, domid, HVM_PARAM_VM_GENERATION_ID_ADDR, &at) < 0)
        return xen_err_dom(e, domid, errno, "address of its generation");
    if (at == 0)
        return 0;
    if (at % XC_PAGE_SIZE > XC_PAGE_SIZE - bytes)
        return err_set(
            e, ERR_INVALID,
            "domain %u: the address of its generation crosses a page", domid);
    page =
        xc_map_foreign_range(xch, domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE,
                             (unsigned long)(at >> XC_PAGE_SHIFT));
    if (page == NULL)
        return xen_err_dom(e, domid, errno, "memory of its generation");
    memcpy(page + at % XC_PAGE_SIZE, id, bytes);
    munmap(page, XC_PAGE_SIZE);
    return 0;
}

/* libxc reads the texts, and does not write them. */
static void
xen_cpuid_list(const struct hv_cpuid *c, struct xc_xend_cpuid *list)
{
    size_t i, k;

    memset(list, 0, (c->n + 1) * sizeof(*list));
    for (i = 0; i < c->n; i++) {
        list[i].leaf = c->leaves[i].leaf;
        list[i].subleaf = c->leaves[i].subleaf;
        for (k = 0; k < 4; k++)
            if (c->leaves[i].reg[k][0] != '\0')
                list[i].policy[k] = (char *)(uintptr_t)c->leaves[i].reg[k];
    }
    list[c->n].leaf = XEN_CPUID_INPUT_UNUSED;
}

int
xen_apply_cpuid(struct hv *h, uint32_t domid, const struct hv_cpuid *c,
                struct err *e)
{
    struct xc_xend_cpuid list[CPUID_LEAVES_MAX + 1];
    int r;

    xen_cpuid_list(c, list);
    errno = 0;
    r = xc_cpuid_apply_policy(xen_of(h)->xch, domid, false, NULL, 0, c->pae,
                              c->itsc, c->nested, c->n > 0 ? list : NULL, NULL);
    if (r == 0)
        return 0;
    /* It returns -errno, but -1 from the calls that it makes. */
    return xen_err_dom(e, domid, r == -1 && errno != 0 ? errno : abs(r),
                       "cpu features");
}

/* The policy's leaves, in a list that is the caller's; NULL with errno. */
static xen_cpuid_leaf_t *
xen_policy_leaves(xc_interface *xch, uint32_t *n_out)
{
    xc_cpu_policy_t *p = xc_cpu_policy_init();
    xen_cpuid_leaf_t *leaves = NULL;
    uint32_t n_msrs;

    if (p != NULL && xc_cpu_policy_get_size(xch, n_out, &n_msrs) == 0 &&
        xc_cpu_policy_get_system(xch, XEN_SYSCTL_cpu_policy_host, p) == 0) {
        leaves = xcalloc(*n_out, sizeof(*leaves));
        n_msrs = 0;
        if (xc_cpu_policy_serialise(xch, p, leaves, n_out, NULL, &n_msrs) < 0) {
            free(leaves);
            leaves = NULL;
        }
    }
    xc_cpu_policy_destroy(p);
    return leaves;
}

static bool
xen_leaf_is(const xen_cpuid_leaf_t *l, uint32_t leaf, uint32_t subleaf)
{
    return l->leaf == leaf &&
           (l->subleaf == XEN_CPUID_NO_SUBLEAF ||
            l->subleaf == (subleaf == CPUID_NO_SUBLEAF ? 0 : subleaf));
}

int
xen_host_cpuid(struct hv *h, uint32_t leaf, uint32_t subleaf, uint32_t regs[4],
               struct err *e)
{
    uint32_t n = 0, i;
    xen_cpuid_leaf_t *l = xen_policy_leaves(xen_of(h)->xch, &n);

    if (l == NULL)
        return xen_err_host(e, errno, "CPUID of the host");
    memset(regs, 0, 4 * sizeof(regs[0]));
    for (i = 0; i < n; i++) {
        if (!xen_leaf_is(&l[i], leaf, subleaf))
            continue;
        regs[CPUID_EAX] = l[i].a;
        regs[CPUID_EBX] = l[i].b;
        regs[CPUID_ECX] = l[i].c;
        regs[CPUID_EDX] = l[i].d;
    }
    free(l);
    return 0;
}

/* --- the host's holes in the map of a PV domain --- */

#define MIB      (UINT64_C(1) << 20)
#define FOUR_GIB (UINT64_C(1) << 32)

/* Is it a hole in which devices may be? Below 1 MiB a PV domain has none. */
static bool
is_hole(const struct e820entry *r)
{
    return r->addr >= MIB && (r->type == E820_RESERVED ||
                              r->type == E820_ACPI || r->type == E820_NVS);
}

static void
put_ram(struct e820entry *map, unsigned *n, uint64_t addr, uint64_t size)
{
    if (size > 0)
        map[(*n)++] =
            (struct e820entry){ .addr = addr, .size = size, .type = E820_RAM };
}

unsigned
xen_host_map(const struct e820entry *host, unsigned n_host, uint64_t mem_kib,
             uint64_t max_kib, struct e820entry *map)
{
    uint64_t first = UINT64_MAX, last = FOUR_GIB, low = mem_kib << 10;
    unsigned i, n = 0;

    for (i = 0; i < n_host; i++)
        if (is_hole(&host[i])) {
            if (host[i].addr < first)
                first = host[i].addr;
            if (host[i].addr + host[i].size > last)
                last = host[i].addr + host[i].size;
        }
    if (low > first)
        low = first;
    put_ram(map, &n, 0, low);
    for (i = 0; i < n_host && n < E820MAX - 1; i++)
        if (is_hole(&host[i]))
            map[n++] = host[i];
    put_ram(map, &n, last, (max_kib << 10) - low);
    return n;
}

int
xen_set_host_map(struct hv *h, uint32_t domid, uint64_t mem_kib,
                 uint64_t max_kib, struct err *e)
{
    struct e820entry host[E820MAX], map[E820MAX];
    xc_interface *xch = xen_of(h)->xch;
    int n = xc_get_machine_memory_map(xch, host, E820MAX);

    if (n < 0)
        return xen_err_host(e, errno, "the host's memory map");
    n = (int)xen_host_map(host, (unsigned)n, mem_kib, max_kib, map);
    if (xc_domain_set_memory_map(xch, domid, map, (uint32_t)n) < 0)
        return xen_err_dom(e, domid, errno, "memory map");
    return 0;
}

int
xen_hears(struct hv *h, uint32_t domid, bool *hears_out, struct err *e)
{
    xc_interface *xch = xen_of(h)->xch;
    uint64_t irq = 0, sleep = 0;
    struct hv_dom d;

    if (hv_get(h, domid, &d, e) < 0)
        return -1;
    *hears_out = true;
    if (d.kind != HV_HVM)
        return 0;
    if (xc_hvm_param_get(xch, domid, HVM_PARAM_CALLBACK_IRQ, &irq) < 0 ||
        xc_hvm_param_get(xch, domid, HVM_PARAM_ACPI_S_STATE, &sleep) < 0)
        return xen_err_dom(e, domid, errno, "HVM parameters");
    *hears_out = irq != 0 && sleep == 0;
    return 0;
}
