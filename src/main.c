/*
 * main.c - the front door: command line, settings, log, host, then the console
 * or a batch of verbs; and everything closed in the reverse order.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/api/engine.h"
#include "src/base/fdio.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/batch_local.h"
#include "src/command/settings.h"
#include "src/headless.h"
#include "src/options.h"
#include "ui/app/ui_local.h"
#include "ui/draw/theme.h"

#ifndef XENDECK_VERSION
#define XENDECK_VERSION "0.1.0"
#endif
#ifndef XENDECK_DATADIR
#define XENDECK_DATADIR "/usr/local/share/xendeck"
#endif

#define SYSTEM_CONF  "/etc/xendeck/xendeck.conf"
#define SYSTEM_LOG   "/var/log/xendeck/xendeck.log"
#define SIGNAL_STACK (64U * 1024)

enum { STATUS_DONE, STATUS_FAILED, STATUS_USAGE };

struct front {
    struct options opt;
    struct cmd_set cmds;
    struct settings set;
    struct buf notice; /* for the first screen */
    struct log *log;
    bool log_open;
    struct loop *lp;
    struct engine *en;
};

static int
fail(int status, const char *sentence)
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

/* $NAME/REST, or $HOME/FALLBACK/REST; false: neither is an absolute path. */
static bool
xdg_path(const char *name, const char *fallback, const char *rest,
         struct buf *out)
{
    const char *dir = getenv(name), *home = getenv("HOME");

    if (dir != NULL && dir[0] == '/')
        buf_fmt(out, "%s/%s", dir, rest);
    else if (home != NULL && home[0] == '/')
        buf_fmt(out, "%s/%s/%s", home, fallback, rest);
    else
        return false;
    return true;
}

/* A program that runs where it was built, in build/ or below it, finds the
 * themes of its sources. */
static void
add_source_themes(struct buf *dirs)
{
    char self[1024], *build = NULL, *p;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    self[n > 0 ? n : 0] = '\0';
    for (p = self; (p = strstr(p, "/build/")) != NULL; p++)
        build = p;
    if (build != NULL)
        buf_fmt(dirs, "%.*s/themes:", (int)(build - self), self);
}

/* The directories after the user's own: ~/.config, those of the sources, the
 * installed ones. */
static void
add_theme_dirs(struct settings *s)
{
    struct buf dirs = { 0 };

    buf_str(&dirs, s->theme_dirs);
    if (dirs.len > 0)
        buf_chr(&dirs, ':');
    if (xdg_path("XDG_CONFIG_HOME", ".config", "xendeck/themes", &dirs))
        buf_chr(&dirs, ':');
    add_source_themes(&dirs);
    buf_str(&dirs, XENDECK_DATADIR "/themes");
    text_fmt(s->theme_dirs, sizeof s->theme_dirs, "%s", buf_text(&dirs));
    buf_free(&dirs);
}

/* For the first screen; without one, it is said at once. */
static void
add_notice(struct front *fr, const char *text)
{
    if (fr->opt.batch || fr->opt.headless) {
        fail(STATUS_DONE, text);
        return;
    }
    if (fr->notice.len > 0)
        buf_str(&fr->notice, "; ");
    buf_str(&fr->notice, text);
}

static void
load_one(struct front *fr, const char *path, struct buf *warn)
{
    struct err e = { 0 };

    if (settings_load(&fr->set, path, true, warn, &e) < 0)
        add_notice(fr, e.msg);
}

/* -1: what the command line names cannot be used. */
static int
load_settings(struct front *fr, struct err *e)
{
    struct buf warn = { 0 }, user = { 0 };
    char *line, *save = NULL;
    int rc = 0;

    if (fr->opt.config != NULL) {
        rc = settings_load(&fr->set, fr->opt.config, false, &warn, e);
    } else {
        load_one(fr, SYSTEM_CONF, &warn);
        if (xdg_path("XDG_CONFIG_HOME", ".config", "xendeck/xendeck.conf",
                     &user))
            load_one(fr, buf_text(&user), &warn);
    }
    if (warn.data != NULL)
        for (line = strtok_r(warn.data, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save))
            add_notice(fr, line);
    buf_free(&warn);
    buf_free(&user);
    return rc;
}

