/*
 * engine.c - opens and closes the engine, wires its wake-ups (xenstore, VIRQs,
 * the statistics tick) and tells listeners what changed, once a turn.
 */
#include "engine/api/engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "engine/core/trace.h"
#include "engine/dm/dm.h"
#include "engine/dom0/net.h"
#include "engine/event/hooks.h"
#include "engine/host/rates.h"
#include "engine/host/vnet.h"
#include "engine/hv/xen/xen.h"
#include "engine/life/define.h"
#include "engine/record/recover.h"
#include "engine/sim/sim.h"
#include "engine/store/xs.h"
#include "engine/task/oplog.h"
#include "engine/task/task.h"
#include "src/base/xalloc.h"

#define TICK_DEFAULT_MS 1000
#define ACK_DEFAULT_S   60
#define END_DEFAULT_S   120
#define CLOSE_LIMIT_MS  60000

#define RESTART_DEFAULT_S 20
#define HELPER_EXE        "/proc/self/exe"

/* --- listeners --- */

static void
tell_listeners(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct engine, tell);
    unsigned what = en->changed;
    struct list_node *it, *tmp;

    en->changed = 0;
    list_foreach_safe (it, tmp, &en->listeners) {
        struct engine_listener *l =
            list_entry(it, struct engine_listener, node);

        l->changed(l, what);
    }
}

void
engine_changed(struct engine *en, unsigned what)
{
    en->changed |= what;
    if (!loop_timer_active(&en->tell))
        loop_timer_arm(en->lp, &en->tell, 0, tell_listeners);
}

void
engine_listen(struct engine *en, struct engine_listener *l)
{
    list_append(&en->listeners, &l->node);
}

void
engine_unlisten(struct engine_listener *l)
{
    list_del(&l->node);
}

/* --- wake-ups --- */

static void
tick(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct engine, tick);
    struct err e = { 0 };

    trace_follow(en);
    domains_host_tick(en);
    rates_tick(en); /* before the scan: listeners hear of both at once */
    if (domains_scan(en, true, &e) < 0) {
        text_fmt(en->host.problem, sizeof(en->host.problem), "%s", e.msg);
        engine_changed(en, ENGINE_CH_HOST);
    }
    loop_timer_arm(en->lp, &en->tick, en->opts.tick_ms, tick);
}

static void
store_event(struct store_watch *w, const char *path)
{
    struct engine *en = strcmp(path, "@releaseDomain") == 0
                            ? container_of(w, struct engine, release_watch)
                            : container_of(w, struct engine, intro_watch);

    domains_scan_soon(en);
}

static void
virq_ready(struct loop_fd *lf, unsigned ready)
{
    struct engine *en = container_of(lf, struct engine, virq_lf);
    unsigned bits = hv_virq_drain(en->hv);

    (void)ready;
    if (bits & HV_VIRQ_DOM_EXC)
        domains_scan_soon(en);
    if (bits & HV_VIRQ_CON_RING)
        xen_log_ready(en);
    if (bits & HV_VIRQ_ENOMEM)
        event_add(en, EVENT_ALARM, EVENT_ERROR, NULL,
                  "Xen is out of memory for its own needs (VIRQ_ENOMEM)");
}

static int
wire(struct engine *en, struct err *e)
{
    int fd = hv_virq_fd(en->hv);

    if (store_attach(en->st, en->lp, e) < 0)
        return -1;
    if (store_watch_add(en->st, &en->intro_watch, "@introduceDomain",
                        store_event, e) < 0 ||
        store_watch_add(en->st, &en->release_watch, "@releaseDomain",
                        store_event, e) < 0)
        return -1;
    if (fd >= 0 &&
        loop_fd_add(en->lp, &en->virq_lf, fd, LOOP_READ, virq_ready) < 0)
        log_line(en->log, LOGL_WARN, "virtual interrupts are not watched");
    if (!en->opts.one_shot && marks_watch(en, e) < 0)
        return -1;
    if (!en->opts.one_shot)
        loop_timer_arm(en->lp, &en->tick, en->opts.tick_ms, tick);
    return 0;
}

/* --- open and close --- */

static void
defaults(struct engine_opts *o)
{
    if (o->tick_ms == 0)
        o->tick_ms = TICK_DEFAULT_MS;
    if (o->shutdown_ack_s == 0)
        o->shutdown_ack_s = ACK_DEFAULT_S;
    if (o->restart_min_s == 0 && !o->restart_min_set)
        o->restart_min_s = RESTART_DEFAULT_S;
    if (o->shutdown_end_s == 0)
        o->shutdown_end_s = END_DEFAULT_S;
}

