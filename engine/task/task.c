/*
 * task.c - see task.h. Owns the queue of live tasks and the list of struct op
 * that outlives them.
 * Invariant: at most one started task a domain, but for those whose type allows
 * them beside others; each op ends exactly once.
 */
#include "engine/task/task.h"

#include <stdlib.h>
#include <string.h>

#include "engine/task/oplog.h"
#include "engine/task/task_again.h"
#include "engine/task/task_int.h"

#define TURN_STEPS 12      /* of all tasks, in one turn of the loop ... */
#define TURN_NS    4000000 /* ... or so long, whatever comes first */

#define AGAIN_TRIES 3
#define AGAIN_MS    1000

static void task_start(struct task *t);

static bool
same_dom(const struct task *a, const struct task *b)
{
    if (a->op->dom_id != 0 && b->op->dom_id != 0)
        return a->op->dom_id == b->op->dom_id;
    return strcmp(a->op->name, b->op->name) == 0;
}

static bool
must_queue(const struct task *t)
{
    struct list_node *it;

    list_foreach (it, &task_room(t->en)->tasks) {
        const struct task *o = list_entry(it, struct task, node);

        if (o == t)
            return false;
        if (same_dom(o, t) &&
            (t->type->beside == NULL || !t->type->beside(t, o)))
            return true;
    }
    return false;
}

/* Those that waited for the end of this one; it looks again when it is its
 * turn. */
