/*
 * share.h - what the terminals of one front end share: the memory of their
 * scrollbacks, and the work of one turn of the loop.
 */
#ifndef XENDECK_UI_TERM_SHARE_H
#define XENDECK_UI_TERM_SHARE_H

#include <stddef.h>

#include "src/base/list.h"

/* Zeroed: nothing is bounded. Outlives the terminals. */
struct term_share {
    size_t max_bytes; /* of all scrollbacks; 0: no bound */
    size_t bytes;
    struct list_node all; /* struct sb; set up if max_bytes is not 0 */
    size_t spent;         /* work of this turn (term_work) */
};

void term_share_init(struct term_share *s, size_t max_bytes);

#endif
