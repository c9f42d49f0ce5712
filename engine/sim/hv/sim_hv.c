/*
 * sim_hv.c - the hypervisor driver of the simulated host: the operations of
 * hv.h on the domains of sim_dom.c, refused where Xen would refuse them.
 * Invariant: every call is counted before its operation, so that a fault asked
 * for leaves the state as it was.
 */
#include "engine/sim/hv/sim_hv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "src/base/xalloc.h"

#define PACE_MS    300 /* so that progress can be seen */
#define PAUSES_MAX 255U
#define PORTS_MAX  1023U
#define MASK_BYTES (HV_CPUS_MAX / 8)

static struct sim *
sim_hv_of(struct hv *h)
{
    return container_of(h, struct sim, hv);
}

struct sim_dom *
sim_enter(struct hv *h, uint32_t domid, struct err *e)
{
    return sim_dom_need(sim_hv_of(h), domid, e);
}

/* As enter, for what Xen refuses on the control domain with EINVAL. */
struct sim_dom *
sim_enter_guest(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d != NULL && domid == 0) {
        err_set(e, ERR_INVALID, "domain 0 controls this host: Xen refuses");
        return NULL;
    }
    return d;
}

static void
sim_hv_op_close(struct hv *h)
{
    (void)h; /* the host runs on; sim_free ends it */
}

static unsigned
op_pace_ms(const struct hv *h)
{
    return container_of(h, struct sim, hv)->o.quick_boot ? 0 : PACE_MS;
}

int
sim_hv_host(struct hv *h, struct hv_host *out, struct err *e)
{
    struct sim *s = sim_hv_of(h);

    (void)e;
    memset(out, 0, sizeof(*out));
    text_fmt(out->version, sizeof(out->version), "4.17.5");
    text_fmt(out->scheduler, sizeof(out->scheduler), "credit2");
    text_fmt(out->caps, sizeof(out->caps),
             "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64");
    text_fmt(out->cmdline, sizeof(out->cmdline),
             "placeholder dom0_mem=4096M,max:4096M");
    out->cpus = s->o.cpus;
    out->nodes = 1;
    out->threads_per_core = s->o.cpus % 2 == 0 ? 2 : 1;
    out->cores_per_socket = s->o.cpus / out->threads_per_core;
    out->cpu_khz = 2600000;
    out->total_kib = s->total_kib;
    out->free_kib = sim_free_kib(s);
    out->has_hvm = out->has_pv = out->has_hap = true;
    out->has_shadow = s->shadow;
    out->has_iommu = out->gnttab_v2 = true;
    return 0;
}

int
sim_hv_cpu_features(struct hv *h, enum hv_kind kind, uint32_t *words,
                    unsigned *n_inout, struct err *e)
{
    const struct sim *s = sim_hv_of(h);
    unsigned i;

    (void)kind, (void)e;
    for (i = 0; i < SIM_CPU_WORDS && i < *n_inout; i++)
        words[i] = s->old_cpu ? 0x0fffffff : 0x1fffffff;
    *n_inout = i;
    return 0;
}

int
sim_hv_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
                struct err *e)
{
    struct sim *s = sim_hv_of(h);
    uint64_t busy, up;
    unsigned i;
    size_t k;

    (void)e;
    busy = s->dead_cpu_ns;
    for (k = 0; k < s->n_doms; k++)
        busy += sim_dom_cpu(s->doms[k]) - s->doms[k]->cpu_base_ns;
    busy /= s->o.cpus;
    up = s->uptime_ns + loop_now_ns(s->lp) - s->start_ns;
    for (i = 0; i < max && i < s->o.cpus; i++) {
        /* An overcommitted host must not let idle time run backwards. */
        if (up > busy && up - busy > s->idle_ns[i])
            s->idle_ns[i] = up - busy;
        idle_ns[i] = s->idle_ns[i];
    }
    *n_out = i;
    return 0;
}

static unsigned
dom_flags(const struct sim_dom *d)
{
    unsigned f = 0;

    if (d->dying)
        f |= HV_DYING;
    if (d->shutdown)
        f |= HV_SHUTDOWN;
    if (d->pauses > 0)
        f |= HV_PAUSED;
    if (d->running && d->domid != 0 && d->load < SIM_LOAD_FULL / 2)
        f |= HV_BLOCKED;
    else if (d->running) /* dom0 runs: it is making this call */
        f |= HV_RUNNING;
    return f;
}

