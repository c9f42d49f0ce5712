/*
 * helper.c - the engine's side of a helper process: start, talk, end.
 * Invariant: each helper's done runs exactly once, or never after a cancel.
 */
#include "engine/life/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define HELPER_LINE_MAX 4096

extern char **environ;

struct helper {
    struct helper_pool *pool;
    struct helper_job job; /* job.text NULL: a spare, still waiting */
    int in, out;           /* our ends; -1: closed */
    struct loop_fd lf;
    struct loop_child child;
    pid_t pid;
    bool exited;
    int status;
    struct buf line;
    char *result;
    struct err err;
};

static void
helper_free(struct helper *h)
{
    loop_fd_del(&h->lf);
    loop_child_del(&h->child);
    if (h->in >= 0)
        close(h->in);
    if (h->out >= 0)
        close(h->out);
    buf_free(&h->line);
    free(h->result);
    free(h);
}

/* Kills and reaps the process behind a helper that is still registered. */
static void
helper_kill(struct helper *h)
{
    if (h->pid <= 0 || h->exited)
        return;
    loop_child_del(&h->child);
    kill(h->pid, SIGKILL);
    while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    h->exited = true;
}

static void
take_error(struct helper *h, char *text)
{
    char *end;
    long code = strtol(text, &end, 10);

    if (*end == ' ')
        end++;
    if (code <= ERR_NONE || code > ERR_IO)
        code = ERR_IO;
    err_set(&h->err, (enum err_code)code, "%s", end);
}

static void
take_progress(struct helper *h, char *text)
{
    char *end;
    long percent = strtol(text, &end, 10);

    if (*end == ' ')
        end++;
    if (percent >= 0 && percent <= 100 && h->job.progress != NULL)
        h->job.progress(h->job.arg, (int)percent, end);
}

static void
take_say(struct helper *h, char *text)
{
    char *end;
    long level = strtol(text, &end, 10);

    if (level < LOGL_DEBUG || level > LOGL_ERROR)
        level = LOGL_WARN;
    if (*end == ' ')
        end++;
    log_line(h->pool->log, (enum log_level)level, "helper: %s", end);
}

static void
take_line(struct helper *h, char *s)
{
    if (strncmp(s, "progress ", 9) == 0)
        take_progress(h, s + 9);
    else if (strncmp(s, "say ", 4) == 0)
        take_say(h, s + 4);
    else if (strncmp(s, "error ", 6) == 0)
        take_error(h, s + 6);
    else if (strncmp(s, "done", 4) == 0) {
        free(h->result);
        h->result = xstrdup(s[4] == ' ' ? s + 5 : "");
    } else if (*s != '\0')
        log_line(h->pool->log, LOGL_WARN, "helper: %s", s);
}

static void
take_bytes(struct helper *h, const char *p, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (p[i] != '\n') {
            if (h->line.len < HELPER_LINE_MAX)
                buf_chr(&h->line, p[i]);
            continue;
        }
        if (h->line.len > 0)
            take_line(h, h->line.data);
        buf_clear(&h->line);
    }
}

/* The sentence for a helper that ended without saying why. */
static void
explain_end(struct helper *h)
{
    if (h->err.code != ERR_NONE)
        return;
    if (WIFSIGNALED(h->status))
        err_set(&h->err, ERR_LOST, "the helper process was killed (%s)",
                strsignal(WTERMSIG(h->status)));
    else if (h->result == NULL)
        err_set(&h->err, ERR_LOST,
                "the helper process ended without a result (status %d)",
                WEXITSTATUS(h->status));
}

static void
helper_end(struct helper *h)
{
    void (*done)(void *, const char *, const struct err *) = h->job.done;

    loop_fd_del(&h->lf);
    if (h->pool->spare == h)
        h->pool->spare = NULL;
    explain_end(h);
    if (done != NULL)
        done(h->job.arg, h->err.code == ERR_NONE ? h->result : NULL, &h->err);
    helper_free(h);
}

/* Both the end of its output and of the process are needed: the last lines may
 * still be in the pipe when the process is gone. */
static void
helper_maybe_end(struct helper *h)
{
    if (h->exited && h->out < 0)
        helper_end(h);
}

static void
helper_readable(struct loop_fd *lf, unsigned ready)
{
    struct helper *h = container_of(lf, struct helper, lf);
    char tmp[4096];
    ssize_t n = read(h->out, tmp, sizeof(tmp));

    (void)ready;
    if (n > 0) {
        take_bytes(h, tmp, (size_t)n);
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    loop_fd_del(&h->lf);
    close(h->out);
    h->out = -1;
    helper_maybe_end(h);
}

static void
helper_exited(struct loop_child *lc, int status)
{
    struct helper *h = container_of(lc, struct helper, child);

    h->exited = true;
    h->status = status;
    helper_maybe_end(h);
}

/* Descriptors are moved high first so that no dup2 overwrites one still to be
 * handed over. */
static int
add_actions(posix_spawn_file_actions_t *fa, int in, int out, const int *fds)
{
    int i, r = 0;

    r |= posix_spawn_file_actions_adddup2(fa, in, 0);
    r |= posix_spawn_file_actions_adddup2(fa, out, 1);
    r |= posix_spawn_file_actions_adddup2(fa, out, 2);
    for (i = 0; i < HELPER_FDS_MAX; i++)
        if (fds[i] >= 0)
            r |= posix_spawn_file_actions_adddup2(fa, fds[i], HELPER_FD0 + i);
    return r;
}

static int
spawn(struct helper *h, int in, int out, const int *fds)
{
    char arg[] = ENGINE_HELPER_ARG, name[] = "xendeck-helper";
    char *argv[] = { name, arg, NULL };
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, dfl;
    int r;

    sigemptyset(&none);
    sigemptyset(&dfl);
    sigaddset(&dfl, SIGPIPE);
    posix_spawn_file_actions_init(&fa);
    posix_spawnattr_init(&at);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &dfl);
    /* A group of its own: ^C in a terminal is the engine's to handle. */
    posix_spawnattr_setpgroup(&at, 0);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK |
                                      POSIX_SPAWN_SETSIGDEF |
                                      POSIX_SPAWN_SETPGROUP);
    r = add_actions(&fa, in, out, fds);
    if (r == 0)
        r = posix_spawn(&h->pid, h->pool->exe, &fa, &at, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    return r;
}

