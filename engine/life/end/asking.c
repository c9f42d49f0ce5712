/*
 * asking.c - the guest is asked to end: the request in xenstore, its answer,
 * its end, each within the limit of the options; the request is taken back if
 * nobody obeys it.
 */
#include <string.h>

#include "engine/life/end/ending_int.h"

static void
control_path(const struct ending *x, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/%u/control/shutdown", x->domid);
}

static void
control_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(&container_of(w, struct ending, watch)->t);
}

/* A paused guest cannot hear: said at once, not after a minute. */
static int
check_can_hear(struct ending *x, struct err *e)
{
    const struct dom_entry *de = ending_entry(x);

    if (de == NULL)
        return err_set(e, ERR_NOENT, "domain %u no longer exists", x->domid);
    if (ending_is_over(x) && de->d.reason != DOM_SUSPEND)
        return err_set(e, ERR_INVALID, "'%s' has ended already", de->d.name);
    if ((de->d.flags & DOM_F_SHUTDOWN) && de->d.reason == DOM_SUSPEND)
        return err_set(e, ERR_INVALID,
                       "'%s' is suspended: unpause it first, or destroy it",
                       de->d.name);
    if (de->d.flags & DOM_F_PAUSED)
        return err_set(e, ERR_INVALID,
                       "'%s' is paused and cannot hear: unpause it first, or "
                       "destroy it",
                       de->d.name);
    return 0;
}

enum step_rc
ask_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    char path[96];

    if (domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    if (ending_is_over(x) && ending_entry(x) != NULL && x->verb != OP_SUSPEND &&
        ending_entry(x)->d.reason != DOM_SUSPEND)
        return STEP_DONE;
    ending_look_up(x);
    if (check_can_hear(x, e) < 0 ||
        (x->verb == OP_REBOOT && restart_check_reboot(x, e) < 0))
        return STEP_FAIL;
    control_path(x, path, sizeof(path));
    if (store_write(engine_store(t->en), 0, path, x->command, e) < 0 ||
        store_watch_add(engine_store(t->en), &x->watch, path, control_changed,
                        e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

struct withdrawal {
    const char *path, *command;
};

/* The guest may acknowledge at this very moment: only a request that still
 * stands is taken back. */
static int
withdraw_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct withdrawal *w = arg;
    char now[32];

    if (store_read_text(st, tx, w->path, now, sizeof(now), NULL) < 0 ||
        strcmp(now, w->command) != 0)
        return 0;
    return store_write(st, tx, w->path, "", e);
}

enum step_rc
ask_undo(struct task *t)
{
    struct ending *x = container_of(t, struct ending, t);
    char path[96];
    struct withdrawal w = { path, x->command };
    struct err e = { 0 };

    store_watch_del(&x->watch);
    ending_wait_over(x);
    if (ending_is_over(x))
        return STEP_DONE;
    control_path(x, path, sizeof(path));
    if (store_tx_run(engine_store(t->en), withdraw_body, &w, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    return STEP_DONE;
}

static bool
acknowledged(struct ending *x)
{
    char path[96], now[32];

    control_path(x, path, sizeof(path));
    return store_read_text(engine_store(x->t.en), 0, path, now, sizeof(now),
                           NULL) < 0 ||
           strcmp(now, x->command) != 0;
}

static enum step_rc
not_obeyed(struct ending *x, const char *what, unsigned seconds, struct err *e)
{
    x->t.op->offer_destroy = x->verb != OP_SUSPEND;
    err_set(e, ERR_TIMEOUT, "'%s' did not %s the %s request in %u s",
            x->t.op->name, what, op_verb_name(x->verb), seconds);
    return STEP_FAIL;
}

enum step_rc
ask_answer_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    unsigned limit = engine_options(t->en)->shutdown_ack_s;

    if (ending_is_over(x) || acknowledged(x)) {
        ending_wait_over(x);
        store_watch_del(&x->watch);
        return STEP_DONE;
    }
    if (ending_overdue(x, limit))
        return not_obeyed(x, "acknowledge", limit, e);
    return STEP_WAIT;
}

enum step_rc
ask_end_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    unsigned limit = engine_options(t->en)->shutdown_end_s;
    const struct dom_entry *de = ending_entry(x);

    if (ending_is_over(x)) {
        ending_wait_over(x);
        x->reason = de != NULL ? de->d.reason : DOM_REASON_UNKNOWN;
        return STEP_DONE;
    }
    if (ending_overdue(x, limit))
        return not_obeyed(x, "complete", limit, e);
    return STEP_WAIT;
}
