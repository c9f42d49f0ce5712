/*
 * sim_model.c - device models of the simulated dom0: no processes, but all
 * that a toolstack sees of one. It takes a while to come up, says so in
 * xenstore, then serves the devices of its domain (sim_backend.c), and can
 * end by itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "engine/sim/sim_int.h"
#include "src/base/xalloc.h"

#define START_MS 50

struct sim_model {
    struct sim *s;
    uint32_t domid;
    bool up;
    struct loop_timer tm;
    void (*ended)(void *arg, int status);
    void *arg;
    struct list_node node;
};

static struct sim *
sim_of(struct hv *h)
{
    return container_of(h, struct sim, hv);
}

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
    void (*ended)(void *arg, int status_out) = m->ended;
    void *arg = m->arg;

    model_free(m);
    if (ended != NULL)
        ended(arg, status);
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
sim_model_start(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim *s = sim_of(h);
    struct sim_model *m;

    if (sim_call(s, SIM_HV_MODEL_START, e) < 0)
        return -1;
    m = xcalloc(1, sizeof(*m));
    m->s = s;
    m->domid = domid;
    list_append(&s->models, &m->node);
    loop_timer_arm(s->lp, &m->tm, START_MS, start_due);
    return 0;
}

void
sim_model_stop(struct hv *h, uint32_t domid)
{
    struct sim_model *m = find(sim_of(h), domid);

    if (m != NULL)
        model_free(m);
}

bool
sim_model_runs(struct hv *h, uint32_t domid)
{
    return find(sim_of(h), domid) != NULL;
}

void
sim_model_watch(struct hv *h, uint32_t domid,
                void (*ended)(void *arg, int status), void *arg)
{
    struct sim_model *m = find(sim_of(h), domid);

    if (m == NULL)
        return;
    m->ended = ended;
    m->arg = arg;
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
