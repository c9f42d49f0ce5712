/*
 * xen_int.h - what the files of the Xen driver share. Private to xen*.c: the
 * only header of the project that includes the Xen ones.
 */
#ifndef XENDECK_ENGINE_HV_XEN_INT_H
#define XENDECK_ENGINE_HV_XEN_INT_H

#include "engine/hv/hv_driver.h"
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

struct xen {
    struct hv hv; /* first */
    struct xen_logger xl;
    xc_interface *xch;
    xenevtchn_handle *xce;    /* NULL: no VIRQ bound */
    int virq_port[XEN_VIRQS]; /* -1: not bound; in the order of xen_virq.c */
    bool gnttab_v2, hap, iommu;
    size_t map_bytes;       /* of a cpumap as Xen wants it */
    xc_domaininfo_t *infos; /* scratch of the listing, kept between calls */
    size_t infos_max;
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

/* The operations, all named after their rows. */
#define HV_OP(name, params, args, ...) int xen_##name params;
#include "engine/hv/hv_ops.def"

/* xen_machine.c: the map of a PV domain, E820MAX entries, with the holes of
 * the host's; returns how many. */
unsigned xen_host_map(const struct e820entry *host, unsigned n_host,
                      uint64_t mem_kib, uint64_t max_kib,
                      struct e820entry *map);

/* xen_vcpu.c */
/* ESRCH and EINVAL mean the domain or the vcpu: by errno. */
int xen_err_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e);

/* xen_pool.c */
int xen_pool_sched(struct xen *x, unsigned pool, enum sched_kind *out,
                   struct err *e);

/* xen_virq.c */
void xen_virq_open(struct xen *x);
void xen_virq_close(struct xen *x);
int xen_virq_fd(struct hv *h);
unsigned xen_virq_drain(struct hv *h);
unsigned xen_virq_bound(const struct hv *h);

#endif
