/*
 * saved_pack.h - the file of a saved domain, compressed: an envelope of our own
 * that every zstd reads, so that `zstd -d' makes of it a file that xl takes.
 *
 *   frame to be skipped   0x184D2A58, its length; "xendeck zstd 1\n" NUL, then
 *                         the head of the file as saved_head_print makes it:
 *                         what is asked of the file needs no unpacking
 *   frames of zstd        the whole file, head and all
 *
 * Packing and unpacking are done by a thread behind a pipe: for helpers, which
 * ignore SIGPIPE. What is unpacked is as little trusted as any file.
 */
#ifndef XENDECK_ENGINE_SAVED_PACK_H
#define XENDECK_ENGINE_SAVED_PACK_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct saved_pack;

/* Appends the frame that is skipped, around this head. */
void saved_pack_print(const struct buf *head, struct buf *out);
/* For saved_head_read: the first bytes of a file, SAVED_PACK_PEEK of them. */
#define SAVED_PACK_PEEK 24
bool saved_pack_is(const void *bytes);

/* What is written to *in_out from now on is packed behind the frame that stands
 * in the file fd already (readable, too); the head is packed first. NULL with
 * *e: nothing has begun. */
struct saved_pack *saved_pack_begin(int fd, int *in_out, struct err *e);
/* *out_out gives what is packed in fd, which stands behind the frame. */
struct saved_pack *saved_unpack_begin(int fd, int *out_out, struct err *e);
/* Closes the descriptor that begin gave, and waits until all is packed, or all
 * unpacked and found whole. -1 with *e: it is not, and why; also if the caller
 * has failed before, as then this may be the reason. *e is as it was if there
 * is nothing to be said. Frees p. */
int saved_pack_end(struct saved_pack *p, struct err *e);

#endif
