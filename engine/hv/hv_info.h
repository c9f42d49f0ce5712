/*
 * hv_info.h - what the hypervisor tells of its host and its domains, and what
 * wakes the engine up.
 */
#ifndef XENDECK_ENGINE_HV_INFO_H
#define XENDECK_ENGINE_HV_INFO_H

#include "engine/hv/hv_types.h"

/* XEN_DOMINF_* bits, in our own numbering. */
enum {
    HV_DYING = 1,
    HV_SHUTDOWN = 2, /* hv_dom.reason is valid */
    HV_PAUSED = 4,
    HV_BLOCKED = 8,
    HV_RUNNING = 16
};

/* One entry of xc_domain_getinfolist. */
struct hv_dom {
    uint32_t domid;
    uint8_t uuid[16]; /* display order */
    enum hv_kind kind;
    unsigned flags;   /* HV_ bits */
    unsigned reason;  /* enum hv_reason, or a value Xen may add */
    uint64_t mem_kib; /* owned now + claimed */
    uint64_t max_kib; /* may own; UINT64_MAX: no limit (dom0) */
    uint64_t cpu_ns;  /* all vcpus since creation */
    unsigned vcpus_online;
    unsigned vcpus_max; /* max_vcpu_id + 1; 0: none made yet */
    unsigned cpupool;
};

struct hv_host {
    char version[64];   /* "4.17.5" */
    char scheduler[16]; /* "credit2" */
    char caps[256];     /* XENVER_capabilities */
    char cmdline[256];
    unsigned cpus, nodes, cores_per_socket, threads_per_core;
    uint64_t cpu_khz;
    uint64_t total_kib;
    uint64_t free_kib; /* free + scrubbing - claimed: what can be given out */
    bool has_hvm, has_pv, has_hap, has_iommu, gnttab_v2;
    bool has_shadow; /* paging of Xen's own, which PV domains need to migrate
                        while they run */
};

#define HV_NODES_MAX 64

struct hv_topology {
    unsigned n_cpus;
    struct {
        bool online;
        unsigned core, socket, node;
    } cpu[HV_CPUS_MAX];
    unsigned n_nodes;
    struct {
        unsigned id;
        uint64_t total_kib, free_kib;
    } node[HV_NODES_MAX];
};

enum { HV_VIRQ_DOM_EXC = 1, HV_VIRQ_CON_RING = 2, HV_VIRQ_ENOMEM = 4 };

int hv_host(struct hv *h, struct hv_host *out, struct err *e);
/* What the processors can do, as guests of this kind may be told: words of
 * bits. *n_inout: room in, words out. */
int hv_cpu_features(struct hv *h, enum hv_kind kind, uint32_t *words,
                    unsigned *n_inout, struct err *e);
/* Idle time of each physical cpu since boot; at most max entries. */
int hv_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
                struct err *e);
/* Up to max domains with domid >= first, ascending, in one hypercall. */
int hv_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
            size_t *n_out, struct err *e);
/* One domain; ERR_NOENT if there is none with just this domid. */
int hv_get(struct hv *h, uint32_t domid, struct hv_dom *out, struct err *e);
/* Where the cpus sit, and the memory of each NUMA node. */
int hv_topology(struct hv *h, struct hv_topology *out, struct err *e);
/* Readable while VIRQs are pending; -1: none could be bound. */
int hv_virq_fd(struct hv *h);
/* HV_VIRQ_ bits that were pending; acknowledges them. */
unsigned hv_virq_drain(struct hv *h);
/* Bits of the VIRQs that are bound. */
unsigned hv_virq_bound(const struct hv *h);
/* Incremental read of Xen's log. n: capacity in, bytes out. */
int hv_console_ring(struct hv *h, char *buf, size_t *n_inout,
                    uint32_t *index_inout, struct err *e);
/* As if typed on Xen's serial console. */
int hv_debug_keys(struct hv *h, const char *keys, struct err *e);

#endif
