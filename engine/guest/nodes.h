/*
 * nodes.h - a domain's nodes in xenstore: what creation writes, what the stock
 * tools need to find there, and the removal of all of it.
 */
#ifndef XENDECK_ENGINE_NODES_H
#define XENDECK_ENGINE_NODES_H

#include <stdint.h>

#include "engine/config/core/config.h"
#include "engine/hv/hv_life.h"
#include "engine/store/store.h"

struct guest_type;

struct nodes {
    uint32_t domid;
    uint8_t uuid[16];
    const struct domain_config *cfg; /* borrowed */
    const char *name;                /* its own, or another for now; borrowed */
    const char *cmdline;             /* borrowed */
    const char *kernel, *ramdisk;    /* likewise: their paths; NULL: none */
    char timeoffset[16];             /* of the configuration; "": none */
    char mmio_hole[24];              /* bytes of an HVM domain's; "": usual */
    char generation[48];             /* of an HVM domain's life; "": none */
    const struct guest_type *type;   /* the handler of its kind */
    const char *maker;               /* value of the mark's "maker" node */
    uint32_t store_port, console_port;
    struct hv_built built; /* where the rings are */
    double start_wall_s;
    double start_boot_s; /* the same by the boot clock, for the mark */
    unsigned restarts;   /* of the mark */
};

/* First transaction: skeleton, mark "building". */
int nodes_write_skeleton(struct store *st, const struct nodes *n,
                         struct err *e);
/* Second: all that is known before the build is done, so that it is written
 * while the helper works: memory, cpus, image, console 0 (frontend, backend,
 * libxl's copy). */
int nodes_write_rest(struct store *st, const struct nodes *n, struct err *e);
/* After the build: where the rings are, and the time of the start. */
int nodes_write_rings(struct store *st, const struct nodes *n, struct err *e);
/* The domain is whole: mark "built". */
int nodes_mark_built(struct store *st, uint32_t domid, struct err *e);

/* Removes every node of the domain that a toolstack made, and the parent
 * directories that creation had to make if they are empty now. Idempotent. */
int nodes_remove(struct store *st, uint32_t domid, const uint8_t uuid[16],
                 struct err *e);

#endif
