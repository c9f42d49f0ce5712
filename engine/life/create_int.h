/*
 * create_int.h - a creation at work, shared by the files of create/.
 */
#ifndef XENDECK_ENGINE_CREATE_INT_H
#define XENDECK_ENGINE_CREATE_INT_H

#include "engine/device/device.h"
#include "engine/dm/dm.h"
#include "engine/dm/dm_save.h"
#include "engine/guest/guest.h"
#include "engine/life/create.h"
#include "engine/life/kill.h"
#include "engine/record/db.h"
#include "engine/record/db_before.h"
#include "src/base/maker.h"

/* create/create_memory.c */
struct create_memory {
    bool locked; /* lock_fd has xl's lock */
    int lock_fd;
    uint64_t lock_until_ms;      /* it is waited for; 0: it is not */
    uint64_t since_ms;           /* memory has been lacking; 0: it has not */
    uint64_t moved_ms, seen_kib; /* when domain 0 has last shrunk, to what */
    int64_t taken_kib;           /* from domain 0's target */
};

struct create {
    struct task t;
    struct domain_config *cfg;
    struct create_opts o;
    uint32_t domid;
    bool made;        /* the hypervisor has it */
    bool nodes_gone;  /* undo: they are removed */
    bool recorded;    /* files may exist */
    struct buf begun; /* the configuration on record as it began, "": none */
    struct db_before before;
    struct guest guest;
    struct task_type type; /* the common one, but for its steps */
    struct step *steps;    /* the common ones, and those of the guest's kind */
    size_t own_at;         /* the first one of the guest's kind */
    char maker[160];
    struct nodes nodes;
    unsigned pool;
    struct store_watch tty_watch;
    struct devices devices;
    struct file_look look; /* of its files on other hosts */
    bool listed;           /* it has been told of them */
    struct dm_start model;
    struct dm_talk model_talk; /* of what was restored */
    bool model_goes_on;
    struct kill kill;
    struct create_memory memory;
    struct loop_timer again;    /* what the last life had is not free yet */
    uint64_t again_until_ms;    /* 0: nothing was waited for */
    char saved[DB_FILE_MAX];    /* the file that it was saved in, until now */
    char shown[MODEL_NAME_MAX]; /* its name until it is ours, "" for its own */
};

/* create/create_check.c */
/* That no domain has its name or uuid. *dying: the one in the way has ended,
 * and will be gone in a moment. */
int create_check_unique(struct create *c, bool *dying, struct err *e);
enum step_rc create_run_check(struct task *t, struct err *e);
/* create/create_look.c: what a creation asks, and each fault that it would
 * refuse, as `check' tells it, goes into faults; what is not looked at, and
 * what is in use at this moment, into warn (may be NULL), one a line. en NULL:
 * only the files are looked at, and what is told of the host (host, may be
 * NULL). */
void create_look(struct engine *en, const struct hv_host *host,
                 struct domain_config *cfg, struct config_faults *faults,
                 struct buf *warn);
/* create/create_load.c: before anything looks at its files, in the step that is
 * about to. */
enum step_rc create_reach(struct create *c, struct err *e);
/* What a domain is restored from: a descriptor at its stream (saved_file.h), or
 * at what is packed of that (saved_pack.h). */
struct create_from {
    int fd; /* -1: it is built */
    bool packed;
};

/* create.c: takes cfg and the descriptor. */
uint64_t create_begin_from(struct engine *en, struct domain_config *cfg,
                           const struct create_from *from,
                           const struct create_opts *o);
/* create/create_record.c */
enum step_rc create_run_record(struct task *t, struct err *e);
enum step_rc create_undo_record(struct task *t);
/* Nothing may bring back what was saved of it: it is about to run. */
int create_used_saved(struct create *c, struct err *e);
/* Calls write, which changes what is on record: what others change there is
 * told from it, and stays if the creation is undone. */
int create_write_record(struct create *c,
                        int (*write)(struct create *c, struct err *e),
                        struct err *e);
/* It runs: a file that we named is of no use any more. */
void create_drop_saved(struct create *c);

/* create/create_announce.c: a restored domain's interfaces are made known. */
void create_announce(struct create *c);

/* create/create_memory.c */
/* Refuses a domain that the host has no memory for, with a remedy. */
int create_check_memory(struct create *c, struct err *e);
/* Takes from domain 0 what is lacking, and gives it back. */
enum step_rc create_run_memory(struct task *t, struct err *e);
enum step_rc create_undo_memory(struct task *t);
void create_fini_memory(struct create *c);

#endif
