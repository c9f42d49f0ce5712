/*
 * attach.c - a device comes to a domain: its nodes in one transaction, the
 * wait for its backend, the hotplug script. The devices of a set do so side
 * by side.
 * Facts of Xen: a kernel backend that is ready to be connected says so by
 * state 2, within libxl's 10 s; then, and not before, the script runs. User
 * processes that serve a backend are not waited for.
 */
#include <string.h>

#include "engine/device/device.h"
#include "engine/device/device_check.h"
#include "engine/device/device_handler.h"
#include "engine/device/machine_devices.h"
#include "engine/device/served/served.h"
#include "engine/device/step.h"

#define INIT_LIMIT_MS 10000 /* libxl's LIBXL_INIT_TIMEOUT */

/* --- the transaction --- */

struct sink {
    struct store *st;
    store_tx tx;
    const struct device *d;
};

static int
attach_put(const struct sink *to, const char *dir, const char *name,
           const char *value, struct err *e)
{
    char path[256];

    store_path(path, sizeof(path), "%s/%s", dir, name);
    return store_write(to->st, to->tx, path, value, e);
}

static int
put_id(const struct sink *to, const char *dir, const char *name, uint32_t id,
       struct err *e)
{
    char text[16];

    text_fmt(text, sizeof(text), "%u", id);
    return attach_put(to, dir, name, text, e);
}

/* A directory of its own, empty: owner and one reader. */
static int
attach_make_dir(const struct sink *to, const char *path, uint32_t owner,
                uint32_t reader, struct err *e)
{
    const struct store_perm p[2] = { { owner, STORE_PERM_NONE },
                                     { reader, STORE_PERM_READ } };

    if (store_rm(to->st, to->tx, path, e) < 0 ||
        store_mkdir(to->st, to->tx, path, e) < 0)
        return -1;
    return store_set_perms(to->st, to->tx, path, p, 2, e);
}

/* The nodes of all backends; libxl's copy has the same at the start. */
static int
put_behind(const struct sink *to, const char *dir, struct err *e)
{
    const struct device *d = to->d;
    size_t i;

    if (attach_put(to, dir, "frontend", d->front, e) < 0 ||
        put_id(to, dir, "frontend-id", d->owner->domid, e) < 0 ||
        attach_put(to, dir, "online", "1", e) < 0 ||
        attach_put(to, dir, "state", "1", e) < 0)
        return -1;
    for (i = 0; i < d->n_nodes; i++)
        if (d->nodes[i].dir == DEVICE_BACK &&
            attach_put(to, dir, d->nodes[i].name, d->nodes[i].value, e) < 0)
            return -1;
    return 0;
}

