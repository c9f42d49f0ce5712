/*
 * paths.h - where the engine keeps things: where dom0's driver says.
 */
#ifndef XENDECK_ENGINE_PATHS_H
#define XENDECK_ENGINE_PATHS_H

#include "engine/dom0/places.h"
#include "src/base/err.h"

struct engine;

/* Makes the run-time directory again if somebody removed it. */
int engine_paths_run(const struct engine *en, struct err *e);

#endif
