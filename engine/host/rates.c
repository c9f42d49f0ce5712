/*
 * rates.c - see rates.h. A counter that is smaller than before has begun anew
 * (the device was attached again): what it shows is what has passed since.
 * A tick reads at most SLICE devices, the next tick the next ones: on a host
 * with more of them a rate is the mean over some seconds, and a tick stays
 * cheap. A want of the rates has all read at once. For the history alone the
 * slices are smaller and the devices are listed seldom.
 * Invariant: `all` is sorted by domid, as the table of domains is.
 */
#include "engine/host/rates.h"

#include <stdlib.h>
#include <string.h>

#include "engine/dom0/dom0.h"
#include "engine/host/host_int.h"
#include "engine/host/rates_want.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define RELIST_TICKS 5
#define SLICE        512
#define IDLE_RELIST  60 /* for the history alone */
#define IDLE_SLICE   64
#define ASKED_MIN_NS 200000000ULL   /* between two readings of one device */
#define ASKED_MAX_NS 30000000000ULL /* nobody looks at it any more */
#define SECTOR       512.0
#define NS_PER_S     1e9

/* A device of the list's rates. */
struct sample {
    struct dom0_dev dev;
    struct dom0_dev_stats v;
    uint64_t ns; /* when v was read, 0: never */
    struct dom_rates rates;
};

/* A device that somebody looks at. */
struct asked {
    struct dom0_dev dev;
    struct dom0_dev_stats v;
    uint64_t ns;             /* when v was read */
    struct dom_device shown; /* rates only */
};

struct rates {
    bool stale;
    unsigned age; /* ticks since the devices were listed */
    size_t n_doms;
    uint64_t newest_dom;
    struct sample *all;
    size_t n_all, next;   /* the first one of the next slice */
    struct dom0_dev *dev; /* scratch: those to read, and what was read */
    struct dom0_dev_stats *now;
    size_t cap;
    struct asked *asked;
    size_t n_asked;
};

static const struct dom_rates unknown = { -1, -1, -1, -1 };

static struct rates *
rates_of(struct engine *en)
{
    if (host_room(en)->rates == NULL)
        host_room(en)->rates = xcalloc(1, sizeof(*host_room(en)->rates));
    return host_room(en)->rates;
}

void
rates_free(struct engine *en)
{
    struct rates *r = host_room(en)->rates;
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &host_room(en)->wants) {
        list_entry(it, struct rates_want, node)->en = NULL;
        list_del(it);
    }
    if (r == NULL)
        return;
    free(r->all);
    free(r->dev);
    free(r->now);
    free(r->asked);
    free(r);
    host_room(en)->rates = NULL;
}

static double
per_s(uint64_t before, uint64_t now, double s)
{
    return (double)(now >= before ? now - before : now) / s;
}

/* --- which devices there are --- */

static int
by_dom(const void *a, const void *b)
{
    const struct dom0_dev *x = a, *y = b; /* first member of a sample, too */

    if (x->domid != y->domid)
        return x->domid > y->domid ? 1 : -1;
    if (x->vif != y->vif)
        return x->vif ? 1 : -1;
    return (x->devid > y->devid) - (x->devid < y->devid);
}

static void
reserve(struct rates *r, size_t n)
{
    if (n <= r->cap)
        return;
    r->cap = n + n / 4 + 16;
    r->dev = xrealloc(r->dev, r->cap, sizeof(*r->dev));
    r->now = xrealloc(r->now, r->cap, sizeof(*r->now));
}

static int
list_devs(struct engine *en, struct rates *r, size_t *n_out)
{
    do {
        if (dom0_dev_list(engine_dom0(en), r->dev, r->cap, n_out, NULL) < 0)
            return -1;
        if (*n_out <= r->cap)
            return 0;
        reserve(r, *n_out);
    } while (true);
}

/* The devices anew; those that stay keep their last sample. */
static void
relist(struct engine *en, struct rates *r)
{
    struct sample *all;
    size_t i, n;

    if (list_devs(en, r, &n) < 0)
        return;
    if (n > 1)
        qsort(r->dev, n, sizeof(*r->dev), by_dom);
    all = xcalloc(n == 0 ? 1 : n, sizeof(*all));
    for (i = 0; i < n; i++) {
        const struct sample *old = NULL;

        if (r->n_all > 0)
            old =
                bsearch(&r->dev[i], r->all, r->n_all, sizeof(*r->all), by_dom);
        all[i] = old != NULL ? *old : (struct sample){ .rates = unknown };
        all[i].dev = r->dev[i];
    }
    free(r->all);
    r->all = all;
    r->n_all = n;
    r->age = 0;
    r->stale = false;
    r->n_doms = host_room(en)->n_doms;
    r->newest_dom = host_room(en)->next_dom_id;
}

