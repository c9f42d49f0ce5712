/*
 * xen_driver.c - the hypervisor driver on libxenctrl: opening, making,
 * stopping. Invariant: one handle a thread; each call is one hypercall (or few)
 * and its refusal becomes one sentence. Called through hv.c only.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define SECINITSID_DOMU 12 /* its header is not installed */
#define EVTCHN_PORT_MAX 1023
#define PAUSES_MAX      255
#define PV_VCPUS_MAX    8192
#define HVM_VCPUS_MAX   128

static void
fill_limits(const struct xen *x, const struct hv_limits *l,
            struct xen_domctl_createdomain *cd)
{
    uint32_t version = x->gnttab_v2 ? 2 : 1; /* 0: no grant table at all */

    cd->max_evtchn_port = EVTCHN_PORT_MAX;
    cd->max_grant_frames = HV_LIMIT_DEFAULT;
    cd->max_maptrack_frames = HV_LIMIT_DEFAULT;
    if (l != NULL) {
        if (l->grant_version != HV_LIMIT_DEFAULT)
            version = (uint32_t)l->grant_version;
        if (l->event_channels > 0)
            cd->max_evtchn_port = l->event_channels;
        cd->max_grant_frames = l->grant_frames;
        cd->max_maptrack_frames = l->maptrack_frames;
        if (l->vpmu)
            cd->flags |= XEN_DOMCTL_CDF_vpmu;
        if (l->iommu && x->iommu)
            cd->flags |= XEN_DOMCTL_CDF_iommu;
        if (l->msr_relaxed)
            cd->arch.misc_flags |= XEN_X86_MSR_RELAXED;
    }
    cd->grant_opts = XEN_DOMCTL_GRANT_version(version);
}

/* A PVH domain has its local interrupt controllers emulated and nothing else,
 * an HVM one all: Xen takes no other set. */
static void
fill_container(const struct xen *x, const struct hv_create *c,
               struct xen_domctl_createdomain *cd)
{
    const struct hv_limits *l = c->limits;

    if (c->kind == HV_PV)
        return;
    cd->flags |= XEN_DOMCTL_CDF_hvm;
    cd->arch.emulation_flags = c->kind == HV_PVH
                                   ? XEN_X86_EMU_LAPIC
                                   : XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI;
    if (l != NULL && l->hap && x->hap)
        cd->flags |= XEN_DOMCTL_CDF_hap;
    if (l != NULL && l->no_oos)
        cd->flags |= XEN_DOMCTL_CDF_oos_off;
    if (l != NULL && l->nested)
        cd->flags |= XEN_DOMCTL_CDF_nested_virt;
}

int
xen_create(struct hv *h, const struct hv_create *c, uint32_t *domid_out,
           struct err *e)
{
    struct xen *x = xen_of(h);
    struct xen_domctl_createdomain cd = { 0 };
    uint32_t domid = c->domid;
    unsigned most = c->kind == HV_PV ? PV_VCPUS_MAX : HVM_VCPUS_MAX;

    if (c->max_vcpus < 1 || c->max_vcpus > most)
        return err_set(e, ERR_RANGE, "%u vcpus: Xen allows 1 to %u",
                       c->max_vcpus, most);
    memcpy(cd.handle, c->uuid, sizeof(cd.handle));
    cd.ssidref = SECINITSID_DOMU;
    cd.max_vcpus = c->max_vcpus;
    cd.cpupool_id = c->cpupool;
    fill_limits(x, c->limits, &cd);
    fill_container(x, c, &cd);
    if (xc_domain_create(x->xch, &domid, &cd) == 0) {
        *domid_out = domid;
        return 0;
    }
    if (errno == EEXIST)
        return err_set(e, ERR_EXISTS, "domain id %u is in use", c->domid);
    return xen_err_host(e, errno, "a new domain");
}

int
xen_set_max_vcpus(struct hv *h, uint32_t domid, unsigned n, struct err *e)
{
    if (xc_domain_max_vcpus(xen_of(h)->xch, domid, n) < 0)
        return xen_err_dom(e, domid, errno, "the vcpus");
    return 0;
}

int
xen_set_maxmem(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (xc_domain_setmaxmem(xen_of(h)->xch, domid, kib) < 0)
        return xen_err_dom(e, domid, errno, "maximum memory");
    return 0;
}

int
xen_set_memmap_limit(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (xc_domain_set_memmap_limit(xen_of(h)->xch, domid, kib) < 0)
        return xen_err_dom(e, domid, errno, "limit of the memory map");
    return 0;
}

int
xen_alloc_evtchn(struct hv *h, uint32_t domid, uint32_t remote,
                 uint32_t *port_out, struct err *e)
{
    int port = xc_evtchn_alloc_unbound(xen_of(h)->xch, domid, remote);

    if (port < 0)
        return xen_err_dom(e, domid, errno, "an event channel");
    *port_out = (uint32_t)port;
    return 0;
}

