/*
 * takeover_tune.c - what another tool has tuned on a running domain of ours, as
 * the hypervisor and xenstore have it at the domain's end: cpu pool, vcpus,
 * weight and cap, affinity. What was tuned here is in the configuration
 * already, so that each difference is another tool's. What cannot be read
 * stays as it was, and is told.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/host/listing.h"
#include "engine/host/pools.h"
#include "engine/life/end/takeover.h"
#include "src/base/xalloc.h"

#define DEFAULT_WEIGHT 256 /* of credit and credit2 */

static void
takeover_tell(const struct dom_entry *de, const char *what)
{
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "%s by another tool: its configuration has that now", what);
}

/* Its pool may be gone by now, which is as good a difference. */
static bool
in_other_pool(const struct dom_entry *de, const struct domain_config *c)
{
    const struct dom_entry *dom0 = domains_by_domid(de->en, 0);
    struct err e = { 0 };
    unsigned id;

    if (c->pool == NULL)
        return dom0 != NULL && dom0->d.cpupool != de->d.cpupool;
    if (pool_find(de->en, c->pool, &id, &e) == 0)
        return id != de->d.cpupool;
    takeover_unread(de, "its cpu pool", &e);
    return e.code == ERR_NOENT;
}

/* What was set in the old pool does not count in the new one (pool_move.c). */
static bool
take_pool(const struct dom_entry *de, struct domain_config *c)
{
    char name[MODEL_NAME_MAX], what[MODEL_NAME_MAX + 32];

    if (!in_other_pool(de, c))
        return false;
    pool_name(de->en, de->d.cpupool, name, sizeof(name));
    free(c->pool);
    c->pool = xstrdup(name);
    config_cpus_fini(&c->cpus);
    config_cpus_fini(&c->cpus_soft);
    c->extratime = c->extratime_set = false;
    c->weight = c->cap = c->period_us = c->budget_us = 0;
    text_fmt(what, sizeof(what), "moved to the cpu pool '%s'", name);
    takeover_tell(de, what);
    return true;
}

/* The toolstack's wish, which the guest cannot write: a guest that has ended
 * has no vcpu online. 0: it is not told, or not by a number. */
static unsigned
vcpus_wanted(const struct dom_entry *de, const struct domain_config *c)
{
    char path[96], text[16];
    struct err e = { 0 };
    unsigned i, n = 0;

    for (i = 0; i < c->maxvcpus; i++) {
        store_path(path, sizeof(path), "/local/domain/%u/cpu/%u/availability",
                   de->d.domid, i);
        if (store_read_text(engine_store(de->en), 0, path, text, sizeof(text),
                            &e) < 0) {
            takeover_unread(de, "its vcpus", &e);
            return 0;
        }
        if (strcmp(text, "online") == 0 && n++ != i)
            return 0; /* one before it is off */
    }
    return n;
}

static bool
takeover_tune_vcpus(const struct dom_entry *de, struct domain_config *c)
{
    unsigned n = vcpus_wanted(de, c);
    char what[64];

    if (n == 0 || n == c->vcpus)
        return false;
    text_fmt(what, sizeof(what), "its vcpus were set from %u to %u", c->vcpus,
             n);
    takeover_tell(de, what);
    c->vcpus = n;
    return true;
}

static bool
take_sched(const struct dom_entry *de, struct domain_config *c)
{
    unsigned weight = c->weight > 0 ? c->weight : DEFAULT_WEIGHT;
    struct sched_params p;
    struct err e = { 0 };
    char what[96];

    if (hv_sched_get(engine_hv(de->en), de->d.domid, HV_ALL_VCPUS, &p, &e) <
        0) {
        takeover_unread(de, "its weight and cap", &e);
        return false;
    }
    if ((p.kind != SCHEDULER_CREDIT && p.kind != SCHEDULER_CREDIT2) ||
        (p.weight == weight && p.cap == c->cap))
        return false;
    text_fmt(what, sizeof(what), "its weight and cap were set to %u and %u",
             p.weight, p.cap);
    takeover_tell(de, what);
    c->weight = p.weight;
    c->cap = p.cap;
    return true;
}

/* Beyond the host's cpus a mask means nothing. */
static bool
takeover_pin(struct config_cpus *k, const struct domain_config *c,
             unsigned vcpu, const uint8_t *now, unsigned cpus)
{
    uint8_t want[CONFIG_CPUS_MAX / 8];
    struct buf text = { 0 };
    bool all = true, same = true;
    unsigned i;

    if (!config_cpus_mask(k, vcpu, want))
        memset(want, 0xff, sizeof(want));
    for (i = 0; i < cpus; i++) {
        bool is = now[i / 8] & (1U << i % 8);

        all &= is;
        same &= is == ((want[i / 8] & (1U << i % 8)) != 0);
    }
    if (same)
        return false;
    if (all)
        buf_str(&text, "all");
    else
        cpus_print(now, cpus, &text);
    config_cpus_pin(k, c->maxvcpus, vcpu, buf_text(&text));
    buf_free(&text);
    return true;
}

static bool
take_pins(const struct dom_entry *de, struct domain_config *c)
{
    unsigned i, cpus = engine_host_info(de->en)->cpus;
    struct err e = { 0 };
    struct hv_vcpu v;
    bool any = false;

    for (i = 0; i < c->maxvcpus && i < de->d.vcpus_max; i++) {
        if (hv_vcpu(engine_hv(de->en), de->d.domid, i, &v, &e) < 0) {
            takeover_unread(de, "the affinity of its vcpus", &e);
            break;
        }
        any |= takeover_pin(&c->cpus, c, i, v.hard, cpus);
        any |= takeover_pin(&c->cpus_soft, c, i, v.soft, cpus);
    }
    if (any)
        takeover_tell(de, "its vcpus were pinned");
    return any;
}

bool
takeover_tuning(const struct dom_entry *de, struct domain_config *c)
{
    bool pool = take_pool(de, c), vcpus = takeover_tune_vcpus(de, c);
    bool sched = take_sched(de, c), pins = take_pins(de, c);

    return pool || vcpus || sched || pins;
}
