/*
 * retry.c - see retry.h.
 * Invariant: one entry a uuid. While no attempt is at work its last operation
 * is still on the record of operations.
 */
#include "engine/life/retry.h"

#include <stdlib.h>
#include <string.h>

#include "engine/life/define.h"
#include "engine/life/host_stop.h"
#include "engine/life/life_int.h"
#include "engine/record/db.h"
#include "engine/task/oplog.h"
#include "src/base/xalloc.h"

#define FIRST_MS 10000
#define LAST_MS  600000

struct retry {
    struct engine *en;
    uint8_t uuid[16];
    char name[MODEL_NAME_MAX];
    struct create_opts o;
    uint64_t op; /* on record, 0: none */
    bool at_work;
    uint64_t pause_ms;
    struct err why; /* of the last failure */
    struct loop_timer timer;
    struct list_node node; /* in life_room.retries */
};

static struct retry *
retry_of(const struct engine *en, const uint8_t uuid[16])
{
    struct list_node *it;

    list_foreach (it, &life_room(en)->retries) {
        struct retry *r = list_entry(it, struct retry, node);

        if (memcmp(r->uuid, uuid, sizeof(r->uuid)) == 0)
            return r;
    }
    return NULL;
}

static void
retry_free(struct retry *r)
{
    loop_timer_del(&r->timer);
    list_del(&r->node);
    free(r);
}

static void __attribute__((format(printf, 4, 5)))
retry_tell(const struct retry *r, enum event_kind k, enum event_level l,
           const char *fmt, ...)
{
    struct event head = { .kind = k, .level = l, .domid = r->o.domid };
    struct buf text = { 0 };
    va_list ap;

    text_fmt(head.name, sizeof(head.name), "%s", r->name);
    memcpy(head.uuid, r->uuid, sizeof(head.uuid));
    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    event_add_head(r->en, &head, "%s", buf_text(&text));
    buf_free(&text);
}

/* Its record is taken over by the operation that has just begun, or is over. */
static void
drop_record(struct retry *r)
{
    if (r->op != 0)
        oplog_end_op(r->en, r->op);
    r->op = 0;
}

