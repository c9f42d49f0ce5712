/*
 * ere.h - extended regular expressions as POSIX has them (no back-references),
 * over code points. A search costs at most the length of the text times that of
 * the expression, whatever both say: a guest's text may be made to hurt.
 */
#ifndef XENDECK_UI_TERM_ERE_H
#define XENDECK_UI_TERM_ERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ERE_TEXT_MAX 128 /* code points of an expression */
#define ERE_CODE_MAX 512 /* steps it may become: repetitions are copies */

struct ere_step {
    uint8_t op;
    uint16_t to;   /* where else it goes on */
    uint32_t what; /* a code point, or where a bracket stands in the text */
};

/* No memory of its own. */
struct ere {
    uint32_t text[ERE_TEXT_MAX];
    int len;
    bool fold; /* lower case in the expression stands for both */
    struct ere_step code[ERE_CODE_MAX];
    int n;
};

/* A piece of a line. */
struct ere_line {
    const uint32_t *cp;
    int n;
    bool begins, ends; /* it has the line's beginning, its end */
};

/* What it is to search: cells [start, end). */
struct ere_match {
    int start, end;
};

/* False: this is no expression, or one that is too long. */
bool ere_make(struct ere *re, const uint32_t *text, int len, bool fold);
/* The longest of the first matches that begin in [from, before) and are not
 * empty. *cost grows by the steps that were followed: one search may follow
 * many to find little, and the next one follows them again. */
bool ere_find(const struct ere *re, const struct ere_line *l, int from,
              int before, struct ere_match *out, size_t *cost);

#endif
