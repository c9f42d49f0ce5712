/*
 * tasks.c - see tasks.h: the room of operations, its observers, and what is
 * done with all tasks.
 */
#include "engine/task/tasks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/hv/hv.h"
#include "engine/task/oplog.h"
#include "engine/task/task_int.h"
#include "src/base/xalloc.h"

/* --- those who look on --- */

const struct dom *
task_dom(const struct engine *en, uint64_t dom_id)
{
    const struct task_domains *td = task_room(en)->domains;

    return td != NULL ? td->find(td, dom_id) : NULL;
}

void
tasks_tell_works(struct task *t, uint64_t op)
{
    struct list_node *it;

    list_foreach (it, &task_room(t->en)->observers) {
        struct task_observer *o = list_entry(it, struct task_observer, node);

        if (o->works != NULL)
            o->works(o, t, op);
    }
}

void
tasks_tell_undoing(struct task *t)
{
    struct list_node *it;

    list_foreach (it, &task_room(t->en)->observers) {
        struct task_observer *o = list_entry(it, struct task_observer, node);

        if (o->undoing != NULL)
            o->undoing(o, t);
    }
}

void
tasks_tell_ending(struct task *t)
{
    struct list_node *it;

    list_foreach (it, &task_room(t->en)->observers) {
        struct task_observer *o = list_entry(it, struct task_observer, node);

        if (o->ending != NULL)
            o->ending(o, t);
    }
}

void
tasks_tell_ended(struct task *t)
{
    struct list_node *it;

    list_foreach (it, &task_room(t->en)->observers) {
        struct task_observer *o = list_entry(it, struct task_observer, node);

        if (o->ended != NULL)
            o->ended(o, t);
    }
}

void
tasks_observe(struct engine *en, struct task_observer *o)
{
    list_append(&task_room(en)->observers, &o->node);
}

void
tasks_unobserve(struct task_observer *o)
{
    list_del(&o->node);
}

void
tasks_set_domains(struct engine *en, const struct task_domains *td)
{
    task_room(en)->domains = td;
}

/* --- all of them --- */

void
tasks_wake_dom(struct engine *en, uint64_t dom_id)
{
    struct list_node *it;

    list_foreach (it, &task_room(en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (dom_id == 0 || t->op->dom_id == dom_id)
            task_wake(t);
    }
}

void
tasks_leave(struct engine *en, const struct err *why)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &task_room(en)->tasks) {
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

    list_foreach_safe (it, tmp, &task_room(en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        task_abandon(t);
    }
}

struct task *
tasks_find(const struct engine *en, bool (*f)(struct task *t, void *arg),
           void *arg)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &task_room(en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        if (f(t, arg))
            return t;
    }
    return NULL;
}

/* --- open and close --- */

/* A domain is born into the creation that makes it, and dies in the operation
 * at work on it. */
static void
tasks_fill_event(struct event_witness *w, struct event *ev)
{
    const struct task_room *r = container_of(w, struct task_room, witness);
    struct list_node *it;

    if (ev->kind == EVENT_DEATH && ev->op != 0)
        event_take_op(ev, engine_op_by_id(r->en, ev->op));
    if (ev->kind != EVENT_BIRTH || ev->op != 0)
        return;
    list_foreach (it, &r->tasks) {
        const struct op *o = list_entry(it, struct task, node)->op;

        if (op_verb_makes(o->verb) && strcmp(o->name, ev->name) == 0) {
            event_take_op(ev, o);
            return;
        }
    }
}

static bool
tasks_have_duty(const struct engine_duty *d)
{
    return engine_busy(container_of(d, const struct task_room, duty)->en);
}

void
tasks_open(struct engine *en)
{
    const struct engine_opts *o = engine_options(en);
    struct task_room *r = xcalloc(1, sizeof(*r));
    bool slow = hv_opens_slowly(engine_hv(en));

    r->en = en;
    list_init(&r->tasks);
    list_init(&r->woken);
    list_init(&r->observers);
    r->oplog.fd = -1;
    r->helpers = (struct helper_pool){ .lp = engine_loop(en),
                                       .exe = o->helper_exe,
                                       .driver = hv_driver_name(engine_hv(en)),
                                       .log = engine_log(en),
                                       .may_warm = slow,
                                       .keep_spare = slow };
    helper_pool_init(&r->helpers);
    if (o->helper_limit_s > 0)
        r->helpers.limit_ms = o->helper_limit_s * 1000ULL;
    engine_set_room(en, ROOM_TASK, r);
    (void)oplog_boot(en); /* while descriptors are left */
    r->witness.fill = tasks_fill_event;
    events_ask(en, &r->witness);
    r->duty.has = tasks_have_duty;
    engine_enter_duty(en, &r->duty);
    if (slow)
        helper_warm(&r->helpers);
}

struct helper_pool *
tasks_helpers(const struct engine *en)
{
    return &task_room(en)->helpers;
}

void
tasks_forget(struct engine *en)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &task_room(en)->tasks) {
        struct task *t = list_entry(it, struct task, node);

        loop_timer_del(&t->timer);
        loop_timer_del(&t->retry);
        list_del(&t->woken);
        list_del(&t->node);
        t->type->free(t);
    }
}

/* The events may be closed already. */
void
tasks_close(struct engine *en)
{
    struct task_room *r = task_room(en);

    if (r == NULL)
        return;
    engine_leave_duty(&r->duty);
    loop_timer_del(&r->run);
    helper_pool_fini(&r->helpers);
    if (!engine_is(en, ENGINE_ABANDONED))
        oplog_close(en);
    else if (r->oplog.fd >= 0)
        close(r->oplog.fd);
    ops_free(r);
    buf_free(&r->oplog.dead);
    buf_free(&r->oplog.owed);
    engine_set_room(en, ROOM_TASK, NULL);
    free(r);
}
