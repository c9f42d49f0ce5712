/*
 * sim_tune.c - what the simulated hypervisor lets be tuned: affinity, cpupools,
 * scheduler parameters, NMIs, core dumps; refused where Xen refuses.
 * Invariant: each cpu is in exactly one pool; pools ascend by id.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define MASK_BYTES  (HV_CPUS_MAX / 8)
#define WEIGHT      256
#define WEIGHT_MAX  65535
#define PERIOD_US   10000
#define BUDGET_US   4000
#define RTDS_MIN_US 10

/* --- pools --- */

void
sim_mask_all(uint8_t *mask, unsigned cpus)
{
    unsigned i;

    memset(mask, 0, MASK_BYTES);
    for (i = 0; i < cpus; i++)
        mask[i / 8] |= (uint8_t)(1U << (i % 8));
}

static bool
masks_meet(const uint8_t *a, const uint8_t *b)
{
    size_t i;

    for (i = 0; i < MASK_BYTES; i++)
        if ((a[i] & b[i]) != 0)
            return true;
    return false;
}

void
sim_pools_init(struct sim *s)
{
    s->n_pools = 1;
    s->pools[0] = (struct hv_pool){ .sched = SCHEDULER_CREDIT2 };
    sim_mask_all(s->pools[0].cpus, s->o.cpus);
}

struct hv_pool *
sim_pool_find(struct sim *s, unsigned id)
{
    size_t i;

    for (i = 0; i < s->n_pools; i++)
        if (s->pools[i].id == id)
            return &s->pools[i];
    return NULL;
}

int
sim_pool_add(struct sim *s, const char *name, enum sched_kind sched,
             unsigned first, unsigned n)
{
    struct hv_pool *p;
    char path[64];
    unsigned i;

    if (s->n_pools == SIM_POOLS_MAX || first == 0 || first + n > s->o.cpus)
        return -1;
    p = &s->pools[s->n_pools];
    *p = (struct hv_pool){ .id = s->pools[s->n_pools - 1].id + 1,
                           .sched = sched };
    for (i = first; i < first + n; i++) {
        p->cpus[i / 8] |= (uint8_t)(1U << (i % 8));
        s->pools[0].cpus[i / 8] &= (uint8_t) ~(1U << (i % 8));
    }
    s->n_pools++;
    text_fmt(path, sizeof(path), "/local/pool/%u/name", p->id);
    sim_dom0_write(s, path, name);
    return (int)p->id;
}

static struct sim *
sim_tune_of(struct hv *h)
{
    return container_of(h, struct sim, hv);
}

int
sim_hv_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
             struct err *e)
{
    struct sim *s = sim_tune_of(h);
    size_t i, k;

    (void)e;
    for (i = 0; i < s->n_pools && i < max; i++) {
        out[i] = s->pools[i];
        for (k = 0; k < s->n_doms; k++)
            out[i].n_doms += s->doms[k]->pool == out[i].id;
    }
    *n_out = s->n_pools;
    return 0;
}

/* As Xen: the new scheduler knows nothing of the domain, its vcpus may run on
 * every cpu of the pool. */
static void
forget_tuning(struct sim_dom *d)
{
    free(d->hard);
    free(d->soft);
    free(d->rtds);
    d->hard = d->soft = NULL;
    d->rtds = NULL;
    d->weight = d->cap = 0;
}

int
sim_hv_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e)
{
    static const uint8_t none[MASK_BYTES];
    struct sim_dom *d = sim_enter(h, domid, e);
    const struct hv_pool *p = sim_pool_find(sim_tune_of(h), pool);

    if (d == NULL)
        return -1;
    if (domid == 0)
        return err_set(e, ERR_DENIED,
                       "domain 0 controls this host: Xen keeps it in its "
                       "cpu pool");
    if (p == NULL)
        return err_set(e, ERR_NOENT, "cpu pool %u does not exist", pool);
    if (memcmp(p->cpus, none, MASK_BYTES) == 0)
        return err_set(e, ERR_INVALID, "cpu pool %u has no cpu", pool);
    if (d->pool != pool)
        forget_tuning(d);
    d->pool = pool;
    return 0;
}

/* --- affinity --- */

static uint8_t *
masks_new(const struct sim_dom *d)
{
    uint8_t *m = xcalloc(d->max_vcpus, MASK_BYTES);
    size_t i;

    for (i = 0; i < d->max_vcpus; i++)
        sim_mask_all(m + i * MASK_BYTES, d->s->o.cpus);
    return m;
}

static void
take_mask(struct sim_dom *d, uint8_t **masks, unsigned vcpu,
          const uint8_t *mask)
{
    if (mask == NULL)
        return;
    if (*masks == NULL)
        *masks = masks_new(d);
    memcpy(*masks + (size_t)vcpu * MASK_BYTES, mask, MASK_BYTES);
}

