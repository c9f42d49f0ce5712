/*
 * scr.c - starts the program on a pseudo terminal and talks to it.
 * The program is the job of a keeper process, as it would be a shell's: only
 * then does the kernel let it be stopped by ^Z and tell of it.
 */
#include "tests/screen/scr.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/screen/scr_int.h"

#define WORDS_MAX 32
#define SETTLE_MS 20000U /* a screen that never rests */
#define PIECE     4096U  /* libvterm 0.1 takes 4 bytes of stack for each */

/* --- the child --- */

static size_t
split(char *text, char **words)
{
    char *save = NULL, *word;
    size_t n = 0;

    for (word = strtok_r(text, " ", &save); word != NULL && n < WORDS_MAX;
         word = strtok_r(NULL, " ", &save))
        words[n++] = word;
    words[n] = NULL;
    return n;
}

/* $XENDECK, or $BUILD/xendeck: a sanitizer's tests run a sanitizer's build. */
static char *
program(void)
{
    const char *path = getenv("XENDECK"), *build = getenv("BUILD");

    if (path != NULL && path[0] != '\0')
        return xstrdup(path);
    return xasprintf("%s/xendeck", build != NULL ? build : "build");
}

static void
clean_env(const char *home, const char *extra)
{
    static const char *const kept[] = { "PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                                        "LSAN_OPTIONS", "LD_LIBRARY_PATH" };
    char *values[sizeof kept / sizeof kept[0]], *words[WORDS_MAX + 1];
    size_t i, n;

    for (i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *v = getenv(kept[i]);

        values[i] = v != NULL ? xstrdup(v) : NULL;
    }
    clearenv();
    for (i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (values[i] != NULL)
            setenv(kept[i], values[i], 1);
    setenv("TERM", "xterm-256color", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("TZ", "UTC", 1);
    setenv("HOME", home, 1);
    /* A simulated host is found by whoever looks for one in the directory for
     * temporary files: no stranger finds this one, and none of it is left. */
    setenv("TMPDIR", home, 1);
    n = split(xstrdup(extra != NULL ? extra : ""), words);
    for (i = 0; i < n; i++)
        putenv(words[i]);
}

static void
default_signals(void)
{
    sigset_t none;
    int signo;

    for (signo = 1; signo < NSIG; signo++)
        signal(signo, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the program's process, until it is the program. */
static void
become_program(const struct scr_opts *o, const char *home)
{
    char *words[WORDS_MAX + 2];
    char *path = program();

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(STDIN_FILENO, getpid());
    default_signals();
    words[0] = path;
    split(xstrdup(o->args != NULL ? o->args : ""), words + 1);
    clean_env(home, o->env);
    execv(path, words);
    perror(path);
    _exit(127);
}

enum said_what { SAID_PID, SAID_STOPPED, SAID_ENDED };

struct said {
    enum said_what what;
    int value;
};

static void
say(int fd, enum said_what what, int value)
{
    struct said s = { .what = what, .value = value };

    if (write(fd, &s, sizeof s) != sizeof s)
        _exit(1);
}

static void
on_foreground(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    (void)tcsetpgrp(STDIN_FILENO, info->si_value.sival_int);
}

/* A shell with one job. */
static void
keep(const struct scr *s, const struct scr_opts *o, int report)
{
    struct sigaction foreground = { .sa_sigaction = on_foreground,
                                    .sa_flags = SA_SIGINFO | SA_RESTART };
    int status, slave = s->slave;
    pid_t pid;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(s->master); /* so that its end is one */
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDOUT_FILENO);
    dup2(slave, STDERR_FILENO);
    if (slave > STDERR_FILENO)
        close(slave);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigaction(SIGUSR1, &foreground, NULL);
    pid = fork();
    if (pid == 0)
        become_program(o, s->home);
    setpgid(pid, pid);
    tcsetpgrp(STDIN_FILENO, pid);
    say(report, SAID_PID, pid);
    while (waitpid(pid, &status, WUNTRACED) == pid) {
        say(report, WIFSTOPPED(status) ? SAID_STOPPED : SAID_ENDED, status);
        if (!WIFSTOPPED(status))
            break;
    }
    _exit(0);
}

/* --- start and end --- */

static int
on_cursor(VTermProp prop, VTermValue *val, void *arg)
{
    struct scr *s = arg;

    if (prop == VTERM_PROP_CURSORVISIBLE)
        s->cursor_visible = val->boolean != 0;
    return 1;
}

/* The sixteen colours as terminals of today show them. */
static void
set_palette(VTermState *st)
{
    static const uint32_t rgb[16] = { 0x1c2028, 0xd7595e, 0x7fb26a, 0xd3a75a,
                                      0x3a6ea5, 0xb07cc6, 0x4ba3a8, 0xc8ccd4,
                                      0x6b7380, 0xf07178, 0xa5d18c, 0xf0c674,
                                      0x7aa6da, 0xd2a0e4, 0x70c8cc, 0xffffff };
    VTermColor c;
    int i;

    for (i = 0; i < 16; i++) {
        vterm_color_rgb(&c, (uint8_t)(rgb[i] >> 16), (uint8_t)(rgb[i] >> 8),
                        (uint8_t)rgb[i]);
        vterm_state_set_palette_color(st, i, &c);
    }
}

static void
open_screen(struct scr *s)
{
    static const VTermScreenCallbacks callbacks = { .settermprop = on_cursor };

    s->cursor_visible = true;
    s->vt = vterm_new(s->rows, s->cols);
    vterm_set_utf8(s->vt, 1);
    s->screen = vterm_obtain_screen(s->vt);
    vterm_screen_set_callbacks(s->screen, &callbacks, s);
    vterm_screen_enable_altscreen(s->screen, 1);
    vterm_screen_reset(s->screen, 1);
    set_palette(vterm_obtain_state(s->vt));
}

static void
open_pty(struct scr *s)
{
    struct winsize ws = { .ws_row = (unsigned short)s->rows,
                          .ws_col = (unsigned short)s->cols };

    if (openpty(&s->master, &s->slave, NULL, NULL, &ws) < 0)
        fail_msg("openpty: %s", strerror(errno));
    fcntl(s->master, F_SETFD, FD_CLOEXEC);
    fcntl(s->slave, F_SETFD, FD_CLOEXEC);
    fd_nonblock(s->master);
    tcgetattr(s->slave, &s->modes);
}

void
scr_make_terminal(struct scr *s)
{
    open_pty(s);
    open_screen(s);
}

static char *
make_home(void)
{
    char *path = xstrdup("/tmp/xendeck-screen-XXXXXX");

    if (mkdtemp(path) == NULL)
        fail_msg("%s: %s", path, strerror(errno));
    return path;
}

static void
stop_echo(struct scr *s)
{
    s->modes.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(s->slave, TCSANOW, &s->modes);
}

struct scr *
scr_open(const struct scr_opts *o)
{
    struct scr *s = xcalloc(1, sizeof *s);
    int ends[2];

    s->rows = o->rows;
    s->cols = o->cols;
    s->status = -1;
    s->own_home = o->home == NULL;
    s->home = o->home != NULL ? xstrdup(o->home) : make_home();
    scr_make_terminal(s);
    if (o->no_echo)
        stop_echo(s);
    if (pipe2(ends, O_CLOEXEC) < 0)
        fail_msg("pipe: %s", strerror(errno));
    s->keeper = fork();
    if (s->keeper == 0)
        keep(s, o, ends[1]);
    close(ends[1]);
    s->report = ends[0];
    fd_nonblock(s->report);
    return s;
}

struct scr *
scr_start(int rows, int cols, const char *args)
{
    struct scr_opts o = { .rows = rows, .cols = cols, .args = args };

    return scr_open(&o);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

void
scr_close(struct scr *s)
{
    if (s == NULL)
        return;
    if (s->pid > 0 && s->status < 0)
        kill(s->pid, SIGKILL);
    if (s->keeper > 0) {
        kill(s->keeper, SIGKILL);
        waitpid(s->keeper, NULL, 0);
    }
    if (s->master >= 0)
        close(s->master);
    if (s->slave >= 0)
        close(s->slave);
    if (s->report >= 0)
        close(s->report);
    if (s->own_home)
        nftw(s->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(s->home);
    vterm_free(s->vt);
    buf_free(&s->raw);
    buf_free(&s->text);
    free(s);
}

const char *
scr_home(const struct scr *s)
{
    return s->home;
}

pid_t
scr_pid(const struct scr *s)
{
    return s->pid;
}

void
scr_signal(const struct scr *s, int signo)
{
    kill(s->pid, signo);
}

/* --- talking --- */

uint64_t
scr_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
take_reports(struct scr *s)
{
    struct said r;

    while (read(s->report, &r, sizeof r) == sizeof r) {
        if (r.what == SAID_PID)
            s->pid = r.value;
        else if (r.what == SAID_STOPPED)
            s->stopped = true;
        else
            s->status = r.value;
    }
}

/* What a terminal answers when it is asked. */
static void
answer(struct scr *s)
{
    char bytes[256];
    size_t n = vterm_output_read(s->vt, bytes, sizeof bytes);

    if (n > 0 && write(s->master, bytes, n) < 0 && errno != EAGAIN)
        fail_msg("terminal: %s", strerror(errno));
}

/* At most a flood's worth, so that a deadline is looked at meanwhile. */
bool
scr_take_bytes(struct scr *s)
{
    char bytes[PIECE];
    size_t total = 0;
    ssize_t r;

    while (total < 16 * sizeof bytes &&
           (r = read(s->master, bytes, sizeof bytes)) > 0) {
        buf_add(&s->raw, bytes, (size_t)r);
        vterm_input_write(s->vt, bytes, (size_t)r);
        answer(s);
        total += (size_t)r;
    }
    return total > 0;
}

bool
scr_pump(struct scr *s, unsigned ms)
{
    struct pollfd pf[2] = { { .fd = s->master, .events = POLLIN },
                            { .fd = s->report, .events = POLLIN } };
    bool ended = s->status >= 0;

    if (s->turn != NULL)
        return scr_pump_bare(s, ms);
    if (ended)
        pf[1].fd = -1;
    poll(pf, 2, (int)ms);
    take_reports(s);
    return scr_take_bytes(s) || (!ended && s->status >= 0);
}

void
scr_settle(struct scr *s, unsigned quiet_ms)
{
    uint64_t end = scr_now_ms() + SETTLE_MS;

    while (scr_now_ms() < end && scr_pump(s, quiet_ms))
        ;
}

void
scr_send_bytes(struct scr *s, const char *bytes, size_t n)
{
    uint64_t end = scr_now_ms() + SCR_MS;

    while (n > 0) {
        ssize_t r = write(s->master, bytes, n);

        if (r > 0) {
            bytes += r;
            n -= (size_t)r;
        } else if (scr_now_ms() > end) {
            scr_must(s, false, "the program reads its terminal", __FILE__,
                     __LINE__);
        } else {
            scr_pump(s, 10);
        }
    }
}

void
scr_send(struct scr *s, const char *keys)
{
    scr_send_bytes(s, keys, strlen(keys));
}

void
scr_send_esc(struct scr *s)
{
    int unread;

    scr_send(s, "\033");
    UNTIL(s, ioctl(s->slave, FIONREAD, &unread) == 0 && unread == 0);
    scr_settle(s, 300);
}

void
scr_resize(struct scr *s, int rows, int cols)
{
    struct winsize ws = { .ws_row = (unsigned short)rows,
                          .ws_col = (unsigned short)cols };

    s->rows = rows;
    s->cols = cols;
    vterm_set_size(s->vt, rows, cols);
    ioctl(s->master, TIOCSWINSZ, &ws);
}

/* --- waiting --- */

static bool
wait_for(struct scr *s, const char *text, bool there, unsigned ms)
{
    uint64_t end = scr_now_ms() + ms;

    while (scr_has(s, text) != there) {
        uint64_t now = scr_now_ms();

        if (now >= end || (s->status >= 0 && !scr_pump(s, 0)))
            return scr_has(s, text) == there;
        scr_pump(s, (unsigned)(end - now < 200 ? end - now : 200));
    }
    return true;
}

bool
scr_wait_text(struct scr *s, const char *text, unsigned ms)
{
    return wait_for(s, text, true, ms);
}

bool
scr_wait_gone(struct scr *s, const char *text, unsigned ms)
{
    return wait_for(s, text, false, ms);
}

int
scr_exit_status(struct scr *s, unsigned ms)
{
    uint64_t end = scr_now_ms() + ms;

    while (s->status < 0 && scr_now_ms() < end)
        scr_pump(s, 50);
    while (scr_pump(s, 0)) /* its last words */
        ;
    return s->status;
}

bool
scr_wait_stopped(struct scr *s, unsigned ms)
{
    uint64_t end = scr_now_ms() + ms;

    while (!s->stopped && s->status < 0 && scr_now_ms() < end)
        scr_pump(s, 50);
    return s->stopped;
}

/* As a shell's fg: it gives the job its line modes anew. */
void
scr_continue(struct scr *s)
{
    s->stopped = false;
    kill(-s->pid, SIGCONT);
}

void
scr_foreground(struct scr *s, bool program)
{
    union sigval v = { .sival_int = program ? s->pid : s->keeper };
    uint64_t end = scr_now_ms() + SCR_MS;

    sigqueue(s->keeper, SIGUSR1, v);
    while (tcgetpgrp(s->master) != v.sival_int && scr_now_ms() < end)
        scr_pump(s, 10);
}

void
scr_hang_up(struct scr *s)
{
    close(s->master);
    s->master = -1;
}
