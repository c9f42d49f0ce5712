/*
 * clone.c - a domain's configuration defined anew for another one, with copies
 * of its disks, as a table of steps. Until the clone is defined each failure
 * leaves nothing; from then on its copies only get their names.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/host/listing.h"
#include "engine/life/clone/clone_int.h"
#include "engine/life/define.h"
#include "engine/life/life_int.h"
#include "engine/record/db.h"
#include "engine/record/recover.h"
#include "engine/task/helper.h"
#include "engine/task/oplog.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define NAMES_MAX     1000 /* that are tried for a clone */
#define LOCK_AGAIN_MS 100
#define DEFINE_MS     10000

static struct clone *
clone_of_task(struct task *t)
{
    return container_of(t, struct clone, t);
}

static bool
clone_copies(const struct clone_plan *p)
{
    size_t i;

    for (i = 0; i < p->n; i++)
        if (p->disks[i].way == CLONE_COPY)
            return true;
    return false;
}

/* Whether what is on its disks does not change while they are copied. saved:
 * its memory has the rest of it. */
static int
clone_check_still(struct engine *en, const uint8_t uuid[16], const char *name,
                  struct err *e)
{
    const struct dom_entry *de = domains_by_uuid(en, uuid);
    const struct def *f = defs_by_uuid(en, uuid);

    if (de != NULL && (de->d.flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN)) == 0)
        return err_set(e, ERR_BUSY,
                       "'%s' runs: shut it down or pause it first; --live "
                       "copies its disks while they change",
                       name);
    if (de == NULL && f != NULL && f->d.saved)
        return err_set(e, ERR_BUSY,
                       "'%s' is saved, and its disks are those of a machine at "
                       "work: --live copies them as they are",
                       name);
    return 0;
}

static bool
clone_has_name(struct task *t, void *arg)
{
    return t->op->verb == OP_CLONE &&
           strcmp(clone_of_task(t)->plan.cfg->name, arg) == 0;
}

static int
clone_check_name(struct engine *en, char *name, struct err *e)
{
    if (engine_dom_by_name(en, name) != NULL)
        return err_set(e, ERR_EXISTS,
                       "clone: there is a domain '%s' already: choose another "
                       "name",
                       name);
    if (tasks_find(en, clone_has_name, name) != NULL)
        return err_set(e, ERR_EXISTS, "clone: '%s' is being made already",
                       name);
    return 0;
}

/* --- steps */

static enum step_rc
run_clone_reach(struct task *t, struct err *e)
{
    struct clone *k = clone_of_task(t);
    enum step_rc rc;
    size_t i;

    for (i = 0; i < k->plan.n && !k->listed; i++) {
        if (k->plan.disks[i].way != CLONE_COPY)
            continue;
        file_look_add(&k->look, t->en, k->plan.disks[i].from);
        file_look_add(&k->look, t->en, k->plan.disks[i].to);
    }
    k->listed = true;
    rc = k->reached ? STEP_DONE : file_look_run(&k->look, t, e);
    k->reached = rc == STEP_DONE;
    if (rc != STEP_DONE)
        return rc;
    return clone_check_files(k, e) < 0 || clone_note_files(k, e) < 0
               ? STEP_FAIL
               : STEP_DONE;
}

static enum step_rc
run_clone_copy(struct task *t, struct err *e)
{
    struct clone *k = clone_of_task(t);
    enum step_rc rc;

    for (; k->at < k->plan.n; k->at++) {
        if (k->plan.disks[k->at].way != CLONE_COPY)
            continue;
        if (!k->live &&
            clone_check_still(t->en, k->from_uuid, k->from_name, e) < 0)
            return STEP_FAIL;
        rc = clone_copy_disk(k, e);
        if (rc != STEP_DONE)
            return rc;
    }
    if (!k->live && clone_copies(&k->plan) &&
        clone_check_still(t->en, k->from_uuid, k->from_name, e) < 0)
        return STEP_FAIL;
    k->at = 0; /* of the next step */
    return STEP_DONE;
}

static enum step_rc
undo_clone_copy(struct task *t)
{
    clone_drop_files(clone_of_task(t));
    return STEP_DONE;
}

static enum step_rc
run_clone_define(struct task *t, struct err *e)
{
    struct clone *k = clone_of_task(t);
    char what[MODEL_NAME_MAX + 32];

    if (defs_keep(t->en, k->plan.cfg, true, e) < 0) {
        if (e->code != ERR_BUSY) /* another process gives a name now */
            return STEP_FAIL;
        task_wake_in(t, LOCK_AGAIN_MS);
        return STEP_WAIT;
    }
    k->defined = true;
    text_fmt(what, sizeof(what), "defined as a clone of '%s'", k->from_name);
    defs_tell(t->en, k->plan.cfg->uuid, k->plan.cfg->name, what);
    defs_reload(t->en);
    return STEP_DONE;
}

