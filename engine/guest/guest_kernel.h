/*
 * guest_kernel.h - what a PV or PVH guest is started by: a kernel of dom0's, a
 * firmware in its place, or what a boot loader finds.
 */
#ifndef XENDECK_ENGINE_GUEST_KERNEL_H
#define XENDECK_ENGINE_GUEST_KERNEL_H

#include "engine/guest/guest.h"

/* Refuses what goes with no kernel, whatever the host. */
int guest_kernel_check(const struct domain_config *c, struct err *e);
/* The same of this host: is what starts it there? en NULL: of what only its
 * dom0 knows, nothing is said. */
int guest_kernel_look(struct engine *en, const struct domain_config *c,
                      struct err *e);
/* A handler's prepare and job. */
int guest_kernel_prepare(struct guest *g, struct err *e);
void guest_kernel_job(const struct guest *g, struct hv_build *b);

#endif
