/*
 * batch_local.c - see batch_local.h.
 */
#include "src/batch_local.h"

#include <signal.h>
#include <unistd.h>

#include "src/command/session_fd.h"

struct local {
    struct session_fd sf;
    struct batch *b;
    struct loop_signal sig_int, sig_term;
    int status;
};

struct session
session_of_user(const struct settings *set, struct engine *en, struct loop *lp)
{
    struct session s = { .info = { .kind = SESSION_TERMINAL,
                                   .uid = (unsigned)geteuid(),
                                   .rights = RIGHT_ADMIN,
                                   .start_wall_s = loop_wall_s(lp) },
                         .granted = RIGHT_ADMIN,
                         .alone = true,
                         .en = en,
                         .lp = lp,
                         .cmds = set->cmds,
                         .set = set };

    if (set->read_only)
        s.info.rights = RIGHT_VIEW;
    return s;
}

static void
batch_local_on_int(struct loop_signal *ls)
{
    batch_cancel(container_of(ls, struct local, sig_int)->b);
}

static void
batch_local_on_term(struct loop_signal *ls)
{
    batch_cancel(container_of(ls, struct local, sig_term)->b);
}

static void
on_done(struct batch *b, int status, void *arg)
{
    struct local *l = arg;

    (void)b;
    l->status = status;
    loop_stop(l->sf.ses.lp);
}

int
batch_local(struct loop *lp, const struct settings *set, struct engine *en,
            const struct options *o)
{
    struct local l = { .sf.ses = session_of_user(set, en, lp) };

    l.sf.ses.info.kind = SESSION_BATCH;
    l.sf.ses.has_stdio = batch_takes_stdio(set->cmds, o->lines, o->n_lines);
    l.sf.ses.stdio[0] = STDIN_FILENO;
    l.sf.ses.stdio[1] = STDOUT_FILENO;
    session_fd_open(&l.sf, STDOUT_FILENO, STDERR_FILENO);
    l.b = batch_start(&l.sf.ses, o->lines, o->n_lines, on_done, &l);
    loop_signal_add(lp, &l.sig_int, SIGINT, batch_local_on_int);
    loop_signal_add(lp, &l.sig_term, SIGTERM, batch_local_on_term);
    loop_run(lp);
    loop_signal_del(&l.sig_int);
    loop_signal_del(&l.sig_term);
    batch_detach(l.b);
    session_fd_close(&l.sf);
    return l.status;
}
