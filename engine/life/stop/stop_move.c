/*
 * stop_move.c - see stop_int.h: a domain goes to another host because its own
 * one stops. So many go at a time; one that does not get there is saved, shut
 * down or destroyed, as it was told. One that may be the other host's already
 * is left alone: nobody here can know whether it runs there.
 */
#include "engine/core/engine_options.h"
#include "engine/life/migrate.h"
#include "engine/life/stop/stop_int.h"
#include "engine/task/operations.h"

#define MOVES_DEFAULT 2
#define CANCEL_S      60

static const char *
words_of(enum config_host_stop how)
{
    return how == CONFIG_STOP_SAVE      ? "saved"
           : how == CONFIG_STOP_DESTROY ? "destroyed"
                                        : "shut down";
}

static void
fall_back(struct host_stopping *h, struct victim *v, const char *why)
{
    host_stop_warn(h, v, "not moved, %s: %s", words_of(v->otherwise), why);
    v->late = false;
    if (v->otherwise == CONFIG_STOP_SAVE)
        host_stop_save(h, v);
    else if (v->otherwise == CONFIG_STOP_DESTROY)
        host_stop_force(h, v);
    else
        host_stop_ask(h, v);
}

static bool
may_move(const struct host_stopping *h)
{
    unsigned most = engine_options(h->t.en)->host_stop_moves;
    size_t i, n = 0;

    for (i = 0; i < h->n; i++)
        n += h->list[i].phase == PHASE_MOVING;
    return n < (most != 0 ? most : MOVES_DEFAULT);
}

static int
begin_move(struct host_stopping *h, struct victim *v, struct err *e)
{
    struct migrate_opts o = { 0 };
    const char *host = NULL;
    size_t i;

    for (i = 0; i < v->to.n; i++)
        (void)migrate_word_take(v->to.at[i], &o, &host);
    if (host == NULL)
        return err_set(e, ERR_INVALID,
                       "neither its configuration nor the engine's settings "
                       "name a host (host_stop_to)");
    return engine_migrate(h->t.en, v->dom_id, host, &o, &v->op, e);
}

void
host_stop_move(struct host_stopping *h, struct victim *v)
{
    struct err e = { 0 };

    v->deadline_ms = 0;
    v->phase = PHASE_QUEUED;
    if (!may_move(h))
        return; /* the end of each wakes us */
    if (begin_move(h, v, &e) < 0) {
        fall_back(h, v, e.msg);
        return;
    }
    v->phase = PHASE_MOVING;
    host_stop_set_limit(h, v, host_stop_memory_limit(h, v));
}

/* What is left of one that has moved is removed by an operation of its own. */
void
host_stop_moving_over(struct host_stopping *h, struct victim *v)
{
    const struct op *o = engine_op_by_id(h->t.en, v->op);

    task_wake(&h->t); /* who waits may stand before this one in the list */
    if (o != NULL && o->state == OP_DONE) {
        v->phase = PHASE_ENDING;
        v->op = o->next;
        host_stop_set_limit(h, v, CANCEL_S);
    } else if (o != NULL && o->state == OP_CANCELLED && !v->late)
        h->cancelled = true; /* whoever keeps this one here wants no stop */
    else
        fall_back(h, v, v->late || o == NULL ? "it took too long" : o->err.msg);
}

void
host_stop_moving_late(struct host_stopping *h, struct victim *v)
{
    if (engine_migrate_is_given(h->t.en, v->op)) {
        host_stop_give_up(h, v,
                          "the other host was told to run it and does not say "
                          "whether it does");
        return;
    }
    v->late = engine_op_cancel(h->t.en, v->op, NULL) == 0 || v->late;
    host_stop_set_limit(h, v, CANCEL_S);
}
