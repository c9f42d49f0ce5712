/*
 * sim_transport.c - the way from a simulated host to another: one that the test
 * has joined to it, or a real program, as on a real host.
 */
#include <errno.h>

#include "engine/dom0/linux/linux_int.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_peer.h"

static struct sim *
sim_transport_host(struct dom0 *d)
{
    return container_of(d, struct sim, dom0);
}

void
sim_join(struct sim *s, sim_peer_cb *peer, void *arg)
{
    s->peer = peer;
    s->peer_arg = arg;
}

void
sim_has_shadow(struct sim *s, bool shadow)
{
    s->shadow = shadow;
}

void
sim_has_old_cpu(struct sim *s, bool old)
{
    s->old_cpu = old;
}

int
sim_dom0_transport_open(struct dom0 *d, const char *line,
                        struct dom0_transport *t, struct err *e)
{
    const struct sim *s = sim_transport_host(d);

    if (s->peer == NULL)
        return linux_transport_open(d, line, t, e);
    *t = (struct dom0_transport){ .fd = s->peer(s->peer_arg, line),
                                  .err_fd = -1 };
    return t->fd >= 0 ? 0 : err_sys(e, ECONNREFUSED, "'%s'", line);
}

int
sim_dom0_transport_run(struct dom0 *d, const struct dom0_carrier *c,
                       struct dom0_transport *t, struct err *e)
{
    return linux_transport_run(d, c, t, e);
}

void
sim_dom0_console_logs(struct dom0 *d)
{
    (void)d; /* its xenconsoled keeps none */
}

void
sim_dom0_transport_close(struct dom0 *d, struct dom0_transport *t)
{
    linux_transport_close(d, t);
}

int
sim_dom0_receivers(struct dom0 *d, bool *any_out, struct err *e)
{
    const struct sim *s = sim_transport_host(d);

    *any_out = s->xl_receives;
    return s->procs_hidden ? err_sys(e, EMFILE, "/proc") : 0;
}

void
sim_xl_receives(struct sim *s, bool receives)
{
    s->xl_receives = receives;
}
