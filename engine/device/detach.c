/*
 * detach.c - a device leaves a domain: in order (the guest's driver is asked
 * and lets go) or by force (its frontend is taken away, as when the domain is
 * destroyed), then its script, then its nodes.
 * Facts of Xen: online 0 and state 5 ask; state 6 is the answer, within 10 s.
 * Taking the frontend away first makes the backend see its peer gone. The
 * script runs after state 6 in any case; its failure is only logged.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/device/device.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/model_server.h"
#include "engine/device/served/served.h"
#include "engine/device/step.h"
#include "src/base/xalloc.h"

#define CLOSE_LIMIT_MS 10000 /* libxl's LIBXL_DESTROY_TIMEOUT */
#define USER_LIMIT_MS  2000  /* QEMU, which may not see that it shall */

/* --- shared with attach.c --- */

static void
back_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(container_of(w, struct device, watch)->owner->task);
}

int
device_watch(struct device *d, struct err *e)
{
    char path[200];

    store_watch_del(&d->watch);
    store_path(path, sizeof(path), "%s/state", d->back);
    return store_watch_add(engine_store(d->owner->task->en), &d->watch, path,
                           back_changed, e);
}

static void
detach_limit_due(struct loop_timer *lt)
{
    struct device *d = container_of(lt, struct device, limit);

    d->late = true;
    task_wake(d->owner->task);
}

void
device_limit(struct device *d, uint64_t ms)
{
    d->late = false;
    loop_timer_arm(engine_loop(d->owner->task->en), &d->limit, ms,
                   detach_limit_due);
}

