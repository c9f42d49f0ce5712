/*
 * migrate.c - a domain goes to another host, as a table of steps: may it, could
 * it come there, the way there, its memory passes and it stops, the other side
 * has it all, it is given away, it is removed here. Until it is given away each
 * failure lets it run on here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/life/define.h"
#include "engine/life/migrate/migrate_int.h"
#include "engine/life/migrate/move_tls.h"
#include "engine/model/dom_kind.h"
#include "engine/saved/saved_file.h"
#include "engine/task/xl_line.h"
#include "engine/tls/tls_place.h"
#include "src/base/xalloc.h"

#define GREETING_LIMIT_MS 60000
#define READY_LIMIT_MS    120000
#define ROUNDS            5
#define STOP_MS           300
/* Nobody is there to type a password, and a dead host is found out. */
#define SSH "ssh -o BatchMode=yes -o ServerAliveInterval=10"

static struct dom_entry *
migrate_entry(const struct migrate *m, struct err *e)
{
    struct dom_entry *de = domains_by_id(m->s.t.en, m->s.dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "domain %u no longer exists", m->s.domid);
    return de;
}

/* --- what is known before --- */

static int
note_host(struct migrate *m, const struct dom_entry *de,
          const struct hv_host *host, struct err *e)
{
    struct move_note *n = &m->note;
    const char *dot = strchr(host->version, '.');

    n->xen_major = (unsigned)strtoul(host->version, NULL, 10);
    n->xen_minor = dot != NULL ? (unsigned)strtoul(dot + 1, NULL, 10) : 0;
    n->defined = db_defined(engine_paths(m->s.t.en)->state, m->s.uuid);
    n->n_cpu = MOVE_CPU_WORDS;
    return hv_cpu_features(engine_hv(m->s.t.en), (enum hv_kind)de->d.kind,
                           n->cpu, &n->n_cpu, e);
}

int
migrate_find_live(struct migrate *m, struct err *e)
{
    const struct dom_entry *de = migrate_entry(m, e);
    struct hv_host host;

    if (de == NULL || hv_host(engine_hv(m->s.t.en), &host, e) < 0)
        return -1;
    text_fmt(m->words, sizeof(m->words),
             "shadow %d\nrounds_max %u\nstop_ms %u\n", host.has_shadow,
             m->o.rounds, m->o.stop_ms);
    m->s.out.words = m->words;
    m->live =
        host.has_shadow || (dom_kind_in_container(de->d.kind) && host.has_hap);
    return note_host(m, de, &host, e);
}

static void
tell_stop(const struct migrate *m)
{
    if (m->live)
        return;
    event_add_for(m->s.t.en, EVENT_ENGINE, EVENT_WARN, m->s.domid,
                  m->s.t.op->name,
                  "stands still for all of its way to %s: this Xen has no "
                  "shadow paging, without which it cannot tell what a running "
                  "PV domain writes",
                  m->host);
}

/* What it says so for (a clock that is the host's own) would be lost. */
static int
check_wish(const struct migrate *m, struct err *e)
{
    struct domain_config *c;
    struct err why = { 0 };
    bool stays;

    if (!m->s.owned)
        return 0;
    if (db_load(engine_paths(m->s.t.en)->state, m->s.uuid, &c, &why) < 0) {
        if (why.code == ERR_NOENT)
            return 0;
        *e = why;
        return err_wrap(e, "whether it may move cannot be told");
    }
    stays = c->machine.nomigrate;
    config_free(c);
    if (!stays)
        return 0;
    return err_set(e, ERR_DENIED, "its configuration says nomigrate");
}

static enum step_rc
migrate_run_check(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    struct buf head = { 0 };
    int rc;

    m->begin_ms = loop_now_ms(engine_loop(t->en));
    if (save_check_domain(&m->s, e) < 0 || check_wish(m, e) < 0 ||
        migrate_find_live(m, e) < 0)
        return STEP_FAIL;
    rc = migrate_head(m, MOVE_CHECK, &head, e); /* is there all of it? */
    buf_free(&head);
    if (rc < 0)
        return STEP_FAIL;
    tell_stop(m);
    return STEP_DONE;
}

int
migrate_head(struct migrate *m, enum move_what what, struct buf *out,
             struct err *e)
{
    const struct dom_entry *de = migrate_entry(m, e);
    struct saved_head h = { .ask = what != MOVE_MOVE };
    int rc = -1;

    if (de != NULL)
        rc = save_fill_head(&m->s, de, &h, e);
    if (rc == 0) {
        m->note.what = what;
        move_note_print(&m->note, &h.note);
        saved_head_print(&h, out);
    }
    saved_head_fini(&h);
    return rc;
}

/* --- the way there --- */

static enum step_rc
migrate_run_connect(struct task *t, struct err *e)
{
    return migrate_greet(migrate_of(t), e);
}

