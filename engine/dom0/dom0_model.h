/*
 * dom0_model.h - device models as programs that dom0 runs. What a model is for
 * and when it is needed is engine/dm's to know.
 */
#ifndef XENDECK_ENGINE_DOM0_MODEL_H
#define XENDECK_ENGINE_DOM0_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/base/maker.h"

#define DOM0_MODEL_PID_MAX  (1U << 22)
#define DOM0_MODEL_STATE_FD 4
#define DOM0_MODEL_FILES_FD 5 /* and those that follow */

struct dom0;

/* A file or block device that a model is handed open: one that is confined
 * could not open it again. */
struct dom0_model_file {
    char path[1024];
    bool writable;
};
struct dom0_model_files {
    struct dom0_model_file *at; /* owned */
    size_t n;
    bool grow; /* it writes others besides, which grow: no limit of size */
};
void dom0_model_files_add(struct dom0_model_files *f, const char *path,
                          bool writable);
void dom0_model_files_free(struct dom0_model_files *f);

struct dom0_model_job {
    uint32_t domid;
    const char *program; /* NULL: the host's own */
    /* Without the program's name: n_args of them, each NUL-terminated. */
    const struct buf *args;
    size_t n_args;
    const char *log; /* path of its log; older ones are kept as .1, .2... */
    unsigned logs_kept;
    bool hvm;      /* XEN_DOMAIN_ID is set, as libxl does */
    bool confined; /* namespaces and limits of its own; its root is made */
    bool has_state;
    int state_fd; /* it has it as DOM0_MODEL_STATE_FD */
    /* The first is DOM0_MODEL_FILES_FD there. Borrowed; NULL: none. */
    const struct dom0_model_files *files;
};

/* A model that is watched; embedded in its owner. */
struct dom0_model {
    uint32_t domid;
    pid_t pid;
    /* It has a root of its own. The watch finds that out of a program that
     * runs; who has just started it says so, for it may not run yet. */
    bool confined;
    /* From the loop, once; status as waitpid's, -1 if it was no child. */
    void (*ended)(struct dom0_model *m, int status);
    /* the driver's */
    struct loop_child child;
    bool has_sentinel;
    int sentinel;
    struct loop_fd sentinel_lf;
    struct loop_timer late;
};

/* Can this host start any? */
bool dom0_has_model_program(struct dom0 *d);
/* Whom a confined model becomes ("65500:65500", or a name), "" if this host has
 * no user for it. */
void dom0_model_user(struct dom0 *d, uint32_t domid, char *dst, size_t n);
/* The directory that a confined model has as its root. */
void dom0_model_root(struct dom0 *d, uint32_t domid, char *dst, size_t n);
int dom0_model_start(struct dom0 *d, const struct dom0_model_job *j,
                     pid_t *pid_out, struct err *e);
/* Is this process the model of just this domain? A pid on record may have been
 * given to another process since, and a process that has let go of its
 * sentinel is none any more. */
enum life dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid);
/* Looks through all processes; *pid_out 0: there is none. -1: that cannot be
 * told, for some could not be looked at. */
int dom0_model_find(struct dom0 *d, uint32_t domid, pid_t *pid_out,
                    struct err *e);
/* m->ended comes from here on. */
int dom0_model_watch(struct dom0 *d, struct dom0_model *m, struct err *e);
void dom0_model_unwatch(struct dom0 *d, struct dom0_model *m);
/* Asks it to close its images and end; at_once: kills it. Its end is told as
 * any other. m need not be watched. */
void dom0_model_end(struct dom0 *d, const struct dom0_model *m, bool at_once);
/* Removes what a model that has ended leaves behind. */
void dom0_model_clean(struct dom0 *d, uint32_t domid);
/* The same for all domains that lives() does not know any more, if no process
 * holds it. */
void dom0_model_sweep(struct dom0 *d, bool (*lives)(void *arg, uint32_t domid),
                      void *arg);
/* A new connection to its control socket, which never blocks. *shared_out: it
 * is one that others use too. ERR_AGAIN: it has no place for another client. */
int dom0_model_connect(struct dom0 *d, uint32_t domid, int *fd_out,
                       bool *shared_out, struct err *e);

#endif
