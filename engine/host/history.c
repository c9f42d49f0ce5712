/*
 * history.c - see history.h: a ring for the host, one for each domain in the
 * table (dom_entry.hist), and those of ours that do not run now, by uuid.
 * Invariant: all rings have the step of the room; at most PARKED_MAX are kept
 * of domains that do not run.
 */
#include "engine/host/history.h"

#include <stdlib.h>
#include <string.h>

#include "engine/host/hist_ring.h"
#include "engine/host/hist_room.h"
#include "engine/host/host_int.h"
#include "engine/host/rates.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define PARKED_MAX HISTORY_FINE_DOMS
#define LATE_MS    500U
#define MS_PER_S   1000U
#define KIB        1024.0

/* Of a domain that does not run now. */
struct parked {
    uint8_t uuid[16];
    struct hist_ring *ring;
};

struct history {
    unsigned step;
    uint64_t last_ms; /* of the tick before, 0: none */
    unsigned nth;     /* ticks in its slot */
    struct hist_ring *host;
    struct parked parked[PARKED_MAX];
    size_t n_parked;
};

static uint64_t
slot_at(const struct history *hi, uint64_t ms)
{
    return ms / MS_PER_S / (hi->step > 0 ? hi->step : 1);
}

/* --- those that do not run --- */

static struct parked *
parked_find(struct history *hi, const uint8_t uuid[16])
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
    struct parked *p = parked_find(hi, uuid);
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

    if (hi->n_parked == PARKED_MAX)
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
dom_values(const struct dom *d, double v[HISTORY_WHATS])
{
    v[HISTORY_CPU] = d->cpu_pct;
    v[HISTORY_RX] = d->rates.rx_bytes;
    v[HISTORY_TX] = d->rates.tx_bytes;
    v[HISTORY_RD] = d->rates.rd_bytes;
    v[HISTORY_WR] = d->rates.wr_bytes;
    v[HISTORY_MEM] = (double)d->mem_kib * KIB;
}

static void
add_known(double *sum, double v)
{
    if (v >= 0)
        *sum = (*sum < 0 ? 0 : *sum) + v;
}

/* Traffic of the host is what its domains have together. */
static void
host_values(const struct host_room *h, double v[HISTORY_WHATS])
{
    size_t i;
    unsigned k;

    for (k = 0; k < HISTORY_WHATS; k++)
        v[k] = -1;
    for (i = 0; i < h->n_doms; i++) {
        double d[HISTORY_WHATS];

        dom_values(&h->doms[i]->d, d);
        for (k = HISTORY_RX; k <= HISTORY_WR; k++)
            add_known(&v[k], d[k]);
    }
    v[HISTORY_CPU] = h->host.load_pct;
    if (h->host.total_kib >= h->host.free_kib)
        v[HISTORY_MEM] = (double)(h->host.total_kib - h->host.free_kib) * KIB;
}

/* From slot first on to the one of now. */
struct span {
    uint64_t first, slot;
    unsigned nth;
};

static void
history_put(struct hist_ring *r, const struct span *sp,
            const double v[HISTORY_WHATS])
{
    uint64_t s;

    for (s = sp->first; s <= sp->slot; s++)
        hist_ring_put(r, s, v, sp->nth);
}

static void
history_record(struct host_room *h, const struct span *sp)
{
    double v[HISTORY_WHATS];
    size_t i;

    host_values(h, v);
    history_put(h->history->host, sp, v);
    for (i = 0; i < h->n_doms; i++) {
        if (is_dead(&h->doms[i]->d))
            continue;
        dom_values(&h->doms[i]->d, v);
        history_put(ring_of(h->history, h->doms[i]), sp, v);
    }
}

/* --- bounds --- */

/* Half as fine for twice as many; finer again well below that number. */
static unsigned
step_for(size_t n, unsigned step)
{
    while (n > (size_t)HISTORY_FINE_DOMS * step && step < HISTORY_STEP_MAX)
        step *= 2;
    while (step > 1 && n < (size_t)HISTORY_FINE_DOMS * step * 3 / 8)
        step /= 2;
    return step;
}

static void
fit(struct host_room *h)
{
    struct history *hi = h->history;
    unsigned step = step_for(h->n_doms + hi->n_parked, hi->step);
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
    struct span sp = { .slot = slot_at(hi, now_ms), .nth = 1 };
    uint64_t before = slot_at(hi, hi->last_ms);
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

/* --- reading --- */

static const struct hist_ring *
ring_for(const struct engine *en, uint64_t dom_id)
{
    struct history *hi = host_room(en)->history;
    const struct dom_entry *de = domains_by_id(en, dom_id);
    const struct dom *d = engine_dom_by_id(en, dom_id);
    const struct parked *p = NULL;

    if (dom_id == HISTORY_HOST)
        return hi->host;
    if (de != NULL && de->hist != NULL)
        return de->hist;
    if (d != NULL && (d->owned || d->off))
        p = parked_find(hi, d->uuid);
    return p != NULL ? p->ring : NULL;
}

unsigned
engine_history_step(const struct engine *en)
{
    const struct history *hi = host_room(en)->history;

    return hi != NULL ? hi->step : 0;
}

void
engine_history_last(const struct engine *en, uint64_t dom_id,
                    enum history_what what, double *out, size_t n)
{
    const struct history *hi = host_room(en)->history;
    const struct hist_ring *ring = hi != NULL ? ring_for(en, dom_id) : NULL;
    uint64_t slot = hi != NULL ? slot_at(hi, hi->last_ms) : 0;
    size_t i;

    for (i = 0; i < n; i++) {
        size_t ago = n - 1 - i;

        out[i] = ring != NULL && ago <= slot
                     ? hist_ring_at(ring, slot - ago, what)
                     : -1;
    }
}

void
engine_history_sum(const struct engine *en, uint64_t dom_id,
                   enum history_what what, unsigned span_s,
                   struct history_sum *out)
{
    double v[HISTORY_SPAN_S], sum = 0;
    unsigned step = engine_history_step(en);
    size_t i, n = step == 0 ? 0 : (span_s + step - 1) / step;

    if (n > sizeof(v) / sizeof(v[0]))
        n = sizeof(v) / sizeof(v[0]);
    *out = (struct history_sum){ .last = -1, .mean = -1, .peak = -1 };
    engine_history_last(en, dom_id, what, v, n);
    for (i = 0; i < n; i++) {
        if (v[i] < 0)
            continue;
        sum += v[i];
        out->known++;
        out->peak = v[i] > out->peak ? v[i] : out->peak;
    }
    if (n > 0)
        out->last = v[n - 1];
    if (out->known > 0)
        out->mean = sum / (double)out->known;
}

size_t
engine_history_bytes(const struct engine *en)
{
    const struct host_room *h = host_room(en);
    size_t i, bytes;

    if (h->history == NULL)
        return 0;
    bytes = sizeof(*h->history) + hist_ring_bytes(h->history->host);
    for (i = 0; i < h->n_doms; i++)
        if (h->doms[i]->hist != NULL)
            bytes += hist_ring_bytes(h->doms[i]->hist);
    for (i = 0; i < h->history->n_parked; i++)
        bytes += hist_ring_bytes(h->history->parked[i].ring);
    return bytes;
}
