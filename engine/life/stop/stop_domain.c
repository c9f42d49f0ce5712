/*
 * stop_domain.c - see stop_int.h: the end of one domain with its host. What it
 * does depends on the phase and on its operation; each phase has a limit.
 */
#include "engine/core/engine_options.h"
#include "engine/life/migrate.h"
#include "engine/life/save.h"
#include "engine/life/stop/stop_int.h"
#include "engine/task/operations.h"

#define DESTROY_LIMIT_S     60
#define MEMORY_MIB_A_SECOND 10 /* a slow disk, or a slow line */

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

void
host_stop_set_limit(struct host_stopping *h, struct victim *v, unsigned seconds)
{
    v->deadline_ms = loop_now_ms(engine_loop(h->t.en)) + seconds * 1000ULL;
}

void
host_stop_give_up(struct host_stopping *h, struct victim *v, const char *why)
{
    host_stop_warn(h, v, "left as it is, the host stops nevertheless: %s", why);
    v->phase = PHASE_GONE;
    task_wake(&h->t); /* no operation ends with it, and others may wait */
}

void
host_stop_force(struct host_stopping *h, struct victim *v)
{
    struct err e = { 0 };

    v->phase = PHASE_ENDING;
    host_stop_set_limit(h, v, DESTROY_LIMIT_S);
    if (engine_destroy(h->t.en, v->dom_id, &v->op, &e) < 0 &&
        e.code != ERR_NOENT)
        host_stop_give_up(h, v, e.msg);
}

static unsigned
limit_of(const struct host_stopping *h)
{
    const struct engine_opts *o = engine_options(h->t.en);

    return h->limit_s != 0 ? h->limit_s : o->shutdown_ack_s + o->shutdown_end_s;
}

void
host_stop_ask(struct host_stopping *h, struct victim *v)
{
    struct err e = { 0 };

    v->phase = PHASE_ASKED;
    host_stop_set_limit(h, v, limit_of(h));
    if (engine_shutdown(h->t.en, v->dom_id, &v->op, &e) < 0)
        host_stop_force(h, v);
}

unsigned
host_stop_memory_limit(const struct host_stopping *h, const struct victim *v)
{
    return limit_of(h) + (unsigned)(v->mem_kib / 1024 / MEMORY_MIB_A_SECOND);
}

/* It comes back with the host. One that cannot be saved is shut down. */
void
host_stop_save(struct host_stopping *h, struct victim *v)
{
    const struct save_opts o = { .resume = true };
    struct err e = { 0 };

    v->phase = PHASE_SAVING;
    host_stop_set_limit(h, v, host_stop_memory_limit(h, v));
    if (engine_save(h->t.en, v->dom_id, NULL, &o, &v->op, &e) == 0)
        return;
    host_stop_warn(h, v, "not saved, shut down: %s", e.msg);
    host_stop_ask(h, v);
}

static void
host_stop_act(struct host_stopping *h, struct victim *v)
{
    if (v->how == CONFIG_STOP_MIGRATE)
        host_stop_move(h, v);
    else if (v->how == CONFIG_STOP_SAVE)
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
        host_stop_set_limit(h, v, DESTROY_LIMIT_S);
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
    v->late = engine_op_cancel(h->t.en, v->op, NULL) == 0 || v->late;
    host_stop_set_limit(h, v, DESTROY_LIMIT_S);
}

/* One that is paused or suspended cannot hear: it is woken up first. */
static void
host_stop_begin(struct host_stopping *h, struct victim *v, const struct dom *d)
{
    if (v->how == CONFIG_STOP_DESTROY) {
        host_stop_force(h, v);
        return;
    }
    if ((d->flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN)) == 0 ||
        engine_unpause(h->t.en, v->dom_id, &v->op, NULL) < 0) {
        host_stop_act(h, v);
        return;
    }
    v->phase = PHASE_WAKING;
    host_stop_set_limit(h, v, limit_of(h));
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
    host_stop_force(h, v);
}

