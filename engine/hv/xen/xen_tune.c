/*
 * xen_tune.c - scheduler parameters, populate-on-demand, NMI, core dumps.
 * Xen answers EINVAL to a call for another scheduler than that of the domain's
 * pool, so the pool is asked first.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"

/* --- schedulers --- */

static int
sched_of(struct hv *h, uint32_t domid, struct hv_dom *d, enum sched_kind *out,
         struct err *e)
{
    if (hv_get(h, domid, d, e) < 0)
        return -1;
    return xen_pool_sched(xen_of(h), d->cpupool, out, e);
}

/* The domain-wide call tells rtds's defaults, not what is set: the first vcpu
 * stands for all. */
static int
get_rtds(struct hv *h, uint32_t domid, unsigned vcpu, struct sched_params *out,
         struct err *e)
{
    struct xen_domctl_schedparam_vcpu v = { 0 };

    v.vcpuid = vcpu == HV_ALL_VCPUS ? 0 : vcpu;
    if (xc_sched_rtds_vcpu_get(xen_of(h)->xch, domid, &v, 1) < 0)
        return xen_err_vcpu(h, domid, v.vcpuid, e);
    out->period_us = v.u.rtds.period;
    out->budget_us = v.u.rtds.budget;
    out->extratime = (v.u.rtds.flags & XEN_DOMCTL_SCHEDRT_extra) != 0;
    return 0;
}

static int
no_params(struct err *e, uint32_t domid, enum sched_kind k)
{
    return err_set(e, ERR_UNSUPPORTED,
                   "domain %u is in a cpu pool of the %s scheduler, which "
                   "has no parameters for a domain",
                   domid, sched_kind_name(k));
}

int
xen_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
              struct sched_params *out, struct err *e)
{
    xc_interface *xch = xen_of(h)->xch;
    struct sched_params p = { 0 };
    struct xen_domctl_sched_credit c = { 0 };
    struct xen_domctl_sched_credit2 c2 = { 0 };
    struct hv_dom d;
    int r = 0;

    if (sched_of(h, domid, &d, &p.kind, e) < 0)
        return -1;
    if (p.kind == SCHEDULER_RTDS && get_rtds(h, domid, vcpu, &p, e) < 0)
        return -1;
    if (p.kind == SCHEDULER_CREDIT) {
        r = xc_sched_credit_domain_get(xch, domid, &c);
        p.weight = c.weight;
        p.cap = c.cap;
    } else if (p.kind == SCHEDULER_CREDIT2) {
        r = xc_sched_credit2_domain_get(xch, domid, &c2);
        p.weight = c2.weight;
        p.cap = c2.cap;
    }
    if (r < 0)
        return xen_err_dom(e, domid, errno, "scheduler parameters");
    *out = p;
    return 0;
}

/* The domain-wide call of rtds leaves extratime as it is: every vcpu is set,
 * as libxl does. */
static int
xen_tune_set_rtds(struct hv *h, const struct hv_dom *d, unsigned vcpu,
                  const struct sched_params *p, struct err *e)
{
    unsigned i, n = vcpu == HV_ALL_VCPUS ? d->vcpus_max : 1;
    struct xen_domctl_schedparam_vcpu *v = xcalloc(n + 1, sizeof(*v));
    int rc = 0;

    for (i = 0; i < n; i++) {
        v[i].vcpuid = vcpu == HV_ALL_VCPUS ? i : vcpu;
        v[i].u.rtds.period = p->period_us;
        v[i].u.rtds.budget = p->budget_us;
        v[i].u.rtds.flags = p->extratime ? XEN_DOMCTL_SCHEDRT_extra : 0;
    }
    if (xc_sched_rtds_vcpu_set(xen_of(h)->xch, d->domid, v, n) < 0)
        rc = xen_err_vcpu(h, d->domid, v[0].vcpuid, e);
    free(v);
    return rc;
}

