/*
 * loop_int.h - what the files of the loop share; nobody else includes it.
 */
#ifndef XENDECK_BASE_LOOP_INT_H
#define XENDECK_BASE_LOOP_INT_H

#include <signal.h>
#include <sys/epoll.h>

#include "src/base/loop.h"

#define LOOP_NS_PER_MS 1000000ULL
#define LOOP_NS_PER_S  1000000000ULL

struct loop {
    enum loop_clock clock;
    int epfd;
    bool stop;
    bool in_hooks;
    unsigned holds;
    uint64_t virtual_ns; /* the virtual clock */
    double wall0_s;      /* wall clock at virtual time 0 */
    int called;          /* callbacks of the turn, for its result */
    uint64_t spent_ns;   /* in this turn: see loop_spend */
    uint64_t stood_ns;   /* when a wait had been far too long, or 0 */

    uint64_t sliced_ns; /* when others than first_fds were served last */

    /* A registered descriptor is in exactly one of these lists. */
    struct list_node fds, first_fds, ready_fds;
    size_t fd_count;
    int first_count;            /* of them, registered as first */
    struct epoll_event *events; /* room for one event a descriptor */
    size_t events_cap;

    struct loop_timer **heap; /* binary, by due_ns then gen */
    size_t timer_count, heap_cap;
    uint64_t next_gen;

    /* ready_signals: arrived, callbacks still to be called. */
    struct list_node signals, ready_signals;
    struct loop_fd signal_lf; /* the signalfd, while there are handlers */
    sigset_t taken;           /* signals read from it */
    sigset_t was_blocked;     /* of these, blocked before we did */

    struct list_node hooks, ready_hooks;

    struct list_node dirs;
    struct loop_fd dir_lf; /* the inotify descriptor, once there was one */
};

/* loop_timer.c */
void loop_timers_run(struct loop *lp, uint64_t gen_limit);
/* False if none will ever be due. */
bool loop_timers_next(const struct loop *lp, uint64_t *due_ns_out);
void loop_timers_fini(struct loop *lp);
uint64_t loop_add_ms(uint64_t ns, uint64_t ms); /* stays at the maximum */

/* loop_signal.c */
void loop_signals_init(struct loop *lp);
void loop_signals_fini(struct loop *lp);

/* loop_dir.c */
void loop_dirs_fini(struct loop *lp);

/* loop_child.c: makes the owner of lf idle if lf is a child's; else false */
bool loop_child_fini(struct loop_fd *lf);

#endif
