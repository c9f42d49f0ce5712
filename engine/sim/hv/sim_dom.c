/*
 * sim_dom.c - the domains of the simulated hypervisor: their table, memory,
 * cpu time and the ways they end. Invariant: the table ascends by domid, as
 * Xen lists them, and the memory of all never exceeds the host's.
 */
#include "engine/sim/hv/sim_dom.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/dom0/sim_pci.h"
#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define RING_MAX  (32U * 1024)
#define LOW_KIB   (64ULL * 1024) /* below it Xen raises VIRQ_ENOMEM */
#define GONE_MS   2
#define RINGS_KIB 8 /* pages of a dying domain the daemons still map */

size_t
sim_dom_at(const struct sim *s, uint32_t first)
{
    size_t lo = 0, hi = s->n_doms, mid;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (s->doms[mid]->domid < first)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct sim_dom *
sim_dom_find(const struct sim *s, uint32_t domid)
{
    size_t i = sim_dom_at(s, domid);

    return i < s->n_doms && s->doms[i]->domid == domid ? s->doms[i] : NULL;
}

struct sim_dom *
sim_dom_need(const struct sim *s, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL)
        err_set(e, ERR_NOENT, "domain %u no longer exists", domid);
    return d;
}

/* Xen gives out the next free domid above the last and wraps at the first
 * reserved one. 0: none is free. */
static uint32_t
next_domid(struct sim *s)
{
    uint32_t id = s->rover, tries;

    for (tries = 0; tries < HV_DOMID_MAX; tries++) {
        id = id >= HV_DOMID_MAX ? 1 : id + 1;
        if (sim_dom_find(s, id) == NULL) {
            s->rover = id;
            return id;
        }
    }
    return 0;
}

struct sim_dom *
sim_dom_add(struct sim *s, uint32_t fixed)
{
    uint32_t id = fixed;
    struct sim_dom *d;
    size_t at;

    if (id == 0 && s->n_doms > 0) /* the very first one is dom0 */
        id = next_domid(s);
    if (id == 0 && s->n_doms > 0)
        return NULL;
    if (s->n_doms == s->cap_doms) {
        s->cap_doms = s->cap_doms == 0 ? 16 : s->cap_doms * 2;
        s->doms = xrealloc(s->doms, s->cap_doms, sizeof(struct sim_dom *));
    }
    d = xcalloc(1, sizeof(*d));
    d->s = s;
    d->domid = id;
    d->pauses = 1;
    d->since_ns = loop_now_ns(s->lp);
    at = sim_dom_at(s, id);
    memmove(&s->doms[at + 1], &s->doms[at],
            (s->n_doms - at) * sizeof(struct sim_dom *));
    s->doms[at] = d;
    s->n_doms++;
    return d;
}

void
sim_dom_free(struct sim_dom *d)
{
    loop_timer_del(&d->tm);
    free(d->hard);
    free(d->soft);
    free(d->rtds);
    free(d->cmdline);
    free(d->cpuid);
    free(d);
}

uint64_t
sim_dom_cpu(const struct sim_dom *d)
{
    uint64_t ns = 0;

    if (d->running)
        ns = (loop_now_ns(d->s->lp) - d->since_ns) / 1000 * d->load;
    return d->cpu_ns + ns;
}

uint64_t
sim_dom_ran(const struct sim_dom *d)
{
    return d->ran_ns + (d->running ? loop_now_ns(d->s->lp) - d->since_ns : 0);
}

static void
account(struct sim_dom *d)
{
    d->cpu_ns = sim_dom_cpu(d);
    d->ran_ns = sim_dom_ran(d);
    d->since_ns = loop_now_ns(d->s->lp);
}

void
sim_dom_load(struct sim_dom *d, unsigned load)
{
    account(d);
    d->load = load;
}

void
sim_dom_schedule(struct sim_dom *d)
{
    account(d);
    d->running = d->pauses == 0 && !d->shutdown && !d->dying && d->built;
    sim_guest_start(d);
    sim_guest_schedule(d);
    if (d->running) {
        sim_console_kick(d);
        sim_back_kick(d->s, d->domid);
    }
}

