/*
 * guest_loader.h - the boot loader of a PV or PVH guest: a program of dom0 that
 * looks for kernel and ramdisk in the guest's first disk, each time that the
 * guest boots. It talks in the guest's console, and may have a menu.
 */
#ifndef XENDECK_ENGINE_GUEST_LOADER_H
#define XENDECK_ENGINE_GUEST_LOADER_H

#include "engine/guest/guest.h"

/* Is the guest started by one? A guest from a stream is not. */
bool guest_has_loader(const struct guest *g);
/* Refuses what no boot loader can do, whatever the host. */
int guest_loader_check(const struct domain_config *c, struct err *e);
/* The path of its program on this host. */
int guest_loader_find(struct engine *en, const struct domain_config *c,
                      char *dst, size_t n, struct err *e);
/* The program, before anything is made. */
int guest_loader_prepare(struct guest *g, struct err *e);
/* The step: at its end files and command line of g are what it has found. Done
 * at once where there is none. */
enum step_rc guest_loader_run(struct guest *g, struct err *e);
enum step_rc guest_loader_undo(struct guest *g);
/* Ends one at work. Idempotent. */
void guest_loader_fini(struct guest *g);

/* Of handlers that have the step: a row of their steps. */
#define GUEST_LOADER_STEP                                                      \
    {                                                                          \
        .step = { .id = "loader",                                              \
                  .label = "boot loader",                                      \
                  .cancellable = true },                                       \
        .run = guest_loader_run, .undo = guest_loader_undo                     \
    }

#endif
