/*
 * migrate_give.c - whose is the domain? The other side has all of it and waits
 * for the permission to let it run. From the permission on it is the other
 * side's, unless that says that it is not; a sender that hears nothing asks,
 * and keeps the domain suspended until there is an answer.
 */
#include <string.h>

#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/life/migrate/migrate_int.h"

#define REPORT_LIMIT_MS 60000
#define AGAIN_MS        5000
#define BUSY_MS         1000
#define TELL_AFTER      6 /* questions without an answer */

static bool
said(const struct buf *got, size_t at, const char *what, size_t n)
{
    return got->len >= at + n && memcmp(got->data + at, what, n) == 0;
}

enum step_rc
migrate_run_ready(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    enum step_rc rc = move_link_read(&m->link, sizeof(MOVE_READY), e);

    if (rc != STEP_DONE)
        return rc;
    if (!said(&m->link.got, 0, MOVE_READY, sizeof(MOVE_READY))) {
        err_set(e, ERR_INVALID, "the other host does not say that it has it");
        return STEP_FAIL;
    }
    move_link_used(&m->link);
    return STEP_DONE;
}

/* --- held: what is known of it after a power cut, which takes the operation's
 * own record along */

static int
migrate_hold(const struct migrate *m, bool held, struct err *e)
{
    const char *dir = engine_paths(m->s.t.en)->state;
    struct db_state st;

    if (!m->s.owned)
        return 0;
    db_state_load(dir, m->s.uuid, &st);
    if (st.held == held && !st.unread)
        return 0;
    st.held = held;
    if (db_state_save(dir, m->s.uuid, &st, e) < 0)
        return -1;
    defs_changed(m->s.t.en, m->s.uuid);
    return 0;
}

/* Whose it is is known: no boot has to wait for an operator. */
static void
migrate_unhold(struct migrate *m)
{
    struct err e = { 0 };

    if (m->unheld)
        return;
    m->unheld = true;
    if (migrate_hold(m, false, &e) < 0)
        event_add_for(m->s.t.en, EVENT_ENGINE, EVENT_WARN, m->s.domid,
                      m->s.t.op->name,
                      "its record may say that it does not start with the "
                      "host: %s",
                      e.msg);
}

/* --- the permission */

static void
note_given(struct migrate *m, bool given)
{
    m->given = given;
    oplog_note(&m->s.t, "to_xl", "%d", m->is_xl);
    oplog_note(&m->s.t, "given", "%d", given);
}

static void
note_taken(struct migrate *m)
{
    m->reported = true;
    oplog_note(&m->s.t, "finish", "1");
}

/* It is ours again: what follows undoes all. */
static enum step_rc
ours_again(struct migrate *m, struct err *e, const char *why)
{
    m->refused = true;
    migrate_unhold(m);
    note_given(m, false);
    err_set(e, ERR_LOST, "%s: it runs on here", why);
    move_link_explain(&m->link, e);
    return STEP_FAIL;
}

static enum step_rc
give_permission(struct migrate *m, struct err *e)
{
    if (!m->given) {
        if (migrate_hold(m, true, e) < 0) {
            err_wrap(e, "it is not given away, for its record cannot say so");
            return STEP_FAIL;
        }
        note_given(m, true);
        move_link_put(&m->link, MOVE_GO, sizeof(MOVE_GO));
        m->go_until_ms = loop_now_ms(engine_loop(m->s.t.en)) + REPORT_LIMIT_MS;
    }
    return move_link_flush(&m->link, e);
}

static enum step_rc
hear_report(struct migrate *m, struct err *e)
{
    const size_t n = sizeof(MOVE_REPORT) + 1;
    const struct buf *got = &m->link.got;
    enum step_rc rc = move_link_read(&m->link, n, e);

    if (rc != STEP_DONE)
        return rc;
    if (!said(got, 0, MOVE_REPORT, sizeof(MOVE_REPORT))) {
        err_set(e, ERR_INVALID, "the other host's report is garbled");
        return STEP_FAIL;
    }
    if (got->data[n - 1] == 0) {
        note_taken(m);
        return STEP_DONE;
    }
    rc = move_link_read(&m->link, n + sizeof(MOVE_GO), e);
    if (rc == STEP_DONE && said(got, n, MOVE_GO, sizeof(MOVE_GO)))
        m->refused = true;
    else if (rc == STEP_DONE)
        rc = STEP_FAIL;
    return rc;
}

/* True: nobody has heard what was to be said. */
static bool
unheard(const struct migrate *m)
{
    return m->link.put.len == sizeof(MOVE_GO);
}

enum step_rc
migrate_run_give(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    enum step_rc rc = give_permission(m, e);
    uint64_t now = loop_now_ms(engine_loop(t->en));

    if (rc == STEP_FAIL && !m->given)
        return rc;
    if (rc == STEP_FAIL && unheard(m))
        return ours_again(m, e, "the connection was lost");
    if (rc == STEP_DONE)
        rc = hear_report(m, e);
    if (m->refused)
        return ours_again(m, e, "the other host could not start it");
    if (rc == STEP_WAIT && now < m->go_until_ms) {
        task_wake_in(t, m->go_until_ms - now);
        return rc;
    }
    m->lost = rc != STEP_DONE;
    if (m->lost)
        event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, m->s.domid, t->op->name,
                      "%s was told to run it and has not confirmed that: it "
                      "stays suspended here until that is known",
                      m->host);
    err_clear(e);
    return STEP_DONE;
}

