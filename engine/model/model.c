/*
 * model.c - words for the model's enumerations and states.
 */
#include "engine/model/model.h"
#include "engine/model/console_place.h"
#include "engine/model/dom_kind.h"
#include "engine/model/session_info.h"

#include <string.h>

#include "src/base/buf.h"

#define WORD(table, i)                                                         \
    ((size_t)(i) < sizeof(table) / sizeof((table)[0]) ? (table)[i] : "unknown")

const char *
dom_kind_name(enum dom_kind k)
{
    static const char *const words[] = { "pv", "pvh", "hvm" };

    return WORD(words, k);
}

bool
dom_kind_has_machine(enum dom_kind k)
{
    return k == DOM_HVM;
}

bool
dom_kind_in_container(enum dom_kind k)
{
    return k != DOM_PV;
}

static const struct reason {
    enum dom_reason reason;
    unsigned id;
    const char *word;
} reasons[] = {
    { DOM_POWEROFF, 0, "poweroff" },     { DOM_REBOOT, 1, "reboot" },
    { DOM_SUSPEND, 2, "suspend" },       { DOM_CRASH, 3, "crash" },
    { DOM_WATCHDOG, 4, "watchdog" },     { DOM_SOFT_RESET, 5, "soft-reset" },
    { DOM_DESTROYED, 100, "destroyed" }, { DOM_REASON_UNKNOWN, 101, "unknown" },
    { DOM_SAVED, 102, "saved" },         { DOM_MIGRATED, 103, "migrated" }
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

static const struct reason *
reason_row(enum dom_reason r)
{
    const struct reason *unknown = &reasons[0];
    size_t i;

    for (i = 0; i < REASONS; i++) {
        if (reasons[i].reason == r)
            return &reasons[i];
        if (reasons[i].reason == DOM_REASON_UNKNOWN)
            unknown = &reasons[i];
    }
    return unknown;
}

const char *
dom_reason_name(enum dom_reason r)
{
    return reason_row(r)->word;
}

unsigned
dom_reason_id(enum dom_reason r)
{
    return reason_row(r)->id;
}

bool
dom_reason_of_id(unsigned long long id, enum dom_reason *out)
{
    size_t i;

    for (i = 0; i < REASONS && reasons[i].id != id; i++)
        ;
    if (i == REASONS)
        return false;
    *out = reasons[i].reason;
    return true;
}

const char *
console_kind_name(enum console_kind k)
{
    static const char *const words[] = { "pv", "serial" };

    return WORD(words, k);
}

const char *
console_state_name(enum console_state s)
{
    static const char *const words[] = { "waiting", "attached", "held",
                                         "released", "ended" };

    return WORD(words, s);
}

/* id: on record and in the journal; it never changes. */
static const struct verb {
    const char *id, *word;
} verbs[OP_VERBS] = { [OP_CREATE] = { "create", "create" },
                      [OP_SHUTDOWN] = { "shutdown", "shutdown" },
                      [OP_REBOOT] = { "reboot", "reboot" },
                      [OP_SUSPEND] = { "suspend", "suspend" },
                      [OP_DESTROY] = { "destroy", "destroy" },
                      [OP_REAP] = { "reap", "reap" },
                      [OP_PAUSE] = { "pause", "pause" },
                      [OP_UNPAUSE] = { "unpause", "unpause" },
                      [OP_DEVICE_ADD] = { "attach", "attach" },
                      [OP_DEVICE_REMOVE] = { "detach", "detach" },
                      [OP_MEMORY] = { "memory", "memory" },
                      [OP_VCPUS] = { "vcpus", "vcpus" },
                      [OP_TUNE] = { "tune", "tune" },
                      [OP_DUMP] = { "dump", "dump" },
                      [OP_RENAME] = { "rename", "rename" },
                      [OP_ADOPT] = { "adopt", "adopt" },
                      [OP_DISOWN] = { "disown", "disown" },
                      [OP_NETWORK] = { "network", "network" },
                      [OP_HOST_STOP] = { "host stop", "host stop" },
                      [OP_SAVE] = { "save", "save" },
                      [OP_RESTORE] = { "restore", "restore" },
                      [OP_MIGRATE] = { "migrate", "migrate" },
                      [OP_RECEIVE] = { "migrate-receive", "migrate-receive" },
                      [OP_REATTACH] = { "reattach", "reattach" },
                      [OP_CLONE] = { "clone", "clone" } };

const char *
op_verb_name(unsigned verb)
{
    return verb < OP_VERBS ? verbs[verb].word : "unknown";
}

const char *
op_verb_id(unsigned verb)
{
    return verb < OP_VERBS ? verbs[verb].id : "unknown";
}

bool
op_verb_of_id(const char *id, enum op_verb *out)
{
    unsigned i;

    for (i = 0; i < OP_VERBS && strcmp(id, verbs[i].id) != 0; i++)
        ;
    if (i == OP_VERBS)
        return false;
    *out = (enum op_verb)i;
    return true;
}

bool
op_verb_makes(enum op_verb v)
{
    return v == OP_CREATE || v == OP_RESTORE || v == OP_RECEIVE;
}

const char *
op_state_name(unsigned state)
{
    static const char *const words[] = { "queued", "running", "done", "failed",
                                         "cancelled" };

    return WORD(words, state);
}

const char *
event_kind_name(unsigned kind)
{
    static const char *const words[] = { "birth",     "death",  "reaped",
                                         "op-start",  "op-end", "console",
                                         "engine",    "alarm",  "restart",
                                         "refused",   "device", "injected",
                                         "postmortem" };

    return WORD(words, kind);
}

const char *
event_level_name(unsigned level)
{
    static const char *const words[] = { "info", "warning", "error" };

    return WORD(words, level);
}

const char *
session_kind_name(enum session_kind k)
{
    static const char *const words[] = { "terminal", "batch", "remote" };

    return WORD(words, k);
}

const char *
session_right_name(enum session_right r)
{
    static const char *const words[] = { "none", "view", "operate", "admin" };

    return WORD(words, r);
}

static char
shutdown_letter(enum dom_reason r)
{
    static const char letters[] = "-rscwS";

    return (size_t)r < sizeof(letters) - 1 ? letters[r] : '?';
}

void
dom_state_letters(const struct dom *d, char out[7])
{
    memcpy(out, "------", 7);
    if (d->flags & DOM_F_RUNNING)
        out[0] = 'r';
    if (d->flags & DOM_F_BLOCKED)
        out[1] = 'b';
    if (d->flags & DOM_F_PAUSED)
        out[2] = 'p';
    if (d->flags & DOM_F_SHUTDOWN) {
        out[3] = 's';
        out[4] = shutdown_letter(d->reason);
    }
    if (d->flags & DOM_F_DYING)
        out[5] = 'd';
}

static const char *
shutdown_word(enum dom_reason r)
{
    static const char *const words[] = { "halted",  "rebooting", "suspended",
                                         "crashed", "watchdog",  "soft-reset" };

    return WORD(words, r);
}

const char *
xenbus_state_name(unsigned state)
{
    static const char *const words[] = {
        "unknown", "initialising", "waiting",       "initialised",  "connected",
        "closing", "closed",       "reconfiguring", "reconfigured", "lost"
    };

    return WORD(words, state);
}

const char *
sched_kind_name(enum sched_kind k)
{
    static const char *const words[] = { "credit", "credit2",  "rtds",
                                         "null",   "arinc653", "other" };

    return WORD(words, k);
}

const char *
dom_state_word(const struct dom *d)
{
    if (d->off)
        return d->saved ? "saved" : d->refused ? "refused" : "off";
    if (d->flags & DOM_F_DYING)
        return "dying";
    if (d->building)
        return "building";
    if (d->preserved)
        return "preserved";
    if (d->flags & DOM_F_SHUTDOWN)
        return shutdown_word(d->reason);
    if (d->left)
        return "left";
    if (d->flags & DOM_F_PAUSED)
        return "paused";
    if (d->flags & DOM_F_RUNNING)
        return "running";
    if (d->flags & DOM_F_BLOCKED)
        return "idle";
    return "runnable";
}

void
vnet_add_member(struct vnet *v, const char *name)
{
    size_t n = strlen(v->members);

    v->n_members++;
    if (n + strlen(name) + 2 < sizeof(v->members))
        text_fmt(v->members + n, sizeof(v->members) - n, "%s%s",
                 n > 0 ? " " : "", name);
}
