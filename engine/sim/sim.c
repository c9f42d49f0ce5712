/*
 * sim.c - setting up and taking down the simulated host, and what acts on it
 * from behind the toolstack's back.
 */
#include "engine/sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/dom0/sim_model.h"
#include "engine/sim/dom0/sim_pci.h"
#include "engine/sim/guest/sim_console.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_fault.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/sim_seed.h"
#include "engine/sim/store/sim_store.h"
#include "engine/sim/store/sim_tx.h"
#include "src/base/xalloc.h"

#define DOMAINS_MAX 1000U
#define CPUS        8U
#define UPTIME_S    (61ULL * 86400)
#define FOREIGN_KIB (512ULL * 1024)

/* splitmix64: small, and good enough for names and loads. */
uint64_t
sim_rand(struct sim *s)
{
    uint64_t z = s->rng += 0x9e3779b97f4a7c15ULL;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

uint64_t
sim_now_ms(const struct sim *s)
{
    return loop_now_ns(s->lp) / SIM_NS_PER_MS;
}

static int
opts_check(const struct sim_opts *o, struct err *e)
{
    if (o->domains > DOMAINS_MAX)
        return err_set(e, ERR_RANGE, "%u simulated guests: 0 to %u are allowed",
                       o->domains, DOMAINS_MAX);
    if (o->cpus > HV_CPUS_MAX)
        return err_set(e, ERR_RANGE, "%u simulated cpus: 1 to %u are allowed",
                       o->cpus, HV_CPUS_MAX);
    return 0;
}

static int
fds_open(struct sim *s, struct err *e)
{
    s->virq_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->virq_fd < 0 || s->event_fd < 0)
        return err_sys(e, errno, "event descriptors of the simulated host");
    return 0;
}

struct sim *
sim_new(struct loop *lp, const struct sim_opts *o, struct err *e)
{
    struct sim *s;

    if (opts_check(o, e) < 0)
        return NULL;
    s = xcalloc(1, sizeof(*s));
    s->lp = lp;
    s->o = *o;
    s->o.cpus = o->cpus == 0 ? CPUS : o->cpus;
    s->rng = o->seed;
    s->virq_fd = s->event_fd = -1;
    s->start_ns = loop_now_ns(lp);
    s->uptime_ns = UPTIME_S * SIM_NS_PER_S;
    s->idle_ns = xcalloc(s->o.cpus, sizeof(*s->idle_ns));
    s->owned = xcalloc(SIM_DOMIDS, sizeof(*s->owned));
    s->hv.ops = &sim_hv_ops;
    s->dom0.ops = &sim_dom0_ops;
    s->dom0.lp = lp;
    sim_pools_init(s);
    list_init(&s->txs);
    list_init(&s->draining);
    list_init(&s->backs);
    list_init(&s->fronts);
    list_init(&s->scripts);
    list_init(&s->models);
    store_init(&s->store, &sim_store_ops);
    sim_tree_init(&s->tree, &s->gen, s->owned);
    sim_pci_init(s);
    (void)sim_dom0_bridge_create(&s->dom0, SIM_BRIDGE, NULL);
    if (fds_open(s, e) < 0 || sim_seed_host(s, e) < 0) {
        sim_free(s);
        return NULL;
    }
    if (o->last_domid > s->rover)
        s->rover = o->last_domid;
    if (s->o.lively)
        sim_seed_lively(s);
    return s;
}

void
sim_free(struct sim *s)
{
    struct list_node *it, *tmp;
    size_t i;

    if (s == NULL)
        return;
    loop_timer_del(&s->lively);
    loop_timer_del(&s->die);
    sim_backs_free(s);
    sim_scripts_free(s);
    free(s->disks);
    if (s->firmware_fd > 0)
        close(s->firmware_fd);
    sim_models_free(s);
    for (i = 0; i < s->n_doms; i++) {
        sim_console_free(s->doms[i]->cons);
        sim_dom_free(s->doms[i]);
    }
    free(s->doms);
    list_foreach_safe (it, tmp, &s->draining)
        sim_console_free(list_entry(it, struct sim_cons, node));
    sim_net_free(s);
    buf_free(&s->ports);
    sim_tx_clear(s);
    sim_watches_clear(s);
    sim_node_unref(s->tree.root);
    sim_fault_clear(s);
    free(s->trace);
    free(s->idle_ns);
    free(s->devs);
    free(s->rights);
    free(s->owned);
    buf_free(&s->ring);
    if (s->virq_fd >= 0)
        close(s->virq_fd);
    if (s->event_fd >= 0)
        close(s->event_fd);
    free(s);
}

struct hv *
sim_hv(struct sim *s)
{
    return &s->hv;
}

struct dom0 *
sim_dom0(struct sim *s)
{
    return &s->dom0;
}

void
sim_leave(struct sim *s)
{
    s->left = true;
}

/* After a close the next caller gets a new connection to the same host. */
struct store *
sim_store(struct sim *s)
{
    if (s->store_closed)
        store_init(&s->store, &sim_store_ops);
    s->store_closed = false;
    return &s->store;
}

void
sim_store_die(struct sim *s)
{
    s->store_dead = true;
    sim_tx_clear(s);
    sim_watches_clear(s);                /* no event of it is ever read again */
    (void)eventfd_write(s->event_fd, 1); /* the connection hangs up */
}

int
sim_foreign_guest(struct sim *s, const char *name, uint32_t *domid_out)
{
    struct sim_dom *d;

    if (sim_free_kib(s) < FOREIGN_KIB)
        return -1;
    s->seeding = true; /* one event for all of it, as after a commit */
    d = sim_seed_guest(s, name, FOREIGN_KIB, 1, false);
    s->seeding = false;
    if (d == NULL)
        return -1;
    *domid_out = d->domid;
    sim_fire(s, "@introduceDomain", false);
    return 0;
}

void
sim_xen_says(struct sim *s, const char *text)
{
    sim_ring(s, "%s", text);
}

void
sim_xen_no_memory(struct sim *s)
{
    sim_virq(s, HV_VIRQ_ENOMEM);
}

void
sim_no_consoled(struct sim *s, bool dead)
{
    s->no_consoled = dead;
}
