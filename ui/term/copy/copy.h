/*
 * copy.h - reading and selecting in what a terminal shows and has shown: a
 * cursor that walks over all rows, a selection, matches that are counted. The
 * view stands still meanwhile, whatever the guest prints. Part of term.h.
 *
 * Rows have numbers here (sb.h) that stay their own while text comes and goes;
 * a change of the width ends the selection.
 */
#ifndef XENDECK_UI_TERM_COPY_H
#define XENDECK_UI_TERM_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "ui/term/find/term_found.h"

struct term;
struct term_selection;

#define COPY_TEXT_MAX  (1U << 20) /* bytes of one copied text */
#define COPY_COUNT_MAX 9999U      /* of steps at once; a title counts so far */

enum copy_shape { COPY_NONE, COPY_CHARS, COPY_LINES, COPY_BLOCK };

enum copy_step {
    COPY_LEFT,
    COPY_RIGHT,
    COPY_UP,
    COPY_DOWN,
    COPY_PAGE_UP,
    COPY_PAGE_DOWN,
    COPY_HALF_UP,
    COPY_HALF_DOWN,
    COPY_VIEW_UP, /* the view moves, the cursor stays on its text if it can */
    COPY_VIEW_DOWN,
    COPY_ROW_START,
    COPY_ROW_TEXT, /* the first character that is no blank */
    COPY_ROW_END,
    COPY_TOP,
    COPY_BOTTOM,
    COPY_VIEW_FIRST,
    COPY_VIEW_MIDDLE,
    COPY_VIEW_LAST,
    COPY_WORD, /* w, e and b of vi; the next three take blanks alone apart */
    COPY_WORD_END,
    COPY_WORD_BACK,
    COPY_BIG_WORD,
    COPY_BIG_WORD_END,
    COPY_BIG_WORD_BACK,
    COPY_PARAGRAPH_UP,
    COPY_PARAGRAPH_DOWN
};

struct copy {
    struct term *t;
    uint64_t row;
    int col;
    int want; /* column that moves between rows aim at */
    int cols; /* the width that row numbers are of */
    enum copy_shape shape;
    uint64_t from_row; /* the other end of the selection */
    int from_col;
    unsigned found, total;  /* match number `found` of `total`; 0: none */
    struct copy_hunt *hunt; /* copy_hunt.h; NULL: none */
};

/* The cursor is where the live one is, or in the middle of a view that is
 * scrolled back. */
void copy_begin(struct copy *c, struct term *t);
/* The view may move again; it stays where it is. */
void copy_end(struct copy *c);
/* After anything that may have changed the size or dropped rows. */
void copy_sync(struct copy *c);

/* n: at least 1. The view follows the cursor. */
void copy_go(struct copy *c, enum copy_step step, unsigned n);
/* To a cell of the view, clamped. */
void copy_point(struct copy *c, int y, int x);
/* Begins a selection at the cursor, or gives one another shape; the same shape
 * again ends it. */
void copy_mark(struct copy *c, enum copy_shape shape);
void copy_swap(struct copy *c); /* the cursor goes to the other end */
/* The word at the cursor is selected. */
void copy_mark_word(struct copy *c);
/* Appends what is selected, or the cursor's line: lines that wrapped are whole,
 * blanks at their ends are cut. False: it is more than COPY_TEXT_MAX bytes, and
 * *out holds the first of them. */
bool copy_text(const struct copy *c, struct buf *out);
/* The columns [*from, *to) of a row within the selection. */
void copy_columns(const struct term_selection *s, uint64_t row, int *from,
                  int *to);
/* The next match of text (as term_search) in direction dir, 1 or -1, going on
 * at the other end. here: one at the cursor counts. False: there is none. */
bool copy_search(struct copy *c, const char *text, int dir, bool here);
/* Where the cursor is in the view; false: outside. */
bool copy_cursor(const struct copy *c, int *y, int *x);

#endif
