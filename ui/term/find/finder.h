/*
 * finder.h - matches of a search in what a terminal shows and has shown, row by
 * row. What is looked for is the text as it stands and, if it is one, the
 * extended regular expression; small letters stand for capitals unless it has
 * one. A match goes over the edges where a line wraps, for FINDER_REACH
 * characters at most. Part of term.h.
 */
#ifndef XENDECK_UI_TERM_FINDER_H
#define XENDECK_UI_TERM_FINDER_H

#include "ui/term/find/ere.h"
#include "ui/term/term_int.h"

#define FINDER_REACH 256

struct finder {
    const struct term *t;
    uint32_t text[ERE_TEXT_MAX];
    int n; /* 0: nothing is looked for */
    bool fold;
    bool regex; /* text is an expression with more in it than characters */
    struct ere re;

    /* The row that was loaded, and what its line goes on with. */
    struct row work;
    uint32_t *cp;
    int *col; /* where each begins; col[line.n]: the end of all */
    int cap;
    struct ere_line line;
    int own;     /* of the code points: the row's own */
    int columns; /* of the row's own cells */
    size_t cost; /* so far: about one a character, and one a step of re */
};

/* text: UTF-8, NULL for nothing. */
void finder_open(struct finder *f, const struct term *t, const char *text);
void finder_close(struct finder *f);
/* Loads a row, counted as by term_line_text. False: there is none. */
bool finder_row(struct finder *f, size_t line);
/* The first match that begins in the row's own columns, at `from' or behind
 * it; in columns, the end perhaps beyond the row's own. */
bool finder_next(struct finder *f, int from, struct ere_match *out);

#endif
