/*
 * sb.h - scrollback: lines packed as UTF-8 text plus runs of equal style,
 * laid one after another into chunks. Private to ui/term.
 * Bounded in bytes: the oldest chunk goes whole when a new one does not fit.
 * Those of one share are bounded together as well: then the oldest chunk of the
 * largest goes.
 */
#ifndef XENDECK_UI_TERM_SB_H
#define XENDECK_UI_TERM_SB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "ui/term/grid.h"
#include "ui/term/share.h"

struct sb_chunk;

struct sb {
    size_t max_bytes, chunk_bytes;
    size_t bytes;            /* of all chunks */
    struct sb_chunk **chunk; /* a ring of cap slots */
    size_t head, n, cap;
    uint64_t first;           /* number of the oldest line; never goes back */
    size_t count;             /* lines kept */
    struct buf work;          /* a line being packed */
    struct term_share *share; /* NULL: none */
    struct list_node node;    /* in share->all */
    /* Lines were dropped, maybe for another's sake; NULL: nobody asks. */
    void (*dropped)(struct sb *s);
};

/* share: NULL is allowed. */
void sb_init(struct sb *s, size_t max_bytes, struct term_share *share);
void sb_fini(struct sb *s);
/* Takes a copy of the row, trailing blanks cut. */
void sb_push(struct sb *s, const struct row *r);
/* Moves the newest line into *r. False if there is none. */
bool sb_pop(struct sb *s, struct row *r);
/* Line i of count, 0 the oldest, into *r. False past the end. */
bool sb_get(const struct sb *s, size_t i, struct row *r);

#endif
