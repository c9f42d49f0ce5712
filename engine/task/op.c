/*
 * op.c - the list of operations that front ends read: live ones and the last
 * that ended; what their events say.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/task/task_int.h"
#include "src/base/xalloc.h"

/* Of those that have ended the last ENGINE_OPS_KEPT stay, and any that ended
 * just now: whoever waits for one looks once more after its end. */
static void
op_forget_oldest(struct task_room *r)
{
    uint64_t now = loop_now_ms(engine_loop(r->en));
    size_t i, n = 0, spare = 0;

    for (i = 0; i < r->n_ops; i++)
        spare += r->ops[i]->state > OP_RUNNING;
    spare = spare >= ENGINE_OPS_KEPT ? spare - ENGINE_OPS_KEPT + 1 : 0;
    for (i = 0; i < r->n_ops; i++) {
        struct op *o = r->ops[i];

        if (spare > 0 && o->state > OP_RUNNING &&
            now - o->end_ms >= ENGINE_OPS_SEEN_MS) {
            spare--;
            free(o);
        } else {
            r->ops[n++] = o;
        }
    }
    r->n_ops = n;
}

struct op *
op_new(struct task_room *r, enum op_verb verb, const struct dom *d,
       const char *name)
{
    struct op *o = xcalloc(1, sizeof(*o));

    op_forget_oldest(r);
    if (r->n_ops == r->cap_ops) {
        r->cap_ops = r->cap_ops == 0 ? 16 : r->cap_ops * 2;
        r->ops = xrealloc(r->ops, r->cap_ops, sizeof(r->ops[0]));
    }
    r->ops[r->n_ops++] = o;
    o->id = ++r->next_op;
    o->verb = verb;
    o->percent = -1;
    o->start_ms = loop_now_ms(engine_loop(r->en));
    text_fmt(o->name, sizeof(o->name), "%s", d != NULL ? d->name : name);
    text_fmt(o->title, sizeof(o->title), "%s", op_verb_name(verb));
    text_fmt(o->who, sizeof(o->who), "%s", engine_acting_for(r->en));
    o->by_hook = engine_is(r->en, ENGINE_FROM_HOOK);
    if (d != NULL) {
        o->dom_id = d->id;
        o->domid = d->domid;
        memcpy(o->uuid, d->uuid, sizeof(o->uuid));
    }
    op_xl(o);
    return o;
}

void
ops_free(struct task_room *r)
{
    size_t i;

    for (i = 0; i < r->n_ops; i++)
        free(r->ops[i]);
    free(r->ops);
}

size_t
engine_op_count(const struct engine *en)
{
    return task_room(en)->n_ops;
}

const struct op *
engine_op_at(const struct engine *en, size_t i)
{
    const struct task_room *r = task_room(en);

    return i < r->n_ops ? r->ops[i] : NULL;
}

const struct op *
engine_op_by_id(const struct engine *en, uint64_t id)
{
    const struct task_room *r = task_room(en);
    size_t i;

    for (i = 0; i < r->n_ops; i++)
        if (r->ops[i]->id == id)
            return r->ops[i];
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

bool
engine_busy(const struct engine *en)
{
    struct list_node *it;

    list_foreach (it, &task_room(en)->tasks)
        if (!list_entry(it, struct task, node)->type->patient)
            return true;
    return false;
}

/* What drives devices is a step of an operation: hotplug scripts, device
 * models and helpers at work are named by its label. */
size_t
engine_ops_info(const struct engine *en, struct buf *out)
{
    struct list_node *it;
    size_t n = 0;

    list_foreach (it, &task_room(en)->tasks) {
        const struct op *o = list_entry(it, struct task, node)->op;

        n++;
        if (out == NULL)
            continue;
        buf_fmt(out, "operation    %llu %s %s: %s, for %s%s%s\n",
                (unsigned long long)o->id, op_verb_name(o->verb), o->name,
                o->state == OP_QUEUED ? "queued" : o->label, o->who,
                o->xl[0] != '\0' ? ", as: " : "", o->xl);
    }
    return n;
}

/* --- in the event log --- */

/* What an event says of the operation. */
static struct event
op_event(const struct op *o, enum event_kind k, enum event_level l)
{
    struct event ev = {
        .kind = k, .level = l, .domid = o->domid, .op = o->id, .verb = o->verb
    };

    memcpy(ev.name, o->name, sizeof(ev.name));
    memcpy(ev.who, o->who, sizeof(ev.who));
    ev.hook = o->by_hook;
    memcpy(ev.uuid, o->uuid, sizeof(ev.uuid));
    memcpy(ev.xl, o->xl, sizeof(ev.xl));
    return ev;
}

void
op_tell_start(struct task *t)
{
    struct event ev = op_event(t->op, EVENT_OP_START, EVENT_INFO);

    event_add_head(t->en, &ev, "%s begins", t->op->title);
}

void
op_tell_end(struct task *t)
{
    struct op *o = t->op;
    unsigned long long ms = o->end_ms - o->start_ms;
    const char *verb = o->title;
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
