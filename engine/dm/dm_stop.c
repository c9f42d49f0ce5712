/*
 * dm_stop.c - the end of a model with its domain: asked over its control
 * socket, then by the signal that libxl gives, then killed.
 */
#include <string.h>

#include "engine/dm/dm_int.h"
#include "engine/task/tasks.h"

#define QUIT_MS      1000  /* to answer "quit" */
#define END_LIMIT_MS 10000 /* for the last writes to its disks */

/* It had its time for the disks' sake. A process that survives SIGKILL is
 * stuck in the kernel: nobody can do more. */
static void
stop_overdue(struct loop_timer *lt)
{
    struct model *m = container_of(lt, struct model, limit);

    if (m->killed) {
        event_add_for(m->en, EVENT_DEVICE, EVENT_ERROR, m->domid, m->name,
                      "its device model (process %d) does not end",
                      (int)m->proc.pid);
        m->proc.ended(&m->proc, MODEL_STATUS_UNKNOWN);
        return;
    }
    m->killed = true;
    dom0_model_end(engine_dom0(m->en), &m->proc, true);
    loop_timer_arm(engine_loop(m->en), &m->limit, END_LIMIT_MS, stop_overdue);
}

static void
stop_answered(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct model *m = container_of(c, struct model, quit);

    (void)e;
    if (ret == NULL && !m->ended && !m->killed)
        dom0_model_end(engine_dom0(m->en), &m->proc, false);
}

/* Whoever watches it sees by its missing directory that this is meant. A
 * socket that others use may be held by one of them. */
static void
stop_ask(struct model *m)
{
    char path[96];

    m->stopping = true;
    if (m->ended)
        return;
    dm_dir(m->domid, "", path, sizeof(path));
    (void)store_rm(engine_store(m->en), 0, path, NULL);
    loop_timer_del(&m->beat_tm);
    qmp_cancel(&m->beat);
    if (m->hung) {
        m->killed = true;
        dom0_model_end(engine_dom0(m->en), &m->proc, true);
    } else if (m->starting || m->qmp.shared) {
        dom0_model_end(engine_dom0(m->en), &m->proc, false);
    } else {
        qmp_send(&m->qmp, &m->quit, "quit", NULL, QUIT_MS, stop_answered);
    }
    loop_timer_arm(engine_loop(m->en), &m->limit, END_LIMIT_MS, stop_overdue);
}

/* One of an engine that died before its pid was on record shows itself by its
 * directory alone; *pid_out 0: there is none. A look that fails proves neither
 * that there is none nor that a process is one. */
static int
find_other(struct engine *en, uint32_t domid, pid_t *pid_out, struct err *e)
{
    struct err why = { 0 };
    char path[96];
    bool recorded;
    enum life life = dm_pid_on_record(en, domid, pid_out, &recorded, &why);

    if (life == LIFE_UNKNOWN && why.code != ERR_INVALID) {
        *e = why;
        return -1;
    }
    dm_dir(domid, "", path, sizeof(path));
    if (life == LIFE_ALIVE ||
        (life == LIFE_GONE && store_absent(engine_store(en), 0, path)))
        return 0;
    if (dom0_model_find(engine_dom0(en), domid, pid_out, e) < 0)
        return err_wrap(e, "whether domain %u has a device model", domid);
    return 0;
}

int
dm_reach(struct engine *en, uint32_t domid, struct model **out, struct err *e)
{
    const struct dom_entry *de = domains_by_domid(en, domid);
    struct model *m = dm_find(en, domid);
    pid_t pid;

    *out = NULL;
    if (m == NULL && de != NULL) {
        if (find_other(en, domid, &pid, e) < 0)
            return -1;
        if (pid != 0) {
            m = dm_add(en, domid, de->d.name, pid, e);
            if (m == NULL)
                return -1;
        }
    }
    if (m != NULL && !m->ended)
        *out = m;
    return 0;
}

/* Without descriptors to wait for its end it is killed. */
static struct model *
stop_take(struct engine *en, uint32_t domid, pid_t pid)
{
    struct model *m = dm_add(en, domid, "", pid, NULL);

    if (m == NULL)
        dom0_model_end(engine_dom0(en),
                       &(struct dom0_model){ .domid = domid, .pid = pid },
                       true);
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
    bool has = false;

    store_path(path, sizeof(path), "/local/domain/0/backend/%s/%u", back_kind,
               s->domid);
    if (s->rc == 0)
        s->rc = store_has(s->st, s->tx, path, &has, s->e);
    if (s->rc == 0 && has)
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
dm_stop(struct engine *en, uint32_t domid, struct err *e)
{
    struct model *m = dm_find(en, domid);
    pid_t pid = 0;

    if (m == NULL && find_other(en, domid, &pid, e) < 0)
        return STEP_FAIL;
    if (pid != 0)
        m = stop_take(en, domid, pid);
    if (m != NULL && (!m->stopping || !loop_timer_active(&m->limit)))
        stop_ask(m);
    if (m != NULL && !m->ended)
        return STEP_WAIT;
    if (m != NULL)
        drop_ended(m);
    dom0_model_clean(engine_dom0(en), domid);
    return STEP_DONE;
}