static void
sim_hv_dom_fill(const struct sim_dom *d, struct hv_dom *out)
{
    memset(out, 0, sizeof(*out));
    out->domid = d->domid;
    memcpy(out->uuid, d->uuid, sizeof(out->uuid));
    out->kind = d->kind;
    out->flags = dom_flags(d);
    out->reason = d->reason;
    out->mem_kib = d->mem_kib;
    out->max_kib = d->max_kib;
    out->cpu_ns = sim_dom_cpu(d);
    out->vcpus_online = d->online;
    out->vcpus_max = d->vcpus_made ? d->max_vcpus : 0;
    out->cpupool = d->pool;
}

int
sim_hv_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
            size_t *n_out, struct err *e)
{
    struct sim *s = sim_hv_of(h);
    size_t i, n = 0;

    (void)e;
    for (i = sim_dom_at(s, first); i < s->n_doms && n < max; i++)
        sim_hv_dom_fill(s->doms[i], &out[n++]);
    *n_out = n;
    return 0;
}

static bool
sim_hv_mask_has(const uint8_t *mask, unsigned cpu)
{
    return ((unsigned)mask[cpu / 8] >> (cpu % 8) & 1U) != 0;
}

/* The n-th cpu (wrapping) that the mask allows. */
static unsigned
mask_pick(const uint8_t *mask, unsigned cpus, unsigned n)
{
    unsigned i, set = 0;

    for (i = 0; i < cpus; i++)
        set += sim_hv_mask_has(mask, i);
    n = set == 0 ? 0 : n % set;
    for (i = 0; i < cpus; i++)
        if (sim_hv_mask_has(mask, i) && n-- == 0)
            return i;
    return 0;
}

/* The first one has what a division leaves over. */
static uint64_t
sim_hv_vcpu_ns(const struct sim_dom *d, unsigned vcpu)
{
    uint64_t share;

    if (vcpu >= d->online)
        return 0;
    share = sim_dom_cpu(d) / d->online;
    return vcpu > 0 ? share : sim_dom_cpu(d) - share * (d->online - 1);
}

int
sim_hv_vcpu_times(struct hv *h, uint32_t domid, uint64_t *ns, unsigned n,
                  struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);
    unsigned i;

    if (d == NULL)
        return -1;
    if (n > 0 && (!d->vcpus_made || n > d->max_vcpus))
        return err_set(e, ERR_NOENT, "domain %u has no vcpu %u", domid, n - 1);
    for (i = 0; i < n; i++)
        ns[i] = sim_hv_vcpu_ns(d, i);
    return 0;
}

int
sim_hv_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
            struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL)
        return -1;
    if (!d->vcpus_made || vcpu >= d->max_vcpus)
        return err_set(e, ERR_NOENT, "domain %u has no vcpu %u", domid, vcpu);
    memset(out, 0, sizeof(*out));
    if (d->soft != NULL)
        memcpy(out->soft, d->soft + (size_t)vcpu * MASK_BYTES, MASK_BYTES);
    else
        sim_mask_all(out->soft, d->s->o.cpus);
    if (d->hard != NULL)
        memcpy(out->hard, d->hard + (size_t)vcpu * MASK_BYTES, MASK_BYTES);
    else
        sim_mask_all(out->hard, d->s->o.cpus);
    out->online = vcpu < d->online;
    out->running = out->online && (dom_flags(d) & HV_RUNNING) != 0 &&
                   vcpu * SIM_LOAD_FULL < d->load + SIM_LOAD_FULL / 2;
    out->blocked = out->online && d->running && !out->running;
    out->cpu = mask_pick(out->hard, d->s->o.cpus, domid + vcpu);
    out->cpu_ns = sim_hv_vcpu_ns(d, vcpu);
    return 0;
}

static int
create_check(struct sim *s, const struct hv_create *c, struct err *e)
{
    unsigned max = c->kind == HV_PV ? 8192 : 128;

    if (c->max_vcpus < 1 || c->max_vcpus > max)
        return err_set(e, ERR_INVALID, "%u vcpus: Xen allows 1 to %u",
                       c->max_vcpus, max);
    if (sim_pool_find(s, c->cpupool) == NULL)
        return err_set(e, ERR_NOENT, "cpu pool %u does not exist", c->cpupool);
    if (c->domid > HV_DOMID_MAX)
        return err_set(e, ERR_INVALID, "domid %u: Xen allows 1 to %u", c->domid,
                       HV_DOMID_MAX);
    if (c->kind != HV_PV && c->limits != NULL && c->limits->nested &&
        !c->limits->hap)
        return err_set(e, ERR_INVALID,
                       "nested virtualisation wants paging by the processor");
    if (c->domid != 0 && sim_dom_find(s, c->domid) != NULL)
        return err_set(e, ERR_EXISTS, "domain %u exists already", c->domid);
    return 0;
}

