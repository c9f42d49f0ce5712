/*
 * host_room.h - opening and closing the table of domains, and what wakes it:
 * xenstore, virtual interrupts, the statistics tick.
 */
#ifndef XENDECK_ENGINE_HOST_ROOM_H
#define XENDECK_ENGINE_HOST_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

struct engine;

void host_open(struct engine *en);
/* Connects the store to the loop and begins to listen. */
int host_listen(struct engine *en, struct err *e);
void host_close(struct engine *en);
/* The engine's lock cannot be had, or can. */
void host_set_unlocked(struct engine *en, bool unlocked);

#endif
