/*
 * sb.h - scrollback: lines packed as UTF-8 text plus runs of equal style,
 * laid one after another into chunks. Private to ui/term.
 * What is kept is the rows that the screen pushed out, each with whether it
 * goes on in the next; what is seen is rows of the width of today, into which
 * they are laid anew whenever that changes. So a line costs the same at each
 * width, and no sequence of widths loses any of it.
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
struct sb_index;

/* How far the laying out of rows has come behind a kept line. */
struct sb_flow {
    int col;   /* columns that the last row has */
    bool open; /* the next kept line goes on in it */
};

struct sb {
    size_t max_bytes, chunk_bytes;
    size_t bytes;            /* of all chunks */
    struct sb_chunk **chunk; /* a ring of cap slots */
    size_t head, n, cap;
    uint64_t next;            /* number of the line that comes next */
    int cols;                 /* width of the rows that are seen */
    size_t rows;              /* of that width */
    uint64_t gone;            /* rows dropped: row i has the number gone + i,
                                 which stays its own until the width changes */
    struct sb_flow end;       /* behind the newest */
    struct sb_index *index;   /* of the chunk that was looked at last */
    struct buf work;          /* a line being packed */
    struct term_share *share; /* NULL: none */
    struct list_node node;    /* in share->all */
    /* Lines were dropped, maybe for another's sake; NULL: nobody asks. */
    void (*dropped)(struct sb *s);
};

/* A place in the text that outlives a change of width. */
struct sb_place {
    uint64_t line; /* number of the kept line */
    int cell;
};

/* cols: at least 2. share: NULL is allowed. */
void sb_init(struct sb *s, size_t max_bytes, int cols,
             struct term_share *share);
void sb_fini(struct sb *s);
/* The rows are cols wide from now on. */
void sb_set_cols(struct sb *s, int cols);
/* Takes a copy of the row: all its cells if it wraps, else without trailing
 * blanks. Returns the rows that came by it, before any were dropped. */
size_t sb_push(struct sb *s, const struct row *r);
/* What the guest sends next is another line than the newest. */
void sb_end_line(struct sb *s);
/* Moves the newest row into *r. False if there is none. */
bool sb_pop(struct sb *s, struct row *r);
/* Row i of s->rows, 0 the oldest, into *r. False past the end. */
bool sb_get(const struct sb *s, size_t i, struct row *r);
/* Where row i < rows begins; and the row that holds a place, or the oldest if
 * that was dropped. */
struct sb_place sb_place_of(const struct sb *s, size_t i);
size_t sb_row_at(const struct sb *s, struct sb_place at);

#endif
