/*
 * served_again.c - the operation that attaches devices again whose driver
 * domain is back: the nodes of both ends go, the guest gets the time to see
 * that, then the same devices are written anew, with the number of the new
 * backend domain. libxl's record of a device stands all the while, so an engine
 * that is killed at any moment leaves one that has lost its backend, and the
 * next engine finds that (served_scan.c): there is nothing to undo.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/device/device_backend.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/served/served_int.h"
#include "engine/record/db.h"
#include "engine/record/recover.h"
#include "engine/task/oplog.h"
#include "engine/task/xl_lock.h"
#include "src/base/xalloc.h"

#define LOCK_POLL_MS  50
#define LOCK_LIMIT_MS 10000
#define SEE_MS        1000  /* four times as long with each further try */
#define RETRY_MS      30000 /* after a failure */

struct again {
    struct task t;
    uint64_t dom_id;
    uint32_t domid;
    uint8_t uuid[16];
    struct domain_config *cfg;
    struct devices ds;
    int lock_fd;
    unsigned tries;
    uint64_t seen_ms; /* the guest has seen it by then; 0: not removed yet */
};

static struct again *
again_self(struct task *t)
{
    return container_of(t, struct again, t);
}

static struct served *
again_next(const struct again *a, struct list_node **it)
{
    struct served_room *r = served_room(a->t.en);

    while (*it != &r->all) {
        struct served *s = list_entry(*it, struct served, node);

        *it = (*it)->next;
        if (s->state == SERVED_BUSY && s->op == a->t.op->id)
            return s;
    }
    return NULL;
}

#define again_foreach(a, it, s)                                                \
    for ((it) = served_room((a)->t.en)->all.next;                              \
         ((s) = again_next(a, &(it))) != NULL;)

/* --- what is to be attached --- */

static const struct dom_device *
again_row(const struct served *s, const struct dom_device *rows, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (strcmp(rows[i].kind, s->kind) == 0 && rows[i].devid == s->devid)
            return &rows[i];
    return NULL;
}

/* The life of the server that it is given to: the one that it was queued for
 * may have ended since. */
static void
again_give(struct served *s, const struct dom *by)
{
    if (s->server_id != by->id || s->tries == 0)
        s->tries = 1;
    s->server_id = by->id;
}

static void
again_add(struct again *a, struct served *s, const struct dom_device *row,
          const struct dom *by)
{
    struct config_device *dev = served_config(row, a->cfg);
    struct device *d;

    if (dev == NULL) { /* or what names it could not be read: tried again */
        s->state = SERVED_LOST;
        event_add_for(a->t.en, EVENT_DEVICE, EVENT_WARN, a->domid,
                      a->t.op->name,
                      "%s %s is not attached again: it is not found in the "
                      "configuration",
                      s->kind, s->name);
        return;
    }
    again_give(s, by);
    device_put_backend(a->t.en, dev, by); /* it may have been renamed */
    d = devices_add(&a->ds, dev);
    d->again = true;
    d->devid = s->devid;
    if (s->tries > a->tries)
        a->tries = s->tries;
}

static int
again_take_row(struct again *a, struct served *s, const struct dom_device *rows,
               size_t n, struct err *e)
{
    const struct dom_device *row = again_row(s, rows, n);
    const struct dom *by = served_server(s);

    if (served_is_gone(s)) {
        served_drop(s);
        return 0;
    }
    if (row == NULL)
        return err_set(e, ERR_IO, "xenstore does not tell where %s %s stands",
                       s->kind, s->name);
    if (by == NULL)
        return err_set(e, ERR_NOENT,
                       "'%s', which is to serve %s %s, does not run now",
                       s->server, s->kind, s->name);
    again_add(a, s, row, by);
    return 0;
}