int
sim_hv_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu,
                    const uint8_t *hard, const uint8_t *soft, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL)
        return -1;
    if (!d->vcpus_made || vcpu >= d->max_vcpus)
        return err_set(e, ERR_INVALID, "domain %u has no vcpu %u", domid, vcpu);
    if (hard != NULL && !masks_meet(hard, sim_pool_find(d->s, d->pool)->cpus))
        return err_set(e, ERR_INVALID,
                       "vcpu %u of domain %u: none of the cpus asked for is "
                       "online in its cpu pool",
                       vcpu, domid);
    take_mask(d, &d->hard, vcpu, hard);
    take_mask(d, &d->soft, vcpu, soft);
    return 0;
}

/* --- schedulers --- */

static int
sim_tune_check_vcpu(const struct sim_dom *d, unsigned vcpu, struct err *e)
{
    if (vcpu == HV_ALL_VCPUS || (d->vcpus_made && vcpu < d->max_vcpus))
        return 0;
    return err_set(e, ERR_NOENT, "domain %u has no vcpu %u", d->domid, vcpu);
}

static struct sched_params *
rtds_of(struct sim_dom *d, unsigned vcpu)
{
    unsigned i, n = d->max_vcpus > 0 ? d->max_vcpus : 1;

    if (d->rtds == NULL) {
        d->rtds = xcalloc(n, sizeof(d->rtds[0]));
        for (i = 0; i < n; i++)
            d->rtds[i] = (struct sched_params){ .period_us = PERIOD_US,
                                                .budget_us = BUDGET_US,
                                                .extratime = true };
    }
    return &d->rtds[vcpu == HV_ALL_VCPUS ? 0 : vcpu];
}

int
sim_hv_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
                 struct sched_params *out, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL || sim_tune_check_vcpu(d, vcpu, e) < 0)
        return -1;
    *out = (struct sched_params){ 0 };
    out->kind = sim_pool_find(d->s, d->pool)->sched;
    if (out->kind == SCHEDULER_RTDS) {
        *out = *rtds_of(d, vcpu);
        out->kind = SCHEDULER_RTDS;
    } else if (out->kind <= SCHEDULER_CREDIT2) {
        out->weight = d->weight > 0 ? d->weight : WEIGHT;
        out->cap = d->cap;
    }
    return 0;
}

static int
sim_tune_set_rtds(struct sim_dom *d, unsigned vcpu,
                  const struct sched_params *p, struct err *e)
{
    unsigned i;

    if (p->budget_us < RTDS_MIN_US || p->budget_us > p->period_us)
        return err_sys(e, EINVAL, "scheduler parameters of domain %u",
                       d->domid);
    for (i = 0; i < d->max_vcpus; i++)
        if (vcpu == HV_ALL_VCPUS || vcpu == i)
            *rtds_of(d, i) = *p;
    return 0;
}

int
sim_hv_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
                 const struct sched_params *p, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);
    enum sched_kind k;

    if (d == NULL || sim_tune_check_vcpu(d, vcpu, e) < 0)
        return -1;
    k = sim_pool_find(d->s, d->pool)->sched;
    if (k != p->kind)
        return err_set(e, ERR_INVALID,
                       "domain %u is in a cpu pool of the %s scheduler, not "
                       "of %s",
                       domid, sched_kind_name(k), sched_kind_name(p->kind));
    if (k == SCHEDULER_RTDS)
        return sim_tune_set_rtds(d, vcpu, p, e);
    if (k > SCHEDULER_CREDIT2)
        return err_set(e, ERR_UNSUPPORTED,
                       "domain %u is in a cpu pool of the %s scheduler, which "
                       "has no parameters for a domain",
                       domid, sched_kind_name(k));
    if (p->weight < 1 || p->weight > WEIGHT_MAX || p->cap > d->max_vcpus * 100)
        return err_sys(e, EINVAL, "scheduler parameters of domain %u", domid);
    d->weight = p->weight;
    d->cap = p->cap;
    return 0;
}

/* --- memory, NMI, core dumps --- */

int
sim_hv_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    (void)kib; /* guests here are populated whole */
    if (d == NULL)
        return -1;
    if (d->kind == HV_PV)
        return err_sys(e, ENOSYS, "populate-on-demand target of domain %u",
                       domid);
    return 0;
}

int
sim_hv_trigger(struct hv *h, uint32_t domid, enum hv_trigger what,
               unsigned vcpu, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL)
        return -1;
    if (what != HV_NMI && d->kind == HV_PV)
        return err_sys(e, EINVAL, "ACPI button of domain %u", domid);
    if (what == HV_NMI && (!d->vcpus_made || vcpu >= d->max_vcpus))
        return err_set(e, ERR_NOENT, "domain %u has no vcpu %u", domid, vcpu);
    sim_guest_trigger(d, what, vcpu);
    return 0;
}

int
sim_hv_dump_core(struct hv *h, const struct hv_core *c, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, c->domid, e);

    return d == NULL ? -1 : sim_core_write(c, d->mem_kib, e);
}
