/*
 * grace.c - the time in which a destruction can be taken back: the domain
 * stands still, and is ended once that time is over. The record of the
 * operation tells from its first line until when, and whether the domain is to
 * run again: an engine that follows a killed one goes on with the wait, or with
 * the revival. So the domain is either destroyed or as it was before.
 */
#include "engine/life/end/grace.h"

#include <string.h>

#include "engine/life/life_int.h"
#include "engine/record/recover.h"

#define STANDS (DOM_F_PAUSED | DOM_F_SHUTDOWN | DOM_F_DYING)

void
grace_set(struct ending *x, const struct dom_entry *de, unsigned seconds)
{
    x->grace_s = seconds;
    x->until_s = loop_boot_s(engine_loop(de->en)) + seconds;
    x->held = (de->d.flags & STANDS) == 0;
}

void
grace_take_up(struct ending *x, const struct oplog_entry *j)
{
    if (strcmp(j->step, "hold") != 0 && strcmp(j->step, "grace") != 0 &&
        j->step[0] != '\0')
        return;
    x->grace_s = j->grace_s;
    x->until_s = j->until_s;
    x->held = j->held;
}

void
grace_notes(const struct ending *x, char *dst, size_t n)
{
    text_fmt(dst, n, "until_s %.2f\ngrace_s %u\nheld %d\n", x->until_s,
             x->grace_s, x->held);
}

static int
grace_wake(const struct dom_entry *de, struct err *e)
{
    if (hv_unpause(engine_hv(de->en), de->d.domid, e) < 0)
        return err_wrap(e, "'%s' stays paused: unpause it", de->d.name);
    (void)domains_scan(de->en, false, NULL);
    return 0;
}

bool
grace_was_revived(const struct dom_entry *de, const struct oplog_entry *j)
{
    return j->verb == OP_DESTROY && strcmp(j->step, "grace") == 0 && j->held &&
           (de->d.flags & STANDS) == 0;
}

void
grace_recover(const struct dom_entry *de, const struct oplog_entry *j)
{
    struct err e = { 0 };

    if (j->held && (de->d.flags & DOM_F_PAUSED) != 0 && grace_wake(de, &e) < 0)
        recover_say(de->en, j, "%s", e.msg);
    else
        recover_say(de->en, j, "it was taken back: '%s' is as it was",
                    de->d.name);
}

/* --- steps --- */

/* One that stood before stands by itself. */
enum step_rc
grace_hold_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    const struct dom_entry *de = ending_entry(x);

    if (de == NULL || !x->held || (de->d.flags & STANDS) != 0)
        return STEP_DONE;
    if (hv_pause(engine_hv(t->en), x->domid, e) < 0)
        return STEP_FAIL;
    (void)domains_scan(t->en, false, NULL);
    return STEP_DONE;
}

/* Past the last moment nothing is taken back, whatever fails then. */
static enum step_rc
grace_over(struct ending *x)
{
    x->t.op->undo = false;
    x->until_s = 0;
    return STEP_DONE;
}

enum step_rc
grace_wait_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    const struct dom_entry *de = ending_entry(x);
    double left_s = x->until_s - loop_boot_s(engine_loop(t->en));
    unsigned whole_s = (unsigned)(left_s < 0 ? 0 : left_s);
    char label[sizeof(t->op->label)];

    (void)e;
    if (de == NULL || (de->d.flags & DOM_F_DYING) != 0 || left_s <= 0)
        return grace_over(x);
    text_fmt(label, sizeof(label), "ends in %u s",
             whole_s + (left_s > whole_s));
    t->op->undo = true;
    task_progress(t, (int)(100 - 100 * left_s / x->grace_s), label);
    task_wake_in(t, (uint64_t)((left_s - whole_s) * 1000) + 1);
    return STEP_WAIT;
}

/* On record before it is done: else the next engine would go on to destroy what
 * runs again. */
enum step_rc
grace_undo(struct task *t)
{
    struct ending *x = container_of(t, struct ending, t);
    const struct dom_entry *de = ending_entry(x);
    struct err e = { 0 };

    if (x->until_s <= 0 || t->abandoned)
        return STEP_DONE;
    t->op->undo = false;
    oplog_note(t, "revived", "%d", 1);
    if (de == NULL)
        return STEP_DONE;
    if (x->held && (de->d.flags & DOM_F_PAUSED) != 0 && grace_wake(de, &e) < 0)
        t->err = e;
    else if (t->err.code == ERR_CANCELLED)
        err_set(&t->err, ERR_CANCELLED, "'%s' is not destroyed: it %s",
                t->op->name, x->held ? "runs on" : "stands as before");
    return STEP_DONE;
}
