/*
 * host_stop.c - see host_stop.h. One operation: domains in the reverse of the
 * start order, those of one order side by side, driver domains last, each with
 * a limit after which it is destroyed; then dom0 itself.
 * Invariant: there is one at a time.
 */
#include "engine/life/host_stop.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/dom0/dom0.h"
#include "engine/host/listing.h"
#include "engine/life/create_int.h"
#include "engine/life/life.h"
#include "engine/life/life_int.h"
#include "engine/life/save.h"
#include "engine/record/db.h"
#include "engine/task/operations.h"
#include "engine/task/task.h"
#include "src/base/xalloc.h"

#define ORDER_DEFAULT     100 /* of a domain without a configuration of ours */
#define DESTROY_LIMIT_S   60
#define SAVE_MIB_A_SECOND 10 /* a slow disk */
#define PLAN_A_TURN       16 /* configurations read */

enum phase {
    PHASE_ALIVE,
    PHASE_WAKING,
    PHASE_SAVING,
    PHASE_ASKED,
    PHASE_ENDING,
    PHASE_GONE
};

struct victim {
    uint64_t dom_id;
    char name[MODEL_NAME_MAX];
    bool driver, destroy, save;
    bool late;        /* its save was cancelled: it took too long */
    uint64_t mem_kib; /* to be saved */
    unsigned order;
    enum phase phase;
    uint64_t op;
    uint64_t deadline_ms;
};

struct host_stopping {
    struct task t;
    enum host_stop how;
    unsigned limit_s;
    struct victim *list;
    size_t n, n_planned;
    struct loop_timer limit;
    struct dom0_power power;
    bool cancelled; /* by way of one domain */
    bool spawned, ended;
    int status;
};

static struct host_stopping *
host_stop_self(struct task *t)
{
    return container_of(t, struct host_stopping, t);
}

bool
host_stopping(const struct engine *en)
{
    const struct life_room *r = life_room(en);

    return r->host_stop != NULL || r->host_goes_down;
}

/* --- the plan --- */

static bool
ended(const struct dom *d)
{
    return (d->flags & DOM_F_DYING) ||
           ((d->flags & DOM_F_SHUTDOWN) && d->reason != DOM_SUSPEND);
}

static void __attribute__((format(printf, 3, 4)))
host_stop_warn(struct host_stopping *h, const struct victim *v, const char *fmt,
               ...)
{
    const struct dom_entry *de = domains_by_id(h->t.en, v->dom_id);
    struct buf text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    event_add_for(h->t.en, EVENT_ENGINE, EVENT_WARN,
                  de != NULL ? de->d.domid : 0, v->name, "%s", buf_text(&text));
    buf_free(&text);
}

/* One that cannot be read is shut down with those that ask for nothing. */
static void
look_up(struct host_stopping *h, struct victim *v)
{
    struct engine *en = h->t.en;
    const struct dom_entry *de = domains_by_id(en, v->dom_id);
    struct domain_config *c;
    struct err e = { 0 };

    v->order = ORDER_DEFAULT;
    if (de == NULL)
        return;
    v->driver = de->d.driver_domain;
    v->mem_kib = de->d.mem_kib;
    if (!de->d.owned)
        return;
    if (db_load(engine_paths(en)->state, de->d.uuid, &c, &e) < 0) {
        if (e.code != ERR_NOENT)
            host_stop_warn(h, v,
                           "how it is to end with the host, and when, cannot "
                           "be told: %s",
                           e.msg);
        return;
    }
    v->driver = v->driver || c->driver_domain;
    v->order = c->autostart_order;
    v->destroy = c->host_stop == CONFIG_STOP_DESTROY;
    v->save = c->host_stop == CONFIG_STOP_SAVE;
    config_free(c);
}

/* First to be stopped first. */
static int
host_stop_compare(const void *x, const void *y)
{
    const struct victim *a = x, *b = y;

    if (a->driver != b->driver)
        return a->driver ? 1 : -1;
    if (a->order != b->order)
        return a->order > b->order ? -1 : 1;
    return a->dom_id > b->dom_id ? -1 : a->dom_id < b->dom_id;
}

static bool
same_group(const struct victim *a, const struct victim *b)
{
    return a->driver == b->driver && a->order == b->order;
}

static bool
cancel_creation(struct task *t, void *arg)
{
    (void)arg;
    if (op_verb_makes(t->op->verb) && t->op->cancellable)
        (void)task_cancel(t, NULL);
    return false;
}

static bool
is_creation(struct task *t, void *arg)
{
    (void)arg;
    return op_verb_makes(t->op->verb);
}

