/*
 * create_tune.h - what a creation sets of processors: pool, affinity,
 * scheduler.
 */
#ifndef XENDECK_ENGINE_CREATE_TUNE_H
#define XENDECK_ENGINE_CREATE_TUNE_H

#include "engine/life/create_int.h"

/* Refuses a vcpu that may run on none of this many cpus of the host; 0: their
 * number is not known. */
int create_check_cpus(const struct domain_config *cfg, unsigned cpus,
                      struct err *e);
/* The pool by its name, before anything is made. */
int create_find_pool(struct create *c, struct err *e);
/* Affinity and scheduler parameters, once the domain has its vcpus. */
int create_tune(struct create *c, struct err *e);

#endif
