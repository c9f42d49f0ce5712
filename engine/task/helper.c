/*
 * helper.c - the engine's side of a helper process: start, talk, end.
 * Invariant: each helper's done runs exactly once, or never after a cancel;
 * while one of a kind waits, as many as may be are at work.
 */
#include "engine/task/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/task/helper_main.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define HELPER_LINE_MAX 4096
#define START_STACK     (64 * 1024)
#define TELL_MS         10000
#define LIMIT_MS        600000 /* to free 1 TB takes minutes, without a word */

static const unsigned kind_limit[HELPER_KINDS] = {
    [HELPER_QUICK] = 4, [HELPER_SLOW] = 2
};

struct helper {
    struct helper_pool *pool;
    struct helper_job job; /* job.text NULL: a spare, still waiting */
    int fd;                /* our end of its socket; -1: closed */
    struct loop_fd lf;
    struct loop_child child;
    pid_t pid;
    bool exited;
    bool counted;          /* in pool->busy */
    struct list_node node; /* in pool->waiting: text and descriptors are ours */
    int status;
    struct loop_timer quiet; /* while it works on a job */
    uint64_t heard_ms;       /* when it last said something */
    struct buf line;
    char *result;
    struct err err;
};

/* What a waiting one holds of its job. */
static void
drop_held(struct helper *h)
{
    size_t i;

    if (!list_linked(&h->node))
        return;
    list_del(&h->node);
    free((void *)(uintptr_t)h->job.text);
    h->job.text = NULL;
    for (i = 0; i < HELPER_FDS_MAX; i++)
        if (h->job.fds[i] >= 0)
            close(h->job.fds[i]);
}

static void
helper_free(struct helper *h)
{
    drop_held(h);
    loop_fd_del(&h->lf);
    loop_child_del(&h->child);
    loop_timer_del(&h->quiet);
    if (h->fd >= 0)
        close(h->fd);
    buf_free(&h->line);
    free(h->result);
    free(h);
}

/* --- silence --- */

static void quiet_due(struct loop_timer *lt);

static void
hear(struct helper *h)
{
    struct helper_pool *p = h->pool;

    h->heard_ms = loop_now_ms(p->lp);
    loop_timer_arm(p->lp, &h->quiet, p->tell_ms, quiet_due);
}

/* The process hangs, or was stopped. Its end, by the limit, is the end of its
 * job. */
static void
quiet_due(struct loop_timer *lt)
{
    struct helper *h = container_of(lt, struct helper, quiet);
    struct helper_pool *p = h->pool;
    uint64_t ms = loop_now_ms(p->lp) - h->heard_ms, next = ms;

    if (ms >= p->limit_ms) {
        err_set(&h->err, ERR_TIMEOUT,
                "the helper process (pid %ld) said nothing for %llu s and was "
                "killed",
                (long)h->pid, (unsigned long long)ms / 1000);
        (void)kill(h->pid, SIGKILL);
        return;
    }
    if (next > p->limit_ms - ms)
        next = p->limit_ms - ms;
    loop_timer_arm(p->lp, lt, next, quiet_due);
    if (h->job.silent != NULL)
        h->job.silent(h->job.arg, (long)h->pid, (unsigned)(ms / 1000));
}

bool
helper_stop(struct helper *h)
{
    if (h->pid <= 0 || h->exited)
        return false;
    (void)kill(h->pid, SIGKILL);
    return true;
}

pid_t
helper_pid(const struct helper *h)
{
    return h->pid;
}

/* Kills the process behind a helper that is still registered; it is reaped when
 * it ends. */
