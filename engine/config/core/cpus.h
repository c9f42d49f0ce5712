/*
 * cpus.h - Xen's cpu lists and masks of CONFIG_CPUS_MAX bits.
 */
#ifndef XENDECK_ENGINE_CONFIG_CPUS_H
#define XENDECK_ENGINE_CONFIG_CPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define CONFIG_CPUS_MAX 1024 /* as HV_CPUS_MAX */

/* A Xen cpu list ("0-3,5", "all", "^2" excludes). False with a reason in *e. */
int cpus_parse(const char *text, uint8_t *mask, struct err *e);
void cpus_print(const uint8_t *mask, unsigned n_cpus, struct buf *out);
/* True if a mask has one of the cpus of a host that has n_cpus. */
bool cpus_any_below(const uint8_t *mask, unsigned n_cpus);

#endif
