/*
 * ending_int.h - what the files of an end at work share.
 */
#ifndef XENDECK_ENGINE_ENDING_INT_H
#define XENDECK_ENGINE_ENDING_INT_H

#include "engine/life/end/next_life.h"
#include "engine/life/ending.h"

/* ending.c */
struct dom_entry *ending_entry(const struct ending *x); /* NULL: it is gone */
bool ending_is_over(const struct ending *x); /* the domain runs no more */
/* True once the wait that its first call began has lasted that long. */
bool ending_overdue(struct ending *x, unsigned seconds);
void ending_wait_over(struct ending *x);
/* How long it has lived, and what it was made from. */
void ending_look_up(struct ending *x);
void ending_free(struct task *t);
/* All that another engine needs to end it goes on record. */
void ending_note(struct ending *x);

/* asking.c: the steps of a request to the guest. */
enum step_rc ask_run(struct task *t, struct err *e);
enum step_rc ask_undo(struct task *t);
enum step_rc ask_answer_run(struct task *t, struct err *e);
enum step_rc ask_end_run(struct task *t, struct err *e);

/* linger.c: goes on for x, whose domain is destroyed but does not go, without
 * a limit; takes x->cfg. */
void linger_begin(struct ending *x);
/* destroy.c: the domain has a next life, which a destruction of the last one
 * ends, too. */
void lives_follow(const struct ending *x);

#endif