static void
helper_kill(struct helper *h)
{
    if (h->pid <= 0 || h->exited)
        return;
    loop_child_del(&h->child);
    kill(h->pid, SIGKILL);
    loop_child_reap(h->pool->lp, h->pid);
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

static void start_waiting(struct helper_pool *p);

/* Its place is another's now. */
static void
give_place(struct helper *h)
{
    if (!h->counted)
        return;
    h->counted = false;
    h->pool->busy[h->job.kind]--;
    start_waiting(h->pool);
}

static void
helper_end(struct helper *h)
{
    void (*done)(void *, const char *, const struct err *) = h->job.done;

    loop_fd_del(&h->lf);
    loop_timer_del(&h->quiet); /* its owner may end in what follows */
    if (h->pool->spare == h)
        h->pool->spare = NULL;
    explain_end(h);
    give_place(h);
    if (done != NULL)
        done(h->job.arg, h->err.code == ERR_NONE ? h->result : NULL, &h->err);
    helper_free(h);
}

/* Both the end of its output and of the process are needed: the last lines may
 * still be in the pipe when the process is gone. */
static void
helper_maybe_end(struct helper *h)
{
    if (h->exited && h->fd < 0)
        helper_end(h);
}

static void
helper_readable(struct loop_fd *lf, unsigned ready)
{
    struct helper *h = container_of(lf, struct helper, lf);
    char tmp[4096];
    ssize_t n = read(h->fd, tmp, sizeof(tmp));

    (void)ready;
    if (n > 0) {
        if (h->counted)
            hear(h);
        take_bytes(h, tmp, (size_t)n);
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    loop_fd_del(&h->lf);
    close(h->fd);
    h->fd = -1;
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

struct start {
    const char *exe;
    char *const *argv;
    int sock;
    int failed; /* errno, if there was nothing to execute */
};

/* In the child, which borrows the parent's memory until it executes: nothing
 * but system calls. The three standard descriptors are one socket. */
static int
become_helper(void *arg)
{
    struct start *st = arg;
    sigset_t none;
    int i;

    sigemptyset(&none);
    /* A group of its own: ^C in a terminal is the engine's to handle. */
    (void)setpgid(0, 0);
    (void)signal(SIGPIPE, SIG_DFL); /* ignored signals survive an exec */
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    for (i = 0; i < 3; i++)
        if (dup2(st->sock, i) < 0)
            break;
    if (i == 3)
        execve(st->exe, st->argv, environ);
    st->failed = errno;
    return 127;
}

/* As posix_spawn does it, which also asks for the handler of each of 64
 * signals: a tenth of a second under emulation. Returns 0 or an errno. */
static int
spawn(struct helper *h, int sock)
{
    char arg[] = ENGINE_HELPER_ARG, name[] = "xendeck-helper", driver[8];
    char *argv[] = { name, arg, driver, NULL };
    struct start st = { .exe = h->pool->exe, .argv = argv, .sock = sock };
    char *stack = xcalloc(1, START_STACK);

    text_fmt(driver, sizeof(driver), "%s", h->pool->driver);
    h->pid = clone(become_helper, stack + START_STACK,
                   CLONE_VM | CLONE_VFORK | SIGCHLD, &st);
    if (h->pid < 0)
        st.failed = errno;
    else if (st.failed != 0)
        (void)waitpid(h->pid, NULL, 0);
    if (st.failed != 0)
        h->pid = 0;
    free(stack);
    return st.failed;
}

static int
helper_spawn(struct helper *h, struct err *e)
{
    int pair[2], child, r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(e, errno, "socket to a helper process");
    h->fd = pair[0];
    /* Above the numbers that it becomes: a dup2 onto itself would keep its
     * close-on-exec flag. */
    child = fcntl(pair[1], F_DUPFD_CLOEXEC, 3);
    close(pair[1]);
    r = child < 0 ? errno : spawn(h, child);
    if (child >= 0)
        close(child);
    if (r != 0)
        return err_sys(e, r, "start of the helper process %s", h->pool->exe);
    return 0;
}

/* Gives it a process. */
static int
helper_open(struct helper *h, struct err *e)
{
    struct helper_pool *p = h->pool;

    if (helper_spawn(h, e) < 0)
        return -1;
    fd_nonblock(h->fd);
    if (loop_fd_add(p->lp, &h->lf, h->fd, LOOP_READ, helper_readable) < 0 ||
        loop_child_add(p->lp, &h->child, h->pid, helper_exited) < 0)
        return err_sys(e, errno, "watch on the helper process");
    return 0;
}

static struct helper *
helper_alloc(struct helper_pool *p)
{
    struct helper *h = xcalloc(1, sizeof(*h));

    h->pool = p;
    h->fd = -1;
    return h;
}

static struct helper *
helper_new(struct helper_pool *p, struct err *e)
{
    struct helper *h = helper_alloc(p);

    if (helper_open(h, e) == 0)
        return h;
    helper_kill(h);
    helper_free(h);
    return NULL;
}

void
helper_pool_init(struct helper_pool *p)
{
    list_init(&p->waiting);
    p->tell_ms = TELL_MS;
    p->limit_ms = LIMIT_MS;
}

void
helper_warm(struct helper_pool *p)
{
    if (p->may_warm && p->spare == NULL)
        p->spare = helper_new(p, NULL);
}

/* Text and descriptors in one message: it is far smaller than the socket's
 * buffer, so this neither blocks nor splits. */
static int
send_job(struct helper *h, const struct helper_job *j)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * HELPER_FDS_MAX)];
    } control = { .bytes = { 0 } };
    struct iovec iov = { .iov_base = (void *)(uintptr_t)j->text,
                         .iov_len = strlen(j->text) };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    struct cmsghdr *c;
    size_t n = 0;

    while (n < HELPER_FDS_MAX && j->fds[n] >= 0)
        n++;
    if (n > 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * n);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * n);
        memcpy(CMSG_DATA(c), j->fds, sizeof(int) * n);
    }
    if (sendmsg(h->fd, &m, MSG_NOSIGNAL) != (ssize_t)iov.iov_len)
        return -1;
    return shutdown(h->fd, SHUT_WR);
}

