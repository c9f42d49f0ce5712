/*
 * hist_vcpus.c - the processor share of each vcpu, for the history. A domain
 * with one vcpu costs nothing here.
 */
#include <stdlib.h>

#include "engine/host/history_int.h"
#include "src/base/xalloc.h"

/* Of a domain, at the reading before. */
struct hist_vcpus {
    uint64_t at_ns; /* 0: there was none */
    unsigned n;
    uint64_t ns[];
};

unsigned
hist_vcpus_of(const struct dom *d)
{
    if (d->vcpus_max < 2)
        return 0;
    return d->vcpus_max < HISTORY_VCPUS_MAX ? d->vcpus_max : HISTORY_VCPUS_MAX;
}

/* A clock of Xen's that steps back says nothing. */
static double
hist_vcpus_share(uint64_t before, uint64_t now, uint64_t wall_ns)
{
    double pct;

    if (now < before || wall_ns == 0)
        return -1;
    pct = 100.0 * (double)(now - before) / (double)wall_ns;
    return pct > 100 ? 100 : pct;
}

/* The place for the times of n vcpus; others in it are forgotten. */
static struct hist_vcpus *
hist_vcpus_place(struct dom_entry *de, unsigned n)
{
    struct hist_vcpus *v = de->hist_vcpus;

    if (v != NULL && v->n == n)
        return v;
    free(v);
    v = xcalloc(1, sizeof(*v) + n * sizeof(v->ns[0]));
    v->n = n;
    de->hist_vcpus = v;
    return v;
}

unsigned
hist_vcpus_read(struct engine *en, struct dom_entry *de, double *pct)
{
    uint64_t ns[HISTORY_VCPUS_MAX], now = loop_now_ns(engine_loop(en));
    unsigned i, n = hist_vcpus_of(&de->d);
    struct hist_vcpus *v;

    if (n == 0)
        return 0;
    v = hist_vcpus_place(de, n);
    if (hv_vcpu_times(engine_hv(en), de->d.domid, ns, n, NULL) < 0) {
        v->at_ns = 0;
        return 0;
    }
    for (i = 0; i < n; i++) {
        pct[i] = v->at_ns == 0
                     ? -1
                     : hist_vcpus_share(v->ns[i], ns[i], now - v->at_ns);
        v->ns[i] = ns[i];
    }
    v->at_ns = now;
    return n;
}
