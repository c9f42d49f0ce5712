/*
 * oplog_read.h - the text of a record of operations (oplog.h), line by line.
 */
#ifndef XENDECK_ENGINE_OPLOG_READ_H
#define XENDECK_ENGINE_OPLOG_READ_H

#include "engine/task/oplog.h"

/* Ends a line that was written in part. */
#define OPLOG_TORN "\030"

struct oplog_reading {
    struct oplog_entry *list;
    size_t n, from; /* from: first entry of the file at work */
    size_t boots, unknown;
    bool live;
    unsigned version;                /* of the file at work */
    char newer[32];                  /* a file of a later version */
    char strange[OPLOG_STRANGE_MAX]; /* and what is not known of it, or "" */
};

enum of_boot { BOOT_OURS, BOOT_OTHER, BOOT_UNKNOWN };

/* The version that the text of a file names; a line is there as a whole or not
 * at all. */
unsigned oplog_text_version(const char *text);
/* Appends what is begun and not ended to r->list, with r->live; cuts text.
 * boot: this one's id. Where either id is not known, nor is the result. */
enum of_boot oplog_take_file(struct oplog_reading *r, char *text,
                             const char *boot);
/* Of the file at work: what is begun and not ended, and not known to this
 * version. NULL: all of it is known. */
const struct oplog_entry *oplog_first_strange(const struct oplog_reading *r);

#endif
