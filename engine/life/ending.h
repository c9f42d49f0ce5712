/*
 * ending.h - the ways a domain ends, as one kind of task with three tables of
 * steps: asked to (shutdown, reboot, suspend), forced (destroy), found dead
 * (reap). They share the cleaning-up.
 */
#ifndef XENDECK_ENGINE_ENDING_H
#define XENDECK_ENGINE_ENDING_H

#include "engine/config/config.h"
#include "engine/life/devices.h"
#include "engine/life/kill.h"

struct ending {
    struct task t;
    enum op_verb verb;
    uint32_t domid;
    uint64_t dom_id;
    uint8_t uuid[16];
    bool owned;
    const char *command;      /* written to control/shutdown */
    struct store_watch watch; /* on control/shutdown */
    struct loop_timer limit, poll;
    uint64_t deadline_ms; /* of the wait at work, 0: none begun */
    enum dom_reason reason;
    double ran_s;              /* how long it lived, < 0: unknown */
    struct domain_config *cfg; /* of an owned domain, or NULL */
    struct devices devices;
    struct kill kill;
};

uint64_t ending_begin(struct dom_entry *de, enum op_verb verb);

/* restart.c: after the end of an owned domain: what its configuration asks
 * for. Takes nothing; may begin a creation with a copy of cfg. */
bool restart_wanted(const struct ending *x);
void restart_begin(struct ending *x);

#endif