static int
again_collect(struct again *a, struct err *e)
{
    struct dom_device *rows = xcalloc(DEVICES_MAX, sizeof(*rows));
    struct list_node *it;
    struct served *s;
    size_t n = 0;
    int rc = devices_read(a->t.en, a->domid, rows, DEVICES_MAX, &n, e);

    if (rc == 0)
        rc = db_load(engine_paths(a->t.en)->state, a->uuid, &a->cfg, e);
    if (n > DEVICES_MAX)
        n = DEVICES_MAX;
    if (rc == 0)
        again_foreach(a, it, s) if (again_take_row(a, s, rows, n, e) < 0) rc =
            -1;
    free(rows);
    return rc;
}

/* --- the steps --- */

static bool
again_lives(const struct again *a, struct err *e)
{
    const struct dom_entry *de = domains_by_id(a->t.en, a->dom_id);

    if (de != NULL && !(de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)))
        return true;
    err_set(e, ERR_NOENT, "'%s' has ended", a->t.op->name);
    return false;
}

static enum step_rc
again_run_lock(struct task *t, struct err *e)
{
    struct again *a = again_self(t);
    struct err why = { 0 };

    if (!again_lives(a, e))
        return STEP_FAIL;
    a->lock_fd = xl_lock(engine_paths(t->en)->libxl, a->domid, a->uuid,
                         XL_LOCK_DEVICES, &why);
    if (a->lock_fd < 0 && why.code == ERR_BUSY) {
        task_wake_in(t, LOCK_POLL_MS);
        return STEP_WAIT;
    }
    if (a->lock_fd < 0) {
        *e = why;
        return STEP_FAIL;
    }
    return again_collect(a, e) < 0 || devices_check(&a->ds, e) < 0 ? STEP_FAIL
                                                                   : STEP_DONE;
}

static void
again_unlock(struct again *a)
{
    if (a->lock_fd >= 0)
        xl_unlock(engine_paths(a->t.en)->libxl, a->domid, a->uuid,
                  XL_LOCK_DEVICES, a->lock_fd);
    a->lock_fd = -1;
}

static enum step_rc
again_undo_lock(struct task *t)
{
    again_unlock(again_self(t));
    return STEP_DONE;
}

/* The backend's driver, where there is one, sees its nodes go as the guest
 * does. */
static int
again_remove_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct device *d = arg;
    struct device_place at;
    struct err why = { 0 };
    char front[96];

    if (!device_place_read(d->owner->task->en, d->owner->domid, d->kind,
                           d->devid, &at, &why)) {
        if (why.code == ERR_NOENT)
            return 0; /* device_write refuses it */
        *e = why;
        return -1;
    }
    store_path(front, sizeof(front), "/local/domain/%u/device/%s/%u",
               d->owner->domid, d->kind, d->devid);
    if (store_rm(st, tx, front, e) < 0)
        return -1;
    return store_absent(st, tx, at.back) ? 0
                                         : store_rm_up(st, tx, at.back, 3, e);
}

