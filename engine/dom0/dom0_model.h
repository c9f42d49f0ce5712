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

#define DOM0_MODEL_PID_MAX     (1U << 22)
#define DOM0_MODEL_PASSWORD_FD 3

struct dom0;

struct dom0_model_job {
    uint32_t domid;
    /* Without the program's name: n_args of them, each NUL-terminated. */
    const struct buf *args;
    size_t n_args;
    const char *log;      /* path of its log; an older one is kept as .1 */
    const char *password; /* it reads it from the descriptor, or NULL */
};

/* A model that is watched; embedded in its owner. */
struct dom0_model {
    uint32_t domid;
    pid_t pid;
    /* From the loop, once; status as waitpid's, -1 if it was no child. */
    void (*ended)(struct dom0_model *m, int status);
    struct loop_child child; /* the driver's */
};

/* Can this host start any? */
bool dom0_has_model_program(struct dom0 *d);
int dom0_model_start(struct dom0 *d, const struct dom0_model_job *j,
                     pid_t *pid_out, struct err *e);
/* Is this process the model of just this domain? A pid on record may have been
 * given to another process since. */
bool dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid);
/* Looks through all processes; 0: there is none. */
pid_t dom0_model_find(struct dom0 *d, uint32_t domid);
/* m->ended comes from here on. */
int dom0_model_watch(struct dom0 *d, struct dom0_model *m, struct err *e);
void dom0_model_unwatch(struct dom0 *d, struct dom0_model *m);
/* Asks it to close its images and end; at_once: kills it. Its end is told as
 * any other. m need not be watched. */
void dom0_model_end(struct dom0 *d, const struct dom0_model *m, bool at_once);
/* Removes what a model that has ended leaves behind. */
void dom0_model_clean(struct dom0 *d, uint32_t domid);
/* The last line of a log, made safe; "" if it said nothing. */
void dom0_model_log_tail(struct dom0 *d, const char *log, char *dst, size_t n);

#endif