static void
ending_over(struct host_stopping *h, struct victim *v)
{
    const struct op *o = engine_op_by_id(h->t.en, v->op);

    if (o->state != OP_DONE)
        host_stop_give_up(h, v, o->err.msg);
    v->phase = PHASE_GONE;
}

/* What was at work on it has failed, but not a destruction of ours itself. */
static bool
may_be_overtaken(const struct host_stopping *h, const struct victim *v)
{
    const struct op *o = engine_op_by_id(h->t.en, v->op);

    if (v->phase < PHASE_MOVING || v->phase > PHASE_ENDING || o == NULL)
        return false;
    return o->state == OP_CANCELLED ||
           (o->state == OP_FAILED && v->phase != PHASE_ENDING);
}

/* Somebody's destruction has ended what was at work on it, and does what the
 * end of the host wants as well: it is waited for from now on. */
static bool
host_stop_overtaken(struct host_stopping *h, struct victim *v)
{
    const struct task *t;
    bool gone;

    if (!may_be_overtaken(h, v))
        return false;
    t = task_on_dom(h->t.en, v->dom_id);
    gone = domains_by_id(h->t.en, v->dom_id) == NULL;
    if (!gone && (t == NULL || t->op->verb != OP_DESTROY))
        return false;
    v->phase = gone ? PHASE_GONE : PHASE_ENDING;
    if (!gone)
        v->op = t->op->id;
    host_stop_set_limit(h, v, DESTROY_LIMIT_S);
    task_wake(&h->t); /* who waited for its move may stand before it */
    return true;
}

void
host_stop_look_at(struct host_stopping *h, struct victim *v)
{
    struct engine *en = h->t.en;
    const struct dom_entry *de = domains_by_id(en, v->dom_id);
    bool late = loop_now_ms(engine_loop(en)) >= v->deadline_ms;
    bool lost =
        de == NULL && (v->phase == PHASE_QUEUED ||
                       ((v->phase == PHASE_ASKED || v->phase == PHASE_ENDING) &&
                        engine_op_by_id(en, v->op) == NULL));

    if (host_stop_overtaken(h, v))
        return;
    if (v->phase == PHASE_ALIVE && de != NULL && !host_stop_has_ended(&de->d))
        host_stop_begin(h, v, &de->d);
    else if (lost || (v->phase == PHASE_ALIVE && (de == NULL || !de->d.owned)))
        v->phase = PHASE_GONE; /* what is ours is being reaped: waited for */
    else if (v->phase == PHASE_ALIVE && v->deadline_ms == 0)
        host_stop_set_limit(h, v, limit_of(h));
    else if (v->phase == PHASE_WAKING && over(en, v->op))
        host_stop_act(h, v);
    else if (v->phase == PHASE_QUEUED)
        host_stop_move(h, v);
    else if (v->phase == PHASE_MOVING && over(en, v->op))
        host_stop_moving_over(h, v);
    else if (v->phase == PHASE_MOVING && late)
        host_stop_moving_late(h, v);
    else if (v->phase == PHASE_SAVING && over(en, v->op))
        saving_over(h, v);
    else if (v->phase == PHASE_SAVING && late)
        saving_late(h, v);
    else if (v->phase == PHASE_ASKED && over_seen(en, v->op))
        asked_over(h, v);
    else if (v->phase == PHASE_ENDING && over_seen(en, v->op))
        ending_over(h, v);
    else if (v->phase == PHASE_ENDING && late)
        host_stop_give_up(h, v, "its destruction takes too long");
    else if (v->phase != PHASE_GONE && late && v->deadline_ms != 0) {
        host_stop_warn(h, v,
                       "destroyed, the host stops: it did not end within %u s",
                       limit_of(h));
        host_stop_force(h, v);
    }
}

void
host_stop_let_go(struct host_stopping *h, struct victim *v)
{
    if (v->phase == PHASE_ASKED || v->phase == PHASE_SAVING ||
        (v->phase == PHASE_MOVING && !engine_migrate_is_given(h->t.en, v->op)))
        (void)engine_op_cancel(h->t.en, v->op, NULL);
}
