/*
 * hv_memory.h - how much memory a domain may own. Amounts are KiB.
 */
#ifndef XENDECK_ENGINE_HV_MEMORY_H
#define XENDECK_ENGINE_HV_MEMORY_H

#include "engine/hv/hv_types.h"
#include "engine/model/memory_use.h"

/* What this Xen does not tell of a domain is 0. */
int hv_memory_use(struct hv *h, uint32_t domid, struct memory_use *out,
                  struct err *e);
int hv_set_maxmem(struct hv *h, uint32_t domid, uint64_t kib, struct err *e);
int hv_set_memmap_limit(struct hv *h, uint32_t domid, uint64_t kib,
                        struct err *e);
/* Populate-on-demand of a domain that is not PV follows its target. */
int hv_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib,
                      struct err *e);

#endif
