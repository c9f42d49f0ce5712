/*
 * linux_model.h - what the files on device models share, and a driver whose
 * models have their sockets elsewhere: for tests.
 */
#ifndef XENDECK_ENGINE_LINUX_MODEL_H
#define XENDECK_ENGINE_LINUX_MODEL_H

#include <spawn.h>
#include <sys/types.h>
#include <time.h>

#include "engine/dom0/dom0.h"

/* As linux_dom0_open; dir (borrowed) in place of /var/run/xen. */
struct dom0 *linux_dom0_open_at(struct loop *lp, const char *dir);
const char *linux_model_dir(const struct dom0 *d);
/* The path of the program that runs as a model; NULL: the host's own. */
int linux_model_program(const char *program, char *dst, size_t n,
                        struct err *e);
/* at, made: no signal is blocked or ignored; more: further flags. */
void linux_model_spawn_attr(posix_spawnattr_t *at, short more);

/* What the program that was asked last knows (linux_model_probe.c). */
struct model_known {
    uint64_t until_ns; /* of the loop's clock: not kept any longer */
    bool run_with_chroot, run_with_user;
    dev_t dev;
    ino_t ino;
    struct timespec changed;
};
struct model_known *linux_model_known(struct dom0 *d);

/* linux_sentinel.c: a fifo that a model holds open from its first moment to
 * its last, for reading and writing, and nobody else does. */
/* A new one; *fd_out is for the model. */
int linux_sentinel_make(struct dom0 *d, uint32_t domid, int *fd_out,
                        struct err *e);
enum linux_sentinel { SENTINEL_NONE, SENTINEL_DEAD, SENTINEL_HELD };
enum linux_sentinel linux_sentinel_look(struct dom0 *d, uint32_t domid);
/* For reading: it hangs up when the model has ended. -1: there is none. */
int linux_sentinel_open(struct dom0 *d, uint32_t domid);
void linux_sentinel_path(const struct dom0 *d, uint32_t domid, char *dst,
                         size_t n);

#endif
