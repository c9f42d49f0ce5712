/*
 * host_room.c - see host_room.h; and what the table of domains knows of
 * operations and of events.
 */
#include "engine/host/host_room.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/trace_switch.h"
#include "engine/host/hist_room.h"
#include "engine/host/host_int.h"
#include "engine/host/rates.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define REAP_BUSY_MS 200

/* --- wake-ups --- */

static void
host_room_tick(struct loop_timer *lt)
{
    struct host_room *h = container_of(lt, struct host_room, tick);
    struct engine *en = h->en;
    struct err e = { 0 };

    trace_follow(en);
    host_facts_tick(en);
    rates_tick(en); /* before the scan: listeners hear of both at once */
    if (domains_scan(en, true, &e) < 0) {
        text_fmt(h->host.problem, sizeof(h->host.problem), "%s", e.msg);
        engine_changed(en, ENGINE_CH_HOST);
    } else {
        history_tick(en);
    }
    loop_timer_arm(engine_loop(en), lt, engine_options(en)->tick_ms,
                   host_room_tick);
}

static void
introduced(struct store_watch *w, const char *path)
{
    (void)path;
    domains_scan_soon(container_of(w, struct host_room, intro_watch)->en);
}

static void
released(struct store_watch *w, const char *path)
{
    (void)path;
    domains_scan_soon(container_of(w, struct host_room, release_watch)->en);
}

static void
virq_ready(struct loop_fd *lf, unsigned ready)
{
    struct engine *en = container_of(lf, struct host_room, virq_lf)->en;
    unsigned bits = hv_virq_drain(engine_hv(en));

    (void)ready;
    if (bits & HV_VIRQ_DOM_EXC)
        domains_scan_soon(en);
    if (bits & HV_VIRQ_CON_RING)
        xen_log_ready(en);
    if (bits & HV_VIRQ_ENOMEM)
        event_add(en, EVENT_ALARM, EVENT_ERROR, NULL,
                  "Xen is out of memory for its own needs (VIRQ_ENOMEM)");
}

int
host_listen(struct engine *en, struct err *e)
{
    struct host_room *h = host_room(en);
    struct loop *lp = engine_loop(en);
    struct store *st = engine_store(en);
    int fd = hv_virq_fd(engine_hv(en));

    if (store_attach(st, lp, e) < 0 ||
        store_watch_add(st, &h->intro_watch, "@introduceDomain", introduced,
                        e) < 0 ||
        store_watch_add(st, &h->release_watch, "@releaseDomain", released, e) <
            0)
        return -1;
    if (fd >= 0 && loop_fd_add(lp, &h->virq_lf, fd, LOOP_READ, virq_ready) < 0)
        log_line(engine_log(en), LOGL_WARN,
                 "virtual interrupts are not watched");
    if (engine_options(en)->history)
        engine_rates_want(en, &h->history_setting, RATES_HISTORY);
    if (!engine_options(en)->one_shot)
        loop_timer_arm(lp, &h->tick, engine_options(en)->tick_ms,
                       host_room_tick);
    return 0;
}

/* --- operations --- */

static const struct dom *
find_dom(const struct task_domains *td, uint64_t dom_id)
{
    const struct host_room *h = container_of(td, const struct host_room, known);
    const struct dom_entry *de = domains_by_id(h->en, dom_id);

    return de != NULL ? &de->d : NULL;
}

static void
op_works(struct task_observer *o, const struct task *t, uint64_t op)
{
    struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);

    (void)o;
    if (de == NULL || de->d.op == op)
        return;
    de->d.op = op;
    engine_changed(t->en, ENGINE_CH_DOMS);
}

/* The lock of a reaping is free in a moment: whoever has it saw the same end.
 */
static void
op_ending(struct task_observer *o, const struct task *t)
{
    struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);

    (void)o;
    if (t->op->verb != OP_REAP || t->started || t->err.code != ERR_BUSY ||
        de == NULL)
        return;
    de->reap_after_ms = loop_now_ms(engine_loop(t->en)) + REAP_BUSY_MS;
    domains_scan_in(t->en, REAP_BUSY_MS);
}

/* --- events --- */

/* A name without a number: of a domain that does not run, but for dom0. */
static bool
host_room_is_off(const struct engine *en, const struct event *ev)
{
    const struct dom_entry *de = domains_by_domid(en, 0);

    return ev->domid == 0 && ev->name[0] != '\0' &&
           strcmp(ev->name, "Domain-0") != 0 &&
           (de == NULL || strcmp(de->d.name, ev->name) != 0);
}

static void
host_room_fill_event(struct event_witness *w, struct event *ev)
{
    static const uint8_t none[16];
    const struct engine *en = container_of(w, struct host_room, witness)->en;
    const struct dom_entry *de;

    if (host_room_is_off(en, ev))
        ev->domid = DOM_NO_DOMID;
    de = domains_by_domid(en, ev->domid);
    if (de == NULL)
        return;
    if (ev->kind == EVENT_DEATH && ev->op == 0)
        ev->op = de->d.op; /* the room of operations knows the rest */
    if (ev->name[0] != '\0' && strcmp(de->d.name, ev->name) == 0 &&
        memcmp(ev->uuid, none, sizeof(none)) == 0)
        memcpy(ev->uuid, de->d.uuid, sizeof(ev->uuid));
}

/* --- open and close --- */

/* What is ours is reaped and restarted. */
static bool
host_has_duty(const struct engine_duty *d)
{
    const struct host_room *h = container_of(d, const struct host_room, duty);
    size_t i;

    for (i = 0; i < h->n_doms; i++)
        if (h->doms[i]->d.owned)
            return true;
    return false;
}

void
host_open(struct engine *en)
{
    struct host_room *h = xcalloc(1, sizeof(*h));

    h->en = en;
    list_init(&h->observers);
    list_init(&h->wants);
    engine_set_room(en, ROOM_HOST, h);
    h->tasks.works = op_works;
    h->tasks.ending = op_ending;
    tasks_observe(en, &h->tasks);
    h->known.find = find_dom;
    tasks_set_domains(en, &h->known);
    h->witness.fill = host_room_fill_event;
    events_ask(en, &h->witness);
    h->duty.has = host_has_duty;
    engine_enter_duty(en, &h->duty);
    host_facts_tick(en);
}

void
host_close(struct engine *en)
{
    struct host_room *h = host_room(en);

    if (h == NULL)
        return;
    engine_leave_duty(&h->duty);
    loop_timer_del(&h->tick);
    loop_timer_del(&h->rescan);
    loop_fd_del(&h->virq_lf);
    store_watch_del(&h->intro_watch);
    store_watch_del(&h->release_watch);
    tasks_unobserve(&h->tasks);
    tasks_set_domains(en, NULL);
    events_forget(&h->witness);
    history_free(en);
    domains_free(h);
    rates_free(en);
    xen_log_free(en);
    free(h->idle_ns);
    free(h->cpu_pct);
    engine_set_room(en, ROOM_HOST, NULL);
    free(h);
}

void
host_set_unlocked(struct engine *en, bool unlocked)
{
    struct host *h = &host_room(en)->host;

    engine_set(en, ENGINE_UNLOCKED, unlocked);
    h->unlocked = unlocked;
    engine_changed(en, ENGINE_CH_HOST);
}
