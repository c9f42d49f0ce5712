/*
 * copy_int.h - what the files of copy mode share: copy.c (the cursor and its
 * steps), copy_word.c (words), copy_select.c (the selection) and copy_hunt.c
 * (matches).
 */
#ifndef XENDECK_UI_TERM_COPY_INT_H
#define XENDECK_UI_TERM_COPY_INT_H

#include "ui/term/copy/copy.h"
#include "ui/term/term_int.h"

/* Rows above and on the screen. */
static inline size_t
copy_rows(const struct copy *c)
{
    return c->t->sb.rows + (size_t)c->t->rows;
}

/* The index of a row that has this number; the nearest if there is none. */
static inline size_t
copy_index(const struct copy *c, uint64_t row)
{
    size_t last = copy_rows(c) - 1;

    if (row < c->t->sb.gone)
        return 0;
    return row - c->t->sb.gone > last ? last : (size_t)(row - c->t->sb.gone);
}

/* A row that is read cell by cell: the one that was asked for last is kept. */
struct copy_reader {
    const struct copy *c;
    struct row work;
    const struct row *row; /* NULL: none yet */
    size_t index;
};

const struct row *copy_read(struct copy_reader *r, size_t index);
/* One row's text goes on in the next. */
bool copy_goes_on(struct copy_reader *r, size_t index);

/* copy.c: the cursor goes there, and the view with it. */
void copy_to(struct copy *c, size_t index, int col);

/* copy_word.c */
void copy_word_step(struct copy *c, enum copy_step step);

/* copy_select.c: what is drawn of the selection follows the cursor. */
void copy_show_selection(struct copy *c);

#endif
