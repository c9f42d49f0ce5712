/*
 * memory_use.h - what Xen keeps for a domain beside its own memory. Plain data.
 */
#ifndef XENDECK_MODEL_MEMORY_USE_H
#define XENDECK_MODEL_MEMORY_USE_H

#include <stdint.h>

/* What this Xen does not tell of a domain is 0. */
struct memory_use {
    uint64_t paging_kib;       /* for its page tables; 0 of PV domains */
    unsigned grant_frames;     /* pages of its grant table */
    unsigned grant_frames_max; /* it may have; 0: not known */
};

#endif