uint64_t
sim_free_kib(const struct sim *s)
{
    uint64_t used = SIM_XEN_KIB;
    size_t i;

    for (i = 0; i < s->n_doms; i++)
        used += s->doms[i]->mem_kib + s->doms[i]->pool_kib;
    return used >= s->total_kib ? 0 : s->total_kib - used;
}

bool
sim_dom_set_mem(struct sim_dom *d, uint64_t kib)
{
    uint64_t room = sim_free_kib(d->s);

    if (kib > d->mem_kib && (kib > d->max_kib || kib - d->mem_kib > room)) {
        if (kib - d->mem_kib > room)
            sim_virq(d->s, HV_VIRQ_ENOMEM);
        return false;
    }
    if (kib > d->mem_kib && room - (kib - d->mem_kib) < LOW_KIB)
        sim_virq(d->s, HV_VIRQ_ENOMEM);
    d->mem_kib = kib;
    return true;
}

void
sim_dom_shutdown(struct sim_dom *d, enum hv_reason r)
{
    if (d->shutdown || d->dying)
        return; /* Xen keeps the first reason */
    account(d);
    d->shutdown = true;
    d->reason = (unsigned)r;
    if (r == HV_CRASH)
        sim_ring(d->s, "Domain %u (vcpu#0) crashed on cpu#%u:", d->domid,
                 d->domid % d->s->o.cpus);
    if (d->guest.state != SIM_GUEST_OFF)
        d->guest.state = SIM_GUEST_DOWN;
    memset(d->guest.due_ms, 0, sizeof(d->guest.due_ms));
    sim_dom_schedule(d);
    /* xenstored only looks at the domains it was introduced to, and announces
     * each shutdown once. */
    if (d->introduced && !d->released) {
        d->released = true;
        sim_fire(d->s, "@releaseDomain", false);
    }
}

void
sim_dom_destroy(struct sim_dom *d)
{
    if (d->dying)
        return;
    account(d);
    d->dying = true;
    memset(d->guest.due_ms, 0, sizeof(d->guest.due_ms));
    d->guest.state = SIM_GUEST_DOWN;
    sim_dom_schedule(d);
    sim_console_release(d);
    sim_pci_release(d->s, d->domid);
    if (!d->introduced && !d->held) { /* nobody maps a page of it */
        sim_store_release(d->s, d->domid);
        sim_dom_gone(d);
        return;
    }
    d->mem_kib = RINGS_KIB;
    d->pool_kib = 0;
    sim_store_release(d->s, d->domid);
    sim_fire(d->s, "@releaseDomain", false);
    if (!d->held)
        sim_guest_due(d, SIM_DUE_GONE, GONE_MS);
}

int
sim_guest_hold_memory(struct sim *s, uint32_t domid, bool hold)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || domid == 0)
        return -1;
    d->held = hold;
    if (d->dying && !hold)
        sim_guest_due(d, SIM_DUE_GONE, GONE_MS);
    return 0;
}

void
sim_dom_gone(struct sim_dom *d)
{
    struct sim *s = d->s;
    size_t at = sim_dom_at(s, d->domid);

    s->dead_cpu_ns += sim_dom_cpu(d) - d->cpu_base_ns;
    sim_back_forget(s, d->domid);
    s->n_doms--;
    memmove(&s->doms[at], &s->doms[at + 1],
            (s->n_doms - at) * sizeof(struct sim_dom *));
    sim_dom_free(d);
}

void
sim_virq(struct sim *s, unsigned bits)
{
    s->virqs |= bits;
    (void)eventfd_write(s->virq_fd, 1);
}

void
sim_ring(struct sim *s, const char *fmt, ...)
{
    size_t excess;
    va_list ap;

    buf_str(&s->ring, "(XEN) ");
    va_start(ap, fmt);
    buf_vfmt(&s->ring, fmt, ap);
    va_end(ap);
    buf_chr(&s->ring, '\n');
    if (s->ring.len > RING_MAX) {
        excess = s->ring.len - RING_MAX;
        buf_consume(&s->ring, excess);
        s->ring_base += (uint32_t)excess;
    }
    sim_virq(s, HV_VIRQ_CON_RING);
}

void
sim_uuid_text(const uint8_t *u, char *dst)
{
    text_fmt(dst, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10],
             u[11], u[12], u[13], u[14], u[15]);
}
