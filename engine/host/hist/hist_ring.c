/*
 * hist_ring.c - see hist_ring.h.
 * Invariant: the ring has the slots [end - n, end), n <= HISTORY_SPAN_S / step.
 * Without cells of its own a metric is unknown before slot `since` and `same`
 * from there on; with cells, slot s stands in cell[s % cap], n <= cap.
 */
#include "engine/host/hist_ring.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define UNKNOWN   UINT16_MAX
#define MANTISSA  10 /* bits */
#define MANT_ONE  (1U << MANTISSA)
#define CAP_FIRST 64

struct metric {
    uint16_t *cell; /* NULL: it has been the same */
    size_t cap;
    uint64_t since;
    uint16_t same;
};

struct hist_ring {
    unsigned step;
    uint64_t end;
    size_t n;
    struct metric *m;
    size_t n_m; /* HISTORY_WHATS and more */
};

/* --- 16 bits: a mantissa of 10 bits below a leading one, and an exponent ---
 */

/* What a unit of the code stands for. */
static double
unit(unsigned what)
{
    if (what == HISTORY_CPU || what >= HISTORY_WHATS)
        return 0.01;
    return what == HISTORY_MEM ? 1024.0 : 1.0;
}

static uint16_t
hist_ring_encode(unsigned what, double v)
{
    uint64_t n;
    unsigned e = 0;

    if (!(v >= 0) || v / unit(what) >= 9e15)
        return UNKNOWN;
    n = (uint64_t)(v / unit(what) + 0.5);
    while (n >> e >= 2 * MANT_ONE)
        e++;
    if (e > 0) /* may round up into the next exponent: the sum carries */
        n = (n + (1ULL << (e - 1))) >> e;
    if (n < MANT_ONE)
        return (uint16_t)n;
    return (uint16_t)(((e + 1) << MANTISSA) + (n - MANT_ONE));
}

static double
hist_ring_decode(unsigned what, uint16_t code)
{
    unsigned e = code >> MANTISSA;

    if (code == UNKNOWN)
        return -1;
    if (e == 0)
        return code * unit(what);
    return (double)((uint64_t)(MANT_ONE + (code & (MANT_ONE - 1))) << (e - 1)) *
           unit(what);
}

/* --- cells --- */

static size_t
slots_max(unsigned step)
{
    return HISTORY_SPAN_S / step;
}

static uint16_t
metric_at(const struct hist_ring *r, const struct metric *m, uint64_t slot)
{
    if (slot >= r->end || r->end - slot > r->n)
        return UNKNOWN;
    if (m->cell != NULL)
        return m->cell[slot % m->cap];
    return slot >= m->since ? m->same : UNKNOWN;
}

/* The cells of a metric, with room for all that is kept and one more. */
static uint16_t *
metric_grow(const struct hist_ring *r, struct metric *m)
{
    size_t max = slots_max(r->step), cap = CAP_FIRST;
    uint16_t *cell;
    uint64_t s;

    if (m->cell != NULL && (r->n < m->cap || m->cap == max))
        return m->cell;
    while (cap < r->n + 1 && cap < max)
        cap *= 2;
    cap = cap < max ? cap : max;
    cell = xcalloc(cap, sizeof(*cell));
    for (s = r->n < cap ? r->end - r->n : r->end - cap; s < r->end; s++)
        cell[s % cap] = metric_at(r, m, s);
    free(m->cell);
    m->cell = cell;
    m->cap = cap;
    return cell;
}

/* The value of the slot at r->end, which the caller then counts. */
static void
metric_push(const struct hist_ring *r, struct metric *m, uint16_t code)
{
    uint16_t *cell;

    if (m->cell == NULL && m->same == UNKNOWN) {
        m->since = r->end; /* all before was unknown */
        m->same = code;
        return;
    }
    if (m->cell == NULL && m->same == code)
        return;
    cell = metric_grow(r, m);
    cell[r->end % m->cap] = code;
}

static void
push(struct hist_ring *r, const struct hist_values *v)
{
    unsigned i;

    for (i = 0; i < r->n_m; i++)
        metric_push(r, &r->m[i],
                    v != NULL && i < v->n ? hist_ring_encode(i, v->v[i])
                                          : UNKNOWN);
    r->end++;
    if (r->n < slots_max(r->step))
        r->n++;
}