static int
put_read_only(const struct sink *to, const struct device_node *n, struct err *e)
{
    const struct device *d = to->d;
    const struct store_perm p[2] = {
        { d->back_domid, STORE_PERM_NONE },
        { d->owner->domid, STORE_PERM_READ },
    };
    char path[256];

    if (attach_put(to, d->front, n->name, n->value, e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/%s", d->front, n->name);
    return store_set_perms(to->st, to->tx, path, p, 2, e);
}

static int
put_front(const struct sink *to, struct err *e)
{
    const struct device *d = to->d;
    size_t i;
    int rc = 0;

    if (attach_make_dir(to, d->front, d->owner->domid, d->back_domid, e) < 0 ||
        attach_put(to, d->front, "backend", d->back, e) < 0 ||
        put_id(to, d->front, "backend-id", d->back_domid, e) < 0 ||
        attach_put(to, d->front, "state", "1", e) < 0)
        return -1;
    for (i = 0; i < d->n_nodes && rc == 0; i++)
        if (d->nodes[i].dir == DEVICE_FRONT)
            rc = attach_put(to, d->front, d->nodes[i].name, d->nodes[i].value,
                            e);
        else if (d->nodes[i].dir == DEVICE_FRONT_RO)
            rc = put_read_only(to, &d->nodes[i], e);
    return rc;
}

static int
attach_check_server(const struct sink *to, struct err *e)
{
    const struct device *d = to->d;
    char path[64];

    store_path(path, sizeof(path), "/local/domain/%u", d->back_domid);
    if (d->back_domid == 0 || store_exists(to->st, to->tx, path))
        return 0;
    return device_refuse(d, e, ERR_NOENT, "backend",
                         "domain %u, which is to serve it, has ended",
                         d->back_domid);
}

/* A domain may die at any moment: without its directory no orphan is made. */
static int
attach_check_free(const struct sink *to, struct err *e)
{
    const struct device *d = to->d;
    char path[64];
    bool has;

    store_path(path, sizeof(path), "/libxl/%u", d->owner->domid);
    if (store_has(to->st, to->tx, path, &has, e) < 0)
        return -1;
    if (!has)
        return err_set(e, ERR_NOENT, "domain %u no longer exists",
                       d->owner->domid);
    if (store_has(to->st, to->tx, d->copy, &has, e) < 0)
        return -1;
    if (d->again && !has)
        return device_refuse(d, e, ERR_NOENT, NULL, "it was removed meanwhile");
    if (!d->again && has)
        return device_refuse(d, e, ERR_EXISTS, NULL,
                             "the domain has this device already");
    return attach_check_server(to, e);
}

static int
write_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct device *d = arg;
    const struct sink to = { st, tx, d };

    if (attach_check_free(&to, e) < 0 || store_rm(st, tx, d->copy, e) < 0 ||
        attach_put(&to, d->copy, "backend", d->back, e) < 0 ||
        put_behind(&to, d->copy, e) < 0 || put_front(&to, e) < 0 ||
        attach_make_dir(&to, d->back, d->back_domid, d->owner->domid, e) < 0)
        return -1;
    return put_behind(&to, d->back, e);
}

int
device_write(struct device *d, struct err *e)
{
    return store_tx_run(engine_store(d->owner->task->en), write_body, d, e);
}

/* --- one device --- */

static int
attach_prepare(struct device *d, struct err *e)
{
    if (d->type == NULL)
        return device_refuse(d, e, ERR_UNSUPPORTED, NULL,
                             "this version does not attach a %s", d->kind);
    return d->type->prepare(d, e);
}

/* What the host refuses is found before anything is written: between this and
 * the nodes of d no other operation of this engine runs. */
static enum step_rc
attach_begin(struct device *d, struct err *e)
{
    if (attach_prepare(d, e) < 0)
        return STEP_FAIL;
    if (d->type->attach != NULL || d->skip)
        return STEP_DONE;
    device_paths(d);
    d->type->nodes(d);
    if (device_write(d, e) < 0)
        return STEP_FAIL;
    d->phase = DEVICE_WRITTEN;
    if (!device_by_kernel(d)) {
        d->phase = DEVICE_READY;
        return STEP_DONE;
    }
    if (device_watch(d, e) < 0)
        return STEP_FAIL;
    device_limit(d, INIT_LIMIT_MS);
    return STEP_DONE;
}

/* Its own words if it left any, else what is usually wrong. */
static enum step_rc
no_backend(struct device *d, const char *what, struct err *e)
{
    char said[256];

    device_error(d->owner->task->en, d->back, said, sizeof(said));
    if (said[0] == '\0' && d->back_domid == 0)
        text_fmt(said, sizeof(said), "is the backend's driver (%s) loaded?",
                 device_traits(d->kind)->module);
    else if (said[0] == '\0')
        text_fmt(said, sizeof(said),
                 "is the backend's driver (%s) loaded in domain %u?",
                 device_traits(d->kind)->module, d->back_domid);
    device_refuse(d, e, ERR_TIMEOUT, NULL, "%s: %s", what, said);
    return STEP_FAIL;
}

static enum step_rc
no_server(struct device *d, struct err *e)
{
    device_refuse(d, e, ERR_NOENT, "backend",
                  "domain %u, which is to serve it, has ended", d->back_domid);
    return STEP_FAIL;
}

static enum step_rc
wait_backend(struct device *d, struct err *e)
{
    unsigned state = device_back_state(d->owner->task->en, d->back);

    if (!device_server_lives(d->owner->task->en, d->back_domid))
        return no_server(d, e);
    if (state == XENBUS_CLOSING || state == XENBUS_CLOSED)
        return no_backend(d, "its backend refused it", e);
    if (state == 0)
        return no_backend(d, "its backend is gone", e);
    if (state < XENBUS_WAIT && !d->late)
        return STEP_WAIT;
    if (state < XENBUS_WAIT)
        return no_backend(d, "its backend did not answer in 10 s", e);
    loop_timer_del(&d->limit);
    if (d->back_domid != 0 || d->script[0] == '\0') {
        d->phase = DEVICE_READY; /* a driver domain runs its own scripts */
        served_note(d);
        return STEP_DONE;
    }
    if (d->type->plug != NULL && d->type->plug(d, true, false)) {
        d->phase = DEVICE_READY;
        return STEP_DONE;
    }
    if (device_script_start(d, true, false, e) < 0) {
        err_wrap(e, "%s %s", d->kind, d->name);
        return STEP_FAIL;
    }
    d->phase = DEVICE_ADDING;
    return STEP_WAIT;
}

static enum step_rc
wait_script(struct device *d, struct err *e)
{
    unsigned state;

    if (d->hotplug.running)
        return STEP_WAIT;
    if (device_script_check(d, "", e) < 0)
        return STEP_FAIL;
    /* blkback opens the disk only now, and may refuse it. */
    state = device_back_state(d->owner->task->en, d->back);
    if (state == XENBUS_CLOSING || state == XENBUS_CLOSED || state == 0)
        return no_backend(d, "its backend refused it", e);
    d->phase = DEVICE_READY;
    return STEP_DONE;
}

/* The model that is to have it is started when all others are attached. */
static bool
comes_late(const struct device *d)
{
    const struct devices *ds = d->owner;

    return d->type->late_in_machine && ds->by_model && ds->making &&
           !ds->model_runs;
}

static enum step_rc
attach_advance(struct device *d, struct err *e)
{
    enum step_rc rc;

    if (d->skip || comes_late(d))
        return STEP_DONE;
    if (d->type->attach != NULL) {
        if (d->phase == DEVICE_READY)
            return STEP_DONE;
        d->own_started = true;
        rc = d->type->attach(d, e);
        if (rc == STEP_DONE)
            d->phase = DEVICE_READY;
        return rc;
    }
    if (d->phase == DEVICE_WRITTEN) {
        rc = wait_backend(d, e);
        if (rc != STEP_DONE)
            return rc;
    }
    return d->phase == DEVICE_ADDING ? wait_script(d, e) : STEP_DONE;
}

/* --- all of them --- */

/* A driver domain's files are none of dom0's. */
static void
device_files(const struct device *d, struct file_look *r)
{
    const char *script = device_setting(d, "script");

    if (d->type == NULL || device_setting(d, "backend") != NULL)
        return;
    if (script != NULL)
        file_look_add(r, d->owner->task->en, script);
    if (d->type->files != NULL)
        d->type->files(d, r);
}

void
devices_files(struct devices *ds, struct file_look *r)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        device_files(&ds->list[i], r);
}

