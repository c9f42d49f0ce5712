/*
 * create_int.h - a creation at work, shared by create.c and build.c.
 */
#ifndef XENDECK_ENGINE_CREATE_INT_H
#define XENDECK_ENGINE_CREATE_INT_H

#include "engine/device/device.h"
#include "engine/dm/dm.h"
#include "engine/guest/image.h"
#include "engine/guest/nodes.h"
#include "engine/life/create.h"
#include "engine/life/kill.h"
#include "src/base/maker.h"

struct create {
    struct task t;
    struct domain_config *cfg;
    struct create_opts o;
    uint32_t domid;
    bool made;       /* the hypervisor has it */
    bool nodes_gone; /* undo: they are removed */
    bool recorded;   /* files may exist */
    struct image_files files;
    struct buf cmdline;
    char maker[160];
    struct nodes nodes;
    uint32_t store_domid, console_domid;
    unsigned pool;
    struct helper *helper;  /* building */
    uint64_t stop_until_ms; /* its end is waited for, 0: not yet */
    bool built;
    struct err build_err;
    struct store_watch tty_watch;
    struct devices devices;
    struct dm_start model;
    struct kill kill;
    struct loop_timer memory; /* of the last life, not free yet */
    uint64_t memory_until_ms;
};

/* build.c: the step in the helper. */
enum step_rc create_run_build(struct task *t, struct err *e);
enum step_rc create_undo_build(struct task *t);

/* create_tune.c */
/* The pool by its name, before anything is made. */
int create_find_pool(struct create *c, struct err *e);
/* Affinity and scheduler parameters, once the domain has its vcpus. */
int create_tune(struct create *c, struct err *e);

#endif
