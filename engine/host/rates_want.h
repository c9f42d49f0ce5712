/*
 * rates_want.h - who wants the rates of domains to be sampled. The engine
 * counts the wants and samples only while there is one: a pane, a job or a
 * setting says that it wants rates, and takes that back when it ends.
 */
#ifndef XENDECK_ENGINE_RATES_WANT_H
#define XENDECK_ENGINE_RATES_WANT_H

#include "src/base/list.h"

struct engine;

enum {
    RATES_DEVICES = 1, /* dom.rates of all domains, at each statistics tick */
    RATES_HISTORY = 2  /* history.h records; devices are read at leisure */
};

/* Embedded in its owner, zeroed means idle. */
struct rates_want {
    unsigned what;     /* RATES_ bits */
    struct engine *en; /* NULL: idle */
    struct list_node node;
};

/* Enters w, or changes what it wants. RATES_DEVICES: takes a sample at once,
 * each time; rates need two of them. */
void engine_rates_want(struct engine *en, struct rates_want *w, unsigned what);
/* Takes it back; the last one ends the sampling, and dom.rates are unknown from
 * then on. Idempotent. A want may outlive its engine: the end of the engine
 * makes it idle. */
void engine_rates_unwant(struct rates_want *w);

#endif
