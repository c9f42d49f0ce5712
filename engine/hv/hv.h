/*
 * hv.h - the boundary to the hypervisor: a const table of operations with two
 * drivers, xen (libxenctrl) and sim (in memory). Callers use the wrappers of
 * hv.c; a NULL operation means unsupported and the wrapper says so.
 *
 * Every call is synchronous and, but for hv_destroy of a large domain and
 * hv_build, short. All amounts of memory are KiB, all times nanoseconds.
 * Errors: ERR_NOENT when the domain is gone ("domain 7 no longer exists").
 */
#ifndef XENDECK_ENGINE_HV_H
#define XENDECK_ENGINE_HV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/model.h"
#include "src/base/err.h"

#define HV_CPUS_MAX  1024
#define HV_ALL_VCPUS UINT32_MAX
#define HV_DOMID_MAX 0x7fefU /* DOMID_FIRST_RESERVED - 1 */
#define HV_PAGE_KIB  4U
#define HV_LOG_NAME  "xc"

enum hv_kind { HV_PV, HV_PVH, HV_HVM };

/* XEN_DOMINF_* bits, in our own numbering. */
enum {
    HV_DYING = 1,
    HV_SHUTDOWN = 2, /* hv_dom.reason is valid */
    HV_PAUSED = 4,
    HV_BLOCKED = 8,
    HV_RUNNING = 16
};

