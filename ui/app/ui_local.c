/*
 * ui_local.c - a front end on the terminal of this very process. Signals become
 * the calls that any owner of a front end makes; what a front end asks of its
 * owner becomes job control, and the end of the loop.
 */
#include "ui/app/ui_local.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/xalloc.h"
#include "ui/app/ui_int.h"

#define LEAVE_MS 300 /* how long a stuck terminal may delay the end */

struct ui_local {
    struct ui *ui;
    struct loop *lp;
    struct engine *en;
    struct loop_signal winch, term, hup, intr, tstp, cont;
    struct loop_child program;
};

/* --- signals --- */

static void
on_winch(struct loop_signal *ls)
{
    ui_winch(container_of(ls, struct ui_local, winch)->ui);
}

static void
on_term(struct loop_signal *ls)
{
    ui_hangup(container_of(ls, struct ui_local, term)->ui);
}

static void
on_hup(struct loop_signal *ls)
{
    ui_hangup(container_of(ls, struct ui_local, hup)->ui);
}

/* ^C is a key here; from outside (kill -INT) it must not end us either. */
static void
on_int(struct loop_signal *ls)
{
    struct key k = { .code = 'c', .mods = KEY_M_CTRL };
    struct ui *ui = container_of(ls, struct ui_local, intr)->ui;
    SCREEN *was = ui_enter(ui);

    if (!ui->away && ui->fr.focus->ops->kind != PANE_CONSOLE)
        ui_dispatch(ui, &k);
    tty_select_back(was);
}

/* Stops the process as ^Z does; returns once it was continued. */
static void
stop_process(void)
{
    struct sigaction dfl = { .sa_handler = SIG_DFL }, was;
    sigset_t set, mask;

    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaction(SIGTSTP, &dfl, &was);
    /* Not SIGSTOP: without a shell to continue us (orphaned process group)
     * the kernel drops SIGTSTP and we go on, instead of hanging for ever. */
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &was, NULL);
}

/* ^Z in a program that has the terminal stops the whole job. */
static void
on_tstp(struct loop_signal *ls)
{
    struct ui *ui = container_of(ls, struct ui_local, tstp)->ui;

    if (ui->away)
        stop_process();
    else
        ui_suspend(ui);
}

/* Stopped with SIGSTOP by somebody: the shell has changed the modes since. */
static void
on_cont(struct loop_signal *ls)
{
    ui_resume(container_of(ls, struct ui_local, cont)->ui);
}

static int
add_signals(struct ui_local *l, struct err *e)
{
    struct loop *lp = l->lp;

    if (loop_signal_add(lp, &l->winch, SIGWINCH, on_winch) < 0 ||
        loop_signal_add(lp, &l->term, SIGTERM, on_term) < 0 ||
        loop_signal_add(lp, &l->hup, SIGHUP, on_hup) < 0 ||
        loop_signal_add(lp, &l->intr, SIGINT, on_int) < 0 ||
        loop_signal_add(lp, &l->tstp, SIGTSTP, on_tstp) < 0 ||
        loop_signal_add(lp, &l->cont, SIGCONT, on_cont) < 0)
        return err_set(e, ERR_IO, "signal handlers could not be set");
    return 0;
}

static void
del_signals(struct ui_local *l)
{
    loop_signal_del(&l->winch);
    loop_signal_del(&l->term);
    loop_signal_del(&l->hup);
    loop_signal_del(&l->intr);
    loop_signal_del(&l->tstp);
    loop_signal_del(&l->cont);
}

/* --- what the front end asks for --- */

/* The engine ends with its only terminal. */
static const char *
local_question(struct ui *ui, void *arg)
{
    (void)ui;
    if (!engine_busy(((struct ui_local *)arg)->en))
        return NULL;
    return "Operations are running: creations would be undone, waiting given "
           "up. Quit?";
}

static void
local_end(struct ui *ui, void *arg)
{
    (void)ui;
    loop_stop(((struct ui_local *)arg)->lp);
}

static void
local_suspend(struct ui *ui, void *arg)
{
    (void)arg;
    stop_process();
    ui_resume(ui);
}

static void
program_ended(struct loop_child *lc, int status)
{
    ui_program_done(container_of(lc, struct ui_local, program)->ui, status);
}

static int
local_run_program(struct ui *ui, const char *const *argv, void *arg,
                  struct err *e)
{
    struct ui_local *l = arg;
    posix_spawnattr_t at;
    sigset_t none, all;
    pid_t pid;
    int r;

    (void)ui;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&at);
    posix_spawnattr_setflags(&at,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &all);
    r = posix_spawnp(&pid, argv[0], NULL, &at, (char *const *)argv, environ);
    posix_spawnattr_destroy(&at);
    if (r != 0)
        return err_sys(e, r, "%s", argv[0]);
    if (loop_child_add(l->lp, &l->program, pid, program_ended) == 0)
        return 0;
    err_sys(e, errno, "%s", argv[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -1;
}

static const struct ui_owner local_owner = {
    .question = local_question,
    .detach = local_end,
    .suspend = local_suspend,
    .end = local_end,
    .run_program = local_run_program,
};

/* --- opening --- */

static unsigned
esc_delay(void)
{
    const char *env = getenv("ESCDELAY");
    unsigned long long ms;

    return env != NULL && text_u64(env, 1, 5000, &ms) ? (unsigned)ms : 0;
}

static int
open_ui(struct ui_local *l, const struct ui_opts *o, struct err *e)
{
    struct ui_opts own = *o;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(e, ERR_INVALID,
                       "standard input and output must be a terminal (use -e "
                       "'COMMAND' without one)");
    own.in_fd = STDIN_FILENO;
    own.out_fd = STDOUT_FILENO;
    own.term = getenv("TERM");
    own.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    own.esc_ms = esc_delay();
    own.leave_ms = LEAVE_MS;
    own.owner = &local_owner;
    own.arg = l;
    l->ui = ui_open(&own, e);
    return l->ui != NULL ? 0 : -1;
}

struct ui_local *
ui_local_open(const struct ui_opts *o, struct err *e)
{
    struct ui_local *l = xcalloc(1, sizeof(*l));

    l->lp = o->lp;
    l->en = o->en;
    if (open_ui(l, o, e) < 0 || add_signals(l, e) < 0) {
        ui_local_close(l);
        return NULL;
    }
    return l;
}

void
ui_local_close(struct ui_local *l)
{
    if (l == NULL)
        return;
    del_signals(l);
    if (l->program.lp != NULL) { /* the terminal is the program's */
        loop_child_del(&l->program);
        kill(l->program.pid, SIGHUP);
    }
    ui_close(l->ui);
    free(l);
}
