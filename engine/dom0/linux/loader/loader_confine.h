/*
 * loader_confine.h - a process gives up what a boot loader has no need of. It
 * parses what a guest has written, so that nothing good is expected of it.
 */
#ifndef XENDECK_ENGINE_LOADER_CONFINE_H
#define XENDECK_ENGINE_LOADER_CONFINE_H

#include <stdbool.h>

#define LOADER_NOBODY 65534U /* user and group */

struct loader_confine {
    bool drop;        /* its rights, too; else limits alone */
    const char *home; /* the directory that it was installed into */
    const char *disk, *dir, *answer;
};

/* In a child that borrows its parent's memory: system calls only. False, with
 * errno: it must not go on. */
bool loader_confine(const struct loader_confine *c);

#endif
