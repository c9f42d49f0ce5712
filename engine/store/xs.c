/*
 * xs.c - the xenstore driver on libxenstore.
 * Every call is a round trip to xenstored. The first watch on a connection
 * starts a reader thread inside the library, and from then on each answer costs
 * two thread switches: watches have a connection of their own, calls are read
 * inline on the other. That thread tells nobody when the daemon dies while
 * nothing is asked, so a third, idle connection stands watch: the kernel hangs
 * it up.
 */
#include "engine/store/xs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#include "engine/store/store_int.h"
#include "src/base/xalloc.h"

#define BUSY_MS      5000 /* how long a full queue is waited for */
#define BUSY_STEP_MS 10

struct xs {
    struct store st;     /* first */
    struct xs_handle *h; /* calls */
    struct xs_handle *w; /* watches; NULL: none yet */
    int ep;       /* xs_fileno and sentinel in one descriptor; -1: not yet */
    int sentinel; /* idle connection; -1: none (no socket) */
};

static struct xs *
xs_of(const struct store *st)
{
    return (struct xs *)(void *)(uintptr_t)st;
}

static bool
errno_of_loss(int errnum)
{
    return errnum == EBADF || errnum == EPIPE || errnum == ECONNRESET ||
           errnum == ENOTCONN || errnum == ESHUTDOWN;
}

/* EINVAL is a bad argument or the end of the daemon; one more call tells. */
static bool
connection_dead(struct xs *x, int errnum)
{
    unsigned n;
    void *p;

    if (errno_of_loss(errnum))
        return true;
    if (errnum != EINVAL)
        return false;
    p = xs_read(x->h, XBT_NULL, "/", &n);
    free(p);
    return p == NULL && (errno_of_loss(errno) || errno == EINVAL);
}

/* what: "read", "write"...; path may be NULL. */
static int
xs_failed(struct xs *x, struct err *e, const char *what, const char *path)
{
    int errnum = errno;
    const char *p = path == NULL ? "a transaction" : path;

    if (connection_dead(x, errnum)) {
        err_set(e, ERR_LOST, "%s", STORE_LOST_TEXT);
        if (e != NULL)
            e->sys = errnum;
        return -1;
    }
    if (errnum == ENOENT) {
        err_set(e, ERR_NOENT, "xenstore has no %.300s", p);
        if (e != NULL)
            e->sys = errnum;
        return -1;
    }
    return err_sys(e, errnum, "xenstore: %s %.300s", what, p);
}

static void
xs_op_close(struct store *st)
{
    struct xs *x = xs_of(st);

    if (x->ep >= 0)
        close(x->ep);
    if (x->sentinel >= 0)
        close(x->sentinel);
    if (x->w != NULL)
        xs_close(x->w);
    xs_close(x->h);
    free(x);
}

static int
xs_op_tx_begin(struct store *st, store_tx *out, struct err *e)
{
    struct xs *x = xs_of(st);
    xs_transaction_t t = xs_transaction_start(x->h);

    if (t == XBT_NULL)
        return xs_failed(x, e, "begin", NULL);
    *out = t;
    return 0;
}

static int
xs_op_tx_end(struct store *st, store_tx tx, bool commit, struct err *e)
{
    struct xs *x = xs_of(st);

    if (!xs_transaction_end(x->h, tx, !commit))
        return xs_failed(x, e, commit ? "commit" : "abort", NULL);
    return 0;
}

static int
xs_op_read(struct store *st, store_tx tx, const char *path, struct buf *out,
           struct err *e)
{
    struct xs *x = xs_of(st);
    unsigned n = 0;
    void *p = xs_read(x->h, tx, path, &n);

    if (p == NULL)
        return xs_failed(x, e, "read", path);
    buf_clear(out);
    buf_add(out, p, n);
    free(p);
    return 0;
}

static int
xs_op_write(struct store *st, store_tx tx, const char *path, const void *val,
            size_t n, struct err *e)
{
    struct xs *x = xs_of(st);

    if (!xs_write(x->h, tx, path, val, (unsigned)n))
        return xs_failed(x, e, "write", path);
    return 0;
}

