/*
 * xen_info.c - what Xen tells: the host, the list of domains, its log.
 * Reads only; called at every tick, so one hypercall a call and no allocation
 * once the listing has grown to the host's size.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"

/* d->max_pages is an unsigned int in Xen; all ones means no limit. */
#define PAGES_UNLIMITED UINT32_MAX
/* What the page allocator may still owe a domain that was just built. */
#define BUILT_SLACK_KIB 1024U

static uint64_t
pages_to_kib(uint64_t pages)
{
    return pages > UINT64_MAX / HV_PAGE_KIB ? UINT64_MAX : pages * HV_PAGE_KIB;
}

static const char *
scheduler_name(int id)
{
    switch (id) {
    case XEN_SCHEDULER_CREDIT:
        return "credit";
    case XEN_SCHEDULER_CREDIT2:
        return "credit2";
    case XEN_SCHEDULER_ARINC653:
        return "arinc653";
    case XEN_SCHEDULER_RTDS:
        return "rtds";
    case XEN_SCHEDULER_NULL:
        return "null";
    default:
        return "unknown";
    }
}

/* One of the texts of xc_version, made safe; "" if Xen will not tell. */
static void
version_text(struct xen *x, int cmd, char *dst, size_t dst_size)
{
    char raw[2048] = { 0 }; /* the largest of them takes 1024 */

    dst[0] = '\0';
    if (xc_version(x->xch, cmd, raw) >= 0)
        text_safe(dst, dst_size, raw, strnlen(raw, sizeof(raw) - 1));
}

static int
host_version(struct xen *x, struct hv_host *out, struct err *e)
{
    int v = xc_version(x->xch, XENVER_version, NULL);
    char extra[32];

    if (v < 0)
        return xen_err_host(e, errno, "version of the hypervisor");
    version_text(x, XENVER_extraversion, extra, sizeof(extra));
    text_fmt(out->version, sizeof(out->version), "%d.%d%s", v >> 16, v & 0xffff,
             extra);
    version_text(x, XENVER_capabilities, out->caps, sizeof(out->caps));
    version_text(x, XENVER_commandline, out->cmdline, sizeof(out->cmdline));
    return 0;
}

static void
host_fill(struct hv_host *out, const xc_physinfo_t *p)
{
    uint64_t free_pages = p->free_pages + p->scrub_pages;

    out->cpus = p->nr_cpus;
    out->nodes = p->nr_nodes;
    out->cores_per_socket = p->cores_per_socket;
    out->threads_per_core = p->threads_per_core;
    out->cpu_khz = p->cpu_khz;
    out->total_kib = pages_to_kib(p->total_pages);
    /* Claimed pages are promised to a build that is under way. */
    free_pages -=
        p->outstanding_pages < free_pages ? p->outstanding_pages : free_pages;
    out->free_kib = pages_to_kib(free_pages);
    out->has_hvm = (p->capabilities & XEN_SYSCTL_PHYSCAP_hvm) != 0;
    out->has_pv = (p->capabilities & XEN_SYSCTL_PHYSCAP_pv) != 0;
    out->has_hap = (p->capabilities & XEN_SYSCTL_PHYSCAP_hap) != 0;
    out->has_shadow = (p->capabilities & XEN_SYSCTL_PHYSCAP_shadow) != 0;
    out->has_iommu = (p->capabilities & XEN_SYSCTL_PHYSCAP_directio) != 0;
    out->gnttab_v2 = (p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2) != 0;
}

int
xen_host(struct hv *h, struct hv_host *out, struct err *e)
{
    struct xen *x = xen_of(h);
    struct hv_host host = { 0 };
    xc_physinfo_t p = { 0 };
    int sched = -1;

    if (xc_physinfo(x->xch, &p) < 0)
        return xen_err_host(e, errno, "facts about the host");
    if (host_version(x, &host, e) < 0)
        return -1;
    if (xc_sched_id(x->xch, &sched) < 0)
        sched = -1;
    host_fill(&host, &p);
    text_fmt(host.scheduler, sizeof(host.scheduler), "%s",
             scheduler_name(sched));
    *out = host;
    return 0;
}

int
xen_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
             struct err *e)
{
    struct xen *x = xen_of(h);
    xc_cpuinfo_t info[HV_CPUS_MAX];
    int i, n = 0;

    if (max > HV_CPUS_MAX)
        max = HV_CPUS_MAX;
    if (xc_getcpuinfo(x->xch, (int)max, info, &n) < 0)
        return xen_err_host(e, errno, "idle time of the cpus");
    if (n < 0 || (unsigned)n > max)
        n = (int)max;
    for (i = 0; i < n; i++)
        idle_ns[i] = info[i].idletime;
    *n_out = (unsigned)n;
    return 0;
}

