/*
 * dm_model.c - the device models that this engine watches: one record a domain,
 * from its start, or from when the domain was taken in, to its end.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/dm/dm_int.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define END_LIMIT_MS 5000 /* for the last writes to its disks */

void
dm_dir(uint32_t domid, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/0/device-model/%u", domid);
}

void
dm_pid_path(uint32_t domid, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/%u/image/device-model-pid", domid);
}

struct model *
dm_find(const struct engine *en, uint32_t domid)
{
    struct list_node *it;

    list_foreach (it, &dm_room(en)->models) {
        struct model *m = list_entry(it, struct model, node);

        if (m->domid == domid)
            return m;
    }
    return NULL;
}

/* --- its end --- */

void
dm_end_words(const struct model *m, char *dst, size_t n)
{
    char how[64], said[200] = "", path[160];

    if (m->status == MODEL_STATUS_UNKNOWN)
        text_fmt(how, sizeof(how), "ended");
    else if (WIFSIGNALED(m->status))
        text_fmt(how, sizeof(how), "was killed by signal %d",
                 WTERMSIG(m->status));
    else
        text_fmt(how, sizeof(how), "ended with status %d",
                 WEXITSTATUS(m->status));
    dm_log_path(m->name, path, sizeof(path));
    dom0_model_log_tail(engine_dom0(m->en), path, said, sizeof(said));
    text_fmt(dst, n, "its device model %s (%s%s%s)", how, path,
             said[0] != '\0' ? ": " : ", which is empty", said);
}

/* Whoever ends a model with its domain removes its directory first, as libxl
 * does. */
static bool
is_expected(const struct model *m)
{
    const struct dom_entry *de = domains_by_domid(m->en, m->domid);
    char path[96];

    dm_dir(m->domid, path, sizeof(path));
    return de == NULL || (de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) ||
           store_absent(engine_store(m->en), 0, path);
}

static void
tell(struct model *m)
{
    const struct dom_entry *de = domains_by_domid(m->en, m->domid);
    char words[400], path[96];

    if (de == NULL || is_expected(m))
        return;
    dm_end_words(m, words, sizeof(words));
    event_add(m->en, EVENT_DEVICE, EVENT_ERROR, &de->d,
              "%s: what it served, qcow2 disks and the screen, hangs until the "
              "domain is made again",
              words);
    dm_pid_path(m->domid, path, sizeof(path));
    (void)store_rm(engine_store(m->en), 0, path, NULL);
}

/* One that is being started or stopped is waited for by its task. */
static void
model_ended(struct dom0_model *proc, int status)
{
    struct model *m = container_of(proc, struct model, proc);
    bool waited = m->starting || m->stopping;

    loop_timer_del(&m->limit);
    m->ended = true;
    m->status = status;
    if (!waited)
        tell(m);
    tasks_wake_dom(m->en, 0);
    if (!waited)
        dm_drop(m);
}

/* --- the record --- */

struct model *
dm_add(struct engine *en, uint32_t domid, const char *name, pid_t pid,
       struct err *e)
{
    struct model *m = xcalloc(1, sizeof(*m));

    m->en = en;
    m->domid = domid;
    m->proc =
        (struct dom0_model){ .domid = domid, .pid = pid, .ended = model_ended };
    text_fmt(m->name, sizeof(m->name), "%s", name);
    list_append(&dm_room(en)->models, &m->node);
    if (dom0_model_watch(engine_dom0(en), &m->proc, e) < 0) {
        dm_drop(m);
        return NULL;
    }
    return m;
}

void
dm_drop(struct model *m)
{
    loop_timer_del(&m->limit);
    dom0_model_unwatch(engine_dom0(m->en), &m->proc);
    list_del(&m->node);
    free(m);
}

/* --- taking one in --- */

/* The pid on record, if it still is one: 0 if not. */
static pid_t
pid_on_record(struct engine *en, uint32_t domid, bool *recorded)
{
    char path[96];
    uint64_t pid;

    dm_pid_path(domid, path, sizeof(path));
    *recorded = store_read_u64(engine_store(en), 0, path, DOM0_MODEL_PID_MAX,
                               &pid, NULL) == 0 &&
                pid >= 2;
    if (*recorded && dom0_model_serves(engine_dom0(en), domid, pid))
        return (pid_t)pid;
    return 0;
}

bool
dm_runs(struct engine *en, uint32_t domid)
{
    bool recorded;

    return pid_on_record(en, domid, &recorded) != 0;
}

static void
tell_missing(struct dom_entry *de)
{
    char path[96];

    if (!record_ours(de->en))
        return;
    event_add(de->en, EVENT_DEVICE, EVENT_ERROR, &de->d,
              "its device model ended while no engine watched: what it served, "
              "qcow2 disks and the screen, hangs until the domain is made "
              "again");
    dm_pid_path(de->d.domid, path, sizeof(path));
    (void)store_rm(engine_store(de->en), 0, path, NULL);
}

