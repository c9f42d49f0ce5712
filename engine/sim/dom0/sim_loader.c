/*
 * sim_loader.c - boot loaders of the simulated dom0: real programs of the
 * machine that it runs on, as kernels are its files. Whoever runs the simulated
 * host runs them, with the rights that he has.
 */
#include "engine/dom0/linux/loader_program.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"

int
sim_dom0_loader_find(struct dom0 *d, const char *name, char *dst, size_t n,
                     struct err *e)
{
    (void)d;
    return loader_program_find(name, dst, n, e);
}

int
sim_dom0_loader_start(struct dom0 *d, struct dom0_loader *l,
                      const struct dom0_loader_job *j, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    struct dom0_loader_job own = *j;

    own.confined = false;
    if (loader_program_start(s->lp, l, &own, e) < 0)
        return -1;
    loop_child_rest(&l->child, s->loaders_wait);
    return 0;
}

void
sim_dom0_loader_stop(struct dom0 *d, struct dom0_loader *l)
{
    (void)d;
    loader_program_stop(l);
}

void
sim_loaders_wait(struct sim *s, bool wait)
{
    s->loaders_wait = wait;
}