static int
attempt(struct retry *r, uint64_t *op_out, struct err *e)
{
    struct domain_config *c;
    uint64_t op;

    if (r->at_work)
        return err_set(e, ERR_BUSY, "'%s' is being started", r->name);
    if (db_load(engine_paths(r->en)->state, r->uuid, &c, e) < 0)
        return -1;
    memcpy(c->uuid, r->uuid, sizeof(c->uuid));
    c->uuid_set = true;
    r->at_work = true;
    op = create_begin(r->en, c, &r->o);
    drop_record(r);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

static void retry_due_of(struct loop_timer *lt);

/* The first failure and a new reason are news, the same one again is not. */
static void
wait_more(struct retry *r, const struct err *why)
{
    bool news = r->pause_ms == 0 || strcmp(r->why.msg, why->msg) != 0;

    r->pause_ms = r->pause_ms == 0             ? FIRST_MS
                  : r->pause_ms * 2 <= LAST_MS ? r->pause_ms * 2
                                               : LAST_MS;
    r->why = *why;
    if (news)
        retry_tell(r, EVENT_REFUSED, EVENT_ERROR,
                   "not restarted: %s; tried again in %llu s", why->msg,
                   (unsigned long long)r->pause_ms / 1000);
    if (!engine_options(r->en)->one_shot) /* else the next engine does it */
        loop_timer_arm(engine_loop(r->en), &r->timer, r->pause_ms,
                       retry_due_of);
}

/* Somebody started it meanwhile. A dead one that still holds its memory is
 * waited for. */
static bool
lives_again(const struct retry *r)
{
    const struct dom_entry *de = domains_by_uuid(r->en, r->uuid);

    return de != NULL && !(de->d.flags & DOM_F_DYING) && !de->d.building;
}

static void
retry_due_of(struct loop_timer *lt)
{
    struct retry *r = container_of(lt, struct retry, timer);
    struct engine *en = r->en;
    struct err e = { 0 };

    if (engine_is(en, ENGINE_CLOSING) || r->at_work)
        return;
    if (lives_again(r)) {
        retry_drop(en, r->uuid);
        return;
    }
    if (host_stopping(en)) {
        loop_timer_arm(engine_loop(en), lt, r->pause_ms, retry_due_of);
        return;
    }
    retry_tell(r, EVENT_RESTART, EVENT_INFO, "its restart is tried again");
    if (attempt(r, NULL, &e) == 0)
        return;
    if (e.code == ERR_NOENT) { /* the file itself is gone: given up */
        retry_tell(r, EVENT_REFUSED, EVENT_WARN, "not restarted: %s", e.msg);
        retry_drop(en, r->uuid);
        return;
    }
    wait_more(r, &e);
}

/* The entry of this domain, with no attempt at work. */
static struct retry *
retry_enter(struct engine *en, const uint8_t uuid[16], const char *name,
            const struct create_opts *o, uint64_t op)
{
    struct retry *r = retry_of(en, uuid);

    if (r == NULL) {
        r = xcalloc(1, sizeof(*r));
        r->en = en;
        memcpy(r->uuid, uuid, sizeof(r->uuid));
        list_append(&life_room(en)->retries, &r->node);
    }
    drop_record(r);
    text_fmt(r->name, sizeof(r->name), "%s", name);
    r->o = *o;
    r->op = op;
    r->at_work = false;
    return r;
}

void
retry_keep(struct engine *en, const uint8_t uuid[16], const char *name,
           const struct create_opts *o, uint64_t op, const struct err *why)
{
    wait_more(retry_enter(en, uuid, name, o, op), why);
    defs_reload(en);
}

void
retry_hold(struct engine *en, const uint8_t uuid[16], const char *name,
           const struct create_opts *o, uint64_t op)
{
    struct retry *r = retry_enter(en, uuid, name, o, op);

    loop_timer_del(&r->timer);
    r->pause_ms = 0; /* what fails after this is news */
    retry_tell(r, EVENT_REFUSED, EVENT_WARN,
               "not restarted: cancelled; its configuration is kept: `start "
               "%s' starts it, `destroy %s' gives it up",
               name, name);
    defs_reload(en);
}

bool
retry_pending(const struct engine *en, const uint8_t uuid[16])
{
    return retry_of(en, uuid) != NULL;
}

int
retry_now(struct engine *en, const uint8_t uuid[16], bool paused,
          uint64_t *op_out, struct err *e)
{
    struct retry *r = retry_of(en, uuid);

    if (r == NULL)
        return err_set(e, ERR_NOENT, "no restart of this domain is pending");
    if (!r->at_work)
        r->o.paused = paused;
    return attempt(r, op_out, e);
}

void
retry_drop(struct engine *en, const uint8_t uuid[16])
{
    struct retry *r = retry_of(en, uuid);

    if (r == NULL)
        return;
    drop_record(r);
    retry_free(r);
    defs_reload(en);
}

/* --- giving up --- */

struct giving_up {
    struct task t;
    uint8_t uuid[16];
};

static enum step_rc
run_give_up(struct task *t, struct err *e)
{
    const struct giving_up *g = container_of(t, struct giving_up, t);
    const char *dir = engine_paths(t->en)->state;
    struct db_state s;

    db_state_load(dir, g->uuid, &s);
    s.refused = s.held = false;
    if ((s.defined || s.saved[0] != '\0' ? db_state_save(dir, g->uuid, &s, e)
                                         : db_remove(dir, g->uuid, e)) < 0)
        return STEP_FAIL;
    retry_drop(t->en, g->uuid);
    defs_reload(t->en); /* an earlier engine may have held it */
    return STEP_DONE;
}

static void
giving_up_free(struct task *t)
{
    free(container_of(t, struct giving_up, t));
}

static const struct step giving_up_steps[] = {
    { .id = "give-up", .label = "give up its restart", .run = run_give_up }
};
static const struct task_type giving_up_type = { .steps = giving_up_steps,
                                                 .n_steps = 1,
                                                 .free = giving_up_free };

uint64_t
retry_give_up(struct engine *en, const uint8_t uuid[16], const char *name)
{
    struct giving_up *g = xcalloc(1, sizeof(*g));

    memcpy(g->uuid, uuid, sizeof(g->uuid));
    return task_begin(en, &g->t, &giving_up_type, OP_DESTROY, NULL, name);
}

bool
retry_any(const struct life_room *r)
{
    const struct list_node *it;

    list_foreach (it, &r->retries)
        if (loop_timer_active(&list_entry(it, const struct retry, node)->timer))
            return true;
    return false;
}

void
retry_close(struct life_room *r)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &r->retries)
        retry_free(list_entry(it, struct retry, node));
}
