/*
 * xen_pool.c - cpupools and the schedulers that they run: listing, moving a
 * domain. A sysctl gives the pool with the wanted or the next higher id.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <string.h>

static enum sched_kind
xen_pool_kind_of(uint32_t sched_id)
{
    switch (sched_id) {
    case XEN_SCHEDULER_CREDIT:
        return SCHEDULER_CREDIT;
    case XEN_SCHEDULER_CREDIT2:
        return SCHEDULER_CREDIT2;
    case XEN_SCHEDULER_RTDS:
        return SCHEDULER_RTDS;
    case XEN_SCHEDULER_NULL:
        return SCHEDULER_NULL;
    case XEN_SCHEDULER_ARINC653:
        return SCHEDULER_ARINC653;
    default:
        return SCHEDULER_OTHER;
    }
}

static void
xen_pool_take_pool(const struct xen *x, const xc_cpupoolinfo_t *p,
                   struct hv_pool *out)
{
    size_t n =
        x->map_bytes < sizeof(out->cpus) ? x->map_bytes : sizeof(out->cpus);

    memset(out, 0, sizeof(*out));
    out->id = p->cpupool_id;
    out->sched = xen_pool_kind_of(p->sched_id);
    out->n_doms = p->n_dom;
    memcpy(out->cpus, p->cpumap, n);
}

int
xen_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
          struct err *e)
{
    struct xen *x = xen_of(h);
    xc_cpupoolinfo_t *p;
    uint32_t next = 0;
    size_t n = 0;

    x->xl.quiet++; /* the end of the list is an error to the library */
    errno = 0;
    while ((p = xc_cpupool_getinfo(x->xch, next)) != NULL) {
        if (n < max)
            xen_pool_take_pool(x, p, &out[n]);
        n++;
        next = p->cpupool_id + 1;
        xc_cpupool_infofree(x->xch, p);
        errno = 0;
        if (next == 0)
            break;
    }
    x->xl.quiet--;
    if (errno != 0 && errno != ENOENT)
        return xen_err_host(e, errno, "list of cpu pools");
    *n_out = n;
    return 0;
}

int
xen_pool_sched(struct xen *x, unsigned pool, enum sched_kind *out,
               struct err *e)
{
    xc_cpupoolinfo_t *p = xc_cpupool_getinfo(x->xch, pool);

    if (p == NULL && errno != ENOENT)
        return xen_err_host(e, errno, "cpu pool");
    if (p == NULL || p->cpupool_id != pool) {
        if (p != NULL)
            xc_cpupool_infofree(x->xch, p);
        return err_set(e, ERR_NOENT, "cpu pool %u does not exist", pool);
    }
    *out = xen_pool_kind_of(p->sched_id);
    xc_cpupool_infofree(x->xch, p);
    return 0;
}

int
xen_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e)
{
    struct xen *x = xen_of(h);
    enum sched_kind kind;

    if (xc_cpupool_movedomain(x->xch, pool, domid) == 0)
        return 0;
    if (domid == 0 && (errno == EPERM || errno == EINVAL))
        return err_set(e, ERR_DENIED,
                       "domain 0 controls this host: Xen keeps it in its "
                       "cpu pool");
    if (errno == ENOENT && xen_pool_sched(x, pool, &kind, e) < 0)
        return -1;
    if (errno == EINVAL)
        return err_set(e, ERR_INVALID,
                       "domain %u cannot go to cpu pool %u: the pool has no "
                       "cpu, or none that a vcpu is pinned to",
                       domid, pool);
    return xen_err_dom(e, domid, errno, "cpu pool");
}
