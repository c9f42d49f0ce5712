/*
 * hv_machine.h - what machine a new domain sees: limits that are fixed at its
 * creation, and what is set before its memory is filled.
 */
#ifndef XENDECK_ENGINE_HV_MACHINE_H
#define XENDECK_ENGINE_HV_MACHINE_H

#include "engine/hv/hv_types.h"

struct cpuid_leaf;

#define HV_LIMIT_DEFAULT (-1)

/* Fixed at the creation. Members of -1 (0 of event channels) are Xen's or
 * libxl's defaults. */
struct hv_limits {
    int32_t grant_frames, maptrack_frames, grant_version;
    uint32_t event_channels;
    bool hap; /* PVH and HVM: paging by the processor, if it can */
    bool no_oos, nested, vpmu, msr_relaxed, iommu;
};

/* Refuses a PCI device for a domain that was made without limits.iommu. */
int hv_no_iommu(uint32_t domid, struct err *e);

/* HVM_PARAMs of PVH and HVM domains. */
struct hv_params {
    unsigned timer_mode, altp2m;
    bool hvm; /* those of a whole machine as well */
    bool hpet, vpt_align;
    uint64_t viridian, mca_caps; /* 0: none */
};

struct hv_cpuid {
    bool pae;
    bool itsc; /* the stamp counter may be called invariant */
    bool nested;
    const struct cpuid_leaf *leaves; /* engine/config/hardware/cpuid.h */
    size_t n;
};

/* mode: enum config_tsc. */
int hv_set_tsc(struct hv *h, uint32_t domid, unsigned mode, struct err *e);
/* Seconds that the domain's clock is ahead of UTC. */
int hv_set_time_offset(struct hv *h, uint32_t domid, int32_t seconds,
                       struct err *e);
/* Xen's memory for the page tables of a PVH or HVM domain; before it is
 * filled. */
int hv_set_paging_pool(struct hv *h, uint32_t domid, uint64_t kib,
                       struct err *e);
int hv_set_params(struct hv *h, uint32_t domid, const struct hv_params *p,
                  struct err *e);
/* A PV domain sees the holes of the host's memory map. mem_kib: its memory,
 * max_kib: up to which it may grow. */
int hv_set_host_map(struct hv *h, uint32_t domid, uint64_t mem_kib,
                    uint64_t max_kib, struct err *e);
/* An HVM guest that was restored sees another generation than the one it was
 * saved with, where its firmware has put it into its memory; nothing is written
 * where it has put none. */
int hv_set_generation(struct hv *h, uint32_t domid, const uint64_t id[2],
                      struct err *e);
/* What the host's CPUID tells of a leaf, in the order of enum cpuid_reg; zeros
 * of a leaf that it does not have. subleaf: CPUID_NO_SUBLEAF is the only or the
 * first one. */
int hv_host_cpuid(struct hv *h, uint32_t leaf, uint32_t subleaf,
                  uint32_t regs[4], struct err *e);
int hv_apply_cpuid(struct hv *h, uint32_t domid, const struct hv_cpuid *c,
                   struct err *e);

#endif
