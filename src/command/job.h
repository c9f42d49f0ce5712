/*
 * job.h - what goes on after a verb has returned CMD_WAIT and is no operation
 * of the engine: waiting for a domain, a second sample, a feed of events. The
 * loop advances it; whoever ran the verb is told its end and frees it.
 */
#ifndef XENDECK_COMMAND_JOB_H
#define XENDECK_COMMAND_JOB_H

#include "src/base/loop.h"
#include "src/command/command.h"

struct cmd_job_ops {
    /* The user wants an end (^C). NULL: the job fails as interrupted. */
    void (*stop)(struct cmd_job *j);
    /* The output has room again, or is lost; or NULL. */
    void (*drained)(struct cmd_job *j);
    /* Leaves the loop and frees j. */
    void (*free)(struct cmd_job *j);
};

/* Embedded in the verb's own struct. */
struct cmd_job {
    const struct cmd_job_ops *ops;
    struct engine *en;
    struct session *ses;
    const struct cmd *cmd;

    bool over;
    enum cmd_rc rc; /* once over: CMD_OK, CMD_ERROR or CMD_AGAIN */
    struct buf out; /* printed at the end */
    struct err e;

    void (*ended)(struct cmd_job *j); /* of who ran the verb: called once, from
                                         the loop; may free j */
    void *arg;                        /* likewise */
    struct loop_timer timer;
};

/* Fills j in and makes it the verb's: the verb returns what this returns. */
enum cmd_rc cmd_job_start(struct cmd_ctx *ctx, struct cmd_job *j,
                          const struct cmd_job_ops *ops);
/* For the verb: it is over. Legal in any callback; j lives until freed. */
void cmd_job_end(struct cmd_job *j, enum cmd_rc rc);

/* The caller of the verb stops its job, or tells it that the session's output
 * has been taken; see struct cmd_job_ops. */
void cmd_job_stop(struct cmd_job *j);
void cmd_job_drained(struct cmd_job *j);
void
cmd_job_free(struct cmd_job *j); /* NULL is allowed; nothing is cancelled */

/* --- a job that prints what comes until it is stopped or nobody reads --- */
struct feed {
    struct cmd_job job;
    unsigned what; /* ENGINE_CH_ bits: tell is called after them */
    /* Prints what is new as long as feed_room says so. */
    void (*tell)(struct feed *fe);
    struct engine_listener listener;
};

/* fe: malloc'd, with what and tell; freed with its job. */
enum cmd_rc feed_start(struct cmd_ctx *ctx, struct feed *fe);
/* Whether the reader has taken what it was given; tell is called again when it
 * has. */
bool feed_room(const struct feed *fe);

#endif
