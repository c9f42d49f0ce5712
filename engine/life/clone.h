/*
 * clone.h - a definition after the one of another domain: with a name, a uuid
 * and mac addresses of its own, its disks copied, shared or left out.
 */
#ifndef XENDECK_ENGINE_CLONE_H
#define XENDECK_ENGINE_CLONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

/* What becomes of a disk. */
enum clone_way {
    CLONE_USUAL, /* copied if the domain writes it, else shared */
    CLONE_COPY,
    CLONE_SHARE, /* refused for one that a domain must have alone, and for one
                    that it writes (w!) unless it is named */
    CLONE_LEAVE  /* the clone has no such disk */
};

/* One that is to be treated otherwise than all. */
struct clone_word {
    const char *disk; /* "xvda" */
    enum clone_way way;
    const char *path; /* of the copy, absolute; NULL: the usual one */
};

#define CLONE_WORDS_MAX 16

struct clone_opts {
    const char *name;   /* of the clone */
    enum clone_way way; /* of those that the domain writes; LEAVE: of all */
    const char *dir; /* where copies go, absolute; NULL: beside the originals */
    struct clone_word words[CLONE_WORDS_MAX];
    size_t n_words;
    bool live; /* also while the domain runs, as its disks are now */
};

/* Begins the operation. Copies are sparse and appear under their names when all
 * of them are whole; nothing is left of one that fails, is cancelled or whose
 * engine dies. Returns 0, or -1 with *e. */
int engine_clone(struct engine *en, uint64_t dom_id, const struct clone_opts *o,
                 uint64_t *op_out, struct err *e);
/* Appends what that would do, a line for the domain and one for each disk; no
 * file is looked at. Returns 0, or -1 with *e: it would be refused. over_out
 * (may be NULL) gets the block devices that it writes over, "A, B". */
int engine_clone_tell(struct engine *en, uint64_t dom_id,
                      const struct clone_opts *o, struct buf *out,
                      struct buf *over_out, struct err *e);
/* Appends a name for a clone that no domain has now. */
void engine_clone_name(const struct engine *en, uint64_t dom_id,
                       struct buf *out);

/* Removes what clonings of engines that are gone have left, and ends those that
 * had only to name their copies. */
void clones_sweep(struct engine *en);
/* Enters the operation into recovery. */
void clone_recover_enter(struct engine *en);

#endif
