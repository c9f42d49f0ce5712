/*
 * create.h - creation of a domain from a checked configuration.
 */
#ifndef XENDECK_ENGINE_CREATE_H
#define XENDECK_ENGINE_CREATE_H

#include "engine/config/core/config.h"
#include "engine/config/core/faults.h"
#include "engine/host/domains.h"
#include "engine/task/task.h"

struct incoming;

struct create_opts {
    bool paused;       /* leave it paused */
    bool again;        /* a restart: a later engine does it if we cannot */
    uint32_t domid;    /* asked for, if it is free; 0: any */
    unsigned restarts; /* lives before it that ended so */
    struct incoming *incoming; /* it comes from another host, or NULL; taken */
};

/* Loads a configuration in any format for a creation: with a uuid. Settings
 * that are not honoured go to warn (may be NULL), one a line. */
int create_load(const char *path, struct domain_config **out, struct buf *warn,
                struct err *e);
/* The same with settings "NAME=VALUE" that hold instead of the file's. */
int create_load_with(const char *path, const char *const *vars, size_t n_vars,
                     struct domain_config **out, struct buf *warn,
                     struct err *e);
/* As create_load; given: whether the file names a uuid. */
int create_load_given(const char *path, struct domain_config **out,
                      struct buf *warn, bool *given_out, struct err *e);
/* All faults of a file, as config_load_each. */
int create_load_each(const char *path, struct config_faults *faults,
                     struct domain_config **out, struct buf *warn);
/* -1 with *e: a creation of this name is at work in this engine. */
int create_check_begun(const struct engine *en, const char *name,
                       struct err *e);
/* Begins a creation; takes cfg. Returns the operation's id. */
uint64_t create_begin(struct engine *en, struct domain_config *cfg,
                      const struct create_opts *o);

/* Appends what a domain needs of the host's memory, and where that is too
 * little what would help: "needs 268 MiB of 4032 MiB free". en may be NULL;
 * host, too: then nothing is known of it. */
void create_tell_memory(struct engine *en, const struct hv_host *host,
                        const struct domain_config *cfg, struct buf *out);

/* It runs, or is about to: what was saved of it is out of date, and does not
 * come back, not even after a power cut. -1 with *e: that cannot be written. */
int create_forget_saved(struct engine *en, const uint8_t uuid[16],
                        struct err *e);
/* An operation is about to be undone: the last words of a domain that was not
 * to be (one of others: nothing). */
void create_undoing(const struct task *t);

#endif
