/*
 * engine_core.c - the engine's handles, flags and places of the rooms; tells
 * listeners what changed, once a turn; asks the rooms for their duties.
 */
#include "engine/core/engine.h"

#include <stdlib.h>

#include "engine/core/duties.h"
#include "engine/core/engine_int.h"
#include "engine/core/trace_switch.h"
#include "engine/dom0/dom0.h"
#include "engine/hv/hv.h"
#include "engine/store/store.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"

#define TICK_DEFAULT_MS   1000
#define ACK_DEFAULT_S     60
#define END_DEFAULT_S     120
#define MODEL_BEAT_S      10
#define MODEL_HANG_S      30
#define DOM0_MIN_KIB      (512ULL * 1024)
#define MODEL_LOGS        5
#define POSTMORTEM_BYTES  (64U << 20)
#define RESTART_DEFAULT_S 20
#define HELPER_EXE        "/proc/self/exe"

/* --- handles --- */

struct loop *
engine_loop(const struct engine *en)
{
    return en->opts.lp;
}

struct log *
engine_log(const struct engine *en)
{
    return en->opts.log;
}

struct hv *
engine_hv(const struct engine *en)
{
    return en->parts.hv;
}

struct store *
engine_store(const struct engine *en)
{
    return en->parts.st;
}

struct dom0 *
engine_dom0(const struct engine *en)
{
    return en->parts.dom0;
}

const struct engine_opts *
engine_options(const struct engine *en)
{
    return &en->opts;
}

const struct engine_paths *
engine_paths(const struct engine *en)
{
    return &en->paths;
}

void *
engine_room(const struct engine *en, enum engine_room r)
{
    return en->rooms[r];
}

void
engine_set_room(struct engine *en, enum engine_room r, void *state)
{
    en->rooms[r] = state;
}

bool
engine_is(const struct engine *en, enum engine_flag f)
{
    return en->flags[f];
}

void
engine_set(struct engine *en, enum engine_flag f, bool on)
{
    en->flags[f] = on;
}

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
        loop_timer_arm(en->opts.lp, &en->tell, 0, tell_listeners);
}

unsigned
engine_changes(const struct engine *en)
{
    return en->changed;
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

/* --- duties --- */

void
engine_enter_duty(struct engine *en, struct engine_duty *d)
{
    list_append(&en->duties, &d->node);
}

void
engine_leave_duty(struct engine_duty *d)
{
    list_del(&d->node);
}

bool
engine_has_duty(const struct engine *en)
{
    const struct list_node *it;

    list_foreach (it, &en->duties) {
        const struct engine_duty *d =
            list_entry(it, const struct engine_duty, node);

        if (d->has(d))
            return true;
    }
    return false;
}

/* --- making and freeing --- */

static void
engine_core_complete(struct engine_opts *o)
{
    if (o->tick_ms == 0)
        o->tick_ms = TICK_DEFAULT_MS;
    if (o->shutdown_ack_s == 0)
        o->shutdown_ack_s = ACK_DEFAULT_S;
    if (o->model_beat_s == 0)
        o->model_beat_s = MODEL_BEAT_S;
    if (o->model_hang_s == 0)
        o->model_hang_s = MODEL_HANG_S;
    if (o->model_logs == 0)
        o->model_logs = MODEL_LOGS;
    if (o->postmortem_bytes == 0)
        o->postmortem_bytes = POSTMORTEM_BYTES;
    if (o->dom0_min_kib == 0)
        o->dom0_min_kib = DOM0_MIN_KIB;
    if (o->restart_min_s == 0 && !o->restart_min_set)
        o->restart_min_s = RESTART_DEFAULT_S;
    if (o->shutdown_end_s == 0)
        o->shutdown_end_s = END_DEFAULT_S;
    if (o->helper_exe == NULL)
        o->helper_exe = HELPER_EXE;
}

struct engine *
core_new(const struct engine_opts *o, const struct engine_parts *p,
         struct err *e)
{
    struct engine *en = xcalloc(1, sizeof(*en));

    en->opts = *o;
    en->parts = *p;
    engine_core_complete(&en->opts);
    list_init(&en->listeners);
    list_init(&en->duties);
    if (o->who != NULL)
        text_fmt(en->who, sizeof(en->who), "%s", o->who);
    else
        who_text(en->who, sizeof(en->who));
    if (engine_paths_init(en, e) == 0)
        return en;
    core_free(en);
    return NULL;
}

void
core_let_go(struct engine *en)
{
    en->parts.hv = NULL;
    en->parts.st = NULL;
    en->parts.dom0 = NULL;
}

void
core_close(struct engine *en)
{
    struct engine_parts *p = &en->parts;

    loop_timer_del(&en->tell);
    if (en->flags[ENGINE_KEEP_HOST])
        return;
    store_close(p->st);
    hv_close(p->hv);
    dom0_close(p->dom0);
}

void
core_free(struct engine *en)
{
    if (!en->flags[ENGINE_ABANDONED])
        engine_paths_fini(en);
    free(en);
}
