/*
 * vnet.h - virtual networks, from inside the engine.
 */
#ifndef XENDECK_ENGINE_VNET_H
#define XENDECK_ENGINE_VNET_H

#include "engine/core/engine_int.h"

#define VNETS_MAX 256

/* Makes those of ours that are missing. */
void vnets_restore(struct engine *en);

#endif