int
devices_check(struct devices *ds, struct err *e)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        if (attach_prepare(&ds->list[i], e) < 0)
            return -1;
    buf_clear(&ds->warn); /* said when it is attached */
    return 0;
}

void
devices_check_each(struct devices *ds,
                   void (*fault)(void *arg, const struct err *e), void *arg)
{
    size_t i;

    for (i = 0; i < ds->n; i++) {
        struct device *d = &ds->list[i];
        struct file_look far = { 0 };
        struct err e = { 0 };

        device_files(d, &far);
        if (far.files.len > 0)
            device_warn(d, "another host serves its files: not looked at");
        else if (attach_prepare(d, &e) < 0)
            fault(arg, &e);
        file_look_fini(&far);
    }
}

static int
check_lives(const struct devices *ds, struct err *e)
{
    const struct dom_entry *de = domains_by_domid(ds->task->en, ds->domid);

    if (de != NULL && !(de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)))
        return 0;
    return err_set(e, ERR_NOENT, "domain %u has ended meanwhile", ds->domid);
}

static enum step_rc
begin_all(struct devices *ds, struct err *e)
{
    size_t i;

    ds->begun = true;
    for (i = 0; i < ds->n; i++)
        if (attach_begin(&ds->list[i], e) == STEP_FAIL)
            return STEP_FAIL;
    devices_tell_warnings(ds);
    return STEP_DONE;
}

enum step_rc
devices_attach(struct devices *ds, struct err *e)
{
    bool waits = false;
    size_t i;

    if (ds->n == 0)
        return STEP_DONE;
    if (check_lives(ds, e) < 0 || (!ds->begun && begin_all(ds, e) == STEP_FAIL))
        return STEP_FAIL;
    for (i = 0; i < ds->n; i++) {
        enum step_rc rc = attach_advance(&ds->list[i], e);

        if (rc == STEP_FAIL)
            return rc;
        waits |= rc == STEP_WAIT;
    }
    if (waits)
        return STEP_WAIT;
    for (i = 0; i < ds->n; i++)
        store_watch_del(&ds->list[i].watch);
    return STEP_DONE;
}

/* One after another: devices of the host share a directory. */
enum step_rc
devices_attach_late(struct devices *ds, struct err *e)
{
    enum step_rc rc;
    size_t i;

    if (ds->n > 0 && check_lives(ds, e) < 0)
        return STEP_FAIL;
    ds->model_runs = true;
    for (i = 0; i < ds->n; i++) {
        struct device *d = &ds->list[i];

        rc = d->type->late_in_machine && ds->by_model
                 ? attach_advance(d, e)
                 : device_card_advance(d, e);
        if (rc != STEP_DONE)
            return rc;
    }
    return STEP_DONE;
}
