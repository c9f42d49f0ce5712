/*
 * hv.c - the wrappers around a hypervisor driver's table of operations.
 * Invariant: callers never test operation pointers; what a driver lacks is
 * refused here with one sentence. Called by the engine and by helpers.
 */
#include "engine/hv/hv.h"

static int
lacks(const struct hv *h, const char *what, struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, "%s: no %s", h->ops->name, what);
}

void
hv_close(struct hv *h)
{
    if (h != NULL && h->ops->close != NULL)
        h->ops->close(h);
}

int
hv_host(struct hv *h, struct hv_host *out, struct err *e)
{
    if (h->ops->host == NULL)
        return lacks(h, "host", e);
    return h->ops->host(h, out, e);
}

int
hv_cpu_idle(struct hv *h, uint64_t *idle_ns, unsigned max, unsigned *n_out,
            struct err *e)
{
    if (h->ops->cpu_idle == NULL)
        return lacks(h, "cpu_idle", e);
    return h->ops->cpu_idle(h, idle_ns, max, n_out, e);
}

int
hv_list(struct hv *h, uint32_t first, struct hv_dom *out, size_t max,
        size_t *n_out, struct err *e)
{
    if (h->ops->list == NULL)
        return lacks(h, "list", e);
    return h->ops->list(h, first, out, max, n_out, e);
}

int
hv_get(struct hv *h, uint32_t domid, struct hv_dom *out, struct err *e)
{
    struct hv_dom d;
    size_t n = 0;

    if (hv_list(h, domid, &d, 1, &n, e) < 0)
        return -1;
    /* The listing starts at the next domain above a missing one. */
    if (n == 0 || d.domid != domid)
        return err_set(e, ERR_NOENT, "domain %u no longer exists", domid);
    *out = d;
    return 0;
}

int
hv_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
        struct err *e)
{
    if (h->ops->vcpu == NULL)
        return lacks(h, "vcpu", e);
    return h->ops->vcpu(h, domid, vcpu, out, e);
}

int
hv_create(struct hv *h, const struct hv_create *c, uint32_t *domid_out,
          struct err *e)
{
    if (h->ops->create == NULL)
        return lacks(h, "create", e);
    return h->ops->create(h, c, domid_out, e);
}

int
hv_set_max_vcpus(struct hv *h, uint32_t domid, unsigned n, struct err *e)
{
    if (h->ops->set_max_vcpus == NULL)
        return lacks(h, "set_max_vcpus", e);
    return h->ops->set_max_vcpus(h, domid, n, e);
}

int
hv_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu,
                const uint8_t *hard, const uint8_t *soft, struct err *e)
{
    if (h->ops->set_affinity == NULL)
        return lacks(h, "set_affinity", e);
    return h->ops->set_affinity(h, domid, vcpu, hard, soft, e);
}

int
hv_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
             struct sched_params *out, struct err *e)
{
    if (h->ops->sched_get == NULL)
        return lacks(h, "sched_get", e);
    return h->ops->sched_get(h, domid, vcpu, out, e);
}

int
hv_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
             const struct sched_params *p, struct err *e)
{
    if (h->ops->sched_set == NULL)
        return lacks(h, "sched_set", e);
    return h->ops->sched_set(h, domid, vcpu, p, e);
}

int
hv_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
         struct err *e)
{
    if (h->ops->pools == NULL)
        return lacks(h, "pools", e);
    return h->ops->pools(h, out, max, n_out, e);
}

int
hv_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e)
{
    if (h->ops->pool_move == NULL)
        return lacks(h, "pool_move", e);
    return h->ops->pool_move(h, domid, pool, e);
}

int
hv_set_pod_target(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (h->ops->set_pod_target == NULL)
        return lacks(h, "set_pod_target", e);
    return h->ops->set_pod_target(h, domid, kib, e);
}

int
hv_nmi(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e)
{
    if (h->ops->nmi == NULL)
        return lacks(h, "nmi", e);
    return h->ops->nmi(h, domid, vcpu, e);
}

