/*
 * xen_vcpu.c - state and affinity of single vcpus.
 * Cpumaps are as wide as Xen's highest cpu number, ours have HV_CPUS_MAX bits:
 * both directions copy what fits.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define OUR_BYTES (HV_CPUS_MAX / 8)

static size_t
common_bytes(const struct xen *x)
{
    return x->map_bytes < OUR_BYTES ? x->map_bytes : OUR_BYTES;
}

/* ESRCH means the domain or the vcpu; a second look tells which. */
int
xen_err_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e)
{
    int errnum = errno;
    struct hv_dom d;

    if (errnum != ESRCH && errnum != EINVAL)
        return xen_err_dom(e, domid, errnum, "a vcpu");
    if (hv_get(h, domid, &d, e) < 0)
        return -1;
    if (vcpu >= d.vcpus_max || errnum == ESRCH)
        return err_set(e, ERR_NOENT, "domain %u has no vcpu %u", domid, vcpu);
    return err_sys(e, errnum, "vcpu %u of domain %u", vcpu, domid);
}

static int
get_affinity(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
             struct err *e)
{
    struct xen *x = xen_of(h);
    uint8_t *hard = xcalloc(x->map_bytes, 1);
    uint8_t *soft = xcalloc(x->map_bytes, 1);
    int rc = 0;

    if (xc_vcpu_getaffinity(x->xch, domid, (int)vcpu, hard, soft,
                            XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT) < 0)
        rc = xen_err_vcpu(h, domid, vcpu, e);
    memcpy(out->hard, hard, common_bytes(x));
    memcpy(out->soft, soft, common_bytes(x));
    free(hard);
    free(soft);
    return rc;
}

int
xen_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
         struct err *e)
{
    struct xen *x = xen_of(h);
    struct hv_vcpu v = { 0 };
    xc_vcpuinfo_t info = { 0 };

    if (xc_vcpu_getinfo(x->xch, domid, vcpu, &info) < 0)
        return xen_err_vcpu(h, domid, vcpu, e);
    v.online = info.online != 0;
    v.blocked = info.blocked != 0;
    v.running = info.running != 0;
    v.cpu = info.cpu;
    v.cpu_ns = info.cpu_time;
    if (get_affinity(h, domid, vcpu, &v, e) < 0)
        return -1;
    *out = v;
    return 0;
}

int
xen_vcpu_times(struct hv *h, uint32_t domid, uint64_t *ns, unsigned n,
               struct err *e)
{
    xc_vcpuinfo_t info = { 0 };
    unsigned i;

    for (i = 0; i < n; i++) {
        if (xc_vcpu_getinfo(xen_of(h)->xch, domid, i, &info) < 0)
            return xen_err_vcpu(h, domid, i, e);
        ns[i] = info.cpu_time;
    }
    return 0;
}

static bool
all_zero(const uint8_t *map, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (map[i] != 0)
            return false;
    return true;
}

static int
err_no_cpu(struct err *e, uint32_t domid, unsigned vcpu)
{
    return err_set(e, ERR_INVALID,
                   "vcpu %u of domain %u: none of the cpus asked for is "
                   "online in its cpu pool",
                   vcpu, domid);
}

/* Which of the two EINVALs: no such vcpu, or no usable cpu in the map. */
static int
err_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e)
{
    int errnum = errno;
    struct hv_dom d;

    if (errnum == EINVAL && hv_get(h, domid, &d, NULL) == 0 &&
        vcpu < d.vcpus_max)
        return err_no_cpu(e, domid, vcpu);
    errno = errnum;
    return xen_err_vcpu(h, domid, vcpu, e);
}

/* A map as Xen wants it; NULL stays NULL. The caller's to free. */
static uint8_t *
map_of(const struct xen *x, const uint8_t *ours)
{
    uint8_t *map = NULL;

    if (ours == NULL)
        return NULL;
    map = xcalloc(x->map_bytes, 1);
    memcpy(map, ours, common_bytes(x));
    return map;
}

int
xen_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu,
                 const uint8_t *hard, const uint8_t *soft, struct err *e)
{
    struct xen *x = xen_of(h);
    uint8_t *map = map_of(x, hard), *wish = map_of(x, soft);
    uint32_t flags = (hard != NULL ? XEN_VCPUAFFINITY_HARD : 0U) |
                     (soft != NULL ? XEN_VCPUAFFINITY_SOFT : 0U);
    int rc = 0;

    /* Xen writes back what is in force: the masks within the pool. */
    if (flags != 0 &&
        xc_vcpu_setaffinity(x->xch, domid, (int)vcpu, map, wish, flags) < 0)
        rc = err_set_affinity(h, domid, vcpu, e);
    else if (map != NULL && all_zero(map, x->map_bytes))
        rc = err_no_cpu(e, domid, vcpu);
    else if (map != NULL && memcmp(map, hard, common_bytes(x)) != 0)
        xen_log_say(&x->xl, LOGL_DEBUG,
                    "vcpu %u of domain %u: some of the cpus asked for are not "
                    "online in its cpu pool",
                    vcpu, domid);
    free(map);
    free(wish);
    return rc;
}
