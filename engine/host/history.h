/*
 * history.h - what the host and its domains did in the last hour: one value a
 * second of each metric, recorded by the engine with the statistics tick while
 * somebody wants RATES_HISTORY (rates_want.h); the setting `history` of
 * xendeck.conf is such a want, and holds from the engine's start.
 *
 * Bounds: up to HISTORY_FINE_VALUES values a second a sample covers one second
 * (a domain has seven and one for each vcpu, if it has several); with every
 * doubling of their number it covers twice as long, so that all together never
 * take more than about 8 MB. A domain of ours is followed by its uuid over its
 * restarts and its names, and kept for an hour after its end; any other one is
 * a life, forgotten with it. What was not measured is unknown, never 0: the
 * engine slept, a tick was late, the domain did not run.
 *
 * A moment is in milliseconds of the loop's clock.
 */
#ifndef XENDECK_ENGINE_HISTORY_H
#define XENDECK_ENGINE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dom;
struct engine;

enum history_what {
    HISTORY_CPU, /* % of one processor; of the host: % of all */
    HISTORY_RX,  /* bytes a second, as the guest sees them */
    HISTORY_TX,
    HISTORY_RD,
    HISTORY_WR,
    HISTORY_MEM,     /* bytes */
    HISTORY_AMOUNTS, /* those before are amounts, of the host, too */
    HISTORY_STATE = HISTORY_AMOUNTS, /* for engine_history_dom */
    HISTORY_WHATS
};

#define HISTORY_VCPUS_MAX  256U /* of a domain; processors of the host */
#define HISTORY_VALUES_MAX (HISTORY_WHATS + HISTORY_VCPUS_MAX)
/* The share of a vcpu in %: what a metric is called in the functions below. Of
 * the host: of a physical processor. */
#define HISTORY_VCPU(n) (HISTORY_WHATS + (n))

#define HISTORY_HOST        0 /* in place of a domain's id */
#define HISTORY_SPAN_S      3600U
#define HISTORY_FINE_VALUES 1024U /* an hour of them at 1 s: 7.4 MB if busy */
#define HISTORY_STEP_MAX    64U

struct history_sum {
    double last, mean, peak; /* < 0: unknown */
    size_t known;            /* samples that mean and peak come from */
};

/* Seconds that a sample covers; 0: nothing is recorded. */
unsigned engine_history_step(const struct engine *en);
/* The moments of the oldest sample of the host and of the newest; false:
 * nothing is recorded. */
bool engine_history_span(const struct engine *en, uint64_t *first_ms_out,
                         uint64_t *last_ms_out);
/* Copies the last n samples into out, oldest first; < 0: unknown. The newest
 * one is of the last statistics tick, also for a domain that has ended.
 * what: enum history_what, or HISTORY_VCPU(n). */
void engine_history_last(const struct engine *en, uint64_t dom_id,
                         unsigned what, double *out, size_t n);
/* The same of the n samples that end with the one of a moment. */
void engine_history_until(const struct engine *en, uint64_t dom_id,
                          unsigned what, uint64_t at_ms, double *out, size_t n);
/* Of the last span_s seconds. */
void engine_history_sum(const struct engine *en, uint64_t dom_id, unsigned what,
                        unsigned span_s, struct history_sum *out);
/* Vcpus that a domain has or had in the hour; physical processors of the host.
 * At most HISTORY_VCPUS_MAX. */
unsigned engine_history_vcpus(const struct engine *en, uint64_t dom_id);
/* Puts what d did at a moment in place of what it does: state, processor share,
 * memory, rates. False: nothing is known of it then, it did not run; its
 * numbers are unknown, too. */
bool engine_history_dom(const struct engine *en, uint64_t at_ms, struct dom *d);
/* Memory that the histories of all take now. */
size_t engine_history_bytes(const struct engine *en);

#endif
