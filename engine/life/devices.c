/*
 * devices.c - see devices.h. Facts of xen-toolstack: forced removal takes the
 * frontend away first so that the backend sees its peer gone, sets online 0
 * and state 5, waits for state 6, runs the hotplug script, deletes the nodes.
 */
#include "engine/life/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define STATE_CLOSED    6
#define CLOSE_LIMIT_MS  10000 /* libxl's LIBXL_DESTROY_TIMEOUT */
#define SCRIPT_LIMIT_MS 40000 /* libxl's LIBXL_HOTPLUG_TIMEOUT */
#define SCRIPTS_DIR     "/etc/xen/scripts/"

/* --- what there is --- */

/* A backend directory as libxl records it: nothing else is ever touched. */
static bool
backend_ok(const char *path, const char *kind, uint32_t domid)
{
    char want[64];
    const char *s = path;

    if (strncmp(s, "/local/domain/", 14) != 0 || strstr(s, "..") != NULL)
        return false;
    s += 14 + strspn(s + 14, "0123456789");
    if (strncmp(s, "/backend/", 9) != 0)
        return false;
    /* The backend's kind may differ from the frontend's (vbd: qdisk). */
    (void)kind;
    text_fmt(want, sizeof(want), "/%u/", domid);
    return strstr(s + 9, want) != NULL;
}

static void
add_device(struct devices *ds, const char *kind, const char *id)
{
    struct device *d;
    char path[256], back[160];

    if (ds->n == DEVICES_MAX)
        return;
    store_path(path, sizeof(path), "/libxl/%u/device/%s/%s/backend", ds->domid,
               kind, id);
    if (store_read_text(ds->task->en->st, 0, path, back, sizeof(back), NULL) <
            0 ||
        !backend_ok(back, kind, ds->domid))
        return;
    d = &ds->list[ds->n++];
    d->owner = ds;
    text_fmt(d->kind, sizeof(d->kind), "%s", kind);
    text_fmt(d->backend, sizeof(d->backend), "%s", back);
}

static void
collect_kind(struct devices *ds, const char *kind)
{
    struct buf ids = { 0 };
    char path[160];
    const char *s;
    size_t i, n;

    store_path(path, sizeof(path), "/libxl/%u/device/%s", ds->domid, kind);
    if (store_list(ds->task->en->st, 0, path, &ids, &n, NULL) == 0)
        for (i = 0, s = ids.data; i < n; i++, s += strlen(s) + 1)
            add_device(ds, kind, s);
    buf_free(&ids);
}

/* A console is nodes only: they go with the domain's. */
static void
collect(struct devices *ds)
{
    struct buf kinds = { 0 };
    char path[64];
    const char *s;
    size_t i, n;

    ds->list = xcalloc(DEVICES_MAX, sizeof(*ds->list));
    store_path(path, sizeof(path), "/libxl/%u/device", ds->domid);
    if (store_list(ds->task->en->st, 0, path, &kinds, &n, NULL) == 0)
        for (i = 0, s = kinds.data; i < n; i++, s += strlen(s) + 1)
            if (strcmp(s, "console") != 0)
                collect_kind(ds, s);
    buf_free(&kinds);
}

/* --- closing the backend --- */

static uint64_t
backend_state(const struct device *d)
{
    char path[200];
    uint64_t v;

    store_path(path, sizeof(path), "%s/state", d->backend);
    if (store_read_u64(d->owner->task->en->st, 0, path, 16, &v, NULL) < 0)
        return STATE_CLOSED; /* gone altogether */
    return v;
}

