/*
 * postmortem_file.h - last words on disk: DIR/ID/ with one file for each thing
 * that was frozen and `summary', which has the rest. DIR has mode 0700, the
 * files 0600. A folder that is being written has another name (.new-ID) and is
 * renamed when it is whole: what a dead engine left of one is swept.
 */
#ifndef XENDECK_ENGINE_POSTMORTEM_FILE_H
#define XENDECK_ENGINE_POSTMORTEM_FILE_H

#include "engine/postmortem/postmortem.h"

#define POSTMORTEM_FILE_MAX (256U * 1024)

/* How much is kept. */
struct postmortem_limits {
    unsigned folders; /* a domain has at most a quarter of them */
    uint64_t bytes;
};

/* Names p: "20261201T122230-web1-7". Two of one second get two names. */
void postmortem_file_name(const char *dir, struct postmortem *p);
/* Makes an empty folder for p->id. */
int postmortem_file_begin(const char *dir, const struct postmortem *p,
                          struct err *e);
/* Writes one file of it, which is on disk when this returns. */
int postmortem_file_put(const char *dir, const struct postmortem *p,
                        const char *name, const struct buf *text,
                        struct err *e);
/* Writes the summary and gives the folder its name. */
int postmortem_file_end(const char *dir, const struct postmortem *p,
                        struct err *e);
/* Removes a folder that is not whole. */
void postmortem_file_drop(const char *dir, const struct postmortem *p);

/* All, newest first, at most max. Folders without a summary, or with one that
 * cannot be read, are left out. */
size_t postmortem_file_list(const char *dir, struct postmortem *out,
                            size_t max);
/* Appends one file; nothing if there is none. */
void postmortem_file_get(const char *dir, const struct postmortem *p,
                         const char *name, struct buf *out);
/* Removes the oldest beyond the limits, but never p itself. */
void postmortem_file_prune(const char *dir, const struct postmortem *p,
                           const struct postmortem_limits *l);
/* Removes what is not whole. */
void postmortem_file_sweep(const char *dir);

#endif
