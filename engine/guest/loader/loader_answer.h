/*
 * loader_answer.h - what a boot loader has found, in its format "simple0":
 * items that end with a NUL each, "kernel PATH", "ramdisk PATH", "args TEXT".
 * It read a disk that a guest writes: nothing of it is believed.
 */
#ifndef XENDECK_ENGINE_LOADER_ANSWER_H
#define XENDECK_ENGINE_LOADER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

#define LOADER_ANSWER_MAX 65536 /* bytes of an answer */
#define LOADER_PATH_MAX   1024  /* of each of its texts, with its end */
#define LOADER_ARGS_MAX   4000  /* a helper is told no longer line */

/* "": it said none. */
struct loader_answer {
    char kernel[LOADER_PATH_MAX], ramdisk[LOADER_PATH_MAX];
    char args[LOADER_ARGS_MAX];
};

/* -1 with *e: no kernel is in it, or something that no program means. Items
 * of other names are left out, as xl does; of two with one name the last one
 * counts. */
int loader_answer_parse(const char *bytes, size_t n, struct loader_answer *out,
                        struct err *e);

#endif