void
rates_stale(struct engine *en)
{
    if (host_room(en)->rates != NULL)
        host_room(en)->rates->stale = true;
}

/* --- all domains --- */

static void
update(struct sample *s, const struct dom0_dev_stats *v, uint64_t now)
{
    double t = (double)(now - s->ns) / NS_PER_S;
    bool two = s->ns != 0 && s->v.known && v->known;

    if (now == s->ns)
        return; /* read twice at one instant: the last rates hold */
    s->rates = unknown;
    if (two && s->dev.vif) {
        s->rates.rx_bytes = per_s(s->v.rx_bytes, v->rx_bytes, t);
        s->rates.tx_bytes = per_s(s->v.tx_bytes, v->tx_bytes, t);
    } else if (two) {
        s->rates.rd_bytes = per_s(s->v.rd_sectors, v->rd_sectors, t / SECTOR);
        s->rates.wr_bytes = per_s(s->v.wr_sectors, v->wr_sectors, t / SECTOR);
    }
    s->v = *v;
    s->ns = now;
}

static void
read_some(struct engine *en, struct rates *r, size_t max)
{
    size_t i, n = r->n_all < max ? r->n_all : max;
    uint64_t now = loop_now_ns(engine_loop(en));

    if (n == 0)
        return;
    if (r->next >= r->n_all)
        r->next = 0;
    for (i = 0; i < n; i++)
        r->dev[i] = r->all[(r->next + i) % r->n_all].dev;
    if (dom0_dev_stats(engine_dom0(en), r->dev, n, false, r->now, NULL) < 0)
        return;
    for (i = 0; i < n; i++)
        update(&r->all[(r->next + i) % r->n_all], &r->now[i], now);
    r->next += n;
}

static void
rates_add(double *sum, double v)
{
    if (v >= 0)
        *sum = (*sum < 0 ? 0 : *sum) + v;
}

static void
add_rates(struct dom_rates *sum, const struct dom_rates *v)
{
    rates_add(&sum->rx_bytes, v->rx_bytes);
    rates_add(&sum->tx_bytes, v->tx_bytes);
    rates_add(&sum->rd_bytes, v->rd_bytes);
    rates_add(&sum->wr_bytes, v->wr_bytes);
}

/* Both tables ascend by domid: one walk. */
static void
spread(struct engine *en, const struct rates *r)
{
    size_t i, k = 0;

    for (i = 0; i < host_room(en)->n_doms; i++) {
        struct dom *d = &host_room(en)->doms[i]->d;

        d->rates = unknown;
        while (k < r->n_all && r->all[k].dev.domid < d->domid)
            k++;
        for (; k < r->n_all && r->all[k].dev.domid == d->domid; k++)
            add_rates(&d->rates, &r->all[k].rates);
    }
}

static void
sample(struct engine *en, struct rates *r, size_t max, unsigned relist_ticks)
{
    if (r->stale || r->age >= relist_ticks ||
        r->n_doms != host_room(en)->n_doms ||
        r->newest_dom != host_room(en)->next_dom_id)
        relist(en, r);
    r->age++;
    read_some(en, r, max);
    spread(en, r);
}

/* What is sampled after a pause is no second's. */
static void
forget_all(struct engine *en)
{
    size_t i;

    host_room(en)->rates->n_all = 0;
    host_room(en)->rates->stale = true;
    for (i = 0; i < host_room(en)->n_doms; i++)
        host_room(en)->doms[i]->d.rates = unknown;
}

void
rates_tick(struct engine *en)
{
    unsigned wanted = rates_wanted(en);

    if (wanted & RATES_DEVICES)
        sample(en, rates_of(en), SLICE, RELIST_TICKS);
    else if (wanted & RATES_HISTORY)
        sample(en, rates_of(en), IDLE_SLICE, IDLE_RELIST);
}

/* --- who wants them --- */

unsigned
rates_wanted(const struct engine *en)
{
    const struct list_node *it;
    unsigned what = 0;

    list_foreach (it, &host_room(en)->wants)
        what |= list_entry(it, const struct rates_want, node)->what;
    return what;
}

void
engine_rates_want(struct engine *en, struct rates_want *w, unsigned what)
{
    struct rates *r;

    if (w->en == NULL)
        list_append(&host_room(en)->wants, &w->node);
    w->en = en;
    w->what = what;
    if ((what & RATES_DEVICES) == 0)
        return;
    r = rates_of(en);
    r->stale = true;
    sample(en, r, SIZE_MAX, RELIST_TICKS);
}

void
engine_rates_unwant(struct rates_want *w)
{
    struct engine *en = w->en;

    if (en == NULL)
        return;
    list_del(&w->node);
    w->en = NULL;
    if (rates_wanted(en) == 0 && host_room(en)->rates != NULL)
        forget_all(en);
}

/* --- the devices of one domain --- */

