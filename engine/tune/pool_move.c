/*
 * pool_move.c - moves a domain from one cpupool to another.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/host/pools.h"
#include "engine/task/xl_line.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

struct move {
    struct tune tn;
    unsigned pool;
    char name[MODEL_NAME_MAX];
};

static struct move *
pool_move_self(struct task *t)
{
    return container_of(t, struct move, tn.t);
}

/* The scheduler of the new pool knows nothing of what was set in the old one,
 * and the vcpus may run on all its cpus: so it is after a restart, too. */
static void
keep_pool(struct domain_config *c, const void *arg)
{
    free(c->pool);
    c->pool = xstrdup(arg);
    config_cpus_fini(&c->cpus);
    config_cpus_fini(&c->cpus_soft);
    c->extratime = c->extratime_set = false;
    c->weight = c->cap = c->period_us = c->budget_us = 0;
}

/* Where it is already: an engine that died may not have come to the record. */
static enum step_rc
keep_moved(const struct move *m, const struct dom_entry *de, struct err *e)
{
    if (m->tn.again && tune_keep(de, keep_pool, m->name, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
run_move(struct task *t, struct err *e)
{
    const struct move *m = pool_move_self(t);
    const struct dom_entry *de = tune_dom(t, e);

    if (de == NULL)
        return STEP_FAIL;
    if (de->d.cpupool == m->pool)
        return keep_moved(m, de, e);
    if (hv_pool_move(engine_hv(t->en), de->d.domid, m->pool, e) < 0 ||
        domains_scan(t->en, false, e) < 0 ||
        tune_keep(de, keep_pool, m->name, e) < 0)
        return STEP_FAIL;
    event_add(t->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "now in cpu pool %s, with that scheduler's defaults and on all "
              "its cpus",
              m->name);
    return STEP_DONE;
}

static void
move_free(struct task *t)
{
    free(pool_move_self(t));
}

static const struct step steps[] = {
    { .id = "move", .label = "move to the pool", .run = run_move }
};
static const struct task_type type = { .steps = steps,
                                       .n_steps = 1,
                                       .free = move_free };

int
engine_pool_move(struct engine *en, uint64_t dom_id, const char *pool,
                 uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_TUNE, false, e);
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME], pq[TUNE_XL_NAME];
    char want[32], title[64];
    const struct tune_begin b = {
        .type = &type, .verb = OP_TUNE, .want = want, .title = title
    };
    struct move *m;
    unsigned id = 0;

    if (de == NULL || pool_find(en, pool, &id, e) < 0)
        return -1;
    m = xcalloc(1, sizeof(*m));
    m->pool = id;
    text_fmt(want, sizeof(want), "pool %u", id);
    pool_name(en, id, m->name, sizeof(m->name));
    text_fmt(title, sizeof(title), "pool %s", m->name);
    text_fmt(xl, sizeof(xl), "xl cpupool-migrate %s %s", tune_xl_name(de, q),
             xl_quote(pq, sizeof(pq), m->name));
    return tune_begin(de, &m->tn, &b, xl, op_out);
}
