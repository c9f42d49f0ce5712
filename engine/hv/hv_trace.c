/*
 * hv_trace.c - every call to the hypervisor as a line of the trace: arguments,
 * result, time. The driver's table is replaced by a copy whose entries forward,
 * so that nothing is paid while it is off.
 */
#include <stdlib.h>

#include "engine/hv/hv_trace.h"
#include "src/base/trace.h"
#include "src/base/xalloc.h"

struct hv_trace {
    struct hv_ops ops;
    const struct hv_ops *under;
    struct log *log;
};

static int
t_host(struct hv *h, struct hv_host *out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->host(h, out, e);

    return trace_end(&t, rc, e, "hv.host");
}

static int
t_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
           struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->cpu_idle(h, idle_ns, max, n_out, e);

    return trace_end(&t, rc, e, "hv.cpu_idle max=%u -> %u", max,
                     rc == 0 ? *n_out : 0U);
}

static int
t_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
       size_t *n_out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->list(h, first, out, max, n_out, e);

    return trace_end(&t, rc, e, "hv.list first=%u max=%zu -> %zu", first, max,
                     rc == 0 ? *n_out : 0);
}

static int
t_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
       struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->vcpu(h, domid, vcpu, out, e);

    return trace_end(&t, rc, e, "hv.vcpu domid=%u vcpu=%u", domid, vcpu);
}

static int
t_create(struct hv *h, const struct hv_create *c, uint32_t *domid_out,
         struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->create(h, c, domid_out, e);

    return trace_end(&t, rc, e, "hv.create domid=%u max_vcpus=%u -> %u",
                     c->domid, c->max_vcpus, rc == 0 ? *domid_out : 0U);
}

static int
t_set_max_vcpus(struct hv *h, uint32_t domid, unsigned n, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_max_vcpus(h, domid, n, e);

    return trace_end(&t, rc, e, "hv.set_max_vcpus domid=%u n=%u", domid, n);
}

static int
t_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu, const uint8_t *hard,
               const uint8_t *soft, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_affinity(h, domid, vcpu, hard, soft, e);

    return trace_end(&t, rc, e, "hv.set_affinity domid=%u vcpu=%u", domid,
                     vcpu);
}

static int
t_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
            struct sched_params *out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->sched_get(h, domid, vcpu, out, e);

    return trace_end(&t, rc, e, "hv.sched_get domid=%u vcpu=%u", domid, vcpu);
}

static int
t_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
            const struct sched_params *params, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->sched_set(h, domid, vcpu, params, e);

    return trace_end(
        &t, rc, e,
        "hv.sched_set domid=%u vcpu=%u weight=%u cap=%u period=%u budget=%u",
        domid, vcpu, params->weight, params->cap, params->period_us,
        params->budget_us);
}

static int
t_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
        struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pools(h, out, max, n_out, e);

    return trace_end(&t, rc, e, "hv.pools max=%zu -> %zu", max,
                     rc == 0 ? *n_out : 0);
}

static int
t_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pool_move(h, domid, pool, e);

    return trace_end(&t, rc, e, "hv.pool_move domid=%u pool=%u", domid, pool);
}

static int
t_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_pod_target(h, domid, kib, e);

    return trace_end(&t, rc, e, "hv.set_pod_target domid=%u kib=%llu", domid,
                     (unsigned long long)kib);
}

static int
t_nmi(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->nmi(h, domid, vcpu, e);

    return trace_end(&t, rc, e, "hv.nmi domid=%u vcpu=%u", domid, vcpu);
}

static int
t_dump_core(struct hv *h, const struct hv_core *core, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->dump_core(h, core, e);

    return trace_end(&t, rc, e, "hv.dump_core domid=%u", core->domid);
}

static int
t_set_maxmem(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_maxmem(h, domid, kib, e);

    return trace_end(&t, rc, e, "hv.set_maxmem domid=%u kib=%llu", domid,
                     (unsigned long long)kib);
}

static int
t_set_memmap_limit(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_memmap_limit(h, domid, kib, e);

    return trace_end(&t, rc, e, "hv.set_memmap_limit domid=%u kib=%llu", domid,
                     (unsigned long long)kib);
}

static int
t_set_tsc(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_tsc(h, domid, e);

    return trace_end(&t, rc, e, "hv.set_tsc domid=%u", domid);
}

static int
t_apply_cpuid(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->apply_cpuid(h, domid, e);

    return trace_end(&t, rc, e, "hv.apply_cpuid domid=%u", domid);
}

static int
t_alloc_evtchn(struct hv *h, uint32_t domid, uint32_t remote,
               uint32_t *port_out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->alloc_evtchn(h, domid, remote, port_out, e);

    return trace_end(&t, rc, e, "hv.alloc_evtchn domid=%u remote=%u -> %u",
                     domid, remote, rc == 0 ? *port_out : 0U);
}