/* SHUTDOWN_* of xen/sched.h. */
enum hv_reason {
    HV_POWEROFF = 0,
    HV_REBOOT = 1,
    HV_SUSPEND = 2,
    HV_CRASH = 3,
    HV_WATCHDOG = 4,
    HV_SOFT_RESET = 5
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

struct hv_vcpu {
    bool online, blocked, running;
    unsigned cpu; /* last or current physical cpu */
    uint64_t cpu_ns;
    uint8_t hard[HV_CPUS_MAX / 8]; /* affinity masks, bit n = cpu n */
    uint8_t soft[HV_CPUS_MAX / 8];
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
};

struct hv_create {
    uint8_t uuid[16];
    enum hv_kind kind;
    unsigned max_vcpus;
    unsigned cpupool;
    uint32_t domid; /* 0: Xen picks the next free one */
};

/* A cpupool: its scheduler, the cpus it owns. */
struct hv_pool {
    unsigned id;
    enum sched_kind sched;
    unsigned n_doms;
    uint8_t cpus[HV_CPUS_MAX / 8];
};

/* Percent 0..100 of the whole; what: a few words. */
typedef void (*hv_progress_cb)(void *arg, int percent, const char *what);

/* Where a core dump goes. */
struct hv_core {
    uint32_t domid;
    int fd;
    hv_progress_cb progress;
    void *arg;
};

/* A device that dom0's kernel serves. */
struct hv_dev {
    bool vif; /* else a vbd */
    uint32_t domid;
    uint32_t devid;
};

/* Counters since it was attached; a vif's as the guest sees them. */
struct hv_dev_stats {
    bool known; /* false: it has none (yet) */
    uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
    uint64_t rx_errors, tx_errors, rx_drops, tx_drops;
    uint64_t rd_req, wr_req, rd_sectors, wr_sectors;
};

#define HV_PCI_RES_MAX 7 /* six base addresses and the ROM */
#define HV_PCI_BACK    "pciback"

/* A PCI device of the host. sbdf: segment << 16 | bus << 8 | dev << 3 | func */
struct hv_pci {
    uint32_t sbdf;
    char driver[32]; /* that holds it, HV_PCI_BACK: assignable; "" none */
    unsigned vendor, device;
    unsigned irq; /* 0: none */
    size_t n_res;
    struct {
        bool io; /* ports, else memory */
        uint64_t start, size;
    } res[HV_PCI_RES_MAX];
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

struct hv;

/* What a build needs. The descriptors were opened once by whoever checked the
 * files and are never opened again by path. */
struct hv_build {
    uint32_t domid;
    enum hv_kind kind;
    int kernel_fd;
    int ramdisk_fd; /* -1: none */
    const char *cmdline;
    const char *features; /* required ELF note features, or NULL */
    uint64_t mem_kib;     /* to populate; a multiple of 1024 */
    unsigned max_vcpus;
    uint32_t store_domid, console_domid;
    uint32_t store_port, console_port;
    hv_progress_cb progress;
    void *arg;
};

struct hv_built {
    uint64_t store_mfn, console_mfn; /* mfn for PV, gfn for PVH/HVM */
};

/* What dom0 has under the path of a disk. */
enum hv_disk_kind { HV_DISK_NONE, HV_DISK_FILE, HV_DISK_BLOCK, HV_DISK_OTHER };

struct hv_disk_number {
    unsigned major, minor;
};

#define HV_DISK_ALSO 64

struct hv_disk {
    enum hv_disk_kind kind;
    char path[256];        /* of the file itself, without symbolic links */
    unsigned major, minor; /* HV_DISK_BLOCK: of the device */
    /* Other block devices with bytes of this one: its partitions, or the whole
     * that it is a part of; loop devices that show the file. */
    struct hv_disk_number also[HV_DISK_ALSO];
    size_t n_also;
    /* The file, whatever its names, also of a loop device; 0: there is none. */
    uint64_t file_dev, file_ino;
    /* Why dom0 itself uses it: "mounted on /srv", "swap space"; "": it does
     * not. used_rw: so that it changes. */
    char user[160];
    bool used_rw;
};

/* What a simulated host does in place of a hotplug script. */
struct hv_hotplug {
    const char *verb, *kind;
    const char *back; /* the backend's directory, absolute */
    /* status: as waitpid's; said: its stderr. From the loop. */
    void (*done)(void *arg, int status, const char *said);
    void *arg;
};

struct hv_ops {
    const char *name; /* "xen", "sim": shown in the title bar */
    void (*close)(struct hv *);
    int (*host)(struct hv *, struct hv_host *out, struct err *);
    int (*cpu_idle)(struct hv *, uint64_t *idle_ns, unsigned max,
                    unsigned *n_out, struct err *);
    int (*list)(struct hv *, uint32_t first, struct hv_dom *out, size_t max,
                size_t *n_out, struct err *);
    int (*vcpu)(struct hv *, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
                struct err *);
    int (*create)(struct hv *, const struct hv_create *, uint32_t *domid_out,
                  struct err *);
    int (*set_max_vcpus)(struct hv *, uint32_t domid, unsigned n, struct err *);
    int (*set_affinity)(struct hv *, uint32_t domid, unsigned vcpu,
                        const uint8_t *hard, const uint8_t *soft, struct err *);
    int (*sched_get)(struct hv *, uint32_t domid, unsigned vcpu,
                     struct sched_params *out, struct err *);
    int (*sched_set)(struct hv *, uint32_t domid, unsigned vcpu,
                     const struct sched_params *, struct err *);
    int (*pools)(struct hv *, struct hv_pool *out, size_t max, size_t *n_out,
                 struct err *);
    int (*pool_move)(struct hv *, uint32_t domid, unsigned pool, struct err *);
    int (*set_pod_target)(struct hv *, uint32_t domid, uint64_t kib,
                          struct err *);
    int (*nmi)(struct hv *, uint32_t domid, unsigned vcpu, struct err *);
    int (*dump_core)(struct hv *, const struct hv_core *, struct err *);
    int (*set_maxmem)(struct hv *, uint32_t domid, uint64_t kib, struct err *);
    int (*set_memmap_limit)(struct hv *, uint32_t domid, uint64_t kib,
                            struct err *);
    int (*set_tsc)(struct hv *, uint32_t domid, struct err *);
    int (*apply_cpuid)(struct hv *, uint32_t domid, struct err *);
    int (*alloc_evtchn)(struct hv *, uint32_t domid, uint32_t remote,
                        uint32_t *port_out, struct err *);
    int (*check_built)(struct hv *, uint32_t domid, const struct hv_build *,
                       const struct hv_built *, struct err *);
    int (*pause)(struct hv *, uint32_t domid, struct err *);
    int (*unpause)(struct hv *, uint32_t domid, struct err *);
    int (*shutdown)(struct hv *, uint32_t domid, enum hv_reason, struct err *);
    int (*resume)(struct hv *, uint32_t domid, struct err *);
    int (*destroy)(struct hv *, uint32_t domid, struct err *);
    int (*set_uuid)(struct hv *, uint32_t domid, const uint8_t *uuid,
                    struct err *);
    int (*virq_fd)(struct hv *);
    unsigned (*virq_drain)(struct hv *);
    unsigned (*virq_bound)(const struct hv *);
    int (*console_ring)(struct hv *, char *buf, size_t *n_inout,
                        uint32_t *index_inout, struct err *);
    int (*topology)(struct hv *, struct hv_topology *out, struct err *);
    int (*debug_keys)(struct hv *, const char *keys, struct err *);
    int (*dev_list)(struct hv *, struct hv_dev *out, size_t max, size_t *n_out,
                    struct err *);
    int (*dev_stats)(struct hv *, const struct hv_dev *, size_t n, bool full,
                     struct hv_dev_stats *out, struct err *);
    int (*pci_list)(struct hv *, struct hv_pci *out, size_t max, size_t *n_out,
                    struct err *);
    int (*pci_get)(struct hv *, uint32_t sbdf, struct hv_pci *out,
                   struct err *);
    int (*pci_reset)(struct hv *, uint32_t sbdf, struct err *);
    int (*pci_permissive)(struct hv *, uint32_t sbdf, struct err *);
    int (*assign_device)(struct hv *, uint32_t domid, uint32_t sbdf,
                         bool relaxed, struct err *);
    int (*deassign_device)(struct hv *, uint32_t domid, uint32_t sbdf,
                           struct err *);
    int (*ioport_permission)(struct hv *, uint32_t domid, uint32_t first,
                             uint32_t n, bool allow, struct err *);
    int (*iomem_permission)(struct hv *, uint32_t domid, uint64_t mfn,
                            uint64_t n, bool allow, struct err *);
    int (*irq_permission)(struct hv *, uint32_t domid, unsigned irq, bool allow,
                          struct err *);
    int (*disk)(struct hv *, const char *path, struct hv_disk *out,
                struct err *);
    int (*hotplug)(struct hv *, const struct hv_hotplug *, struct err *);
    void (*hotplug_stop)(struct hv *, void *arg);
    int (*model_start)(struct hv *, uint32_t domid, struct err *);
    void (*model_stop)(struct hv *, uint32_t domid);
    bool (*model_runs)(struct hv *, uint32_t domid);
    void (*model_watch)(struct hv *, uint32_t domid,
                        void (*ended)(void *arg, int status), void *arg);
};

/* First member of each driver's own struct. */
struct hv {
    const struct hv_ops *ops;
    struct hv_trace *trace; /* while calls are traced */
};

void hv_close(struct hv *h); /* NULL is allowed */
int hv_host(struct hv *h, struct hv_host *out, struct err *e);
/* Idle time of each physical cpu since boot; at most max entries. */
int hv_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
                struct err *e);
/* Up to max domains with domid >= first, ascending, in one hypercall. */
int hv_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
            size_t *n_out, struct err *e);
