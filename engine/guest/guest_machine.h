/*
 * guest_machine.h - what the machine of a guest is, whatever its kind: limits,
 * clock, page tables, cpuid.
 */
#ifndef XENDECK_ENGINE_GUEST_MACHINE_H
#define XENDECK_ENGINE_GUEST_MACHINE_H

#include "engine/guest/guest.h"

/* What is fixed at the creation. */
void guest_limits(const struct domain_config *c, struct hv_limits *out);
/* Refuses a host whose processors are other than the configuration asks. */
int guest_check_machine(struct engine *en, const struct domain_config *c,
                        struct err *e);
/* Sets what the domain's machine is, before its memory is filled. */
int guest_set_machine(struct guest *g, struct err *e);
/* Memory for page tables, in KiB: what the configuration says, but not less
 * than xend gave, 256 pages a vcpu and 2 a MiB. */
uint64_t guest_pool_kib(const struct domain_config *c);
/* KiB rounded up to the large pages that Xen gives. */
uint64_t guest_round_kib(uint64_t kib, uint64_t step);
#endif