static enum step_rc
undo_clone_define(struct task *t)
{
    struct clone *k = clone_of_task(t);
    struct err e = { 0 };

    if (!k->defined)
        return STEP_DONE;
    if (db_remove(engine_paths(t->en)->state, k->plan.cfg->uuid, &e) < 0)
        event_add_for(t->en, EVENT_ENGINE, EVENT_ERROR, 0, k->plan.cfg->name,
                      "%s", e.msg);
    k->defined = false;
    defs_reload(t->en);
    return STEP_DONE;
}

static enum step_rc
run_clone_name(struct task *t, struct err *e)
{
    struct clone *k = clone_of_task(t);
    enum step_rc rc;

    for (; k->at < k->plan.n; k->at++) {
        rc = clone_name_disk(k, e);
        if (rc != STEP_DONE)
            return rc;
    }
    clone_forget_files(k);
    return STEP_DONE;
}

static void
clone_free(struct task *t)
{
    struct clone *k = clone_of_task(t);

    file_look_fini(&k->look);
    helper_cancel(k->helper);
    clone_plan_fini(&k->plan);
    free(k);
}

static const struct step clone_steps[] = {
    { .id = "reach",
      .label = "look at the disks",
      .run = run_clone_reach,
      .cancellable = true },
    { .id = "copy",
      .label = "copy disks",
      .run = run_clone_copy,
      .undo = undo_clone_copy,
      .cancellable = true },
    { .id = "define",
      .label = "define",
      .run = run_clone_define,
      .undo = undo_clone_define,
      .timeout_ms = DEFINE_MS,
      .late = "try again" },
    { .id = "name", .label = "name the copies", .run = run_clone_name },
};

static const struct task_type clone_type = { .steps = clone_steps,
                                             .n_steps = sizeof(clone_steps) /
                                                        sizeof(clone_steps[0]),
                                             .free = clone_free };

/* --- for front ends */

static int
clone_plan(struct engine *en, uint64_t dom_id, const struct clone_opts *o,
           struct clone_plan *out, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    char name[MODEL_NAME_MAX];

    *out = (struct clone_plan){ 0 };
    if (d == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    text_fmt(name, sizeof(name), "%s", o->name);
    if (clone_check_name(en, name, e) < 0 ||
        clone_plan_make(en, d, o, out, e) < 0)
        return -1;
    return o->live || !clone_copies(out)
               ? 0
               : clone_check_still(en, d->uuid, d->name, e);
}

int
engine_clone_tell(struct engine *en, uint64_t dom_id,
                  const struct clone_opts *o, struct buf *out,
                  struct buf *over_out, struct err *e)
{
    struct clone_plan p;
    int rc = clone_plan(en, dom_id, o, &p, e);

    if (rc == 0)
        clone_plan_tell(&p, out, over_out);
    clone_plan_fini(&p);
    return rc;
}

int
engine_clone(struct engine *en, uint64_t dom_id, const struct clone_opts *o,
             uint64_t *op_out, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    char title[MODEL_NAME_MAX + 16], uuid[37];
    struct clone_plan plan;
    struct clone *k;
    uint64_t op;

    if (clone_plan(en, dom_id, o, &plan, e) < 0) {
        clone_plan_fini(&plan);
        return -1;
    }
    assert(plan.cfg != NULL);
    k = xcalloc(1, sizeof(*k));
    k->plan = plan;
    k->live = o->live;
    memcpy(k->from_uuid, d->uuid, sizeof(k->from_uuid));
    text_fmt(k->from_name, sizeof(k->from_name), "%s", d->name);
    uuid_print_text(plan.cfg->uuid, uuid);
    /* A live one asks nothing of the domain, which may end meanwhile: it is the
     * operation of the clone to come. */
    text_fmt(title, sizeof(title), o->live ? "clone %s as" : "clone as %s",
             o->live ? d->name : plan.cfg->name);
    op = task_begin(en, &k->t, &clone_type, OP_CLONE, o->live ? NULL : d,
                    o->live ? plan.cfg->name : NULL);
    task_set_title(&k->t, title);
    oplog_note(&k->t, "want", "%s", uuid);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

void
engine_clone_name(const struct engine *en, uint64_t dom_id, struct buf *out)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    char name[MODEL_NAME_MAX + 16];
    unsigned i;

    for (i = 2; d != NULL && i < NAMES_MAX; i++) {
        text_fmt(name, sizeof(name), "%s-%u", d->name, i);
        if (engine_dom_by_name(en, name) == NULL && config_name_ok(name)) {
            buf_str(out, name);
            return;
        }
    }
}

/* --- after the death of an engine: clones_sweep does the work */

static void
recover_clone(struct recovery *r, struct oplog_entry *j)
{
    uint8_t uuid[16];

    if (uuid_parse_text(j->want, uuid) &&
        db_defined(engine_paths(r->en)->state, uuid))
        recover_say(r->en, j, "finished: the clone is defined");
    else
        recover_say(r->en, j, "undone: its copies are removed");
}

void
clone_recover_enter(struct engine *en)
{
    recover_enter(en, OP_CLONE, recover_clone);
}