/* --- events --- */

/* One engine a host runs hooks, and no single verb does. */
static bool
may_hook(void *arg)
{
    const struct engine *en = arg;

    return !en->opts.one_shot && !en->host.observer && !en->closing;
}

static void
hook_says(void *arg, enum event_level l, const char *text)
{
    struct event ev = { .kind = EVENT_ENGINE, .level = l, .hook = true };

    event_add_head(arg, &ev, "%s", text);
}

static void
open_events(struct engine *en)
{
    struct hooks_opts ho = { .lp = en->lp,
                             .log = en->log,
                             .dir = en->opts.hook_dir,
                             .enabled = may_hook,
                             .note = hook_says,
                             .arg = en };

    if (ho.dir == NULL && en->sim == NULL)
        ho.dir = HOOKS_DIR;
    event_log_open(en);
    en->hooks = hooks_new(&ho);
}

static void
engine_free(struct engine *en)
{
    size_t i;

    trace_stop(en);
    hooks_free(en->hooks);
    en->hooks = NULL;
    event_log_close(en);
    loop_timer_del(&en->tick);
    loop_timer_del(&en->tell);
    loop_timer_del(&en->rescan);
    autostart_stop(en);
    defs_stop(en);
    loop_timer_del(&en->run);
    loop_fd_del(&en->virq_lf);
    helper_pool_fini(&en->helpers);
    consoles_free(en);
    dm_free_all(en);
    domains_free(en);
    rates_free(en);
    store_watch_del(&en->intro_watch);
    store_watch_del(&en->release_watch);
    store_watch_del(&en->mark_watch);
    if (en->net != NULL && (en->sim == NULL || !en->keep_host))
        en->net->ops->close(en->net);
    if (!en->keep_host) {
        store_close(en->st);
        hv_close(en->hv);
        sim_free(en->sim);
    }
    for (i = 0; i < en->n_ops; i++)
        free(en->ops[i]);
    free(en->ops);
    free(en->events);
    free(en->idle_ns);
    xen_log_free(en);
    if (!en->abandoned)
        oplog_close(en);
    else if (en->oplog.fd >= 0)
        close(en->oplog.fd);
    record_stop(en); /* last: whoever takes over finds all closed */
    if (!en->abandoned)
        engine_paths_fini(en);
    free(en);
}

void
engine_abandon(struct engine *en)
{
    struct list_node *it, *tmp;

    if (!en->keep_host)
        store_close(en->st); /* with it go the watches, without a call */
    en->abandoned = en->keep_host = true;
    list_foreach_safe (it, tmp, &en->tasks) {
        struct task *t = list_entry(it, struct task, node);

        loop_timer_del(&t->timer);
        list_del(&t->woken);
        list_del(&t->node);
        task_unlock(t);
        t->type->free(t);
    }
    engine_free(en);
}

bool
engine_reaps(const struct engine *en)
{
    return record_ours(en) && !en->recovering && !en->closing;
}

/* What is found is not news: births that were there are not. What is found
 * dead or half-built is recovery's. */
static int
look_around(struct engine *en, struct err *e)
{
    int rc;

    en->opening = true;
    en->actor.who = ENGINE_ITSELF;
    trace_follow(en);
    open_events(en);
    en->net = en->sim != NULL ? sim_net(en->sim) : net_sys_open(NET_SYSFS);
    rc = wire(en, e);
    if (rc == 0) {
        record_start(en);
        en->recovering = record_ours(en);
        rc = domains_scan(en, true, e);
    }
    if (rc == 0 && record_ours(en))
        vnets_restore(en);
    en->opening = false;
    if (rc == 0)
        defs_start(en);
    if (rc == 0 && record_ours(en))
        recover_run(en);
    en->actor.who = NULL;
    return rc;
}

struct engine *
engine_new(const struct engine_opts *o, struct hv *h, struct store *st,
           struct sim *sim, struct err *e)
{
    struct engine *en = xcalloc(1, sizeof(*en));

