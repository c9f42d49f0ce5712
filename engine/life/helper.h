/*
 * helper.h - what blocks leaves the process: the same binary re-executed, fed
 * a job on its standard input, telling progress, log lines and its result on
 * its standard output, one line each. A helper does one job and ends; it dies
 * with its parent.
 *
 *   job:     "job build\nKEY VALUE\n...\n\n"   descriptors from HELPER_FD0 on
 *   answers: "progress PERCENT TEXT", "say LEVEL TEXT", "error CODE TEXT",
 *            "done KEY=VALUE ..."
 */
#ifndef XENDECK_ENGINE_HELPER_H
#define XENDECK_ENGINE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/log.h"
#include "src/base/loop.h"

#define HELPER_FD0     3
#define HELPER_FDS_MAX 2

struct helper;

/* A warm process that waits for a job without descriptors: saves the start of
 * a process (0.1 s in emulation) where a death is waiting to be reaped. */
struct helper_pool {
    struct loop *lp;
    const char *exe; /* the binary to execute */
    struct log *log;
    struct helper *spare; /* NULL: none */
    bool keep_spare;
};

struct helper_job {
    const char *text;        /* as above, with the empty line at its end */
    int fds[HELPER_FDS_MAX]; /* handed over as HELPER_FD0...; -1: none */
    void (*progress)(void *arg, int percent, const char *what); /* or NULL */
    /* Once, whatever happens; the helper is freed after. result: the text
     * after "done ", with e->code ERR_NONE, else NULL. */
    void (*done)(void *arg, const char *result, const struct err *e);
    void *arg;
};

void helper_pool_init(struct helper_pool *p, struct loop *lp, const char *exe,
                      struct log *log, bool keep_spare);
void helper_pool_fini(struct helper_pool *p);

/* NULL with *e if no process can be started. The descriptors stay the
 * caller's. */
struct helper *helper_start(struct helper_pool *p, const struct helper_job *j,
                            struct err *e);
/* Kills it and waits for its end; done is not called. NULL is allowed. */
void helper_cancel(struct helper *h);

/* "KEY=VALUE" in a result line, decimal. */
bool helper_result_u64(const char *result, const char *key, uint64_t *out);

#endif
