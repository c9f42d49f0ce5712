/*
 * host_facts.c - the host's own facts: once at start, and at each statistics
 * tick.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/host/host_int.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

static void
take_host(struct host *h, const struct hv_host *v)
{
    text_fmt(h->version, sizeof(h->version), "%s", v->version);
    text_fmt(h->scheduler, sizeof(h->scheduler), "%s", v->scheduler);
    text_fmt(h->caps, sizeof(h->caps), "%s", v->caps);
    h->cpus = v->cpus;
    h->nodes = v->nodes;
    h->cores_per_socket = v->cores_per_socket;
    h->threads_per_core = v->threads_per_core;
    h->cpu_khz = v->cpu_khz;
    h->total_kib = v->total_kib;
    h->free_kib = v->free_kib;
}

/* Busy share of each physical cpu since the last tick; gives that of all. */
static double
load_of(const struct host_room *h, const uint64_t *idle, unsigned n,
        uint64_t wall, double *pct_out)
{
    bool known = h->n_idle == n && wall > 0 && h->idle_sample_ns != 0;
    double sum = 0;
    unsigned i;

    for (i = 0; i < n; i++) {
        uint64_t idle_ns =
            known && idle[i] > h->idle_ns[i] ? idle[i] - h->idle_ns[i] : 0;

        pct_out[i] = -1;
        if (known) {
            pct_out[i] = 100.0 - 100.0 * (double)idle_ns / (double)wall;
            pct_out[i] = pct_out[i] < 0 ? 0 : pct_out[i];
            sum += pct_out[i];
        }
    }
    return known && n > 0 ? sum / n : -1;
}

static void
host_load(struct host_room *h)
{
    uint64_t idle[HV_CPUS_MAX], now = loop_now_ns(engine_loop(h->en));
    unsigned n;

    if (hv_cpu_idle(engine_hv(h->en), idle, HV_CPUS_MAX, &n, NULL) < 0) {
        h->host.load_pct = -1;
        return;
    }
    h->cpu_pct = xrealloc(h->cpu_pct, n == 0 ? 1 : n, sizeof(*h->cpu_pct));
    h->host.load_pct = load_of(h, idle, n, now - h->idle_sample_ns, h->cpu_pct);
    h->idle_ns = xrealloc(h->idle_ns, n == 0 ? 1 : n, sizeof(idle[0]));
    memcpy(h->idle_ns, idle, n * sizeof(idle[0]));
    h->n_idle = n;
    h->idle_sample_ns = now;
}

void
host_facts_tick(struct engine *en)
{
    struct host *h = &host_room(en)->host;
    struct hv_host v;
    struct err e = { 0 };

    if (h->hostname[0] == '\0') {
        char name[64] = "";

        (void)gethostname(name, sizeof(name) - 1);
        text_safe(h->hostname, sizeof(h->hostname), name, strlen(name));
        text_fmt(h->driver, sizeof(h->driver), "%s",
                 hv_driver_name(engine_hv(en)));
    }
    if (hv_host(engine_hv(en), &v, &e) == 0)
        take_host(h, &v);
    text_fmt(h->problem, sizeof(h->problem), "%s", e.msg);
    host_load(host_room(en));
    if (store_lost(engine_store(en)) && !h->store_lost)
        event_add(en, EVENT_ALARM, EVENT_ERROR, NULL,
                  "xenstored is gone: it cannot be restarted under running "
                  "guests, and nothing can be changed from here any more");
    h->store_lost = store_lost(engine_store(en));
    engine_changed(en, ENGINE_CH_HOST);
}

const struct host *
engine_host_info(const struct engine *en)
{
    return &host_room(en)->host;
}

/* --- vcpus --- */

static void
vcpu_pct(struct dom_entry *de, struct dom_vcpu *v, uint64_t wall)
{
    v->cpu_pct = -1;
    if (v->id >= de->n_vcpu_ns || wall == 0)
        return;
    if (v->cpu_ns >= de->vcpu_ns[v->id])
        v->cpu_pct =
            100.0 * (double)(v->cpu_ns - de->vcpu_ns[v->id]) / (double)wall;
}

static void
mask_text(const uint8_t *mask, unsigned cpus, char *dst, size_t dst_size)
{
    struct buf b = { 0 };

    cpus_print(mask, cpus, &b);
    text_fmt(dst, dst_size, "%s", buf_text(&b));
    buf_free(&b);
}

static void
fill_vcpu(struct engine *en, struct dom_vcpu *out, unsigned id,
          const struct hv_vcpu *v)
{
    out->id = id;
    out->online = v->online;
    out->blocked = v->blocked;
    out->running = v->running;
    out->cpu = v->cpu;
    out->cpu_ns = v->cpu_ns;
    mask_text(v->hard, engine_host_info(en)->cpus, out->hard,
              sizeof(out->hard));
    mask_text(v->soft, engine_host_info(en)->cpus, out->soft,
              sizeof(out->soft));
}

int
engine_vcpus(struct engine *en, uint64_t dom_id, struct dom_vcpu *out,
             size_t max, size_t *n_out, struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);
    uint64_t now = loop_now_ns(engine_loop(en)), wall;
    struct hv_vcpu v;
    size_t i, n;

    if (de == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    wall = de->n_vcpu_ns > 0 ? now - de->vcpu_sample_ns : 0;
    n = de->d.vcpus_max < max ? de->d.vcpus_max : max;
    for (i = 0; i < n; i++) {
        if (hv_vcpu(engine_hv(en), de->d.domid, (unsigned)i, &v, e) < 0)
            return -1;
        fill_vcpu(en, &out[i], (unsigned)i, &v);
        vcpu_pct(de, &out[i], wall);
    }
    de->vcpu_ns = xrealloc(de->vcpu_ns, n == 0 ? 1 : n, sizeof(*de->vcpu_ns));
    for (i = 0; i < n; i++)
        de->vcpu_ns[i] = out[i].cpu_ns;
    de->n_vcpu_ns = n;
    de->vcpu_sample_ns = now;
    *n_out = n;
    return 0;
}
