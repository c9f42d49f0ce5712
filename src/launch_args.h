/*
 * launch_args.h - the command line of the engine that a client starts in the
 * background.
 */
#ifndef XENDECK_SRC_LAUNCH_ARGS_H
#define XENDECK_SRC_LAUNCH_ARGS_H

#include <stddef.h>

#include "src/options.h"

#define LAUNCH_ARGS 16

struct launch_args {
    char *argv[LAUNCH_ARGS + 1]; /* NULL ends it */
    size_t n;
};

/* *l is zeroed. The engine of a Xen host serves many: it reads the system's
 * settings, and those that a caller names by --config go with his session
 * alone (hello.h). */
void launch_args_fill(struct launch_args *l, const struct options *o);
void launch_args_fini(struct launch_args *l);

#endif
