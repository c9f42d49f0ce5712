/*
 * dm_start.c - the start of a device model for what a task has attached, and
 * the way back. The model says that it runs in its own directory in xenstore;
 * it finds the devices by itself, also those that come later.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/vdev.h"
#include "engine/device/device_handler.h"
#include "engine/dm/dm_fate.h"
#include "engine/dm/dm_int.h"
#include "engine/dm/dm_setup.h"
#include "engine/model/dom_kind.h"

#define END_LOOKS     10
#define END_LOOK_MS   50
#define UNDO_LOOKS    10 /* for one to be ended */
#define UNDO_LOOK_MS  1000
#define STATE_FD_TEXT "4"
static_assert(DOM0_MODEL_STATE_FD == 4, "STATE_FD_TEXT");

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
is_machine(const struct domain_config *c)
{
    return c != NULL && dom_kind_has_machine(c->kind);
}

static bool
needed(const struct devices *ds, const struct dm_want *want)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        if (dm_serves(&ds->list[i]))
            return true;
    return is_machine(want->cfg);
}

/* Without certificates there is none to verify, and everybody would be let in:
 * the file says that nobody without one is. A vfb is asked where it is prepared
 * (engine/device/vfb.c). */
static int
check_machine_screen(const struct domain_config *c, struct err *e)
{
    struct dm_screen s;

    dm_screen_of_hvm(&c->screen, &s);
    if (!is_machine(c) || !s.tls_verify || s.x509 != NULL)
        return 0;
    return err_set(e, ERR_INVALID,
                   "vncx509verify: found true, allowed with vncx509 alone, the "
                   "directory of the certificates");
}

int
dm_check_config(struct engine *en, const struct domain_config *c, struct err *e)
{
    char user[64];

    if (check_machine_screen(c, e) < 0)
        return -1;
    if (is_machine(c) && c->model.program == NULL &&
        !dom0_has_model_program(engine_dom0(en)))
        return err_set(e, ERR_NOENT,
                       "an HVM domain needs a device model, and this host has "
                       "none: install the package qemu-system-xen");
    if (c->model.dm_restrict && !is_machine(c))
        return err_set(e, ERR_UNSUPPORTED,
                       "the device model of a domain that is no HVM domain "
                       "serves its disks, and cannot when it is restricted: "
                       "leave dm_restrict (device_model.restrict) out");
    if (!c->model.dm_restrict || c->model.user != NULL)
        return 0;
    dom0_model_user(engine_dom0(en), 1, user, sizeof(user));
    if (user[0] != '\0')
        return 0;
    return err_set(e, ERR_NOENT,
                   "a restricted device model needs a user of its own, and "
                   "this host has none: make one named xen-qemuuser-range-base "
                   "or xen-qemuuser-shared");
}

static int
dm_refuse_program(const struct domain_config *c, enum err_code code,
                  const char *why, struct err *e)
{
    return config_refuse(c, "device_model.program", code, e,
                         "found %s (%s), allowed a program that can be run",
                         c->model.program, why);
}

int
dm_check_program(const struct devices *ds, const struct domain_config *c,
                 struct err *e)
{
    const struct dm_want want = { .cfg = c };
    const char *path = c->model.program;
    struct stat st;

    if (path == NULL || !needed(ds, &want))
        return 0;
    if (stat(path, &st) < 0)
        return dm_refuse_program(c, ERR_NOENT, strerror(errno), e);
    if (!S_ISREG(st.st_mode))
        return dm_refuse_program(c, ERR_INVALID, "no regular file", e);
    if (access(path, X_OK) < 0)
        return dm_refuse_program(c, ERR_DENIED, "not executable", e);
    return 0;
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

struct forget {
    uint32_t domid;
};

static int
forget_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct forget *f = arg;
    char path[96];

    dm_dir(f->domid, "", path, sizeof(path));
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

/* A script of the administrator's own says what a program can open. */
static bool
start_disk_path(void *arg, const struct config_device *c, char *dst, size_t n)
{
    const struct dm_start *s = arg;
    const char *vdev = config_device_value(c, "vdev");
    uint32_t number;
    char path[96];

    if (vdev == NULL || !vdev_parse(vdev, &number))
        return false;
    store_path(path, sizeof(path),
               "/local/domain/0/backend/vbd/%u/%u/physical-device-path",
               s->domid, number);
    return store_read_text(engine_store(s->task->en), 0, path, dst, n, NULL) ==
               0 &&
           dst[0] == '/';
}

static bool
start_is_block(void *arg, const char *path)
{
    const struct dm_start *s = arg;
    struct dom0_disk disk;

    return dom0_disk(engine_dom0(s->task->en), path, &disk, NULL) == 0 &&
           disk.kind == DOM0_DISK_BLOCK;
}

/* What it is started with; the texts are borrowed. */
struct start_words {
    struct dm_args args;
    struct dom0_model_files files;
    char root[160], user[64], log[160];
    struct buf list;
    struct dom0_model_job job;
};

static void
start_confine(struct dm_start *s, const struct domain_config *c,
              struct start_words *w)
{
    struct dom0 *d = engine_dom0(s->task->en);