/* A copy above the numbers that the child's descriptors get. */
static int
move_high(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HELPER_FD0 + 16);
}

/* Starts the process of h with pipes in and out. */
static int
helper_spawn(struct helper *h, const int *fds, struct err *e)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, high[HELPER_FDS_MAX];
    int i, r = 0, child_in, child_out;

    if (pipe2(in, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe to a helper process");
    if (pipe2(out, O_CLOEXEC) < 0) {
        err_sys(e, errno, "pipe from a helper process");
        close(in[0]);
        close(in[1]);
        return -1;
    }
    child_in = move_high(in[0]);
    child_out = move_high(out[1]);
    for (i = 0; i < HELPER_FDS_MAX; i++)
        high[i] = move_high(fds[i]);
    r = spawn(h, child_in, child_out, high);
    for (i = 0; i < HELPER_FDS_MAX; i++)
        if (high[i] >= 0)
            close(high[i]);
    close(child_in);
    close(child_out);
    close(in[0]);
    close(out[1]);
    h->in = in[1];
    h->out = out[0];
    if (r != 0)
        return err_sys(e, r, "start of the helper process %s", h->pool->exe);
    return 0;
}

static struct helper *
helper_new(struct helper_pool *p, const int *fds, struct err *e)
{
    struct helper *h = xcalloc(1, sizeof(*h));

    h->pool = p;
    h->in = h->out = -1;
    if (helper_spawn(h, fds, e) < 0)
        goto out;
    fd_nonblock(h->out);
    if (loop_fd_add(p->lp, &h->lf, h->out, LOOP_READ, helper_readable) < 0 ||
        loop_child_add(p->lp, &h->child, h->pid, helper_exited) < 0) {
        err_sys(e, errno, "watch on the helper process");
        goto out;
    }
    return h;
out:
    helper_kill(h);
    helper_free(h);
    return NULL;
}

static void
refill(struct helper_pool *p)
{
    static const int none[HELPER_FDS_MAX] = { -1, -1 };

    if (p->keep_spare && p->spare == NULL)
        p->spare = helper_new(p, none, NULL);
}

static bool
needs_fds(const struct helper_job *j)
{
    int i;

    for (i = 0; i < HELPER_FDS_MAX; i++)
        if (j->fds[i] >= 0)
            return true;
    return false;
}

struct helper *
helper_start(struct helper_pool *p, const struct helper_job *j, struct err *e)
{
    struct helper *h = NULL;

    if (!needs_fds(j) && p->spare != NULL) {
        h = p->spare;
        p->spare = NULL;
    } else
        h = helper_new(p, j->fds, e);
    if (h == NULL)
        return NULL;
    h->job = *j;
    /* A job is far smaller than a pipe's buffer: this cannot block. */
    if (fd_write_all(h->in, j->text, strlen(j->text)) < 0)
        log_line(p->log, LOGL_WARN, "helper: job not taken: %s",
                 strerror(errno));
    close(h->in);
    h->in = -1;
    refill(p);
    return h;
}

void
helper_cancel(struct helper *h)
{
    if (h == NULL)
        return;
    helper_kill(h);
    helper_free(h);
}

void
helper_pool_init(struct helper_pool *p, struct loop *lp, const char *exe,
                 struct log *log, bool keep_spare)
{
    *p = (struct helper_pool){
        .lp = lp, .exe = exe, .log = log, .keep_spare = keep_spare
    };
    refill(p);
}

void
helper_pool_fini(struct helper_pool *p)
{
    p->keep_spare = false;
    helper_cancel(p->spare);
    p->spare = NULL;
}

bool
helper_result_u64(const char *result, const char *key, uint64_t *out)
{
    size_t n = strlen(key);
    const char *s = result;
    char num[32];
    unsigned long long v;

    while (s != NULL && *s != '\0') {
        s += strspn(s, " ");
        if (strncmp(s, key, n) == 0 && s[n] == '=') {
            text_fmt(num, sizeof(num), "%.*s", (int)strcspn(s + n + 1, " "),
                     s + n + 1);
            if (!text_u64(num, 0, UINT64_MAX, &v))
                return false;
            *out = v;
            return true;
        }
        s += strcspn(s, " ");
    }
    return false;
}