static enum step_rc
migrate_undo_connect(struct task *t)
{
    move_link_close(&migrate_of(t)->link);
    return STEP_DONE;
}

/* Its header; then the connection is the helper's. */
static enum step_rc
migrate_run_offer(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    struct buf head = { 0 };
    enum step_rc rc;

    if (!m->offered) {
        if (migrate_head(m, MOVE_MOVE, &head, e) < 0)
            return STEP_FAIL;
        move_link_put(&m->link, head.data, head.len);
        buf_free(&head);
    }
    m->offered = true;
    rc = move_link_flush(&m->link, e);
    if (rc == STEP_DONE)
        m->s.out.fd = m->link.out;
    return rc;
}

static enum step_rc
migrate_run_stream(struct task *t, struct err *e)
{
    struct migrate *m = migrate_of(t);
    enum step_rc rc = outgoing_run(&m->s.out, e);

    if (rc == STEP_FAIL && m->s.out.finished)
        move_link_explain(&m->link, e);
    return rc == STEP_WAIT ? migrate_check_stall(m, e) : rc;
}

/* --- after the death of an engine --- */

static enum step_rc
migrate_run_nothing(struct task *t, struct err *e)
{
    (void)t;
    (void)e;
    return STEP_DONE;
}

static enum step_rc
migrate_run_give_up(struct task *t, struct err *e)
{
    (void)t;
    err_set(e, ERR_LOST, "the engine that migrated it died: undone");
    return STEP_FAIL;
}

#define BEGUN                                                                  \
    {                                                                          \
        .id = "begun", .label = "let it run on", .run = migrate_run_nothing,   \
        .undo = migrate_undo_stream                                            \
    }

#define SETTLE                                                                 \
    { .id = "settle",                                                          \
      .label = "ask whose it is",                                              \
      .run = migrate_run_settle,                                               \
      .cancellable = true },                                                   \
    {                                                                          \
        .id = "end", .label = "end", .run = migrate_run_end                    \
    }

static const struct step migrate_steps[] = {
    { .id = "check", .label = "check", .run = migrate_run_check },
    { .id = "ask",
      .label = "ask the other host",
      .run = migrate_run_ask,
      .undo = migrate_undo_connect,
      .cancellable = true },
    { .id = "connect",
      .label = "connect",
      .run = migrate_run_connect,
      .undo = migrate_undo_connect,
      .timeout_ms = GREETING_LIMIT_MS,
      .late = "see whether the command leads there",
      .cancellable = true },
    { .id = "offer",
      .label = "send its configuration",
      .run = migrate_run_offer,
      .timeout_ms = GREETING_LIMIT_MS,
      .cancellable = true },
    { .id = "stream",
      .label = "send its memory",
      .run = migrate_run_stream,
      .undo = migrate_undo_stream,
      .cancellable = true },
    { .id = "ready",
      .label = "wait for the other host",
      .run = migrate_run_ready,
      .timeout_ms = READY_LIMIT_MS,
      .late = "look at the other host's journal",
      .cancellable = true },
    { .id = "give", .label = "give it away", .run = migrate_run_give },
    SETTLE,
};

static const struct step settle_steps[] = { BEGUN, SETTLE };

static const struct step give_up_steps[] = {
    BEGUN,
    { .id = "give-up", .label = "give up", .run = migrate_run_give_up },
};

static void
migrate_free(struct task *t)
{
    struct migrate *m = migrate_of(t);

    outgoing_fini(&m->s.out);
    move_link_close(&m->link);
    free(m);
}

/* Whose it is may be known by the next engine. */
static bool
migrate_stays(const struct task *t)
{
    const struct migrate *m = container_of(t, const struct migrate, s.t);

    return m->given && !m->refused;
}

