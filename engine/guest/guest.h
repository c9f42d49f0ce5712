/*
 * guest.h - the kinds of guests: one const table of handlers, and the guest
 * that a creation makes.
 *
 * A handler says what is special of its kind: how much memory it needs, what
 * the hypervisor is asked to make, what the helper is told to build and from
 * which files, its nodes, and steps of its own. The rest of a creation is
 * common (engine/life/create/create.c). A new kind is a file with a handler,
 * and a row in the table of guest.c.
 */
#ifndef XENDECK_ENGINE_GUEST_H
#define XENDECK_ENGINE_GUEST_H

#include "engine/guest/image.h"
#include "engine/guest/nodes.h"
#include "engine/hv/hv.h"
#include "engine/task/file_look.h"
#include "engine/task/task.h"

#define GUEST_NODES_MAX 128 /* an HVM domain may have many texts of SMBIOS */

struct guest;
struct guest_loader;
struct helper;
struct helper_job;
struct json_object;

/* KiB. */
struct guest_memory {
    uint64_t need_kib;  /* what the host must have free, overhead and all */
    uint64_t own_kib;   /* limit of what the domain may own at its start */
    uint64_t map_kib;   /* limit of its memory map */
    uint64_t build_kib; /* what the build fills, a multiple of 1024 */
    /* Of PVH and HVM domains: */
    uint64_t seen_kib;   /* memory that the domain sees, likewise */
    uint64_t pool_kib;   /* Xen's memory for its page tables */
    uint64_t video_kib;  /* of memory and maxmem that of its screen */
    uint64_t target_kib; /* that its balloon is told */
};

enum guest_dir {
    GUEST_VM,    /* below /vm/UUID */
    GUEST_FRONT, /* below /local/domain/DOMID, which the guest may read */
    GUEST_OWN    /* likewise, and the guest's to write */
};

/* A node of its own. */
struct guest_node {
    const char *path, *value;
    enum guest_dir dir;
};

/* step: its name, limit and whether it can be cancelled; what it does is run
 * and undo below, with the contracts of struct step. */
struct guest_step {
    struct step step;
    enum step_rc (*run)(struct guest *g, struct err *e);
    enum step_rc (*undo)(struct guest *g);
};

struct guest_type {
    const char *kind; /* as libxl calls it: "pv" */
    enum hv_kind hv;  /* what the hypervisor makes of it */
    bool has_state;   /* a device model is its machine, with a state */
    /* Refuses a host that cannot run the kind. */
    int (*check_host)(const struct hv_host *h, struct err *e);
    void (*memory)(const struct domain_config *c, struct guest_memory *out);
    /* The files that prepare opens. */
    void (*list_files)(const struct guest *g, struct file_look *r);
    /* Opens and checks what it is started from, before anything is made. */
    int (*prepare)(struct guest *g, struct err *e);
    /* The files and the words of the build that the helper is given; the
     * common part of *b is filled already. */
    void (*job)(const struct guest *g, struct hv_build *b);
    /* Its own nodes; values are borrowed from n. Returns how many. */
    size_t (*nodes)(const struct nodes *n,
                    struct guest_node out[GUEST_NODES_MAX]);
    /* Adds what only its kind has in libxl's file of it; NULL: nothing. */
    void (*json)(const struct nodes *n, struct json_object *o);
    /* Done in this order once the domain has its vcpus and its limits, before
     * it is introduced to xenstored. At the end its memory is filled, and the
     * rings are known (struct nodes). */
    const struct guest_step *steps;
    size_t n_steps;
};

/* Embedded in the creation; guest_init makes it, guest_fini undoes that. */
struct guest {
    const struct guest_type *type;
    struct task *task;   /* borrowed: woken when the helper has ended */
    struct nodes *nodes; /* borrowed: domid, configuration, ports, rings */
    struct image_files files;
    struct buf cmdline;
    char kernel[512];            /* path of a firmware in its place, or "" */
    struct guest_loader *loader; /* that finds kernel and ramdisk; NULL: none */
    int stream_fd; /* its memory is restored from here; -1: it is built */
    bool packed;   /* that is compressed (saved_pack.h) */
    bool moved;    /* it is the same machine as on the host it comes from */
    int state_fd;  /* likewise the state of its device model, once the memory
                      is there; -1: it has none */
    uint32_t store_domid, console_domid; /* where the daemons run */
    struct helper *helper;               /* building */
    uint64_t stop_until_ms;              /* its end is waited for, 0: not yet */
    bool built;
    struct err build_err;
};

extern const struct guest_type guest_pv, guest_pvh, guest_hvm;

/* The kind that a checked configuration asks for. */
const struct guest_type *guest_type_of(const struct domain_config *c);
/* Refuses what this version cannot start, whatever the host. */
int guest_check(const struct domain_config *c, struct err *e);
/* c: of nodes, whose other members may be filled later. */
void guest_init(struct guest *g, struct task *t, struct nodes *n,
                const struct domain_config *c);
void guest_fini(struct guest *g); /* ends a helper at work */

/* What a configuration names, of every kind: for list_files. */
void guest_list_files(const struct guest *g, struct file_look *r);

/* The handler's prepare; what is restored needs no files. */
int guest_prepare(struct guest *g, struct err *e);

/* The step that every kind has: the build in a helper process, beside which
 * the rest of the nodes is written. */
enum step_rc guest_build_run(struct guest *g, struct err *e);
enum step_rc guest_build_undo(struct guest *g);
/* restore.c: the same for a guest with a stream. Fills in the job's descriptors
 * and kind, and appends its words; takes its result. */
int guest_restore_job(struct guest *g, struct helper_job *j, struct buf *out,
                      struct err *e);
int guest_restore_take(struct guest *g, const char *result, struct err *e);

#endif
