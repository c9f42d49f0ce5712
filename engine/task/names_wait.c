/*
 * names_wait.c - a step waits for the lock of names, which another process may
 * hold for as long as it likes: the loop never does.
 */
#include "engine/core/names.h"
#include "engine/task/task.h"
#include "engine/task/task_int.h"

#define POLL_MS  20
#define TELL_MS  2000 /* a few milliseconds are usual, this is not */
#define LIMIT_MS 30000

static void
names_wait_retry_due(struct loop_timer *lt)
{
    task_wake(container_of(lt, struct task, retry));
}

void
task_wake_in(struct task *t, uint64_t ms)
{
    loop_timer_arm(engine_loop(t->en), &t->retry, ms, names_wait_retry_due);
}

static void
waited(struct task *t)
{
    const struct step *s = &t->type->steps[t->at];

    t->retry_since_ms = 0;
    t->retry_told = false;
    t->op->cancellable = s->cancellable;
    task_progress(t, -1, s->label);
}

static void
tell_wait(struct task *t, const struct err *why)
{
    char text[sizeof(t->op->label)];

    text_fmt(text, sizeof(text), "wait: %s", why->msg);
    task_progress(t, -1, text);
    event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid, t->op->name,
                  "%s waits: %s", op_verb_name(t->op->verb), why->msg);
    t->retry_told = true;
}

enum step_rc
task_lock_names(struct task *t, int *fd_out, struct err *e)
{
    uint64_t now = loop_now_ms(engine_loop(t->en));

    *fd_out = names_lock(t->en, e);
    if (*fd_out >= 0) {
        if (t->retry_since_ms != 0)
            waited(t);
        return STEP_DONE;
    }
    if (e->code != ERR_BUSY)
        return STEP_FAIL;
    if (t->retry_since_ms == 0)
        t->retry_since_ms = now;
    if (now - t->retry_since_ms >= LIMIT_MS) {
        err_set(e, ERR_TIMEOUT, "%s for %d s: end that process, then try again",
                e->msg, LIMIT_MS / 1000);
        return STEP_FAIL;
    }
    t->op->cancellable = true;
    if (!t->retry_told && now - t->retry_since_ms >= TELL_MS)
        tell_wait(t, e);
    err_clear(e);
    task_wake_in(t, POLL_MS);
    return STEP_WAIT;
}
