/*
 * recover.h - what an engine of record does when it begins, and when another
 * one dies: takes back what is ours, finishes or undoes what was half-done,
 * collects what was left over. Each of it is one line in the event log.
 *
 * The driver is here. How an operation is recovered is known where it is
 * carried out: each type enters its own function.
 */
#ifndef XENDECK_ENGINE_RECOVER_H
#define XENDECK_ENGINE_RECOVER_H

#include "engine/task/oplog.h"

struct engine;

/* What dead and living engines had at work when recovery began. */
struct recovery {
    struct engine *en;
    struct oplog_entry *list;
    size_t n;
};

/* j: one of r->list, of a dead engine. */
typedef void recover_fn(struct recovery *r, struct oplog_entry *j);
void recover_enter(struct engine *en, enum op_verb verb, recover_fn *f);

/* Its domain by uuid (and number, if both are known); NULL: it is gone. */
struct dom_entry *recover_dom(struct engine *en, const struct oplog_entry *j);
/* Is the removal of its domain on record as well? That is taken up as what it
 * is. */
bool recover_end_on_record(const struct recovery *r,
                           const struct oplog_entry *j);
/* Does it have a uuid on record? */
bool recover_known_uuid(const struct oplog_entry *j);
/* What became of it, into the event log. */
void recover_say(struct engine *en, const struct oplog_entry *j,
                 const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* All of it, at the start and at a take-over; the domains are listed. */
void recover_run(struct engine *en);
/* Each second: has an engine died that had operations at work? */
void recover_tick(struct engine *en);

#endif
