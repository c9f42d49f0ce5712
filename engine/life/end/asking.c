/*
 * asking.c - the guest is asked to end: the request in xenstore, its answer,
 * its end, each within the limit of the options; the request is taken back if
 * nobody obeys it.
 */
#include <string.h>

#include "engine/life/end/ending_int.h"
#include "engine/life/end/guest_ask.h"
#include "engine/model/mark.h"

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

/* One that has yet to load its drivers takes the request later. */
static int
ask_press_power(struct ending *x, struct err *e)
{
    struct engine *en = x->t.en;

    if (hv_trigger(engine_hv(en), x->domid, HV_POWER_BUTTON, 0, e) < 0)
        return -1;
    x->pressed = true;
    event_add_for(
        en, EVENT_ENGINE, EVENT_INFO, x->domid, x->t.op->name,
        "has no PV drivers, or none yet: its power button is pressed");
    return guest_ask_send(en, x->domid, x->command, &x->watch, control_changed,
                          e);
}

/* A guest that takes no requests is suspended where it is, and turned off by
 * its power button. */
static int
ask_send(struct ending *x, struct err *e)
{
    struct engine *en = x->t.en;
    bool hears;

    if (hv_hears(engine_hv(en), x->domid, &hears, e) < 0)
        return -1;
    if (hears)
        return guest_ask_send(en, x->domid, x->command, &x->watch,
                              control_changed, e);
    if (x->verb == OP_REBOOT)
        return err_set(e, ERR_INVALID,
                       "'%s' has no PV drivers, or none yet, and hears no "
                       "request: `reset' ends it and makes it again, "
                       "`shutdown' presses its power button",
                       x->t.op->name);
    if (x->verb != OP_SUSPEND)
        return ask_press_power(x, e);
    domains_scan_soon(en);
    return hv_shutdown(engine_hv(en), x->domid, HV_SUSPEND, e);
}

/* Its end has begun (engine_reset), and comes when Xen has stopped its virtual
 * cpus. */
static bool
ask_is_reset(const struct ending *x)
{
    char path[96], text[16];

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/model", x->domid);
    return x->verb == OP_REBOOT && ending_entry(x) != NULL &&
           store_read_text(engine_store(x->t.en), 0, path, text, sizeof(text),
                           NULL) == 0 &&
           strcmp(text, MARK_MODEL_RESTART) == 0;
}

enum step_rc
ask_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);

    if (domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    if (ending_is_over(x) && ending_entry(x) != NULL && x->verb != OP_SUSPEND &&
        ending_entry(x)->d.reason != DOM_SUSPEND)
        return STEP_DONE;
    ending_look_up(x);
    x->pressed = ask_is_reset(x);
    if (x->pressed)
        return STEP_DONE;
    if (check_can_hear(x, e) < 0 ||
        (x->verb == OP_REBOOT && restart_check_reboot(x, e) < 0))
        return STEP_FAIL;
    return ask_send(x, e) < 0 ? STEP_FAIL : STEP_DONE;
}

enum step_rc
ask_undo(struct task *t)
{
    struct ending *x = container_of(t, struct ending, t);
    struct err e = { 0 };

    store_watch_del(&x->watch);
    ending_wait_over(x);
    if (ending_is_over(x))
        return STEP_DONE;
    if (guest_ask_withdraw(t->en, x->domid, x->command, NULL, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    return STEP_DONE;
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

    if (ending_is_over(x) || x->pressed ||
        guest_ask_taken(t->en, x->domid, x->command)) {
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