/* What is just being made is not waited for. True while some is at work. */
static bool
creations_at_work(struct engine *en)
{
    (void)tasks_find(en, cancel_creation, NULL);
    return tasks_find(en, is_creation, NULL) != NULL;
}

static void
host_stop_collect(struct host_stopping *h)
{
    struct engine *en = h->t.en;
    const struct dom_entry *de;
    size_t i;

    h->list = xcalloc(engine_dom_count(en) + 1, sizeof(*h->list));
    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        const struct dom *d = &de->d;
        struct victim *v = &h->list[h->n];

        if (d->domid == 0 || ended(d))
            continue;
        v->dom_id = d->id;
        text_fmt(v->name, sizeof(v->name), "%s", d->name);
        h->n++;
    }
}

static enum step_rc
run_plan(struct task *t, struct err *e)
{
    struct host_stopping *h = host_stop_self(t);
    size_t end;

    if (creations_at_work(t->en))
        return STEP_WAIT; /* the end of each wakes us */
    if (h->list == NULL) {
        if (domains_scan(t->en, false, e) < 0)
            return STEP_FAIL;
        host_stop_collect(h);
    }
    for (end = h->n_planned + PLAN_A_TURN;
         h->n_planned < h->n && h->n_planned < end; h->n_planned++)
        look_up(h, &h->list[h->n_planned]);
    if (h->n_planned < h->n) {
        task_wake(t);
        return STEP_WAIT;
    }
    qsort(h->list, h->n, sizeof(h->list[0]), host_stop_compare);
    return STEP_DONE;
}

/* --- one domain --- */

/* Its end was seen: one that is forgotten proves nothing, then the domain and
 * the limit count. */
static bool
over_seen(const struct engine *en, uint64_t op)
{
    const struct op *o = engine_op_by_id(en, op);

    return o != NULL && o->state > OP_RUNNING;
}

static bool
over(const struct engine *en, uint64_t op)
{
    const struct op *o = engine_op_by_id(en, op);

    return o == NULL || o->state > OP_RUNNING;
}

static void
set_limit(struct host_stopping *h, struct victim *v, unsigned seconds)
{
    v->deadline_ms = loop_now_ms(engine_loop(h->t.en)) + seconds * 1000ULL;
}

static void
give_up(struct host_stopping *h, struct victim *v, const char *why)
{
    host_stop_warn(h, v, "left as it is, the host stops nevertheless: %s", why);
    v->phase = PHASE_GONE;
}

static void
force(struct host_stopping *h, struct victim *v)
{
    struct err e = { 0 };

    v->phase = PHASE_ENDING;
    set_limit(h, v, DESTROY_LIMIT_S);
    if (engine_destroy(h->t.en, v->dom_id, &v->op, &e) < 0 &&
        e.code != ERR_NOENT)
        give_up(h, v, e.msg);
}

static unsigned
limit_of(const struct host_stopping *h)
{
    const struct engine_opts *o = engine_options(h->t.en);

    return h->limit_s != 0 ? h->limit_s : o->shutdown_ack_s + o->shutdown_end_s;
}

static void
host_stop_ask(struct host_stopping *h, struct victim *v)
{
    struct err e = { 0 };

    v->phase = PHASE_ASKED;
    set_limit(h, v, limit_of(h));
    if (engine_shutdown(h->t.en, v->dom_id, &v->op, &e) < 0)
        force(h, v);
}

/* It comes back with the host. One that cannot be saved is shut down. */
static void
host_stop_save(struct host_stopping *h, struct victim *v)
{
    const struct save_opts o = { .resume = true };
    struct err e = { 0 };

    v->phase = PHASE_SAVING;
    set_limit(h, v,
              limit_of(h) + (unsigned)(v->mem_kib / 1024 / SAVE_MIB_A_SECOND));
    if (engine_save(h->t.en, v->dom_id, NULL, &o, &v->op, &e) == 0)
        return;
    host_stop_warn(h, v, "not saved, shut down: %s", e.msg);
    host_stop_ask(h, v);
}

static void
host_stop_act(struct host_stopping *h, struct victim *v)
{
    if (v->save)
        host_stop_save(h, v);
    else
        host_stop_ask(h, v);
}

/* Saved, it is removed by an operation of its own. */
static void
saving_over(struct host_stopping *h, struct victim *v)
{
    const struct op *o = engine_op_by_id(h->t.en, v->op);

    if (o != NULL && o->state == OP_DONE) {
        v->phase = PHASE_ENDING;
        v->op = o->next;
        set_limit(h, v, DESTROY_LIMIT_S);
    } else if (o != NULL && o->state == OP_CANCELLED && !v->late) {
        h->cancelled = true;
    } else {
        host_stop_warn(h, v, "not saved, shut down: %s",
                       v->late || o == NULL ? "it took too long" : o->err.msg);
        host_stop_ask(h, v);
    }
}

