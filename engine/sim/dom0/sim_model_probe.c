/*
 * sim_model_probe.c - the simulated program of a device model says which
 * options it knows, as linux_model_probe.c hears it: a moment later, and at
 * once when it is asked again.
 */
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/dom0/sim_model.h"
#include "engine/sim/sim_outside_model.h"

#define PROBE_MS 5

void
sim_models_run_with(struct sim *s, bool run_with)
{
    s->run_with = run_with;
    s->run_with_known = false;
}

static void
probe_due(struct loop_timer *lt)
{
    struct dom0_model_probe *p =
        container_of(lt, struct dom0_model_probe, limit);
    struct sim *s = container_of(p->d, struct sim, dom0);

    s->run_with_known = true;
    p->run_with_chroot = p->run_with_user = s->run_with;
    p->asked = false;
    p->known = true;
    p->done(p);
}

int
sim_dom0_model_probe(struct dom0 *d, struct dom0_model_probe *p,
                     const char *program, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);

    (void)program;
    (void)e;
    p->d = d;
    p->known = s->run_with_known;
    p->run_with_chroot = p->run_with_user = s->run_with;
    if (p->known)
        return 0;
    p->asked = true;
    loop_timer_arm(s->lp, &p->limit, PROBE_MS, probe_due);
    return 0;
}

void
sim_dom0_model_probe_stop(struct dom0 *d, struct dom0_model_probe *p)
{
    (void)d;
    loop_timer_del(&p->limit);
    p->asked = false;
}

/* Older and newer programs end at an option that is not theirs. */
bool
sim_model_knows_args(const struct sim_model *m)
{
    return m->s->run_with ? sim_model_arg(m, "-chroot") == NULL &&
                                sim_model_arg(m, "-runas") == NULL
                          : sim_model_arg(m, "-run-with") == NULL;
}

bool
sim_model_has_root(const struct sim_model *m)
{
    return sim_model_arg(m, m->s->run_with ? "-run-with" : "-chroot") != NULL;
}
