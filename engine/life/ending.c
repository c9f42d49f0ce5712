/*
 * ending.c - see ending.h.
 */
#include "engine/life/ending.h"

#include <stdlib.h>
#include <string.h>

#include "engine/dm/dm.h"
#include "engine/guest/nodes.h"
#include "engine/life/define.h"
#include "engine/life/end/ending_clear.h"
#include "engine/life/end/ending_int.h"
#include "engine/life/end/grace.h"
#include "engine/life/end/preserve.h"
#include "engine/life/end/takeover.h"
#include "engine/life/host_stop.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/db_before.h"
#include "engine/record/userdata.h"
#include "src/base/xalloc.h"

#define DYING_POLL_MS 20
#define DYING_LIMIT_S 10 /* then something else holds its memory */
#define UNREADABLE_MS 1000
#define MODEL_LOOK_S  10 /* then whoever asked is told */

static struct ending *
ending_self(struct task *t)
{
    return container_of(t, struct ending, t);
}

struct dom_entry *
ending_entry(const struct ending *x)
{
    return domains_by_id(x->t.en, x->dom_id);
}

bool
ending_is_over(const struct ending *x)
{
    const struct dom_entry *de = ending_entry(x);

    return de == NULL || (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING));
}

/* --- waits with limits from the options --- */

static void
ending_limit_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct ending, limit)->t);
}

bool
ending_overdue(struct ending *x, unsigned seconds)
{
    uint64_t now = loop_now_ms(engine_loop(x->t.en));

    if (x->deadline_ms == 0) {
        x->deadline_ms = now + seconds * 1000ULL;
        loop_timer_arm(engine_loop(x->t.en), &x->limit, seconds * 1000ULL,
                       ending_limit_due);
    }
    return now >= x->deadline_ms;
}

void
ending_wait_over(struct ending *x)
{
    loop_timer_del(&x->limit);
    x->deadline_ms = 0;
}

void
ending_look_up(struct ending *x)
{
    const struct dom_entry *de = ending_entry(x);

    if (de == NULL && !x->resumed)
        return;
    if (de != NULL && !x->bare && !x->again) { /* else it is on record */
        x->ran_s = ending_lived_s(de);
        x->restarts = de->d.restarts;
    }
    if (!x->owned)
        return;
    config_free(x->cfg);
    x->cfg = NULL;
    err_clear(&x->no_cfg);
    (void)db_load(engine_paths(x->t.en)->state, x->uuid, &x->cfg, &x->no_cfg);
    if (x->cfg != NULL && de != NULL && !x->bare && !x->kept &&
        !(de->d.flags & DOM_F_DYING) && !de->d.building)
        takeover_at_end(de, x->cfg);
}

/* --- cleaning up --- */

/* On record from here on, for whichever engine ends it. */
static void
note_identity(struct ending *x)
{
    char uuid[37];

    memcpy(x->t.op->uuid, x->uuid, sizeof(x->uuid));
    uuid_print_text(x->uuid, uuid);
    oplog_note(&x->t, "uuid", "%s", uuid);
    oplog_note(&x->t, "domid", "%u", x->domid);
    oplog_note(&x->t, "owned", "%d", x->owned);
}

/* Once its nodes are gone only the journal knows these. */
static void
ending_note_end(struct ending *x)
{
    oplog_note(&x->t, "reason", "%u", dom_reason_id(x->reason));
    oplog_note(&x->t, "ran_s", "%.2f", x->ran_s);
    oplog_note(&x->t, "restarts", "%u", x->restarts);
}

/* The system could not read it (no descriptor, a bad disk): that says nothing
 * of what it asks for. */
static bool
unreadable(const struct ending *x)
{
    return restart_config_broken(x) && x->no_cfg.sys != 0;
}

/* It is reaped again in a while; nobody reaps one that is gone, so this waits
 * itself. */
static enum step_rc
ending_put_off(struct ending *x, const struct err *why, struct err *e)
{
    if (ending_entry(x) == NULL) {
        task_progress(&x->t, -1, "wait until what follows can be told");
        task_wake_in(&x->t, UNREADABLE_MS);
        return STEP_WAIT;
    }
    *e = *why;
    err_wrap(e, "'%s' has ended; what follows waits", x->t.op->name);
    return STEP_FAIL;
}

