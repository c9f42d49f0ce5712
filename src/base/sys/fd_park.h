/*
 * fd_park.h - how descriptors that strangers have sent are left. Most are
 * closed by a thread (fd_closer.h). A file whose close may wait for a server
 * stays open: to close it may hold this process for ever (fd_kind.h), and so
 * would a thread or a child that shares its descriptors, with all its locks.
 * The owner of the park bounds how many it takes from each stranger.
 */
#ifndef XENDECK_BASE_FD_PARK_H
#define XENDECK_BASE_FD_PARK_H

#include <stddef.h>

#include "src/base/sys/fd_closer.h"

struct parked_fd;

/* Embedded in its owner; zeroed means that it is not open. */
struct fd_park {
    struct parked_fd *list;
    size_t n;
    struct fd_closer closer;
};

/* Before anything is taken (fd_closer_start). */
int fd_park_open(struct fd_park *p, struct err *e);
/* Takes fd, from the user with this number. */
void fd_park_take(struct fd_park *p, unsigned uid, int fd);
/* Closes a socket or terminal of ours that a stranger has a hand in. Returns at
 * once. */
void fd_park_close(struct fd_park *p, int fd);
/* How many of this user stay open. */
size_t fd_park_count(const struct fd_park *p, unsigned uid);
/* How many are still to be closed. */
size_t fd_park_closing(const struct fd_park *p);
/* Forgets those that stay open: the kernel closes them when the process has
 * ended, in the order of the numbers. */
void fd_park_forget(struct fd_park *p);

#endif
