/*
 * destroy.c - a destruction always wins. It ends the life of a domain, whatever
 * is at work on it and whatever its domid is by then: what this engine has at
 * work is ended where it stands (the destruction removes all that it made), a
 * restart does not take place, and a domain between two lives does not come
 * back.
 */
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/config/core/uuid.h"
#include "engine/life/define.h"
#include "engine/life/end/ending_int.h"
#include "engine/life/life.h"
#include "engine/life/life_int.h"
#include "engine/life/retry.h"
#include "engine/task/tasks.h"

/* --- lives that follow one another --- */

void
lives_follow(const struct ending *x)
{
    struct life_room *r = life_room(x->t.en);
    struct dom *d = &r->lives[r->next_life].d;

    r->next_life = (r->next_life + 1) % LIVES_KEPT;
    *d = (struct dom){ .id = x->dom_id,
                       .domid = DOM_NO_DOMID,
                       .off = true,
                       .owned = true,
                       .cpu_pct = -1,
                       .rates = { -1, -1, -1, -1 } };
    memcpy(d->uuid, x->uuid, sizeof(d->uuid));
    text_fmt(d->name, sizeof(d->name), "%s", x->t.op->name);
}

/* The last life that was listed under this id; NULL: none had a next one. */
static const struct dom *
last_life(const struct life_room *r, uint64_t id)
{
    size_t i;

    for (i = 0; i < LIVES_KEPT; i++)
        if (id != 0 && r->lives[i].d.id == id)
            return &r->lives[i].d;
    return NULL;
}

/* An end that is followed by a next life, or the creation of that. */
static bool
works_on_uuid(struct task *t, void *arg)
{
    return t->op->verb != OP_DESTROY && !t->undoing &&
           memcmp(t->op->uuid, arg, sizeof(t->op->uuid)) == 0;
}

static bool
is_coming(const struct engine *en, const uint8_t uuid[16])
{
    uint8_t want[16];

    memcpy(want, uuid, sizeof(want));
    return uuid_known(uuid) && domains_by_uuid(en, uuid) == NULL &&
           tasks_find(en, works_on_uuid, want) != NULL;
}

const struct dom *
life_between(struct dom_observer *o, const char *name, uint64_t id)
{
    const struct life_room *r = container_of(o, struct life_room, doms);
    uint8_t uuid[16];
    bool is_uuid = name != NULL && uuid_parse_text(name, uuid);
    size_t i;

    for (i = 0; i < LIVES_KEPT; i++) {
        const struct dom *d = &r->lives[i].d;
        bool is_it = name == NULL ? d->id == id
                     : is_uuid    ? memcmp(d->uuid, uuid, sizeof(uuid)) == 0
                                  : strcmp(d->name, name) == 0;

        if (d->id != 0 && is_it && is_coming(r->en, d->uuid))
            return d;
    }
    return NULL;
}

/* --- what is at work --- */

struct overtaking {
    uint64_t dom_id, by; /* 0: it has no life; the destruction */
    const uint8_t *uuid;
};

/* A destruction that is at work already does just this: the new one queues, but
 * does not wait for one that can be taken back still. */
static bool
overtake_one(struct task *t, void *arg)
{
    const struct overtaking *o = arg;
    bool is_its = (o->dom_id != 0 && t->op->dom_id == o->dom_id) ||
                  (uuid_known(o->uuid) &&
                   memcmp(t->op->uuid, o->uuid, sizeof(t->op->uuid)) == 0);
    struct err why = { 0 };

    if (!is_its || t->op->id == o->by ||
        (t->op->verb == OP_DESTROY && t->started && !t->op->undo))
        return false;
    err_set(&why, ERR_CANCELLED, "'%s' is destroyed (operation %llu)",
            t->op->name, (unsigned long long)o->by);
    task_overtake(t, &why);
    return false;
}

/* The destruction is on record before what it ends is off it. */
static uint64_t
destroy_life(struct engine *en, struct dom_entry *de, const struct dom *d)
{
    char name[MODEL_NAME_MAX];
    uint8_t uuid[16];
    struct overtaking o = { .dom_id = de != NULL ? de->d.id : 0, .uuid = uuid };

    if (de != NULL)
        d = &de->d;
    memcpy(uuid, d->uuid, sizeof(uuid));
    text_fmt(name, sizeof(name), "%s", d->name);
    o.by = de != NULL ? ending_overtake(de) : ending_unborn(en, uuid, name);
    (void)tasks_find(en, overtake_one, &o);
    return o.by;
}

/* Its restart failed, or was cancelled. */
static bool
is_to_come(const struct engine *en, const uint8_t uuid[16])
{
    const struct def *f = defs_by_uuid(en, uuid);

    return retry_pending(en, uuid) || (f != NULL && f->held);
}

int
engine_destroy(struct engine *en, uint64_t dom_id, uint64_t *op_out,
               struct err *e)
{
    struct dom_entry *de = domains_by_id(en, dom_id);
    const struct dom *d = de != NULL ? &de->d : defs_off_by_id(en, dom_id);
    uint64_t op;

    if (de != NULL && de->d.domid == 0)
        return err_set(e, ERR_DENIED, "%s: dom0 is the host itself",
                       op_verb_name(OP_DESTROY));
    if (d == NULL)
        d = last_life(life_room(en), dom_id);
    if (d != NULL && de == NULL && uuid_known(d->uuid)) /* its next life */
        de = domains_by_uuid(en, d->uuid);
    if (de == NULL && d != NULL && !is_coming(en, d->uuid) &&
        is_to_come(en, d->uuid)) {
        op = retry_give_up(en, d->uuid, d->name);
        if (op_out != NULL)
            *op_out = op;
        return 0;
    }
    if (de == NULL && (d == NULL || !is_coming(en, d->uuid)))
        return defs_refuse(en, dom_id, e) != NULL ? 0 : -1;
    op = destroy_life(en, de, d);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

/* --- that can be taken back --- */

static bool
works_on_it(struct task *t, void *arg)
{
    const struct dom *d = arg;

    return t->op->dom_id == d->id ||
           (uuid_known(d->uuid) &&
            memcmp(t->op->uuid, d->uuid, sizeof(d->uuid)) == 0);
}

bool
engine_destroy_waits(const struct engine *en, uint64_t dom_id)
{
    struct dom_entry *de = domains_by_id(en, dom_id);

    return de != NULL && de->d.domid != 0 && !de->d.building &&
           (de->d.flags & DOM_F_DYING) == 0 &&
           tasks_find(en, works_on_it, &de->d) == NULL;
}

int
engine_destroy_after(struct engine *en, uint64_t dom_id, unsigned seconds,
                     uint64_t *op_out, struct err *e)
{
    uint64_t op;

    if (seconds == 0 || !engine_destroy_waits(en, dom_id))
        return engine_destroy(en, dom_id, op_out, e);
    op = ending_after(domains_by_id(en, dom_id), seconds);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

static bool
can_be_undone(struct task *t, void *arg)
{
    const uint64_t *dom_id = arg;

    return t->op->dom_id == *dom_id && t->op->undo;
}

uint64_t
engine_destroy_undo(const struct engine *en, uint64_t dom_id)
{
    const struct task *t = tasks_find(en, can_be_undone, &dom_id);

    return t != NULL ? t->op->id : 0;
}
