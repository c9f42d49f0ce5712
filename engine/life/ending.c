/*
 * ending.c - see ending.h.
 */
#include "engine/life/ending.h"
#include "engine/dm/dm.h"

#include <stdlib.h>
#include <string.h>

#include "engine/guest/nodes.h"
#include "engine/life/define.h"
#include "engine/life/preserve.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "src/base/maker.h"
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
    uint64_t now = loop_now_ms(engine_loop(x->t.en));

    if (x->deadline_ms == 0) {
        x->deadline_ms = now + seconds * 1000ULL;
        loop_timer_arm(engine_loop(x->t.en), &x->limit, seconds * 1000ULL,
                       limit_due);
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

/* By the boot clock, which nobody sets; by the wall clock where the mark does
 * not tell, as of adopted domains; < 0: not known. */
static double
lived_s(const struct ending *x, const struct dom_entry *de)
{
    char path[96], text[96], boot[64];
    size_t n;

    maker_boot(boot, sizeof(boot));
    n = strlen(boot);
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/started", x->domid);
    if (store_read_text(engine_store(x->t.en), 0, path, text, sizeof(text),
                        NULL) == 0 &&
        n > 0 && strncmp(text, boot, n) == 0 && text[n] == ' ')
        return loop_boot_s(engine_loop(x->t.en)) - strtod(text + n, NULL);
    return de->d.start_wall_s > 0
               ? loop_wall_s(engine_loop(x->t.en)) - de->d.start_wall_s
               : -1;
}

/* How long it has lived, and what it was made from. */
static void
look_up(struct ending *x)
{
    const struct dom_entry *de = entry_of(x);

    if (de == NULL && !x->resumed)
        return;
    if (de != NULL && !x->bare && !x->again) { /* else it is on record */
        x->ran_s = lived_s(x, de);
        x->restarts = de->d.restarts;
    }
    if (!x->owned)
        return;
    config_free(x->cfg);
    x->cfg = NULL;
    err_clear(&x->no_cfg);
    (void)db_load(engine_paths(x->t.en)->state, x->uuid, &x->cfg, &x->no_cfg);
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
    look_up(x);
    if (check_can_hear(x, e) < 0 ||
        (x->verb == OP_REBOOT && restart_check_reboot(x, e) < 0))
        return STEP_FAIL;
    control_path(x, path, sizeof(path));
    if (store_write(engine_store(t->en), 0, path, x->command, e) < 0 ||
        store_watch_add(engine_store(t->en), &x->watch, path, control_changed,
                        e) < 0)
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
    if (store_tx_run(engine_store(t->en), withdraw_body, &w, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    return STEP_DONE;
}

static bool
acknowledged(struct ending *x)
{
    char path[96], now[32];

    control_path(x, path, sizeof(path));
    return store_read_text(engine_store(x->t.en), 0, path, now, sizeof(now),
                           NULL) < 0 ||
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
    unsigned limit = engine_options(t->en)->shutdown_ack_s;

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
    unsigned limit = engine_options(t->en)->shutdown_end_s;
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

/* Once its nodes are gone only the journal knows these. */
static void
note_end(struct ending *x)
{
    oplog_note(&x->t, "reason", "%d", (int)x->reason);
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

static enum step_rc
run_prepare(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    struct dom_entry *de = entry_of(x);

    if (!ours_to_clean(x) || (de == NULL && !x->resumed))
        return STEP_DONE;
    if (de != NULL && (de->d.flags & DOM_F_SHUTDOWN))
        x->reason = de->d.reason;
    if (x->verb == OP_DESTROY)
        x->reason = DOM_DESTROYED;
    if (x->verb == OP_DESTROY && de != NULL) {
        de->end = DOM_DESTROYED;
        de->death_told = true;
        /* Stops a live guest from racing with what follows. */
        if (!(de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)))
            (void)hv_pause(engine_hv(t->en), x->domid, NULL);
    }
    look_up(x);
    if (x->verb == OP_REAP && unreadable(x)) {
        *e = x->no_cfg;
        return STEP_FAIL; /* it is reaped again in a while */
    }
    restart_decide(x);
    if (!x->fate.keep || x->fate.rename)
        ending_compare_devices(x);
    if (x->again) /* a restart that was undone is still to be done */
        x->fate.again = true;
    note_end(x);
    return STEP_DONE;
}

/* A dump that fails is told, and keeps nobody from going on. */
static enum step_rc
run_dump(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    enum step_rc rc;

    (void)e;
    if (!x->fate.dump || entry_of(x) == NULL)
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
    struct ending *x = self(t);
    struct dom_entry *de = entry_of(x);
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

/* Does the domain go, nodes, memory and all? */
static bool
goes(const struct ending *x)
{
    return ours_to_clean(x) && !x->fate.keep;
}

/* Before its devices, as libxl does: it closes them as it ends, and nothing
 * that a dead process served is waited for. */
static enum step_rc
run_model(struct task *t, struct err *e)
{
    const struct ending *x = self(t);

    (void)e;
    return goes(x) && !x->bare ? dm_stop(t->en, x->domid) : STEP_DONE;
}

static enum step_rc
run_devices(struct task *t, struct err *e)
{
    struct ending *x = self(t);

    (void)e;
    if (x->bare || (!goes(x) && !x->fate.rename)) /* its next life needs them */
        return STEP_DONE;
    return devices_remove(&x->devices, t, x->domid);
}

static enum step_rc
run_nodes(struct task *t, struct err *e)
{
    struct ending *x = self(t);

    if (!goes(x) || x->bare)
        return STEP_DONE;
    return nodes_remove(engine_store(t->en), x->domid, x->uuid, e) < 0
               ? STEP_FAIL
               : STEP_DONE;
}

static enum step_rc
run_destroy(struct task *t, struct err *e)
{
    struct ending *x = self(t);
    enum step_rc rc;

    if (!goes(x) || entry_of(x) == NULL)
        return STEP_DONE;
    x->kill.again = x->fate.again;
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

    if (!goes(x))
        return STEP_DONE;
    if (entry_of(x) == NULL) {
        wait_over(x);
        return STEP_DONE;
    }
    domains_scan_soon(t->en);
    if (!overdue(x, DYING_LIMIT_S)) {
        loop_timer_arm(engine_loop(t->en), &x->poll, DYING_POLL_MS, poll_due);
        return STEP_WAIT;
    }
    err_set(e, ERR_BUSY,
            "domain %u is destroyed but its memory is still held by a backend "
            "or device model",
            x->domid);
    return STEP_FAIL;
}

/* For a definition, or the next life. */
static void
record_end(const struct ending *x)
{
    struct db_state s;

    db_state_load(engine_paths(x->t.en)->state, x->uuid, &s);
    text_fmt(s.last_end, sizeof(s.last_end), "%s", dom_reason_name(x->reason));
    s.last_end_wall_s = loop_wall_s(engine_loop(x->t.en));
    s.refused = x->fate.refused;
    (void)db_state_save(engine_paths(x->t.en)->state, x->uuid, &s, NULL);
    defs_changed(x->t.en);
}

static void
tell_reaped(const struct ending *x)
{
    bool bad = x->reason == DOM_CRASH || x->reason == DOM_WATCHDOG;

    event_add_for(x->t.en, EVENT_REAPED, bad ? EVENT_WARN : EVENT_INFO,
                  x->domid, x->t.op->name, "reaped (%s)",
                  dom_reason_name(x->reason));
}

static enum step_rc
run_forget(struct task *t, struct err *e)
{
    struct ending *x = self(t);

    if (goes(x)) {
        userdata_remove(engine_paths(t->en)->libxl, x->domid, x->uuid);
        tell_reaped(x);
    }
    if (x->cfg != NULL && ours_to_clean(x))
        record_end(x);
    if (x->fate.again && x->cfg != NULL)
        restart_begin(x);
    else if (goes(x) && x->owned && !restart_config_broken(x) &&
             db_forget(engine_paths(t->en)->state, x->uuid, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

#define CLEANING                                                               \
    { .label = "prepare", .run = run_prepare },                                \
        { .label = "dump its memory", .run = run_dump },                       \
        { .label = "preserve", .run = run_keep },                              \
        { .label = "stop its device model", .run = run_model },                \
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
    dump_fini(&x->dump);
    devices_fini(&x->devices);
    kill_fini(&x->kill);
    config_free(x->cfg);
    free(x);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What has ended is cleaned up and restarted, by whichever engine. */
static bool
ending_stays(const struct task *t)
{
    return t->started && t->at + COUNT(clean_steps) >= t->type->n_steps &&
           ours_to_clean(container_of(t, const struct ending, t));
}

static const struct task_type ask_type = { .steps = ask_steps,
                                           .n_steps = COUNT(ask_steps),
                                           .free = ending_free,
                                           .stays = ending_stays };
static const struct task_type clean_type = { .steps = clean_steps,
                                             .n_steps = COUNT(clean_steps),
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
    x->ran_s = -1;
    x->command = command_of(verb);
    return task_begin(de->en, &x->t,
                      x->command != NULL ? &ask_type : &clean_type, verb,
                      &de->d, NULL);
}

/* Whether the request was still the guest's to obey. */
static bool
was_asking(const struct oplog_entry *j)
{
    size_t i;

    if (j->step[0] == '\0')
        return true;
    for (i = 0; i < COUNT(ask_steps) - COUNT(clean_steps) - 1; i++)
        if (strcmp(j->step, ask_steps[i].label) == 0)
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
is_bare(const struct ending *x)
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
    char uuid[37];
    uint64_t op;

    x->verb = j->verb;
    x->domid = j->domid;
    x->dom_id = de != NULL ? de->d.id : 0;
    memcpy(x->uuid, j->uuid, sizeof(x->uuid));
    x->owned = j->owned;
    x->reason = j->reason;
    x->ran_s = j->ran_s;
    x->restarts = j->restarts;
    x->resumed = true;
    x->kept = x->dom_id == 0 && is_alias(en, j);
    x->again = j->again;
    x->command = command_of(j->verb);
    x->t.en = en;
    x->bare = is_bare(x);
    ask = x->command != NULL && !has_ended(x) && was_asking(j);
    op = task_begin(en, &x->t, ask ? &ask_type : &clean_type, j->verb,
                    de != NULL ? &de->d : NULL, j->name);
    text_fmt(x->t.op->name, sizeof(x->t.op->name), "%s", j->name);
    memcpy(x->t.op->uuid, x->uuid, sizeof(x->uuid));
    uuid_print_text(x->uuid, uuid);
    oplog_note(&x->t, "uuid", "%s", uuid);
    oplog_note(&x->t, "domid", "%u", x->domid);
    oplog_note(&x->t, "owned", "%d", x->owned);
    oplog_note(&x->t, "again", "%d", x->again);
    note_end(x);
    return op;
}
