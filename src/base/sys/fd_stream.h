/*
 * fd_stream.h - large files that are read or written once, from one end to the
 * other: the kernel is told, so that the disk works beside the processor.
 */
#ifndef XENDECK_BASE_FD_STREAM_H
#define XENDECK_BASE_FD_STREAM_H

#include <stdint.h>

#define FD_STREAM_BYTES                                                        \
    (8 * 1024 * 1024) /* the disk is given so much at once */

/* What is read from here on, all of it and in order: it is fetched ahead. A
 * pipe gets a large buffer, and a local socket as its own side's. */
void fd_stream_reads(int fd);

/* A file that grows: zeroed but for fd, then fd_stream_began at its first
 * byte. */
struct fd_stream {
    int fd;
    int64_t given; /* the disk has been given what is before; < 0: no file */
};

void fd_stream_began(struct fd_stream *s);
/* Of what was written since then the disk is given its part, whatever the
 * kernel would do: a sync at the end then finds little left to wait for.
 * Returns the bytes that were given. */
int64_t fd_stream_wrote(struct fd_stream *s);

#endif