int
hv_dump_core(struct hv *h, const struct hv_core *c, struct err *e)
{
    if (h->ops->dump_core == NULL)
        return lacks(h, "dump_core", e);
    return h->ops->dump_core(h, c, e);
}

int
hv_set_maxmem(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (h->ops->set_maxmem == NULL)
        return lacks(h, "set_maxmem", e);
    return h->ops->set_maxmem(h, domid, kib, e);
}

int
hv_set_memmap_limit(struct hv *h, uint32_t domid, uint64_t kib, struct err *e)
{
    if (h->ops->set_memmap_limit == NULL)
        return lacks(h, "set_memmap_limit", e);
    return h->ops->set_memmap_limit(h, domid, kib, e);
}

int
hv_set_tsc(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->set_tsc == NULL)
        return lacks(h, "set_tsc", e);
    return h->ops->set_tsc(h, domid, e);
}

int
hv_apply_cpuid(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->apply_cpuid == NULL)
        return lacks(h, "apply_cpuid", e);
    return h->ops->apply_cpuid(h, domid, e);
}

int
hv_alloc_evtchn(struct hv *h, uint32_t domid, uint32_t remote,
                uint32_t *port_out, struct err *e)
{
    if (h->ops->alloc_evtchn == NULL)
        return lacks(h, "alloc_evtchn", e);
    return h->ops->alloc_evtchn(h, domid, remote, port_out, e);
}

int
hv_check_built(struct hv *h, uint32_t domid, const struct hv_build *b,
               const struct hv_built *r, struct err *e)
{
    if (h->ops->check_built == NULL)
        return lacks(h, "check_built", e);
    return h->ops->check_built(h, domid, b, r, e);
}

int
hv_pause(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->pause == NULL)
        return lacks(h, "pause", e);
    return h->ops->pause(h, domid, e);
}

int
hv_unpause(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->unpause == NULL)
        return lacks(h, "unpause", e);
    return h->ops->unpause(h, domid, e);
}

int
hv_shutdown(struct hv *h, uint32_t domid, enum hv_reason r, struct err *e)
{
    if (h->ops->shutdown == NULL)
        return lacks(h, "shutdown", e);
    return h->ops->shutdown(h, domid, r, e);
}

int
hv_resume(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->resume == NULL)
        return lacks(h, "resume", e);
    return h->ops->resume(h, domid, e);
}

int
hv_destroy(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->destroy == NULL)
        return lacks(h, "destroy", e);
    return h->ops->destroy(h, domid, e);
}

int
hv_set_uuid(struct hv *h, uint32_t domid, const uint8_t uuid[16], struct err *e)
{
    if (h->ops->set_uuid == NULL)
        return lacks(h, "set_uuid", e);
    return h->ops->set_uuid(h, domid, uuid, e);
}

int
hv_virq_fd(struct hv *h)
{
    return h->ops->virq_fd == NULL ? -1 : h->ops->virq_fd(h);
}

unsigned
hv_virq_drain(struct hv *h)
{
    return h->ops->virq_drain == NULL ? 0 : h->ops->virq_drain(h);
}

unsigned
hv_virq_bound(const struct hv *h)
{
    return h->ops->virq_bound == NULL ? 0 : h->ops->virq_bound(h);
}

int
hv_topology(struct hv *h, struct hv_topology *out, struct err *e)
{
    if (h->ops->topology == NULL)
        return lacks(h, "topology", e);
    return h->ops->topology(h, out, e);
}

int
hv_debug_keys(struct hv *h, const char *keys, struct err *e)
{
    if (h->ops->debug_keys == NULL)
        return lacks(h, "debug_keys", e);
    return h->ops->debug_keys(h, keys, e);
}

int
hv_console_ring(struct hv *h, char *buf, size_t *n_inout, uint32_t *index_inout,
                struct err *e)
{
    if (h->ops->console_ring == NULL)
        return lacks(h, "console_ring", e);
    return h->ops->console_ring(h, buf, n_inout, index_inout, e);
}

int
hv_dev_list(struct hv *h, struct hv_dev *out, size_t max, size_t *n_out,
            struct err *e)
{
    if (h->ops->dev_list == NULL)
        return lacks(h, "dev_list", e);
    return h->ops->dev_list(h, out, max, n_out, e);
}

