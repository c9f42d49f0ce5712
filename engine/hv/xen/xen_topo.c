/*
 * xen_topo.c - which cpu sits where, and the memory of each NUMA node.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>

#include "src/base/xalloc.h"

static int
xen_topo_take_cpus(struct xen *x, struct hv_topology *out, struct err *e)
{
    unsigned i, n = HV_CPUS_MAX;
    xc_cputopo_t *t = xcalloc(n, sizeof(*t));

    if (xc_cputopoinfo(x->xch, &n, t) < 0) {
        free(t);
        return xen_err_host(e, errno, "topology of the cpus");
    }
    out->n_cpus = n < HV_CPUS_MAX ? n : HV_CPUS_MAX;
    for (i = 0; i < out->n_cpus; i++) {
        out->cpu[i].online = t[i].core != XEN_INVALID_CORE_ID;
        out->cpu[i].core = t[i].core;
        out->cpu[i].socket = t[i].socket;
        out->cpu[i].node = t[i].node;
    }
    free(t);
    return 0;
}

static int
take_nodes(struct xen *x, struct hv_topology *out, struct err *e)
{
    xc_meminfo_t m[HV_NODES_MAX] = { 0 };
    unsigned i, n = HV_NODES_MAX;

    if (xc_numainfo(x->xch, &n, m, NULL) < 0)
        return xen_err_host(e, errno, "NUMA nodes");
    for (i = 0; i < n && i < HV_NODES_MAX; i++) {
        if (m[i].memsize == XEN_INVALID_MEM_SZ)
            continue;
        out->node[out->n_nodes].id = i;
        out->node[out->n_nodes].total_kib = m[i].memsize / 1024;
        out->node[out->n_nodes++].free_kib = m[i].memfree / 1024;
    }
    return 0;
}

int
xen_topology(struct hv *h, struct hv_topology *out, struct err *e)
{
    struct xen *x = xen_of(h);

    *out = (struct hv_topology){ 0 };
    return xen_topo_take_cpus(x, out, e) < 0 || take_nodes(x, out, e) < 0 ? -1
                                                                          : 0;
}
