/*
 * sb_int.h - what the files of the scrollback share: sb.c (the chunks),
 * sb_pack.c (a line and its bytes) and sb_rows.c (the rows that are seen).
 */
#ifndef XENDECK_UI_TERM_SB_INT_H
#define XENDECK_UI_TERM_SB_INT_H

#include "ui/term/sb.h"

struct sb_chunk {
    uint64_t first; /* number of its first line */
    uint32_t size, used;
    uint32_t n;          /* lines */
    uint32_t rows;       /* that begin in it */
    struct sb_flow from; /* before its first line */
    unsigned char data[];
};

/* In front of each line; the runs follow, then the text. */
struct sb_head {
    uint16_t text_bytes;
    uint16_t runs; /* and SB_OPEN, SB_WIDE */
    uint16_t cells;
};

#define SB_OPEN 0x8000U /* it goes on in the next line */
#define SB_WIDE 0x4000U /* it has characters of two columns */
#define SB_RUNS 0x3fffU

struct sb_run {
    int32_t fg, bg;
    uint16_t attrs;
    uint16_t cells; /* characters, not columns */
};

/* Of one chunk: before each of its lines, the rows that have begun in the chunk
 * by then, and how far the last one has come. */
struct sb_index {
    uint64_t chunk; /* number of its first line */
    bool valid;
    bool placed;   /* the next two are known */
    size_t at;     /* where the chunk is in the ring */
    size_t before; /* rows of the chunks before it */
    uint32_t cap;
    struct sb_step {
        uint32_t rows;
        struct sb_flow flow;
    } * step;
};

/* sb.c */
struct sb_chunk *sb_chunk_at(const struct sb *s, size_t i);
/* The packed line i of a chunk. */
const unsigned char *sb_line(const struct sb_chunk *c, uint32_t i);
/* Drops line n < c->n of chunk i and all that is behind it. */
void sb_cut(struct sb *s, size_t i, uint32_t n);

/* sb_pack.c. Packs the first `used` cells behind *head, whose flags are set. */
void sb_pack(const struct row *r, int used, struct buf *out,
             struct sb_head *head);
/* Appends a packed line to the row. */
void sb_unpack(const unsigned char *line, struct row *r);

/* sb_rows.c. Lays a packed line out behind *f; returns the rows that begin in
 * it. skip: NULL, or where to put the cell at which the row `want` of them
 * begins. */
size_t sb_lay(const unsigned char *line, int cols, struct sb_flow *f,
              size_t want, int *skip);
/* Counts the rows of chunk i < s->n anew, of which `from` is before it, and of
 * those behind it as far as they change by that. */
void sb_count(struct sb *s, size_t i, struct sb_flow from);
void sb_index_free(struct sb *s);
/* Something changed: the index is made anew when it is asked for. */
void sb_index_end(struct sb *s);

#endif
