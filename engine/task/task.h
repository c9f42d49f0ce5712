/*
 * task.h - a long operation at work: a table of steps and one function that
 * advances it. Steps run in order; any wake-up (watch, timer, helper, scan)
 * calls task_advance again. A failure, time-out or cancellation runs the undo
 * functions backwards from the step at work; each is idempotent and may wait
 * as well. The operation ends once, in an event and in its struct op.
 *
 * Tasks on different domains run side by side; on one domain they queue. No
 * lock of a domain is needed for that: a host has one engine (record.c), and
 * what xl locks is locked where xl could meet it (xl_lock.h). When
 * hundreds are woken at once each turn of the loop advances a few: keys are
 * answered meanwhile.
 */
#ifndef XENDECK_ENGINE_TASK_H
#define XENDECK_ENGINE_TASK_H

#include "engine/core/engine.h"
#include "engine/model/operation.h"
#include "src/base/list.h"
#include "src/base/loop.h"

enum step_rc { STEP_DONE, STEP_WAIT, STEP_FAIL };

struct task;

struct step {
    /* Names the step on record, where later versions look for it: it never
     * changes, and is unique in its table. */
    const char *id;
    const char *label; /* for people */
    /* Checks, then acts; called again after each wake-up while it waits. */
    enum step_rc (*run)(struct task *t, struct err *e);
    /* Takes back what run did, or half did. STEP_WAIT: not finished, an
     * advance will come. NULL: nothing to take back. */
    enum step_rc (*undo)(struct task *t);
    uint64_t timeout_ms; /* 0: none */
    const char *late;    /* what to do when it is over; or NULL */
    bool cancellable;    /* while it waits */
};

struct task_type {
    const struct step *steps;
    size_t n_steps;
    /* Frees what the task holds beyond struct task; it is gone after. */
    void (*free)(struct task *t);
    /* The end, before free; may be NULL. t->op->state tells which. */
    void (*ended)(struct task *t);
    /* The engine ends: is this to stay on record, as if it were killed, for
     * the next one to finish? NULL: it is failed, and over. */
    bool (*stays)(const struct task *t);
    /* It has failed: does somebody try it again? Then it stays on record until
     * oplog_end_op. NULL: no. */
    bool (*goes_on)(const struct task *t);
    /* May t work on its domain while the other one does? For single calls,
     * which Xen itself keeps whole. NULL: it queues. */
    bool (*beside)(const struct task *t, const struct task *other);
    /* It waits for what this host may never do, and is for the next engine as
     * well as for this one: no reason not to end. */
    bool patient;
};

/* First member of each operation's own struct. */
struct task {
    const struct task_type *type;
    struct engine *en;
    struct op *op; /* the engine's; outlives the task */
    size_t at;     /* step at work */
    bool started, undoing;
    bool abandoned;
    bool overtaken;  /* ended by an operation that takes over all it left */
    bool running;    /* one of its functions is being called */
    struct err told; /* meanwhile it was ended so; ERR_NONE: it was not */
    struct err err;
    struct loop_timer timer; /* of the step at work */
    struct loop_timer retry; /* it looks again (names_wait.c) */
    uint64_t retry_since_ms; /* of a wait for a lock, 0: none */
    bool retry_told;
    bool silent;            /* its helper says nothing */
    const char *notes;      /* "KEY VALUE\n"...: goes on record with its first
                               line; read by task_begin alone; or NULL */
    struct list_node woken; /* waits in task_room.woken; idle: zeroed */
    struct list_node node;
};

/* Enters t (calloc'd by the caller) into the engine's queue and starts it if
 * nothing runs on its domain. d: the domain, or NULL for one to be made with
 * this name. The engine owns t from here on. Returns the operation's id. */
uint64_t task_begin(struct engine *en, struct task *t,
                    const struct task_type *type, enum op_verb verb,
                    const struct dom *d, const char *name);
/* Runs the step at work again from one of the loop's next turns, in order of
 * waking; legal anywhere. */
void task_wake(struct task *t);
/* Fails the task with the sentence in e. Called while a step of t itself runs,
 * this and the next two wait until the step has returned, whatever it returns:
 * t stays valid until then. One whose undo runs has failed already; one that
 * ends is ended by nobody else. */
void task_fail(struct task *t, const struct err *e);
/* Ends it where it stands with the sentence in why, and undoes nothing: for an
 * operation that removes the whole domain. Nothing more is undone either. */
void task_overtake(struct task *t, const struct err *why);
/* percent: of the step at work; -1: not known. Less than was told before is
 * taken for as much. */
void task_progress(struct task *t, int percent, const char *what);
/* names_wait.c: the lock of names (names.h) within a step. STEP_DONE: *fd_out
 * is the caller's to close. STEP_WAIT: another process holds it; the step runs
 * again, can be cancelled meanwhile, and fails after a limit. */
enum step_rc task_lock_names(struct task *t, int *fd_out, struct err *e);
/* Runs the step at work again after this time. */
void task_wake_in(struct task *t, uint64_t ms);
/* For helper_job.silent: its silence is told, in the label and as an event, and
 * the operation can be cancelled until it says something. */
void task_helper_silent(struct task *t, long pid, unsigned seconds);
/* Binds the task to the domain that it has made. */
void task_set_dom(struct task *t, const struct dom *d);
/* Fails it as cancelled; -1: its step at work cannot be. */
int task_cancel(struct task *t, struct err *e);
/* What it is called in the log, with the value that is wanted: "memory target
 * 200 MiB". Control characters are taken out. Before it starts, or at once. */
void task_set_title(struct task *t, const char *title);
struct task *task_by_op(struct engine *en, uint64_t op);
/* The first live task on a domain, NULL: none. */
struct task *task_on_dom(struct engine *en, uint64_t dom_id);

#endif
