/*
 * home.c - see home.h.
 */
#include "tests/screen/home.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/screen/act.h"

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
    (void)sb, (void)type, (void)f;
    (void)remove(path);
    return 0;
}

/* --- verbs --- */

const char *
home_program(void)
{
    static char path[4200];
    const char *given = getenv("XENDECK"), *build = getenv("BUILD");

    if (given != NULL)
        return given;
    text_fmt(path, sizeof path, "%s/xendeck", build != NULL ? build : "build");
    return path;
}

/* `xendeck ... -e LINE', its output in a file; as another user if uid > 0. */
pid_t
home_start(const struct home *h, const char *option, const char *line,
           uid_t uid)
{
    pid_t pid = fork();
    int fd;

    if (pid != 0)
        return pid;
    fd = open(h->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("TMPDIR", h->dir, 1);
    setenv("HOME", h->dir, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    if (uid > 0 && (setgid(NOBODY) < 0 || setuid(uid) < 0))
        _exit(126);
    if (line != NULL)
        execl(home_program(), "xendeck", "--sim=3", "--attach", "--socket",
              h->sock, "-e", line, option, (char *)NULL);
    else
        execl(home_program(), "xendeck", "--sim=3", "--attach", "--socket",
              h->sock, option, (char *)NULL);
    _exit(127);
}

int
home_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
home_verb(const struct home *h, const char *line)
{
    return home_wait(home_start(h, NULL, line, 0));
}

/* The output of the last verb; to be freed. */
char *
home_said(const struct home *h)
{
    struct buf b = { 0 };

    act_read(h->out, &b);
    return buf_take(&b);
}

void
home_must_say(const struct home *h, const char *text)
{
    char *all = home_said(h);

    if (strstr(all, text) == NULL)
        fail_msg("'%s' is not in:\n%s", text, all);
    free(all);
}

unsigned
home_times(const struct home *h, const char *line, const char *text)
{
    struct home own = *h;
    unsigned n = 0;
    char *all, *at;

    text_fmt(own.out, sizeof own.out, "%s/asked", h->dir);
    assert_int_equal(home_verb(&own, line), 0);
    all = home_said(&own);
    for (at = all; (at = strstr(at, text)) != NULL; at++)
        n++;
    free(all);
    return n;
}

void
home_let_pass(const struct home *h)
{
    struct home own = *h;

    text_fmt(own.out, sizeof own.out, "%s/asked", h->dir);
    assert_int_equal(home_verb(&own, "mem-set db1 3712"), 0); /* 128 a second */
}

/* --- the engine --- */

pid_t
home_engine(const struct home *h)
{
    int fd = open(h->lock, O_RDONLY | O_CLOEXEC);
    char text[64] = "";
    pid_t pid = 0;

    if (fd >= 0 && fd_locked(fd) && read(fd, text, sizeof text - 1) > 2)
        pid = (pid_t)strtol(text + 2, NULL, 10);
    if (fd >= 0)
        close(fd);
    return pid;
}

void
home_pause(unsigned ms)
{
    struct timespec ts = { .tv_sec = ms / 1000,
                           .tv_nsec = (long)(ms % 1000) * 1000000 };

    nanosleep(&ts, NULL);
}

int
home_setup(void **state)
{
    struct home *h = xcalloc(1, sizeof *h);

    snprintf(h->dir, sizeof h->dir, "/tmp/xendeck-sessions-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    chmod(h->dir, 0711);
    snprintf(h->sock, sizeof h->sock, "%s/s", h->dir);
    snprintf(h->lock, sizeof h->lock, "%s.lock", h->sock);
    snprintf(h->out, sizeof h->out, "%s/out", h->dir);
    snprintf(h->args, sizeof h->args, "--sim=3 --attach --socket %s", h->sock);
    snprintf(h->env, sizeof h->env, "TMPDIR=%s", h->dir);
    *state = h;
    return 0;
}

int
home_teardown(void **state)
{
    struct home *h = *state;
    pid_t pid = home_engine(h);
    int i;

    if (pid > 0) {
        kill(pid, SIGCONT);
        kill(pid, SIGTERM);
        for (i = 0; i < 200 && home_engine(h) == pid; i++)
            home_pause(50);
        if (home_engine(h) == pid)
            kill(pid, SIGKILL);
    }
    nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(h);
    return 0;
}

struct scr *
home_terminal(struct home *h, int rows, int cols, const char *term)
{
    char env[160];
    struct scr_opts o = {
        .rows = rows, .cols = cols, .args = h->args, .env = env
    };
    struct scr *s;

    snprintf(env, sizeof env, "%s TERM=%s", h->env,
             term != NULL ? term : "xterm-256color");
    s = scr_open(&o);
    SEE(s, "Domain-0");
    return s;
}

void
home_start_engine(struct home *h, const char *settings)
{
    char conf[96];
    pid_t pid;

    snprintf(conf, sizeof conf, "%s/groups.conf", h->dir);
    act_write(conf, settings);
    pid = fork();
    if (pid == 0) {
        setenv("TMPDIR", h->dir, 1);
        setenv("HOME", h->dir, 1);
        dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
        execl(home_program(), "xendeck", "--headless", "--sim=3", "--socket",
              h->sock, "--config", conf, (char *)NULL);
        _exit(127);
    }
    AWAIT(access(h->sock, F_OK) == 0);
}

int
home_verb_as_nobody(const struct home *h, const char *line)
{
    unlink(h->out);
    act_write(h->out, "");
    chmod(h->out, 0666);
    return home_wait(home_start(h, NULL, line, NOBODY));
}

int
home_connect(const struct home *h)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    text_fmt(sa.sun_path, sizeof sa.sun_path, "%s", h->sock);
    AWAIT(connect(fd, (const struct sockaddr *)&sa, sizeof sa) == 0 ||
          errno == EISCONN);
    return fd;
}
