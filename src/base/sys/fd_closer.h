/*
 * fd_closer.h - closes descriptors that strangers have made, on a thread of its
 * own: the last close of a socket may wait for its peer (SO_LINGER), that of a
 * serial line for its output, that of a large memory file for its pages, and
 * that of a connection for all the descriptors that lie in it unread. Where the
 * kernel lets a close be interrupted it waits FD_CLOSER_MS at most; what stays
 * to be done is the kernel's then.
 *
 * Not for files of file systems that others serve: their close cannot be
 * interrupted, nor would the thread die with the process (fd_park.h).
 */
#ifndef XENDECK_BASE_FD_CLOSER_H
#define XENDECK_BASE_FD_CLOSER_H

#include <stdbool.h>
#include <stddef.h>

struct err;

#define FD_CLOSER_MS 10

/* Embedded in its owner; zeroed means not started. */
struct fd_closer {
    bool started;
    int fd; /* the thread reads numbers of descriptors from the other end */
};

/* Starts the thread. Its owner does so before there is anything to close: with
 * no descriptor left there would be none to begin with, and nothing would ever
 * be closed. */
int fd_closer_start(struct fd_closer *fc, struct err *e);
/* Takes fd; returns at once. One that is not started leaves it open. */
void fd_closer_take(struct fd_closer *fc, int fd);
/* How many are still to be closed. */
size_t fd_closer_waiting(const struct fd_closer *fc);
/* The thread closes what it has, and ends; this is not waited for. */
void fd_closer_end(struct fd_closer *fc);

#endif
