/*
 * front.h - opening a front end on a terminal, for its owner: the process whose
 * own terminal it is (app/ui_local.h), or a server to which clients hand theirs
 * over.
 *
 * Any number may be open in a process, each on another terminal. A front end
 * takes no signals, ends no loop and starts no process: it asks its owner. A
 * terminal that is slow, stuck or dead delays its own frames and nothing else.
 */
#ifndef XENDECK_UI_FRONT_H
#define XENDECK_UI_FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/base/sys/user_program.h"

struct cmd_set;
struct engine;
struct session;
struct settings;
struct ui;

/* Enters the verbs that need a screen into the table. */
void ui_verbs_add(struct cmd_set *cmds);

/* What the owner does for a front end. detach, suspend and end are called with
 * nothing of the front end on the stack: ui_close is legal in them. */
struct ui_owner {
    /* What is to be asked before a detach; NULL (also for the function):
     * nothing. ui_close is not legal in it. */
    const char *(*question)(struct ui *ui, void *arg);
    /* The user has enough (q). The front end goes on until ui_close. */
    void (*detach)(struct ui *ui, void *arg);
    /* ^Z. The terminal was given back and is left alone until ui_resume. NULL:
     * there is no way to do it, and the user is told so. */
    void (*suspend)(struct ui *ui, void *arg);
    /* Whether the terminal is the front end's still. It is not where the
     * process that lent it was stopped: a shell has it, then. Asked before each
     * frame and before keys are read; suspend follows. NULL: always. */
    bool (*holds)(void *arg);
    /* The terminal is lost, or ui_hangup was called. Called once. */
    void (*end)(struct ui *ui, void *arg);
    /* Gives a text to the user's editor or pager on the terminal, which was
     * given back; ui_program_done tells its end. t is valid during the call
     * only. ui_close is not legal in it. NULL: programs cannot be run here. */
    int (*run_program)(struct ui *ui, const struct user_text *t, void *arg,
                       struct err *e);
    /* How many cells of the terminal may be drawn on, asked when its size may
     * have changed; 0, or NULL: as many as on any. */
    int (*cells)(void *arg);
    /* Panes were opened or closed, or others have the keys: ui_places has other
     * text. Called once at the end of such a turn; ui_close is not legal in it.
     * NULL: nobody keeps it. */
    void (*places)(struct ui *ui, void *arg);
};

struct ui_opts {
    struct loop *lp;            /* borrowed */
    struct engine *en;          /* borrowed */
    const struct settings *set; /* copied: each front end has its own */
    const char *notice; /* shown first (a broken xendeck.conf...), or NULL */
    const char *run;    /* a command line to run after start, or NULL */

    int in_fd, out_fd; /* the terminal (they may be the same); dup'ed, and not
                          made non-blocking: the caller keeps them */
    bool lent; /* by a client: a terminal that cannot be opened anew is refused,
                  for the client could make it block */
    size_t kept_max;   /* no terminal of a new type while so many types are kept
                          that none is open of; 0: any */
    const char *term;  /* TERM where the terminal is; NULL: not set */
    bool utf8;         /* the terminal shows UTF-8; false: it gets ASCII only */
    unsigned esc_ms;   /* ESCDELAY where the terminal is; 0: the usual */
    unsigned leave_ms; /* how long the terminal may delay its being given back
                          while it is stuck; 0: not at all, for one of many */
    struct session *session; /* borrowed; NULL: this process's user */
    /* How many other sessions end with this one; NULL: none. */
    size_t (*others)(const struct session *);
    const struct ui_owner *owner; /* const for ever */
    void *arg;                    /* of owner's functions */
};

/* Takes the terminal over: raw line modes, its own screen. NULL with *e (not a
 * terminal, unknown type); the terminal is as it was, then. */
struct ui *ui_open(const struct ui_opts *o, struct err *e);
/* Gives the terminal back as it was found, as far as it takes that without
 * waiting for more than leave_ms. NULL is allowed. Not legal in a callback of
 * this front end but those of struct ui_owner that say so. */
void ui_close(struct ui *ui);

/* The owner's side of what signals are to a program of its own. */
/* The terminal has another size (SIGWINCH). */
void ui_winch(struct ui *ui);
/* Takes the terminal again: after suspend, or when another process may have
 * changed it meanwhile (SIGCONT). */
void ui_resume(struct ui *ui);
/* Somebody else has put the terminal back as it was found: nothing is drawn
 * until ui_resume. */
void ui_given_back(struct ui *ui);
/* An orderly end from outside (SIGTERM, SIGHUP, the client is gone): end is
 * called soon. */
void ui_hangup(struct ui *ui);
/* The program of run_program has ended. */
void ui_program_done(struct ui *ui, const struct user_program_end *end);
/* Shows a sentence, already safe, as a warning. */
void ui_tell(struct ui *ui, const char *text);

/* Appends which panes are open, which of them has the keys and where it is
 * scrolled to, as lines of text; and takes that over from an earlier front end,
 * with what is still there. Text of any origin is harmless. */
void ui_places(struct ui *ui, struct buf *out);
void ui_take_places(struct ui *ui, const char *text);

/* What puts the terminal back if this process can no longer do it, for the
 * client to write then (it restores the line modes by itself, too). Borrowed,
 * valid until ui_close. */
const char *ui_restore_text(const struct ui *ui, size_t *n_out);
/* Puts back every terminal that is taken, in whatever state it is; idempotent
 * and async-signal-safe, for handlers of fatal signals and xalloc_on_fail. */
void ui_emergency_restore(void);

#endif
