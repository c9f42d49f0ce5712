/*
 * ending.c - see ending.h.
 */
#include "engine/life/ending.h"

#include <stdlib.h>
#include <string.h>

#include "engine/db/db.h"
#include "engine/life/nodes.h"
#include "engine/life/userdata.h"
#include "src/base/xalloc.h"

#define DYING_POLL_MS 20
#define DYING_LIMIT_S 10 /* then something else holds its memory */

static struct ending *
self(struct task *t)
{
    return container_of(t, struct ending, t);
}

static struct dom_entry *
entry_of(const struct ending *x)
{
    return domains_by_id(x->t.en, x->dom_id);
}

static bool
has_ended(const struct ending *x)
{
    const struct dom_entry *de = entry_of(x);

    return de == NULL || (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING));
}

/* --- waits with limits from the options --- */

static void
limit_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct ending, limit)->t);
}

/* True once the wait that its first call began has lasted that long. */
static bool
overdue(struct ending *x, unsigned seconds)
{
    uint64_t now = loop_now_ms(x->t.en->lp);

    if (x->deadline_ms == 0) {
        x->deadline_ms = now + seconds * 1000ULL;
        loop_timer_arm(x->t.en->lp, &x->limit, seconds * 1000ULL, limit_due);
    }
    return now >= x->deadline_ms;
}

static void
wait_over(struct ending *x)
{
    loop_timer_del(&x->limit);
    x->deadline_ms = 0;
}

/* --- asking the guest --- */

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
    const struct dom_entry *de = entry_of(x);

    if (de == NULL)
        return err_set(e, ERR_NOENT, "domain %u no longer exists", x->domid);
    if (has_ended(x) && de->d.reason != DOM_SUSPEND)
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

static enum step_rc
run_ask(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    char path[96];

    if (domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    if (has_ended(x) && entry_of(x) != NULL && x->verb != OP_SUSPEND &&
        entry_of(x)->d.reason != DOM_SUSPEND)
        return STEP_DONE;
    if (check_can_hear(x, e) < 0)
        return STEP_FAIL;
    control_path(x, path, sizeof(path));
    if (store_write(t->en->st, 0, path, x->command, e) < 0 ||
        store_watch_add(t->en->st, &x->watch, path, control_changed, e) < 0)
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

static enum step_rc
undo_ask(struct task *t)
{
    struct ending *x = self(t);
    char path[96];
    struct withdrawal w = { path, x->command };
    struct err e = { 0 };

    store_watch_del(&x->watch);
    wait_over(x);
    if (has_ended(x))
        return STEP_DONE;
    control_path(x, path, sizeof(path));
    if (store_tx_run(t->en->st, withdraw_body, &w, &e) < 0)
        log_line(t->en->log, LOGL_WARN, "%s: %s", t->op->name, e.msg);
    return STEP_DONE;
}

static bool
acknowledged(struct ending *x)
{
    char path[96], now[32];

    control_path(x, path, sizeof(path));
    return store_read_text(x->t.en->st, 0, path, now, sizeof(now), NULL) < 0 ||
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

static enum step_rc
run_ack(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    unsigned limit = t->en->opts.shutdown_ack_s;

    if (has_ended(x) || acknowledged(x)) {
        wait_over(x);
        store_watch_del(&x->watch);
        return STEP_DONE;
    }
    if (overdue(x, limit))
        return not_obeyed(x, "acknowledge", limit, e);
    return STEP_WAIT;
}

static enum step_rc
run_end(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    unsigned limit = t->en->opts.shutdown_end_s;
    const struct dom_entry *de = entry_of(x);

    if (has_ended(x)) {
        wait_over(x);
        x->reason = de != NULL ? de->d.reason : DOM_REASON_UNKNOWN;
        return STEP_DONE;
    }
    if (overdue(x, limit))
        return not_obeyed(x, "complete", limit, e);
    return STEP_WAIT;
}

/* --- cleaning up --- */

/* A domain of others is theirs to clean up after, unless it is destroyed; a
 * suspended one is whole and waits. */
static bool
ours_to_clean(const struct ending *x)
{
    if (x->verb == OP_DESTROY)
        return true;
    return x->owned && x->verb != OP_SUSPEND && x->reason != DOM_SUSPEND;
}

static enum step_rc
run_prepare(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    struct dom_entry *de = entry_of(x);
    double now = loop_wall_s(t->en->lp);

    (void)e;
    if (!ours_to_clean(x) || de == NULL)
        return STEP_DONE;
    if (de->d.flags & DOM_F_SHUTDOWN)
        x->reason = de->d.reason;
    if (x->verb == OP_DESTROY) {
        x->reason = DOM_DESTROYED;
        de->end = DOM_DESTROYED;
        de->death_told = true;
        /* Stops a live guest from racing with what follows. */
        if (!(de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)))
            (void)hv_pause(t->en->hv, x->domid, NULL);
    }
    x->ran_s = de->d.start_wall_s > 0 ? now - de->d.start_wall_s : -1;
    return STEP_DONE;
}

static enum step_rc
run_devices(struct task *t, struct err *e)
{
    struct ending *x = self(t);

    (void)e;
    return ours_to_clean(x) ? devices_remove(&x->devices, t, x->domid)
                            : STEP_DONE;
}

static enum step_rc
run_nodes(struct task *t, struct err *e)
{
    struct ending *x = self(t);

    if (!ours_to_clean(x))
        return STEP_DONE;
    if (!x->owned) /* a PV domain of ours has no device model */
        devices_kill_model(t->en, x->domid);
    return nodes_remove(t->en->st, x->domid, x->uuid, e) < 0 ? STEP_FAIL
                                                             : STEP_DONE;
}

static enum step_rc
run_destroy(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    enum step_rc rc;

    if (!ours_to_clean(x) || entry_of(x) == NULL)
        return STEP_DONE;
    rc = kill_domain(&x->kill, t, x->domid);
    if (rc == STEP_FAIL)
        *e = x->kill.err;
    if (rc == STEP_DONE)
        domains_scan_soon(t->en);
    return rc;
}

static void
poll_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct ending, poll)->t);
}

