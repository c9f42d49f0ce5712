/*
 * tasks.h - the room of operations: who may look into it from above, who is
 * told, and its opening and closing.
 */
#ifndef XENDECK_ENGINE_TASKS_H
#define XENDECK_ENGINE_TASKS_H

#include "engine/task/task.h"

struct helper_pool;

/* A room above that is told of operations. Embedded in its owner, zeroed means
 * idle. Each function may be NULL. */
struct task_observer {
    /* Operation op (0: none any more) works on the domain of t. */
    void (*works)(struct task_observer *o, const struct task *t, uint64_t op);
    /* It has failed (t->err): what it did is about to be taken back. */
    void (*undoing)(struct task_observer *o, const struct task *t);
    /* It is about to end: t->started, t->err and t->op tell how. */
    void (*ending)(struct task_observer *o, const struct task *t);
    /* It has ended, and is about to be freed. */
    void (*ended)(struct task_observer *o, const struct task *t);
    struct list_node node;
};

/* The room that knows the domains: d by its id, NULL if it is not listed. */
struct task_domains {
    const struct dom *(*find)(const struct task_domains *td, uint64_t dom_id);
};

void tasks_observe(struct engine *en, struct task_observer *o);
void tasks_unobserve(struct task_observer *o); /* idempotent */
/* Borrowed; NULL: none are known. */
void tasks_set_domains(struct engine *en, const struct task_domains *td);
struct helper_pool *tasks_helpers(const struct engine *en);

/* Calls f for each live task in order of arrival, until it returns true;
 * returns that one, or NULL. f may end the task it is called for. */
struct task *tasks_find(const struct engine *en,
                        bool (*f)(struct task *t, void *arg), void *arg);
/* Every live task on this domain, or all (dom_id 0): their world changed. */
void tasks_wake_dom(struct engine *en, uint64_t dom_id);

/* The engine ends: fails every task, but what is to be finished stays on
 * record. */
void tasks_leave(struct engine *en, const struct err *why);
/* Ends every task where it stands, without undoing more. */
void tasks_abandon(struct engine *en);
/* Tests: the engine was killed; memory and descriptors go, nothing is done. */
void tasks_forget(struct engine *en);

void tasks_open(struct engine *en);
void tasks_close(struct engine *en);

#endif
