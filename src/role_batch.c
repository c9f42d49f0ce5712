/*
 * role_batch.c - verbs without an engine of record: those that need no host,
 * and those on a simulated host of their own, in this process.
 */
#include <errno.h>

#include "src/batch_local.h"
#include "src/program.h"

static int
open_host(struct front *fr, bool needs_host, struct err *e)
{
    if (needs_host)
        return front_open_engine(fr, e);
    fr->lp = loop_new(LOOP_CLOCK_REAL);
    return fr->lp != NULL ? 0 : err_sys(e, errno, "event loop");
}

int
role_batch_here(struct front *fr, bool needs_host)
{
    struct err e = { 0 };
    int status;

    if (front_settings(fr, false, &e) < 0)
        return front_fail(STATUS_USAGE, e.msg);
    if (needs_host)
        front_open_log(fr);
    if (open_host(fr, needs_host, &e) < 0)
        return front_fail(STATUS_FAILED, e.msg);
    status = batch_local(fr->lp, &fr->set, fr->en, &fr->opt);
    /* A log that was asked for and ended on the way, as on a full disk. */
    if (fr->opt.log != NULL && fr->log_open && log_file_error(fr->log) != NULL)
        front_fail(status, log_file_error(fr->log));
    return status;
}
