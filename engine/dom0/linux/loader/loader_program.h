/*
 * loader_program.h - boot loaders as child processes of this one, for each
 * driver of dom0's boundary whose dom0 has processes. Contracts as those of
 * the operations in engine/dom0/dom0_loader.h.
 */
#ifndef XENDECK_ENGINE_LOADER_PROGRAM_H
#define XENDECK_ENGINE_LOADER_PROGRAM_H

#include "engine/dom0/dom0_loader.h"

int loader_program_find(const char *name, char *dst, size_t n, struct err *e);
int loader_program_start(struct loop *lp, struct dom0_loader *l,
                         const struct dom0_loader_job *j, struct err *e);
void loader_program_stop(struct dom0_loader *l);

#endif
