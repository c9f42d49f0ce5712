/*
 * linger.c - a domain that is destroyed stays listed while another one maps its
 * memory. The operation that ended it gives up after a while, so that whoever
 * asked hears of it; what is still to be done then - to forget the domain, or
 * to restart it - is an operation of its own here, which waits without a limit
 * and stays on record for the next engine.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/life/end/ending_clear.h"
#include "engine/life/end/ending_int.h"
#include "src/base/xalloc.h"

#define LINGER_POLL_MS 500

static void
linger_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct ending, poll)->t);
}

static enum step_rc
linger_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);

    (void)e;
    if (domains_by_id(t->en, x->dom_id) == NULL)
        return STEP_DONE;
    domains_scan_in(t->en, LINGER_POLL_MS);
    loop_timer_arm(engine_loop(t->en), &x->poll, LINGER_POLL_MS, linger_due);
    return STEP_WAIT;
}

static bool
linger_stays(const struct task *t)
{
    (void)t;
    return true;
}

static const struct step linger_steps[] = {
    { .id = "linger",
      .label = "wait for whoever holds its memory",
      .run = linger_run },
    { .id = "forget", .label = "forget", .run = ending_forget },
};

static const struct task_type linger_type = { .steps = linger_steps,
                                              .n_steps = 2,
                                              .free = ending_free,
                                              .stays = linger_stays,
                                              .patient = true };

void
linger_begin(struct ending *x)
{
    struct ending *l = xcalloc(1, sizeof(*l));
    struct dom_entry *de = domains_by_id(x->t.en, x->dom_id);

    l->verb = x->verb;
    l->domid = x->domid;
    l->dom_id = x->dom_id;
    memcpy(l->uuid, x->uuid, sizeof(l->uuid));
    l->owned = x->owned;
    l->reason = x->reason;
    l->ran_s = x->ran_s;
    l->restarts = x->restarts;
    l->fate = x->fate;
    l->again = x->fate.again;
    l->resumed = l->bare = true;
    l->no_cfg = x->no_cfg;
    l->cfg = x->cfg;
    x->cfg = NULL;
    (void)task_begin(x->t.en, &l->t, &linger_type, OP_REAP,
                     de != NULL ? &de->d : NULL, x->t.op->name);
    ending_note(l);
}
