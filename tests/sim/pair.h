/*
 * pair.h - two simulated hosts on one loop, joined: what one of them sends to
 * the other passes a wire that the test can cut.
 */
#ifndef XENDECK_TESTS_PAIR_H
#define XENDECK_TESTS_PAIR_H

#include "engine/sim/sim_peer.h"
#include "tests/sim/world.h"

#define PAIR_UUID "uuid = \"11111111-2222-4333-8444-55555555aaaa\";"
#define PAIR_DISK                                                              \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; } );"

/* Directions on a wire. */
enum { PAIR_TO, PAIR_BACK, PAIR_WAYS };

struct pair_wire {
    struct pair *p;
    int fd[PAIR_WAYS]; /* where that direction comes from */
    struct loop_fd lf[PAIR_WAYS];
    size_t passed[PAIR_WAYS];
    bool open;
};

struct pair {
    struct world a, b;
    uint64_t id;               /* of the guest "web9" of a */
    struct pair_wire wires[8]; /* connections, a ring of them */
    unsigned n_wires;          /* made so far */
    /* The nth connection (from 1) is cut after so many bytes of a direction;
     * 0: none is. */
    unsigned cut_wire;
    int cut_way;
    size_t cut_at;
    bool cut;      /* it was */
    bool no_route; /* no connection is made */
    /* Something may be on its way that nobody can be seen to work on, as in the
     * kernel's network: the clock moves later. NULL: never. */
    bool (*underway)(void);
    size_t seen[PAIR_WAYS]; /* bytes of the last connection */
    struct buf tape;        /* what it sent to b */
    uint64_t received;      /* operation of the last one, on b */
};

/* Both hosts; a guest "web9" with these settings runs on the first. */
void pair_open(struct pair *p, const char *more);
/* The same, and the second host has little memory. */
void pair_open_small(struct pair *p, const char *more);
void pair_close(struct pair *p);
/* A new wire between two sockets, which it takes: one to a, one to b. */
void pair_wire_add(struct pair *p, int near, int far);
/* For pair_until: the wire was cut. arg: the pair. */
bool pair_was_cut(void *arg);
/* Turns until done, or the operation of this world, has ended; fails the test
 * after a long time. */
void pair_until(struct pair *p, bool (*done)(void *arg), void *arg);
enum op_state pair_wait(struct pair *p, struct world *w, uint64_t op);
/* Lets this much virtual time pass, and until neither engine is busy. */
void pair_settle(struct pair *p, uint64_t ms);
/* The same however busy they are. */
void pair_pass(struct pair *p, uint64_t ms);
/* The guest runs there: neither paused nor shut down, and not half-made. */
bool pair_runs(struct world *w);
/* Any domain of that name, or of its incoming one. */
bool pair_has(struct world *w);

#endif