/* One more value of the last slot. */
static void
mix(struct hist_ring *r, unsigned what, double v, unsigned nth)
{
    struct metric *m = &r->m[what];
    uint16_t was = metric_at(r, m, r->end - 1), code;
    double old = hist_ring_decode(what, was);
    uint16_t *cell;

    if (v < 0)
        return;
    if (old >= 0 && what != HISTORY_STATE)
        v = old + (v - old) / nth;
    code = hist_ring_encode(what, v);
    if (code == was)
        return;
    if (m->cell == NULL && m->same == UNKNOWN) {
        m->since = r->end - 1;
        m->same = code;
        return;
    }
    cell = metric_grow(r, m);
    cell[(r->end - 1) % m->cap] = code;
}

/* --- the ring --- */

/* A vcpu that comes has been unknown until now. */
static void
reserve_metrics(struct hist_ring *r, size_t n)
{
    if (n <= r->n_m)
        return;
    r->m = xrealloc(r->m, n, sizeof(*r->m));
    while (r->n_m < n)
        r->m[r->n_m++] = (struct metric){ .same = UNKNOWN };
}

struct hist_ring *
hist_ring_new(unsigned step)
{
    struct hist_ring *r = xcalloc(1, sizeof(*r));

    r->step = step;
    reserve_metrics(r, HISTORY_WHATS);
    return r;
}

static void
clear(struct hist_ring *r)
{
    size_t i;

    for (i = 0; i < r->n_m; i++) {
        free(r->m[i].cell);
        r->m[i] = (struct metric){ .same = UNKNOWN };
    }
    r->n = 0;
    r->end = 0;
}

void
hist_ring_free(struct hist_ring *r)
{
    if (r == NULL)
        return;
    clear(r);
    free(r->m);
    free(r);
}

void
hist_ring_put(struct hist_ring *r, uint64_t slot, const struct hist_values *v,
              unsigned nth)
{
    unsigned i;

    reserve_metrics(r, v->n);
    if (r->n > 0 && slot + 1 < r->end)
        return;
    if (r->n > 0 && slot + 1 == r->end) {
        for (i = 0; i < v->n; i++)
            mix(r, i, v->v[i], nth < 2 ? 2 : nth);
        return;
    }
    if (r->n > 0 && slot - r->end >= slots_max(r->step))
        clear(r); /* all that it has is too old */
    if (r->n == 0)
        r->end = slot;
    while (r->end < slot)
        push(r, NULL);
    push(r, v);
}

double
hist_ring_at(const struct hist_ring *r, uint64_t slot, unsigned what)
{
    if (what >= r->n_m)
        return -1;
    return hist_ring_decode(what, metric_at(r, &r->m[what], slot));
}

size_t
hist_ring_metrics(const struct hist_ring *r)
{
    return r->n_m;
}

unsigned
hist_ring_step(const struct hist_ring *r)
{
    return r->step;
}

uint64_t
hist_ring_end(const struct hist_ring *r)
{
    return r->n > 0 ? r->end : 0;
}

size_t
hist_ring_len(const struct hist_ring *r)
{
    return r->n;
}

size_t
hist_ring_bytes(const struct hist_ring *r)
{
    size_t i, bytes = sizeof(*r) + r->n_m * sizeof(*r->m);

    for (i = 0; i < r->n_m; i++)
        if (r->m[i].cell != NULL)
            bytes += r->m[i].cap * sizeof(*r->m[i].cell);
    return bytes;
}

static void
values_at(const struct hist_ring *r, uint64_t slot, struct hist_values *v)
{
    unsigned i;

    v->n = r->n_m;
    for (i = 0; i < r->n_m; i++)
        v->v[i] = hist_ring_at(r, slot, i);
}

void
hist_ring_restep(struct hist_ring *r, unsigned step)
{
    struct hist_ring *to;
    struct hist_values v;
    uint64_t s, t, first, times = step < r->step ? r->step / step : 1;
    unsigned together = step > r->step ? step / r->step : 1;

    if (step == r->step)
        return;
    to = hist_ring_new(step);
    for (s = r->end - r->n; s < r->end; s++) {
        values_at(r, s, &v);
        first = s * r->step / step;
        for (t = first; t < first + times; t++)
            hist_ring_put(to, t, &v, (unsigned)(s % together) + 1);
    }
    clear(r);
    free(r->m);
    *r = *to;
    free(to);
}

void
hist_ring_join(struct hist_ring *r, const struct hist_ring *later)
{
    struct hist_values v;
    uint64_t s;

    for (s = later->end - later->n; s < later->end; s++) {
        values_at(later, s, &v);
        hist_ring_put(r, s, &v, 2);
    }
}