static void
migrate_ended(struct task *t)
{
    struct migrate *m = migrate_of(t);

    if (t->op->state != OP_DONE)
        err_wrap(&t->op->err, "migrate '%s' to %s", t->op->name, m->host);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct task_type migrate_type = { .steps = migrate_steps,
                                               .n_steps = COUNT(migrate_steps),
                                               .free = migrate_free,
                                               .ended = migrate_ended,
                                               .stays = migrate_stays };
static const struct task_type settle_type = { .steps = settle_steps,
                                              .n_steps = COUNT(settle_steps),
                                              .free = migrate_free,
                                              .ended = migrate_ended,
                                              .stays = migrate_stays };
static const struct task_type give_up_type = { .steps = give_up_steps,
                                               .n_steps = COUNT(give_up_steps),
                                               .free = migrate_free,
                                               .ended = migrate_ended };

/* --- beginning --- */

static struct migrate *
migrate_new(struct engine *en, const struct dom_entry *de)
{
    struct migrate *m = xcalloc(1, sizeof(*m));
    struct save *s = &m->s;

    save_init(s, en, de);
    s->out.suspend.live = true;
    move_link_init(&m->link, &s->t);
    return m;
}

/* A shell reads it. */
static int
migrate_take_host(struct migrate *m, const char *host, struct err *e)
{
    if (tls_is_place(host) || !migrate_host_ok(host))
        return err_set(e, ERR_INVALID,
                       "migrate: found '%s', allowed the name or address of a "
                       "host, as USER@HOST",
                       host);
    text_fmt(m->host, sizeof(m->host), "%s", host);
    return 0;
}

static int
make_line(struct migrate *m, struct err *e)
{
    const char *command = m->o.command != NULL ? m->o.command : SSH;
    int n = snprintf(m->line, sizeof(m->line), "exec %s %s %s migrate-receive",
                     command, m->host, m->o.to_xl ? "xl" : "xendeck");

    m->o.command = NULL; /* borrowed */
    if (n < 0 || (size_t)n >= sizeof(m->line))
        return err_set(e, ERR_RANGE, "migrate: the command is too long");
    return 0;
}

/* A connection between engines, which takes no command and leads to no xl. */
static int
migrate_take_place(struct migrate *m, const char *place, struct err *e)
{
    struct tls_place p;
    bool v6;

    if (m->o.command != NULL || m->o.to_xl)
        return err_set(e, ERR_INVALID,
                       "migrate: %s cannot be combined with a connection by "
                       "TLS, which leads to the engine there",
                       m->o.to_xl ? "--xl" : "--command");
    if (tls_place_parse(place, &p, e) < 0)
        return err_wrap(e, "migrate");
    if (move_tls_check(m->s.t.en, e) < 0)
        return -1;
    v6 = strchr(p.host, ':') != NULL;
    text_fmt(m->host, sizeof(m->host), "%s", p.host);
    text_fmt(m->line, sizeof(m->line), v6 ? "%s[%s]:%u" : "%s%s:%u", TLS_SCHEME,
             p.host, p.port);
    return 0;
}

static int
migrate_take_way(struct migrate *m, const char *host, struct err *e)
{
    if (tls_is_place(host))
        return migrate_take_place(m, host, e);
    return migrate_take_host(m, host, e) < 0 ? -1 : make_line(m, e);
}

static uint64_t
migrate_begin(struct migrate *m, const struct dom_entry *de,
              const struct task_type *type)
{
    struct task *t = &m->s.t;
    uint64_t op = task_begin(t->en, t, type, OP_MIGRATE, &de->d, NULL);

    oplog_note(t, "file", "%s", m->line);
    oplog_note(t, "host", "%s", m->host);
    oplog_note(t, "want", "%s", m->note.id);
    if (!tls_is_place(m->line)) /* xl has none */
        task_set_xl_words(t, "xl migrate",
                          (const char *const[]){ de->d.name, m->host, NULL });
    return op;
}

int
engine_migrate(struct engine *en, uint64_t dom_id, const char *host,
               const struct migrate_opts *o, uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);
    struct migrate *m;
    uint64_t op;

    if (de == NULL)
        return defs_refuse(en, dom_id, e) != NULL ? 0 : -1;
    if (de->d.domid == 0)
        return err_set(e, ERR_DENIED, "migrate: dom0 is the host itself");
    m = migrate_new(en, de);
    if (o != NULL)
        m->o = *o;
    m->is_xl = m->o.to_xl;
    if (m->o.rounds == 0)
        m->o.rounds = ROUNDS;
    if (m->o.stop_ms == 0)
        m->o.stop_ms = STOP_MS;
    if (migrate_take_way(m, host, e) < 0 || move_id_make(m->note.id, e) < 0) {
        free(m);
        return -1;
    }
    op = migrate_begin(m, de, &migrate_type);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

bool
engine_migrate_is_given(struct engine *en, uint64_t op)
{
    struct task *t = task_by_op(en, op);

    return t != NULL && t->op->verb == OP_MIGRATE && migrate_stays(t);
}

void
migrate_resume(struct engine *en, struct dom_entry *de,
               const struct oplog_entry *j)
{
    struct migrate *m = migrate_new(en, de);
    struct suspend *s = &m->s.out.suspend;

    text_fmt(m->line, sizeof(m->line), "%s", j->file);
    text_fmt(m->host, sizeof(m->host), "%s", j->host);
    text_fmt(m->note.id, sizeof(m->note.id), "%s", j->want);
    s->asked = j->asked;
    s->was_down = !j->asked;
    s->unsure = true;
    m->given = m->lost = j->given;
    m->reported = j->finish;
    m->is_xl = j->to_xl;
    (void)migrate_begin(m, de, j->given ? &settle_type : &give_up_type);
    oplog_note(&m->s.t, "asked", "%d", j->asked);
    oplog_note(&m->s.t, "given", "%d", j->given);
    oplog_note(&m->s.t, "finish", "%d", j->finish);
    oplog_note(&m->s.t, "to_xl", "%d", j->to_xl);
}
