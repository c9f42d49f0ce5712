/*
 * restart.c - what follows the end of an owned domain: its configuration says
 * so, whoever asked for the end (as with xl), but a destroyed domain is gone.
 * A restart inside the minimum restart time is refused and told: no crash
 * loops.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/end/next_life.h"
#include "engine/life/ending.h"
#include "engine/life/host_stop.h"
#include "engine/life/retry.h"
#include "engine/model/mark.h"
#include "engine/postmortem/postmortem_room.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"

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

enum config_action
restart_action(const struct domain_config *c, enum dom_reason r)
{
    return c->on[end_of(r)];
}

static unsigned
min_s(const struct ending *x)
{
    return x->cfg->restart_min_s != CONFIG_RESTART_MIN_UNSET
               ? x->cfg->restart_min_s
               : engine_options(x->t.en)->restart_min_s;
}

/* A life of unknown length, as of a clock set back, counts as long enough. */
static bool
too_soon(const struct ending *x)
{
    return x->ran_s >= 0 && x->ran_s < min_s(x);
}

static void __attribute__((format(printf, 4, 5)))
restart_tell(const struct ending *x, enum event_kind k, enum event_level l,
             const char *fmt, ...)
{
    struct event head = { .kind = k, .level = l, .domid = x->domid };
    struct buf text = { 0 };
    va_list ap;

    text_fmt(head.name, sizeof(head.name), "%s", x->t.op->name);
    text_fmt(head.reason, sizeof(head.reason), "%s",
             dom_reason_name(x->reason));
    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    event_add_head(x->t.en, &head, "%s", buf_text(&text));
    buf_free(&text);
}

/* It ends as with destroy; but what was to be kept for a look is kept. */
static void
restart_refuse(struct ending *x)
{
    struct postmortem_cause cause = { .why = POSTMORTEM_BOOT };
    struct dom_entry *de = domains_by_id(x->t.en, x->dom_id);
    char detail[128];

    /* Without the seconds, so that the same again is known as the same. */
    text_fmt(detail, sizeof(detail),
             "its %s came within its minimum restart time of %u s",
             dom_reason_name(x->reason), min_s(x));
    cause.detail = detail;
    if (de != NULL)
        postmortem_begin(de, &cause);
    x->fate.again = x->fate.rename = false;
    x->fate.refused = true;
    restart_tell(x, EVENT_REFUSED, EVENT_ERROR,
                 "restart refused after %s: it ran %u s, the minimum is %u s%s",
                 dom_reason_name(x->reason), (unsigned)x->ran_s, min_s(x),
                 x->fate.keep ? "; preserved" : "");
}

static struct fate
fate_of(enum config_action a)
{
    struct fate f = { 0 };

    f.again = a == CONFIG_RESTART || a == CONFIG_RENAME_RESTART ||
              a == CONFIG_COREDUMP_RESTART;
    f.dump = a == CONFIG_COREDUMP_DESTROY || a == CONFIG_COREDUMP_RESTART;
    f.rename = a == CONFIG_RENAME_RESTART;
    f.keep = a == CONFIG_PRESERVE || f.rename;
    return f;
}

bool
restart_config_broken(const struct ending *x)
{
    return x->cfg == NULL && x->no_cfg.code != ERR_NONE &&
           x->no_cfg.code != ERR_NOENT;
}

static void
tell_no_config(const struct ending *x)
{
    if (restart_config_broken(x))
        restart_tell(
            x, EVENT_REFUSED, EVENT_ERROR,
            "removed after %s, whatever its policy; its configuration is "
            "kept: %s",
            dom_reason_name(x->reason), x->no_cfg.msg);
    else if (x->reason == DOM_REBOOT)
        restart_tell(x, EVENT_ENGINE, EVENT_WARN,
                     "not restarted: its configuration is not on record");
}

/* Its device model was lost, and the policy for that is to make it again; or
 * it was reset. */
static int
restart_model_asks(const struct ending *x, bool *asks, struct err *e)
{
    struct err why = { 0 };
    char path[96], text[16];

    *asks = false;
    if (x->reason != DOM_CRASH && x->reason != DOM_REBOOT)
        return 0;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/model", x->domid);
    if (store_read_text(engine_store(x->t.en), 0, path, text, sizeof(text),
                        &why) == 0) {
        *asks = strcmp(text, MARK_MODEL_RESTART) == 0;
        return 0;
    }
    if (why.code == ERR_NOENT)
        return 0;
    *e = why;
    return -1;
}

int
restart_decide(struct ending *x, struct err *e)
{
    memset(&x->fate, 0, sizeof(x->fate));
    if (engine_is(x->t.en, ENGINE_CLOSING) || x->verb == OP_DESTROY ||
        x->reason == DOM_REASON_UNKNOWN)
        return 0;
    if (x->cfg == NULL) {
        tell_no_config(x);
        return 0;
    }
    if (restart_model_asks(x, &x->asked_again, e) < 0)
        return -1;
    if (x->asked_again)
        x->fate = (struct fate){ .again = true };
    else
        x->fate = fate_of(restart_action(x->cfg, x->reason));
    if (x->verb == OP_REBOOT && !x->fate.again)
        restart_tell(x, EVENT_ENGINE, EVENT_WARN,
                     "not restarted: its configuration says on_%s = \"%s\"",
                     dom_reason_name(x->reason),
                     config_action_name(restart_action(x->cfg, x->reason)));
    if (host_stopping(x->t.en)) {
        if (x->fate.again)
            restart_tell(x, EVENT_REFUSED, EVENT_INFO,
                         "not restarted: the host is being stopped");
        x->fate = (struct fate){ .dump = x->fate.dump };
    } else if (x->fate.again && too_soon(x)) {
        restart_refuse(x);
    }
    return 0;
}

