/*
 * fdio.h - descriptors and whole files: the few calls every module needs.
 * None of these touches the event loop; none of them blocks on a fifo.
 */
#ifndef XENDECK_BASE_FDIO_H
#define XENDECK_BASE_FDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

/* Sets O_NONBLOCK. 0, or -1 with errno. */
int fd_nonblock(int fd);

/* Writes all n bytes, over short writes and EINTR. 0, or -1 with errno; what
 * was written before the failure stays written. On a non-blocking descriptor
 * that is full it fails with EAGAIN: it never waits. */
int fd_write_all(int fd, const void *p, size_t n);

/* Appends n bytes, whole lines, in one write where the disk takes them so. One
 * that is full may take a fragment: *torn then says that the file ends in one,
 * and the next call puts `end` behind it, which begins a new line. 0, or -1
 * with errno. */
int fd_append_lines(int fd, bool *torn, const char *end, const void *p,
                    size_t n);

/* Appends the whole of a regular file to *out (links are followed; opening
 * never blocks). 0, or -1 with one sentence in *e (NULL is allowed) when it is
 * missing, not readable, not a regular file (directory, fifo, device, socket)
 * or larger than max_bytes; *out is as before then. The size is counted while
 * reading, so a growing file and a /proc file of size 0 are bounded too. */
int fd_read_file(const char *path, size_t max_bytes, struct buf *out,
                 struct err *e);

/* Locks the whole file for this open description, until its last descriptor is
 * closed: also by the death of the process. Never waits. 0, or -1 with errno
 * (EAGAIN or EACCES: another description has it). */
int fd_lock(int fd);
/* Whether another description holds that lock; takes nothing. */
/* 1: yes, 0: no, -1: the kernel does not tell. */
int fd_locked(int fd);

/* Raises the soft limit of open descriptors to the hard one; a refusal leaves
 * the limit as it was. */
void fd_raise_nofile(void);

/* What an unprivileged writer finds free below a directory, in KiB. Blocks
 * while its server is dead. 0, or -1 with *e. */
int fd_free_kib(const char *dir, uint64_t *out, struct err *e);

/* Removes a directory with all that is in it, as far as that is possible; links
 * are not followed. */
void fd_remove_tree(const char *path);

/* Makes the file at path, which must not be there, with mode 0600, and has
 * `fill` fill it: 0, or -1 with errno set. On -1 none was made, and *e says
 * that one cannot `what` to it. */
int fd_new_file(const char *path, const char *what,
                int (*fill)(int fd, const void *arg), const void *arg,
                struct err *e);

#endif
