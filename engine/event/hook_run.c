/*
 * hook_run.c - see hook_run.h. The child leads a process group of its own, so
 * that what it started ends with it.
 */
#include "engine/event/hook_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/event/hooks.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define ENV_MAX    32
#define PIPE_READS 64 /* of a KiB: what a pipe of Linux holds */

static void
take_output(struct hook_run *r)
{
    char chunk[1024];
    ssize_t n = -1;
    int i;

    /* What is too much is read all the same: a full pipe would stop it. A
     * whole pipe at a time: one without end would keep the loop here. */
    for (i = 0; i < PIPE_READS; i++) {
        size_t room = HOOKS_OUT_MAX - r->out.len;

        n = read(r->out_fd, chunk, sizeof(chunk));
        if (n <= 0)
            break;
        buf_add(&r->out, chunk, (size_t)n < room ? (size_t)n : room);
    }
    if (n == 0)
        loop_fd_del(&r->out_lf);
}

static void
output_ready(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    take_output(container_of(lf, struct hook_run, out_lf));
}

static void
log_output(struct hook_run *r)
{
    char *line, *save = NULL;

    if (r->out.len == 0)
        return;
    for (line = strtok_r(r->out.data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        log_line(r->log, LOGL_INFO, "hook %s: %s", r->name, line);
    if (r->out.len == HOOKS_OUT_MAX)
        log_line(r->log, LOGL_INFO, "hook %s: (the rest is left out)", r->name);
}

static void
hook_run_judge(struct hook_run *r, int status)
{
    if (r->late)
        err_set(&r->err, ERR_TIMEOUT, "it did not end within %u.%u s",
                r->limit_ms / 1000, r->limit_ms % 1000 / 100);
    else if (WIFSIGNALED(status))
        err_set(&r->err, ERR_IO, "it was killed by signal %d",
                WTERMSIG(status));
    else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        err_set(&r->err, ERR_IO, "it ended with status %d",
                WEXITSTATUS(status));
}

static void
hook_run_child_ended(struct loop_child *lc, int status)
{
    struct hook_run *r = container_of(lc, struct hook_run, child);

    loop_timer_del(&r->limit);
    kill(-r->pid, SIGKILL); /* what it left behind in its group */
    r->pid = 0;
    take_output(r);
    log_output(r);
    hook_run_judge(r, status);
    r->ended(r);
}

static void
hook_run_limit_due(struct loop_timer *lt)
{
    struct hook_run *r = container_of(lt, struct hook_run, limit);

    kill(-r->pid, r->late ? SIGKILL : SIGTERM);
    if (!r->late)
        loop_timer_arm(r->lp, &r->limit, HOOKS_KILL_MS, hook_run_limit_due);
    r->late = true;
}

static void
make_environment(const struct buf *b, char *env[ENV_MAX])
{
    size_t at, n = 0;

    for (at = 0; at < b->len && n + 1 < ENV_MAX; at += strlen(b->data + at) + 1)
        env[n++] = b->data + at;
    env[n] = NULL;
}

static int
hook_run_spawn(struct hook_run *r, int out_fd)
{
    char *argv[] = { r->path, NULL }, *env[ENV_MAX];
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, all;
    int rc;

    make_environment(&r->env, env);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&at);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP |
                                      POSIX_SPAWN_SETSIGMASK |
                                      POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &all);
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY,
                                     0);
    posix_spawn_file_actions_adddup2(&fa, out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&fa, out_fd, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&fa, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&fa, "/");
    rc = posix_spawn(&r->pid, r->path, &fa, &at, argv, env);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    if (rc != 0)
        r->pid = 0;
    return rc;
}

int
hook_run_start(struct hook_run *r)
{
    int fds[2], rc;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(&r->err, errno, "its output");
    r->out_fd = fds[0];
    (void)fd_nonblock(fds[0]);
    rc = hook_run_spawn(r, fds[1]);
    close(fds[1]);
    if (rc != 0)
        return err_sys(&r->err, rc, "it could not be started");
    if (loop_child_add(r->lp, &r->child, r->pid, hook_run_child_ended) < 0)
        return err_sys(&r->err, errno, "it cannot be watched");
    (void)loop_fd_add(r->lp, &r->out_lf, r->out_fd, LOOP_READ, output_ready);
    loop_timer_arm(r->lp, &r->limit, r->limit_ms, hook_run_limit_due);
    return 0;
}

void
hook_run_free(struct hook_run *r)
{
    loop_timer_del(&r->limit);
    loop_fd_del(&r->out_lf);
    loop_child_del(&r->child);
    if (r->pid > 0) {
        kill(-r->pid, SIGKILL);
        loop_child_reap(r->lp, r->pid);
    }
    if (r->out_fd >= 0)
        close(r->out_fd);
    list_del(&r->node);
    buf_free(&r->env);
    buf_free(&r->out);
    free(r->path);
    free(r);
}
