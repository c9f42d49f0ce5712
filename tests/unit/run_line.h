/*
 * run_line.h - a command line run in a session of all rights, for tests. The
 * session's output is two buffers.
 */
#ifndef XENDECK_TESTS_RUN_LINE_H
#define XENDECK_TESTS_RUN_LINE_H

#include <stdlib.h>
#include <unistd.h>

#include "src/attach/verb_session.h"
#include "src/base/loop.h"
#include "src/command/call.h"
#include "src/command/job.h"
#include "src/command/screen.h"
#include "ui/app/front.h"
#include "ui/app/verbs.h"

#define RUN_LINE_MAX_MS (30ULL * 24 * 3600 * 1000)

struct test_session {
    struct session ses;
    struct cmd_set cmds;
    struct buf to[2]; /* by enum session_to: what was put */
    size_t full;      /* the reader takes no more than so many bytes; 0: all */
};

static inline void
test_session_put(struct session *s, enum session_to to, const char *bytes,
                 size_t n)
{
    buf_add(&container_of(s, struct test_session, ses)->to[to], bytes, n);
}

static inline size_t
test_session_queued(const struct session *s)
{
    const struct test_session *ts =
        container_of(s, const struct test_session, ses);
    size_t n = ts->to[SESSION_OUT].len;

    return ts->full != 0 && n > ts->full ? n - ts->full : 0;
}

static inline void
test_session_open(struct test_session *ts, struct engine *en, struct loop *lp)
{
    static const struct session_output output = { .put = test_session_put,
                                                  .queued =
                                                      test_session_queued };

    cmd_set_init(&ts->cmds);
    ui_verbs_add(&ts->cmds);
    cmd_set_add(&ts->cmds, &attach_family_session);
    ts->ses = (struct session){ .info = { .kind = SESSION_BATCH,
                                          .uid = (unsigned)geteuid(),
                                          .rights = RIGHT_ADMIN },
                                .granted = RIGHT_ADMIN,
                                .en = en,
                                .lp = lp,
                                .cmds = &ts->cmds,
                                .output = &output };
}

static inline void
test_session_close(struct test_session *ts)
{
    buf_free(&ts->to[0]);
    buf_free(&ts->to[1]);
}

static inline bool
test_job_over(void *arg)
{
    return ((const struct cmd_job *)arg)->over;
}

/* A verb that goes on is waited for. */
static inline enum cmd_rc
test_run_job(struct cmd_ctx *ctx)
{
    struct cmd_job *j = ctx->job;
    enum cmd_rc rc;

    loop_until(ctx->ses->lp, test_job_over, j, RUN_LINE_MAX_MS);
    rc = j->rc;
    if (rc == CMD_ERROR)
        *ctx->e = j->e;
    buf_add(ctx->out, buf_text(&j->out), j->out.len);
    cmd_job_free(j);
    ctx->job = NULL;
    return rc;
}

/* ctx: ses, out, warn and e are set. */
static inline enum cmd_rc
test_run_line(struct cmd_ctx *ctx, const char *line)
{
    struct cmd_call *call;
    enum cmd_rc rc = cmd_parse(ctx->ses, line, 0, &call, ctx->e);

    ctx->op = 0;
    ctx->job = NULL;
    ctx->question = NULL;
    if (rc == CMD_OK && call != NULL)
        rc = cmd_run(ctx, call);
    if (rc == CMD_WAIT && ctx->job != NULL)
        rc = test_run_job(ctx);
    if (rc == CMD_AGAIN) {
        call->looked = true;
        rc = cmd_run(ctx, call);
    }
    cmd_call_free(call);
    return rc;
}

#endif