static enum step_rc
run_prepare(struct task *t, struct err *e)
{
    struct ending *x = ending_self(t);
    struct dom_entry *de = ending_entry(x);
    struct err why = { 0 };

    if (!ending_cleans(x) || (de == NULL && !x->resumed))
        return STEP_DONE;
    if (de != NULL && (de->d.flags & DOM_F_SHUTDOWN))
        x->reason = de->d.reason;
    if (x->verb == OP_DESTROY)
        x->reason = x->how;
    if (x->verb == OP_DESTROY && de != NULL) {
        de->end = x->reason;
        de->death_told = true;
        /* Stops a live guest from racing with what follows. */
        if (!(de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)))
            (void)hv_pause(engine_hv(t->en), x->domid, NULL);
    }
    ending_look_up(x);
    if (x->verb != OP_DESTROY && unreadable(x))
        return ending_put_off(x, &x->no_cfg, e);
    if (restart_decide(x, &why) < 0)
        return ending_put_off(x, &why, e);
    if (!x->fate.keep || x->fate.rename)
        ending_compare_devices(x);
    if (x->again) /* a restart that was undone is still to be done */
        x->fate.again = true;
    if (x->fate.again && !x->fate.rename)
        lives_follow(x);
    /* Once the nodes are gone the record alone says so. */
    if (x->asked_again && x->fate.again)
        oplog_note(&x->t, "again", "%d", 1);
    ending_note_end(x);
    return STEP_DONE;
}

void
ending_note(struct ending *x)
{
    note_identity(x);
    restart_note(x);
    ending_note_end(x);
}

/* A dump that fails is told, and keeps nobody from going on. */
static enum step_rc
ending_run_dump(struct task *t, struct err *e)
{
    struct ending *x = ending_self(t);
    enum step_rc rc;

    (void)e;
    if (!x->fate.dump || ending_entry(x) == NULL)
        return STEP_DONE;
    rc = dump_domain(&x->dump, t, x->domid, NULL);
    if (rc == STEP_WAIT)
        return rc;
    if (rc == STEP_DONE)
        event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, x->domid, t->op->name,
                      "its memory after %s is in %s",
                      dom_reason_name(x->reason), x->dump.path);
    else
        event_add_for(t->en, EVENT_ENGINE, EVENT_ERROR, x->domid, t->op->name,
                      "no core dump after %s: %s", dom_reason_name(x->reason),
                      x->dump.err.msg);
    dump_fini(&x->dump);
    return STEP_DONE;
}

/* It cannot be kept: then it makes room, as any dead domain. */
static enum step_rc
run_keep(struct task *t, struct err *e)
{
    struct ending *x = ending_self(t);
    struct dom_entry *de = ending_entry(x);
    int rc;

    if (!x->fate.keep || de == NULL)
        return STEP_DONE;
    rc = x->fate.rename ? preserve_rename(de, x->cfg, e) : preserve_mark(de, e);
    if (rc == 0)
        return STEP_DONE;
    event_add(t->en, EVENT_ENGINE, EVENT_ERROR, &de->d, "not preserved: %s",
              e->msg);
    err_clear(e);
    x->fate.keep = x->fate.rename = false;
    return STEP_DONE;
}

/* Before its devices, as libxl does: it closes them as it ends, and nothing
 * that a dead process served is waited for. */
static enum step_rc
ending_run_model(struct task *t, struct err *e)
{
    struct ending *x = ending_self(t);
    enum step_rc rc =
        ending_goes(x) && !x->bare ? dm_stop(t->en, x->domid, e) : STEP_DONE;

    if (rc == STEP_FAIL && !ending_overdue(x, MODEL_LOOK_S)) {
        err_clear(e);
        task_progress(t, -1, "wait until its device model can be looked for");
        task_wake_in(t, UNREADABLE_MS);
        return STEP_WAIT;
    }
    if (rc == STEP_DONE)
        ending_wait_over(x);
    return rc;
}

static enum step_rc
ending_run_devices(struct task *t, struct err *e)
{
    struct ending *x = ending_self(t);

    (void)e;
    if (x->bare ||
        (!ending_goes(x) && !x->fate.rename)) /* its next life needs them */
        return STEP_DONE;
    return devices_remove(&x->devices, t, x->domid);
}

static void
ending_poll_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct ending, poll)->t);
}

/* The last of a dying domain goes without any event: it is looked for, by one
 * listing a turn for all that wait so. */
