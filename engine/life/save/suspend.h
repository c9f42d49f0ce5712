/*
 * suspend.h - a guest is suspended, with its device model, and both run on
 * again.
 */
#ifndef XENDECK_ENGINE_SUSPEND_H
#define XENDECK_ENGINE_SUSPEND_H

#include "engine/dm/dm_save.h"
#include "engine/host/domains.h"
#include "engine/task/task.h"

/* Embedded in its owner; zeroed but for the first members: not begun. */
struct suspend {
    struct task *task; /* woken by what happens; borrowed */
    uint64_t dom_id;
    uint32_t domid;
    /* Where the state of its device model goes: open for writing alone,
     * borrowed; -1: it has none. live: as dm_save_state has it. */
    int state_fd;
    bool live;
    bool asked;    /* the request was written, or the hypervisor asked */
    bool was_down; /* it had suspended before: it stays so */
    bool down;     /* it has suspended */
    bool stated;   /* its device model has stopped, and written its state */
    struct store_watch watch;
    uint64_t until_ms; /* the limit of the wait at work; 0: none */
    bool taken;        /* it has taken the request, and will suspend */
    bool undoing;
    bool model_on;  /* undone: its device model goes on */
    unsigned conts; /* how often it was told to */
    bool unsure;    /* of a dead engine: whether it was asked is not known */
    struct dm_talk talk;
};

/* Could it be suspended now? A paused guest cannot take a request; one that
 * takes none is stopped where it is. Refuses with a remedy. */
int suspend_check(struct engine *en, const struct dom_entry *de, struct err *e);
/* Call again after each wake-up. STEP_DONE: it has suspended, and the state of
 * its device model is written. */
enum step_rc suspend_run(struct suspend *s, struct err *e);
/* It runs as before, or is gone; a guest that has taken the request is waited
 * for, and resumed. */
enum step_rc suspend_undo(struct suspend *s);
/* Lets a domain that has suspended, and its device model, run on; likewise. */
enum step_rc suspend_resume(struct suspend *s, struct err *e);
void suspend_fini(struct suspend *s);

#endif
