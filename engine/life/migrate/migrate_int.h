/*
 * migrate_int.h - a migration at work, shared by the files of migrate/ on the
 * sender's side.
 */
#ifndef XENDECK_ENGINE_MIGRATE_INT_H
#define XENDECK_ENGINE_MIGRATE_INT_H

#include "engine/life/migrate.h"
#include "engine/life/migrate/move_link.h"
#include "engine/life/save/save_int.h"
#include "engine/saved/move_note.h"

#define MIGRATE_LINE_MAX OPLOG_FILE_MAX

struct migrate {
    struct save s; /* first: it is a save to another host */
    struct migrate_opts o;
    char host[MIGRATE_HOST_MAX]; /* for people */
    char line[MIGRATE_LINE_MAX]; /* that leads there (dom0_transport.h) */
    struct move_note note;
    struct move_link link;
    char words[96];        /* of the helper's job */
    bool live;             /* it runs on while its memory passes */
    bool is_xl;            /* the other side is: it cannot be asked */
    bool is_ours;          /* it has answered as xendeck does */
    bool greeted, offered; /* on the connection at work */
    uint64_t ask_until_ms; /* the limit of a question, 0: none is asked */
    /* Handing over: */
    bool given;   /* it was told to be the other side's, or may have been */
    bool refused; /* and is ours again */
    bool reported;
    bool unheld; /* its record was told that no boot has to know of this */
    bool lost;   /* nobody knows whether that was heard */
    unsigned tries;
    bool told; /* an operator was told what to do */
    struct {
        uint64_t written, since_ms;
    } stall; /* migrate_stall.c */
    uint64_t begin_ms, go_until_ms, again_ms;
};

static inline struct migrate *
migrate_of(struct task *t)
{
    return container_of(t, struct migrate, s.t);
}

/* Appends its header, with a note of what this is. */
int migrate_head(struct migrate *m, enum move_what what, struct buf *out,
                 struct err *e);
/* Whether its memory can pass while it runs; *e: nothing is known. */
int migrate_find_live(struct migrate *m, struct err *e);

/* migrate_ask.c: opens the connection and hears the other side's greeting. */
enum step_rc migrate_greet(struct migrate *m, struct err *e);
/* A connection that only asks. STEP_DONE: *out is the answer. */
enum step_rc migrate_ask(struct migrate *m, enum move_what what,
                         enum move_answer *out, char *sentence, size_t n,
                         struct err *e);
/* The step before all others: could it come? */
enum step_rc migrate_run_ask(struct task *t, struct err *e);

/* migrate_stall.c: STEP_FAIL once the connection hangs while the guest stands
 * still; else STEP_WAIT. */
enum step_rc migrate_check_stall(struct migrate *m, struct err *e);

/* migrate_give.c: whose is it? */
enum step_rc migrate_run_ready(struct task *t, struct err *e);
enum step_rc migrate_run_give(struct task *t, struct err *e);
enum step_rc migrate_run_settle(struct task *t, struct err *e);
enum step_rc migrate_run_end(struct task *t, struct err *e);
enum step_rc migrate_undo_stream(struct task *t);

/* migrate_recover.c */
void migrate_recover_enter(struct engine *en);
/* migrate.c: goes on with what a dead engine began. */
void migrate_resume(struct engine *en, struct dom_entry *de,
                    const struct oplog_entry *j);

#endif
