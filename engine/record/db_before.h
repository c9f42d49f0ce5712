/*
 * db_before.h - what was on record of a domain before a creation writes its own
 * configuration and state there: put back if the creation is undone. Beside its
 * files stand UUID.conf.was and UUID.state.was until the domain is whole, for
 * the next engine if this one dies.
 * Invariant: where they stand, that domain has not run since they were kept, so
 * that a saved one may come back. What others write there meanwhile, as
 * `define' does, holds: they remove the files beside (db_before_whole), and the
 * creation, which looks before and after it writes, puts nothing back over it.
 */
#ifndef XENDECK_ENGINE_DB_BEFORE_H
#define XENDECK_ENGINE_DB_BEFORE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

/* Zeroed: nothing is kept. */
struct db_before {
    bool kept, conf_there, state_there;
    struct buf conf, state;
    struct buf own_conf, own_state; /* as the creation has left them */
    bool others_conf, others_state; /* others have written them since */
};

/* In memory, and beside the files. -1 with *e: a file is there and cannot be
 * read, or cannot be kept; nothing may be written over it. */
int db_before_keep(const char *dir, const uint8_t uuid[16], struct db_before *b,
                   struct err *e);
/* The domain is whole, or others have written its record: no other engine puts
 * it back from now on, nor one after a power cut. */
void db_before_whole(const char *dir, const uint8_t uuid[16]);
/* Before and after the creation writes: what has changed since the last
 * db_before_own was written by others; what stands there now, by the
 * creation. */
void db_before_look(const char *dir, const uint8_t uuid[16],
                    struct db_before *b);
void db_before_own(const char *dir, const uint8_t uuid[16],
                   struct db_before *b);
/* Puts back what is kept in memory, but where others have written since. */
int db_before_back(const char *dir, const uint8_t uuid[16], struct db_before *b,
                   struct err *e);
/* Puts back what an engine that has died kept beside the files, if anything.
 * True: it did. */
bool db_before_found(const char *dir, const uint8_t uuid[16]);
/* Is this the name of such a file, and whose? */
bool db_before_is(const char *name, uint8_t uuid[16]);
void db_before_fini(struct db_before *b);

#endif
