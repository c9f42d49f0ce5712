/*
 * life_verbs.c - the front end's verbs on a domain, and what the engine begins
 * by itself when a domain is found dead or half-built.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/console/consoles_own.h"
#include "engine/dm/dm.h"
#include "engine/dm/dm_save.h"
#include "engine/life/create_int.h"
#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/life/life.h"
#include "engine/life/life_int.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/task/operations.h"
#include "engine/task/oplog.h"
#include "engine/task/xl_line.h"
#include "src/base/xalloc.h"

#define REAP_RETRY_MS 5000

static struct dom_entry *
life_verbs_target(struct engine *en, uint64_t dom_id, enum op_verb verb,
                  struct err *e)
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
life_verbs_begin(struct engine *en, uint64_t dom_id, enum op_verb verb,
                 uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = life_verbs_target(en, dom_id, verb, e);
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
    return life_verbs_begin(en, dom_id, OP_SHUTDOWN, op_out, e);
}

int
engine_reboot(struct engine *en, uint64_t dom_id, uint64_t *op_out,
              struct err *e)
{
    return life_verbs_begin(en, dom_id, OP_REBOOT, op_out, e);
}

int
engine_suspend(struct engine *en, uint64_t dom_id, uint64_t *op_out,
               struct err *e)
{
    return life_verbs_begin(en, dom_id, OP_SUSPEND, op_out, e);
}

/* --- the reset button --- */

/* Made again from what is on record; -1 if that would be refused: the domain
 * would be lost. */
static int
reset_check(const struct dom_entry *de, struct err *e)
{
    struct engine *en = de->en;
    struct domain_config *c;
    double ran_s = ending_lived_s(de);
    unsigned min_s;

    if (!de->d.owned)
        return err_set(e, ERR_DENIED,
                       "'%s' is another toolstack's: reset it there, or adopt "
                       "it first",
                       de->d.name);
    if (db_load(engine_paths(en)->state, de->d.uuid, &c, e) < 0)
        return err_wrap(e, "'%s' would not come back", de->d.name);
    min_s = c->restart_min_s != CONFIG_RESTART_MIN_UNSET
                ? c->restart_min_s
                : engine_options(en)->restart_min_s;
    config_free(c);
    if (ran_s < 0 || ran_s >= min_s)
        return 0;
    return err_set(e, ERR_INVALID,
                   "'%s' started %u s ago, its minimum restart time is %u s: "
                   "reset it in %u s",
                   de->d.name, (unsigned)ran_s, min_s, min_s - (unsigned)ran_s);
}

/* What ends the domain already, and makes it again as the mark says; else a
 * reboot that finds it ended. */
static uint64_t
reset_begin(struct dom_entry *de)
{
    char q[MODEL_NAME_MAX * 4];
    struct task *t;
    uint64_t op;
    size_t i;

    for (i = 0; i < engine_op_count(de->en); i++) {
        const struct op *o = engine_op_at(de->en, i);

        if (o->dom_id == de->d.id &&
            (o->state == OP_QUEUED || o->state == OP_RUNNING) &&
            (o->verb == OP_SHUTDOWN || o->verb == OP_REBOOT ||
             o->verb == OP_REAP))
            return o->id;
    }
    op = ending_begin(de, OP_REBOOT);
    t = task_by_op(de->en, op);
    if (t != NULL)
        task_set_xl(t, "xl trigger %s reset",
                    xl_quote(q, sizeof(q), de->d.name));
    return op;
}

/* QEMU's own reset would leave the virtual cpus as they are: the whole machine
 * is made anew. */
int
engine_reset(struct engine *en, uint64_t dom_id, uint64_t *op_out,
             struct err *e)
{
    struct dom_entry *de = life_verbs_target(en, dom_id, OP_REBOOT, e);
    char path[96];

    if (de == NULL || reset_check(de, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/model", de->d.domid);
    if (store_write(engine_store(en), 0, path, MARK_MODEL_RESTART, e) < 0)
        return -1;
    if (hv_shutdown(engine_hv(en), de->d.domid, HV_REBOOT, e) < 0) {
        (void)store_rm(engine_store(en), 0, path, NULL);
        return -1;
    }
    *op_out = reset_begin(de);
    return 0;
}

/* --- pause, unpause --- */

struct pausing {
    struct task t;
    uint64_t dom_id;
    struct dm_talk talk;
};

static int
life_verbs_stop(struct engine *en, const struct dom *d, struct err *e)
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

/* xl leaves a model stopped whose domain it has restored paused, and its own
 * unpause lets it go on. One that hangs holds up nothing but itself. */
static enum step_rc
run_pausing_model(struct task *t, struct err *e)
{
    struct pausing *p = container_of(t, struct pausing, t);
    const struct dom_entry *de = domains_by_id(t->en, p->dom_id);
    enum step_rc rc;

    if (t->op->verb != OP_UNPAUSE || de == NULL ||
        !(de->d.flags & DOM_F_PAUSED) || !dm_has_state(t->en, de->d.domid))
        return STEP_DONE;
    rc = dm_cont_soon(&p->talk, t, de->d.domid, e);
    if (rc != STEP_FAIL)
        return rc;
    event_add(t->en, EVENT_ENGINE, EVENT_WARN, &de->d,
              "unpause: its device model was not told to go on: %s", e->msg);
    err_clear(e);
    return STEP_DONE;
}

static enum step_rc
run_pausing(struct task *t, struct err *e)
{
    const struct dom_entry *de = life_verbs_target(
        t->en, container_of(t, struct pausing, t)->dom_id, t->op->verb, e);
    int rc = -1;

    if (de != NULL && t->op->verb == OP_PAUSE)
        rc = life_verbs_stop(t->en, &de->d, e);
    else if (de != NULL)
        rc = wake_up(t->en, &de->d, e);
    if (rc < 0 || domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static void
pausing_free(struct task *t)
{
    struct pausing *p = container_of(t, struct pausing, t);

    dm_talk_fini(&p->talk);
    free(p);
}

static const struct step pausing_steps[] = {
    { .id = "model", .label = "device model", .run = run_pausing_model },
    { .id = "call", .label = "hypercall", .run = run_pausing }
};
/* A guest is paused while others wait for it or for its devices, but not while
 * its memory is filled, written to a file or on its way to another host, nor
 * while its disks are copied, for which it may have been paused. */
static bool
pausing_beside(const struct task *t, const struct task *other)
{
    (void)t;
    return !op_verb_makes(other->op->verb) && other->op->verb != OP_DUMP &&
           other->op->verb != OP_SAVE && other->op->verb != OP_MIGRATE &&
           other->op->verb != OP_CLONE;
}

static const struct task_type pausing_type = {
    .steps = pausing_steps,
    .n_steps = sizeof(pausing_steps) / sizeof(pausing_steps[0]),
    .free = pausing_free,
    .beside = pausing_beside
};

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
    return life_verbs_begin(en, dom_id, OP_PAUSE, op_out, e);
}

int
engine_unpause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
               struct err *e)
{
    uint64_t ends = engine_destroy_undo(en, dom_id);

    if (ends != 0)
        return err_set(e, ERR_BUSY,
                       "'%s' is about to be destroyed: `undo' revives it",
                       engine_op_by_id(en, ends)->name);
    return life_verbs_begin(en, dom_id, OP_UNPAUSE, op_out, e);
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
    left_incoming_look(&life_room(de->en)->left, de);
    if (de->dump_unknown)
        de->dump_unknown = !dump_recover(de);
    if (de->d.building && de->d.op == 0)
        recover_half_built(de);
    if (entry_wants_reaping(de))
        reap_begin(de);
}