/* One domain; ERR_NOENT if there is none with just this domid. */
int hv_get(struct hv *h, uint32_t domid, struct hv_dom *out, struct err *e);
int hv_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
            struct err *e);

/* The new domain has no memory, no vcpus and pause count 1. */
int hv_create(struct hv *h, const struct hv_create *c, uint32_t *domid_out,
              struct err *e);
/* n: the max_vcpus of hv_create (Xen wants the same number). */
int hv_set_max_vcpus(struct hv *h, uint32_t domid, unsigned n, struct err *e);
/* Masks of HV_CPUS_MAX / 8 bytes; NULL: as it is. ERR_INVALID if no cpu of the
 * pool is in hard. soft is a preference: it may name any cpu. */
int hv_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu,
                    const uint8_t *hard, const uint8_t *soft, struct err *e);
/* The parameters that the scheduler of the domain's pool knows; others are 0.
 * vcpu: rtds only, else HV_ALL_VCPUS (rtds then tells those of vcpu 0). */
int hv_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
                 struct sched_params *out, struct err *e);
/* p->kind must be what hv_sched_get said: Xen refuses any other. */
int hv_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
                 const struct sched_params *p, struct err *e);
/* Ascending by id; at most max, n_out: how many there are. */
int hv_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
             struct err *e);
/* ERR_DENIED for dom0; ERR_INVALID for a pool without cpus. */
int hv_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e);
/* Populate-on-demand of a domain that is not PV follows its target. */
int hv_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib,
                      struct err *e);
int hv_nmi(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e);
/* Blocks as long as the memory takes to write: for helpers. An ELF core. */
int hv_dump_core(struct hv *h, const struct hv_core *c, struct err *e);
int hv_set_maxmem(struct hv *h, uint32_t domid, uint64_t kib, struct err *e);
int hv_set_memmap_limit(struct hv *h, uint32_t domid, uint64_t kib,
                        struct err *e);
int hv_set_tsc(struct hv *h, uint32_t domid, struct err *e); /* mode 0 */
int hv_apply_cpuid(struct hv *h, uint32_t domid, struct err *e);
/* A port in domid that remote may bind. */
int hv_alloc_evtchn(struct hv *h, uint32_t domid, uint32_t remote,
                    uint32_t *port_out, struct err *e);
