/*
 * ending.h - the ways a domain ends, as one kind of task with three tables of
 * steps: asked to (shutdown, reboot, suspend), forced (destroy), found dead
 * (reap). They share the cleaning-up.
 */
#ifndef XENDECK_ENGINE_ENDING_H
#define XENDECK_ENGINE_ENDING_H

#include "engine/config/core/config.h"
#include "engine/device/device.h"
#include "engine/life/core_dump.h"
#include "engine/life/create.h"
#include "engine/life/kill.h"
#include "engine/task/oplog.h"
#include "engine/task/task_again.h"

/* What becomes of a domain that has ended (restart.c). */
struct fate {
    bool dump;    /* its memory is written to a file first */
    bool keep;    /* it stays, preserved */
    bool rename;  /* under another name and uuid */
    bool again;   /* it is made anew */
    bool refused; /* it was to be */
};

struct ending {
    struct task t;
    enum op_verb verb;
    uint32_t domid;
    uint64_t dom_id;
    uint8_t uuid[16];
    bool owned;
    const char *command;      /* written to control/shutdown */
    struct store_watch watch; /* on control/shutdown */
    struct loop_timer limit, poll;
    uint64_t deadline_ms; /* of the wait at work, 0: none begun */
    enum dom_reason reason;
    double ran_s;      /* how long it lived, < 0: unknown */
    unsigned restarts; /* lives before it */
    struct fate fate;
    struct domain_config *cfg; /* of an owned domain, or NULL */
    struct err no_cfg;         /* why it is NULL */
    struct devices devices;
    struct dump dump;
    struct kill kill;
    bool pressed; /* its power or reset button: nobody acknowledges that */
    bool resumed;
    bool asked_again; /* its device model was lost, or it was reset: it is to be
                         made again, and only its nodes say so */
    enum dom_reason how; /* its memory is in a file, or on another host: that
                            is its end; DOM_DESTROYED: an operator ends it */
    bool kept;           /* resumed: it was preserved under another name */
    bool bare;           /* resumed: its nodes are gone or never were */
    bool again;  /* resumed: a restart, undone, that is still to be done */
    bool paused; /* which leaves it paused */
    bool told;   /* that it is reaped */
    /* Of a destruction that can be taken back: until when, by the boot clock,
     * 0: no more or never; how long that was; this operation has paused the
     * domain, which ran. */
    double until_s;
    unsigned grace_s;
    bool held;
    struct task_again retry;
};

uint64_t ending_begin(struct dom_entry *de, enum op_verb verb);
/* A destruction that an operator asked for: no lock of another engine stops
 * it. The caller ends what this engine has at work (destroy.c). */
uint64_t ending_overtake(struct dom_entry *de);
/* The same, which can be taken back for so many seconds: it is cancelled then,
 * and the domain is as it was before. */
uint64_t ending_after(struct dom_entry *de, unsigned seconds);
/* The end of a domain that was saved or migrated (how): all of it is removed
 * but its record, if that is kept. */
uint64_t ending_begin_as(struct dom_entry *de, enum dom_reason how);
/* The same for a domain between two lives, of which only files are left. */
uint64_t ending_unborn(struct engine *en, const uint8_t uuid[16],
                       const char *name);
/* Goes on with what a dead engine had at work. de: the domain, NULL if it is
 * gone. again: what was half-built is made anew once it is undone. */
uint64_t ending_resume(struct engine *en, struct dom_entry *de,
                       const struct oplog_entry *j);

/* end/lived.c: by the boot clock, which nobody sets; by the wall clock where
 * the mark does not tell, as of adopted domains; < 0: not known. */
double ending_lived_s(const struct dom_entry *de);

/* end/lost_devices.c: before any device is removed. */
void ending_compare_devices(struct ending *x);

/* restart.c */
/* What the configuration asks for after this end. */
enum config_action restart_action(const struct domain_config *c,
                                  enum dom_reason r);
/* The configuration is there, but cannot be read: what it asks for is not
 * known. */
bool restart_config_broken(const struct ending *x);
/* Sets x->fate from cfg, reason, ran_s; events say what is refused. -1 with
 * *e: it cannot be told now whether its device model asks for a restart. */
int restart_decide(struct ending *x, struct err *e);
/* -1 with *e: asked to reboot now, it would not come back. */
int restart_check_reboot(struct ending *x, struct err *e);
/* Begins its next life; takes x->cfg. */
void restart_begin(struct ending *x);
/* The creation of a next life (operation op, still on record) failed, and is
 * undone. One that was cancelled is held, any other tried again. */
void restart_failed(struct engine *en, const struct domain_config *c,
                    const struct create_opts *o, uint64_t op,
                    const struct err *why);
/* The same when an operator destroys it: only that forgets it. */
void restart_destroyed(struct engine *en, const struct domain_config *c,
                       uint32_t domid, const struct err *why);

#endif
