/*
 * fd_copy.h - the bytes of a disk or an image into another one. Blocks for as
 * long as that takes: it is for processes that may.
 */
#ifndef XENDECK_BASE_FD_COPY_H
#define XENDECK_BASE_FD_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

struct fd_copy {
    int from, to; /* regular files or block devices, at any offset */
    /* to is a new, empty file: what holds nothing but zeros stays a hole in it,
     * and blocks that the file system can share are shared. Else each byte is
     * written. */
    bool fresh;
    unsigned pace_ms; /* what the whole takes at least, for a simulated disk */
    /* At most twice a second, and at the end. */
    void (*progress)(uint64_t done_bytes, uint64_t all_bytes);
};

/* Copies all of from, and has it on the disk when it returns. 0, or -1 with *e:
 * to may hold a part then. */
int fd_copy_run(const struct fd_copy *c, struct err *e);

#endif