int
hv_dev_stats(struct hv *h, const struct hv_dev *devs, size_t n, bool full,
             struct hv_dev_stats *out, struct err *e)
{
    if (h->ops->dev_stats == NULL)
        return lacks(h, "dev_stats", e);
    return h->ops->dev_stats(h, devs, n, full, out, e);
}

int
hv_pci_list(struct hv *h, struct hv_pci *out, size_t max, size_t *n_out,
            struct err *e)
{
    if (h->ops->pci_list == NULL)
        return lacks(h, "pci_list", e);
    return h->ops->pci_list(h, out, max, n_out, e);
}

int
hv_pci_get(struct hv *h, uint32_t sbdf, struct hv_pci *out, struct err *e)
{
    if (h->ops->pci_get == NULL)
        return lacks(h, "pci_get", e);
    return h->ops->pci_get(h, sbdf, out, e);
}

int
hv_pci_reset(struct hv *h, uint32_t sbdf, struct err *e)
{
    if (h->ops->pci_reset == NULL)
        return lacks(h, "pci_reset", e);
    return h->ops->pci_reset(h, sbdf, e);
}

int
hv_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                 struct err *e)
{
    if (h->ops->assign_device == NULL)
        return lacks(h, "assign_device", e);
    return h->ops->assign_device(h, domid, sbdf, relaxed, e);
}

int
hv_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf, struct err *e)
{
    if (h->ops->deassign_device == NULL)
        return lacks(h, "deassign_device", e);
    return h->ops->deassign_device(h, domid, sbdf, e);
}

int
hv_ioport_permission(struct hv *h, uint32_t domid, uint32_t first, uint32_t n,
                     bool allow, struct err *e)
{
    if (h->ops->ioport_permission == NULL)
        return lacks(h, "ioport_permission", e);
    return h->ops->ioport_permission(h, domid, first, n, allow, e);
}

int
hv_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                    bool allow, struct err *e)
{
    if (h->ops->iomem_permission == NULL)
        return lacks(h, "iomem_permission", e);
    return h->ops->iomem_permission(h, domid, mfn, n, allow, e);
}

int
hv_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                  struct err *e)
{
    if (h->ops->irq_permission == NULL)
        return lacks(h, "irq_permission", e);
    return h->ops->irq_permission(h, domid, irq, allow, e);
}

int
hv_disk(struct hv *h, const char *path, struct hv_disk *out, struct err *e)
{
    if (h->ops->disk == NULL)
        return lacks(h, "disk", e);
    return h->ops->disk(h, path, out, e);
}

int
hv_hotplug(struct hv *h, const struct hv_hotplug *j, struct err *e)
{
    if (h->ops->hotplug == NULL)
        return lacks(h, "hotplug", e);
    return h->ops->hotplug(h, j, e);
}

void
hv_hotplug_stop(struct hv *h, void *arg)
{
    if (h->ops->hotplug_stop != NULL)
        h->ops->hotplug_stop(h, arg);
}

int
hv_model_start(struct hv *h, uint32_t domid, struct err *e)
{
    if (h->ops->model_start == NULL)
        return lacks(h, "model_start", e);
    return h->ops->model_start(h, domid, e);
}

void
hv_model_stop(struct hv *h, uint32_t domid)
{
    if (h->ops->model_stop != NULL)
        h->ops->model_stop(h, domid);
}

bool
hv_model_runs(struct hv *h, uint32_t domid)
{
    return h->ops->model_runs != NULL && h->ops->model_runs(h, domid);
}

void
hv_model_watch(struct hv *h, uint32_t domid,
               void (*ended)(void *arg, int status), void *arg)
{
    if (h->ops->model_watch != NULL)
        h->ops->model_watch(h, domid, ended, arg);
}

int
hv_pci_permissive(struct hv *h, uint32_t sbdf, struct err *e)
{
    if (h->ops->pci_permissive == NULL)
        return lacks(h, "pci_permissive", e);
    return h->ops->pci_permissive(h, sbdf, e);
}