int
xen_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
              const struct sched_params *p, struct err *e)
{
    xc_interface *xch = xen_of(h)->xch;
    struct xen_domctl_sched_credit c = { .weight = (uint16_t)p->weight,
                                         .cap = (uint16_t)p->cap };
    struct xen_domctl_sched_credit2 c2 = { .weight = (uint16_t)p->weight,
                                           .cap = (uint16_t)p->cap };
    enum sched_kind kind;
    struct hv_dom d;
    int r;

    if (sched_of(h, domid, &d, &kind, e) < 0)
        return -1;
    if (kind != p->kind)
        return err_set(e, ERR_INVALID,
                       "domain %u is in a cpu pool of the %s scheduler, not "
                       "of %s",
                       domid, sched_kind_name(kind), sched_kind_name(p->kind));
    if (kind == SCHEDULER_RTDS)
        return xen_tune_set_rtds(h, &d, vcpu, p, e);
    if (kind == SCHEDULER_CREDIT)
        r = xc_sched_credit_domain_set(xch, domid, &c);
    else if (kind == SCHEDULER_CREDIT2)
        r = xc_sched_credit2_domain_set(xch, domid, &c2);
    else
        return no_params(e, domid, kind);
    return r < 0 ? xen_err_dom(e, domid, errno, "scheduler parameters") : 0;
}

/* --- memory, NMI --- */

int
xen_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (xc_domain_set_pod_target(xen_of(h)->xch, domid, kib / HV_PAGE_KIB, NULL,
                                 NULL, NULL) < 0)
        return xen_err_dom(e, domid, errno, "populate-on-demand target");
    return 0;
}

int
xen_trigger(struct hv *h, uint32_t domid, enum hv_trigger what, unsigned vcpu,
            struct err *e)
{
    static const uint32_t numbers[] = {
        [HV_NMI] = XEN_DOMCTL_SENDTRIGGER_NMI,
        [HV_POWER_BUTTON] = XEN_DOMCTL_SENDTRIGGER_POWER,
        [HV_SLEEP_BUTTON] = XEN_DOMCTL_SENDTRIGGER_SLEEP,
    };

    if (xc_domain_send_trigger(xen_of(h)->xch, domid, numbers[what], vcpu) == 0)
        return 0;
    return what == HV_NMI ? xen_err_vcpu(h, domid, vcpu, e)
                          : xen_err_dom(e, domid, errno, "ACPI button");
}

/* --- core dumps --- */

struct core_out {
    const struct hv_core *c;
    uint64_t written, total;
    int percent, errnum;
};

static int
core_write(xc_interface *xch, void *arg, char *bytes, unsigned int n)
{
    struct core_out *o = arg;
    int percent;

    (void)xch;
    if (fd_write_all(o->c->fd, bytes, n) < 0) {
        o->errnum = errno;
        return -1;
    }
    o->written += n;
    percent = o->total > 0 ? (int)(o->written * 100 / o->total) : 0;
    if (percent > o->percent && percent <= 100 && o->c->progress != NULL) {
        o->percent = percent;
        o->c->progress(o->c->arg, percent, "writing memory");
    }
    return 0;
}

int
xen_dump_core(struct hv *h, const struct hv_core *c, struct err *e)
{
    struct xen *x = xen_of(h);
    struct core_out o = { .c = c, .percent = -1 };
    struct hv_dom d;
    int errnum;

    if (hv_get(h, c->domid, &d, e) < 0)
        return -1;
    o.total = d.mem_kib * 1024;
    xen_log_reset(&x->xl);
    if (xc_domain_dumpcore_via_callback(x->xch, c->domid, &o, core_write) == 0)
        return 0;
    errnum = errno;
    if (o.errnum != 0)
        return err_sys(e, o.errnum, "file of the core dump");
    if (xen_log_detail(x->xl.first)[0] != '\0')
        return err_set(e, ERR_IO, "core dump of domain %u: %s", c->domid,
                       xen_log_detail(x->xl.first));
    return xen_err_dom(e, c->domid, errnum, "core dump");
}
