/*
 * paths.h - where the engine keeps things. On Xen these are the system's own
 * directories; the simulated host gets a fresh temporary tree.
 */
#ifndef XENDECK_ENGINE_PATHS_H
#define XENDECK_ENGINE_PATHS_H

#include "src/base/err.h"

struct engine;

/* All but dump are made when the engine is opened. */
struct engine_paths {
    char state[256];    /* configurations of owned domains */
    char run[256];      /* locks */
    char libxl[256];    /* userdata files, as libxl names them */
    char consoles[256]; /* console locks: xenconsole.DOMID */
    char dump[256];     /* core dumps; made when the first one is */
    char history[256];  /* libxl's domid history, "" to keep none */
    char made[256];     /* temporary directory to remove, or "" */
};

/* Makes the run-time directory again if somebody removed it. */
int engine_paths_run(const struct engine *en, struct err *e);

#endif
