/*
 * guest_kernel.h - what a PV or PVH guest is started by: a kernel of dom0's, a
 * firmware in its place, or what a boot loader finds.
 */
#ifndef XENDECK_ENGINE_GUEST_KERNEL_H
#define XENDECK_ENGINE_GUEST_KERNEL_H

#include "engine/guest/guest.h"

/* Refuses what goes with no kernel, whatever the host. */
int guest_kernel_check(const struct domain_config *c, struct err *e);
/* Are its files dom0's? Those that a boot loader finds are in a disk. */
bool guest_kernel_in_dom0(const struct domain_config *c);
/* What guest_kernel_look looks for, as the configuration names it: a path, or a
 * word for a file of this host. Borrowed; NULL: nothing. */
const char *guest_kernel_looked_for(const struct domain_config *c);
/* Is the boot loader on this host, or the firmware in the place of a kernel? */
int guest_kernel_look(struct engine *en, const struct domain_config *c,
                      struct err *e);
/* Before anything is built: refuses the file of image.kernel, open as fd, that
 * the builder would refuse by its kind. */
int guest_kernel_check_file(const struct domain_config *c, int fd,
                            struct err *e);
/* Removes the kernels that are kept unpacked and are of no use any more
 * (hv/kernel_keep.h). Nothing in a one-shot engine. */
void guest_kernels_sweep(struct engine *en);
/* A handler's prepare and job. */
int guest_kernel_prepare(struct guest *g, struct err *e);
void guest_kernel_job(const struct guest *g, struct hv_build *b);

#endif