/* The command line and the environment win over the files. */
static int
apply_options(struct front *fr, struct err *e)
{
    const struct options *o = &fr->opt;
    const char *no_color = getenv("NO_COLOR");
    struct settings *s = &fr->set;
    struct theme th;

    add_theme_dirs(s);
    if (o->no_color || (no_color != NULL && no_color[0] != '\0'))
        s->color = false;
    if (o->no_unicode)
        s->unicode = false;
    if (o->read_only)
        s->read_only = true;
    if (o->tick_ms != 0)
        s->tick_ms = o->tick_ms;
    if (o->log != NULL && strlen(o->log) >= sizeof s->log_file)
        return err_set(e, ERR_RANGE, "--log: found %zu bytes, allowed %zu",
                       strlen(o->log), sizeof s->log_file - 1);
    if (o->log != NULL)
        text_fmt(s->log_file, sizeof s->log_file, "%s", o->log);
    if (o->theme == NULL)
        return 0;
    if (theme_load(s->theme_dirs, o->theme, &th, e) < 0)
        return -1;
    text_fmt(s->theme, sizeof s->theme, "%s", o->theme);
    return 0;
}

/* Makes the directories above path. */
static void
make_parents(const char *path)
{
    char *copy = xstrdup(path), *p;

    for (p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            break; /* opening the file says why */
        *p = '/';
    }
    free(copy);
}

static void
default_log(struct settings *s, bool on_xen)
{
    struct buf path = { 0 };

    if (on_xen && geteuid() == 0)
        buf_str(&path, SYSTEM_LOG);
    else
        xdg_path("XDG_STATE_HOME", ".local/state", "xendeck/xendeck.log",
                 &path);
    if (path.len < sizeof s->log_file)
        text_fmt(s->log_file, sizeof s->log_file, "%s", buf_text(&path));
    buf_free(&path);
}

static void
open_log(struct front *fr)
{
    const char *path = fr->set.log_file;
    struct log_opts lo = { .path = path[0] != '\0' ? path : NULL,
                           .level = LOGL_INFO };
    struct err e = { 0 };

    if (lo.path != NULL && path[0] == '/' && fr->opt.log == NULL)
        make_parents(path);
    fr->log = log_new(&lo, &e);
    fr->log_open = e.code == ERR_NONE;
    if (fr->log_open)
        return;
    if (!fr->opt.batch || fr->opt.log != NULL)
        add_notice(fr, e.msg);
}

