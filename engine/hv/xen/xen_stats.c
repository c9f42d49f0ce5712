/*
 * xen_stats.c - the Xen driver's counters of devices: those of dom0's kernel.
 */
#include "engine/dom0/dev_stats.h"
#include "engine/hv/xen/xen_int.h"

static struct dev_stats *
stats_of(struct hv *h)
{
    struct xen *x = xen_of(h);

    if (x->stats == NULL)
        x->stats = dev_stats_new("");
    return x->stats;
}

int
xen_dev_list(struct hv *h, struct hv_dev *out, size_t max, size_t *n_out,
             struct err *e)
{
    return dev_stats_list(stats_of(h), out, max, n_out, e);
}

int
xen_dev_stats(struct hv *h, const struct hv_dev *devs, size_t n, bool full,
              struct hv_dev_stats *out, struct err *e)
{
    return dev_stats_read(stats_of(h), devs, n, full, out, e);
}
