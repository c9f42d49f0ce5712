/*
 * suspend.c - a guest is asked to suspend, and its end as suspended is waited
 * for; then its device model is stopped and writes its state; and all of that
 * is taken back: see suspend.h. A guest that has taken the request suspends in
 * its own time, also when nobody wants that any more: then it is waited for and
 * resumed, or it would stay so.
 */
#include "engine/life/save/suspend.h"
#include "engine/dm/dm.h"
#include "engine/life/end/guest_ask.h"
#include "engine/task/oplog.h"

#define SUSPEND_WORD  "suspend"
#define LATE_LIMIT_MS 30000
#define UNSURE_MS     5000
#define LOOK_AGAIN_MS 100
#define CONTS_MAX     3

static void
suspend_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(container_of(w, struct suspend, watch)->task);
}

static bool
is_suspended(const struct dom_entry *de)
{
    return (de->d.flags & DOM_F_SHUTDOWN) && de->d.reason == DOM_SUSPEND;
}

/* --- the guest --- */

/* A paused guest cannot hear: said at once, not after a minute. */
static int
suspend_check_way(struct engine *en, const struct dom_entry *de,
                  bool *hears_out, struct err *e)
{
    if (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING))
        return err_set(e, ERR_INVALID, "'%s' does not run any more (%s)",
                       de->d.name, dom_state_word(&de->d));
    if (hv_hears(engine_hv(en), de->d.domid, hears_out, e) < 0)
        return -1;
    if (*hears_out && (de->d.flags & DOM_F_PAUSED))
        return err_set(e, ERR_INVALID,
                       "'%s' is paused and cannot suspend itself: unpause it "
                       "first",
                       de->d.name);
    return 0;
}

int
suspend_check(struct engine *en, const struct dom_entry *de, struct err *e)
{
    bool hears;

    return is_suspended(de) ? 0 : suspend_check_way(en, de, &hears, e);
}

/* One that takes no request has no say in it, either. */
static int
suspend_by_hv(struct suspend *s, struct err *e)
{
    struct engine *en = s->task->en;

    s->taken = true;
    return hv_shutdown(engine_hv(en), s->domid, HV_SUSPEND, e) < 0
               ? -1
               : domains_scan(en, false, e);
}

static enum step_rc
suspend_ask(struct suspend *s, const struct dom_entry *de, struct err *e)
{
    struct engine *en = s->task->en;
    bool hears = false;
    int rc;

    if (is_suspended(de)) {
        s->was_down = true;
        return STEP_DONE;
    }
    if (suspend_check_way(en, de, &hears, e) < 0)
        return STEP_FAIL;
    s->asked = true; /* from here on it may be on its way */
    oplog_note(s->task, "asked", "1");
    rc = hears ? guest_ask_send(en, s->domid, SUSPEND_WORD, &s->watch,
                                suspend_changed, e)
               : suspend_by_hv(s, e);
    if (rc == 0 && !hears)
        task_wake(s->task);
    return rc < 0 ? STEP_FAIL : STEP_WAIT;
}

/* True once the wait that its first call began has lasted that long. */
static bool
suspend_overdue(struct suspend *s, uint64_t limit_ms)
{
    uint64_t now = loop_now_ms(engine_loop(s->task->en));

    if (s->until_ms == 0)
        s->until_ms = now + limit_ms;
    if (now >= s->until_ms)
        return true;
    task_wake_in(s->task, s->until_ms - now);
    return false;
}

static enum step_rc
suspend_wait(struct suspend *s, const struct dom_entry *de, struct err *e)
{
    const struct engine_opts *o = engine_options(s->task->en);
    bool taken =
        s->taken || guest_ask_taken(s->task->en, s->domid, SUSPEND_WORD);
    unsigned limit_s = taken ? o->shutdown_end_s : o->shutdown_ack_s;

    if (taken && !s->taken)
        s->until_ms = 0; /* the next wait has a limit of its own */
    s->taken = taken;
    if (!suspend_overdue(s, limit_s * 1000ULL)) {
        if (taken) /* its end may be told to nobody */
            domains_scan_in(s->task->en, LOOK_AGAIN_MS);
        return STEP_WAIT;
    }
    err_set(e, ERR_TIMEOUT, "'%s' did not %s the request to suspend in %u s",
            de->d.name, taken ? "complete" : "acknowledge", limit_s);
    return STEP_FAIL;
}

static enum step_rc
suspend_guest(struct suspend *s, struct err *e)
{
    struct engine *en = s->task->en;
    const struct dom_entry *de = domains_by_id(en, s->dom_id);

    if (de == NULL) {
        err_set(e, ERR_NOENT, "domain %u no longer exists", s->domid);
        return STEP_FAIL;
    }
    if (!s->asked)
        return suspend_ask(s, de, e);
    if (is_suspended(de)) {
        store_watch_del(&s->watch);
        s->until_ms = 0;
        return STEP_DONE;
    }
    if (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) {
        err_set(e, ERR_LOST, "'%s' ended while it was to suspend (%s)",
                de->d.name, dom_state_word(&de->d));
        return STEP_FAIL;
    }
    return suspend_wait(s, de, e);
}