static int
close_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct device *d = arg;
    char path[200], front[160];
    uint64_t state;

    store_path(path, sizeof(path), "%s/state", d->backend);
    if (store_read_u64(st, tx, path, 16, &state, NULL) < 0)
        return 0;
    store_path(front, sizeof(front), "/local/domain/%u/device/%s/%s",
               d->owner->domid, d->kind, strrchr(d->backend, '/') + 1);
    if (store_rm(st, tx, front, e) < 0)
        return -1;
    if (state != STATE_CLOSED && store_write(st, tx, path, "5", e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/online", d->backend);
    return store_write(st, tx, path, "0", e);
}

static void
give_up(struct loop_timer *lt)
{
    struct device *d = container_of(lt, struct device, limit);
    struct task *t = d->owner->task;

    event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid, t->op->name,
                  "%s: %s did not finish in time; forced", d->backend,
                  d->phase == DEVICE_CLOSING ? "the backend"
                                             : "its hotplug script");
    if (d->phase == DEVICE_SCRIPT) {
        kill(-d->child.pid, SIGKILL);
        return; /* its end comes through the child handler */
    }
    d->was_closed = true;
    task_wake(t);
}

static void
begin_close(struct device *d)
{
    struct task *t = d->owner->task;
    struct err e = { 0 };

    if (store_tx_run(t->en->st, close_body, d, &e) < 0)
        log_line(t->en->log, LOGL_WARN, "%s: %s", d->backend, e.msg);
    loop_timer_arm(t->en->lp, &d->limit, CLOSE_LIMIT_MS, give_up);
}

/* --- the hotplug script --- */

static void
script_ended(struct loop_child *lc, int status)
{
    struct device *d = container_of(lc, struct device, child);
    struct task *t = d->owner->task;

    if (status != 0)
        log_line(t->en->log, LOGL_WARN, "%s: hotplug script ended with %d",
                 d->backend, status);
    loop_timer_del(&d->limit);
    d->phase = DEVICE_GONE;
    task_wake(t);
}

/* The script stands in the backend directory, which dom0 owns; still only one
 * of Xen's own directory is run. */
static bool
script_of(const struct device *d, char *out, size_t out_size)
{
    char path[200];

    store_path(path, sizeof(path), "%s/script", d->backend);
    return store_read_text(d->owner->task->en->st, 0, path, out, out_size,
                           NULL) == 0 &&
           strncmp(out, SCRIPTS_DIR, strlen(SCRIPTS_DIR)) == 0 &&
           strstr(out, "..") == NULL && access(out, X_OK) == 0;
}