static void
start_queued(const struct task *ended)
{
    struct list_node *it;

    list_foreach (it, &task_room(ended->en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (!t->started && same_dom(ended, t))
            task_wake(t);
    }
}

/* The operation that works on the domain of t once t has ended, 0: none. */
static uint64_t
works_beside(const struct task *t)
{
    struct list_node *it;

    list_foreach (it, &task_room(t->en)->tasks) {
        const struct task *o = list_entry(it, struct task, node);

        if (o != t && o->started && o->op->dom_id != 0 &&
            o->op->dom_id == t->op->dom_id)
            return o->op->id;
    }
    return 0;
}

/* --- the end of one --- */

static void
task_end(struct task *t, enum op_state state)
{
    struct engine *en = t->en;

    t->running = true; /* what is told of its end ends it no second time */
    tasks_tell_ending(t);
    if (!t->abandoned &&
        (state == OP_DONE || t->type->goes_on == NULL || !t->type->goes_on(t)))
        oplog_end_op(en, t->op->id);
    loop_timer_del(&t->timer);
    loop_timer_del(&t->retry);
    list_del(&t->woken);
    t->op->state = state;
    t->op->err = t->err;
    t->op->cancellable = false;
    t->op->end_ms = loop_now_ms(engine_loop(en));
    tasks_tell_works(t, works_beside(t));
    list_del(&t->node);
    op_tell_end(t);
    if (t->type->ended != NULL)
        t->type->ended(t);
    start_queued(t);
    tasks_tell_ended(t);
    t->type->free(t);
    engine_changed(en, ENGINE_CH_OPS);
}

static void
task_timeout(struct loop_timer *lt)
{
    struct task *t = container_of(lt, struct task, timer);
    struct err e = { 0 };
    const struct step *s = &t->type->steps[t->at];
    unsigned long long ms = s->timeout_ms;

    err_set(&e, ERR_TIMEOUT, "%s: nothing came in %llu.%llu s%s%s",
            t->op->label, ms / 1000, ms % 1000 / 100,
            s->late != NULL ? ": " : "", s->late != NULL ? s->late : "");
    task_fail(t, &e);
}

static void
task_arm_limit(struct task *t)
{
    uint64_t ms = t->type->steps[t->at].timeout_ms;

    if (ms != 0 && !loop_timer_active(&t->timer))
        loop_timer_arm(engine_loop(t->en), &t->timer, ms, task_timeout);
}

static void
enter_step(struct task *t)
{
    loop_timer_del(&t->timer);
    loop_timer_del(&t->retry);
    text_fmt(t->op->label, sizeof(t->op->label), "%s%s",
             t->undoing ? "undo: " : "", t->type->steps[t->at].label);
    t->op->percent = -1;
    t->op->step_ms = loop_now_ms(engine_loop(t->en));
    t->op->cancellable = !t->undoing && t->type->steps[t->at].cancellable;
    oplog_step(t);
    engine_changed(t->en, ENGINE_CH_OPS);
}

/* --- steps --- */

static enum step_rc
call_run(struct task *t)
{
    enum step_rc rc;

    t->running = true;
    rc = t->type->steps[t->at].run(t, &t->err);
    t->running = false;
    return rc;
}

static enum step_rc
call_undo(struct task *t)
{
    const struct step *s = &t->type->steps[t->at - 1];
    enum step_rc rc = STEP_DONE;

    t->running = true;
    if (s->undo != NULL)
        rc = s->undo(t);
    t->running = false;
    return rc;
}

/* Backwards from t->at, which counts down to 0 (one past each step undone). */
static void
run_undo(struct task *t)
{
    enum step_rc rc;

    while (t->at > 0) {
        rc = call_undo(t);
        if (t->overtaken) {
            task_end(t, OP_CANCELLED);
            return;
        }
        if (rc == STEP_WAIT)
            return;
        t->at--;
    }
    task_end(t, t->err.code == ERR_CANCELLED ? OP_CANCELLED : OP_FAILED);
}

static void
begin_undo(struct task *t)
{
    t->undoing = true;
    t->op->cancellable = false;
    loop_timer_del(&t->timer);
    text_fmt(t->op->label, sizeof(t->op->label), "undo: %s",
             t->type->steps[t->at].label);
    log_line(engine_log(t->en), LOGL_WARN, "%s: %s: %s", t->op->name,
             t->op->label, t->err.msg);
    engine_changed(t->en, ENGINE_CH_OPS);
    tasks_tell_undoing(t);
    t->at++;
}

/* Its own step ended it: that is done now that the step has returned. */
static void
end_as_told(struct task *t)
{
    t->err = t->told;
    if (t->overtaken) {
        task_end(t, OP_CANCELLED);
        return;
    }
    begin_undo(t);
    run_undo(t);
}

/* Has this turn of the loop done enough for tasks? */
static bool
turn_spent(const struct task_room *r)
{
    return r->turn_steps >= TURN_STEPS ||
           loop_now_ns(engine_loop(r->en)) - r->turn_ns >= TURN_NS;
}

static void
run_steps(struct task *t)
{
    struct task_room *r = task_room(t->en);
    enum step_rc rc;

    while ((rc = call_run(t)) == STEP_DONE && t->told.code == ERR_NONE) {
        r->turn_steps++;
        if (t->at + 1 == t->type->n_steps) {
            err_clear(&t->err);
            task_end(t, OP_DONE);
            return;
        }
        t->at++;
        enter_step(t);
        if (turn_spent(r)) {
            task_wake(t);
            return;
        }
    }
    r->turn_steps++;
    if (t->told.code != ERR_NONE) {
        end_as_told(t);
        return;
    }
    if (rc == STEP_WAIT) {
        task_arm_limit(t);
        return;
    }
    begin_undo(t);
    run_undo(t);
}

/* What the steps begin is begun for whoever asked for the operation, which
 * outlives the task: events and other operations say so. */
static void
task_advance(struct task *t)
{
    struct engine *en = t->en;
    struct actor before = engine_act_for(en, t->op->who, t->op);

    if (!t->started && !must_queue(t))
        task_start(t);
    else if (t->started && t->undoing)
        run_undo(t);
    else if (t->started)
        run_steps(t);
    engine_act_as(en, before);
}

/* The woken ones in order, until this turn has done its share. */
static void
run_woken(struct loop_timer *lt)
{
    struct task_room *r = container_of(lt, struct task_room, run);

    r->turn_steps = 0;
    r->turn_ns = loop_now_ns(engine_loop(r->en));
    while (!list_empty(&r->woken) && !turn_spent(r)) {
        struct task *t = list_entry(r->woken.next, struct task, woken);

        list_del(&t->woken);
        task_advance(t); /* may free it */
    }
    if (!list_empty(&r->woken))
        loop_timer_arm(engine_loop(r->en), &r->run, 0, run_woken);
}

void
task_wake(struct task *t)
{
    struct task_room *r = task_room(t->en);

    if (list_linked(&t->woken))
        return;
    list_append(&r->woken, &t->woken);
    if (!loop_timer_active(&r->run))
        loop_timer_arm(engine_loop(t->en), &r->run, 0, run_woken);
}

void
task_fail(struct task *t, const struct err *e)
{
    struct engine *en = t->en;
    struct actor before;

    if (t->running) {
        if (!t->undoing && t->told.code == ERR_NONE)
            t->told = *e;
        t->op->cancellable = false;
        return;
    }
    before = engine_act_for(en, t->op->who, t->op);
    if (!t->undoing && !t->started) {
        t->err = *e;
        task_end(t, e->code == ERR_CANCELLED ? OP_CANCELLED : OP_FAILED);
    } else if (!t->undoing) {
        t->err = *e;
        begin_undo(t);
        run_undo(t);
    }
    engine_act_as(en, before);
}

void
task_overtake(struct task *t, const struct err *why)
{
    t->overtaken = true;
    t->err = t->told = *why;
    if (!t->running)
        task_end(t, OP_CANCELLED);
}

static void
task_start(struct task *t)
{
    t->started = true;
    t->op->state = OP_RUNNING;
    t->op->start_ms = loop_now_ms(engine_loop(t->en));
    tasks_tell_works(t, t->op->id);
    op_tell_start(t);
    enter_step(t);
    run_steps(t);
}

uint64_t
task_begin(struct engine *en, struct task *t, const struct task_type *type,
           enum op_verb verb, const struct dom *d, const char *name)
{
    t->type = type;
    t->en = en;
    t->op = op_new(task_room(en), verb, d, name);
    t->op->cancellable = true; /* while it queues */
    list_append(&task_room(en)->tasks, &t->node);
    oplog_begin(t);
    t->notes = NULL;
    engine_changed(en, ENGINE_CH_OPS);
    task_wake(t);
    return t->op->id;
}

void
task_helper_silent(struct task *t, long pid, unsigned seconds)
{
    event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid, t->op->name,
                  "%s: its helper (pid %ld) has said nothing for %u s; cancel "
                  "ends it",
                  op_verb_name(t->op->verb), pid, seconds);
    text_fmt(t->op->label, sizeof(t->op->label),
             "%s: helper (pid %ld) silent for %u s",
             t->type->steps[t->undoing ? t->at - 1 : t->at].label, pid,
             seconds);
    t->silent = true;
    t->op->cancellable = !t->undoing;
    engine_changed(t->en, ENGINE_CH_OPS);
}

