/*
 * stop_plan.c - see stop_int.h: whom the end of a host stops, by which policy,
 * its own or that of the engine's settings, and in which order.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/core/engine_options.h"
#include "engine/core/paths.h"
#include "engine/host/listing.h"
#include "engine/life/stop/stop_int.h"
#include "engine/record/db.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define ORDER_DEFAULT 100 /* of a domain without a configuration of ours */
#define PLAN_A_TURN   16  /* configurations read */

bool
host_stop_has_ended(const struct dom *d)
{
    return (d->flags & DOM_F_DYING) ||
           ((d->flags & DOM_F_SHUTDOWN) && d->reason != DOM_SUSPEND);
}

static enum config_host_stop
first_set(enum config_host_stop of_domain, unsigned of_engine,
          enum config_host_stop otherwise)
{
    if (of_domain != CONFIG_STOP_UNSET)
        return of_domain;
    return of_engine != CONFIG_STOP_UNSET ? (enum config_host_stop)of_engine
                                          : otherwise;
}

/* The engine's settings, by which a driver domain goes nowhere: who it serves
 * would lose their disks. */
static enum config_host_stop
policy_of_host(const struct engine_opts *o, const struct victim *v)
{
    if (v->driver && o->host_stop == CONFIG_STOP_MIGRATE)
        return CONFIG_STOP_SHUTDOWN;
    return (enum config_host_stop)o->host_stop;
}

static void
take_lines(struct config_texts *to, const char *lines)
{
    struct buf word = { 0 };
    size_t n;

    for (; *lines != '\0'; lines += n + (lines[n] == '\n')) {
        n = strcspn(lines, "\n");
        buf_clear(&word);
        buf_add(&word, lines, n);
        config_texts_add(to, buf_text(&word));
    }
    buf_free(&word);
}

static void
take_policy(struct host_stopping *h, struct victim *v,
            const struct domain_config *c)
{
    const struct engine_opts *o = engine_options(h->t.en);
    size_t i;

    v->how =
        first_set(c->host_stop, policy_of_host(o, v), CONFIG_STOP_SHUTDOWN);
    v->otherwise =
        first_set(c->host_stop_else, o->host_stop_else, CONFIG_STOP_SAVE);
    for (i = 0; i < c->host_stop_to.n; i++)
        config_texts_add(&v->to, c->host_stop_to.at[i]);
    if (c->host_stop_to.n == 0 && o->host_stop_to != NULL)
        take_lines(&v->to, o->host_stop_to);
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
    v->how = CONFIG_STOP_SHUTDOWN;
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
    take_policy(h, v, c);
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

bool
host_stop_same_group(const struct victim *a, const struct victim *b)
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

        if (d->domid == 0 || host_stop_has_ended(d))
            continue;
        v->dom_id = d->id;
        text_fmt(v->name, sizeof(v->name), "%s", d->name);
        h->n++;
    }
}

enum step_rc
host_stop_run_plan(struct task *t, struct err *e)
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