static enum step_rc
again_run_remove(struct task *t, struct err *e)
{
    struct again *a = again_self(t);
    size_t i;

    for (i = 0; i < a->ds.n; i++)
        if (store_tx_run(engine_store(t->en), again_remove_body, &a->ds.list[i],
                         e) < 0)
            return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
again_run_see(struct task *t, struct err *e)
{
    struct again *a = again_self(t);
    uint64_t now = loop_now_ms(engine_loop(t->en));

    (void)e;
    if (a->ds.n == 0)
        return STEP_DONE;
    if (a->seen_ms == 0)
        a->seen_ms = now + ((uint64_t)SEE_MS << 2 * served_doublings(a->tries));
    if (now >= a->seen_ms)
        return STEP_DONE;
    task_wake_in(t, a->seen_ms - now);
    return STEP_WAIT;
}

/* It may have another life by now than when the devices were collected. */
static void
again_given(const struct again *a, const struct device *d)
{
    const struct dom_entry *by = domains_by_domid(a->t.en, d->back_domid);
    struct list_node *it;
    struct served *s;

    again_foreach(a, it, s)
    {
        if (by != NULL && s->devid == d->devid && strcmp(s->kind, d->kind) == 0)
            again_give(s, &by->d);
    }
}

static enum step_rc
again_run_attach(struct task *t, struct err *e)
{
    struct again *a = again_self(t);
    size_t i;

    if (!again_lives(a, e) || devices_check(&a->ds, e) < 0)
        return STEP_FAIL;
    for (i = 0; i < a->ds.n; i++) {
        struct device *d = &a->ds.list[i];

        device_paths(d);
        d->type->nodes(d);
        if (device_write(d, e) < 0)
            return STEP_FAIL;
        again_given(a, d);
    }
    again_unlock(a);
    return STEP_DONE;
}

static const struct step again_steps[] = {
    { .id = "lock",
      .label = "wait for xl",
      .run = again_run_lock,
      .undo = again_undo_lock,
      .timeout_ms = LOCK_LIMIT_MS,
      .cancellable = true },
    { .id = "remove", .label = "remove what is lost", .run = again_run_remove },
    { .id = "see", .label = "let the guest see it", .run = again_run_see },
    { .id = "attach", .label = "attach again", .run = again_run_attach },
};

/* --- its end --- */

static void
again_ended(struct task *t)
{
    struct again *a = again_self(t);
    struct list_node *it;
    struct served *s;

    if (served_room(t->en) == NULL)
        return;
    again_foreach(a, it, s)
    {
        s->op = 0;
        s->state = SERVED_LOST;
        if (t->op->state == OP_DONE && s->server_id != 0)
            served_wait(s);
    }
    served_look_in(t->en, t->op->state == OP_DONE ? 0 : RETRY_MS);
}

static void
again_free(struct task *t)
{
    struct again *a = again_self(t);

    again_unlock(a);
    devices_fini(&a->ds);
    config_free(a->cfg);
    free(a);
}

/* What has begun is for the next engine. */
static bool
again_stays(const struct task *t)
{
    return t->at > 0 && !t->undoing;
}

static const struct task_type again_type = {
    .steps = again_steps,
    .n_steps = sizeof(again_steps) / sizeof(again_steps[0]),
    .free = again_free,
    .ended = again_ended,
    .stays = again_stays,
};

const struct dom *
served_server(const struct served *s)
{
    const struct dom_entry *de = domains_by_name(s->en, s->server);

    if (de == NULL || de->d.domid == 0 || de->d.domid == DOM_NO_DOMID ||
        de->d.building || de->d.id == s->dom_id ||
        (de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)))
        return NULL;
    return &de->d;
}

static void
again_take(struct served *s, uint64_t op)
{
    const struct dom *by = served_server(s);

    if (by == NULL || s->state != SERVED_LOST)
        return;
    if (s->server_id != by->id)
        s->tries = 0;
    if (s->tries >= SERVED_TRIES)
        return;
    s->server_id = by->id;
    s->tries++;
    s->op = op;
    s->state = SERVED_BUSY;
}

void
served_again(struct engine *en, const struct dom *d)
{
    struct actor before = engine_act_for(en, ENGINE_ITSELF, NULL);
    struct again *a = xcalloc(1, sizeof(*a));
    struct list_node *it;
    uint64_t op;

    a->dom_id = d->id;
    a->domid = a->ds.domid = d->domid;
    memcpy(a->uuid, d->uuid, sizeof(a->uuid));
    a->lock_fd = -1;
    a->ds.task = &a->t;
    op = task_begin(en, &a->t, &again_type, OP_REATTACH, d, NULL);
    list_foreach (it, &served_room(en)->all)
        if (list_entry(it, struct served, node)->dom_id == d->id)
            again_take(list_entry(it, struct served, node), op);
    engine_act_as(en, before);
}

/* --- after a crash --- */

static void
recover_again(struct recovery *r, struct oplog_entry *j)
{
    const struct dom_entry *de = recover_dom(r->en, j);

    if (de == NULL) {
        recover_say(r->en, j, "the domain is gone");
        return;
    }
    recover_say(r->en, j, "it is looked for what its devices lack");
    served_scan(served_room(r->en), de->d.id);
}

void
served_recover_enter(struct engine *en)
{
    recover_enter(en, OP_REATTACH, recover_again);
}
