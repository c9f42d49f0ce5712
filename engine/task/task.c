/*
 * task.c - see task.h. Owns the queue of live tasks and the list of struct op
 * that outlives them.
 * Invariant: at most one started task a domain; each op ends exactly once.
 */
#include "engine/task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/task/oplog.h"
#include "src/base/xalloc.h"

#define TURN_STEPS   12      /* of all tasks, in one turn of the loop ... */
#define TURN_NS      4000000 /* ... or so long, whatever comes first */
#define REAP_BUSY_MS 200

static void task_start(struct task *t);

static void
op_forget_oldest(struct engine *en)
{
    size_t i;

    for (i = 0; i < en->n_ops; i++) {
        if (en->ops[i]->state <= OP_RUNNING)
            continue;
        free(en->ops[i]);
        memmove(&en->ops[i], &en->ops[i + 1],
                (en->n_ops - i - 1) * sizeof(en->ops[0]));
        en->n_ops--;
        return;
    }
}

static struct op *
op_new(struct engine *en, enum op_verb verb, const struct dom *d,
       const char *name)
{
    struct op *o = xcalloc(1, sizeof(*o));

    if (en->n_ops >= ENGINE_OPS_KEPT)
        op_forget_oldest(en);
    if (en->n_ops == en->cap_ops) {
        en->cap_ops = en->cap_ops == 0 ? 16 : en->cap_ops * 2;
        en->ops = xrealloc(en->ops, en->cap_ops, sizeof(en->ops[0]));
    }
    en->ops[en->n_ops++] = o;
    o->id = ++en->next_op;
    o->verb = verb;
    o->percent = -1;
    o->start_ms = loop_now_ms(en->lp);
    text_fmt(o->name, sizeof(o->name), "%s", d != NULL ? d->name : name);
    text_fmt(o->who, sizeof(o->who), "%s",
             en->actor.who != NULL ? en->actor.who : en->who);
    if (d != NULL) {
        o->dom_id = d->id;
        o->domid = d->domid;
        memcpy(o->uuid, d->uuid, sizeof(o->uuid));
    }
    op_xl(o);
    return o;
}

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

    list_foreach (it, &t->en->tasks) {
        const struct task *o = list_entry(it, struct task, node);

        if (o == t)
            return false;
        if (same_dom(o, t))
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

    list_foreach (it, &ended->en->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (!t->started && same_dom(ended, t))
            task_wake(t);
    }
}

static void
mark_dom(struct task *t, uint64_t op)
{
    struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);

    if (de == NULL || de->d.op == op)
        return;
    de->d.op = op;
    engine_changed(t->en, ENGINE_CH_DOMS);
}

/* What an event says of the operation. */
static struct event
op_event(const struct op *o, enum event_kind k, enum event_level l)
{
    struct event ev = {
        .kind = k, .level = l, .domid = o->domid, .op = o->id, .verb = o->verb
    };

    memcpy(ev.name, o->name, sizeof(ev.name));
    memcpy(ev.who, o->who, sizeof(ev.who));
    memcpy(ev.uuid, o->uuid, sizeof(ev.uuid));
    memcpy(ev.xl, o->xl, sizeof(ev.xl));
    return ev;
}

static void
tell_start(struct task *t)
{
    struct event ev = op_event(t->op, EVENT_OP_START, EVENT_INFO);

    event_add_head(t->en, &ev, "%s begins", op_verb_name(t->op->verb));
}

static void
tell_end(struct task *t)
{
    struct op *o = t->op;
    unsigned long long ms = o->end_ms - o->start_ms;
    const char *verb = op_verb_name(o->verb);
    struct event ev = op_event(o, EVENT_OP_END,
                               o->state == OP_DONE     ? EVENT_INFO
                               : o->state == OP_FAILED ? EVENT_ERROR
                                                       : EVENT_WARN);

    /* Another engine was quicker to reap it: as it should be. */
    if (o->verb == OP_REAP && !t->started && o->err.code == ERR_BUSY)
        return;
    ev.result = o->state;
    ev.duration_ms = ms;
    if (o->state == OP_DONE)
        event_add_head(t->en, &ev, "%s done in %llu.%03llu s", verb, ms / 1000,
                       ms % 1000);
    else
        event_add_head(t->en, &ev, "%s %s after %llu.%03llu s: %s", verb,
                       op_state_name(o->state), ms / 1000, ms % 1000,
                       o->err.msg);
}

