/*
 * restart.c - what follows the end of an owned domain. A restart inside the
 * minimum restart time is refused and logged: no crash loops.
 */
#include <stdlib.h>

#include "engine/life/create.h"
#include "engine/life/ending.h"

#define RESTART_MIN_S 20

static enum config_end
end_of(enum dom_reason r)
{
    switch (r) {
    case DOM_REBOOT:
        return CONFIG_ON_REBOOT;
    case DOM_CRASH:
        return CONFIG_ON_CRASH;
    case DOM_WATCHDOG:
        return CONFIG_ON_WATCHDOG;
    default:
        return CONFIG_ON_POWEROFF;
    }
}

static bool
policy_says(const struct ending *x)
{
    /* An operator who shuts a guest down does not want it back. */
    if (x->reason == DOM_POWEROFF && x->verb != OP_REAP)
        return false;
    return x->cfg->on[end_of(x->reason)] == CONFIG_RESTART;
}

bool
restart_wanted(const struct ending *x)
{
    if (x->t.en->closing || x->verb == OP_DESTROY ||
        x->reason == DOM_REASON_UNKNOWN)
        return false;
    if (x->cfg == NULL) {
        if (x->reason == DOM_REBOOT)
            event_add_for(x->t.en, EVENT_ENGINE, EVENT_WARN, x->domid,
                          x->t.op->name,
                          "not restarted: its configuration is not on record");
        return false;
    }
    if (!policy_says(x))
        return false;
    if (x->ran_s < 0 || x->ran_s >= RESTART_MIN_S)
        return true;
    event_add_for(x->t.en, EVENT_ENGINE, EVENT_ERROR, x->domid, x->t.op->name,
                  "restart refused: it ran %.0f s, the minimum is %d s",
                  x->ran_s, RESTART_MIN_S);
    return false;
}

void
restart_begin(struct ending *x)
{
    uint64_t op = create_begin(x->t.en, x->cfg, NULL);

    x->cfg = NULL; /* the creation's now */
    event_add_for(x->t.en, EVENT_ENGINE, EVENT_INFO, x->domid, x->t.op->name,
                  "restarts after %s (operation %llu)",
                  dom_reason_name(x->reason), (unsigned long long)op);
}