/* After a helper said that it built domid: is the memory there? */
int hv_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
                   const struct hv_built *r, struct err *e);
/* Pauses nest (at most 255); unpause at zero is ERR_INVALID. */
int hv_pause(struct hv *h, uint32_t domid, struct err *e);
int hv_unpause(struct hv *h, uint32_t domid, struct err *e);
/* As if the guest itself had called SCHEDOP_shutdown with this reason. */
int hv_shutdown(struct hv *h, uint32_t domid, enum hv_reason r, struct err *e);
/* Lets a suspended guest run on: its suspend hypercall returns "cancelled".
 * store_resume must follow. ERR_INVALID if it is not shut down. */
int hv_resume(struct hv *h, uint32_t domid, struct err *e);
/* Blocks until the memory is freed (seconds for a large domain: then use a
 * helper). The domain may linger as dying afterwards. */
int hv_destroy(struct hv *h, uint32_t domid, struct err *e);
/* Another uuid for a domain, in any state of its life. */
int hv_set_uuid(struct hv *h, uint32_t domid, const uint8_t uuid[16],
                struct err *e);
/* Readable while VIRQs are pending; -1: none could be bound. */
int hv_virq_fd(struct hv *h);
/* HV_VIRQ_ bits that were pending; acknowledges them. */
unsigned hv_virq_drain(struct hv *h);
/* Bits of the VIRQs that are bound. */
unsigned hv_virq_bound(const struct hv *h);
/* Incremental read of Xen's log. n: capacity in, bytes out. */
int hv_console_ring(struct hv *h, char *buf, size_t *n_inout,
                    uint32_t *index_inout, struct err *e);
/* What stands at a path of dom0, and who uses it there. A path with nothing
 * is success, HV_DISK_NONE. */
int hv_disk(struct hv *h, const char *path, struct hv_disk *out, struct err *e);
/* ERR_UNSUPPORTED: the script itself has to be run. */
int hv_hotplug(struct hv *h, const struct hv_hotplug *j, struct err *e);
/* Ends what is at work for arg, without done. */
void hv_hotplug_stop(struct hv *h, void *arg);
/* A simulated host's device models, which are no processes; on Xen there are
 * none. ended (NULL: nobody any more): from the loop, status as waitpid's. */
int hv_model_start(struct hv *h, uint32_t domid, struct err *e);
void hv_model_stop(struct hv *h, uint32_t domid);
bool hv_model_runs(struct hv *h, uint32_t domid);
void hv_model_watch(struct hv *h, uint32_t domid,
                    void (*ended)(void *arg, int status), void *arg);

/* Where the cpus sit, and the memory of each NUMA node. */
int hv_topology(struct hv *h, struct hv_topology *out, struct err *e);
/* As if typed on Xen's serial console. */
int hv_debug_keys(struct hv *h, const char *keys, struct err *e);

/* --- devices --- */
/* The vifs and vbds that dom0's kernel serves, in no order; n_out: how many
 * there are, also beyond max. */
int hv_dev_list(struct hv *h, struct hv_dev *out, size_t max, size_t *n_out,
                struct err *e);
/* Counters of n devices at once: out[i] of devs[i]. full false: bytes and
 * sectors only, which is cheaper. */
int hv_dev_stats(struct hv *h, const struct hv_dev *devs, size_t n, bool full,
                 struct hv_dev_stats *out, struct err *e);
/* PCI devices that can be given to domains; n_out as above. */
int hv_pci_list(struct hv *h, struct hv_pci *out, size_t max, size_t *n_out,
                struct err *e);
/* ERR_NOENT: no device at this address. */
int hv_pci_get(struct hv *h, uint32_t sbdf, struct hv_pci *out, struct err *e);
/* Before it goes to another domain: nothing of the last one is left in it. */
int hv_pci_reset(struct hv *h, uint32_t sbdf, struct err *e);
/* The next domain may write to its whole configuration space. */
int hv_pci_permissive(struct hv *h, uint32_t sbdf, struct err *e);
/* Through the IOMMU; relaxed: reserved memory regions are tolerated. A host
 * without one is success for a PV domain, as libxl has it. */
int hv_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                     struct err *e);
/* Back to nobody: Xen keeps it in quarantine. */
int hv_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf,
                       struct err *e);
int hv_ioport_permission(struct hv *h, uint32_t domid, uint32_t first,
                         uint32_t n, bool allow, struct err *e);
/* n pages from frame mfn. */
int hv_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                        bool allow, struct err *e);
/* Maps the host's irq for the domain and allows it, or takes both back. */
int hv_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                      struct err *e);

#endif
