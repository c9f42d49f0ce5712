/*
 * sim_peer.h - a simulated host beside others: the way there, and in what it
 * differs from them.
 */
#ifndef XENDECK_ENGINE_SIM_PEER_H
#define XENDECK_ENGINE_SIM_PEER_H

#include "engine/sim/sim.h"

/* Another host that a line (dom0_transport.h) leads to: a socket to its
 * receiver, -1 if it cannot be reached. NULL: lines are run. */
typedef int sim_peer_cb(void *arg, const char *line);
void sim_join(struct sim *s, sim_peer_cb *peer, void *arg);
/* What Xen and the processors of the host can do. */
void sim_has_shadow(struct sim *s, bool shadow);
void sim_has_old_cpu(struct sim *s, bool old);

#endif
