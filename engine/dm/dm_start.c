/*
 * dm_start.c - the start of a device model for what a task has attached, and
 * the way back. The model says that it runs in its own directory in xenstore;
 * it finds the devices by itself, also those that come later.
 */
#include <string.h>

#include "engine/device/device_handler.h"
#include "engine/dm/dm_int.h"

bool
dm_serves(const struct device *d)
{
    return d->back_domid == 0 && !d->skip && d->type != NULL &&
           d->type->needs_model &&
           strcmp(d->back_kind, d->type->model_kind) == 0;
}

int
dm_check(const struct device *d, struct err *e)
{
    if (dom0_has_model_program(engine_dom0(d->owner->task->en)))
        return 0;
    return device_refuse(d, e, ERR_NOENT, NULL,
                         "it needs a device model, and this host has none: "
                         "install the package qemu-system-xen");
}

static bool
needed(const struct devices *ds)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        if (dm_serves(&ds->list[i]))
            return true;
    return false;
}

/* libxl gives a PV domain the screen of its first vfb. */
static const struct config_device *
first_vfb(const struct devices *ds)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        if (dm_serves(&ds->list[i]) && ds->list[i].type->screen)
            return ds->list[i].cfg;
    return NULL;
}

/* --- what is written --- */

static void
dir_path(uint32_t domid, const char *rest, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/0/device-model/%u%s", domid, rest);
}

static int
put_screen(struct engine *en, uint32_t domid, const struct dm_vnc *v,
           unsigned port, struct err *e)
{
    char path[96];

    store_path(path, sizeof(path), "/local/domain/%u/console/vnc-listen",
               domid);
    if (store_write(engine_store(en), 0, path, v->host, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/local/domain/%u/console/vnc-port", domid);
    return store_writef(engine_store(en), 0, e, path, "%u", port);
}

struct forget {
    uint32_t domid;
};

static int
forget_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct forget *f = arg;
    char path[96];

    dir_path(f->domid, "", path, sizeof(path));
    if (store_rm(st, tx, path, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/local/domain/%u/console/vnc-listen",
               f->domid);
    if (store_rm(st, tx, path, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/local/domain/%u/console/vnc-port",
               f->domid);
    if (store_rm(st, tx, path, e) < 0)
        return -1;
    dm_pid_path(f->domid, path, sizeof(path));
    return store_rm_up(st, tx, path, 1, e);
}

/* --- the process --- */

static bool
port_taken(void *arg, unsigned port)
{
    const struct engine *en = arg;
    struct list_node *it;

    list_foreach (it, &dm_room(en)->models)
        if (list_entry(it, struct model, node)->port == port)
            return true;
    return false;
}

static int
spawn(struct dm_start *s, struct dm_args *a, const struct config_device *vfb,
      struct err *e)
{
    struct engine *en = s->task->en;
    struct dom0_model_job j = { .domid = s->domid };
    struct buf args = { 0 };
    struct model *m;
    char log[160];
    pid_t pid = 0;
    int rc;

    dm_log_path(a->name, log, sizeof(log));
    j.log = log;
    j.n_args = dm_args_fill(a, &args);
    j.args = &args;
    if (a->vnc.password)
        j.password = config_device_value(vfb, "vncpasswd");
    rc = dom0_model_start(engine_dom0(en), &j, &pid, e);
    buf_free(&args);
    if (rc < 0)
        return -1;
    m = dm_add(en, s->domid, a->name, pid, e);
    if (m == NULL)
        return -1; /* the undo finds the process */
    m->starting = true;
    return 0;
}

static int
put_pid(struct dm_start *s, struct err *e)
{
    const struct model *m = dm_find(s->task->en, s->domid);
    char path[96];

    dm_pid_path(s->domid, path, sizeof(path));
    return store_writef(engine_store(s->task->en), 0, e, path, "%u",
                        (unsigned)m->proc.pid);
}

static void
state_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(container_of(w, struct dm_start, watch)->task);
}

static int
begin(struct dm_start *s, const struct devices *ds, const char *name,
      uint64_t mem_kib, struct err *e)
{
    struct dm_args a = { .domid = s->domid, .name = name, .mem_kib = mem_kib };
    const struct config_device *vfb = first_vfb(ds);
    struct engine *en = s->task->en;
    bool known = true;
    char path[96];

    s->made = true;
    dm_vnc_read(vfb, &a.vnc);
    if (a.vnc.wanted && a.vnc.unused)
        known = dm_display_find(&a.vnc, port_taken, en);
    dir_path(s->domid, "", path, sizeof(path));
    if (store_rm(engine_store(en), 0, path, e) < 0 ||
        store_mkdir(engine_store(en), 0, path, e) < 0)
        return -1;
    dir_path(s->domid, "/state", path, sizeof(path));
    if (store_watch_add(engine_store(en), &s->watch, path, state_changed, e) <
            0 ||
        spawn(s, &a, vfb, e) < 0 || put_pid(s, e) < 0)
        return -1;
    if (!a.vnc.wanted || !known)
        return 0;
    dm_find(en, s->domid)->port = DM_VNC_BASE + a.vnc.display;
    return put_screen(en, s->domid, &a.vnc, DM_VNC_BASE + a.vnc.display, e);
}

/* Of this engine, or of xl. */
static bool
runs_already(struct engine *en, uint32_t domid)
{
    struct model *m = dm_find(en, domid);
    uint64_t pid;
    char path[96];

    if (m != NULL)
        return !m->ended;
    dm_pid_path(domid, path, sizeof(path));
    return store_read_u64(engine_store(en), 0, path, DOM0_MODEL_PID_MAX, &pid,
                          NULL) == 0 &&
           dom0_model_serves(engine_dom0(en), domid, pid);
}

enum step_rc
dm_start_run(struct dm_start *s, struct devices *ds, const char *name,
             uint64_t mem_kib, struct err *e)
{
    char path[96], text[16], words[400];
    struct model *m;

    if (s->awaked || (!s->made && !needed(ds)))
        return STEP_DONE;
    s->task = ds->task;
    s->domid = ds->domid;
    if (!s->made) {
        if (runs_already(s->task->en, s->domid))
            return STEP_DONE;
        if (begin(s, ds, name, mem_kib, e) < 0)
            return STEP_FAIL;
    }
    m = dm_find(s->task->en, s->domid);
    if (m == NULL || m->ended) {
        text_fmt(words, sizeof(words), "its device model is gone");
        if (m != NULL)
            dm_end_words(m, words, sizeof(words));
        err_set(e, ERR_LOST, "%s", words);
        return STEP_FAIL;
    }
    dir_path(s->domid, "/state", path, sizeof(path));
    if (store_read_text(engine_store(s->task->en), 0, path, text, sizeof(text),
                        NULL) < 0 ||
        strcmp(text, "running") != 0)
        return STEP_WAIT;
    m->starting = false;
    s->awaked = true;
    store_watch_del(&s->watch);
    return STEP_DONE;
}

enum step_rc
dm_start_undo(struct dm_start *s)
{
    struct forget f = { .domid = s->domid };
    struct err e = { 0 };

    if (!s->made)
        return STEP_DONE;
    store_watch_del(&s->watch);
    if (dm_stop(s->task->en, s->domid) == STEP_WAIT)
        return STEP_WAIT;
    if (store_tx_run(engine_store(s->task->en), forget_body, &f, &e) < 0)
        log_line(engine_log(s->task->en), LOGL_WARN, "%s: %s",
                 s->task->op->name, e.msg);
    s->made = false;
    return STEP_DONE;
}

void
dm_start_fini(struct dm_start *s)
{
    store_watch_del(&s->watch);
}
