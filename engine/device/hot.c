/*
 * hot.c - devices of a domain that is there: added, removed, a CD changed.
 * One table of steps for the three: what goes, what comes, what is kept on
 * record. libxl's lock is held while nodes and its file change, not while a
 * script runs: the script may need what waits for the lock.
 * Invariant: the node /libxl/DOMID/xendeck/device names the device at work,
 * from before its first node until all is on record; an engine that finds one
 * at its start takes that device out (devices_recover).
 */
#include "engine/device/hot.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/config/core/vdev.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_json.h"
#include "engine/host/rates.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/task/xl_line.h"
#include "engine/task/xl_lock.h"
#include "src/base/xalloc.h"

#define LOCK_POLL_MS  50
#define LOCK_LIMIT_MS 10000
#define SEEN_MS       500 /* in which a guest sees that nodes are gone */

static struct hot *
hot_self(struct task *t)
{
    return container_of(t, struct hot, t);
}

static const struct dom *
dom_of(const struct hot *h, struct err *e)
{
    const struct dom_entry *de = domains_by_id(h->t.en, h->dom_id);

    if (de != NULL && !(de->d.flags & DOM_F_DYING))
        return &de->d;
    err_set(e, ERR_NOENT, "'%s' has ended", h->t.op->name);
    return NULL;
}

/* --- libxl's locks --- */

static void
hot_poll_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct hot, poll)->t);
}

static void
unlock(struct hot *h)
{
    const char *dir;

    loop_timer_del(&h->poll);
    if (h->t.en == NULL)
        return; /* never begun */
    dir = engine_paths(h->t.en)->libxl;
    xl_unlock(dir, h->domid, h->uuid, XL_LOCK_USERDATA, h->data_fd);
    xl_unlock(dir, h->domid, h->uuid, XL_LOCK_DEVICES, h->lock_fd);
    h->data_fd = h->lock_fd = -1;
}

static bool
lock(struct hot *h, struct err *e)
{
    const char *dir = engine_paths(h->t.en)->libxl;

    if (h->lock_fd < 0)
        h->lock_fd = xl_lock(dir, h->domid, h->uuid, XL_LOCK_DEVICES, e);
    if (h->lock_fd >= 0 && h->data_fd < 0)
        h->data_fd = xl_lock(dir, h->domid, h->uuid, XL_LOCK_USERDATA, e);
    return h->data_fd >= 0;
}

/* xl holds them for moments only. */
static enum step_rc
wait_lock(struct hot *h, struct err *e)
{
    struct err why = { 0 };

    if (lock(h, &why))
        return STEP_DONE;
    if (why.code != ERR_BUSY) {
        *e = why;
        return STEP_FAIL;
    }
    loop_timer_arm(engine_loop(h->t.en), &h->poll, LOCK_POLL_MS, hot_poll_due);
    return STEP_WAIT;
}

/* What it is about: both sets hold the same device if they hold any. */
static const struct device *
subject(const struct hot *h)
{
    return h->out.n > 0 ? &h->out.list[0] : &h->in.list[0];
}

/* --- the mark --- */

static void
hot_mark_path(const struct hot *h, char *dst, size_t n)
{
    store_path(dst, n, "/libxl/%u/" MARK_DIR "/device", h->domid);
}

static int
mark(struct hot *h, struct err *e)
{
    const struct device *d = subject(h);
    char path[96];

    hot_mark_path(h, path, sizeof(path));
    h->marked = h->marked_once = true;
    return store_writef(engine_store(h->t.en), 0, e, path, "%s %u %s", d->kind,
                        d->devid, d->name);
}

/* A domain of others had no such directory. */
static int
unmark(struct hot *h, struct err *e)
{
    char path[96];

    if (!h->marked || domains_by_id(h->t.en, h->dom_id) == NULL)
        return 0;
    hot_mark_path(h, path, sizeof(path));
    if (store_rm_up(engine_store(h->t.en), 0, path, 1, e) < 0)
        return -1;
    h->marked = false;
    return 0;
}