    w->args.user = c->model.user;
    w->args.run_with_chroot = s->probe.run_with_chroot;
    w->args.run_with_user = s->probe.run_with_user;
    if (!c->model.dm_restrict)
        return;
    dom0_model_root(d, s->domid, w->root, sizeof(w->root));
    w->args.root = w->root;
    w->args.files = &w->files;
    w->job.confined = true;
    w->job.files = &w->files;
    if (c->model.user != NULL)
        return;
    dom0_model_user(d, s->domid, w->user, sizeof(w->user));
    w->args.user = w->user;
}

static void
start_words(struct dm_start *s, const struct dm_want *want,
            const struct dm_screen *screen, struct start_words *w)
{
    *w = (struct start_words){ .args = { .domid = s->domid,
                                         .name = want->name,
                                         .mem_kib = want->mem_kib,
                                         .screen = *screen,
                                         .cfg = want->cfg,
                                         .disk_path = start_disk_path,
                                         .is_block = start_is_block,
                                         .arg = s },
                               .job = { .domid = s->domid,
                                        .hvm = is_machine(want->cfg),
                                        .has_state = want->restores,
                                        .state_fd = want->state_fd } };
    if (want->cfg != NULL) {
        w->job.program = want->cfg->model.program;
        start_confine(s, want->cfg, w);
    }
    if (want->restores)
        w->args.incoming = "fd:" STATE_FD_TEXT;
    dm_log_path(want->name, w->log, sizeof(w->log));
    w->job.log = w->log;
    w->job.logs_kept = engine_options(s->task->en)->model_logs;
    w->job.n_args = dm_args_fill(&w->args, &w->list);
    w->job.args = &w->list;
}

static int
dm_start_spawn(struct dm_start *s, const struct dm_want *want,
               const struct dm_screen *screen, struct err *e)
{
    struct engine *en = s->task->en;
    struct start_words w;
    struct model *m;
    pid_t pid = 0;
    int rc;

    start_words(s, want, screen, &w);
    rc = dom0_model_start(engine_dom0(en), &w.job, &pid, e);
    buf_free(&w.list);
    dom0_model_files_free(&w.files);
    if (rc < 0)
        return -1;
    m = dm_add(en, s->domid, want->name, pid, e);
    if (m == NULL)
        return -1; /* the undo finds the process */
    m->starting = true;
    m->proc.confined = w.job.confined;
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

/* An empty password is none. */
static const char *
start_password(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static void
start_plan(struct dm_start *s, const struct devices *ds,
           const struct dm_want *want, struct dm_screen *screen)
{
    const struct config_device *vfb = first_vfb(ds);
    const struct domain_config *c = want->cfg;
    struct dm_setup_want w = { 0 };

    if (is_machine(c)) {
        dm_screen_of_hvm(&c->screen, screen);
        w.vnc_password = start_password(c->screen.vncpasswd);
        w.ports = c->machine.serial.n > 0;
        if (c->screen.spice)
            w.spice_password = start_password(c->screen.spicepasswd);
    } else {
        dm_screen_of_vfb(vfb, screen);
        if (vfb != NULL)
            w.vnc_password =
                start_password(config_device_value(vfb, "vncpasswd"));
    }
    w.screen = screen->vnc;
    if (!screen->password)
        w.vnc_password = NULL;
    w.confined = c != NULL && c->model.dm_restrict;
    w.waits = w.confined && !want->restores;
    s->confined = w.confined;
    dm_setup_init(s, &w);
}

static int
dm_start_begin(struct dm_start *s, const struct devices *ds,
               const struct dm_want *want, struct err *e)
{
    struct engine *en = s->task->en;
    struct dm_screen screen;
    char path[96];

    s->made = true;
    start_plan(s, ds, want, &screen);
    dm_dir(s->domid, "", path, sizeof(path));
    if (store_rm(engine_store(en), 0, path, e) < 0 ||
        store_mkdir(engine_store(en), 0, path, e) < 0)
        return -1;
    dm_dir(s->domid, "/state", path, sizeof(path));
    if (store_watch_add(engine_store(en), &s->watch, path, state_changed, e) <
            0 ||
        dm_start_spawn(s, want, &screen, e) < 0 || put_pid(s, e) < 0)
        return -1;
    return 0;
}

/* Of this engine, or of xl. Two models on one disk destroy what is on it: where
 * it cannot be told, none is started. */
static enum life
runs_already(struct engine *en, uint32_t domid, struct err *e)
{
    const struct model *m = dm_find(en, domid);
    bool recorded;
    pid_t pid;

    if (m != NULL)
        return m->ended ? LIFE_GONE : LIFE_ALIVE;
    return dm_pid_on_record(en, domid, &pid, &recorded, e);
}

/* It has ended meanwhile. */
static enum step_rc
start_lost(const struct model *m, struct err *e)
{
    char words[400];

    text_fmt(words, sizeof(words), "its device model is gone");
    if (m != NULL)
        dm_end_words(m, words, sizeof(words));
    err_set(e, ERR_LOST, "%s", words);
    return STEP_FAIL;
}

static bool
start_is_running(const struct dm_start *s)
{
    char path[96], text[16];

    dm_dir(s->domid, "/state", path, sizeof(path));
    return store_read_text(engine_store(s->task->en), 0, path, text,
                           sizeof(text), NULL) == 0 &&
           strcmp(text, "running") == 0;
}

/* It closed its socket: most likely it has ended, and how is told in a moment.
 */
static enum step_rc
start_refused(struct dm_start *s, const struct err *why, struct err *e)
{
    if (why->code == ERR_LOST && s->looks++ < END_LOOKS) {
        task_wake_in(s->task, END_LOOK_MS);
        return STEP_WAIT;
    }
    *e = *why;
    return STEP_FAIL;
}

static enum step_rc
dm_start_wait(struct dm_start *s, struct err *e)
{
    struct model *m = dm_find(s->task->en, s->domid);
    struct err why = { 0 };
    enum step_rc rc;

    if (m == NULL || m->ended)
        return start_lost(m, e);
    if (!s->running && s->confined && dm_setup_answers(s, m) == STEP_WAIT)
        return STEP_WAIT;
    if (!s->running && !s->confined && !start_is_running(s))
        return STEP_WAIT;
    s->running = true;
    store_watch_del(&s->watch);
    rc = dm_setup_run(s, m, &why);
    if (rc == STEP_FAIL)
        return start_refused(s, &why, e);
    if (rc != STEP_DONE)
        return rc;
    dm_setup_fini(s);
    m->starting = false;
    s->ready = true;
    dm_beat_start(m);
    return STEP_DONE;
}

static void
start_probed(struct dom0_model_probe *p)
{
    task_wake(container_of(p, struct dm_start, probe)->task);
}

/* Which options give it a root and a user of its own depends on the program. */
static enum step_rc
start_probe(struct dm_start *s, const struct domain_config *c, struct err *e)
{
    struct dom0_model_probe *p = &s->probe;

    if (p->known || c == NULL ||
        (!c->model.dm_restrict && c->model.user == NULL))
        return STEP_DONE;
    p->done = start_probed;
    if (!p->asked &&
        dom0_model_probe(engine_dom0(s->task->en), p, c->model.program, e) < 0)
        return STEP_FAIL;
    return p->known ? STEP_DONE : STEP_WAIT;
}

static void
start_probe_stop(struct dm_start *s)
{
    if (s->probe.asked)
        dom0_model_probe_stop(engine_dom0(s->task->en), &s->probe);
}

enum step_rc
dm_start_run(struct dm_start *s, struct devices *ds, const struct dm_want *want,
             struct err *e)
{
    enum step_rc rc;
    enum life life;

    if (s->ready || (!s->made && !needed(ds, want)))
        return STEP_DONE;
    s->task = ds->task;
    s->domid = ds->domid;
    if (!s->made) {
        life = runs_already(s->task->en, s->domid, e);
        if (life != LIFE_GONE)
            return life == LIFE_ALIVE ? STEP_DONE : STEP_FAIL;
        rc = start_probe(s, want->cfg, e);
        if (rc != STEP_DONE)
            return rc;
        if (dm_start_begin(s, ds, want, e) < 0)
            return STEP_FAIL;
    }
    return dm_start_wait(s, e);
}

int
dm_start_check(const struct dm_start *s, struct err *e)
{
    const struct model *m;

    if (!s->ready)
        return 0;
    m = dm_find(s->task->en, s->domid);
    if (m != NULL && !m->ended)
        return 0;
    (void)start_lost(m, e);
    return -1;
}

/* One that was started is known, but for one that could not be watched. */
static enum step_rc
undo_stop(struct dm_start *s)
{
    struct err e = { 0 };
    enum step_rc rc = dm_stop(s->task->en, s->domid, &e);

    if (rc != STEP_FAIL)
        return rc;
    if (s->stop_looks++ < UNDO_LOOKS) {
        task_wake_in(s->task, UNDO_LOOK_MS);
        return STEP_WAIT;
    }
    event_add_for(s->task->en, EVENT_DEVICE, EVENT_ERROR, s->domid,
                  s->task->op->name, "its device model may be left running: %s",
                  e.msg);
    return STEP_DONE;
}

enum step_rc
dm_start_undo(struct dm_start *s)
{
    struct forget f = { .domid = s->domid };
    struct err e = { 0 };

    start_probe_stop(s);
    if (!s->made)
        return STEP_DONE;
    store_watch_del(&s->watch);
    dm_setup_fini(s);
    if (undo_stop(s) == STEP_WAIT)
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
    start_probe_stop(s);
    store_watch_del(&s->watch);
    dm_setup_fini(s);
}