/* A job for a helper that has its process. */
static void
give_job(struct helper *h, const struct helper_job *j)
{
    h->job = *j;
    h->counted = true;
    h->pool->busy[j->kind]++;
    hear(h);
    if (send_job(h, j) < 0) /* it has died: its end will tell */
        log_line(h->pool->log, LOGL_WARN, "helper: job not taken: %s",
                 strerror(errno));
}

static struct helper *
wait_for_place(struct helper_pool *p, const struct helper_job *j)
{
    struct helper *h = helper_alloc(p);
    size_t i;

    h->job = *j;
    h->job.text = xstrdup(j->text);
    for (i = 0; i < HELPER_FDS_MAX; i++)
        h->job.fds[i] =
            j->fds[i] >= 0 ? fcntl(j->fds[i], F_DUPFD_CLOEXEC, 3) : -1;
    list_append(&p->waiting, &h->node);
    return h;
}

/* False: it got no process and ended here, as its owner has heard. */
static bool
start_waiter(struct helper *h)
{
    struct helper_job j = h->job;

    if (helper_open(h, &h->err) < 0) {
        helper_kill(h);
        helper_end(h);
        return false;
    }
    give_job(h, &j);
    drop_held(h);
    return true;
}

/* The first one for which there is a place. */
static struct helper *
next_waiter(struct helper_pool *p)
{
    struct list_node *it;

    list_foreach (it, &p->waiting) {
        struct helper *h = list_entry(it, struct helper, node);

        if (p->busy[h->job.kind] < kind_limit[h->job.kind])
            return h;
    }
    return NULL;
}

static void
start_waiting(struct helper_pool *p)
{
    struct helper *h;

    while ((h = next_waiter(p)) != NULL && !start_waiter(h))
        ;
}

struct helper *
helper_start(struct helper_pool *p, const struct helper_job *j, struct err *e)
{
    struct helper *h;

    if (p->busy[j->kind] >= kind_limit[j->kind])
        return wait_for_place(p, j);
    h = p->spare;
    p->spare = NULL;
    if (h == NULL)
        h = helper_new(p, e);
    if (h == NULL)
        return NULL;
    give_job(h, j);
    if (p->keep_spare)
        helper_warm(p);
    return h;
}

void
helper_cancel(struct helper *h)
{
    if (h == NULL)
        return;
    helper_kill(h);
    give_place(h);
    helper_free(h);
}

void
helper_pool_fini(struct helper_pool *p)
{
    p->keep_spare = p->may_warm = false;
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
