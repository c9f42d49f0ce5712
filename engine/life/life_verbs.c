/*
 * life_verbs.c - the front end's verbs on a domain, and what the engine begins
 * by itself when a domain is found dead or half-built.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/console/consoles_own.h"
#include "engine/dm/dm.h"
#include "engine/life/create_int.h"
#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/life/life.h"
#include "engine/life/life_int.h"
#include "engine/model/mark.h"
#include "engine/task/oplog.h"
#include "src/base/xalloc.h"

#define REAP_RETRY_MS 5000

static struct dom_entry *
target(struct engine *en, uint64_t dom_id, enum op_verb verb, struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);

    if (de == NULL) {
        return defs_refuse(en, dom_id, e);
    }
    if (de->d.domid == 0) {
        err_set(e, ERR_DENIED, "%s: dom0 is the host itself",
                op_verb_name(verb));
        return NULL;
    }
    return de;
}

static uint64_t pausing_begin(struct dom_entry *de, enum op_verb verb);

static int
begin(struct engine *en, uint64_t dom_id, enum op_verb verb, uint64_t *op_out,
      struct err *e)
{
    struct dom_entry *de = target(en, dom_id, verb, e);
    uint64_t op;

    if (de == NULL)
        return -1;
    if (verb == OP_PAUSE || verb == OP_UNPAUSE)
        op = pausing_begin(de, verb);
    else
        op = ending_begin(de, verb);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_shutdown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                struct err *e)
{
    return begin(en, dom_id, OP_SHUTDOWN, op_out, e);
}

int
engine_reboot(struct engine *en, uint64_t dom_id, uint64_t *op_out,
              struct err *e)
{
    return begin(en, dom_id, OP_REBOOT, op_out, e);
}

int
engine_suspend(struct engine *en, uint64_t dom_id, uint64_t *op_out,
               struct err *e)
{
    return begin(en, dom_id, OP_SUSPEND, op_out, e);
}

/* --- pause, unpause --- */

struct pausing {
    struct task t;
    uint64_t dom_id;
};

static int
stop(struct engine *en, const struct dom *d, struct err *e)
{
    if (d->flags & DOM_F_PAUSED)
        return err_set(e, ERR_INVALID, "'%s' is paused already", d->name);
    return hv_pause(engine_hv(en), d->domid, e);
}

/* A guest that suspended comes back from its hypercall with "cancelled". */
static int
resume(struct engine *en, uint32_t domid, struct err *e)
{
    if (hv_resume(engine_hv(en), domid, e) < 0)
        return -1;
    return store_resume(engine_store(en), domid, e);
}

static int
wake_up(struct engine *en, const struct dom *d, struct err *e)
{
    if ((d->flags & DOM_F_SHUTDOWN) && d->reason == DOM_SUSPEND)
        return resume(en, d->domid, e);
    if (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING))
        return err_set(e, ERR_INVALID, "'%s' does not run any more (%s)",
                       d->name, dom_state_word(d));
    if (!(d->flags & DOM_F_PAUSED))
        return err_set(e, ERR_INVALID, "'%s' is not paused", d->name);
    return hv_unpause(engine_hv(en), d->domid, e);
}

static enum step_rc
run_pausing(struct task *t, struct err *e)
{
    const struct dom_entry *de = target(
        t->en, container_of(t, struct pausing, t)->dom_id, t->op->verb, e);
    int rc = -1;

    if (de != NULL && t->op->verb == OP_PAUSE)
        rc = stop(t->en, &de->d, e);
    else if (de != NULL)
        rc = wake_up(t->en, &de->d, e);
    if (rc < 0 || domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static void
pausing_free(struct task *t)
{
    free(container_of(t, struct pausing, t));
}

static const struct step pausing_steps[] = {
    { .id = "call", .label = "hypercall", .run = run_pausing }
};
/* A guest is paused while others wait for it or for its devices, but not while
 * its memory is filled or written to a file. */
static bool
pausing_beside(const struct task *t, const struct task *other)
{
    (void)t;
    return other->op->verb != OP_CREATE && other->op->verb != OP_DUMP;
}

static const struct task_type pausing_type = { .steps = pausing_steps,
                                               .n_steps = 1,
                                               .free = pausing_free,
                                               .beside = pausing_beside };

static uint64_t
pausing_begin(struct dom_entry *de, enum op_verb verb)
{
    struct pausing *p = xcalloc(1, sizeof(*p));

    p->dom_id = de->d.id;
    return task_begin(de->en, &p->t, &pausing_type, verb, &de->d, NULL);
}

int
engine_pause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
             struct err *e)
{
    return begin(en, dom_id, OP_PAUSE, op_out, e);
}

int
engine_unpause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
               struct err *e)
{
    return begin(en, dom_id, OP_UNPAUSE, op_out, e);
}

/* --- by itself --- */

static void
reap_begin(struct dom_entry *de)
{
    uint64_t now = loop_now_ms(engine_loop(de->en));

    if (now < de->reap_after_ms)
        return;
    de->reap_after_ms = now + REAP_RETRY_MS;
    (void)ending_begin(de, OP_REAP);
}

/* Of the process that builds it. Where that cannot be told it is looked at
 * again with the next listing. */
static enum life
builder_life(struct dom_entry *de)
{
    char path[96], maker[128] = "";
    struct err e = { 0 };
    enum life life;

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/maker", de->d.domid);
    if (store_read_text(engine_store(de->en), 0, path, maker, sizeof(maker),
                        &e) < 0 &&
        e.code != ERR_NOENT)
        life = LIFE_UNKNOWN;
    else
        life = oplog_maker_life(de->en, maker);
    if (life == LIFE_UNKNOWN && !de->builder_told) {
        de->builder_told = true;
        event_add(de->en, EVENT_ENGINE, EVENT_WARN, &de->d,
                  "half-built: it cannot be told now whether the process that "
                  "builds it lives; it is left alone until that is known");
    }
    return life;
}

static void
recover_half_built(struct dom_entry *de)
{
    struct engine *en = de->en;

    if (task_on_dom(en, de->d.id) != NULL)
        return;
    domains_read_store(de);
    if (!de->d.owned || !de->d.building) {
        console_own(de);
        dm_own(de);
        engine_changed(en, ENGINE_CH_DOMS);
        return;
    }
    if (!record_reaps(en) || builder_life(de) != LIFE_GONE)
        return;
    event_add(en, EVENT_ENGINE, EVENT_WARN, &de->d,
              "left half-built by a process that is gone: undone");
    (void)ending_begin(de, OP_DESTROY);
}

static bool
entry_wants_reaping(const struct dom_entry *de)
{
    return de->d.owned && !de->d.building && !de->d.preserved &&
           record_reaps(de->en) && (de->d.flags & DOM_F_SHUTDOWN) &&
           !(de->d.flags & DOM_F_DYING) && de->d.reason != DOM_SUSPEND &&
           de->d.op == 0 && task_on_dom(de->en, de->d.id) == NULL;
}

void
life_listed(struct dom_observer *o, struct dom_entry *de)
{
    (void)o;
    if (de->dump_unknown)
        de->dump_unknown = !dump_recover(de);
    if (de->d.building && de->d.op == 0)
        recover_half_built(de);
    if (entry_wants_reaping(de))
        reap_begin(de);
}
