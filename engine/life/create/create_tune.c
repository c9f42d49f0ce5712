/*
 * create_tune.c - what a configuration asks of the host's cpus: the pool, set
 * when the domain is made; affinity and scheduler, set once it has vcpus.
 */
#include "engine/life/create/create_tune.h"
#include "engine/host/listing.h"
#include "engine/host/pools.h"
#include "engine/life/create_int.h"

int
create_find_pool(struct create *c, struct err *e)
{
    struct err why = { 0 };

    if (c->cfg->pool == NULL ||
        pool_find(c->t.en, c->cfg->pool, &c->pool, &why) == 0)
        return 0;
    return config_refuse(c->cfg, "pool", why.code, e, "%s", why.msg);
}

static int
set_affinity(struct create *c, struct err *e)
{
    uint8_t hard[CONFIG_CPUS_MAX / 8], soft[CONFIG_CPUS_MAX / 8];
    const struct domain_config *cf = c->cfg;
    unsigned i;

    for (i = 0; i < cf->maxvcpus; i++) {
        bool may = config_cpus_mask(&cf->cpus, i, hard),
             should = config_cpus_mask(&cf->cpus_soft, i, soft);

        if ((may || should) &&
            hv_set_affinity(engine_hv(c->t.en), c->domid, i, may ? hard : NULL,
                            should ? soft : NULL, e) < 0)
            return -1;
    }
    return 0;
}

/* The setting that the scheduler of the pool does not know; NULL: none. */
static const char *
foreign_setting(const struct domain_config *cf, enum sched_kind k)
{
    if (k != SCHEDULER_CREDIT && k != SCHEDULER_CREDIT2) {
        if (cf->weight > 0)
            return "weight";
        if (cf->cap > 0)
            return "cap";
    }
    if (k != SCHEDULER_RTDS) {
        if (cf->period_us > 0)
            return "period";
        if (cf->budget_us > 0)
            return "budget";
        if (cf->extratime_set)
            return "extratime";
    }
    return NULL;
}

static void
create_tune_overlay(const struct domain_config *cf, struct sched_params *p)
{
    if (cf->weight > 0)
        p->weight = cf->weight;
    if (cf->cap > 0)
        p->cap = cf->cap;
    if (cf->period_us > 0)
        p->period_us = cf->period_us;
    if (cf->budget_us > 0)
        p->budget_us = cf->budget_us;
    if (cf->extratime_set)
        p->extratime = cf->extratime;
}

static int
set_sched(struct create *c, struct err *e)
{
    const struct domain_config *cf = c->cfg;
    struct hv *h = engine_hv(c->t.en);
    struct sched_params p;
    const char *name;

    if (cf->weight == 0 && cf->cap == 0 && cf->period_us == 0 &&
        cf->budget_us == 0 && !cf->extratime_set)
        return 0;
    if (hv_sched_get(h, c->domid, HV_ALL_VCPUS, &p, e) < 0)
        return -1;
    name = foreign_setting(cf, p.kind);
    if (name != NULL)
        return config_refuse(cf, name, ERR_INVALID, e,
                             "found one, allowed none: the domain's cpu pool "
                             "has the %s scheduler, which does not know it",
                             sched_kind_name(p.kind));
    create_tune_overlay(cf, &p);
    return hv_sched_set(h, c->domid, HV_ALL_VCPUS, &p, e);
}

int
create_tune(struct create *c, struct err *e)
{
    if (set_affinity(c, e) < 0)
        return -1;
    return set_sched(c, e);
}

int
create_check_cpus(const struct domain_config *cfg, unsigned cpus, struct err *e)
{
    const struct config_cpus *k = &cfg->cpus;
    unsigned i;
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    char vcpu[32] = "";

    for (i = 0; i < k->n && cpus > 0; i++) {
        if (!config_cpus_mask(k, i, mask) || cpus_any_below(mask, cpus))
            continue;
        if (k->each)
            text_fmt(vcpu, sizeof(vcpu), " for vcpu %u", i);
        return config_refuse(cfg, "cpus", ERR_RANGE, e,
                             "found \"%s\"%s, allowed 0 to %u",
                             config_cpus_text(k, i), vcpu, cpus - 1);
    }
    return 0;
}