/* Xen refuses to stop the domain that asks with EINVAL or EPERM. */
static int
err_stop(struct err *e, uint32_t domid, int errnum, const char *what)
{
    if (domid == 0 && (errnum == EINVAL || errnum == EPERM))
        return err_set(e, ERR_DENIED,
                       "domain 0 is the control domain: Xen refuses this");
    return xen_err_dom(e, domid, errnum, what);
}

int
xen_pause(struct hv *h, uint32_t domid, struct err *e)
{
    if (xc_domain_pause(xen_of(h)->xch, domid) == 0)
        return 0;
    if (errno == EUSERS)
        return err_set(e, ERR_RANGE, "domain %u is paused %d times already",
                       domid, PAUSES_MAX);
    return err_stop(e, domid, errno, "pause");
}

int
xen_unpause(struct hv *h, uint32_t domid, struct err *e)
{
    if (xc_domain_unpause(xen_of(h)->xch, domid) == 0)
        return 0;
    if (errno == EINVAL)
        return err_set(e, ERR_INVALID, "domain %u is not paused", domid);
    return xen_err_dom(e, domid, errno, "unpause");
}

/* fast = 1: the suspend hypercall returns 1, as libxl resumes everywhere. */
int
xen_resume(struct hv *h, uint32_t domid, struct err *e)
{
    if (xc_domain_resume(xen_of(h)->xch, domid, 1) < 0)
        return err_stop(e, domid, errno, "resume");
    return 0;
}

int
xen_shutdown(struct hv *h, uint32_t domid, enum hv_reason r, struct err *e)
{
    if (xc_domain_shutdown(xen_of(h)->xch, domid, (int)r) < 0)
        return err_stop(e, domid, errno, "shutdown");
    return 0;
}

int
xen_destroy(struct hv *h, uint32_t domid, struct err *e)
{
    if (xc_domain_destroy(xen_of(h)->xch, domid) < 0)
        return err_stop(e, domid, errno, "destruction");
    return 0;
}

int
xen_set_uuid(struct hv *h, uint32_t domid, const uint8_t *uuid, struct err *e)
{
    uint8_t handle[16];

    memcpy(handle, uuid, sizeof(handle));
    if (xc_domain_sethandle(xen_of(h)->xch, domid, handle) < 0)
        return xen_err_dom(e, domid, errno, "the uuid");
    return 0;
}

static void
xen_close(struct hv *h)
{
    struct xen *x = xen_of(h);

    xen_virq_close(x);
    if (x->xch != NULL)
        xc_interface_close(x->xch);
    free(x->infos);
    free(x);
}

static const struct hv_ops xen_ops = {
    .name = "xen",
    .close = xen_close,
    .opens_slowly = true,
    .destroys_slowly = true,
    .build = xen_build,
    .virq_fd = xen_virq_fd,
    .virq_drain = xen_virq_drain,
    .virq_bound = xen_virq_bound,
#define HV_OP(op, params, args, ...) .op = xen_##op,
#include "engine/hv/hv_ops.def"
};

/* The first sysctl: the one that shows an interface version mismatch. */
static int
first_call(struct xen *x, struct err *e)
{
    xc_physinfo_t p = { 0 };
    int n;

    if (xc_physinfo(x->xch, &p) < 0)
        return xen_err_host(e, errno, "the first call to the hypervisor");
    x->gnttab_v2 = (p.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2) != 0;
    x->hap = (p.capabilities & XEN_SYSCTL_PHYSCAP_hap) != 0;
    x->iommu = (p.capabilities & XEN_SYSCTL_PHYSCAP_directio) != 0;
    n = xc_get_cpumap_size(x->xch);
    if (n <= 0)
        return xen_err_host(e, errno, "number of cpus");
    x->map_bytes = (size_t)n;
    return 0;
}

static struct xen *
open_common(struct log *lg, xen_say_cb say, void *arg, struct err *e)
{
    struct xen *x = xcalloc(1, sizeof(*x));

    x->hv.ops = &xen_ops;
    xen_log_init(&x->xl, lg, say, arg);
    xen_virq_close(x); /* all ports unbound */
    /* What is missing is told in *e; the log need not shout it as well. */
    x->xl.quiet++;
    x->xch = xc_interface_open(&x->xl.xtl, &x->xl.xtl, 0);
    if (x->xch == NULL)
        xen_err_open(e, errno);
    if (x->xch == NULL || first_call(x, e) < 0) {
        xen_close(&x->hv);
        return NULL;
    }
    x->xl.quiet--;
    return x;
}

struct hv *
xen_open(struct log *lg, struct err *e)
{
    struct xen *x = open_common(lg, NULL, NULL, e);

    if (x == NULL)
        return NULL;
    xen_virq_open(x);
    return &x->hv;
}

struct hv *
xen_open_helper(xen_say_cb say, void *arg, struct err *e)
{
    struct xen *x = open_common(NULL, say, arg, e);

    return x == NULL ? NULL : &x->hv;
}