void
task_progress(struct task *t, int percent, const char *what)
{
    if (t->silent && !t->undoing)
        t->op->cancellable = t->type->steps[t->at].cancellable;
    t->silent = false;
    if (percent < 0 || percent > t->op->percent)
        t->op->percent = percent;
    if (what != NULL && *what != '\0')
        text_safe(t->op->label, sizeof(t->op->label), what, strlen(what));
    engine_changed(t->en, ENGINE_CH_OPS);
}

void
task_set_dom(struct task *t, const struct dom *d)
{
    t->op->dom_id = d->id;
    t->op->domid = d->domid;
    memcpy(t->op->uuid, d->uuid, sizeof(t->op->uuid));
    tasks_tell_works(t, t->op->id);
    engine_changed(t->en, ENGINE_CH_OPS);
}

int
task_cancel(struct task *t, struct err *e)
{
    struct err why = { 0 };

    if (!t->op->cancellable)
        return err_set(e, ERR_INVALID, "%s of '%s' cannot be cancelled at '%s'",
                       op_verb_name(t->op->verb), t->op->name, t->op->label);
    err_set(&why, ERR_CANCELLED, "cancelled");
    task_fail(t, &why);
    return 0;
}

struct task *
task_by_op(struct engine *en, uint64_t op)
{
    struct list_node *it;

    list_foreach (it, &task_room(en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (t->op->id == op)
            return t;
    }
    return NULL;
}

struct task *
task_on_dom(struct engine *en, uint64_t dom_id)
{
    struct list_node *it;

    list_foreach (it, &task_room(en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (t->op->dom_id == dom_id && !t->undoing)
            return t;
    }
    return NULL;
}

void
task_abandon(struct task *t)
{
    t->abandoned = true; /* on record for the next engine */
    err_set(&t->err, ERR_TIMEOUT, "the program ended before it could");
    task_end(t, OP_FAILED);
}

/* --- what is tried again --- */

bool
task_again_later(struct task_again *a, struct task *t, const char *what,
                 const struct err *why)
{
    if (a->tries == AGAIN_TRIES)
        return false;
    if (a->tries++ == 0)
        event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid,
                      t->op->name, "%s: %s: it is tried again", what, why->msg);
    a->due_ms = loop_now_ms(engine_loop(t->en)) + AGAIN_MS;
    task_wake_in(t, AGAIN_MS);
    return true;
}

bool
task_again_waits(struct task_again *a, struct task *t)
{
    uint64_t now = loop_now_ms(engine_loop(t->en));

    if (a->due_ms <= now) {
        a->due_ms = 0;
        return false;
    }
    task_wake_in(t, a->due_ms - now);
    return true;
}
