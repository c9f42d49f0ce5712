/*
 * create_int.h - a creation at work, shared by the files of create/.
 */
#ifndef XENDECK_ENGINE_CREATE_INT_H
#define XENDECK_ENGINE_CREATE_INT_H

#include "engine/device/device.h"
#include "engine/dm/dm.h"
#include "engine/guest/guest.h"
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
    struct guest guest;
    struct task_type type; /* the common one, but for its steps */
    struct step *steps;    /* the common ones, and those of the guest's kind */
    size_t own_at;         /* the first one of the guest's kind */
    char maker[160];
    struct nodes nodes;
    unsigned pool;
    struct store_watch tty_watch;
    struct devices devices;
    struct dm_start model;
    struct kill kill;
    struct loop_timer memory; /* of the last life, not free yet */
    uint64_t memory_until_ms;
};

/* create/create_tune.c */
/* Refuses a domain that the host has no memory for, with a remedy. */
int create_check_memory(struct create *c, struct err *e);
/* Refuses a vcpu that may run on none of the host's cpus. */
int create_check_cpus(struct create *c, struct err *e);
/* The pool by its name, before anything is made. */
int create_find_pool(struct create *c, struct err *e);
/* Affinity and scheduler parameters, once the domain has its vcpus. */
int create_tune(struct create *c, struct err *e);

#endif