    en->opts = *o;
    defaults(&en->opts);
    en->lp = o->lp;
    en->log = o->log;
    en->hv = h;
    en->st = st;
    en->sim = sim;
    list_init(&en->listeners);
    list_init(&en->tasks);
    list_init(&en->woken);
    list_init(&en->consoles);
    list_init(&en->models);
    en->record.fd = en->oplog.fd = -1;
    text_fmt(en->helper_driver, sizeof(en->helper_driver), "%s",
             sim != NULL ? "sim" : "xen");
    en->helper_exe = o->helper_exe != NULL ? o->helper_exe : HELPER_EXE;
    en->helpers =
        (struct helper_pool){ .lp = en->lp,
                              .exe = en->helper_exe,
                              .driver = en->helper_driver,
                              .log = en->log,
                              .may_warm = sim == NULL,
                              .keep_spare = sim == NULL && !o->one_shot };
    helper_pool_init(&en->helpers);
    if (en->helpers.keep_spare || o->warm_helper)
        helper_warm(&en->helpers);
    domains_host_tick(en);
    if (o->who != NULL)
        text_fmt(en->who, sizeof(en->who), "%s", o->who);
    else
        who_text(en->who, sizeof(en->who));
    en->from_hook = getenv(HOOKS_ENV) != NULL;
    if (engine_paths_init(en, e) < 0 || look_around(en, e) < 0) {
        en->hv = NULL; /* stay the caller's */
        en->st = NULL;
        en->sim = NULL;
        engine_free(en);
        return NULL;
    }
    return en;
}

static struct engine *
open_xen(const struct engine_opts *o, struct err *e)
{
    struct hv *h = xen_open(o->log, e);
    struct store *st = NULL;
    struct engine *en = NULL;

    if (h == NULL)
        return NULL;
    st = xs_store_open(e);
    if (st != NULL)
        en = engine_new(o, h, st, NULL, e);
    if (en == NULL) {
        store_close(st);
        hv_close(h);
    }
    return en;
}

/* "CALL:NTH:ERRNO[,...]" as --sim-fault takes it. */
static int
add_faults(struct sim *s, const char *spec, struct err *e)
{
    char *copy = xstrdup(spec), *save = NULL, *one;
    int rc = 0;

    for (one = strtok_r(copy, ",", &save); one != NULL && rc == 0;
         one = strtok_r(NULL, ",", &save))
        rc = sim_fault_parse(s, one, e);
    free(copy);
    return rc;
}

static struct engine *
open_sim(const struct engine_opts *o, struct err *e)
{
    struct sim_opts so = { .domains = o->sim_domains,
                           .lively = o->sim_lively,
                           .seed = 1 };
    struct sim *s = sim_new(o->lp, &so, e);
    struct engine *en;

    if (s == NULL)
        return NULL;
    en = engine_new(o, sim_hv(s), sim_store(s), s, e);
    if (en == NULL) {
        sim_free(s);
        return NULL;
    }
    if (o->sim_faults != NULL && add_faults(s, o->sim_faults, e) < 0) {
        engine_close(en);
        return NULL;
    }
    return en;
}

struct engine *
engine_open(const struct engine_opts *o, struct err *e)
{
    return o->host == ENGINE_SIM ? open_sim(o, e) : open_xen(o, e);
}

static bool
idle(void *arg)
{
    const struct engine *en = arg;

    return list_empty(&en->tasks);
}

void
engine_undo_all(struct engine *en)
{
    struct err why = { 0 };

    en->closing = true;
    err_set(&why, ERR_CANCELLED, "the program ends");
    tasks_leave(en, &why);
    (void)loop_until(en->lp, idle, en, CLOSE_LIMIT_MS);
    tasks_abandon(en);
}

void
engine_close(struct engine *en)
{
    if (en == NULL)
        return;
    engine_undo_all(en);
    engine_free(en);
}

bool
engine_busy(const struct engine *en)
{
    return !list_empty(&en->tasks);
}

int
engine_preflight(struct buf *why, bool *on_xen_out)
{
    bool on_xen;

    return xen_preflight(why, on_xen_out != NULL ? on_xen_out : &on_xen);
}

struct log *
engine_log(struct engine *en)
{
    return en->log;
}

/* --- operations --- */

size_t
engine_op_count(const struct engine *en)
{
    return en->n_ops;
}

const struct op *
engine_op_at(const struct engine *en, size_t i)
{
    return i < en->n_ops ? en->ops[i] : NULL;
}

const struct op *
engine_op_by_id(const struct engine *en, uint64_t id)
{
    size_t i;

    for (i = 0; i < en->n_ops; i++)
        if (en->ops[i]->id == id)
            return en->ops[i];
    return NULL;
}

int
engine_op_cancel(struct engine *en, uint64_t op, struct err *e)
{
    struct task *t = task_by_op(en, op);

    if (t == NULL)
        return err_set(e, ERR_NOENT, "operation %llu is not running",
                       (unsigned long long)op);
    return task_cancel(t, e);
}