static int
xs_op_mkdir(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct xs *x = xs_of(st);

    if (!xs_mkdir(x->h, tx, path))
        return xs_failed(x, e, "make", path);
    return 0;
}

static int
xs_op_rm(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct xs *x = xs_of(st);

    if (!xs_rm(x->h, tx, path))
        return xs_failed(x, e, "remove", path);
    return 0;
}

static int
xs_op_list(struct store *st, store_tx tx, const char *path, struct buf *out,
           size_t *n_out, struct err *e)
{
    struct xs *x = xs_of(st);
    unsigned i, n = 0;
    char **names = xs_directory(x->h, tx, path, &n);

    if (names == NULL)
        return xs_failed(x, e, "list", path);
    buf_clear(out);
    for (i = 0; i < n; i++)
        buf_add(out, names[i], strlen(names[i]) + 1);
    free(names);
    *n_out = n;
    return 0;
}

static int
xs_op_get_perms(struct store *st, store_tx tx, const char *path,
                struct store_perms *out, struct err *e)
{
    struct xs *x = xs_of(st);
    unsigned i, n = 0;
    struct xs_permissions *p = xs_get_permissions(x->h, tx, path, &n);

    if (p == NULL)
        return xs_failed(x, e, "permissions of", path);
    for (i = 0; i < n && i < STORE_PERMS_MAX; i++)
        out->p[i] =
            (struct store_perm){ .domid = p[i].id, .perms = p[i].perms };
    free(p);
    if (n > STORE_PERMS_MAX)
        return err_set(e, ERR_RANGE,
                       "%.300s has %u permissions: at most %d are handled",
                       path, n, STORE_PERMS_MAX);
    out->n = n;
    return 0;
}

static int
xs_op_set_perms(struct store *st, store_tx tx, const char *path,
                const struct store_perm *p, size_t n, struct err *e)
{
    struct xs *x = xs_of(st);
    struct xs_permissions xp[STORE_PERMS_MAX] = { 0 };
    size_t i;

    for (i = 0; i < n && i < STORE_PERMS_MAX; i++) {
        xp[i].id = p[i].domid;
        xp[i].perms = p[i].perms;
    }
    if (!xs_set_permissions(x->h, tx, path, xp, (unsigned)i))
        return xs_failed(x, e, "permissions of", path);
    return 0;
}

/* Its queue of connections is short, and connecting does not wait for room:
 * many programs that start at once are told EAGAIN (measured: of 40, a third).
 */
static struct xs_handle *
open_patiently(unsigned long flags)
{
    static const struct timespec step = { .tv_nsec = BUSY_STEP_MS * 1000000L };
    struct xs_handle *h = xs_open(flags);
    unsigned waited;

    for (waited = 0; h == NULL && errno == EAGAIN && waited < BUSY_MS;
         waited += BUSY_STEP_MS) {
        (void)nanosleep(&step, NULL);
        h = xs_open(flags);
    }
    return h;
}

static int
xs_op_watch(struct store *st, const char *path, const char *token,
            struct err *e)
{
    struct xs *x = xs_of(st);

    /* Events of a watch that is being removed are of no use to anybody. */
    if (x->w == NULL)
        x->w = open_patiently(XS_UNWATCH_FILTER);
    if (x->w == NULL || !xs_watch(x->w, path, token))
        return xs_failed(x, e, "watch", path);
    return 0;
}

static int
xs_op_unwatch(struct store *st, const char *path, const char *token,
              struct err *e)
{
    struct xs *x = xs_of(st);

    if (x->w == NULL || !xs_unwatch(x->w, path, token))
        return xs_failed(x, e, "unwatch", path);
    return 0;
}

