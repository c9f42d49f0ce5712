/*
 * hist_ring.h - an hour of samples of one domain, or of the host. Time is cut
 * into slots of `step` seconds, numbered from the loop's zero; a ring has the
 * values of the last HISTORY_SPAN_S / step slots.
 *
 * A value takes 16 bits and is right to 0.1 %. A metric that has had one value
 * all the time takes no memory but this value, so an idle domain costs 7 KiB
 * in an hour (its processor share), a busy one 43 KiB (6 metrics, 3,600 slots
 * of 2 bytes each; its state seldom changes) and 7 KiB for each vcpu. Memory
 * grows with what is recorded.
 */
#ifndef XENDECK_ENGINE_HIST_RING_H
#define XENDECK_ENGINE_HIST_RING_H

#include <stddef.h>
#include <stdint.h>

#include "engine/host/history.h"

struct hist_ring;

struct hist_ring *hist_ring_new(unsigned step);
void hist_ring_free(struct hist_ring *r); /* NULL is allowed */

/* The values of one slot. Beyond the HISTORY_WHATS come those of vcpus, in the
 * order of their numbers. */
struct hist_values {
    size_t n;                     /* HISTORY_WHATS to HISTORY_VALUES_MAX */
    double v[HISTORY_VALUES_MAX]; /* < 0: unknown */
};

/* Takes the values of slot; metrics beyond v->n are unknown in it. Slots
 * between the last one and this become unknown. A slot that has values already
 * gets the mean of nth (2 and more) values, and the last state. A slot older
 * than the last is ignored. */
void hist_ring_put(struct hist_ring *r, uint64_t slot,
                   const struct hist_values *v, unsigned nth);
/* what: as engine_history_until. < 0: unknown, or not kept. */
double hist_ring_at(const struct hist_ring *r, uint64_t slot, unsigned what);
/* Metrics that it keeps: HISTORY_WHATS and those of vcpus. */
size_t hist_ring_metrics(const struct hist_ring *r);
unsigned hist_ring_step(const struct hist_ring *r);
/* The slot after the last one that was put; 0: none was. */
uint64_t hist_ring_end(const struct hist_ring *r);
/* Slots that are kept. */
size_t hist_ring_len(const struct hist_ring *r);
size_t hist_ring_bytes(const struct hist_ring *r);
/* The same past in slots of another length: coarser ones get the mean of those
 * known, finer ones are repeated. step is a power of 2. */
void hist_ring_restep(struct hist_ring *r, unsigned step);
/* Puts all that later has behind what r has. Both have the same step. */
void hist_ring_join(struct hist_ring *r, const struct hist_ring *later);

#endif
