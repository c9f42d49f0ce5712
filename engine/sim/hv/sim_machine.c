/*
 * sim_machine.c - what machine a simulated domain sees: kept where it costs the
 * host memory or a guest could see it, refused where Xen would refuse it.
 */
#include "engine/sim/hv/sim_hv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/hardware/cpuid.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside_model.h"
#include "src/base/xalloc.h"

#define TSC_MODES    3
#define TIMER_MODES  4
#define GRANTS_BUILT 1
#define GRANTS_MAX   64 /* Xen's own limit where nothing is set */

int
sim_hv_set_tsc(struct hv *h, uint32_t domid, unsigned mode, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (mode >= TSC_MODES)
        return err_sys(e, EINVAL, "time stamp counter of domain %u", domid);
    return 0;
}

int
sim_hv_set_time_offset(struct hv *h, uint32_t domid, int32_t seconds,
                       struct err *e)
{
    (void)seconds;
    return sim_enter_guest(h, domid, e) == NULL ? -1 : 0;
}

/* PV domains have no such pool. It is the host's memory, beside the domain's.
 */
int
sim_hv_set_paging_pool(struct hv *h, uint32_t domid, uint64_t kib,
                       struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (d->kind == HV_PV)
        return err_sys(e, EOPNOTSUPP, "memory for page tables of domain %u",
                       domid);
    if (kib > d->pool_kib && kib - d->pool_kib > sim_free_kib(d->s))
        return err_sys(e, ENOMEM, "memory for page tables of domain %u", domid);
    d->pool_kib = kib;
    return 0;
}

/* A frame has 512 grants; a device takes some dozens of them. */
int
sim_hv_memory_use(struct hv *h, uint32_t domid, struct memory_use *out,
                  struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL)
        return -1;
    *out = (struct memory_use){ .paging_kib = d->pool_kib,
                                .grant_frames = d->built ? GRANTS_BUILT : 0,
                                .grant_frames_max = GRANTS_MAX };
    return 0;
}

int
sim_hv_set_params(struct hv *h, uint32_t domid, const struct hv_params *p,
                  struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (d->kind == HV_PV || p->timer_mode >= TIMER_MODES ||
        (p->viridian != 0 && (p->viridian & 1) == 0))
        return err_sys(e, EINVAL, "HVM parameters of domain %u", domid);
    return 0;
}

int
sim_hv_set_generation(struct hv *h, uint32_t domid, const uint64_t id[2],
                      struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (d->kind != HV_HVM)
        return err_sys(e, EINVAL, "address of its generation of domain %u",
                       domid);
    memcpy(d->generation, id, sizeof(d->generation));
    return 0;
}

int
sim_hv_set_host_map(struct hv *h, uint32_t domid, uint64_t mem_kib,
                    uint64_t max_kib, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (d->kind != HV_PV || mem_kib > max_kib)
        return err_sys(e, EINVAL, "memory map of domain %u", domid);
    d->host_map = true;
    return 0;
}

/* Those of a processor of some years ago. */
static bool
sim_has_leaf(uint32_t leaf)
{
    return leaf <= 0xd || (leaf >= 0x80000000 && leaf <= 0x80000008) ||
           leaf == 0x40000000;
}

const char *
sim_cpuid_given(const struct sim *s, uint32_t domid, uint32_t leaf,
                unsigned reg)
{
    const struct sim_dom *d = sim_dom_find(s, domid);
    size_t i;

    for (i = 0; d != NULL && i < d->n_cpuid; i++)
        if (d->cpuid[i].leaf == leaf)
            return d->cpuid[i].reg[reg];
    return "";
}

int
sim_hv_host_cpuid(struct hv *h, uint32_t leaf, uint32_t subleaf,
                  uint32_t regs[4], struct err *e)
{
    const struct sim *s = container_of(h, struct sim, hv);
    uint32_t bits = s->old_cpu ? 0x0fffffff : 0x1fffffff;
    int i;

    (void)subleaf, (void)e;
    for (i = 0; i < 4; i++)
        regs[i] = sim_has_leaf(leaf) ? bits : 0;
    return 0;
}

int
sim_hv_apply_cpuid(struct hv *h, uint32_t domid, const struct hv_cpuid *c,
                   struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);
    size_t i;

    if (d == NULL)
        return -1;
    for (i = 0; i < c->n; i++)
        if (!sim_has_leaf(c->leaves[i].leaf))
            return err_sys(e, EINVAL, "cpu features of domain %u", domid);
    free(d->cpuid);
    d->cpuid = NULL;
    d->n_cpuid = c->n;
    if (c->n > 0) {
        d->cpuid = xcalloc(c->n, sizeof(*d->cpuid));
        memcpy(d->cpuid, c->leaves, c->n * sizeof(*d->cpuid));
    }
    return 0;
}