static bool
has_counters(const struct dom_device *d)
{
    return d->backend_domid == 0 && strcmp(d->kind, d->back_kind) == 0 &&
           d->class != DOM_DEVICE_OTHER;
}

static void
rates_no_rates(struct dom_device *d)
{
    d->rates = unknown;
    d->rd_reqs = d->wr_reqs = d->rx_pkts = d->tx_pkts = -1;
}

static void
forget_unasked(struct rates *r, uint64_t now)
{
    size_t i, n = 0;

    for (i = 0; i < r->n_asked; i++)
        if (now - r->asked[i].ns < ASKED_MAX_NS)
            r->asked[n++] = r->asked[i];
    r->n_asked = n;
}

static struct asked *
asked_get(struct rates *r, const struct dom0_dev *dev)
{
    size_t i;

    for (i = 0; i < r->n_asked; i++)
        if (by_dom(&r->asked[i].dev, dev) == 0)
            return &r->asked[i];
    r->asked = xrealloc(r->asked, r->n_asked + 1, sizeof(*r->asked));
    r->asked[i] = (struct asked){ .dev = *dev };
    rates_no_rates(&r->asked[i].shown);
    r->n_asked++;
    return &r->asked[i];
}

static void
asked_update(struct asked *a, const struct dom0_dev_stats *v, uint64_t now)
{
    double s = (double)(now - a->ns) / NS_PER_S;
    struct dom_device *out = &a->shown;

    if (a->ns != 0 && now - a->ns < ASKED_MIN_NS)
        return; /* too soon: the last rates hold */
    rates_no_rates(out);
    if (a->ns != 0 && a->v.known && a->dev.vif) {
        out->rates.rx_bytes = per_s(a->v.rx_bytes, v->rx_bytes, s);
        out->rates.tx_bytes = per_s(a->v.tx_bytes, v->tx_bytes, s);
        out->rx_pkts = per_s(a->v.rx_packets, v->rx_packets, s);
        out->tx_pkts = per_s(a->v.tx_packets, v->tx_packets, s);
    } else if (a->ns != 0 && a->v.known) {
        out->rates.rd_bytes = per_s(a->v.rd_sectors, v->rd_sectors, s / SECTOR);
        out->rates.wr_bytes = per_s(a->v.wr_sectors, v->wr_sectors, s / SECTOR);
        out->rd_reqs = per_s(a->v.rd_req, v->rd_req, s);
        out->wr_reqs = per_s(a->v.wr_req, v->wr_req, s);
    }
    a->v = *v;
    a->ns = now;
}

static void
rates_fill(struct dom_device *d, const struct asked *a,
           const struct dom0_dev_stats *v)
{
    d->have_counters = true;
    d->rx_bytes = v->rx_bytes;
    d->tx_bytes = v->tx_bytes;
    d->rx_packets = v->rx_packets;
    d->tx_packets = v->tx_packets;
    d->rx_errors = v->rx_errors;
    d->tx_errors = v->tx_errors;
    d->rx_drops = v->rx_drops;
    d->tx_drops = v->tx_drops;
    d->rd_req = v->rd_req;
    d->wr_req = v->wr_req;
    d->rd_sectors = v->rd_sectors;
    d->wr_sectors = v->wr_sectors;
    d->rates = a->shown.rates;
    d->rd_reqs = a->shown.rd_reqs;
    d->wr_reqs = a->shown.wr_reqs;
    d->rx_pkts = a->shown.rx_pkts;
    d->tx_pkts = a->shown.tx_pkts;
}

void
rates_devices(struct engine *en, uint32_t domid, struct dom_device *list,
              size_t n)
{
    struct dom0_dev dev[DOM_DEVICES_MAX];
    struct dom0_dev_stats v[DOM_DEVICES_MAX];
    size_t at[DOM_DEVICES_MAX], i, n_dev = 0;
    uint64_t now = loop_now_ns(engine_loop(en));
    struct rates *r = rates_of(en);

    forget_unasked(r, now);
    for (i = 0; i < n; i++) {
        rates_no_rates(&list[i]);
        if (n_dev == DOM_DEVICES_MAX || !has_counters(&list[i]))
            continue;
        dev[n_dev] = (struct dom0_dev){ .vif = list[i].class == DOM_DEVICE_NET,
                                        .domid = domid,
                                        .devid = list[i].devid };
        at[n_dev++] = i;
    }
    if (n_dev == 0 ||
        dom0_dev_stats(engine_dom0(en), dev, n_dev, true, v, NULL) < 0)
        return;
    for (i = 0; i < n_dev; i++) {
        struct asked *a = asked_get(r, &dev[i]);

        if (!v[i].known)
            continue;
        asked_update(a, &v[i], now);
        rates_fill(&list[at[i]], a, &v[i]);
    }
}
