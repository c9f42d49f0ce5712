/*
 * tmpdir.h - a directory of a test's own, with one file in it.
 */
#ifndef XENDECK_TESTS_TMPDIR_H
#define XENDECK_TESTS_TMPDIR_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"

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

/* A fixture of this size, zeroed, whose first member is a tmpdir. NULL: none,
 * with errno. */
static inline void *
tmpdir_new(size_t size, const char *file)
{
    struct tmpdir *t = calloc(1, size);

    if (t == NULL || tmpdir_init(t, file) == 0)
        return t;
    free(t);
    return NULL;
}

/* As cmocka's teardown of one that holds nothing else. */
static inline int
tmpdir_teardown(void **state)
{
    tmpdir_fini(*state);
    free(*state);
    return 0;
}

/* Makes the file. 0, or -1 with errno. */
static inline int
tmpdir_write(const struct tmpdir *t, const void *bytes, size_t n)
{
    int fd = open(t->path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    int rc;

    if (fd < 0)
        return -1;
    rc = fd_write_all(fd, bytes, n);
    if (rc == 0)
        rc = fchmod(fd, 0600);
    close(fd);
    return rc;
}

#endif