/* --- what is on record --- */

static bool
same_device(const struct hot *h, const struct config_device *c, size_t nth)
{
    const struct device *d = subject(h);
    const struct device_type *type = device_traits(d->kind);

    if (strcmp(c->kind, d->kind) != 0)
        return false;
    if (type->is_config == NULL || (type->note_id != NULL && d->id[0] == '\0'))
        return nth == h->place;
    return type->is_config(d, c);
}

static void
config_remove(const struct hot *h, struct domain_config *c)
{
    size_t i, nth = 0;

    for (i = 0; i < c->n_devices; i++) {
        if (same_device(h, &c->devices[i], nth)) {
            config_device_del(c, i);
            return;
        }
        nth += strcmp(c->devices[i].kind, subject(h)->kind) == 0;
    }
}

static int
store_config(struct hot *h, bool out, const struct config_device *in,
             struct err *e)
{
    const char *dir = engine_paths(h->t.en)->state;
    struct domain_config *c;
    struct err why = { 0 };
    int rc = 0;

    if (!h->owned)
        return 0;
    if (db_load(dir, h->uuid, &c, &why) < 0) {
        if (why.code == ERR_NOENT)
            return 0; /* made before there was a record */
        *e = why;
        return -1;
    }
    if (out)
        config_remove(h, c);
    if (in != NULL)
        rc = device_config_add(in, c, e);
    if (rc == 0)
        rc = db_save(dir, h->uuid, c, e);
    config_free(c);
    return rc;
}

static int
store_json(struct hot *h, const struct device *d, const struct config_device *c,
           struct err *e)
{
    const struct dom_entry *de = domains_by_id(h->t.en, h->dom_id);

    if (de == NULL)
        return 0; /* its files go with it */
    return devices_json_change(h->t.en, &de->d, d->type, c, d->devid, e);
}

/* --- the steps --- */

/* Before anything is locked or taken out. */
static enum step_rc
hot_run_files(struct task *t, struct err *e)
{
    struct hot *h = hot_self(t);

    if (!h->listed)
        devices_files(&h->in, &h->look);
    h->listed = true;
    return file_look_run(&h->look, t, e);
}

static enum step_rc
run_lock(struct task *t, struct err *e)
{
    struct hot *h = hot_self(t);

    if (dom_of(h, e) == NULL)
        return STEP_FAIL;
    return wait_lock(h, e);
}