/* A save past its file cannot be cancelled: it is as good as done. */
static void
saving_late(struct host_stopping *h, struct victim *v)
{
    v->late = engine_op_cancel(h->t.en, v->op, NULL) == 0;
    set_limit(h, v, DESTROY_LIMIT_S);
}

/* One that is paused or suspended cannot hear: it is woken up first. */
static void
host_stop_begin(struct host_stopping *h, struct victim *v, const struct dom *d)
{
    if (v->destroy) {
        force(h, v);
        return;
    }
    if ((d->flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN)) == 0 ||
        engine_unpause(h->t.en, v->dom_id, &v->op, NULL) < 0) {
        host_stop_act(h, v);
        return;
    }
    v->phase = PHASE_WAKING;
    set_limit(h, v, limit_of(h));
}

static void
asked_over(struct host_stopping *h, struct victim *v)
{
    const struct op *o = engine_op_by_id(h->t.en, v->op);

    if (o->state == OP_DONE) {
        v->phase = PHASE_GONE;
        return;
    }
    if (o->state == OP_CANCELLED) {
        h->cancelled = true; /* whoever saves this one wants no stop */
        return;
    }
    host_stop_warn(h, v, "destroyed, the host stops: %s", o->err.msg);
    force(h, v);
}

static void
ending_over(struct host_stopping *h, struct victim *v)
{
    const struct op *o = engine_op_by_id(h->t.en, v->op);

    if (o->state != OP_DONE)
        give_up(h, v, o->err.msg);
    v->phase = PHASE_GONE;
}

static void
host_stop_look_at(struct host_stopping *h, struct victim *v)
{
    struct engine *en = h->t.en;
    const struct dom_entry *de = domains_by_id(en, v->dom_id);
    bool late = loop_now_ms(engine_loop(en)) >= v->deadline_ms;
    bool lost = (v->phase == PHASE_ASKED || v->phase == PHASE_ENDING) &&
                de == NULL && engine_op_by_id(en, v->op) == NULL;

    if (v->phase == PHASE_ALIVE && de != NULL && !ended(&de->d))
        host_stop_begin(h, v, &de->d);
    else if (lost || (v->phase == PHASE_ALIVE && (de == NULL || !de->d.owned)))
        v->phase = PHASE_GONE; /* what is ours is being reaped: waited for */
    else if (v->phase == PHASE_ALIVE && v->deadline_ms == 0)
        set_limit(h, v, limit_of(h));
    else if (v->phase == PHASE_WAKING && over(en, v->op))
        host_stop_act(h, v);
    else if (v->phase == PHASE_SAVING && over(en, v->op))
        saving_over(h, v);
    else if (v->phase == PHASE_SAVING && late)
        saving_late(h, v);
    else if (v->phase == PHASE_ASKED && over_seen(en, v->op))
        asked_over(h, v);
    else if (v->phase == PHASE_ENDING && over_seen(en, v->op))
        ending_over(h, v);
    else if (v->phase == PHASE_ENDING && late)
        give_up(h, v, "its destruction takes too long");
    else if (v->phase != PHASE_GONE && late && v->deadline_ms != 0) {
        host_stop_warn(h, v,
                       "destroyed, the host stops: it did not end within %u s",
                       limit_of(h));
        force(h, v);
    }
}

/* --- all of them --- */

static void
host_stop_limit_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct host_stopping, limit)->t);
}

/* Wakes us at the nearest deadline of the group. */
static void
host_stop_arm_limit(struct host_stopping *h, size_t first)
{
    uint64_t now = loop_now_ms(engine_loop(h->t.en)), least = UINT64_MAX;
    size_t i;

    for (i = first; i < h->n && same_group(&h->list[i], &h->list[first]); i++)
        if (h->list[i].phase != PHASE_GONE && h->list[i].deadline_ms < least)
            least = h->list[i].deadline_ms;
    if (least != UINT64_MAX)
        loop_timer_arm(engine_loop(h->t.en), &h->limit,
                       least > now ? least - now : 0, host_stop_limit_due);
}

static void
host_stop_tell_progress(struct host_stopping *h, size_t first)
{
    char text[64 + MODEL_NAME_MAX];
    size_t i, gone = 0;

    for (i = 0; i < h->n; i++)
        gone += h->list[i].phase == PHASE_GONE;
    text_fmt(text, sizeof(text), "waiting for %s (%zu of %zu)",
             h->list[first].name, gone + 1, h->n);
    task_progress(&h->t, h->n > 0 ? (int)(gone * 100 / h->n) : -1, text);
}