/* The last of a dying domain goes without any event: it is looked for, by one
 * listing a turn for all that wait so. */
static enum step_rc
run_gone(struct task *t, struct err *e)
{
    struct ending *x = self(t);

    if (!ours_to_clean(x))
        return STEP_DONE;
    if (entry_of(x) == NULL) {
        wait_over(x);
        return STEP_DONE;
    }
    domains_scan_soon(t->en);
    if (!overdue(x, DYING_LIMIT_S)) {
        loop_timer_arm(t->en->lp, &x->poll, DYING_POLL_MS, poll_due);
        return STEP_WAIT;
    }
    err_set(e, ERR_BUSY,
            "domain %u is destroyed but its memory is still held by a backend "
            "or device model",
            x->domid);
    return STEP_FAIL;
}

static enum step_rc
run_forget(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    bool bad = x->reason == DOM_CRASH || x->reason == DOM_WATCHDOG;

    if (!ours_to_clean(x))
        return STEP_DONE;
    userdata_remove(t->en->paths.libxl, x->domid, x->uuid);
    event_add_for(t->en, EVENT_REAPED, bad ? EVENT_WARN : EVENT_INFO, x->domid,
                  t->op->name, "reaped (%s)", dom_reason_name(x->reason));
    if (x->owned)
        (void)db_load(t->en->paths.state, x->uuid, &x->cfg, NULL);
    if (x->owned && restart_wanted(x)) {
        restart_begin(x);
        return STEP_DONE;
    }
    if (x->owned && db_remove(t->en->paths.state, x->uuid, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

#define CLEANING                                                               \
    { .label = "prepare", .run = run_prepare },                                \
        { .label = "remove devices", .run = run_devices },                     \
        { .label = "remove nodes", .run = run_nodes },                         \
        { .label = "destroy", .run = run_destroy },                            \
        { .label = "wait for its memory", .run = run_gone },                   \
    {                                                                          \
        .label = "forget", .run = run_forget                                   \
    }

static const struct step ask_steps[] = {
    { .label = "ask the guest", .run = run_ask, .undo = undo_ask },
    { .label = "wait for the guest's answer",
      .run = run_ack,
      .cancellable = true },
    { .label = "wait for the guest's end",
      .run = run_end,
      .cancellable = true },
    CLEANING,
};

static const struct step clean_steps[] = { CLEANING };

static void
ending_free(struct task *t)
{
    struct ending *x = self(t);

    store_watch_del(&x->watch);
    loop_timer_del(&x->limit);
    loop_timer_del(&x->poll);
    devices_fini(&x->devices);
    kill_fini(&x->kill);
    config_free(x->cfg);
    free(x);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct task_type ask_type = { .steps = ask_steps,
                                           .n_steps = COUNT(ask_steps),
                                           .free = ending_free };
static const struct task_type clean_type = { .steps = clean_steps,
                                             .n_steps = COUNT(clean_steps),
                                             .free = ending_free };

static const char *
command_of(enum op_verb verb)
{
    switch (verb) {
    case OP_SHUTDOWN:
        return "poweroff";
    case OP_REBOOT:
        return "reboot";
    case OP_SUSPEND:
        return "suspend";
    default:
        return NULL;
    }
}

uint64_t
ending_begin(struct dom_entry *de, enum op_verb verb)
{
    struct ending *x = xcalloc(1, sizeof(*x));

    x->verb = verb;
    x->domid = de->d.domid;
    x->dom_id = de->d.id;
    memcpy(x->uuid, de->d.uuid, sizeof(x->uuid));
    x->owned = de->d.owned;
    x->reason = DOM_REASON_UNKNOWN;
    x->command = command_of(verb);
    return task_begin(de->en, &x->t,
                      x->command != NULL ? &ask_type : &clean_type, verb,
                      &de->d, NULL);
}