/* -1 where xenstored is reached through the kernel's device. */
static int
sentinel_open(void)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    const char *path = xs_daemon_socket();
    int fd;

    if (path == NULL || strlen(path) >= sizeof(sa.sun_path))
        return -1;
    memcpy(sa.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* xenstored never speaks unasked on an idle connection. */
static bool
sentinel_gone(const struct xs *x)
{
    char byte;

    return x->sentinel >= 0 &&
           (recv(x->sentinel, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
            errno_of_loss(errno));
}

static void
ep_add(int ep, int fd)
{
    struct epoll_event ev = { .events = EPOLLIN };

    if (fd >= 0)
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static int
xs_op_fd(struct store *st)
{
    struct xs *x = xs_of(st);

    if (x->w == NULL)
        return -1;
    if (x->ep < 0)
        x->ep = epoll_create1(EPOLL_CLOEXEC);
    else
        return x->ep;
    if (x->ep < 0)
        return xs_fileno(x->w);
    x->sentinel = sentinel_open();
    ep_add(x->ep, xs_fileno(x->w));
    ep_add(x->ep, x->sentinel);
    return x->ep;
}

static bool
xs_op_next_event(struct store *st, struct buf *path, struct buf *token)
{
    struct xs *x = xs_of(st);
    char **ev;

    if (x->w == NULL)
        return false;
    ev = xs_check_watch(x->w);
    if (ev == NULL) {
        /* Nothing queued is EAGAIN; all else is the end of the daemon. */
        if (errno != EAGAIN || sentinel_gone(x))
            st->lost = true;
        return false;
    }
    buf_clear(path);
    buf_clear(token);
    buf_str(path, ev[XS_WATCH_PATH]);
    buf_str(token, ev[XS_WATCH_TOKEN]);
    free(ev); /* one block */
    return true;
}

static int
xs_op_introduce(struct store *st, uint32_t domid, uint64_t mfn, uint32_t port,
                struct err *e)
{
    struct xs *x = xs_of(st);
    int errnum;

    if (xs_introduce_domain(x->h, domid, mfn, port))
        return 0;
    errnum = errno;
    if (connection_dead(x, errnum))
        return err_set(e, ERR_LOST, "%s", STORE_LOST_TEXT);
    return err_sys(e, errnum, "xenstored refuses the new domain %u", domid);
}

static int
xs_op_resume(struct store *st, uint32_t domid, struct err *e)
{
    struct xs *x = xs_of(st);
    int errnum;

    if (xs_resume_domain(x->h, domid))
        return 0;
    errnum = errno;
    if (connection_dead(x, errnum))
        return err_set(e, ERR_LOST, "%s", STORE_LOST_TEXT);
    return err_sys(e, errnum, "xenstored refuses to resume domain %u", domid);
}

static const struct store_ops xs_ops = {
    .name = "xs",
    .close = xs_op_close,
    .tx_begin = xs_op_tx_begin,
    .tx_end = xs_op_tx_end,
    .read = xs_op_read,
    .write = xs_op_write,
    .mkdir = xs_op_mkdir,
    .rm = xs_op_rm,
    .list = xs_op_list,
    .get_perms = xs_op_get_perms,
    .set_perms = xs_op_set_perms,
    .watch = xs_op_watch,
    .unwatch = xs_op_unwatch,
    .fd = xs_op_fd,
    .next_event = xs_op_next_event,
    .introduce = xs_op_introduce,
    .resume = xs_op_resume,
};

struct store *
xs_store_open(struct err *e)
{
    struct xs_handle *h = open_patiently(0);
    struct xs *x;

    if (h == NULL && (errno == EACCES || errno == EPERM)) {
        err_set(e, ERR_DENIED,
                "xenstored refuses this process: run it as root");
        return NULL;
    }
    if (h == NULL && errno == EAGAIN) {
        err_set(e, ERR_BUSY,
                "xenstored takes no connection since %d s: too many programs "
                "want one at once, or it hangs",
                BUSY_MS / 1000);
        return NULL;
    }
    if (h == NULL) {
        err_sys(e, errno,
                "xenstored is not running (start it with: /etc/init.d/xen "
                "start), no answer on %s",
                xs_daemon_socket());
        return NULL;
    }
    x = xcalloc(1, sizeof(*x));
    store_init(&x->st, &xs_ops);
    x->h = h;
    x->ep = x->sentinel = -1;
    return &x->st;
}
