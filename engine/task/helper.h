/*
 * helper.h - what blocks leaves the process: the same binary re-executed, fed
 * a job over a socket that is its standard input and output, telling progress,
 * log lines, questions and its result there, one line each. A helper does one
 * job and ends; it dies with its parent.
 *
 *   job:     "job build\nKEY VALUE\n...\n\n" with descriptors as SCM_RIGHTS
 *   it says: "progress PERCENT TEXT", "say LEVEL TEXT", "ask ID NAME TEXT",
 *            "error CODE TEXT", "done KEY=VALUE ..."
 *   answers: "answer ID ok TEXT", "answer ID error CODE TEXT"
 *
 * A helper asks one thing at a time and does nothing until it has the answer
 * (helper_ask.h). The engine may answer at once or later. A helper that has
 * waited for HELPER_ANSWER_MS goes on with an error, one whose engine is gone
 * ends. While it waits its silence is not counted, and a virtual clock runs.
 */
#ifndef XENDECK_ENGINE_HELPER_H
#define XENDECK_ENGINE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/list.h"
#include "src/base/log.h"
#include "src/base/loop.h"

#define HELPER_FDS_MAX    5
#define HELPER_NAME_MAX   32     /* of a question, with its end */
#define HELPER_ANSWER_MAX 1024   /* of an answer's text, with its end */
#define HELPER_ANSWER_MS  300000 /* for how long a helper waits for it */

struct helper;

/* At most so many of a kind work at the same time, the others wait: hundreds
 * of domains may die, or be made, in the same second. */
enum helper_kind {
    HELPER_QUICK, /* builds, destructions: seconds */
    HELPER_SLOW,  /* dumps: minutes; never in the way of the quick ones */
    HELPER_COPY,  /* copies of disks: hours; saves do not wait for them */
    HELPER_LOOK,  /* looks at and names files, whose server may hang for ever */
    HELPER_KINDS
};

/* A spare is a warm process with an open hypervisor handle that waits for its
 * job: it takes the start of a process out of creations and deaths. */
struct helper_pool {
    struct loop *lp;
    const char *exe;    /* the binary to execute */
    const char *driver; /* "xen", "sim": what its jobs work on */
    struct log *log;
    bool may_warm;        /* spares are wanted at all (a real clock) */
    bool keep_spare;      /* there is always one */
    struct helper *spare; /* NULL: none */
    unsigned busy[HELPER_KINDS];
    struct list_node waiting; /* in order of arrival */
    struct list_node unowned; /* their jobs have no done: nobody cancels them */
    /* One at work that says nothing: told after tell_ms and then twice, four
     * times as late...; killed after limit_ms. helper_pool_init sets both. */
    uint64_t tell_ms, limit_ms;
};

struct helper_job {
    const char *text;        /* as above, with the empty line at its end */
    int fds[HELPER_FDS_MAX]; /* handed over in this order; -1: no more */
    void (*progress)(void *arg, int percent, const char *what); /* or NULL */
    /* It asks, and waits for helper_answer, which is legal in here as well as
     * later. NULL: each question is answered with an error. */
    void (*question)(void *arg, const char *name, const char *text);
    /* It has said nothing for so long (may be NULL). */
    void (*silent)(void *arg, long pid, unsigned seconds);
    /* Once, whatever happens; the helper is freed after. result: the text
     * after "done ", with e->code ERR_NONE, else NULL. NULL: nobody owns the
     * helper; it ends with its pool. */
    void (*done)(void *arg, const char *result, const struct err *e);
    void *arg;
    enum helper_kind kind;
};

/* Once, before the owner fills in its settings. */
void helper_pool_init(struct helper_pool *p);
/* The owners of helpers have cancelled theirs. */
void helper_pool_fini(struct helper_pool *p);
/* Starts a spare if there is none: a job is about to come. */
void helper_warm(struct helper_pool *p);

/* Now, or when it is its turn (then done tells what became of it). NULL with *e
 * if no process can be started, or it would wait without its descriptors. The
 * descriptors stay the caller's. */
struct helper *helper_start(struct helper_pool *p, const struct helper_job *j,
                            struct err *e);
/* Answers the question with this name: with text, or with an error in e (NULL,
 * or ERR_NONE: text is the answer). Both are cut at HELPER_ANSWER_MAX. False:
 * it does not wait for that any more, or it is dead; its end will tell. */
bool helper_answer(struct helper *h, const char *name, const char *text,
                   const struct err *e);
/* Kills it; done tells when it has ended, as it would otherwise. False: there
 * is no process to end, only helper_cancel. */
bool helper_stop(struct helper *h);
/* Of its process, 0: none yet. */
pid_t helper_pid(const struct helper *h);
/* Kills it, and waits for nothing; none of its callbacks is called any more.
 * Legal in them, but not in done. NULL is allowed. */
void helper_cancel(struct helper *h);

/* "KEY=VALUE" in a result line, decimal. */
bool helper_result_u64(const char *result, const char *key, uint64_t *out);

#endif
