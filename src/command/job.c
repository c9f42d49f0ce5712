/*
 * job.c - see job.h.
 */
#include "src/command/job.h"

#include <errno.h>
#include <stdlib.h>

#define FEED_QUEUE_MAX (64U * 1024) /* bytes that a slow reader is behind */

enum cmd_rc
cmd_job_start(struct cmd_ctx *ctx, struct cmd_job *j,
              const struct cmd_job_ops *ops)
{
    j->ops = ops;
    j->en = ctx->en;
    j->ses = ctx->ses;
    j->cmd = ctx->cmd;
    ctx->job = j;
    return CMD_WAIT;
}

static void
tell_ended(struct loop_timer *lt)
{
    struct cmd_job *j = container_of(lt, struct cmd_job, timer);

    if (j->ended != NULL)
        j->ended(j);
}

/* From the loop and not at once: the caller may be walking a list that has the
 * job in it. */
void
cmd_job_end(struct cmd_job *j, enum cmd_rc rc)
{
    if (j->over)
        return;
    j->over = true;
    j->rc = rc;
    loop_timer_arm(j->ses->lp, &j->timer, 0, tell_ended);
}

void
cmd_job_stop(struct cmd_job *j)
{
    if (j->over)
        return;
    if (j->ops->stop != NULL) {
        j->ops->stop(j);
        return;
    }
    err_set(&j->e, ERR_CANCELLED, "%s: interrupted", j->cmd->name);
    cmd_job_end(j, CMD_ERROR);
}

void
cmd_job_drained(struct cmd_job *j)
{
    if (!j->over && j->ops->drained != NULL)
        j->ops->drained(j);
}

void
cmd_job_free(struct cmd_job *j)
{
    if (j == NULL)
        return;
    loop_timer_del(&j->timer);
    buf_free(&j->out);
    j->ops->free(j);
}

/* --- feeds --- */

bool
feed_room(const struct feed *fe)
{
    return !fe->job.ses->closed && session_queued(fe->job.ses) < FEED_QUEUE_MAX;
}

static void
feed_changed(struct engine_listener *l, unsigned what)
{
    struct feed *fe = container_of(l, struct feed, listener);

    if ((what & fe->what) != 0 && !fe->job.over)
        fe->tell(fe);
}

static void
feed_drained(struct cmd_job *j)
{
    struct feed *fe = container_of(j, struct feed, job);
    const struct session *ses = j->ses;

    if (!ses->closed) {
        fe->tell(fe);
    } else if (ses->errnum == 0 || ses->errnum == EPIPE) {
        cmd_job_end(j, CMD_OK); /* it has read enough */
    } else {
        err_sys(&j->e, ses->errnum, "standard output");
        cmd_job_end(j, CMD_ERROR);
    }
}

static void
feed_stop(struct cmd_job *j)
{
    cmd_job_end(j, CMD_OK); /* a feed has no other end */
}

static void
feed_free(struct cmd_job *j)
{
    struct feed *fe = container_of(j, struct feed, job);

    engine_unlisten(&fe->listener);
    free(fe);
}

enum cmd_rc
feed_start(struct cmd_ctx *ctx, struct feed *fe)
{
    static const struct cmd_job_ops ops = { .stop = feed_stop,
                                            .drained = feed_drained,
                                            .free = feed_free };
    enum cmd_rc rc = cmd_job_start(ctx, &fe->job, &ops);

    fe->listener.changed = feed_changed;
    engine_listen(ctx->en, &fe->listener);
    if (ctx->ses->closed)
        feed_drained(&fe->job);
    return rc;
}
