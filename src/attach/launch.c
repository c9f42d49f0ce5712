/*
 * launch.c - see launch.h. One pipe is both the engine's standard error and
 * the way to say that it is ready: a line of a single byte.
 */
#include "src/attach/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/sys/clock.h"

#define READY        '\001'
#define BUSY         '\002'
#define SAID_MAX     4096
#define ENVIRON_MAX  64
#define SOCKET_WANTS "/etc/systemd/system/sockets.target.wants/xendeck.socket"

/* Of the caller's environment an engine that outlives him keeps what names
 * places and languages; nothing of a hook, should one be the caller. */
static bool
is_kept(const char *entry)
{
    static const char *const kept[] = {
        "PATH=",
        "LANG=",
        "LC_",
        "TZ=",
        "TMPDIR=",
        "HOME=",
        "XDG_",
        "ASAN_OPTIONS=",
        "LSAN_OPTIONS=",
        "UBSAN_OPTIONS=",
        "LD_LIBRARY_PATH=",
        "TERMINFO=",
        "TERMINFO_DIRS=",
    };
    size_t i;

    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (strncmp(entry, kept[i], strlen(kept[i])) == 0)
            return true;
    return false;
}

void
launch_self(char *dst, size_t n)
{
    static const char gone[] = " (deleted)";
    char path[1024];
    ssize_t r = readlink("/proc/self/exe", path, sizeof(path) - 1);
    size_t len;

    path[r > 0 ? r : 0] = '\0';
    len = strlen(path);
    if (len > sizeof(gone) &&
        strcmp(path + len - (sizeof(gone) - 1), gone) == 0)
        path[len - (sizeof(gone) - 1)] = '\0';
    text_fmt(dst, n, "%s", access(path, X_OK) == 0 ? path : "/proc/self/exe");
}

static void
become(char *const argv[], int said)
{
    char path[1024], *env[ENVIRON_MAX + 1];
    sigset_t none;
    size_t i, n = 0;
    int null = open("/dev/null", O_RDWR);

    launch_self(path, sizeof(path));
    for (i = 0; environ[i] != NULL && n < ENVIRON_MAX; i++)
        if (is_kept(environ[i]))
            env[n++] = environ[i];
    env[n] = NULL;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    umask(077);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(null, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0 ||
        chdir("/") < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
        _exit(127);
    execve(path, argv, env);
    dprintf(STDERR_FILENO, "xendeck: %s cannot be started: %s\n", path,
            strerror(errno));
    _exit(127);
}

/* Twice, so that it is nobody's child and of no terminal. */
static pid_t
launch_spawn(char *const argv[], int said)
{
    pid_t pid = fork(), second;

    if (pid != 0)
        return pid;
    setsid();
    second = fork();
    if (second == 0)
        become(argv, said);
    _exit(second < 0 ? 127 : 0);
}

static int
left_ms(int64_t began_ms, int limit_ms)
{
    int64_t ms = clock_now_ms() - began_ms;

    return ms >= limit_ms ? 0 : limit_ms - (int)ms;
}

/* Its last sentence, without our own name before it. An engine that says none
 * was ended by another process: the next one may stay. */
static void
keep_sentence(char *said, struct err *e)
{
    static const char own[] = "xendeck: ";
    char *line;
    size_t n = strlen(said);

    while (n > 0 && said[n - 1] == '\n')
        said[--n] = '\0';
    line = strrchr(said, '\n');
    line = line != NULL ? line + 1 : said;
    if (strncmp(line, own, sizeof(own) - 1) == 0)
        line += sizeof(own) - 1;
    if (*line != '\0')
        err_set(e, ERR_LOST, "%s", line);
    else
        err_set(e, ERR_NOENT, "the engine ended as it began");
}

static enum launch_rc
listen_to(int said, int limit_ms, struct err *e)
{
    char text[SAID_MAX + 1], *mark;
    int64_t began_ms = clock_now_ms();
    size_t n = 0;
    ssize_t r = 1;

    while (r > 0 && n < SAID_MAX) {
        struct pollfd pf = { .fd = said, .events = POLLIN };
        int ms = left_ms(began_ms, limit_ms);

        if (ms == 0 || (poll(&pf, 1, ms) == 0)) {
            err_set(e, ERR_TIMEOUT,
                    "the engine that was started is not ready after %d s",
                    limit_ms / 1000);
            return LAUNCH_FAILED;
        }
        r = read(said, text + n, SAID_MAX - n);
        if (r < 0 && errno == EINTR)
            r = 1;
        else if (r > 0)
            n += (size_t)r;
        text[n] = '\0';
        mark = strpbrk(text, "\001\002");
        if (mark == NULL)
            continue;
        (void)!write(STDERR_FILENO, text, (size_t)(mark - text));
        return *mark == READY ? LAUNCH_READY : LAUNCH_BUSY;
    }
    keep_sentence(text, e);
    return LAUNCH_FAILED;
}

enum launch_rc
launch_engine(char *const argv[], int limit_ms, struct err *e)
{
    enum launch_rc rc;
    int said[2];
    pid_t pid;

    if (pipe2(said, O_CLOEXEC) < 0) {
        err_sys(e, errno, "pipe");
        return LAUNCH_FAILED;
    }
    pid = launch_spawn(argv, said[1]);
    close(said[1]);
    if (pid < 0) {
        err_sys(e, errno, "process");
        close(said[0]);
        return LAUNCH_FAILED;
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    rc = listen_to(said[0], limit_ms, e);
    close(said[0]);
    return rc;
}

static void
launch_tell(char mark)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)!write(STDERR_FILENO, &mark, 1);
    if (null >= 0)
        (void)dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO)
        close(null);
}

void
launch_tell_ready(void)
{
    launch_tell(READY);
}

void
launch_tell_busy(void)
{
    launch_tell(BUSY);
}

/* An administrator who has enabled the unit wants systemd to have the engine;
 * one who has not is not overruled. */
bool
launch_unit(bool again)
{
    pid_t pid;
    int status = -1;

    if (geteuid() != 0 || access("/run/systemd/system", F_OK) < 0 ||
        access(SOCKET_WANTS, F_OK) < 0)
        return false;
    pid = fork();
    if (pid == 0) {
        execlp("systemctl", "systemctl", again ? "restart" : "start",
               "xendeck.socket", (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
