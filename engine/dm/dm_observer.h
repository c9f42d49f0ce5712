/*
 * dm_observer.h - who is told of device models.
 */
#ifndef XENDECK_ENGINE_DM_OBSERVER_H
#define XENDECK_ENGINE_DM_OBSERVER_H

#include <stdbool.h>

#include "src/base/list.h"

struct dom_entry;
struct engine;

/* A room above that is told of models. Embedded in its owner, zeroed means
 * idle. */
struct dm_observer {
    /* The model of a domain of ours has died, or was ended because it hangs.
     * words: how; log: the path of its log; lives_on: the domain is left as it
     * is. Before anything is done to the domain. */
    void (*died)(struct dm_observer *o, struct dom_entry *de, const char *words,
                 const char *log, bool lives_on);
    struct list_node node;
};

void dm_observe(struct engine *en, struct dm_observer *o);
void dm_unobserve(struct dm_observer *o); /* idempotent */

#endif