enum step_rc
suspend_run(struct suspend *s, struct err *e)
{
    enum step_rc rc = s->down ? STEP_DONE : suspend_guest(s, e);

    if (rc != STEP_DONE)
        return rc;
    s->down = true;
    if (s->state_fd < 0 || s->stated)
        return STEP_DONE;
    rc = dm_save_state(&s->talk, s->task, s->domid, s->state_fd, s->live, e);
    s->stated = rc == STEP_DONE;
    return rc;
}

/* --- the way back --- */

static void
suspend_tell(const struct suspend *s, const char *what, const struct err *e)
{
    event_add_for(s->task->en, EVENT_ENGINE, EVENT_ERROR, s->domid,
                  s->task->op->name, "%s: %s", what, e->msg);
}

/* A model that answers, unlike one that hangs or is gone. */
static bool
is_refusal(const struct err *e)
{
    return e->code != ERR_TIMEOUT && e->code != ERR_LOST;
}

/* The guest needs it at its first instructions. Where it does not go on, what
 * follows its death or its silence is its policy's; the guest is let go. */
static enum step_rc
resume_model(struct suspend *s)
{
    struct err e = { 0 };
    enum step_rc rc;

    if (s->model_on || !dm_has_state(s->task->en, s->domid))
        return STEP_DONE;
    rc = dm_cont(&s->talk, s->task, s->domid, &e);
    while (rc == STEP_FAIL && is_refusal(&e) && ++s->conts < CONTS_MAX)
        rc = dm_cont(&s->talk, s->task, s->domid, &e);
    if (rc == STEP_FAIL)
        suspend_tell(s, "its device model does not go on", &e);
    s->model_on = rc != STEP_WAIT;
    return rc == STEP_WAIT ? rc : STEP_DONE;
}

/* It runs: as all can see. An engine that found it suspended has not watched
 * its device model so far. */
static void
resume_watch(const struct suspend *s)
{
    struct engine *en = s->task->en;
    struct dom_entry *de;

    (void)domains_scan(en, false, NULL);
    de = domains_by_id(en, s->dom_id);
    if (de != NULL)
        dm_own(de);
}

enum step_rc
suspend_resume(struct suspend *s, struct err *e)
{
    struct engine *en = s->task->en;

    if (resume_model(s) == STEP_WAIT)
        return STEP_WAIT;
    if (s->was_down)
        return STEP_DONE;
    if (hv_resume(engine_hv(en), s->domid, e) < 0 ||
        store_resume(engine_store(en), s->domid, e) < 0)
        return STEP_FAIL;
    resume_watch(s);
    return STEP_DONE;
}

/* The request is taken back, or the guest is on its way. */
static enum step_rc
undo_asked(struct suspend *s)
{
    struct err e = { 0 };

    if (!s->taken && guest_ask_withdraw(s->task->en, s->domid, SUSPEND_WORD,
                                        &s->taken, &e) < 0) {
        suspend_tell(s, "the request to suspend could not be taken back", &e);
        return STEP_DONE;
    }
    if (!s->taken)
        return STEP_DONE;
    if (!suspend_overdue(s, s->unsure ? UNSURE_MS : LATE_LIMIT_MS)) {
        domains_scan_in(s->task->en, LOOK_AGAIN_MS);
        return STEP_WAIT;
    }
    if (s->unsure)
        return STEP_DONE; /* nor is it known that it has taken it */
    err_set(&e, ERR_TIMEOUT, "it may suspend later: unpause it then");
    suspend_tell(s, "has taken the request to suspend and does not complete it",
                 &e);
    return STEP_DONE;
}

enum step_rc
suspend_undo(struct suspend *s)
{
    struct engine *en = s->task->en;
    const struct dom_entry *de = domains_by_id(en, s->dom_id);
    struct err e = { 0 };
    enum step_rc rc;

    store_watch_del(&s->watch);
    if (!s->undoing) {
        s->until_ms = 0;
        dm_talk_fini(&s->talk);
    }
    s->undoing = true;
    if ((!s->asked && !s->was_down) || de == NULL)
        return STEP_DONE;
    if (!is_suspended(de))
        return !s->asked || (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING))
                   ? STEP_DONE
                   : undo_asked(s);
    rc = suspend_resume(s, &e);
    if (rc == STEP_WAIT)
        return rc;
    if (rc == STEP_FAIL)
        suspend_tell(s, "stays suspended", &e);
    s->asked = s->was_down = false;
    return STEP_DONE;
}

void
suspend_fini(struct suspend *s)
{
    store_watch_del(&s->watch);
    dm_talk_fini(&s->talk);
}
