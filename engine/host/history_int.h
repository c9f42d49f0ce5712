/*
 * history_int.h - what the files of the history share.
 */
#ifndef XENDECK_ENGINE_HISTORY_INT_H
#define XENDECK_ENGINE_HISTORY_INT_H

#include "engine/host/hist_ring.h"
#include "engine/host/host_int.h"
#include "src/base/loop.h"

#define HISTORY_PARKED_MAX 128U
#define HISTORY_MS_PER_S   1000U

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
    struct parked parked[HISTORY_PARKED_MAX];
    size_t n_parked;
};

static inline uint64_t
history_slot(const struct history *hi, uint64_t ms)
{
    return ms / HISTORY_MS_PER_S / (hi->step > 0 ? hi->step : 1);
}

/* history.c: NULL if none is kept for this uuid */
struct parked *history_parked(struct history *hi, const uint8_t uuid[16]);

/* hist_vcpus.c */
/* How many vcpus of d are recorded: the only one of a domain is not, its share
 * is the domain's. */
unsigned hist_vcpus_of(const struct dom *d);
/* Reads their times; pct gets what they had since the reading before, < 0 where
 * that is not known. Gives their number. */
unsigned hist_vcpus_read(struct engine *en, struct dom_entry *de, double *pct);

/* history_read.c: a small whole number, for HISTORY_STATE */
double hist_state_code(const struct dom *d);

#endif
