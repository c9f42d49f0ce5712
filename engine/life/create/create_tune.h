/*
 * create_tune.h - what a creation sets of processors: pool, affinity,
 * scheduler.
 */
#ifndef XENDECK_ENGINE_CREATE_TUNE_H
#define XENDECK_ENGINE_CREATE_TUNE_H

#include "engine/life/create_int.h"

/* Refuses a vcpu that may run on none of the host's cpus. */
int create_check_cpus(struct create *c, struct err *e);
/* The pool by its name, before anything is made. */
int create_find_pool(struct create *c, struct err *e);
/* Affinity and scheduler parameters, once the domain has its vcpus. */
int create_tune(struct create *c, struct err *e);

#endif