static int
t_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
              const struct hv_built *r, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->check_built(h, domid, b, r, e);

    return trace_end(&t, rc, e, "hv.check_built domid=%u mem_kib=%llu", domid,
                     (unsigned long long)b->mem_kib);
}

static int
t_pause(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pause(h, domid, e);

    return trace_end(&t, rc, e, "hv.pause domid=%u", domid);
}

static int
t_unpause(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->unpause(h, domid, e);

    return trace_end(&t, rc, e, "hv.unpause domid=%u", domid);
}

static int
t_shutdown(struct hv *h, uint32_t domid, enum hv_reason reason, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->shutdown(h, domid, reason, e);

    return trace_end(&t, rc, e, "hv.shutdown domid=%u reason=%d", domid,
                     (int)reason);
}

static int
t_resume(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->resume(h, domid, e);

    return trace_end(&t, rc, e, "hv.resume domid=%u", domid);
}

static int
t_destroy(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->destroy(h, domid, e);

    return trace_end(&t, rc, e, "hv.destroy domid=%u", domid);
}

static int
t_set_uuid(struct hv *h, uint32_t domid, const uint8_t *uuid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->set_uuid(h, domid, uuid, e);

    return trace_end(&t, rc, e, "hv.set_uuid domid=%u", domid);
}

static int
t_console_ring(struct hv *h, char *buf, size_t *n_inout, uint32_t *index_inout,
               struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->console_ring(h, buf, n_inout, index_inout, e);

    return trace_end(&t, rc, e, "hv.console_ring -> %zu -> %u",
                     rc == 0 ? *n_inout : 0, rc == 0 ? *index_inout : 0U);
}

static int
t_topology(struct hv *h, struct hv_topology *out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->topology(h, out, e);

    return trace_end(&t, rc, e, "hv.topology");
}

static int
t_debug_keys(struct hv *h, const char *keys, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->debug_keys(h, keys, e);

    return trace_end(&t, rc, e, "hv.debug_keys keys=%s", keys);
}

static int
t_dev_list(struct hv *h, struct hv_dev *out, size_t max, size_t *n_out,
           struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->dev_list(h, out, max, n_out, e);

    return trace_end(&t, rc, e, "hv.dev_list max=%zu -> %zu", max,
                     rc == 0 ? *n_out : 0);
}

static int
t_dev_stats(struct hv *h, const struct hv_dev *devs, size_t n, bool full,
            struct hv_dev_stats *out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->dev_stats(h, devs, n, full, out, e);

    return trace_end(&t, rc, e, "hv.dev_stats n=%zu full=%d", n, full);
}

static int
t_pci_list(struct hv *h, struct hv_pci *out, size_t max, size_t *n_out,
           struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pci_list(h, out, max, n_out, e);

    return trace_end(&t, rc, e, "hv.pci_list max=%zu -> %zu", max,
                     rc == 0 ? *n_out : 0);
}

static int
t_pci_get(struct hv *h, uint32_t sbdf, struct hv_pci *out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pci_get(h, sbdf, out, e);

    return trace_end(&t, rc, e, "hv.pci_get sbdf=%u", sbdf);
}

static int
t_disk(struct hv *h, const char *path, struct hv_disk *out, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->disk(h, path, out, e);

    return trace_end(&t, rc, e, "hv.disk path=%s", path);
}

static int
t_hotplug(struct hv *h, const struct hv_hotplug *j, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->hotplug(h, j, e);

    return trace_end(&t, rc, e, "hv.hotplug verb=%s back=%s", j->verb, j->back);
}

static void
t_hotplug_stop(struct hv *h, void *arg)
{
    struct trace_call t = trace_begin(h->trace->log);

    h->trace->under->hotplug_stop(h, arg);
    (void)trace_end(&t, 0, NULL, "hv.hotplug_stop");
}

static int
t_model_start(struct hv *h, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->model_start(h, domid, e);

    return trace_end(&t, rc, e, "hv.model_start domid=%u", domid);
}

static void
t_model_stop(struct hv *h, uint32_t domid)
{
    struct trace_call t = trace_begin(h->trace->log);

    h->trace->under->model_stop(h, domid);
    (void)trace_end(&t, 0, NULL, "hv.model_stop domid=%u", domid);
}

static bool
t_model_runs(struct hv *h, uint32_t domid)
{
    struct trace_call t = trace_begin(h->trace->log);
    bool runs = h->trace->under->model_runs(h, domid);

    (void)trace_end(&t, 0, NULL, "hv.model_runs domid=%u runs=%d", domid, runs);
    return runs;
}

