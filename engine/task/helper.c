/*
 * helper.c - the engine's side of a helper process: start, talk, end.
 * What it says and asks is in helper_talk.c.
 * Invariant: each helper's done runs exactly once, or never after a cancel;
 * while one of a kind waits, as many as may be are at work.
 */
#include "engine/task/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/task/helper_int.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define TELL_MS  10000
#define LIMIT_MS 600000 /* to free 1 TB takes minutes, without a word */

static const unsigned kind_limit[HELPER_KINDS] = {
    [HELPER_QUICK] = 4, [HELPER_SLOW] = 2, [HELPER_COPY] = 2, [HELPER_LOOK] = 16
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
    helper_drop_question(h);
    loop_fd_del(&h->lf);
    loop_child_del(&h->child);
    loop_timer_del(&h->quiet);
    if (h->fd >= 0)
        close(h->fd);
    buf_free(&h->line);
    free(h->result);
    free(h);
}

bool
helper_stop(struct helper *h)
{
    if (h->pid <= 0 || h->exited)
        return false;
    (void)kill(h->pid, SIGKILL);
    helper_drop_question(h); /* no clock runs on while its end is awaited */
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
    helper_drop_question(h);
    loop_timer_del(&h->quiet); /* its owner may end in what follows */
    list_del(&h->unowned);
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

/* A callback of its job may cancel it in the middle. */
static void
helper_take_all(struct helper *h, const char *p, size_t n)
{
    h->reading = true;
    helper_take_bytes(h, p, n);
    h->reading = false;
    if (h->cancelled)
        helper_free(h);
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
            helper_hear(h);
        helper_take_all(h, tmp, (size_t)n);
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
    list_init(&p->unowned);
    p->tell_ms = TELL_MS;
    p->limit_ms = LIMIT_MS;
}

void
helper_warm(struct helper_pool *p)
{
    if (p->may_warm && p->spare == NULL)
        p->spare = helper_new(p, NULL);
}

static size_t
job_fds(const struct helper_job *j)
{
    size_t n = 0;

    while (n < HELPER_FDS_MAX && j->fds[n] >= 0)
        n++;
    return n;
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
    size_t n = job_fds(j);

    if (n > 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * n);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * n);
        memcpy(CMSG_DATA(c), j->fds, sizeof(int) * n);
    }
    return sendmsg(h->fd, &m, MSG_NOSIGNAL) == (ssize_t)iov.iov_len ? 0 : -1;
}

/* A helper that has its process has a job. */
static void
take_place(struct helper *h, const struct helper_job *j)
{
    h->job = *j;
    h->counted = true;
    h->pool->busy[j->kind]++;
    helper_hear(h);
}

static void
give_job(struct helper *h, const struct helper_job *j)
{
    if (send_job(h, j) < 0) /* it has died: its end will tell */
        log_line(h->pool->log, LOGL_WARN, "helper: job not taken: %s",
                 strerror(errno));
    take_place(h, j);
}

/* Its owner closes the descriptors of its job meanwhile. */
static int
hold_fds(struct helper *h, const struct helper_job *j, struct err *e)
{
    size_t i, n = job_fds(j);

    for (i = 0; i < HELPER_FDS_MAX; i++)
        h->job.fds[i] = -1;
    for (i = 0; i < n; i++) {
        h->job.fds[i] = fcntl(j->fds[i], F_DUPFD_CLOEXEC, 3);
        if (h->job.fds[i] < 0)
            return err_sys(e, errno, "files of a helper that waits");
    }
    return 0;
}

static struct helper *
wait_for_place(struct helper_pool *p, const struct helper_job *j, struct err *e)
{
    struct helper *h = helper_alloc(p);

    h->job = *j;
    h->job.text = xstrdup(j->text);
    list_append(&p->waiting, &h->node);
    if (hold_fds(h, j, e) == 0)
        return h;
    helper_free(h);
    return NULL;
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

/* The spare, at work on the job; NULL: there is none, or it has died while it
 * waited, of which the loop may not have heard yet. */
static struct helper *
take_spare(struct helper_pool *p, const struct helper_job *j)
{
    struct helper *h = p->spare;

    p->spare = NULL;
    if (h == NULL)
        return NULL;
    if (send_job(h, j) == 0) {
        take_place(h, j);
        return h;
    }
    helper_cancel(h);
    return NULL;
}

/* One that has a place for its job. */
static struct helper *
start_now(struct helper_pool *p, const struct helper_job *j, struct err *e)
{
    struct helper *h = take_spare(p, j);

    if (h == NULL) {
        h = helper_new(p, e);
        if (h == NULL)
            return NULL;
        give_job(h, j);
    }
    if (p->keep_spare)
        helper_warm(p);
    return h;
}

struct helper *
helper_start(struct helper_pool *p, const struct helper_job *j, struct err *e)
{
    struct helper *h = p->busy[j->kind] < kind_limit[j->kind]
                           ? start_now(p, j, e)
                           : wait_for_place(p, j, e);

    if (h != NULL && j->done == NULL)
        list_append(&p->unowned, &h->unowned);
    return h;
}

void
helper_cancel(struct helper *h)
{
    if (h == NULL)
        return;
    helper_kill(h);
    list_del(&h->unowned);
    helper_drop_question(h);
    loop_timer_del(&h->quiet);
    give_place(h);
    h->cancelled = true;
    if (!h->reading)
        helper_free(h);
}

void
helper_pool_fini(struct helper_pool *p)
{
    struct list_node *last;

    p->keep_spare = p->may_warm = false;
    helper_cancel(p->spare);
    p->spare = NULL;
    while ((last = p->unowned.prev) != &p->unowned) {
        /* The analyzer does not see that list_del takes it from the list.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        list_del(last);
        helper_cancel(list_entry(last, struct helper, unowned));
    }
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
