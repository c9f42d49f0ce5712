/*
 * host_stop.c - see host_stop.h. One operation: domains in the reverse of the
 * start order, those of one order side by side, driver domains last, each with
 * a limit after which it is destroyed; then dom0 itself.
 * Invariant: there is one at a time.
 */
#include "engine/life/host_stop.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "engine/life/life_int.h"
#include "engine/life/stop/stop_int.h"
#include "engine/task/operations.h"
#include "src/base/xalloc.h"

bool
host_stopping(const struct engine *en)
{
    const struct life_room *r = life_room(en);

    return r->host_stop != NULL || r->host_goes_down;
}

void
host_stop_warn(struct host_stopping *h, const struct victim *v, const char *fmt,
               ...)
{
    const struct dom_entry *de = domains_by_id(h->t.en, v->dom_id);
    struct buf text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    event_add_for(h->t.en, EVENT_ENGINE, EVENT_WARN,
                  de != NULL ? de->d.domid : 0, v->name, "%s", buf_text(&text));
    buf_free(&text);
}

/* --- all of them --- */

static void
host_stop_limit_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct host_stopping, limit)->t);
}

/* Wakes us at the nearest deadline of the group. */
static void
host_stop_arm_limit(struct host_stopping *h, size_t first)
{
    uint64_t now = loop_now_ms(engine_loop(h->t.en)), least = UINT64_MAX;
    size_t i;

    for (i = first;
         i < h->n && host_stop_same_group(&h->list[i], &h->list[first]); i++)
        if (h->list[i].phase != PHASE_GONE && h->list[i].deadline_ms != 0 &&
            h->list[i].deadline_ms < least)
            least = h->list[i].deadline_ms;
    if (least != UINT64_MAX)
        loop_timer_arm(engine_loop(h->t.en), &h->limit,
                       least > now ? least - now : 0, host_stop_limit_due);
}

static void
host_stop_tell_progress(struct host_stopping *h, size_t first)
{
    char text[64 + MODEL_NAME_MAX];
    size_t i, gone = 0;

    for (i = 0; i < h->n; i++)
        gone += h->list[i].phase == PHASE_GONE;
    text_fmt(text, sizeof(text), "waiting for %s (%zu of %zu)",
             h->list[first].name, gone + 1, h->n);
    task_progress(&h->t, h->n > 0 ? (int)(gone * 100 / h->n) : -1, text);
}

static enum step_rc
run_domains(struct task *t, struct err *e)
{
    struct host_stopping *h = host_stop_self(t);
    size_t first = 0, i;

    for (;;) {
        while (first < h->n && h->list[first].phase == PHASE_GONE)
            first++;
        if (first == h->n)
            break;
        for (i = first;
             i < h->n && host_stop_same_group(&h->list[i], &h->list[first]);
             i++)
            host_stop_look_at(h, &h->list[i]);
        if (h->cancelled) {
            err_set(e, ERR_CANCELLED, "cancelled");
            return STEP_FAIL;
        }
        if (h->list[first].phase == PHASE_GONE)
            continue;
        host_stop_arm_limit(h, first);
        host_stop_tell_progress(h, first);
        return STEP_WAIT;
    }
    loop_timer_del(&h->limit);
    return STEP_DONE;
}

static enum step_rc
undo_domains(struct task *t)
{
    struct host_stopping *h = host_stop_self(t);
    size_t i;

    loop_timer_del(&h->limit);
    for (i = 0; i < h->n; i++)
        host_stop_let_go(h, &h->list[i]);
    return STEP_DONE;
}

/* --- the host itself --- */

static void
power_ended(struct dom0_power *p, int status)
{
    struct host_stopping *h = container_of(p, struct host_stopping, power);

    h->ended = true;
    h->status = status;
    task_wake(&h->t);
}

static enum step_rc
run_host(struct task *t, struct err *e)
{
    struct host_stopping *h = host_stop_self(t);
    const char *what = h->how == HOST_REBOOT ? "reboots" : "powers off";

    if (h->how == HOST_STOP_DOMAINS)
        return STEP_DONE;
    if (!h->spawned)
        event_add(t->en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "all domains are stopped: the host %s%s", what,
                  dom0_stays_up(engine_dom0(t->en))
                      ? " (a simulated one only says so)"
                      : "");
    if (!h->spawned &&
        dom0_power(engine_dom0(t->en), &h->power, h->how == HOST_REBOOT, e) < 0)
        return STEP_FAIL;
    h->spawned = true;
    if (!h->ended)
        return STEP_WAIT;
    if (h->status == 0 || !WIFEXITED(h->status))
        return STEP_DONE;
    err_set(e, ERR_IO,
            DOM0_SHUTDOWN_EXE " ended with status %d: the host stays up",
            WEXITSTATUS(h->status));
    return STEP_FAIL;
}

static const struct step steps[] = {
    { .id = "plan",
      .label = "plan",
      .run = host_stop_run_plan,
      .cancellable = true },
    { .id = "domains",
      .label = "stop the domains",
      .run = run_domains,
      .undo = undo_domains,
      .cancellable = true },
    { .id = "host", .label = "stop the host", .run = run_host },
};

/* A host that goes down starts nothing any more. */
static void
host_stop_ended(struct task *t)
{
    struct host_stopping *h = host_stop_self(t);

    life_room(t->en)->host_stop = NULL;
    life_room(t->en)->host_goes_down = t->op->state == OP_DONE &&
                                       h->how != HOST_STOP_DOMAINS &&
                                       !dom0_stays_up(engine_dom0(t->en));
}

static void
host_stop_free(struct task *t)
{
    struct host_stopping *h = host_stop_self(t);

    size_t i;

    loop_timer_del(&h->limit);
    loop_child_del(&h->power.child);
    for (i = 0; i < h->n; i++)
        config_texts_fini(&h->list[i].to);
    free(h->list);
    free(h);
}

static const struct task_type type = { .steps = steps,
                                       .n_steps =
                                           sizeof(steps) / sizeof(steps[0]),
                                       .free = host_stop_free,
                                       .ended = host_stop_ended };

int
engine_host_stop(struct engine *en, enum host_stop how, unsigned limit_s,
                 uint64_t *op_out, struct err *e)
{
    struct host_stopping *h;
    uint64_t op;

    if (host_stopping(en))
        return err_set(e, ERR_BUSY,
                       "the domains of this host are being "
                       "stopped already");
    h = xcalloc(1, sizeof(*h));
    h->how = how;
    h->power.ended = power_ended;
    h->limit_s = limit_s;
    /* A blank in it: no domain has this name, so it queues behind none. */
    op = task_begin(en, &h->t, &type, OP_HOST_STOP, NULL, "this host");
    life_room(en)->host_stop = &h->t;
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
