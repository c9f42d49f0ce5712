/*
 * sim_model.c - device models of the simulated dom0: no processes, but all
 * that a toolstack sees of one. It takes a while to come up, says so in
 * xenstore, then serves the devices of its domain (sim_backend.c), and can
 * end by itself.
 */
#include "engine/sim/dom0/sim_model.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define START_MS 50
#define END_MS   1
#define NO_PID   DOM0_MODEL_PID_MAX /* that no process can have */

struct sim_model {
    struct sim *s;
    uint32_t domid;
    bool up;
    struct loop_timer tm;
    struct dom0_model *watched; /* NULL: nobody waits for its end */
    struct list_node node;
};

static struct sim_model *
find(const struct sim *s, uint32_t domid)
{
    struct list_node *it;

    list_foreach (it, &s->models) {
        struct sim_model *m = list_entry(it, struct sim_model, node);

        if (m->domid == domid)
            return m;
    }
    return NULL;
}

static void
model_free(struct sim_model *m)
{
    loop_timer_del(&m->tm);
    list_del(&m->node);
    free(m);
}

static void
model_ends(struct sim_model *m, int status)
{
    struct dom0_model *watched = m->watched;

    model_free(m);
    if (watched != NULL)
        watched->ended(watched, status);
}

static void
start_due(struct loop_timer *lt)
{
    struct sim_model *m = container_of(lt, struct sim_model, tm);
    struct err e = { 0 };
    char path[96];

    if (sim_call(m->s, SIM_DM_START, &e) < 0) {
        if (e.sys != ETIMEDOUT) /* else it hangs */
            model_ends(m, W_EXITCODE(1, 0));
        return;
    }
    m->up = true;
    text_fmt(path, sizeof(path), "/local/domain/0/device-model/%u/state",
             m->domid);
    sim_dom0_write(m->s, path, "running");
    sim_back_kick(m->s, m->domid);
}

int
sim_dom0_model_start(struct dom0 *d, const struct dom0_model_job *j,
                     pid_t *pid_out, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    struct sim_model *m = xcalloc(1, sizeof(*m));

    (void)e;
    m->s = s;
    m->domid = j->domid;
    list_append(&s->models, &m->node);
    loop_timer_arm(s->lp, &m->tm, START_MS, start_due);
    *pid_out = NO_PID;
    return 0;
}

bool
sim_dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid)
{
    return pid == NO_PID &&
           find(container_of(d, struct sim, dom0), domid) != NULL;
}

pid_t
sim_dom0_model_find(struct dom0 *d, uint32_t domid)
{
    return sim_dom0_model_serves(d, domid, NO_PID) ? NO_PID : 0;
}

int
sim_dom0_model_watch(struct dom0 *d, struct dom0_model *w, struct err *e)
{
    struct sim_model *m = find(container_of(d, struct sim, dom0), w->domid);

    if (m == NULL)
        return err_sys(e, ESRCH, "device model of domain %u", w->domid);
    m->watched = w;
    return 0;
}

void
sim_dom0_model_unwatch(struct dom0 *d, struct dom0_model *w)
{
    struct sim_model *m = find(container_of(d, struct sim, dom0), w->domid);

    if (m != NULL && m->watched == w)
        m->watched = NULL;
}

static void
end_due(struct loop_timer *lt)
{
    model_ends(container_of(lt, struct sim_model, tm), W_EXITCODE(0, 0));
}

void
sim_dom0_model_end(struct dom0 *d, const struct dom0_model *w, bool at_once)
{
    struct sim_model *m = find(container_of(d, struct sim, dom0), w->domid);

    (void)at_once;
    if (m == NULL)
        return;
    m->up = false;
    loop_timer_arm(m->s->lp, &m->tm, END_MS, end_due);
}

void
sim_dom0_model_clean(struct dom0 *d, uint32_t domid)
{
    (void)d;
    (void)domid;
}

bool
sim_model_serves(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = find(s, domid);

    return m != NULL && m->up;
}

int
sim_model_kill(struct sim *s, uint32_t domid)
{
    struct sim_model *m = find(s, domid);

    if (m == NULL)
        return -1;
    model_ends(m, W_EXITCODE(0, SIGKILL));
    return 0;
}

void
sim_models_dump(const struct sim *s, struct buf *out)
{
    struct list_node *it;

    list_foreach (it, &s->models)
        buf_fmt(out, "device model of %u\n",
                list_entry(it, struct sim_model, node)->domid);
}

void
sim_models_free(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->models)
        model_free(list_entry(it, struct sim_model, node));
}
