/*
 * host.h - the host as it looks from outside the engine. Plain data, borrowed
 * by readers until the next loop turn.
 */
#ifndef XENDECK_MODEL_HOST_H
#define XENDECK_MODEL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

struct host {
    char driver[16]; /* "xen" or "sim" */
    char version[64];
    char scheduler[16];
    char caps[256];
    char hostname[64];
    unsigned cpus, nodes, cores_per_socket, threads_per_core;
    uint64_t cpu_khz;
    uint64_t total_kib, free_kib;
    double load_pct; /* busy part of all physical cpus; < 0: unknown */
    /* How many of the listed domains are such. */
    unsigned doms_running, doms_paused, doms_dead, doms_saved, doms_off;
    bool store_lost;           /* xenstored is gone: nothing can be changed */
    bool unlocked;             /* the engine's lock cannot be had: nothing is
                                  reaped */
    char problem[ERR_MSG_MAX]; /* why statistics are stale, or "" */
};

/* A virtual network (xend's vnet): a bridge of dom0. */
struct vnet {
    char name[16];
    bool up;
    bool ours; /* made by `vnet create` */
    unsigned n_members;
    char members[256]; /* "eth0 vif3.0", cut to fit */
};

/* One member after another, cut to fit. */
void vnet_add_member(struct vnet *v, const char *name);

#endif