static void
t_model_watch(struct hv *h, uint32_t domid,
              void (*ended)(void *arg, int status), void *arg)
{
    struct trace_call t = trace_begin(h->trace->log);

    h->trace->under->model_watch(h, domid, ended, arg);
    (void)trace_end(&t, 0, NULL, "hv.model_watch domid=%u on=%d", domid,
                    ended != NULL);
}

static int
t_pci_reset(struct hv *h, uint32_t sbdf, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pci_reset(h, sbdf, e);

    return trace_end(&t, rc, e, "hv.pci_reset sbdf=%u", sbdf);
}

static int
t_pci_permissive(struct hv *h, uint32_t sbdf, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->pci_permissive(h, sbdf, e);

    return trace_end(&t, rc, e, "hv.pci_permissive sbdf=%u", sbdf);
}

static int
t_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->assign_device(h, domid, sbdf, relaxed, e);

    return trace_end(&t, rc, e, "hv.assign_device domid=%u sbdf=%u relaxed=%d",
                     domid, sbdf, relaxed);
}

static int
t_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->deassign_device(h, domid, sbdf, e);

    return trace_end(&t, rc, e, "hv.deassign_device domid=%u sbdf=%u", domid,
                     sbdf);
}

static int
t_ioport_permission(struct hv *h, uint32_t domid, uint32_t first, uint32_t n,
                    bool allow, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->ioport_permission(h, domid, first, n, allow, e);

    return trace_end(&t, rc, e,
                     "hv.ioport_permission domid=%u first=%u n=%u allow=%d",
                     domid, first, n, allow);
}

static int
t_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                   bool allow, struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->iomem_permission(h, domid, mfn, n, allow, e);

    return trace_end(
        &t, rc, e, "hv.iomem_permission domid=%u mfn=%llu n=%llu allow=%d",
        domid, (unsigned long long)mfn, (unsigned long long)n, allow);
}

static int
t_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                 struct err *e)
{
    struct trace_call t = trace_begin(h->trace->log);
    int rc = h->trace->under->irq_permission(h, domid, irq, allow, e);

    return trace_end(&t, rc, e, "hv.irq_permission domid=%u irq=%u allow=%d",
                     domid, irq, allow);
}

/* What the driver lacks stays lacking; what is not listed here is not traced.
 */
static const struct hv_ops tracing = {
    .host = t_host,
    .cpu_idle = t_cpu_idle,
    .list = t_list,
    .vcpu = t_vcpu,
    .create = t_create,
    .set_max_vcpus = t_set_max_vcpus,
    .set_affinity = t_set_affinity,
    .sched_get = t_sched_get,
    .sched_set = t_sched_set,
    .pools = t_pools,
    .pool_move = t_pool_move,
    .set_pod_target = t_set_pod_target,
    .nmi = t_nmi,
    .dump_core = t_dump_core,
    .set_maxmem = t_set_maxmem,
    .set_memmap_limit = t_set_memmap_limit,
    .set_tsc = t_set_tsc,
    .apply_cpuid = t_apply_cpuid,
    .alloc_evtchn = t_alloc_evtchn,
    .check_built = t_check_built,
    .pause = t_pause,
    .unpause = t_unpause,
    .shutdown = t_shutdown,
    .resume = t_resume,
    .destroy = t_destroy,
    .set_uuid = t_set_uuid,
    .console_ring = t_console_ring,
    .topology = t_topology,
    .debug_keys = t_debug_keys,
    .dev_list = t_dev_list,
    .dev_stats = t_dev_stats,
    .pci_list = t_pci_list,
    .pci_get = t_pci_get,
    .disk = t_disk,
    .hotplug = t_hotplug,
    .hotplug_stop = t_hotplug_stop,
    .model_start = t_model_start,
    .model_stop = t_model_stop,
    .model_runs = t_model_runs,
    .model_watch = t_model_watch,
    .pci_reset = t_pci_reset,
    .pci_permissive = t_pci_permissive,
    .assign_device = t_assign_device,
    .deassign_device = t_deassign_device,
    .ioport_permission = t_ioport_permission,
    .iomem_permission = t_iomem_permission,
    .irq_permission = t_irq_permission,
};

void
hv_trace_start(struct hv *h, struct log *log)
{
    struct hv_trace *t;

    if (h->trace != NULL)
        return;
    t = xcalloc(1, sizeof(*t));
    t->ops = *h->ops;
    t->under = h->ops;
    t->log = log;
    trace_overlay(&t->ops, &tracing, sizeof(tracing));
    h->trace = t;
    h->ops = &t->ops;
}

void
hv_trace_stop(struct hv *h)
{
    if (h->trace == NULL)
        return;
    h->ops = h->trace->under;
    free(h->trace);
    h->trace = NULL;
}