/* The lock is free in a moment: whoever has it saw the same end. */
static void
reap_again_soon(struct task *t)
{
    struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);

    if (t->op->verb != OP_REAP || t->started || t->err.code != ERR_BUSY ||
        de == NULL)
        return;
    de->reap_after_ms = loop_now_ms(t->en->lp) + REAP_BUSY_MS;
    domains_scan_in(t->en, REAP_BUSY_MS);
}

static void
task_end(struct task *t, enum op_state state)
{
    struct engine *en = t->en;

    reap_again_soon(t);
    if (!t->abandoned)
        oplog_end(t);
    loop_timer_del(&t->timer);
    list_del(&t->woken);
    t->op->state = state;
    t->op->err = t->err;
    t->op->cancellable = false;
    t->op->end_ms = loop_now_ms(en->lp);
    mark_dom(t, 0);
    list_del(&t->node);
    task_unlock(t);
    tell_end(t);
    if (t->type->ended != NULL)
        t->type->ended(t);
    start_queued(t);
    if (en->host_stop != NULL && en->host_stop != t)
        task_wake(en->host_stop);
    t->type->free(t);
    engine_changed(en, ENGINE_CH_OPS);
}

static void
task_timeout(struct loop_timer *lt)
{
    struct task *t = container_of(lt, struct task, timer);
    struct err e = { 0 };
    uint64_t ms = t->type->steps[t->at].timeout_ms;

    err_set(&e, ERR_TIMEOUT, "%s: nothing came in %llu.%llu s", t->op->label,
            (unsigned long long)ms / 1000, (unsigned long long)ms % 1000 / 100);
    task_fail(t, &e);
}

static void
arm_limit(struct task *t)
{
    uint64_t ms = t->type->steps[t->at].timeout_ms;

    if (ms != 0 && !loop_timer_active(&t->timer))
        loop_timer_arm(t->en->lp, &t->timer, ms, task_timeout);
}

static void
enter_step(struct task *t)
{
    loop_timer_del(&t->timer);
    text_fmt(t->op->label, sizeof(t->op->label), "%s%s",
             t->undoing ? "undo: " : "", t->type->steps[t->at].label);
    t->op->percent = -1;
    t->op->cancellable = !t->undoing && t->type->steps[t->at].cancellable;
    oplog_step(t);
    engine_changed(t->en, ENGINE_CH_OPS);
}

/* Backwards from t->at, which counts down to 0 (one past each step undone). */
static void
run_undo(struct task *t)
{
    while (t->at > 0) {
        const struct step *s = &t->type->steps[t->at - 1];

        if (s->undo != NULL && s->undo(t) == STEP_WAIT)
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
    log_line(t->en->log, LOGL_WARN, "%s: %s: %s", t->op->name, t->op->label,
             t->err.msg);
    engine_changed(t->en, ENGINE_CH_OPS);
    t->at++;
}

/* Has this turn of the loop done enough for tasks? */
static bool
turn_spent(const struct engine *en)
{
    return en->turn_steps >= TURN_STEPS ||
           loop_now_ns(en->lp) - en->turn_ns >= TURN_NS;
}

static void
run_steps(struct task *t)
{
    enum step_rc rc;

    while ((rc = t->type->steps[t->at].run(t, &t->err)) == STEP_DONE) {
        t->en->turn_steps++;
        if (t->at + 1 == t->type->n_steps) {
            err_clear(&t->err);
            task_end(t, OP_DONE);
            return;
        }
        t->at++;
        enter_step(t);
        if (turn_spent(t->en)) {
            task_wake(t);
            return;
        }
    }
    t->en->turn_steps++;
    if (rc == STEP_WAIT) {
        arm_limit(t);
        return;
    }
    begin_undo(t);
    run_undo(t);
}

/* What the steps begin is begun for whoever asked for the operation, which
 * outlives the task: events and other operations say so. */
static void
advance(struct task *t)
{
    struct engine *en = t->en;
    struct actor before = engine_act_for(en, t->op->who, t->op);

    if (!t->started && !must_queue(t))
        task_start(t);
    else if (t->started && t->undoing)
        run_undo(t);
    else if (t->started)
        run_steps(t);
    en->actor = before;
}

/* The woken ones in order, until this turn has done its share. */
static void
run_woken(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct engine, run);

    en->turn_steps = 0;
    en->turn_ns = loop_now_ns(en->lp);
    while (!list_empty(&en->woken) && !turn_spent(en)) {
        struct task *t = list_entry(en->woken.next, struct task, woken);

        list_del(&t->woken);
        advance(t); /* may free it */
    }
    if (!list_empty(&en->woken))
        loop_timer_arm(en->lp, &en->run, 0, run_woken);
}

