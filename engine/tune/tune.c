/*
 * tune.c - see tune.h.
 */
#include "engine/tune/tune.h"

#include <string.h>

#include "engine/record/db.h"
#include "engine/task/oplog.h"
#include "engine/task/xl_line.h"

#define POLL_MS 250

struct dom_entry *
tune_target(struct engine *en, uint64_t dom_id, enum op_verb verb, bool dom0_ok,
            struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "this domain no longer exists");
    else if (de->d.off)
        err_set(e, ERR_INVALID, "'%s' is off: start it first", de->d.name);
    else if (de->d.domid == 0 && !dom0_ok)
        err_set(e, ERR_DENIED, "%s: dom0 is the host itself",
                op_verb_name(verb));
    else
        return de;
    return NULL;
}

struct dom_entry *
tune_dom(const struct task *t, struct err *e)
{
    struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "'%s' no longer exists", t->op->name);
    else if (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING))
        err_set(e, ERR_INVALID, "'%s' does not run any more (%s)", de->d.name,
                dom_state_word(&de->d));
    else
        return de;
    return NULL;
}

int
tune_can_follow(const struct dom_entry *de, struct err *e)
{
    if (!(de->d.flags & DOM_F_PAUSED))
        return 0;
    return err_set(e, ERR_INVALID,
                   "'%s' is paused and cannot follow: unpause it first",
                   de->d.name);
}

int
tune_check_built(const struct dom_entry *de, struct err *e)
{
    if (de->d.vcpus_max > 0)
        return 0;
    return err_set(e, ERR_BUSY,
                   "'%s' is being built: try again once it is there",
                   de->d.name);
}

const char *
tune_xl_name(const struct dom_entry *de, char out[TUNE_XL_NAME])
{
    return xl_quote(out, TUNE_XL_NAME, de->d.name);
}

int
tune_begin(struct dom_entry *de, struct tune *tn, const struct tune_begin *b,
           const char *xl, uint64_t *op_out)
{
    uint64_t op;

    tn->dom_id = de->d.id;
    tn->again = engine_is(de->en, ENGINE_RECOVERING);
    op = task_begin(de->en, &tn->t, b->type, b->verb, &de->d, NULL);
    task_set_xl(&tn->t, "%s", xl);
    if (b->title != NULL)
        task_set_title(&tn->t, b->title);
    if (b->want != NULL) /* one cut short would want something else */
        oplog_note(&tn->t, "want", "%s",
                   strlen(b->want) < OPLOG_WANT_MAX ? b->want : "too much");
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
tune_keep(const struct dom_entry *de, tune_keep_cb change, const void *arg,
          struct err *e)
{
    const char *dir = engine_paths(de->en)->state;
    struct domain_config *c;
    struct err why = { 0 };
    int rc;

    if (!de->d.owned)
        return 0;
    if (db_load(dir, de->d.uuid, &c, &why) < 0) {
        if (why.code == ERR_NOENT)
            return 0;
        *e = why;
        return err_wrap(e, "set, but not kept for a restart");
    }
    change(c, arg);
    rc = db_save(dir, de->d.uuid, c, e);
    config_free(c);
    if (rc < 0)
        return err_wrap(e, "set, but not kept for a restart");
    return 0;
}

static void
tune_poll_due(struct loop_timer *lt)
{
    task_wake(container_of(lt, struct tune_wait, poll)->task);
}

bool
tune_stalled(struct tune_wait *w, struct task *t, uint64_t value)
{
    uint64_t now = loop_now_ms(engine_loop(t->en));

    if (w->task == NULL || value != w->value)
        w->since_ms = now;
    w->task = t;
    w->value = value;
    loop_timer_arm(engine_loop(t->en), &w->poll, POLL_MS, tune_poll_due);
    return now - w->since_ms >= TUNE_STALL_S * 1000ULL;
}

void
tune_wait_over(struct tune_wait *w)
{
    loop_timer_del(&w->poll);
}
