/*
 * duties.h - has this engine anything to look after? One that nobody attends
 * ends by itself, but not while a room answers that it has. The rooms that
 * look after something enter a duty when the engine opens.
 */
#ifndef XENDECK_ENGINE_DUTIES_H
#define XENDECK_ENGINE_DUTIES_H

#include <stdbool.h>

#include "src/base/list.h"

struct engine;

/* Embedded in its owner; zeroed means idle. */
struct engine_duty {
    /* Would something be left undone if the engine ended now, until somebody
     * starts another? It changes nothing. */
    bool (*has)(const struct engine_duty *d);
    struct list_node node;
};

void engine_enter_duty(struct engine *en, struct engine_duty *d);
void engine_leave_duty(struct engine_duty *d); /* idempotent */
bool engine_has_duty(const struct engine *en);

#endif