/* The domain would be lost for having been asked too early. */
int
restart_check_reboot(struct ending *x, struct err *e)
{
    if (restart_config_broken(x))
        return err_set(e, ERR_INVALID, "'%s' would not come back: %s",
                       x->t.op->name, x->no_cfg.msg);
    if (x->owned && x->cfg == NULL)
        return err_set(e, ERR_INVALID,
                       "'%s' would not come back: its configuration is not on "
                       "record, adopt it with its file",
                       x->t.op->name);
    if (x->cfg == NULL || !too_soon(x) ||
        !fate_of(restart_action(x->cfg, DOM_REBOOT)).again)
        return 0;
    return err_set(e, ERR_INVALID,
                   "'%s' started %u s ago, its minimum restart time is %u "
                   "s: found too early, allowed in %u s",
                   x->t.op->name, (unsigned)x->ran_s, min_s(x),
                   min_s(x) - (unsigned)x->ran_s);
}

void
restart_take_up(struct ending *x, const struct oplog_entry *j)
{
    x->again = j->again;
    x->paused = j->paused;
}

void
restart_note(struct ending *x)
{
    oplog_note(&x->t, "again", "%d", x->again);
    oplog_note(&x->t, "paused", "%d", x->paused);
}

void
restart_begin(struct ending *x)
{
    struct create_opts o = { .again = true,
                             .paused = x->paused,
                             .domid = x->fate.rename ? 0 : x->domid,
                             .restarts = x->restarts + 1 };
    uint64_t op = create_begin(x->t.en, x->cfg, &o);

    x->cfg = NULL; /* the creation's now */
    x->t.op->next = op;
    restart_tell(x, EVENT_RESTART, EVENT_INFO,
                 "restarts after %s (operation %llu)",
                 dom_reason_name(x->reason), (unsigned long long)op);
}

/* For a definition, so that an engine after the next boot of the host knows it
 * too. */
static void
restart_note_refused(struct engine *en, const uint8_t uuid[16])
{
    struct db_state s;

    db_state_load(engine_paths(en)->state, uuid, &s);
    if (!s.defined || s.refused)
        return;
    s.refused = true;
    (void)db_state_save(engine_paths(en)->state, uuid, &s, NULL);
    defs_changed(en, uuid);
}

void
restart_destroyed(struct engine *en, const struct domain_config *c,
                  uint32_t domid, const struct err *why)
{
    const char *dir = engine_paths(en)->state;
    struct event head = { .kind = EVENT_REFUSED,
                          .level = EVENT_ERROR,
                          .domid = domid };
    struct db_state s;

    text_fmt(head.name, sizeof(head.name), "%s", c->name);
    memcpy(head.uuid, c->uuid, sizeof(head.uuid));
    event_add_head(en, &head, "not restarted: %s", why->msg);
    db_state_load(dir, c->uuid, &s);
    if (s.held) {
        s.held = false;
        (void)db_state_save(dir, c->uuid, &s, NULL);
    }
    (void)db_forget(dir, c->uuid, NULL);
    retry_drop(en, c->uuid);
    restart_note_refused(en, c->uuid);
}

/* Cancelled, by a person or by the end of the host: that is no word to forget
 * it. Where its files cannot say so its operation does, to the next engine. */
static void
restart_hold(struct engine *en, const struct domain_config *c,
             const struct create_opts *o, uint64_t op)
{
    const char *dir = engine_paths(en)->state;
    struct db_state s;

    db_state_load(dir, c->uuid, &s);
    s.refused = true;
    s.held = !s.defined;
    if (db_state_save(dir, c->uuid, &s, NULL) == 0) {
        oplog_end_op(en, op);
        op = 0;
    }
    retry_hold(en, c->uuid, c->name, o, op);
}

void
restart_failed(struct engine *en, const struct domain_config *c,
               const struct create_opts *o, uint64_t op, const struct err *why)
{
    bool closing = engine_is(en, ENGINE_CLOSING);

    /* Nobody took the number over: from now on it is to be avoided. */
    if (!closing && o->domid != 0 && domains_by_domid(en, o->domid) == NULL)
        (void)domid_history_add(engine_paths(en)->history, o->domid,
                                loop_now_ms(engine_loop(en)) / 1000, NULL);
    if (why->code == ERR_CANCELLED) {
        restart_hold(en, c, o, op);
    } else if (!closing) { /* else the next engine brings it back */
        retry_keep(en, c->uuid, c->name, o, op, why);
        restart_note_refused(en, c->uuid);
    }
}
