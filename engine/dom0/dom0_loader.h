/*
 * dom0_loader.h - boot loaders as programs that dom0 runs on a terminal of
 * their own. What one is told and what it answers is engine/guest's to know.
 */
#ifndef XENDECK_ENGINE_DOM0_LOADER_H
#define XENDECK_ENGINE_DOM0_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"

struct dom0;

struct dom0_loader_job {
    const char *program; /* absolute */
    /* Without the program's name: n_args of them, each NUL-terminated. */
    const struct buf *args;
    size_t n_args;
    /* Its rights are dropped, where this process has any: it becomes nobody,
     * reads the disk and the system's programs, writes the two others. */
    bool confined;
    const char *disk, *dir, *answer; /* absolute */
    /* An image in this format ("qcow2") is opened first, so that disk, a file
     * that is there and empty, shows what the guest will see; NULL: disk is the
     * guest's own. */
    const char *image, *format;
};

/* One at work; embedded in its owner, zeroed means idle. */
struct dom0_loader {
    /* From the loop, once; status as waitpid's. What it wrote may wait in its
     * terminal. */
    void (*ended)(struct dom0_loader *l, int status);
    int tty; /* the master of its terminal, which never blocks */
    pid_t pid;
    bool opening;            /* the image: it is not this far itself */
    struct err why;          /* ended, and was never run; or ERR_NONE */
    struct loop_child child; /* the driver's, as is the next */
    struct loader_image *image;
};

/* A program as a configuration names it: a path, or a name that is looked up
 * where Xen keeps its programs, then in PATH. ERR_NOENT: there is none. */
int dom0_loader_find(struct dom0 *d, const char *name, char *dst, size_t n,
                     struct err *e);
/* Can this host show an image in this format to a boot loader? */
int dom0_loader_can_open(struct dom0 *d, const char *format, struct err *e);
/* l->ended is the caller's to fill before. */
int dom0_loader_start(struct dom0 *d, struct dom0_loader *l,
                      const struct dom0_loader_job *j, struct err *e);
/* Kills one at work with all that it has started, without telling its end;
 * closes its terminal. Idempotent. */
void dom0_loader_stop(struct dom0 *d, struct dom0_loader *l);
/* A disk that an engine which is gone had an image shown by: the file is as any
 * other again. Nothing else is touched. */
void dom0_loader_let_go(struct dom0 *d, const char *disk);

#endif