int
sim_hv_create(struct hv *h, const struct hv_create *c, uint32_t *domid_out,
              struct err *e)
{
    struct sim *s = sim_hv_of(h);
    struct sim_dom *d;

    if (create_check(s, c, e) < 0)
        return -1;
    d = sim_dom_add(s, c->domid);
    if (d == NULL)
        return err_set(e, ERR_NOMEM, "no domid is free");
    memcpy(d->uuid, c->uuid, sizeof(d->uuid));
    d->kind = c->kind;
    d->max_vcpus = c->max_vcpus;
    d->pool = c->cpupool;
    d->iommu = c->limits != NULL && c->limits->iommu;
    *domid_out = d->domid;
    return 0;
}

int
sim_hv_set_max_vcpus(struct hv *h, uint32_t domid, unsigned n, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (n != d->max_vcpus)
        return err_set(e, ERR_INVALID,
                       "%u vcpus for domain %u: it was created with %u", n,
                       domid, d->max_vcpus);
    d->vcpus_made = true;
    return 0;
}

int
sim_hv_set_maxmem(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL)
        return -1;
    d->max_kib = kib; /* below what it owns: only growth is refused */
    return 0;
}

int
sim_hv_set_memmap_limit(struct hv *h, uint32_t domid, uint64_t kib,
                        struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    (void)kib; /* the length of a map that only a real kernel reads */
    return d == NULL ? -1 : 0;
}

int
sim_hv_alloc_evtchn(struct hv *h, uint32_t domid, uint32_t remote,
                    uint32_t *port_out, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL || sim_dom_need(d->s, remote, e) == NULL)
        return -1;
    if (d->ports >= PORTS_MAX)
        return err_sys(e, ENOSPC, "event channel of domain %u", domid);
    *port_out = ++d->ports;
    return 0;
}

static int
built_check(const struct sim_dom *d, const struct hv_build *b, struct err *e)
{
    if (!d->vcpus_made)
        return err_set(e, ERR_INVALID, "domain %u has no vcpus yet", d->domid);
    if (b->mem_kib == 0 || b->mem_kib % HV_PAGE_KIB != 0)
        return err_set(e, ERR_INVALID, "memory of domain %u: %llu KiB",
                       d->domid, (unsigned long long)b->mem_kib);
    if (b->store_port == 0 || b->store_port > d->ports ||
        b->console_port == 0 || b->console_port > d->ports)
        return err_set(e, ERR_INVALID,
                       "domain %u has no event channels for its store and "
                       "console yet",
                       d->domid);
    if (d->kind != HV_PV && d->pool_kib == 0)
        return err_set(e, ERR_INVALID,
                       "domain %u has no memory for its page tables", d->domid);
    if (d->dying || d->built)
        return err_set(e, ERR_INVALID, "domain %u is %s", d->domid,
                       d->dying ? "dying" : "built already");
    return 0;
}

/* The sim's memory is populated here: there is no kernel image to load. */
int
sim_hv_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
                   const struct hv_built *r, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    (void)r;
    if (d == NULL || built_check(d, b, e) < 0)
        return -1;
    if (b->mem_kib > d->max_kib)
        return err_set(e, ERR_NOMEM,
                       "memory of domain %u: %llu KiB are above its maximum "
                       "of %llu KiB",
                       domid, (unsigned long long)b->mem_kib,
                       (unsigned long long)d->max_kib);
    if (!sim_dom_set_mem(d, b->mem_kib))
        return err_set(e, ERR_NOMEM,
                       "memory of domain %u: %llu KiB wanted, %llu KiB free",
                       domid, (unsigned long long)b->mem_kib,
                       (unsigned long long)sim_free_kib(d->s));
    free(d->cmdline);
    d->cmdline = xstrndup(b->cmdline != NULL ? b->cmdline : "", 1023);
    d->built = true;
    d->online = 1; /* the kernel brings the others up */
    sim_dom_schedule(d);
    return 0;
}

int
sim_hv_pause(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (d->pauses >= PAUSES_MAX)
        return err_sys(e, EUSERS, "pause of domain %u", domid);
    d->pauses++;
    sim_dom_schedule(d);
    return 0;
}

