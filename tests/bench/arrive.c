/*
 * arrive.c - what those wait for who come to an engine that runs: a terminal
 * for its first whole frame, a line for its answer. Beside it the start of a
 * program that does nothing.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define TIMES       40
#define FRAME_MS    30
#define LIST_MS     5
#define LIMIT_MS    5000
#define LOOK_MS     10
#define DOMAINS_ARG "--sim=100"

static void
quietly(const char *const *argv)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int fd;

    for (fd = 0; fd < 3; fd++)
        if (dup2(null, fd) < 0)
            _exit(126);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static pid_t
begin(const char *const *argv)
{
    pid_t pid = fork();

    if (pid == 0)
        quietly(argv);
    return pid;
}

static pid_t
engine_begin(const struct bench *b, const char *sock)
{
    const char *argv[] = { b->xendeck, "--headless", DOMAINS_ARG,
                           "--socket", sock,         NULL };
    pid_t pid = begin(argv);
    int i;

    for (i = 0; pid > 0 && i < LIMIT_MS / LOOK_MS; i++) {
        if (access(sock, F_OK) == 0)
            return pid;
        (void)poll(NULL, 0, LOOK_MS);
    }
    return pid;
}

static bool
run_once(const char *const *argv, struct sample *s)
{
    uint64_t begin_ns = bench_now_ns();
    pid_t pid = begin(argv);
    int status = -1;

    if (pid <= 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return false;
    sample_add(s, (double)(bench_now_ns() - begin_ns) / NS_PER_MS);
    return true;
}

static bool
answers(const char *const *argv, struct sample *s)
{
    int i;

    for (i = 0; i < TIMES; i++)
        if (!run_once(argv, s))
            return false;
    return true;
}

static bool
row(const char *name, const char *const *argv, bool screen, double budget)
{
    struct sample s = { 0 };
    bool ok = screen ? pty_frames(argv, TIMES, &s) : answers(argv, &s);

    if (ok)
        sample_row(name, &s, budget);
    sample_free(&s);
    return ok;
}

bool
bench_attach(const struct bench *b)
{
    char dir[] = "/tmp/xendeck-bench.XXXXXX", sock[64];
    const char *attach[] = { b->xendeck, DOMAINS_ARG, "--attach",
                             "--socket", sock,        NULL };
    const char *list[] = { b->xendeck, DOMAINS_ARG, "--attach", "--socket",
                           sock,       "-e",        "list",     NULL };
    const char *nothing[] = { "true", NULL };
    pid_t engine;
    bool ok;

    if (mkdtemp(dir) == NULL)
        return false;
    snprintf(sock, sizeof(sock), "%s/sock", dir);
    printf("With an engine of 100 domains that runs, ms (%d times)\n", TIMES);
    sample_head();
    engine = engine_begin(b, sock);
    ok = engine > 0 && row("attach to first frame", attach, true, FRAME_MS) &&
         row("xendeck -e list", list, false, LIST_MS) &&
         row("true", nothing, false, 0);
    if (engine > 0) {
        kill(engine, SIGTERM);
        (void)waitpid(engine, NULL, 0);
    }
    (void)unlink(sock);
    (void)rmdir(dir);
    return ok;
}