/* Whether the user takes the simulated host in place of the missing one. */
static bool
offer_sim(bool yes_is_default)
{
    char answer[16] = "";

    printf("Open the console on a simulated host? %s ",
           yes_is_default ? "[Y/n]" : "[y/N]");
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    if (answer[0] == '\n')
        return yes_is_default;
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* 0: the host is there, or a simulated one was taken. */
static int
check_host(struct front *fr, const struct buf *why, bool on_xen)
{
    fprintf(stderr, "xendeck: this host cannot be run from here:\n");
    fwrite(buf_text(why), 1, why->len, stderr);
    if (!fr->opt.batch && !fr->opt.headless && isatty(STDIN_FILENO) &&
        isatty(STDOUT_FILENO)) {
        if (!offer_sim(!on_xen))
            return STATUS_FAILED;
        fr->opt.sim = fr->opt.sim_lively = true;
        fr->opt.sim_domains = OPTIONS_SIM_DEMO;
        return STATUS_DONE;
    }
    return fail(STATUS_FAILED, "xendeck --sim opens a simulated host");
}

/* A creation's helper starts beside the engine instead of after it. */
static bool
will_create(const struct options *o)
{
    size_t i;

    for (i = 0; i < o->n_lines; i++)
        if (strncmp(o->lines[i].text, "create ", 7) == 0)
            return true;
    return false;
}

static int
open_engine(struct front *fr, bool needs_host, struct err *e)
{
    const struct options *o = &fr->opt;
    struct engine_opts eo = { .log = fr->log,
                              .host = o->sim ? ENGINE_SIM : ENGINE_XEN,
                              .sim_domains = o->sim_domains,
                              .sim_lively = o->sim_lively,
                              .sim_faults = o->sim_faults,
                              .one_shot = o->batch,
                              .autostart = o->headless,
                              .warm_helper = will_create(o),
                              .history = fr->set.history && !o->batch,
                              .tick_ms = fr->set.tick_ms,
                              .restart_min_s = fr->set.restart_min_s,
                              .restart_min_set = true };

    if (fr->set.hook_dir[0] != '\0')
        eo.hook_dir = fr->set.hook_dir;
    fr->lp = loop_new(LOOP_CLOCK_REAL);
    if (fr->lp == NULL)
        return err_sys(e, errno, "event loop");
    if (!needs_host)
        return 0;
    eo.lp = fr->lp;
    fr->en = engine_open(&eo, e);
    return fr->en != NULL ? 0 : -1;
}

static int
run_console(struct front *fr)
{
    struct session ses = session_of_user(&fr->set, fr->en, fr->lp);
    struct ui_opts uo = { .lp = fr->lp,
                          .en = fr->en,
                          .set = &fr->set,
                          .session = &ses,
                          .notice = fr->notice.len > 0 ? buf_text(&fr->notice)
                                                       : NULL };
    struct err e = { 0 };
    struct ui_local *ui = ui_local_open(&uo, &e);

    if (ui == NULL)
        return fail(STATUS_FAILED, e.msg);
    loop_run(fr->lp);
    /* A terminal that goes away shows it twice, as end of input and as a
     * signal: neither may cut the orderly end short. */
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    ui_local_close(ui);
    return STATUS_DONE;
}

static int
run_batch(struct front *fr)
{
    int status = batch_local(fr->lp, &fr->set, fr->en, &fr->opt);

    /* A log that was asked for and ended on the way, as on a full disk. */
    if (fr->opt.log != NULL && fr->log_open && log_file_error(fr->log) != NULL)
        fail(status, log_file_error(fr->log));
    return status;
}

/* What the user got wrong is said before what the host lacks. */
static int
prepare(struct front *fr, bool *needs_host_out)
{
    struct buf why = { 0 };
    struct err e = { 0 };
    bool on_xen = false, host = true;
    int status = STATUS_DONE, missing = 0;

    if (fr->opt.batch)
        status =
            batch_check(&fr->cmds, fr->opt.lines, fr->opt.n_lines, &host, &e);
    if (status != STATUS_DONE)
        return fail(status, e.msg);
    *needs_host_out = host;
    if (status == STATUS_DONE && host && !fr->opt.sim)
        missing = engine_preflight(&why, &on_xen);
    if (host)
        default_log(&fr->set, on_xen && !fr->opt.sim);
    if (status == STATUS_DONE &&
        (load_settings(fr, &e) < 0 || apply_options(fr, &e) < 0))
        status = fail(STATUS_USAGE, e.msg);
    if (status == STATUS_DONE && missing > 0)
        status = check_host(fr, &why, on_xen);
    buf_free(&why);
    return status;
}

static int
run(struct front *fr)
{
    struct err e = { 0 };
    bool needs_host;
    int status = prepare(fr, &needs_host);

    if (status != STATUS_DONE)
        return status;
    if (needs_host)
        open_log(fr);
    if (open_engine(fr, needs_host, &e) < 0)
        return fail(STATUS_FAILED, e.msg);
    if (fr->opt.headless) {
        headless_run(fr->lp, fr->en);
        return STATUS_DONE;
    }
    return fr->opt.batch ? run_batch(fr) : run_console(fr);
}

static int
print_text(const char *text)
{
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return fail(STATUS_FAILED, "standard output cannot be written");
    return STATUS_DONE;
}

static int
front_main(struct front *fr, int argc, char **argv)
{
    struct buf text = { 0 };
    struct err e = { 0 };
    int status;

    if (options_parse(&fr->opt, argc, argv, &e) < 0)
        return fail(STATUS_USAGE, e.msg);
    if (!fr->opt.help && !fr->opt.version)
        return run(fr);
    if (fr->opt.help)
        options_help(&text);
    else
        buf_str(&text, "xendeck " XENDECK_VERSION "\n");
    status = print_text(buf_text(&text));
    buf_free(&text);
    return status;
}

static void
front_fini(struct front *fr)
{
    engine_close(fr->en);
    loop_free(fr->lp);
    log_free(fr->log);
    buf_free(&fr->notice);
    options_fini(&fr->opt);
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
    cmd_set_init(&fr->cmds);
    ui_verbs_add(&fr->cmds);
    settings_default(&fr->set, &fr->cmds);
    status = front_main(fr, argc, argv);
    front_fini(fr);
    free(fr);
    free_signal_stack(stack);
    return status;
}
