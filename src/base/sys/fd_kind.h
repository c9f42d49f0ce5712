/*
 * fd_kind.h - what a descriptor is that a stranger has sent. It may be of a
 * file system that he serves himself (FUSE), or of one whose server is dead:
 * fstat, ioctl and even close wait for that server, and kill -9 does not end
 * the wait. These functions ask the kernel alone.
 */
#ifndef XENDECK_BASE_FD_KIND_H
#define XENDECK_BASE_FD_KIND_H

#include <stdbool.h>

/* A terminal: a character device of a driver of terminals, and open. */
bool fd_is_terminal(int fd);
/* Closing it waits for no server, though it may for a peer or a line: a
 * terminal, also one that was hung up, a pipe, socket or memory file,
 * /dev/null, a file of a file system that this kernel keeps by itself. */
bool fd_closes_alone(int fd);

#endif
