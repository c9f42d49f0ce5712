/*
 * history.h - what the host and its domains did in the last hour: one value a
 * second of each metric, recorded by the engine with the statistics tick while
 * somebody wants RATES_HISTORY (rates_want.h); the setting `history` of
 * xendeck.conf is such a want.
 *
 * Bounds: up to HISTORY_FINE_DOMS domains a sample covers one second; with
 * every doubling of their number it covers twice as long, so that all together
 * never take more than about 6 MB. A domain of ours is followed by its uuid
 * over its restarts, and kept for an hour after its end; any other one is a
 * life, forgotten with it. What was not measured is unknown, never 0: the
 * engine slept, a tick was late, the domain did not run.
 */
#ifndef XENDECK_ENGINE_HISTORY_H
#define XENDECK_ENGINE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

struct engine;

enum history_what {
    HISTORY_CPU, /* % of one processor; of the host: % of all */
    HISTORY_RX,  /* bytes a second, as the guest sees them */
    HISTORY_TX,
    HISTORY_RD,
    HISTORY_WR,
    HISTORY_MEM, /* bytes */
    HISTORY_WHATS
};

#define HISTORY_HOST      0 /* in place of a domain's id */
#define HISTORY_SPAN_S    3600U
#define HISTORY_FINE_DOMS 128U /* an hour of them at 1 s: 5.5 MB if busy */
#define HISTORY_STEP_MAX  64U

struct history_sum {
    double last, mean, peak; /* < 0: unknown */
    size_t known;            /* samples that mean and peak come from */
};

/* Seconds that a sample covers; 0: nothing is recorded. */
unsigned engine_history_step(const struct engine *en);
/* Copies the last n samples into out, oldest first; < 0: unknown. The newest
 * one is of the last statistics tick, also for a domain that has ended. */
void engine_history_last(const struct engine *en, uint64_t dom_id,
                         enum history_what what, double *out, size_t n);
/* Of the last span_s seconds. */
void engine_history_sum(const struct engine *en, uint64_t dom_id,
                        enum history_what what, unsigned span_s,
                        struct history_sum *out);
/* Memory that the histories of all take now. */
size_t engine_history_bytes(const struct engine *en);

#endif
