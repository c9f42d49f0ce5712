/*
 * place.h - where an engine listens: the Xen host's at one path, simulated
 * hosts each in their own directory, or where --socket says.
 */
#ifndef XENDECK_ATTACH_PLACE_H
#define XENDECK_ATTACH_PLACE_H

#include <stdbool.h>

#include "src/base/err.h"

#define PLACE_RUN_DIR "/run/xendeck"

struct place {
    bool sim;
    bool given;     /* by --socket */
    char sock[108]; /* "": a simulated host's that is not known yet */
    char lock[300]; /* who holds it starts an engine there; "": the engine's
                       own lock decides */
};

/* path: of --socket, or NULL. */
int place_init(struct place *pl, bool on_sim, const char *path, struct err *e);
/* The newest simulated host of this user that listens, into pl->sock. False:
 * there is none. */
bool place_find_sim(struct place *pl);
/* Takes pl->lock for the life of this process. The descriptor, or -1 with *e
 * (ERR_BUSY: an engine has it). */
int place_take_lock(const struct place *pl, struct err *e);
/* The pid of the engine of record there, by its lock; 0: none holds it. */
int place_holder(const struct place *pl);

#endif
