/*
 * engine.c - opens and closes the engine: its core on the boundaries, then the
 * rooms from the ground up.
 */
#include "engine/api/open.h"

#include <stdlib.h>
#include <string.h>

#include "engine/api/api_events.h"
#include "engine/api/open_on.h"
#include "engine/console/consoles_own.h"
#include "engine/core/actor.h"
#include "engine/core/trace_switch.h"
#include "engine/device/device_recover.h"
#include "engine/device/served/served.h"
#include "engine/dm/dm.h"
#include "engine/dom0/linux/linux_dom0.h"
#include "engine/event/events.h"
#include "engine/host/domains.h"
#include "engine/host/host_room.h"
#include "engine/host/host_xl.h"
#include "engine/host/listing.h"
#include "engine/host/vnet.h"
#include "engine/hv/xen/xen.h"
#include "engine/life/life_room.h"
#include "engine/postmortem/postmortem_room.h"
#include "engine/record/record.h"
#include "engine/record/recover.h"
#include "engine/sim/sim.h"
#include "engine/sim/sim_fault.h"
#include "engine/store/xs.h"
#include "engine/task/operations.h"
#include "engine/task/tasks.h"
#include "engine/tune/tune.h"
#include "src/base/xalloc.h"

#define CLOSE_LIMIT_MS 60000

/* From the top down; each closes only what it has opened. Last the files that
 * name this engine: whoever takes over finds all closed. */
static void
engine_free(struct engine *en)
{
    trace_stop(en);
    life_close(en);
    postmortem_close(en);
    dm_close(en);
    served_close(en);
    consoles_close(en);
    record_quiet(en);
    host_close(en);
    events_close(en);
    core_close(en);
    tasks_close(en);
    record_close(en);
    core_free(en);
}

void
engine_abandon(struct engine *en)
{
    trace_stop(en);
    if (!engine_is(en, ENGINE_KEEP_HOST))
        store_close(engine_store(en)); /* with it go the watches */
    engine_set(en, ENGINE_ABANDONED, true);
    engine_set(en, ENGINE_KEEP_HOST, true);
    tasks_forget(en);
    engine_free(en);
}

static void
open_rooms(struct engine *en)
{
    events_open(en);
    tasks_open(en);
    host_open(en);
    record_open(en);
    consoles_open(en);
    device_recover_enter(en);
    served_open(en);
    dm_open(en);
    postmortem_open(en);
    life_open(en);
    tune_recover_enter(en);
}

/* What is found is not news: births that were there are not. What is found
 * dead or half-built is recovery's. */
static int
look_around(struct engine *en, struct err *e)
{
    if (host_listen(en, e) < 0)
        return -1;
    if (!engine_options(en)->one_shot && record_follow_marks(en, e) < 0)
        return -1;
    if (record_start(en, e) < 0)
        return -1;
    engine_set(en, ENGINE_RECOVERING, record_ours(en));
    if (domains_scan(en, true, e) < 0)
        return -1;
    if (record_ours(en))
        vnets_restore(en);
    return 0;
}

static int
engine_begin(struct engine *en, struct err *e)
{
    struct actor before = engine_act_for(en, ENGINE_ITSELF, NULL);
    int rc;

    engine_set(en, ENGINE_OPENING, true);
    trace_follow(en);
    open_rooms(en);
    rc = look_around(en, e);
    engine_set(en, ENGINE_OPENING, false);
    if (rc == 0)
        host_xl_tell(en);
    if (rc == 0)
        life_start(en);
    if (rc == 0 && record_ours(en))
        recover_run(en);
    engine_act_as(en, before);
    return rc;
}

struct engine *
engine_new(const struct engine_opts *o, struct hv *h, struct store *st,
           struct dom0 *d0, struct err *e)
{
    struct engine_parts p = { .hv = h, .st = st, .dom0 = d0 };
    struct engine *en = core_new(o, &p, e);

    if (en == NULL)
        return NULL;
    if (engine_begin(en, e) == 0)
        return en;
    trace_stop(en);  /* while it can reach the handles */
    core_let_go(en); /* they stay the caller's */
    engine_free(en);
    return NULL;
}

static struct engine *
open_xen(const struct engine_opts *o, struct err *e)
{
    struct hv *h = xen_open(o->log, e);
    struct store *st = NULL;
    struct dom0 *d0 = NULL;
    struct engine *en = NULL;
    struct err no_console = { 0 };

    if (h == NULL)
        return NULL;
    st = xs_store_open(e);
    if (st != NULL) {
        d0 = linux_dom0_open(o->lp);
        en = engine_new(o, h, st, d0, e);
    }
    if (en == NULL) {
        dom0_close(d0);
        store_close(st);
        hv_close(h);
    } else if (!xen_console_runs(&no_console)) {
        event_add(en, EVENT_ENGINE, EVENT_ERROR, NULL, "%s", no_console.msg);
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
    en = engine_new(o, sim_hv(s), sim_store(s), sim_dom0(s), e);
    if (en == NULL) {
        sim_free(s);
        return NULL;
    }
    sim_leave(s);
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
    return !engine_busy(arg);
}

void
engine_undo_all(struct engine *en)
{
    struct err why = { 0 };

    engine_set(en, ENGINE_CLOSING, true);
    err_set(&why, ERR_CANCELLED, "the program ends");
    tasks_leave(en, &why);
    (void)loop_until(engine_loop(en), idle, en, CLOSE_LIMIT_MS);
    tasks_abandon(en);
}

void
engine_say_closing(struct engine *en)
{
    record_say_closing(en);
}

void
engine_close(struct engine *en)
{
    if (en == NULL)
        return;
    engine_say_closing(en);
    engine_undo_all(en);
    engine_free(en);
}

int
engine_preflight(struct buf *why, bool *on_xen_out)
{
    bool on_xen;

    return xen_preflight(why, on_xen_out != NULL ? on_xen_out : &on_xen);
}

bool
engine_look_host(struct hv_host *out)
{
    struct buf why = { 0 };
    struct err e = { 0 };
    struct hv *h = NULL;
    bool on_xen, told;

    if (xen_preflight(&why, &on_xen) == 0)
        h = xen_open_helper(NULL, NULL,
                            &e); /* no VIRQs: they are an engine's */
    told = h != NULL && hv_host(h, out, &e) == 0;
    hv_close(h);
    buf_free(&why);
    return told;
}

int
engine_event_inject(struct engine *en, const char *kind, uint64_t dom_id,
                    const char *text, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);

    if (dom_id != 0 && d == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    return event_inject(en, kind, dom_id != 0 ? d : NULL, text, e);
}