void
devices_tell_warnings(struct devices *ds)
{
    char *text = buf_take(&ds->warn), *save = NULL, *line;
    const struct op *o = ds->task->op;

    for (line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        event_add_for(ds->task->en, EVENT_DEVICE, EVENT_WARN, ds->domid,
                      o->name, "%s", line);
    free(text);
}

/* --- what there is --- */

/* A backend directory as libxl records it, of just this domain's device:
 * nothing else is ever touched. */
static bool
parse_back(struct device_place *p, uint32_t domid, uint32_t devid)
{
    static const char home[] = "/local/domain/", mid[] = "/backend/";
    unsigned long long back_domid;
    char number[16], want[64];
    const char *s = p->back + sizeof(home) - 1, *kind;
    size_t n;

    if (strncmp(p->back, home, sizeof(home) - 1) != 0)
        return false;
    n = strcspn(s, "/");
    if (n == 0 || n >= sizeof(number) ||
        strncmp(s + n, mid, sizeof(mid) - 1) != 0)
        return false;
    text_fmt(number, sizeof(number), "%.*s", (int)n, s);
    if (!text_u64(number, 0, HV_DOMID_MAX, &back_domid))
        return false;
    kind = s + n + sizeof(mid) - 1;
    n = strcspn(kind, "/");
    text_fmt(want, sizeof(want), "/%u/%u", domid, devid);
    if (n == 0 || n >= sizeof(p->back_kind) || strcmp(kind + n, want) != 0)
        return false;
    text_fmt(p->back_kind, sizeof(p->back_kind), "%.*s", (int)n, kind);
    p->back_domid = (uint32_t)back_domid;
    return true;
}

bool
device_place_read(struct engine *en, uint32_t domid, const char *kind,
                  uint32_t devid, struct device_place *out, struct err *e)
{
    char path[160];

    store_path(out->copy, sizeof(out->copy), "/libxl/%u/device/%s/%u", domid,
               kind, devid);
    store_path(path, sizeof(path), "%s/backend", out->copy);
    if (store_read_text(engine_store(en), 0, path, out->back, sizeof(out->back),
                        e) < 0)
        return false;
    if (!parse_back(out, domid, devid))
        return err_set(e, ERR_NOENT, "%s is no record of this device", path) ==
               0;
    return true;
}

/* The script as the toolstack wrote it: the copy, not the backend's node,
 * which a driver domain owns. */
static int
read_script(struct device *d, struct err *e)
{
    struct store *st = engine_store(d->owner->task->en);
    char path[128];
    int rc = 0;

    store_path(path, sizeof(path), "%s/script", d->copy);
    d->script[0] = '\0';
    if (d->back_domid == 0 && device_by_kernel(d))
        rc = store_read_maybe(st, 0, path, d->script, sizeof(d->script), e);
    if (d->script[0] != '/' || strstr(d->script, "..") != NULL)
        d->script[0] = '\0';
    return rc;
}

/* One whose card has a script of its own says so by its type. */
static int
read_card(struct device *d, struct err *e)
{
    struct store *st = engine_store(d->owner->task->en);
    char path[128], type[32] = "";

    if (d->type == NULL || d->type->card_type == NULL || d->script[0] == '\0')
        return 0;
    store_path(path, sizeof(path), "%s/type", d->copy);
    if (store_read_maybe(st, 0, path, type, sizeof(type), e) < 0)
        return -1;
    d->has_card = strcmp(type, d->type->card_type) == 0;
    return 0;
}

struct device *
device_add_standing(struct devices *ds, const char *kind, uint32_t devid,
                    struct err *e)
{
    struct device_place at;
    struct device *d;

    if (ds->n == DEVICES_MAX) {
        err_set(e, ERR_RANGE, "allowed are %u devices", DEVICES_MAX);
        return NULL;
    }
    if (!device_place_read(ds->task->en, ds->domid, kind, devid, &at, e))
        return NULL;
    if (ds->list == NULL)
        ds->list = xcalloc(DEVICES_MAX, sizeof(*ds->list));
    d = &ds->list[ds->n];
    memset(d, 0, sizeof(*d));
    d->owner = ds;
    d->devid = devid;
    text_fmt(d->kind, sizeof(d->kind), "%s", kind);
    text_fmt(d->name, sizeof(d->name), "%u", devid);
    text_fmt(d->back_kind, sizeof(d->back_kind), "%s", at.back_kind);
    d->back_domid = at.back_domid;
    d->type = device_type_find(kind);
    device_paths(d);
    if (read_script(d, e) < 0 || read_card(d, e) < 0)
        return NULL;
    d->phase = DEVICE_READY;
    ds->n++;
    return d;
}

struct device *
devices_find(struct devices *ds, const char *kind, uint32_t devid,
             struct err *e)
{
    struct err why = { 0 };
    struct device *d = device_add_standing(ds, kind, devid, &why);

    if (d == NULL && why.code != ERR_NOENT) {
        *e = why;
        err_wrap(e, "%s %u of domain %u", kind, devid, ds->domid);
    } else if (d == NULL) {
        err_set(e, ERR_NOENT, "domain %u has no %s %u", ds->domid, kind, devid);
    }
    return d;
}

struct device *
devices_add_gone(struct devices *ds, const struct dom_device *row)
{
    struct device *d;

    if (ds->list == NULL)
        ds->list = xcalloc(DEVICES_MAX, sizeof(*ds->list));
    d = &ds->list[ds->n++];
    memset(d, 0, sizeof(*d));
    d->owner = ds;
    d->devid = row->devid;
    text_fmt(d->kind, sizeof(d->kind), "%s", row->kind);
    text_fmt(d->back_kind, sizeof(d->back_kind), "%s", row->kind);
    text_fmt(d->name, sizeof(d->name), "%s", row->name);
    d->type = device_type_find(row->kind);
    /* One with a way of its own has more than nodes. */
    d->phase =
        d->type != NULL && d->type->detach != NULL ? DEVICE_READY : DEVICE_GONE;
    return d;
}

/* --- closing the backend --- */

static int
detach_close_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct device *d = arg;
    char path[200];
    struct err why = { 0 };
    uint64_t state;

    if (d->force && store_rm(st, tx, d->front, e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/state", d->back);
    if (store_read_u64(st, tx, path, 16, &state, &why) < 0) {
        if (why.code == ERR_NOENT || why.code == ERR_INVALID)
            return 0;
        *e = why;
        return -1;
    }
    if (state != XENBUS_CLOSED && store_write(st, tx, path, "5", e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/online", d->back);
    return store_write(st, tx, path, "0", e);
}

int
device_ask_close(struct device *d, struct err *e)
{
    return store_tx_run(engine_store(d->owner->task->en), detach_close_body, d,
                        e);
}

/* The guest's driver, or dom0's, has its time; by force a device model has
 * less, and one that is gone none. */
static uint64_t
close_limit(const struct device *d)
{
    if (!d->force || device_by_kernel(d))
        return CLOSE_LIMIT_MS;
    if (d->back_domid == 0 &&
        !device_models(d->owner->task->en)
             ->may_run(d->owner->task->en, d->owner->domid))
        return 0;
    return USER_LIMIT_MS;
}

static void
begin_close(struct device *d)
{
    struct task *t = d->owner->task;
    struct err e = { 0 };

    loop_timer_del(&d->limit);
    hotplug_fini(&d->hotplug); /* an attach that is taken back */
    if (device_ask_close(d, &e) < 0 || device_watch(d, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", d->back, e.msg);
    d->phase = DEVICE_CLOSING;
    device_limit(d, close_limit(d));
}

static bool
is_closed(const struct device *d)
{
    unsigned state = device_back_state(d->owner->task->en, d->back);

    return state == 0 || state == XENBUS_CLOSED ||
           !device_server_lives(d->owner->task->en, d->back_domid);
}

static void
tell_late(const struct device *d, const char *what)
{
    const struct task *t = d->owner->task;

    if (device_by_kernel(d))
        event_add_for(t->en, EVENT_DEVICE, EVENT_WARN, t->op->domid,
                      t->op->name, "%s: %s did not finish in time; forced",
                      d->back, what);
}

/* --- the script, the nodes --- */

/* What failed is tried again, or the device goes as it is. */
static bool
detach_again(struct device *d, const char *what, const struct err *why)
{
    char text[200];

    text_fmt(text, sizeof(text), "%s %s: %s", d->kind, d->name, what);
    return task_again_later(&d->retry, d->owner->task, text, why);
}

static void
start_script(struct device *d)
{
    struct engine *en = d->owner->task->en;
    bool card = d->card_left; /* it is that of its emulated card */
    struct err e = { 0 };

    d->script_due = false;
    hotplug_fini(&d->hotplug);
    if (d->script[0] == '\0' || (d->type != NULL && d->type->plug != NULL &&
                                 d->type->plug(d, false, card)))
        return;
    if (device_script_start(d, false, card, &e) == 0)
        return;
    log_line(engine_log(en), LOGL_WARN, "%s: %s", d->back, e.msg);
    d->script_due = detach_again(d, "its hotplug script cannot be run", &e);
}

static void
begin_script(struct device *d)
{
    d->phase = DEVICE_REMOVING;
    if (d->back_domid != 0) {
        device_limit(d, CLOSE_LIMIT_MS);
        return;
    }
    loop_timer_del(&d->limit);
    store_watch_del(&d->watch);
    start_script(d);
}

/* One that was ended for taking too long is not run again: that would take as
 * long again. Nor is one whose device is not to be, for its script has failed
 * most likely. */
static void
script_over(struct device *d)
{
    struct engine *en = d->owner->task->en;
    struct err e = { 0 };
    char said[256];

    if (!d->hotplug.ended || hotplug_ok(&d->hotplug))
        return;
    d->hotplug.ended = false; /* told once */
    if (d->hotplug.late)
        tell_late(d, "its hotplug script");
    hotplug_said(&d->hotplug, said, sizeof(said));
    log_line(engine_log(en), LOGL_WARN, "%s: hotplug script ended with %d: %s",
             d->back, d->hotplug.status, said);
    err_set(&e, ERR_IO, "it ended with %d: %s", d->hotplug.status, said);
    if (!d->hotplug.late && !d->owner->task->undoing)
        d->script_due = detach_again(d, "its hotplug script failed", &e);
}

/* The toolstack of a driver domain (xl devd) runs its script, and removes the
 * nodes when it has; libxl gives it as long. */
static bool
waits_for_server(const struct device *d)
{
    struct engine *en = d->owner->task->en;

    return d->back_domid != 0 && !d->late && device_by_kernel(d) &&
           device_server_lives(en, d->back_domid) &&
           store_exists(engine_store(en), 0, d->back);
}

/* The directories above go as well once nothing is in them, as with libxl:
 * KIND and DOMID of the backend's, one of the others'; and those of the
 * driver's error, error/backend/KIND/DOMID, which libxl leaves. A domain that
 * serves nobody has no directory "backend" either, but one of errors. */
static int
detach_rm_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct device *d = arg;
    int dom0 = d->back_domid == 0;
    char errors[160];

    if (store_rm_up(st, tx, d->front, 1, e) < 0 ||
        store_rm_up(st, tx, d->back, dom0 ? 2 : 3, e) < 0)
        return -1;
    if (device_error_dir(d->back, errors, sizeof(errors)) &&
        store_exists(st, tx, errors) &&
        store_rm_up(st, tx, errors, dom0 ? 4 : 3, e) < 0)
        return -1;
    return store_rm_up(st, tx, d->copy, 1, e);
}

int
device_erase(struct device *d, struct err *e)
{
    return store_tx_run(engine_store(d->owner->task->en), detach_rm_body, d, e);
}

/* --- one device --- */

static enum step_rc
refuses(struct device *d, struct err *e)
{
    const struct dom_entry *de =
        domains_by_domid(d->owner->task->en, d->owner->domid);
    bool paused = de != NULL && (de->d.flags & DOM_F_PAUSED);

    loop_timer_del(&d->limit);
    device_refuse(d, e, ERR_TIMEOUT, NULL,
                  "the guest did not let go of it in 10 s%s",
                  paused ? ": it is paused" : "");
    return STEP_FAIL;
}

static enum step_rc
advance_own(struct device *d, struct err *e)
{
    enum step_rc rc;

    if (d->phase == DEVICE_GONE)
        return STEP_DONE;
    d->own_started = true;
    rc = d->type->detach(d, e);
    if (rc == STEP_DONE)
        d->phase = DEVICE_GONE;
    return rc;
}

/* Its script, then its nodes. */
static enum step_rc
detach_remove(struct device *d, struct err *e)
{
    if (task_again_waits(&d->retry, d->owner->task))
        return STEP_WAIT;
    if (d->script_due)
        start_script(d);
    if (d->hotplug.running || waits_for_server(d))
        return STEP_WAIT;
    loop_timer_del(&d->limit);
    store_watch_del(&d->watch);
    script_over(d);
    if (d->script_due || device_card_leaves(d))
        return STEP_WAIT;
    if (device_erase(d, e) < 0) {
        if (!detach_again(d, "its nodes are still there", e))
            return STEP_FAIL;
        err_clear(e);
        return STEP_WAIT;
    }
    served_forget(d);
    d->phase = DEVICE_GONE;
    return STEP_DONE;
}

static enum step_rc
detach_advance(struct device *d, struct err *e)
{
    if (d->phase == DEVICE_GONE)
        return STEP_DONE;
    if (d->type != NULL && d->type->detach != NULL)
        return advance_own(d, e);
    if (d->phase < DEVICE_CLOSING)
        begin_close(d);
    if (d->phase == DEVICE_CLOSING && !is_closed(d)) {
        if (!d->late)
            return STEP_WAIT;
        if (!d->force)
            return refuses(d, e);
        tell_late(d, "the backend");
    }
    if (d->phase == DEVICE_CLOSING)
        begin_script(d);
    return d->phase == DEVICE_REMOVING ? detach_remove(d, e) : STEP_DONE;
}

/* --- sets of them --- */

enum step_rc
devices_detach(struct devices *ds, bool force, struct err *e)
{
    enum step_rc rc, all = STEP_DONE;
    size_t i;

    for (i = 0; i < ds->n; i++) {
        ds->list[i].force = force;
        rc = detach_advance(&ds->list[i], e);
        if (rc == STEP_FAIL)
            return rc;
        if (rc == STEP_WAIT)
            all = rc;
    }
    return all;
}

/* A device of which nothing was written has nothing to take back. */
static bool
has_begun(const struct device *d)
{
    return d->own_started || d->phase > DEVICE_NEW;
}

enum step_rc
devices_undo(struct devices *ds)
{
    enum step_rc all = STEP_DONE;
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < ds->n; i++) {
        struct device *d = &ds->list[i];

        d->force = true;
        if (!has_begun(d))
            continue;
        switch (detach_advance(d, &e)) {
        case STEP_WAIT:
            all = STEP_WAIT;
            break;
        case STEP_FAIL:
            event_add_for(ds->task->en, EVENT_DEVICE, EVENT_ERROR, ds->domid,
                          ds->task->op->name, "%s %s is left behind: %s",
                          d->kind, d->name, e.msg);
            d->phase = DEVICE_GONE;
            ds->left = true;
            break;
        case STEP_DONE:
            break;
        }
    }
    return all;
}
