/*
 * tmpdir.h - a directory of a test's own, with one file in it.
 */
#ifndef XENDECK_TESTS_TMPDIR_H
#define XENDECK_TESTS_TMPDIR_H

#include <stdlib.h>
#include <unistd.h>

#include "src/base/buf.h"

struct tmpdir {
    char dir[64], path[128]; /* path: the file, which the test makes */
};

/* 0, or -1 with errno. */
static inline int
tmpdir_init(struct tmpdir *t, const char *file)
{
    text_fmt(t->dir, sizeof(t->dir), "/tmp/xendeck-test.XXXXXX");
    if (mkdtemp(t->dir) == NULL)
        return -1;
    text_fmt(t->path, sizeof(t->path), "%s/%s", t->dir, file);
    return 0;
}

static inline void
tmpdir_fini(struct tmpdir *t)
{
    unlink(t->path);
    rmdir(t->dir);
}

#endif
