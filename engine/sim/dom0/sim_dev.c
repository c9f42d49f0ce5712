/*
 * sim_dev.c - counters of the devices that the simulated dom0 serves: a guest's
 * traffic grows with the cpu time it uses, so that who is busy is busy in all
 * columns. A device counts from when it was attached.
 */
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "src/base/xalloc.h"

#define BACKENDS      "/local/domain/0/backend"
#define STATE_ON      "4" /* XenbusStateConnected */
#define PACKET_BYTES  700
#define REQ_SECTORS   16
#define SECTORS_SHARE 16 /* a microsecond of cpu in sectors, read */

static struct sim *
sim_dev_of(struct dom0 *d)
{
    return container_of(d, struct sim, dom0);
}

static const struct sim_node *
kid(const struct sim_node *n, const char *name)
{
    uint32_t i;

    for (i = 0; n != NULL && i < n->n_kids; i++)
        if (strcmp(n->kids[i]->name, name) == 0)
            return n->kids[i];
    return NULL;
}

static bool
connected(const struct sim_node *back)
{
    const struct sim_node *n = kid(back, "state");

    return n != NULL && n->len == 1 && n->val[0] == STATE_ON[0];
}

struct listing {
    struct dom0_dev *out;
    size_t max, n;
};

static void
list_kind(const struct sim *s, bool vif, struct listing *l)
{
    const struct sim_node *kind =
        sim_tree_find(&s->tree, vif ? BACKENDS "/vif" : BACKENDS "/vbd");
    unsigned long long domid, devid;
    uint32_t i, k;

    for (i = 0; kind != NULL && i < kind->n_kids; i++) {
        const struct sim_node *dom = kind->kids[i];

        for (k = 0; k < dom->n_kids; k++) {
            if (!text_u64(dom->name, 0, HV_DOMID_MAX, &domid) ||
                !text_u64(dom->kids[k]->name, 0, UINT32_MAX, &devid) ||
                !connected(dom->kids[k]))
                continue;
            if (l->n < l->max)
                l->out[l->n] = (struct dom0_dev){ .vif = vif,
                                                  .domid = (uint32_t)domid,
                                                  .devid = (uint32_t)devid };
            l->n++;
        }
    }
}

int
sim_dom0_dev_list(struct dom0 *d, struct dom0_dev *out, size_t max,
                  size_t *n_out, struct err *e)
{
    struct sim *s = sim_dev_of(d);
    struct listing l = { .out = out, .max = max };

    (void)e;
    list_kind(s, false, &l);
    list_kind(s, true, &l);
    *n_out = l.n;
    return 0;
}

static uint64_t
key_of(const struct dom0_dev *d)
{
    return (uint64_t)d->domid << 33 | (uint64_t)d->devid << 1 | d->vif;
}

/* Its record, made at the first look. */
static struct sim_dev *
dev_of(struct sim *s, const struct dom0_dev *dev, uint64_t gen, uint64_t cpu_ns)
{
    size_t lo = 0, hi = s->n_devs, mid;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (key_of(&s->devs[mid].dev) < key_of(dev))
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == s->n_devs || key_of(&s->devs[lo].dev) != key_of(dev)) {
        if (s->n_devs == s->cap_devs) {
            s->cap_devs = s->cap_devs == 0 ? 16 : 2 * s->cap_devs;
            s->devs = xrealloc(s->devs, s->cap_devs, sizeof(*s->devs));
        }
        memmove(&s->devs[lo + 1], &s->devs[lo],
                (s->n_devs - lo) * sizeof(*s->devs));
        s->n_devs++;
        s->devs[lo] =
            (struct sim_dev){ .dev = *dev, .gen = gen, .base_ns = cpu_ns };
    } else if (s->devs[lo].gen != gen) {
        s->devs[lo].gen = gen;
        s->devs[lo].base_ns = cpu_ns;
    }
    return &s->devs[lo];
}

static void
sim_dev_fill(const struct dom0_dev *dev, uint64_t cpu_us,
             struct dom0_dev_stats *out)
{
    uint64_t v = cpu_us * (2 + (dev->domid * 7 + dev->devid) % 5);

    *out = (struct dom0_dev_stats){ .known = true };
    if (dev->vif) {
        out->rx_bytes = v;
        out->tx_bytes = v / 3;
        out->rx_packets = v / PACKET_BYTES;
        out->tx_packets = v / PACKET_BYTES / 2;
    } else {
        out->rd_sectors = v / SECTORS_SHARE;
        out->wr_sectors = v / SECTORS_SHARE / 2;
        out->rd_req = out->rd_sectors / REQ_SECTORS;
        out->wr_req = out->wr_sectors / REQ_SECTORS;
    }
}

static void
sim_dev_stats_of(struct sim *s, const struct dom0_dev *dev,
                 struct dom0_dev_stats *out)
{
    const struct sim_dom *d = sim_dom_find(s, dev->domid);
    const struct sim_node *back, *front;
    char path[96];
    uint64_t cpu;

    *out = (struct dom0_dev_stats){ 0 };
    text_fmt(path, sizeof(path), BACKENDS "/%s/%u/%u", dev->vif ? "vif" : "vbd",
             dev->domid, dev->devid);
    back = sim_tree_find(&s->tree, path);
    /* Written once, when it is attached. */
    front = kid(back, "frontend");
    if (d == NULL || front == NULL || !connected(back))
        return;
    cpu = sim_dom_cpu(d);
    cpu -= dev_of(s, dev, front->gen, cpu)->base_ns;
    sim_dev_fill(dev, cpu / 1000, out);
}

int
sim_dom0_dev_stats(struct dom0 *d, const struct dom0_dev *devs, size_t n,
                   bool full, struct dom0_dev_stats *out, struct err *e)
{
    struct sim *s = sim_dev_of(d);
    size_t i;

    (void)full; /* here all cost the same */
    (void)e;
    for (i = 0; i < n; i++)
        sim_dev_stats_of(s, &devs[i], &out[i]);
    return 0;
}
