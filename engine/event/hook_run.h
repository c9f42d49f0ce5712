/*
 * hook_run.h - one run of a hook: a child with a limit in time, whose output
 * goes to the log. Private to hooks.c.
 */
#ifndef XENDECK_ENGINE_HOOK_RUN_H
#define XENDECK_ENGINE_HOOK_RUN_H

#include <sys/types.h>

#include "engine/model/model.h"
#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/loop.h"

struct hooks;

struct hook_run {
    struct hooks *owner;
    struct loop *lp;
    struct log *log;
    char *path;
    const char *name; /* into path */
    const char *what; /* the kind of event */
    char dom[MODEL_NAME_MAX];
    struct buf env; /* strings ended by NUL */
    unsigned limit_ms;
    /* Once, after a successful start; err tells how. Frees it. */
    void (*ended)(struct hook_run *r);

    struct list_node node;
    pid_t pid; /* 0: not started, or reaped */
    int out_fd;
    struct loop_child child;
    struct loop_fd out_lf;
    struct loop_timer limit;
    bool late; /* it was asked to end */
    struct buf out;
    struct err err;
};

/* -1 with r->err set: it could not be started. */
int hook_run_start(struct hook_run *r);
/* Kills it if it runs. */
void hook_run_free(struct hook_run *r);

#endif
