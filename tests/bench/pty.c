/*
 * pty.c - a program on a pseudo terminal: started, typed at, read, timed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/xalloc.h"
#include "tests/bench/bench.h"

#define PIECE          65536
#define KEEP           (1U << 20) /* of the output: more is never looked through */
#define END_MS         2000
#define TMUX_MS        5000
#define FRAME_LIMIT_MS 5000

uint64_t
bench_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

bool
bench_have(const char *program)
{
    const char *path = getenv("PATH"), *end;
    char *file;
    bool found = false;

    if (strchr(program, '/') != NULL)
        return access(program, X_OK) == 0;
    for (; path != NULL && *path != '\0' && !found; path = end) {
        end = path + strcspn(path, ":");
        file = xasprintf("%.*s/%s", (int)(end - path), path, program);
        found = access(file, X_OK) == 0;
        free(file);
        end += *end == ':';
    }
    return found;
}

bool
pty_start(struct pty *p, int rows, int cols, const char *const *argv)
{
    struct winsize ws = { .ws_row = (unsigned short)rows,
                          .ws_col = (unsigned short)cols };

    memset(p, 0, sizeof(*p));
    p->fd = -1;
    if (!bench_have(argv[0]))
        return false;
    p->begin_ns = p->last_ns = bench_now_ns();
    p->pid = forkpty(&p->fd, NULL, NULL, &ws);
    if (p->pid == 0) {
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    if (p->pid < 0)
        return false;
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
    fcntl(p->fd, F_SETFD, FD_CLOEXEC);
    return true;
}

bool
pty_read(struct pty *p, uint64_t wait_ns)
{
    struct timespec ts = { .tv_sec = (time_t)(wait_ns / 1000000000ULL),
                           .tv_nsec = (long)(wait_ns % 1000000000ULL) };
    struct pollfd pf = { .fd = p->fd, .events = POLLIN };
    char bytes[PIECE];
    ssize_t r;

    if (p->over || ppoll(&pf, 1, &ts, NULL) <= 0)
        return false;
    r = read(p->fd, bytes, sizeof(bytes));
    if (r <= 0) {
        p->over = r == 0 || (errno != EAGAIN && errno != EINTR);
        return false;
    }
    p->last_ns = bench_now_ns();
    p->sent += (uint64_t)r;
    if (p->out.len > KEEP)
        buf_consume(&p->out, p->out.len - KEEP / 2);
    buf_add(&p->out, bytes, (size_t)r);
    return true;
}

bool
pty_until(struct pty *p, const char *text, unsigned limit_ms)
{
    uint64_t end = bench_now_ns() + limit_ms * NS_PER_MS, now;
    size_t from = 0, n = strlen(text);

    for (;;) {
        if (p->out.len >= n &&
            memmem(p->out.data + from, p->out.len - from, text, n) != NULL)
            return true;
        from =
            p->out.len < KEEP / 4 ? (p->out.len < n ? 0 : p->out.len - n) : 0;
        now = bench_now_ns();
        if (now >= end || p->over)
            return false;
        if (p->out.len >= KEEP / 4) { /* keeps the text's possible beginning */
            buf_consume(&p->out, p->out.len - n);
        }
        pty_read(p, end - now);
    }
}

void
pty_forget(struct pty *p)
{
    buf_clear(&p->out);
}

void
pty_for(struct pty *p, unsigned ms)
{
    uint64_t end = bench_now_ns() + ms * NS_PER_MS, now;

    while (!p->over && (now = bench_now_ns()) < end)
        pty_read(p, end - now);
}

void
pty_quiet(struct pty *p, unsigned ms)
{
    while (pty_read(p, ms * NS_PER_MS))
        ;
}

void
pty_type(struct pty *p, const char *keys)
{
    size_t n = strlen(keys);
    ssize_t r;

    while (n > 0) {
        r = write(p->fd, keys, n);
        if (r > 0) {
            keys += r;
            n -= (size_t)r;
        } else if (errno != EAGAIN && errno != EINTR) {
            return;
        } else {
            pty_read(p, NS_PER_MS);
        }
    }
}

/* Reads on meanwhile: a program may want to write before it ends. */
static bool
ended(struct pty *p, unsigned ms)
{
    uint64_t end = bench_now_ns() + ms * NS_PER_MS;
    struct timespec pause = { .tv_nsec = 1000000 };

    while (bench_now_ns() < end) {
        if (waitpid(p->pid, NULL, WNOHANG) != 0)
            return true;
        if (!pty_read(p, NS_PER_MS) && p->over)
            nanosleep(&pause, NULL);
    }
    return false;
}

void
pty_end(struct pty *p)
{
    if (p->pid > 0) {
        kill(p->pid, SIGTERM);
        if (!ended(p, END_MS)) {
            kill(p->pid, SIGKILL);
            waitpid(p->pid, NULL, 0);
        }
    }
    if (p->fd >= 0)
        close(p->fd);
    buf_free(&p->out);
    p->pid = 0;
    p->fd = -1;
}

/* --- facts about a process --- */

uint64_t
bench_cpu_ns(pid_t pid)
{
    unsigned long long ns = 0;
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    f = fopen(path, "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%llu", &ns) != 1)
        ns = 0;
    fclose(f);
    return ns;
}

unsigned long
bench_status_kib(pid_t pid, const char *key)
{
    char path[64], line[256];
    unsigned long kib = 0;
    size_t n = strlen(key);
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, key, n) == 0)
            kib = strtoul(line + n, NULL, 10);
    if (f != NULL)
        fclose(f);
    return kib;
}

/* --- tmux --- */

static pid_t
tmux_server(const struct bench *b)
{
    char line[64] = "";
    pid_t pid;
    int fds[2];
    ssize_t r;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return 0;
    pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        execlp("tmux", "tmux", "-L", b->tmux_name, "display-message", "-p",
               "#{pid}", (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    r = pid > 0 ? read(fds[0], line, sizeof(line) - 1) : -1;
    close(fds[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return r > 0 ? (pid_t)strtol(line, NULL, 10) : 0;
}

bool
tmux_start(struct pty *p, const struct bench *b, const char *command,
           pid_t *server_out)
{
    const char *argv[] = { "tmux",      "-L",          b->tmux_name, "-f",
                           "/dev/null", "new-session", command,      NULL };

    if (!pty_start(p, 24, 80, argv))
        return false;
    if (pty_until(p, "ready", TMUX_MS)) {
        *server_out = tmux_server(b);
        pty_quiet(p, 300);
        pty_forget(p);
        if (*server_out > 0)
            return true;
    }
    tmux_end(p, b);
    return false;
}

void
tmux_end(struct pty *p, const struct bench *b)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("tmux", "tmux", "-L", b->tmux_name, "kill-server", (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
    pty_end(p);
}

static bool
frame_once(const char *const *argv, struct sample *s)
{
    struct pty p;
    bool ok;

    if (!pty_start(&p, 24, 80, argv))
        return false;
    ok = pty_until(&p, "Quit", FRAME_LIMIT_MS);
    if (ok)
        sample_add(s, (double)(p.last_ns - p.begin_ns) / NS_PER_MS);
    pty_end(&p);
    return ok;
}

bool
pty_frames(const char *const *argv, int times, struct sample *s)
{
    int i;

    for (i = 0; i < times; i++)
        if (!frame_once(argv, s))
            return false;
    return true;
}