void
task_wake(struct task *t)
{
    struct engine *en = t->en;

    if (list_linked(&t->woken))
        return;
    list_append(&en->woken, &t->woken);
    if (!loop_timer_active(&en->run))
        loop_timer_arm(en->lp, &en->run, 0, run_woken);
}

void
tasks_wake_dom(struct engine *en, uint64_t dom_id)
{
    struct list_node *it;

    list_foreach (it, &en->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (dom_id == 0 || t->op->dom_id == dom_id)
            task_wake(t);
    }
}

void
task_fail(struct task *t, const struct err *e)
{
    struct engine *en = t->en;
    struct actor before = engine_act_for(en, t->op->who, t->op);

    if (!t->undoing && !t->started) {
        t->err = *e;
        task_end(t, e->code == ERR_CANCELLED ? OP_CANCELLED : OP_FAILED);
    } else if (!t->undoing) {
        t->err = *e;
        begin_undo(t);
        run_undo(t);
    }
    en->actor = before;
}

void
task_lock_path(const struct engine *en, uint32_t domid, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/dom-%u.lock", en->paths.run, domid);
}

/* The lock of a domain's uuid, so that two engines never work on one domain at
 * the same time. Taken for the life of the task, dropped with the process. */
int
task_lock(struct task *t, struct err *e)
{
    const struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);
    char path[512];
    int fd;

    if (de == NULL || t->lock_fd >= 0)
        return 0; /* one to be made has no identity yet */
    if (engine_paths_run(t->en, e) < 0)
        return -1;
    task_lock_path(t->en, de->d.domid, path, sizeof(path));
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(e, errno, "lock %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return err_set(e, ERR_BUSY, "another xendeck is at work on domain %u",
                       de->d.domid);
    }
    t->lock_fd = fd;
    (void)!ftruncate(fd, 0); /* what was said of an earlier domain */
    return 0;
}

void
task_unlock(struct task *t)
{
    if (t->lock_fd >= 0)
        close(t->lock_fd);
    t->lock_fd = -1;
}

static void
task_start(struct task *t)
{
    struct err e = { 0 };

    if (task_lock(t, &e) < 0) {
        task_fail(t, &e);
        return;
    }
    t->started = true;
    t->op->state = OP_RUNNING;
    t->op->start_ms = loop_now_ms(t->en->lp);
    mark_dom(t, t->op->id);
    tell_start(t);
    enter_step(t);
    run_steps(t);
}

uint64_t
task_begin(struct engine *en, struct task *t, const struct task_type *type,
           enum op_verb verb, const struct dom *d, const char *name)
{
    t->type = type;
    t->en = en;
    t->lock_fd = -1;
    t->op = op_new(en, verb, d, name);
    t->op->cancellable = true; /* while it queues */
    list_append(&en->tasks, &t->node);
    oplog_begin(t);
    engine_changed(en, ENGINE_CH_OPS);
    task_wake(t);
    return t->op->id;
}

void
task_progress(struct task *t, int percent, const char *what)
{
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
    mark_dom(t, t->op->id);
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

void
tasks_leave(struct engine *en, const struct err *why)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &en->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (t->type->stays != NULL && t->type->stays(t))
            t->abandoned = true;
        if (!t->undoing)
            task_fail(t, why);
    }
}

void
tasks_abandon(struct engine *en)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &en->tasks) {
        struct task *t = list_entry(it, struct task, node);

        t->abandoned = true; /* on record for the next engine */
        err_set(&t->err, ERR_TIMEOUT, "the program ended before it could");
        task_end(t, OP_FAILED);
    }
}

struct task *
task_by_op(struct engine *en, uint64_t op)
{
    struct list_node *it;

    list_foreach (it, &en->tasks) {
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

    list_foreach (it, &en->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (t->op->dom_id == dom_id && !t->undoing)
            return t;
    }
    return NULL;
}
