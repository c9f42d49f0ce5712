/*
 * xen_int.h - what the files of the Xen driver share. Private to xen*.c: the
 * only header of the project that includes the Xen ones.
 */
#ifndef XENDECK_ENGINE_HV_XEN_INT_H
#define XENDECK_ENGINE_HV_XEN_INT_H

#include "engine/hv/xen/xen.h"
#include "src/base/list.h"

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenguest.h>
#include <xentoollog.h>

#define XEN_TEXT_MAX 256

/* Where the lines of the Xen libraries go; never stderr, which is the screen.
 * One a handle: it also keeps what a failed call complained about. */
struct xen_logger {
    xentoollog_logger xtl; /* first: the libraries hand back its address */
    struct log *lg;        /* borrowed, or NULL */
    xen_say_cb say;        /* or NULL */
    void *arg;
    unsigned quiet;           /* > 0: errors count as debug lines */
    char first[XEN_TEXT_MAX]; /* first and last error since xen_log_reset */
    char last[XEN_TEXT_MAX];
    /* progress inside a library call, percent 0..100, or NULL */
    void (*progress)(void *arg, int percent, const char *what);
    void *progress_arg;
};

enum { XEN_VIRQS = 3 };

struct dev_stats;

struct xen {
    struct hv hv; /* first */
    struct xen_logger xl;
    xc_interface *xch;
    xenevtchn_handle *xce;    /* NULL: no VIRQ bound */
    int virq_port[XEN_VIRQS]; /* -1: not bound; in the order of xen_virq.c */
    bool gnttab_v2;
    size_t map_bytes;       /* of a cpumap as Xen wants it */
    xc_domaininfo_t *infos; /* scratch of the listing, kept between calls */
    size_t infos_max;
    struct dev_stats *stats; /* made at the first use */
};

static inline struct xen *
xen_of(struct hv *h)
{
    return container_of(h, struct xen, hv);
}

/* xen_log.c */
void xen_log_init(struct xen_logger *xl, struct log *lg, xen_say_cb say,
                  void *arg);
void xen_log_reset(struct xen_logger *xl);
void xen_log_say(struct xen_logger *xl, enum log_level level, const char *fmt,
                 ...) __attribute__((format(printf, 3, 4)));
/* The library's complaint without the place in its source; "" if none. */
const char *xen_log_detail(const char *text);

/* xen_err.c: all return -1 with one sentence for this errno. */
int xen_err_open(struct err *e, int errnum);
int xen_err_host(struct err *e, int errnum, const char *what);
int xen_err_dom(struct err *e, uint32_t domid, int errnum, const char *what);

/* xen_info.c */
int xen_host(struct hv *h, struct hv_host *out, struct err *e);
int xen_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
                 struct err *e);
int xen_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
             size_t *n_out, struct err *e);
int xen_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
                    const struct hv_built *r, struct err *e);
int xen_topology(struct hv *h, struct hv_topology *out, struct err *e);
int xen_debug_keys(struct hv *h, const char *keys, struct err *e);
int xen_console_ring(struct hv *h, char *buf, size_t *n_inout,
                     uint32_t *index_inout, struct err *e);

/* xen_vcpu.c */
int xen_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
             struct err *e);
int xen_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu,
                     const uint8_t *hard, const uint8_t *soft, struct err *e);
/* ESRCH and EINVAL mean the domain or the vcpu: by errno. */
int xen_err_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e);

/* xen_pool.c */
int xen_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
              struct err *e);
int xen_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e);
int xen_pool_sched(struct xen *x, unsigned pool, enum sched_kind *out,
                   struct err *e);

/* xen_tune.c */
int xen_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
                  struct sched_params *out, struct err *e);
int xen_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
                  const struct sched_params *p, struct err *e);
int xen_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib,
                       struct err *e);
int xen_nmi(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e);
int xen_dump_core(struct hv *h, const struct hv_core *c, struct err *e);

/* xen_virq.c */
void xen_virq_open(struct xen *x);
void xen_virq_close(struct xen *x);
int xen_virq_fd(struct hv *h);
unsigned xen_virq_drain(struct hv *h);
unsigned xen_virq_bound(const struct hv *h);

/* xen_stats.c */
int xen_dev_list(struct hv *h, struct hv_dev *out, size_t max, size_t *n_out,
                 struct err *e);
int xen_dev_stats(struct hv *h, const struct hv_dev *devs, size_t n, bool full,
                  struct hv_dev_stats *out, struct err *e);

/* xen_pci.c */
int xen_pci_list(struct hv *h, struct hv_pci *out, size_t max, size_t *n_out,
                 struct err *e);
int xen_pci_get(struct hv *h, uint32_t sbdf, struct hv_pci *out, struct err *e);
int xen_pci_reset(struct hv *h, uint32_t sbdf, struct err *e);
int xen_pci_permissive(struct hv *h, uint32_t sbdf, struct err *e);
int xen_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                      struct err *e);
int xen_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf,
                        struct err *e);
int xen_ioport_permission(struct hv *h, uint32_t domid, uint32_t first,
                          uint32_t n, bool allow, struct err *e);
int xen_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                         bool allow, struct err *e);
int xen_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                       struct err *e);

#endif