int
sim_hv_unpause(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, domid, e);

    if (d == NULL)
        return -1;
    if (d->pauses == 0)
        return err_set(e, ERR_INVALID, "domain %u is not paused", domid);
    d->pauses--;
    sim_dom_schedule(d);
    return 0;
}

/* Without its drivers nobody in it looks at xenstore. */
int
sim_hv_hears(struct hv *h, uint32_t domid, bool *hears_out, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    *hears_out = d->kind != HV_HVM ||
                 (d->guest.state != SIM_GUEST_BOOTING && !d->guest.bare);
    return 0;
}

int
sim_hv_resume(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (!d->shutdown || d->dying)
        return err_set(e, ERR_INVALID, "domain %u is not shut down", domid);
    d->shutdown = false;
    sim_guest_resume(d);
    sim_dom_schedule(d);
    return 0;
}

int
sim_hv_shutdown(struct hv *h, uint32_t domid, enum hv_reason r, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    sim_dom_shutdown(d, r);
    return 0;
}

int
sim_hv_destroy(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    sim_dom_destroy(d);
    return 0;
}

int
sim_hv_set_uuid(struct hv *h, uint32_t domid, const uint8_t *uuid,
                struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    memcpy(d->uuid, uuid, sizeof(d->uuid));
    return 0;
}

static int
op_virq_fd(struct hv *h)
{
    return sim_hv_of(h)->virq_fd;
}

static unsigned
op_virq_drain(struct hv *h)
{
    struct sim *s = sim_hv_of(h);
    unsigned bits = s->virqs;
    eventfd_t n;

    (void)eventfd_read(s->virq_fd, &n); /* EAGAIN: nothing was pending */
    s->virqs = 0;
    return bits;
}

/* DOM_EXC belongs to xenstored: a second binder gets EEXIST from Xen. */
static unsigned
op_virq_bound(const struct hv *h)
{
    (void)h;
    return HV_VIRQ_CON_RING | HV_VIRQ_ENOMEM;
}

int
sim_hv_console_ring(struct hv *h, char *buf, size_t *n_inout,
                    uint32_t *index_inout, struct err *e)
{
    struct sim *s = sim_hv_of(h);
    size_t at, n;

    (void)e;
    /* A reader that fell behind starts at the oldest byte kept. */
    at = *index_inout - s->ring_base;
    if (*index_inout < s->ring_base || at > s->ring.len)
        at = 0;
    n = s->ring.len - at;
    if (n > *n_inout)
        n = *n_inout;
    if (n > 0)
        memcpy(buf, s->ring.data + at, n);
    *n_inout = n;
    *index_inout = s->ring_base + (uint32_t)(at + n);
    return 0;
}

/* One node, one socket; threads of a core side by side. */
int
sim_hv_topology(struct hv *h, struct hv_topology *out, struct err *e)
{
    struct sim *s = sim_hv_of(h);
    unsigned i, threads = s->o.cpus % 2 == 0 ? 2 : 1;

    (void)e;
    *out = (struct hv_topology){ .n_cpus = s->o.cpus, .n_nodes = 1 };
    for (i = 0; i < s->o.cpus; i++) {
        out->cpu[i].online = true;
        out->cpu[i].core = i / threads;
    }
    out->node[0].total_kib = s->total_kib;
    out->node[0].free_kib = sim_free_kib(s);
    return 0;
}

/* Each key is named before its output, as Xen does. */
int
sim_hv_debug_keys(struct hv *h, const char *keys, struct err *e)
{
    struct sim *s = sim_hv_of(h);

    (void)e;
    for (; *keys != '\0'; keys++) {
        if (*keys == 'h')
            sim_ring(s, "'h' pressed -> showing installed handlers");
        else
            sim_ring(s, "'%c' pressed -> nothing is known of it here", *keys);
    }
    return 0;
}

/* The entries of the table: count the call, or fail it. */
#define HV_OP(name, params, args, ...)                                         \
    static int counted_##name params                                           \
    {                                                                          \
        return sim_call(sim_hv_of(h), SIM_CALL_hv_##name, e) < 0               \
                   ? -1                                                        \
                   : sim_hv_##name args;                                       \
    }
#include "engine/hv/hv_ops.def"

const struct hv_ops sim_hv_ops = {
    .name = "sim",
    .close = sim_hv_op_close,
    .pace_ms = op_pace_ms,
    .virq_fd = op_virq_fd,
    .virq_drain = op_virq_drain,
    .virq_bound = op_virq_bound,
#define HV_OP(op, params, args, ...) .op = counted_##op,
#include "engine/hv/hv_ops.def"
};
