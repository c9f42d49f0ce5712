/*
 * role_foreground.c - engine and terminal in one process: a simulated host, or
 * --foreground. Others may attach to it; it ends with its terminal.
 */
#include <signal.h>

#include "src/attach/server.h"
#include "src/attach/verb_session.h"
#include "src/batch_local.h"
#include "src/program.h"
#include "ui/app/ui_local.h"

static int
run_console(struct front *fr)
{
    struct session ses = session_of_user(&fr->set, fr->en, fr->lp);
    struct ui_opts uo = {
        .lp = fr->lp,
        .en = fr->en,
        .set = &fr->set,
        .session = &ses,
        .others = attach_others,
        .run = fr->opt.n_lines > 0 ? fr->opt.lines[0].text : NULL,
        .notice = fr->notice.len > 0 ? buf_text(&fr->notice) : NULL
    };
    struct err e = { 0 };
    struct ui_local *ui = ui_local_open(&uo, &e);

    if (ui == NULL)
        return front_fail(STATUS_FAILED, e.msg);
    if (front_listen(fr, -1, &ses, &e) < 0)
        log_line(fr->log, LOGL_WARN, "%s: no session can attach", e.msg);
    ses.server = fr->server;
    loop_run(fr->lp);
    /* A terminal that goes away shows it twice, as end of input and as a
     * signal: neither may cut the orderly end short. */
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    attach_server_free(fr->server, false);
    fr->server = NULL;
    ui_local_close(ui);
    return STATUS_DONE;
}

int
role_foreground(struct front *fr)
{
    struct err e = { 0 };
    int status = front_prepare(fr, &e);

    if (status != STATUS_DONE)
        return e.code != ERR_NONE ? front_fail(status, e.msg) : status;
    return run_console(fr);
}