static enum step_rc
run_gone(struct task *t, struct err *e)
{
    struct ending *x = ending_self(t);

    if (!ending_goes(x))
        return STEP_DONE;
    if (ending_entry(x) == NULL) {
        ending_wait_over(x);
        return STEP_DONE;
    }
    domains_scan_soon(t->en);
    if (!ending_overdue(x, DYING_LIMIT_S)) {
        loop_timer_arm(engine_loop(t->en), &x->poll, DYING_POLL_MS,
                       ending_poll_due);
        return STEP_WAIT;
    }
    err_set(e, ERR_BUSY,
            "domain %u is destroyed but its memory is still held by a backend "
            "or device model: %s once that lets go of it",
            x->domid,
            x->fate.again ? "it restarts" : "what is left of it is removed");
    linger_begin(x);
    return STEP_FAIL;
}

#define CLEANING                                                               \
    { .id = "prepare", .label = "prepare", .run = run_prepare },               \
        { .id = "dump", .label = "dump its memory", .run = ending_run_dump },  \
        { .id = "preserve", .label = "preserve", .run = run_keep },            \
        { .id = "model",                                                       \
          .label = "stop its device model",                                    \
          .run = ending_run_model },                                           \
        { .id = "devices",                                                     \
          .label = "remove devices",                                           \
          .run = ending_run_devices },                                         \
        { .id = "nodes", .label = "remove nodes", .run = ending_run_nodes },   \
        { .id = "destroy", .label = "destroy", .run = ending_run_destroy },    \
        { .id = "gone", .label = "wait for its memory", .run = run_gone },     \
    {                                                                          \
        .id = "forget", .label = "forget", .run = ending_forget                \
    }

static const struct step ask_steps[] = {
    { .id = "ask", .label = "ask the guest", .run = ask_run, .undo = ask_undo },
    { .id = "wait-answer",
      .label = "wait for the guest's answer",
      .run = ask_answer_run,
      .cancellable = true },
    { .id = "wait-end",
      .label = "wait for the guest's end",
      .run = ask_end_run,
      .cancellable = true },
    CLEANING,
};

static const struct step clean_steps[] = { CLEANING };

static const struct step grace_steps[] = {
    { .id = "hold",
      .label = "pause",
      .run = grace_hold_run,
      .undo = grace_undo },
    { .id = "grace",
      .label = "wait",
      .run = grace_wait_run,
      .cancellable = true },
    CLEANING,
};

