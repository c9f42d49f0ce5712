/*
 * feed.c - verbs that print what comes until they are stopped, or nobody
 * reads them any more.
 */
#include <errno.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define NO_LIMIT_MS (365ULL * 24 * 3600 * 1000)

void
feed_put(struct feed *fe, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    if (!fe->closed && b.len > 0 &&
        fd_write_all(STDOUT_FILENO, b.data, b.len) < 0) {
        fe->errnum = errno == EPIPE ? 0 : errno;
        fe->closed = true;
    }
    buf_free(&b);
}

static void
changed(struct engine_listener *l, unsigned what)
{
    struct feed *fe = container_of(l, struct feed, listener);

    if ((what & fe->what) != 0)
        fe->tell(fe);
}

static void
hung_up(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    container_of(lf, struct feed, out_lf)->closed = true;
    loop_fd_del(lf);
}

static bool
over(void *arg)
{
    const struct feed *fe = arg;

    return fe->closed || *fe->ctx->stop;
}

enum cmd_rc
feed_run(struct feed *fe)
{
    struct cmd_ctx *ctx = fe->ctx;

    fe->listener.changed = changed;
    engine_listen(ctx->en, &fe->listener);
    /* A regular file is refused, and never hangs up. */
    (void)loop_fd_add(ctx->lp, &fe->out_lf, STDOUT_FILENO, 0, hung_up);
    loop_until(ctx->lp, over, fe, NO_LIMIT_MS);
    loop_fd_del(&fe->out_lf);
    engine_unlisten(&fe->listener);
    ctx->stop_ends = true;
    if (fe->errnum == 0)
        return CMD_OK;
    err_sys(ctx->e, fe->errnum, "standard output");
    return CMD_ERROR;
}
