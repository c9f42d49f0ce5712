/*
 * saved_file.h - the file of a saved domain, in the form that xl writes and
 * reads: a header with the domain's configuration, then libxl's stream, which
 * holds that of the hypervisor's library.
 *
 *   32 bytes   "Xen saved domain, xl format\n \0 \r"
 *   4 x u32    byte order 0x01020304, mandatory flags, optional flags, length
 *              of what follows before the stream
 *   u32        length of the configuration, then the configuration: JSON as
 *              libxl has it, or the text of an xl.cfg
 *   (ours)     "xendeck\n" and the same in our own format, "xenmove\n" and what
 *              one xendeck tells another of a migration; xl skips both
 *   stream     "LibxlFmt", version 2, options; record LIBXC_CONTEXT; the
 *              library's stream; of an HVM domain record EMULATOR_CONTEXT, the
 *              state of its device model; record END
 *
 * The same passes between hosts when a domain migrates. There a header may
 * stand alone, with a mandatory flag that xl refuses: one xendeck asks another.
 *
 * Nothing in a file is trusted: lengths are bounded before they are used.
 */
#ifndef XENDECK_ENGINE_SAVED_FILE_H
#define XENDECK_ENGINE_SAVED_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define SAVED_CONFIG_MAX (1024 * 1024)       /* of each text */
#define SAVED_STATE_MAX  (64U * 1024 * 1024) /* of a device model */

struct saved_head {
    struct buf config; /* as xl reads it, without its NUL; never empty */
    bool json;         /* config is libxl's JSON, else an xl.cfg */
    struct buf native; /* in our own format; empty: another tool wrote it */
    bool packed;       /* the file is compressed (saved_pack.h) */
    struct buf note;   /* of a migration (move_note.h), or empty */
    bool ask;          /* only asks: no stream follows */
};

#define SAVED_FIRST_BYTES 48 /* what tells how long the header is */

void saved_head_fini(struct saved_head *h); /* idempotent */

/* All that stands before the library's stream, or before what is packed. */
void saved_head_print(const struct saved_head *h, struct buf *out);
/* Reads the same from the beginning of a file, which stands where the
 * library's stream begins afterwards, or what is packed. 0 with *out the
 * caller's, also to be finished after -1. name: of the file, for sentences. */
int saved_head_read(int fd, const char *name, struct saved_head *out,
                    struct err *e);
/* The same of a header that came from another host, which may only ask. */
int saved_offer_read(int fd, struct saved_head *out, struct err *e);
/* How many bytes stand before the library's stream, the first ones included;
 * -1: this is no header. */
int saved_head_size(const char first[SAVED_FIRST_BYTES], size_t *out,
                    struct err *e);
/* What follows the library's stream. state_fd: a file with nothing but the
 * state of the device model in it; -1: the guest has none. The reader appends
 * it there, and refuses a file that has one for a guest without, and the
 * reverse. */
int saved_tail_write(int fd, int state_fd, struct err *e);
int saved_tail_read(int fd, int state_fd, struct err *e);

#endif
