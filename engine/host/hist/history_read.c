/*
 * history_read.c - the history as front ends read it.
 */
#include <string.h>

#include "engine/host/history_int.h"

#define KIB      1024.0
#define BUSY_PCT 50

/* --- the state of a domain as a number --- */

#define CODE_PAUSED   1U
#define CODE_DYING    2U
#define CODE_SHUTDOWN 4U
#define CODE_REASON   8U /* times the reason, one of Xen's */
#define REASON_OTHER  7U

double
hist_state_code(const struct dom *d)
{
    unsigned code = 0, reason = d->reason;

    if (d->flags & DOM_F_PAUSED)
        code |= CODE_PAUSED;
    if (d->flags & DOM_F_DYING)
        code |= CODE_DYING;
    if (d->flags & DOM_F_SHUTDOWN)
        code |= CODE_SHUTDOWN +
                CODE_REASON * (reason < REASON_OTHER ? reason : REASON_OTHER);
    return code;
}

/* Whether it ran or waited at that very instant is not recorded: its share
 * tells what it did most of the second. */
static void
take_state(unsigned code, struct dom *d)
{
    unsigned reason = code / CODE_REASON;

    d->flags = 0;
    if (code & CODE_PAUSED)
        d->flags |= DOM_F_PAUSED;
    if (code & CODE_DYING)
        d->flags |= DOM_F_DYING;
    if (code & CODE_SHUTDOWN) {
        d->flags |= DOM_F_SHUTDOWN;
        d->reason = reason < REASON_OTHER ? (enum dom_reason)reason
                                          : DOM_REASON_UNKNOWN;
    }
    if (d->flags == 0)
        d->flags = d->cpu_pct >= BUSY_PCT ? DOM_F_RUNNING : DOM_F_BLOCKED;
}

/* --- which ring --- */

static const struct hist_ring *
ring_for(const struct engine *en, uint64_t dom_id)
{
    struct history *hi = host_room(en)->history;
    const struct dom_entry *de = domains_by_id(en, dom_id);
    const struct dom *d = engine_dom_by_id(en, dom_id);
    const struct parked *p = NULL;

    if (hi == NULL)
        return NULL;
    if (dom_id == HISTORY_HOST)
        return hi->host;
    if (de != NULL && de->hist != NULL)
        return de->hist;
    if (d != NULL && (d->owned || d->off))
        p = history_parked(hi, d->uuid);
    return p != NULL ? p->ring : NULL;
}

/* The only vcpu of a domain is recorded as the domain's share. */
static double
history_value(const struct hist_ring *r, uint64_t slot, unsigned what)
{
    if (r == NULL)
        return -1;
    if (what == HISTORY_VCPU(0U) && hist_ring_metrics(r) == HISTORY_WHATS)
        what = HISTORY_CPU;
    return hist_ring_at(r, slot, what);
}

/* --- reading --- */

unsigned
engine_history_step(const struct engine *en)
{
    const struct history *hi = host_room(en)->history;

    return hi != NULL ? hi->step : 0;
}

bool
engine_history_span(const struct engine *en, uint64_t *first_ms_out,
                    uint64_t *last_ms_out)
{
    const struct history *hi = host_room(en)->history;
    uint64_t first;

    if (hi == NULL || hi->last_ms == 0)
        return false;
    first = (hist_ring_end(hi->host) - hist_ring_len(hi->host)) * hi->step *
            HISTORY_MS_PER_S;
    *first_ms_out = first < hi->last_ms ? first : hi->last_ms;
    *last_ms_out = hi->last_ms;
    return true;
}

void
engine_history_until(const struct engine *en, uint64_t dom_id, unsigned what,
                     uint64_t at_ms, double *out, size_t n)
{
    const struct history *hi = host_room(en)->history;
    const struct hist_ring *ring = ring_for(en, dom_id);
    uint64_t slot = hi != NULL ? history_slot(hi, at_ms) : 0;
    size_t i;

    for (i = 0; i < n; i++) {
        size_t ago = n - 1 - i;

        out[i] = ago <= slot ? history_value(ring, slot - ago, what) : -1;
    }
}

void
engine_history_last(const struct engine *en, uint64_t dom_id, unsigned what,
                    double *out, size_t n)
{
    const struct history *hi = host_room(en)->history;

    engine_history_until(en, dom_id, what, hi != NULL ? hi->last_ms : 0, out,
                         n);
}

void
engine_history_sum(const struct engine *en, uint64_t dom_id, unsigned what,
                   unsigned span_s, struct history_sum *out)
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

unsigned
engine_history_vcpus(const struct engine *en, uint64_t dom_id)
{
    const struct hist_ring *ring = ring_for(en, dom_id);
    size_t n = ring != NULL ? hist_ring_metrics(ring) - HISTORY_WHATS : 0;

    if (n == 0 && ring != NULL && dom_id != HISTORY_HOST)
        n = 1;
    return (unsigned)n;
}

bool
engine_history_dom(const struct engine *en, uint64_t at_ms, struct dom *d)
{
    double v[HISTORY_WHATS];
    unsigned i;

    for (i = 0; i < HISTORY_WHATS; i++)
        engine_history_until(en, d->id, i, at_ms, &v[i], 1);
    d->cpu_pct = v[HISTORY_CPU];
    d->rates.rx_bytes = v[HISTORY_RX];
    d->rates.tx_bytes = v[HISTORY_TX];
    d->rates.rd_bytes = v[HISTORY_RD];
    d->rates.wr_bytes = v[HISTORY_WR];
    d->mem_kib = v[HISTORY_MEM] < 0 ? 0 : (uint64_t)(v[HISTORY_MEM] / KIB);
    if (v[HISTORY_STATE] < 0)
        return false;
    take_state((unsigned)v[HISTORY_STATE], d);
    return true;
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
