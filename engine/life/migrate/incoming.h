/*
 * incoming.h - a domain that comes from another host, beside its creation: the
 * connection, what the other side has told, and whose the domain is. Until the
 * permission has come (MOVE_GO) the creation is half done, as any other that
 * can be undone, and the domain is called NAME--incoming.
 */
#ifndef XENDECK_ENGINE_INCOMING_H
#define XENDECK_ENGINE_INCOMING_H

#include "engine/life/create_int.h"
#include "engine/life/migrate/move_link.h"
#include "engine/saved/move_note.h"
#include "engine/task/oplog.h"

struct incoming {
    struct move_link link;
    struct move_note note;
    bool has_note; /* the other side is xendeck */
    bool ask;      /* it could come: only that is checked */
    bool offered;
    bool taken;            /* it is ours */
    struct list_node node; /* of the room, while its creation is at work */
};

/* Takes note of a creation that it is for. */
void incoming_enter(struct create *c);
/* The creation has ended: the other side is told. */
void incoming_ended(struct create *c);
void incoming_free(struct incoming *in); /* NULL is allowed */

/* Could it run here? kind: as the hypervisor has it. */
int incoming_check_host(struct engine *en, const struct move_note *n,
                        enum hv_kind kind, struct err *e);
/* Has it come? If it has not, it never will from here on. */
enum move_answer incoming_settle(struct engine *en, const char *id);

/* Steps of its creation; of any other they do nothing. */
enum step_rc incoming_run_offer(struct task *t, struct err *e);
enum step_rc incoming_run_take(struct task *t, struct err *e);
enum step_rc incoming_undo_take(struct task *t);

/* A dead engine had taken it: it gets all that makes it ours. */
int incoming_finish(struct dom_entry *de, const struct oplog_entry *j,
                    struct err *e);

/* moved_ids.c: migrations whose domain has come, on disk, by their identity:
 * it may have ended since. */
int moved_ids_add(struct engine *en, const char *id, struct err *e);
void moved_ids_drop(struct engine *en, const char *id);
/* 1: it has come; 0: it has not; -1: that cannot be told now. */
int moved_ids_find(struct engine *en, const char *id);

#endif
