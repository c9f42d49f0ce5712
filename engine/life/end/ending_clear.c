/*
 * ending_clear.c - the last steps of an end: nodes, the domain itself, what is
 * on record of it. What fails here would stay for good, so that it is tried
 * again (task_again.h).
 */
#include "engine/life/end/ending_clear.h"

#include "engine/core/paths.h"
#include "engine/guest/nodes.h"
#include "engine/life/define.h"
#include "engine/life/end/ending_int.h"
#include "engine/record/db.h"
#include "engine/record/db_before.h"
#include "engine/record/userdata.h"

/* A domain of others is theirs to clean up after, unless it is destroyed; a
 * suspended one is whole and waits. */
bool
ending_cleans(const struct ending *x)
{
    if (x->verb == OP_DESTROY)
        return true;
    return x->owned && x->verb != OP_SUSPEND && x->reason != DOM_SUSPEND;
}

/* Does the domain go, nodes, memory and all? */
bool
ending_goes(const struct ending *x)
{
    return ending_cleans(x) && !x->fate.keep;
}

/* One try more, or the operation fails. */
static enum step_rc
clear_again(struct ending *x, const char *what, struct err *e)
{
    if (!task_again_later(&x->retry, &x->t, what, e))
        return STEP_FAIL;
    err_clear(e);
    return STEP_WAIT;
}

enum step_rc
ending_run_nodes(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);

    if (!ending_goes(x) || x->bare)
        return STEP_DONE;
    if (task_again_waits(&x->retry, t))
        return STEP_WAIT;
    return nodes_remove(engine_store(t->en), x->domid, x->uuid, e) < 0
               ? clear_again(x, "its nodes in xenstore are still there", e)
               : STEP_DONE;
}

enum step_rc
ending_run_destroy(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    enum step_rc rc;

    if (!ending_goes(x) || ending_entry(x) == NULL)
        return STEP_DONE;
    if (task_again_waits(&x->retry, t))
        return STEP_WAIT;
    x->kill.again = x->fate.again;
    rc = kill_domain(&x->kill, t, x->domid);
    if (rc == STEP_FAIL) {
        *e = x->kill.err;
        kill_reset(&x->kill);
        return clear_again(x, "it is still there", e);
    }
    if (rc == STEP_DONE)
        domains_scan_soon(t->en);
    return rc;
}

/* For a definition, or the next life. */
static void
record_end(const struct ending *x)
{
    struct db_state s;

    db_state_load(engine_paths(x->t.en)->state, x->uuid, &s);
    text_fmt(s.last_end, sizeof(s.last_end), "%s", dom_reason_name(x->reason));
    s.last_end_wall_s = loop_wall_s(engine_loop(x->t.en));
    s.refused = x->fate.refused;
    (void)db_state_save(engine_paths(x->t.en)->state, x->uuid, &s, NULL);
}

static void
tell_reaped(const struct ending *x)
{
    bool bad = x->reason == DOM_CRASH || x->reason == DOM_WATCHDOG;

    event_add_for(x->t.en, EVENT_REAPED, bad ? EVENT_WARN : EVENT_INFO,
                  x->domid, x->t.op->name, "reaped (%s)",
                  dom_reason_name(x->reason));
}

enum step_rc
ending_forget(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);

    if (task_again_waits(&x->retry, t))
        return STEP_WAIT;
    if (ending_goes(x) && !x->told) {
        if (x->domid == 0)
            userdata_remove_all(engine_paths(t->en)->libxl, x->uuid);
        else
            userdata_remove(engine_paths(t->en)->libxl, x->domid, x->uuid);
        tell_reaped(x);
        x->told = true;
    }
    if (x->cfg != NULL && ending_cleans(x))
        record_end(x);
    if (x->fate.again && x->cfg != NULL)
        restart_begin(x);
    else if (ending_goes(x) && x->owned && !restart_config_broken(x) &&
             db_forget(engine_paths(t->en)->state, x->uuid, e) < 0)
        return clear_again(x, "its record is still there", e);
    if (!x->fate.again && ending_goes(x) && x->owned)
        (void)db_before_found(engine_paths(t->en)->state, x->uuid);
    defs_changed(t->en, x->uuid);
    return STEP_DONE;
}