/* A mark that stays would cost the device at the next start: tried twice. */
static enum step_rc
undo_lock(struct task *t)
{
    struct hot *h = hot_self(t);
    struct err e = { 0 };
    int rc;

    unlock(h);
    if (t->abandoned)
        return STEP_DONE; /* the mark is for the next engine */
    rc = unmark(h, &e);
    if (rc < 0)
        rc = unmark(h, &e);
    if (rc < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    return STEP_DONE;
}

static enum step_rc
run_out(struct task *t, struct err *e)
{
    struct hot *h = hot_self(t);
    enum step_rc rc;

    if (h->out.n == 0)
        return STEP_DONE;
    if (!h->marked && mark(h, e) < 0)
        return STEP_FAIL;
    unlock(h);
    rc = devices_detach(&h->out, h->force, e);
    h->gone = rc == STEP_DONE;
    return rc;
}

/* A drive that stays without its medium says so on record. */
static enum step_rc
undo_out(struct task *t)
{
    struct hot *h = hot_self(t);
    struct err e = { 0 };

    if (t->abandoned || !h->gone || h->drive == NULL)
        return STEP_DONE;
    if (store_json(h, &h->out.list[0], NULL, &e) < 0 ||
        store_config(h, true, h->drive, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    return STEP_DONE;
}

/* Before the mark, for that condemns the device it names. */
static int
check_new(struct hot *h, struct err *e)
{
    const struct device *d = &h->in.list[0];
    struct device_place at;
    struct err why = { 0 };

    if (h->out.n > 0 || d->type->attach != NULL)
        return 0;
    if (!device_place_read(h->t.en, h->domid, d->kind, d->devid, &at, &why)) {
        *e = why;
        return why.code == ERR_NOENT ? 0 : -1;
    }
    return device_refuse(d, e, ERR_EXISTS, NULL,
                         "the domain has this device already");
}

/* Linux (6.1) takes no device that comes in the place of another before it has
 * seen that one go. */
static bool
hot_sees_it_go(struct hot *h)
{
    uint64_t now = loop_now_ms(engine_loop(h->t.en));

    if (h->out.n == 0 || h->in.begun)
        return false;
    if (h->gone_ms == 0)
        h->gone_ms = now;
    if (now - h->gone_ms >= SEEN_MS)
        return false;
    loop_timer_arm(engine_loop(h->t.en), &h->poll, SEEN_MS, hot_poll_due);
    return true;
}

/* The first call writes nodes and libxl's file under the lock. */
static enum step_rc
run_in(struct task *t, struct err *e)
{
    struct hot *h = hot_self(t);
    enum step_rc rc;

    if (h->in.n == 0)
        return STEP_DONE;
    if (hot_sees_it_go(h))
        return STEP_WAIT;
    if (!h->in.begun) {
        rc = wait_lock(h, e);
        if (rc != STEP_DONE)
            return rc;
        if (devices_check(&h->in, e) < 0 || check_new(h, e) < 0 ||
            (!h->marked && mark(h, e) < 0))
            return STEP_FAIL;
    }
    rc = devices_attach(&h->in, e);
    if (rc == STEP_FAIL)
        return rc;
    if (!h->written && store_json(h, &h->in.list[0], h->in.list[0].cfg, e) < 0)
        return STEP_FAIL;
    h->written = true;
    unlock(h);
    return rc;
}

static enum step_rc
undo_in(struct task *t)
{
    struct hot *h = hot_self(t);
    struct err e = { 0 };

    if (t->abandoned)
        return STEP_DONE;
    if (h->in.n == 0 || devices_undo(&h->in) == STEP_WAIT)
        return h->in.n == 0 ? STEP_DONE : STEP_WAIT;
    if (!h->written)
        return STEP_DONE;
    if (!lock(h, &e) && e.code == ERR_BUSY && h->undo_polls++ < 100) {
        loop_timer_arm(engine_loop(t->en), &h->poll, LOCK_POLL_MS,
                       hot_poll_due);
        return STEP_WAIT;
    }
    if (store_json(h, &h->in.list[0], NULL, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    h->written = false;
    unlock(h);
    return STEP_DONE;
}

static enum step_rc
hot_run_model(struct task *t, struct err *e)
{
    struct hot *h = hot_self(t);
    const struct dom *d = dom_of(h, e);

    if (h->in.n == 0)
        return STEP_DONE;
    if (d == NULL)
        return STEP_FAIL;
    return device_models(t->en)->start(
        &h->model, &h->in,
        &(struct dm_want){ .name = d->name, .mem_kib = d->mem_kib }, e);
}

static enum step_rc
hot_undo_model(struct task *t)
{
    return device_models(t->en)->undo(&hot_self(t)->model);
}

/* What went is gone for good: its record must follow. What came is taken back
 * if it cannot be put on record. */
static enum step_rc
hot_run_record(struct task *t, struct err *e)
{
    struct hot *h = hot_self(t);
    const struct config_device *in = h->in.n > 0 ? h->in.list[0].cfg : h->drive;
    enum step_rc rc = wait_lock(h, e);
    bool out;

    if (rc != STEP_DONE)
        return rc;
    if (h->in.n == 0 && store_json(h, &h->out.list[0], NULL, e) < 0)
        return STEP_FAIL;
    /* Under the name of a disk another may be on record, which xl removed. */
    out = h->out.n > 0 || h->drive != NULL || subject(h)->type == &device_vbd;
    if (store_config(h, out, in, e) < 0)
        return STEP_FAIL;
    (void)undo_lock(t);
    return STEP_DONE;
}

static const struct step steps[] = {
    { .id = "files",
      .label = "look at its files",
      .run = hot_run_files,
      .cancellable = true },
    { .id = "lock",
      .label = "wait for xl",
      .run = run_lock,
      .undo = undo_lock,
      .timeout_ms = LOCK_LIMIT_MS,
      .cancellable = true },
    { .id = "detach", .label = "detach", .run = run_out, .undo = undo_out },
    { .id = "attach",
      .label = "attach",
      .run = run_in,
      .undo = undo_in,
      .cancellable = true },
    { .id = "model",
      .label = "start device model",
      .run = hot_run_model,
      .undo = hot_undo_model,
      .timeout_ms = DM_START_LIMIT_MS,
      .cancellable = true },
    { .id = "record",
      .label = "record",
      .run = hot_run_record,
      .timeout_ms = LOCK_LIMIT_MS },
};

static void
hot_free(struct task *t)
{
    struct hot *h = hot_self(t);

    unlock(h);
    file_look_fini(&h->look);
    store_watch_del(&h->model.watch);
    devices_fini(&h->in);
    devices_fini(&h->out);
    if (h->drive != NULL) {
        config_device_fini(h->drive);
        free(h->drive);
    }
    config_device_fini(&h->dev);
    free(h);
}

static void
tell_device(struct hot *h, const struct device *d, const char *what)
{
    event_add_for(h->t.en, EVENT_DEVICE, EVENT_INFO, h->domid, h->t.op->name,
                  "%s %s %s%s", d->kind, d->name, what,
                  d->force ? " by force" : "");
}

static void
hot_ended(struct task *t)
{
    struct hot *h = hot_self(t);

    /* Only what the guest refuses can be taken from it. */
    t->op->offer_force = t->op->state == OP_FAILED && !h->force &&
                         h->in.n == 0 && !h->gone &&
                         t->op->err.code == ERR_TIMEOUT && h->marked_once;
    rates_stale(t->en);
    if (t->op->state != OP_DONE)
        return;
    if (h->out.n > 0)
        tell_device(h, &h->out.list[0], "removed");
    if (h->in.n > 0)
        tell_device(h, &h->in.list[0], "attached");
}

/* What the guest was told to let go of cannot be given back to it. */
static bool
hot_stays(const struct task *t)
{
    const struct hot *h = container_of(t, const struct hot, t);

    return h->out.n > 0 && h->marked && !t->undoing;
}

static const struct task_type type = { .steps = steps,
                                       .n_steps =
                                           sizeof(steps) / sizeof(steps[0]),
                                       .free = hot_free,
                                       .ended = hot_ended,
                                       .stays = hot_stays };

struct hot *
hot_new(const struct dom *d)
{
    struct hot *h = xcalloc(1, sizeof(*h));

    h->dom_id = d->id;
    h->domid = d->domid;
    h->owned = d->owned;
    memcpy(h->uuid, d->uuid, sizeof(h->uuid));
    h->lock_fd = h->data_fd = -1;
    h->in.task = h->out.task = &h->t;
    h->in.domid = h->out.domid = d->domid;
    return h;
}

void
hot_drop(struct hot *h)
{
    h->t.en = NULL;
    hot_free(&h->t);
}

uint64_t
hot_begin(struct engine *en, struct hot *h, enum op_verb verb,
          const struct dom *d, const char *xl)
{
    uint64_t op = task_begin(en, &h->t, &type, verb, d, NULL);

    task_set_xl(&h->t, "%s", xl);
    return op;
}
