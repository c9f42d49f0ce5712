/*
 * history.c - see history.h: a ring for the host, one for each domain in the
 * table (dom_entry.hist), and those of ours that do not run now, by uuid.
 * Invariant: all rings have the step of the room; at most HISTORY_PARKED_MAX
 * are kept of domains that do not run.
 */
#include "engine/host/history.h"

#include <stdlib.h>
#include <string.h>

#include "engine/host/hist_room.h"
#include "engine/host/history_int.h"
#include "engine/host/rates.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define LATE_MS 500U
#define KIB     1024.0

/* --- those that do not run --- */

struct parked *
history_parked(struct history *hi, const uint8_t uuid[16])
{
    size_t i;

    for (i = 0; i < hi->n_parked; i++)
        if (memcmp(hi->parked[i].uuid, uuid, 16) == 0)
            return &hi->parked[i];
    return NULL;
}

static struct hist_ring *
unpark(struct history *hi, const uint8_t uuid[16])
{
    struct parked *p = history_parked(hi, uuid);
    struct hist_ring *ring;

    if (p == NULL)
        return NULL;
    ring = p->ring;
    *p = hi->parked[--hi->n_parked];
    return ring;
}

static void
parked_drop(struct history *hi, size_t i)
{
    hist_ring_free(hi->parked[i].ring);
    hi->parked[i] = hi->parked[--hi->n_parked];
}

static size_t
parked_oldest(const struct history *hi)
{
    size_t i, at = 0;

    for (i = 1; i < hi->n_parked; i++)
        if (hist_ring_end(hi->parked[i].ring) <
            hist_ring_end(hi->parked[at].ring))
            at = i;
    return at;
}

static void
park(struct history *hi, const uint8_t uuid[16], struct hist_ring *ring)
{
    struct parked *p;

    if (hi->n_parked == HISTORY_PARKED_MAX)
        parked_drop(hi, parked_oldest(hi));
    p = &hi->parked[hi->n_parked++];
    memcpy(p->uuid, uuid, sizeof(p->uuid));
    p->ring = ring;
}

/* Those whose last sample is an hour old. */
static void
forget_old(struct history *hi, uint64_t slot)
{
    size_t i = hi->n_parked;

    while (i-- > 0)
        if (hist_ring_end(hi->parked[i].ring) + HISTORY_SPAN_S / hi->step <=
            slot)
            parked_drop(hi, i);
}

/* Another life of the domain that is in the table already: a restart begins
 * before Xen has freed the last page of the life before. */
static struct dom_entry *
history_next_life(struct host_room *h, const struct dom_entry *de)
{
    size_t i;

    for (i = 0; i < h->n_doms; i++)
        if (h->doms[i] != de && h->doms[i]->hist_ours &&
            memcmp(h->doms[i]->d.uuid, de->d.uuid, sizeof(de->d.uuid)) == 0)
            return h->doms[i];
    return NULL;
}

void
history_gone(struct engine *en, struct dom_entry *de)
{
    struct history *hi = host_room(en)->history;
    struct hist_ring *ring = de->hist;
    struct dom_entry *next;

    de->hist = NULL;
    if (hi == NULL || ring == NULL || !de->hist_ours) {
        hist_ring_free(ring);
        return;
    }
    next = history_next_life(host_room(en), de);
    if (next == NULL || next->hist == NULL) {
        park(hi, de->d.uuid, ring);
        return;
    }
    hist_ring_join(ring, next->hist);
    hist_ring_free(next->hist);
    next->hist = ring;
}

/* --- recording --- */

/* The one of de. Whose a domain is may become known some time after it was
 * first listed: then what it did before is appended to its past. */
static struct hist_ring *
ring_of(struct history *hi, struct dom_entry *de)
{
    struct hist_ring *past = NULL;

    if (de->hist != NULL && (de->hist_ours || !de->d.owned))
        return de->hist;
    if (de->d.owned)
        past = unpark(hi, de->d.uuid);
    de->hist_ours = de->d.owned;
    if (past != NULL && de->hist != NULL) {
        hist_ring_join(past, de->hist);
        hist_ring_free(de->hist);
    }
    if (past != NULL)
        de->hist = past;
    else if (de->hist == NULL)
        de->hist = hist_ring_new(hi->step);
    return de->hist;
}

static bool
is_dead(const struct dom *d)
{
    return (d->flags & DOM_F_DYING) != 0 ||
           ((d->flags & DOM_F_SHUTDOWN) != 0 && d->reason != DOM_SUSPEND);
}

static void
dom_amounts(const struct dom *d, double v[HISTORY_AMOUNTS])
{
    v[HISTORY_CPU] = d->cpu_pct;
    v[HISTORY_RX] = d->rates.rx_bytes;
    v[HISTORY_TX] = d->rates.tx_bytes;
    v[HISTORY_RD] = d->rates.rd_bytes;
    v[HISTORY_WR] = d->rates.wr_bytes;
    v[HISTORY_MEM] = (double)d->mem_kib * KIB;
}

/* Of one that is dead the state alone is known. */
static void
dom_values(struct engine *en, struct dom_entry *de, bool first_of_slot,
           struct hist_values *out)
{
    unsigned i;

    out->n = HISTORY_WHATS;
    out->v[HISTORY_STATE] = hist_state_code(&de->d);
    if (is_dead(&de->d)) {
        for (i = 0; i < HISTORY_AMOUNTS; i++)
            out->v[i] = -1;
        return;
    }
    dom_amounts(&de->d, out->v);
    if (first_of_slot)
        out->n += hist_vcpus_read(en, de, &out->v[HISTORY_WHATS]);
}

