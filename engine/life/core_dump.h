/*
 * core_dump.h - a core dump of a domain into a file, written by a helper while
 * the domain is paused. Used by the verb, and before a crashed domain is
 * reaped. A file that is not whole is removed; what this paused it unpauses,
 * whatever happens: also when the engine died meanwhile (dump_recover).
 */
#ifndef XENDECK_ENGINE_CORE_DUMP_H
#define XENDECK_ENGINE_CORE_DUMP_H

#include "engine/host/domains.h"
#include "engine/task/file_look.h"
#include "engine/task/task.h"

#define DUMP_PATH_MAX 512

/* Embedded in its task; zeroed means not begun. */
struct dump {
    struct task *task;
    struct helper *helper; /* at work */
    uint32_t domid;
    int fd;                /* with made; -1 once the helper has it */
    struct file_look look; /* of its directory on another host */
    bool begun, reached, made, marked, paused, written, ended;
    char path[DUMP_PATH_MAX]; /* absolute */
    struct err err;
};

/* Call again after each wake-up of t. path NULL or "":
 * DUMP_DIR/NAME.YYYYMMDD-HHMMSS.core. STEP_DONE: d->path is whole.
 * STEP_FAIL: d->err. Progress goes to t. */
enum step_rc dump_domain(struct dump *d, struct task *t, uint32_t domid,
                         const char *path);
/* Stops one at work and takes it back; idempotent, also after the end. */
void dump_fini(struct dump *d);

/* A domain was found: takes back the dump that a dead engine left at it. False:
 * whether there is one cannot be told now, it is to be called again. */
bool dump_recover(struct dom_entry *de);

#endif
