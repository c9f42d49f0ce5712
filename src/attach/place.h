/*
 * place.h - where an engine listens: the Xen host's at one path, simulated
 * hosts each in their own directory, or where --socket says.
 */
#ifndef XENDECK_ATTACH_PLACE_H
#define XENDECK_ATTACH_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

struct place {
    bool sim;
    bool given;     /* by --socket */
    char sock[108]; /* "": a simulated host's that is not known yet */
    char lock[300]; /* who holds it starts an engine there; "": the engine's
                       own lock decides */
};

/* path: of --socket, or NULL. */
int place_init(struct place *pl, bool on_sim, const char *path, struct err *e);
/* The command that ends the engine there and starts another. */
void place_replace_words(const struct place *pl, char *dst, size_t n);
/* A connection to the simulated host that was given, or to this user's newest
 * one, whose path is in pl->sock then. -1 with *e as of wire_connect. */
int place_connect_sim(struct place *pl, struct err *e);
/* Takes pl->lock for the life of this process. The descriptor, or -1 with *e
 * (ERR_BUSY: an engine has it). */
int place_take_lock(const struct place *pl, struct err *e);
/* The pid of the engine of record there, which has its lock; 0: none has; -1
 * with *e: that cannot be told, or somebody else may have written it. */
int place_holder(const struct place *pl, struct err *e);
/* The same; *closing_out: it has begun to end in order. */
int place_holder_closing(const struct place *pl, bool *closing_out,
                         struct err *e);

#endif
