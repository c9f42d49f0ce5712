/*
 * outgoing.h - the memory and state of a domain leave through a descriptor: a
 * helper process writes them, and asks for what only the engine can do: the
 * guest is suspended, its device model stopped; the model notes what it writes
 * while memory passes.
 */
#ifndef XENDECK_ENGINE_OUTGOING_H
#define XENDECK_ENGINE_OUTGOING_H

#include "engine/life/save/suspend.h"

struct helper;

/* Embedded in its owner, made by outgoing_init. */
struct outgoing {
    struct suspend suspend; /* its first members are filled in by init */
    int fd;                 /* where it goes: blocking; borrowed; -1: words
                               have the file */
    uint64_t mem_kib;       /* that the domain has */
    bool stop_first;        /* suspended before its memory passes */
    const char *words;      /* further lines of the job; borrowed, or NULL */
    int state_fd;           /* the state of its device model; -1: none yet */
    struct helper *helper;
    bool asks_suspend; /* the helper waits for the guest's suspend */
    bool asks_dirty;   /* or for the model to note what it writes */
    bool dirty_wanted; /* so, or not any more */
    bool dirty;        /* the model may be noting it */
    struct dm_talk dirty_talk;
    bool written;  /* the helper has ended well */
    bool finished; /* the helper has ended */
    bool undoing, resumed;
    struct err err;
    uint64_t stop_until_ms;
    uint64_t down_ms; /* since when the guest stands still; 0: it runs */
    uint64_t sent_kib, rounds; /* while it ran, once written */
};

/* t: of the operation, borrowed; d: of the domain. */
void outgoing_init(struct outgoing *o, struct task *t, const struct dom *d);
/* Call again after each wake-up. STEP_DONE: all of it is written, and the
 * domain is suspended, its device model stopped. */
enum step_rc outgoing_run(struct outgoing *o, struct err *e);
/* Likewise, after that: the domain runs on. */
enum step_rc outgoing_resume(struct outgoing *o, struct err *e);
/* Likewise: the helper is ended, and the domain runs as before. */
enum step_rc outgoing_undo(struct outgoing *o);
void outgoing_fini(struct outgoing *o);

#endif