static void
add_known(double *sum, double v)
{
    if (v >= 0)
        *sum = (*sum < 0 ? 0 : *sum) + v;
}

/* Traffic of the host is what its domains have together. */
static void
host_values(const struct host_room *h, struct hist_values *out)
{
    double *v = out->v, d[HISTORY_AMOUNTS];
    size_t i;
    unsigned k;

    for (k = 0; k < HISTORY_WHATS; k++)
        v[k] = -1;
    for (i = 0; i < h->n_doms; i++) {
        dom_amounts(&h->doms[i]->d, d);
        for (k = HISTORY_RX; k <= HISTORY_WR; k++)
            add_known(&v[k], d[k]);
    }
    v[HISTORY_CPU] = h->host.load_pct;
    if (h->host.total_kib >= h->host.free_kib)
        v[HISTORY_MEM] = (double)(h->host.total_kib - h->host.free_kib) * KIB;
    out->n = HISTORY_WHATS;
    for (k = 0; k < h->n_idle && k < HISTORY_VCPUS_MAX; k++)
        v[out->n++] = h->cpu_pct[k];
}

/* From slot first on to the one of now. */
struct span {
    uint64_t first, slot;
    unsigned nth;
};

static void
history_put(struct hist_ring *r, const struct span *sp,
            const struct hist_values *v)
{
    uint64_t s;

    for (s = sp->first; s <= sp->slot; s++)
        hist_ring_put(r, s, v, sp->nth);
}

static void
history_record(struct host_room *h, const struct span *sp)
{
    struct hist_values v = { .n = 0 };
    size_t i;

    host_values(h, &v);
    history_put(h->history->host, sp, &v);
    for (i = 0; i < h->n_doms; i++) {
        dom_values(h->en, h->doms[i], sp->nth == 1, &v);
        history_put(ring_of(h->history, h->doms[i]), sp, &v);
    }
}

/* --- bounds --- */

/* Half as fine for twice as many; finer again well below that number. */
static unsigned
step_for(size_t n, unsigned step)
{
    while (n > (size_t)HISTORY_FINE_VALUES * step && step < HISTORY_STEP_MAX)
        step *= 2;
    while (step > 1 && n < (size_t)HISTORY_FINE_VALUES * step * 3 / 8)
        step /= 2;
    return step;
}

/* Values that a slot of all has. */
static size_t
values_of_all(const struct host_room *h)
{
    const struct history *hi = h->history;
    size_t i, n = HISTORY_WHATS + h->n_idle;

    for (i = 0; i < hi->n_parked; i++)
        n += hist_ring_metrics(hi->parked[i].ring);
    for (i = 0; i < h->n_doms; i++)
        n += HISTORY_WHATS + hist_vcpus_of(&h->doms[i]->d);
    return n;
}

static void
fit(struct host_room *h)
{
    struct history *hi = h->history;
    unsigned step = step_for(values_of_all(h), hi->step);
    size_t i;

    if (step == hi->step)
        return;
    hi->step = step;
    hist_ring_restep(hi->host, step);
    for (i = 0; i < hi->n_parked; i++)
        hist_ring_restep(hi->parked[i].ring, step);
    for (i = 0; i < h->n_doms; i++)
        if (h->doms[i]->hist != NULL)
            hist_ring_restep(h->doms[i]->hist, step);
}

static struct history *
history_new(void)
{
    struct history *hi = xcalloc(1, sizeof(*hi));

    hi->step = 1;
    hi->host = hist_ring_new(hi->step);
    return hi;
}

void
history_free(struct engine *en)
{
    struct host_room *h = host_room(en);
    size_t i;

    if (h->history == NULL)
        return;
    for (i = 0; i < h->n_doms; i++) {
        hist_ring_free(h->doms[i]->hist);
        h->doms[i]->hist = NULL;
    }
    while (h->history->n_parked > 0)
        parked_drop(h->history, 0);
    hist_ring_free(h->history->host);
    free(h->history);
    h->history = NULL;
}

/* A tick that comes in time speaks for all slots since the one before. After a
 * late one they stay unknown. */
static struct span
span_of_tick(struct history *hi, uint64_t now_ms, unsigned tick_ms)
{
    struct span sp = { .slot = history_slot(hi, now_ms), .nth = 1 };
    uint64_t before = history_slot(hi, hi->last_ms);
    bool late =
        hi->last_ms == 0 || now_ms - hi->last_ms > 2 * tick_ms + LATE_MS;

    sp.first = sp.slot;
    if (!late && before < sp.slot)
        sp.first = before + 1;
    if (hi->last_ms != 0 && before == sp.slot)
        sp.nth = hi->nth + 1;
    hi->nth = sp.nth;
    hi->last_ms = now_ms;
    return sp;
}

void
history_tick(struct engine *en)
{
    struct host_room *h = host_room(en);
    struct span sp;

    if ((rates_wanted(en) & RATES_HISTORY) == 0) {
        history_free(en);
        return;
    }
    if (h->history == NULL)
        h->history = history_new();
    fit(h);
    sp = span_of_tick(h->history, loop_now_ms(engine_loop(en)),
                      engine_options(en)->tick_ms);
    forget_old(h->history, sp.slot);
    history_record(h, &sp);
}
