/*
 * main.c - the front door: what the command line makes of this process, what
 * holds for all of that (signals, descriptors, locale), and its end in the
 * reverse order.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/attach/server.h"
#include "src/attach/verb_session.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "src/command/batch.h"
#include "src/program.h"
#include "ui/app/front.h"

#define SIGNAL_STACK (64U * 1024)

int
front_fail(int status, const char *sentence)
{
    fprintf(stderr, "xendeck: %s\n", sentence);
    return status;
}

/* Descriptors 0 to 2 are never something of ours; a closed output stays one
 * that cannot be written. */
static void
fill_std_fds(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static void
on_fatal(int signo)
{
    ui_emergency_restore();
    raise(signo); /* SA_RESETHAND: the default action, a core */
}

/* On its own stack, so that an overflow of the usual one gets through. The
 * caller's to free at the very end. */
static void *
catch_fatal(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
    stack_t st = { .ss_sp = xcalloc(1, SIGNAL_STACK), .ss_size = SIGNAL_STACK };
    struct sigaction sa = { .sa_handler = on_fatal,
                            .sa_flags =
                                (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK) };
    struct sigaction old;
    size_t i;

    sigaltstack(&st, NULL);
    sigemptyset(&sa.sa_mask);
    for (i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &old) == 0 &&
            old.sa_handler == SIG_DFL) /* a sanitizer's handler stays */
            sigaction(signals[i], &sa, NULL);
    xalloc_on_fail(ui_emergency_restore);
    return st.ss_sp;
}

static void
free_signal_stack(void *stack)
{
    stack_t st = { .ss_flags = SS_DISABLE };

    sigaltstack(&st, NULL);
    free(stack);
}

/* A batch that needs no host, but says more where one is: that of an engine
 * which runs, and the simulated one that was asked for. */
static bool
main_finds_host(struct front *fr)
{
    const struct options *o = &fr->opt;

    if (!batch_asks_host(&fr->cmds, o->lines, o->n_lines))
        return false;
    if (o->sim && !o->attach)
        return true;
    if (!role_client_is_served(fr))
        return false;
    fr->opt.running = true; /* were it to end now, none is started */
    return true;
}

/* What the user got wrong is said before what the host lacks. */
static int
main_run(struct front *fr)
{
    const struct options *o = &fr->opt;
    bool host = true, foreground = o->foreground || (o->sim && !o->attach);
    struct err e = { 0 };
    int status;

    options_take_terminal(&fr->opt);
    fr->has_screen = !o->batch && !o->headless && !o->engine;
    if (o->batch &&
        batch_check(&fr->cmds, o->lines, o->n_lines, &host, &e) != BATCH_OK)
        return front_fail(STATUS_USAGE, e.msg);
    if (o->headless || o->engine)
        return role_engine(fr);
    if (o->batch && !host)
        host = main_finds_host(fr);
    if (o->batch && (!host || (o->sim && !o->attach)))
        return role_batch_here(fr, host);
    if (!foreground) {
        status = role_client(fr, &foreground);
        if (!foreground)
            return status;
    }
    return role_foreground(fr);
}

static int
main_print_text(const char *text)
{
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return front_fail(STATUS_FAILED, "standard output cannot be written");
    return STATUS_DONE;
}

static int
front_main(struct front *fr, int argc, char **argv)
{
    struct buf text = { 0 };
    struct err e = { 0 };
    int status;

    if (options_parse(&fr->opt, argc, argv, &e) < 0)
        return front_fail(STATUS_USAGE, e.msg);
    if (!fr->opt.help && !fr->opt.version)
        return main_run(fr);
    if (fr->opt.help)
        options_help(&text);
    else
        buf_str(&text, "xendeck " XENDECK_VERSION "\n");
    status = main_print_text(buf_text(&text));
    buf_free(&text);
    return status;
}

static void
front_fini(struct front *fr)
{
    attach_server_free(fr->server, false);
    engine_close(fr->en);
    loop_free(fr->lp);
    log_free(fr->log);
    buf_free(&fr->notice);
    options_fini(&fr->opt);
    if (fr->lock_fd >= 0)
        close(fr->lock_fd);
}

int
main(int argc, char **argv)
{
    struct front *fr;
    void *stack;
    int status;

    if (argc > 1 && strcmp(argv[1], ENGINE_HELPER_ARG) == 0)
        return engine_helper_main(argc, argv);
    fill_std_fds();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    fd_raise_nofile();
    stack = catch_fatal();
    fr = xcalloc(1, sizeof *fr);
    fr->lock_fd = -1;
    cmd_set_init(&fr->cmds);
    ui_verbs_add(&fr->cmds);
    cmd_set_add(&fr->cmds, &attach_family_session);
    settings_default(&fr->set, &fr->cmds);
    status = front_main(fr, argc, argv);
    front_fini(fr);
    free(fr);
    free_signal_stack(stack);
    return status;
}