static enum step_rc
run_domains(struct task *t, struct err *e)
{
    struct host_stopping *h = host_stop_self(t);
    size_t first = 0, i;

    for (;;) {
        while (first < h->n && h->list[first].phase == PHASE_GONE)
            first++;
        if (first == h->n)
            break;
        for (i = first; i < h->n && same_group(&h->list[i], &h->list[first]);
             i++)
            host_stop_look_at(h, &h->list[i]);
        if (h->cancelled) {
            err_set(e, ERR_CANCELLED, "cancelled");
            return STEP_FAIL;
        }
        if (h->list[first].phase == PHASE_GONE)
            continue;
        host_stop_arm_limit(h, first);
        host_stop_tell_progress(h, first);
        return STEP_WAIT;
    }
    loop_timer_del(&h->limit);
    return STEP_DONE;
}

static enum step_rc
undo_domains(struct task *t)
{
    struct host_stopping *h = host_stop_self(t);
    size_t i;

    loop_timer_del(&h->limit);
    for (i = 0; i < h->n; i++)
        if (h->list[i].phase == PHASE_ASKED || h->list[i].phase == PHASE_SAVING)
            (void)engine_op_cancel(t->en, h->list[i].op, NULL);
    return STEP_DONE;
}

/* --- the host itself --- */

static void
power_ended(struct dom0_power *p, int status)
{
    struct host_stopping *h = container_of(p, struct host_stopping, power);

    h->ended = true;
    h->status = status;
    task_wake(&h->t);
}

static enum step_rc
run_host(struct task *t, struct err *e)
{
    struct host_stopping *h = host_stop_self(t);
    const char *what = h->how == HOST_REBOOT ? "reboots" : "powers off";

    if (h->how == HOST_STOP_DOMAINS)
        return STEP_DONE;
    if (!h->spawned)
        event_add(t->en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "all domains are stopped: the host %s%s", what,
                  dom0_stays_up(engine_dom0(t->en))
                      ? " (a simulated one only says so)"
                      : "");
    if (!h->spawned &&
        dom0_power(engine_dom0(t->en), &h->power, h->how == HOST_REBOOT, e) < 0)
        return STEP_FAIL;
    h->spawned = true;
    if (!h->ended)
        return STEP_WAIT;
    if (h->status == 0 || !WIFEXITED(h->status))
        return STEP_DONE;
    err_set(e, ERR_IO,
            DOM0_SHUTDOWN_EXE " ended with status %d: the host stays up",
            WEXITSTATUS(h->status));
    return STEP_FAIL;
}

static const struct step steps[] = {
    { .id = "plan", .label = "plan", .run = run_plan, .cancellable = true },
    { .id = "domains",
      .label = "stop the domains",
      .run = run_domains,
      .undo = undo_domains,
      .cancellable = true },
    { .id = "host", .label = "stop the host", .run = run_host },
};

/* A host that goes down starts nothing any more. */
static void
host_stop_ended(struct task *t)
{
    struct host_stopping *h = host_stop_self(t);

    life_room(t->en)->host_stop = NULL;
    life_room(t->en)->host_goes_down = t->op->state == OP_DONE &&
                                       h->how != HOST_STOP_DOMAINS &&
                                       !dom0_stays_up(engine_dom0(t->en));
}

static void
host_stop_free(struct task *t)
{
    struct host_stopping *h = host_stop_self(t);

    loop_timer_del(&h->limit);
    loop_child_del(&h->power.child);
    free(h->list);
    free(h);
}

static const struct task_type type = { .steps = steps,
                                       .n_steps =
                                           sizeof(steps) / sizeof(steps[0]),
                                       .free = host_stop_free,
                                       .ended = host_stop_ended };

int
engine_host_stop(struct engine *en, enum host_stop how, unsigned limit_s,
                 uint64_t *op_out, struct err *e)
{
    struct host_stopping *h;
    uint64_t op;

    if (host_stopping(en))
        return err_set(e, ERR_BUSY,
                       "the domains of this host are being "
                       "stopped already");
    h = xcalloc(1, sizeof(*h));
    h->how = how;
    h->power.ended = power_ended;
    h->limit_s = limit_s;
    /* A blank in it: no domain has this name, so it queues behind none. */
    op = task_begin(en, &h->t, &type, OP_HOST_STOP, NULL, "this host");
    life_room(en)->host_stop = &h->t;
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
