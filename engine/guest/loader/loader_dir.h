/*
 * loader_dir.h - where a boot loader writes: a directory of its own below the
 * engine's state, which is there while it runs. Its kernel may be larger than
 * the memory that /run has.
 */
#ifndef XENDECK_ENGINE_LOADER_DIR_H
#define XENDECK_ENGINE_LOADER_DIR_H

#include <stdbool.h>

#include "engine/core/engine.h"
#include "engine/guest/loader/loader_answer.h"

/* Zeroed: none. The lock tells other engines that it is in use. */
struct loader_dir {
    char top[300]; /* "": none */
    char out[320], answer[320];
    char disk[320]; /* an image is shown here */
    int lock_fd;
};

int loader_dir_make(struct loader_dir *d, struct engine *en, struct err *e);
/* What it has answered. */
int loader_dir_read(const struct loader_dir *d, struct loader_answer *out,
                    struct err *e);
/* Opens a file that it has named; what: "kernel". anywhere: one that lies
 * elsewhere on this host is good, too. *fd_out stays -1 if it is empty. */
int loader_dir_open(const struct loader_dir *d, const char *what,
                    const char *path, bool anywhere, int *fd_out,
                    struct err *e);
/* Removes it with all in it; what was opened stays open. left: an engine that
 * is killed leaves it. Idempotent. */
void loader_dir_end(struct loader_dir *d, bool left);
/* Removes those of engines that are gone, and what these showed there. */
void loader_dirs_sweep(struct engine *en);

#endif
