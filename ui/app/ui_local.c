/*
 * ui_local.c - a front end on the terminal of this very process. Signals become
 * the calls that any owner of a front end makes; what a front end asks of its
 * owner becomes job control, and the end of the loop.
 */
#include "ui/app/ui_local.h"

#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/sys/job_stop.h"
#include "src/base/xalloc.h"
#include "ui/app/ui_int.h"

#define LEAVE_MS 300 /* how long a stuck terminal may delay the end */

struct ui_local {
    struct ui *ui;
    struct loop *lp;
    struct engine *en;
    struct loop_signal winch, term, hup, intr, tstp, cont;
    struct user_program program;
    const struct session *ses;
    size_t (*others)(const struct session *);
    char question[200];
};

/* --- signals --- */

static void
ui_local_on_winch(struct loop_signal *ls)
{
    ui_winch(container_of(ls, struct ui_local, winch)->ui);
}

static void
ui_local_on_term(struct loop_signal *ls)
{
    ui_hangup(container_of(ls, struct ui_local, term)->ui);
}

static void
ui_local_on_hup(struct loop_signal *ls)
{
    ui_hangup(container_of(ls, struct ui_local, hup)->ui);
}

/* ^C is a key here; from outside (kill -INT) it must not end us either. */
static void
ui_local_on_int(struct loop_signal *ls)
{
    struct key k = { .code = 'c', .mods = KEY_M_CTRL };
    struct ui *ui = container_of(ls, struct ui_local, intr)->ui;
    SCREEN *was = ui_enter(ui);

    if (!ui->away && ui->fr.focus->ops->kind != PANE_CONSOLE)
        ui_dispatch(ui, &k);
    tty_select_back(was);
}

/* ^Z in a program that has the terminal stops the whole job. */
static void
ui_local_on_tstp(struct loop_signal *ls)
{
    struct ui *ui = container_of(ls, struct ui_local, tstp)->ui;

    if (ui->away)
        job_stop();
    else
        ui_suspend(ui);
}

/* Stopped with SIGSTOP by somebody: the shell has changed the modes since. */
static void
ui_local_on_cont(struct loop_signal *ls)
{
    ui_resume(container_of(ls, struct ui_local, cont)->ui);
}

static int
add_signals(struct ui_local *l, struct err *e)
{
    struct loop *lp = l->lp;

    if (loop_signal_add(lp, &l->winch, SIGWINCH, ui_local_on_winch) < 0 ||
        loop_signal_add(lp, &l->term, SIGTERM, ui_local_on_term) < 0 ||
        loop_signal_add(lp, &l->hup, SIGHUP, ui_local_on_hup) < 0 ||
        loop_signal_add(lp, &l->intr, SIGINT, ui_local_on_int) < 0 ||
        loop_signal_add(lp, &l->tstp, SIGTSTP, ui_local_on_tstp) < 0 ||
        loop_signal_add(lp, &l->cont, SIGCONT, ui_local_on_cont) < 0)
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

/* The engine ends with its own terminal. */
static const char *
local_question(struct ui *ui, void *arg)
{
    struct ui_local *l = arg;
    size_t n = l->others != NULL ? l->others(l->ses) : 0;
    bool busy = engine_busy(l->en);
    char others[64] = "";

    (void)ui;
    if (!busy && n == 0)
        return NULL;
    if (n > 0)
        text_fmt(others, sizeof(others), "%zu other session%s would end, too. ",
                 n, n > 1 ? "s" : "");
    text_fmt(l->question, sizeof(l->question), "%s%sQuit?",
             busy ? "Operations are running: creations would be undone, "
                    "waiting given up. "
                  : "",
             others);
    return l->question;
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
    job_stop();
    ui_resume(ui);
}

static bool
ui_local_program_ended(struct user_program *up,
                       const struct user_program_end *end)
{
    ui_program_done(container_of(up, struct ui_local, program)->ui, end);
    return true;
}

static int
local_run_program(struct ui *ui, const struct user_text *t, void *arg,
                  struct err *e)
{
    struct ui_local *l = arg;

    (void)ui;
    l->program.ended = ui_local_program_ended;
    return user_program_start(&l->program, l->lp, t, e);
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
    l->ses = o->session;
    l->others = o->others;
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
    (void)user_program_drop(&l->program); /* the terminal is the program's */
    ui_close(l->ui);
    free(l);
}