void
ending_free(struct task *t)
{
    struct ending *x = ending_self(t);

    store_watch_del(&x->watch);
    loop_timer_del(&x->limit);
    loop_timer_del(&x->poll);
    dump_fini(&x->dump);
    devices_fini(&x->devices);
    kill_fini(&x->kill);
    config_free(x->cfg);
    free(x);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What has ended is cleaned up and restarted, by whichever engine; so is what
 * an operator destroys. */
static bool
ending_stays(const struct task *t)
{
    if (container_of(t, const struct ending, t)->until_s > 0)
        return true;
    return t->started && t->at + COUNT(clean_steps) >= t->type->n_steps &&
           ending_cleans(container_of(t, const struct ending, t));
}

static const struct task_type ask_type = { .steps = ask_steps,
                                           .n_steps = COUNT(ask_steps),
                                           .free = ending_free,
                                           .stays = ending_stays };
static const struct task_type clean_type = { .steps = clean_steps,
                                             .n_steps = COUNT(clean_steps),
                                             .free = ending_free,
                                             .stays = ending_stays };
static const struct task_type grace_type = { .steps = grace_steps,
                                             .n_steps = COUNT(grace_steps),
                                             .free = ending_free,
                                             .stays = ending_stays };

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

static struct ending *
ending_new(const struct dom_entry *de, enum op_verb verb, enum dom_reason how)
{
    struct ending *x = xcalloc(1, sizeof(*x));

    x->verb = verb;
    x->how = how;
    x->domid = de->d.domid;
    x->dom_id = de->d.id;
    memcpy(x->uuid, de->d.uuid, sizeof(x->uuid));
    x->owned = de->d.owned;
    x->reason = DOM_REASON_UNKNOWN;
    x->ran_s = -1;
    x->command = command_of(verb);
    return x;
}

static uint64_t
begin_as(struct dom_entry *de, enum op_verb verb, const struct task_type *type,
         enum dom_reason how)
{
    struct ending *x = ending_new(de, verb, how);

    return task_begin(de->en, &x->t, type, verb, &de->d, NULL);
}

/* With what goes on record of the time in which it can be taken back. */
static uint64_t
begin_grace(struct ending *x, struct engine *en, const struct dom *d,
            const char *name)
{
    char notes[80];

    grace_notes(x, notes, sizeof(notes));
    x->t.notes = notes;
    return task_begin(en, &x->t, &grace_type, OP_DESTROY, d, name);
}

uint64_t
ending_after(struct dom_entry *de, unsigned seconds)
{
    struct ending *x = ending_new(de, OP_DESTROY, DOM_DESTROYED);

    grace_set(x, de, seconds);
    return begin_grace(x, de->en, &de->d, NULL);
}

uint64_t
ending_begin(struct dom_entry *de, enum op_verb verb)
{
    return begin_as(de, verb,
                    command_of(verb) != NULL ? &ask_type : &clean_type,
                    DOM_DESTROYED);
}

uint64_t
ending_overtake(struct dom_entry *de)
{
    return begin_as(de, OP_DESTROY, &clean_type, DOM_DESTROYED);
}

uint64_t
ending_begin_as(struct dom_entry *de, enum dom_reason how)
{
    return begin_as(de, OP_DESTROY, &clean_type, how);
}

uint64_t
ending_unborn(struct engine *en, const uint8_t uuid[16], const char *name)
{
    struct ending *x = xcalloc(1, sizeof(*x));
    uint64_t op;

    x->verb = OP_DESTROY;
    memcpy(x->uuid, uuid, sizeof(x->uuid));
    x->owned = x->resumed = x->bare = true;
    x->reason = x->how = DOM_DESTROYED;
    x->ran_s = -1;
    op = task_begin(en, &x->t, &clean_type, OP_DESTROY, NULL, name);
    note_identity(x);
    return op;
}

/* Whether the request was still the guest's to obey. */
static bool
was_asking(const struct oplog_entry *j)
{
    size_t i;

    if (j->step[0] == '\0')
        return true;
    for (i = 0; i < COUNT(ask_steps) - COUNT(clean_steps); i++)
        if (strcmp(j->step, ask_steps[i].id) == 0)
            return true;
    return false;
}

/* Renamed and preserved: what is left is its devices, and its next life. */
static bool
is_alias(struct engine *en, const struct oplog_entry *j)
{
    const struct dom_entry *de = domains_by_domid(en, j->domid);

    return de != NULL && de->d.preserved &&
           memcmp(de->d.uuid, j->alias, sizeof(j->alias)) == 0;
}

/* The mark goes with the nodes, in one transaction. A domid may be another
 * domain's by now. */
static bool
ending_is_bare(const struct ending *x)
{
    char path[96];

    if (x->kept)
        return false;
    if (x->dom_id == 0 && domains_by_domid(x->t.en, x->domid) != NULL)
        return true;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/owner", x->domid);
    return x->owned && store_absent(engine_store(x->t.en), 0, path);
}

uint64_t
ending_resume(struct engine *en, struct dom_entry *de,
              const struct oplog_entry *j)
{
    struct ending *x = xcalloc(1, sizeof(*x));
    bool ask;
    uint64_t op;

    /* What lingers is reaped, whoever has ended it (linger.c). */
    x->verb = j->reason == DOM_DESTROYED ? OP_DESTROY : j->verb;
    x->domid = j->domid;
    x->dom_id = de != NULL ? de->d.id : 0;
    memcpy(x->uuid, j->uuid, sizeof(x->uuid));
    x->owned = j->owned;
    x->reason = j->reason;
    x->how = j->reason == DOM_SAVED || j->reason == DOM_MIGRATED
                 ? j->reason
                 : DOM_DESTROYED;
    x->ran_s = j->ran_s;
    x->restarts = j->restarts;
    x->resumed = true;
    x->kept = x->dom_id == 0 && is_alias(en, j);
    restart_take_up(x, j);
    x->command = command_of(x->verb);
    x->t.en = en;
    x->bare = ending_is_bare(x);
    ask = x->command != NULL && !ending_is_over(x) && was_asking(j);
    if (de != NULL && j->verb == OP_DESTROY)
        grace_take_up(x, j);
    if (x->until_s > 0)
        op = begin_grace(x, en, &de->d, j->name);
    else
        op = task_begin(en, &x->t, ask ? &ask_type : &clean_type, j->verb,
                        de != NULL ? &de->d : NULL, j->name);
    text_fmt(x->t.op->name, sizeof(x->t.op->name), "%s", j->name);
    ending_note(x);
    return op;
}
