/*
 * grace.h - the time in which a destruction can be taken back. It is a wait
 * between the first line on record and the first step that removes anything.
 */
#ifndef XENDECK_ENGINE_GRACE_H
#define XENDECK_ENGINE_GRACE_H

#include "engine/life/end/ending_int.h"

/* x, which is not begun yet, lets seconds pass (more than 0) before it ends the
 * domain. */
void grace_set(struct ending *x, const struct dom_entry *de, unsigned seconds);
/* The same from what a dead engine had on record; nothing if it had none, or if
 * it was over. x->until_s > 0 tells. */
void grace_take_up(struct ending *x, const struct oplog_entry *j);
/* What of it goes on record with the first line: for struct task.notes. */
void grace_notes(const struct ending *x, char *dst, size_t n);
/* It runs although the record says that it waits for its end: the undo of a
 * dead engine did not reach the disk. */
bool grace_was_revived(const struct dom_entry *de, const struct oplog_entry *j);
/* A dead engine had begun to take the destruction back (j->revived): the
 * domain, which is there, is as it was before. */
void grace_recover(const struct dom_entry *de, const struct oplog_entry *j);

/* Steps. */
enum step_rc grace_hold_run(struct task *t, struct err *e);
enum step_rc grace_wait_run(struct task *t, struct err *e);
enum step_rc grace_undo(struct task *t);

#endif