void
dm_own(struct dom_entry *de)
{
    struct engine *en = de->en;
    struct err e = { 0 };
    bool recorded;
    pid_t pid;

    if (engine_options(en)->one_shot || !de->d.owned || de->d.building ||
        de->d.kind != DOM_PV ||
        (de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) ||
        dm_find(en, de->d.domid) != NULL)
        return;
    pid = pid_on_record(en, de->d.domid, &recorded);
    if (!recorded)
        return;
    if (pid == 0)
        tell_missing(de);
    else if (dm_add(en, de->d.domid, de->d.name, pid, &e) == NULL)
        log_line(engine_log(en), LOGL_WARN, "%s: %s", de->d.name, e.msg);
}

/* --- stopping one --- */

/* It had its time for the disks' sake. A process that survives SIGKILL is
 * stuck in the kernel: nobody can do more. */
static void
overdue(struct loop_timer *lt)
{
    struct model *m = container_of(lt, struct model, limit);

    if (m->killed) {
        event_add_for(m->en, EVENT_DEVICE, EVENT_ERROR, m->domid, m->name,
                      "its device model (process %d) does not end",
                      (int)m->proc.pid);
        model_ended(&m->proc, MODEL_STATUS_UNKNOWN);
        return;
    }
    m->killed = true;
    dom0_model_end(engine_dom0(m->en), &m->proc, true);
    loop_timer_arm(engine_loop(m->en), &m->limit, END_LIMIT_MS, overdue);
}

/* Whoever watches it sees by its missing directory that this is meant. */
static void
ask(struct model *m)
{
    char path[96];

    m->stopping = true;
    if (m->ended)
        return;
    dm_dir(m->domid, path, sizeof(path));
    (void)store_rm(engine_store(m->en), 0, path, NULL);
    dom0_model_end(engine_dom0(m->en), &m->proc, false);
    loop_timer_arm(engine_loop(m->en), &m->limit, END_LIMIT_MS, overdue);
}

/* One of an engine that died before its pid was on record shows itself by its
 * directory alone. */
static struct model *
find_other(struct engine *en, uint32_t domid)
{
    char path[96];
    bool recorded;
    pid_t pid = pid_on_record(en, domid, &recorded);
    struct model *m;

    dm_dir(domid, path, sizeof(path));
    if (pid == 0 && store_exists(engine_store(en), 0, path))
        pid = dom0_model_find(engine_dom0(en), domid);
    if (pid == 0)
        return NULL;
    m = dm_add(en, domid, "", pid, NULL);
    if (m == NULL)
        dom0_model_end(engine_dom0(en),
                       &(struct dom0_model){ .domid = domid, .pid = pid },
                       true); /* without descriptors to wait for it */
    return m;
}

struct sweep {
    struct store *st;
    store_tx tx;
    uint32_t domid;
    struct err *e;
    int rc;
};

static void
sweep_kind(void *arg, const char *back_kind)
{
    struct sweep *s = arg;
    char path[96];

    store_path(path, sizeof(path), "/local/domain/0/backend/%s/%u", back_kind,
               s->domid);
    if (s->rc == 0 && store_exists(s->st, s->tx, path))
        s->rc = store_rm_up(s->st, s->tx, path, 1, s->e);
}

static int
sweep_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const uint32_t *domid = arg;
    struct sweep s = { .st = st, .tx = tx, .domid = *domid, .e = e };

    device_model_kinds_each(sweep_kind, &s);
    return s.rc;
}

/* A backend that was late wrote its state when its nodes had been removed, and
 * so made them anew: now that the process is gone they can go for good. */
static void
drop_ended(struct model *m)
{
    struct engine *en = m->en;
    uint32_t domid = m->domid;
    struct err e = { 0 };

    dm_drop(m);
    if (store_tx_run(engine_store(en), sweep_body, &domid, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "backends of domain %u: %s", domid,
                 e.msg);
}

enum step_rc
dm_stop(struct engine *en, uint32_t domid)
{
    struct model *m = dm_find(en, domid);

    if (m == NULL)
        m = find_other(en, domid);
    if (m != NULL && !m->stopping)
        ask(m);
    if (m != NULL && !m->ended)
        return STEP_WAIT;
    if (m != NULL)
        drop_ended(m);
    dom0_model_clean(engine_dom0(en), domid);
    return STEP_DONE;
}

/* --- the room --- */

static void
dom_born(struct dom_observer *o, struct dom_entry *de)
{
    (void)o;
    dm_own(de);
}

static void
dom_ours(struct record_observer *o, struct dom_entry *de)
{
    (void)o;
    dm_own(de);
}

static const struct model_server server = { .check = dm_check,
                                            .runs = dm_runs,
                                            .start = dm_start_run,
                                            .undo = dm_start_undo };

void
dm_open(struct engine *en)
{
    struct dm_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    list_init(&r->models);
    r->doms.born = dom_born;
    r->record.own = dom_ours;
    engine_set_room(en, ROOM_DM, r);
    device_serve_models(en, &server);
    domains_observe(en, &r->doms);
    record_observe(en, &r->record);
}

void
dm_close(struct engine *en)
{
    struct dm_room *r = dm_room(en);
    struct list_node *it, *tmp;

    if (r == NULL)
        return;
    domains_unobserve(&r->doms);
    record_unobserve(&r->record);
    list_foreach_safe (it, tmp, &r->models)
        dm_drop(list_entry(it, struct model, node));
    engine_set_room(en, ROOM_DM, NULL);
    free(r);
}