/* --- nobody knows */

static void
tell_operator(struct migrate *m)
{
    if (m->told)
        return;
    m->told = true;
    event_add_for(m->s.t.en, EVENT_ENGINE, EVENT_ERROR, m->s.domid,
                  m->s.t.op->name,
                  "%s does not say whether it runs there: look, then `cancel "
                  "%llu' lets it run on here, or `destroy %s' ends what is "
                  "here",
                  m->host, (unsigned long long)m->s.t.op->id, m->s.t.op->name);
}

static enum step_rc
ask_again(struct migrate *m, uint64_t ms)
{
    m->again_ms = loop_now_ms(engine_loop(m->s.t.en)) + ms;
    task_wake_in(&m->s.t, ms);
    return STEP_WAIT;
}

static enum step_rc
settle_answer(struct migrate *m, enum move_answer a, struct err *e)
{
    if (a == MOVE_TAKEN) {
        note_taken(m);
        return STEP_DONE;
    }
    if (a == MOVE_FREE)
        return ours_again(m, e,
                          "the connection was lost before the other host "
                          "took it");
    return ask_again(m, BUSY_MS);
}

enum step_rc
migrate_run_settle(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    uint64_t now = loop_now_ms(engine_loop(t->en));
    enum move_answer a = MOVE_BUSY;
    char sentence[256];
    enum step_rc rc;

    if (!m->lost || m->reported)
        return STEP_DONE;
    if (m->is_xl) { /* it answers no questions */
        tell_operator(m);
        return STEP_WAIT;
    }
    if (now < m->again_ms)
        return ask_again(m, m->again_ms - now);
    if (m->again_ms == 0 && m->link.in >= 0) /* that which was lost */
        move_link_close(&m->link);
    if (m->again_ms == 0) {
        move_link_init(&m->link, t);
        m->greeted = m->offered = false;
        m->again_ms = now;
    }
    rc = migrate_ask(m, MOVE_SETTLE, &a, sentence, sizeof(sentence), e);
    if (rc == STEP_DONE)
        return settle_answer(m, a, e);
    if (rc == STEP_WAIT)
        return rc;
    err_clear(e);
    if (++m->tries >= TELL_AFTER)
        tell_operator(m);
    return ask_again(m, AGAIN_MS);
}

/* --- the end here */

/* An operator who cancels has looked, and knows that it does not run there. */
enum step_rc
migrate_undo_stream(struct task *t)
{
    struct migrate *m = migrate_of(t);

    move_link_close(&m->link);
    if (m->given && !m->refused && t->err.code != ERR_CANCELLED)
        return STEP_DONE;
    migrate_unhold(m); /* an engine that died may have begun to give it */
    return outgoing_undo(&m->s.out);
}

static void
tell_moved(struct migrate *m)
{
    uint64_t now = loop_now_ms(engine_loop(m->s.t.en));
    const struct outgoing *o = &m->s.out;
    char sent[64] = "", stood[96] = "", label[128];

    if (o->rounds > 0)
        text_fmt(sent, sizeof(sent), ", %llu MiB in %llu rounds while it ran",
                 (unsigned long long)o->sent_kib / 1024,
                 (unsigned long long)o->rounds);
    if (o->down_ms > 0)
        text_fmt(stood, sizeof(stood), " in %.1f s, it stood still for %llu ms",
                 (double)(now - m->begin_ms) / 1000,
                 (unsigned long long)(now - o->down_ms));
    event_add_for(m->s.t.en, EVENT_ENGINE, EVENT_INFO, m->s.domid,
                  m->s.t.op->name, "has moved to %s%s%s", m->host, stood, sent);
    text_fmt(label, sizeof(label), "moved%s", stood);
    task_progress(&m->s.t, 100, label);
}

/* A definition goes along, to where it is understood. */
static void
leave_definition(struct migrate *m)
{
    const char *dir = engine_paths(m->s.t.en)->state;
    struct db_state st;

    db_state_load(dir, m->s.uuid, &st);
    if (!st.defined || !m->is_ours)
        migrate_unhold(m);
    if (!st.defined)
        return;
    if (!m->is_ours) {
        event_add_for(m->s.t.en, EVENT_ENGINE, EVENT_WARN, m->s.domid,
                      m->s.t.op->name,
                      "is still defined here, and runs on %s: undefine it, or "
                      "it may be started twice",
                      m->host);
        return;
    }
    st.defined = st.held = false;
    (void)db_state_save(dir, m->s.uuid, &st, NULL);
    defs_changed(m->s.t.en, m->s.uuid);
}

/* What removes it is on record before this is off it. */
enum step_rc
migrate_run_end(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    struct dom_entry *de = domains_by_id(t->en, m->s.dom_id);

    (void)e;
    move_link_close(&m->link);
    tell_moved(m);
    leave_definition(m);
    if (de != NULL)
        t->op->next = ending_begin_as(de, DOM_MIGRATED);
    return STEP_DONE;
}