static int
script_spawn(struct device *d, char *script, pid_t *pid_out)
{
    bool vif = strcmp(d->kind, "vif") == 0;
    char verb[16], type[] = "type_if=vif";
    char env[6][256];
    char *argv[] = { script, verb, vif ? type : NULL, NULL };
    char *envp[] = { env[0], env[1], env[2], env[3], env[4], env[5], NULL };
    const char *rel = strstr(d->backend, "backend/");
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none;
    int r;

    text_fmt(verb, sizeof(verb), "%s", vif ? "offline" : "remove");
    text_fmt(env[0], 256, "script=%s", script);
    text_fmt(env[1], 256, "XENBUS_TYPE=%s", d->kind);
    text_fmt(env[2], 256, "XENBUS_PATH=%s", rel);
    text_fmt(env[3], 256, "XENBUS_BASE_PATH=backend");
    text_fmt(env[4], 256, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    text_fmt(env[5], 256, "vif=vif%u.%s", d->owner->domid,
             strrchr(d->backend, '/') + 1);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&at);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setpgroup(&at, 0);
    posix_spawnattr_setflags(&at,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    r = posix_spawn(pid_out, script, &fa, &at, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    return r;
}

static void
begin_script(struct device *d)
{
    struct engine *en = d->owner->task->en;
    char script[160];
    pid_t pid;

    loop_timer_del(&d->limit);
    d->phase = DEVICE_GONE;
    if (en->sim != NULL || !script_of(d, script, sizeof(script)))
        return;
    if (script_spawn(d, script, &pid) != 0)
        return;
    d->phase = DEVICE_SCRIPT;
    loop_timer_arm(en->lp, &d->limit, SCRIPT_LIMIT_MS, give_up);
    if (loop_child_add(en->lp, &d->child, pid, script_ended) < 0)
        d->phase = DEVICE_GONE;
}

static void
rm_nodes(const struct device *d)
{
    struct store *st = d->owner->task->en->st;
    char parent[160];
    int level;

    (void)store_rm(st, 0, d->backend, NULL);
    text_fmt(parent, sizeof(parent), "%s", d->backend);
    /* backend/KIND/DOMID and backend/KIND, as libxl cleans up. */
    for (level = 0; level < 2; level++) {
        *strrchr(parent, '/') = '\0';
        (void)store_rm_if_empty(st, 0, parent, NULL, NULL);
    }
}

/* --- all of them --- */

static void
backends_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(container_of(w, struct devices, watch)->task);
}

static void
begin(struct devices *ds)
{
    size_t i;

    ds->begun = true;
    collect(ds);
    if (ds->n == 0)
        return;
    (void)store_watch_add(ds->task->en->st, &ds->watch,
                          "/local/domain/0/backend", backends_changed, NULL);
    for (i = 0; i < ds->n; i++)
        begin_close(&ds->list[i]);
}

enum step_rc
devices_remove(struct devices *ds, struct task *t, uint32_t domid)
{
    size_t i, gone = 0;

    ds->task = t;
    ds->domid = domid;
    if (!ds->begun)
        begin(ds);
    for (i = 0; i < ds->n; i++) {
        struct device *d = &ds->list[i];

        if (d->phase == DEVICE_CLOSING &&
            (d->was_closed || backend_state(d) == STATE_CLOSED))
            begin_script(d);
        gone += d->phase == DEVICE_GONE;
    }
    if (gone < ds->n)
        return STEP_WAIT;
    store_watch_del(&ds->watch);
    for (i = 0; i < ds->n; i++)
        rm_nodes(&ds->list[i]);
    return STEP_DONE;
}

void
devices_fini(struct devices *ds)
{
    size_t i;

    store_watch_del(&ds->watch);
    for (i = 0; i < ds->n; i++) {
        loop_timer_del(&ds->list[i].limit);
        loop_child_del(&ds->list[i].child);
    }
    free(ds->list);
    ds->list = NULL;
    ds->n = 0;
}

/* --- the device model --- */

/* Is this process the device model of just this domain? A recorded pid may
 * have been given to another process since. */
static bool
is_model_of(uint64_t pid, uint32_t domid)
{
    char path[64], id[16];
    struct buf b = { 0 };
    const char *s;
    bool found = false;

    text_fmt(path, sizeof(path), "/proc/%llu/cmdline", (unsigned long long)pid);
    text_fmt(id, sizeof(id), "%u", domid);
    if (fd_read_file(path, 64 * 1024, &b, NULL) == 0)
        for (s = b.data; s != NULL && s < b.data + b.len && !found;
             s += strlen(s) + 1)
            if (strcmp(s, "-xen-domid") == 0 &&
                s + strlen(s) + 1 < b.data + b.len)
                found = strcmp(s + strlen(s) + 1, id) == 0;
    buf_free(&b);
    return found;
}

void
devices_kill_model(struct engine *en, uint32_t domid)
{
    static const char *const sockets[] = { "qmp-libxl", "qmp-libxenstat" };
    char path[96];
    uint64_t pid;
    size_t i;

    store_path(path, sizeof(path), "/local/domain/%u/image/device-model-pid",
               domid);
    if (en->sim != NULL ||
        store_read_u64(en->st, 0, path, 1 << 22, &pid, NULL) < 0 || pid < 2)
        return;
    if (is_model_of(pid, domid))
        (void)kill((pid_t)pid, SIGKILL);
    for (i = 0; i < 2; i++) {
        text_fmt(path, sizeof(path), "/var/run/xen/%s-%u", sockets[i], domid);
        (void)unlink(path);
    }
}