static enum hv_kind
xen_info_kind_of(const xc_domaininfo_t *d)
{
    if ((d->flags & XEN_DOMINF_hvm_guest) == 0)
        return HV_PV;
    return d->arch_config.emulation_flags == XEN_X86_EMU_LAPIC ? HV_PVH
                                                               : HV_HVM;
}

static unsigned
flags_of(uint32_t f)
{
    unsigned out = 0;

    out |= (f & XEN_DOMINF_dying) != 0 ? HV_DYING : 0;
    out |= (f & XEN_DOMINF_shutdown) != 0 ? HV_SHUTDOWN : 0;
    out |= (f & XEN_DOMINF_paused) != 0 ? HV_PAUSED : 0;
    out |= (f & XEN_DOMINF_blocked) != 0 ? HV_BLOCKED : 0;
    out |= (f & XEN_DOMINF_running) != 0 ? HV_RUNNING : 0;
    return out;
}

static void
xen_info_dom_fill(struct hv_dom *out, const xc_domaininfo_t *d)
{
    *out = (struct hv_dom){ .domid = d->domain };
    memcpy(out->uuid, d->handle, sizeof(out->uuid));
    out->kind = xen_info_kind_of(d);
    out->flags = flags_of(d->flags);
    out->reason =
        (d->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
    out->mem_kib = pages_to_kib(d->tot_pages + d->outstanding_pages);
    out->max_kib = d->max_pages >= PAGES_UNLIMITED ? UINT64_MAX
                                                   : pages_to_kib(d->max_pages);
    out->cpu_ns = d->cpu_time;
    out->vcpus_online = d->nr_online_vcpus;
    out->vcpus_max =
        d->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : d->max_vcpu_id + 1;
    out->cpupool = d->cpupool;
}

int
xen_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
         size_t *n_out, struct err *e)
{
    struct xen *x = xen_of(h);
    size_t i;
    int n;

    if (max > HV_DOMID_MAX + 1)
        max = HV_DOMID_MAX + 1;
    if (max > x->infos_max) {
        x->infos = xrealloc(x->infos, max, sizeof(*x->infos));
        x->infos_max = max;
    }
    n = xc_domain_getinfolist(x->xch, first, (unsigned)max, x->infos);
    if (n < 0)
        return xen_err_host(e, errno, "list of domains");
    for (i = 0; i < (size_t)n && i < max; i++)
        xen_info_dom_fill(&out[i], &x->infos[i]);
    *n_out = i;
    return 0;
}

/* The frames came through a process that parsed an untrusted kernel. */
static int
check_frames(struct xen *x, const struct hv_build *b, const struct hv_built *r,
             struct err *e)
{
    uint64_t most = X86_HVM_END_SPECIAL_REGION; /* of a PVH or HVM domain */
    xc_physinfo_t p = { 0 };

    if (xc_physinfo(x->xch, &p) < 0)
        return xen_err_host(e, errno, "facts about the host");
    if (b->kind == HV_PV)
        most = p.max_mfn;
    if (r->store_mfn == 0 || r->store_mfn > most || r->console_mfn == 0 ||
        r->console_mfn > most || r->store_mfn == r->console_mfn)
        return err_set(e, ERR_INVALID,
                       "the build named frames that there are not");
    return 0;
}

int
xen_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
                const struct hv_built *r, struct err *e)
{
    struct hv_dom d;

    if (hv_get(h, domid, &d, e) < 0)
        return -1;
    if ((d.flags & (HV_DYING | HV_SHUTDOWN)) != 0)
        return err_set(e, ERR_INVALID, "domain %u died while it was built",
                       domid);
    if (d.mem_kib + BUILT_SLACK_KIB < b->mem_kib)
        return err_set(e, ERR_INVALID,
                       "domain %u has %llu of its %llu KiB after the build",
                       domid, (unsigned long long)d.mem_kib,
                       (unsigned long long)b->mem_kib);
    return check_frames(xen_of(h), b, r, e);
}

int
xen_debug_keys(struct hv *h, const char *keys, struct err *e)
{
    if (xc_send_debug_keys(xen_of(h)->xch, keys) < 0)
        return xen_err_host(e, errno, "debug keys");
    return 0;
}

int
xen_console_ring(struct hv *h, char *buf, size_t *n_inout,
                 uint32_t *index_inout, struct err *e)
{
    struct xen *x = xen_of(h);
    unsigned n = *n_inout > INT_MAX ? INT_MAX : (unsigned)*n_inout;
    uint32_t index = *index_inout;

    if (xc_readconsolering(x->xch, buf, &n, 0, 1, &index) < 0)
        return xen_err_host(e, errno, "the log of the hypervisor");
    *n_inout = n;
    *index_inout = index;
    return 0;
}
