/*
 * store_trace.c - every call to xenstore as a line of the trace: arguments,
 * result, time. As hv_trace.c.
 */
#include <stdlib.h>

#include "engine/store/store_trace.h"
#include "src/base/trace.h"
#include "src/base/xalloc.h"

struct store_trace {
    struct store_ops ops;
    const struct store_ops *under;
    struct log *log;
};

static int
t_tx_begin(struct store *st, store_tx *out, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->tx_begin(st, out, e);

    return trace_end(&t, rc, e, "store.tx_begin -> %u", rc == 0 ? *out : 0U);
}

static int
t_tx_end(struct store *st, store_tx tx, bool commit, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->tx_end(st, tx, commit, e);

    return trace_end(&t, rc, e, "store.tx_end tx=%u commit=%d", tx, commit);
}

static int
t_read(struct store *st, store_tx tx, const char *path, struct buf *out,
       struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->read(st, tx, path, out, e);

    return trace_end(&t, rc, e, "store.read tx=%u %s -> '%s'", tx, path,
                     rc == 0 ? buf_text(out) : "");
}

static int
t_write(struct store *st, store_tx tx, const char *path, const void *val,
        size_t n, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->write(st, tx, path, val, n, e);

    return trace_end(&t, rc, e, "store.write tx=%u %s n=%zu", tx, path, n);
}

static int
t_mkdir(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->mkdir(st, tx, path, e);

    return trace_end(&t, rc, e, "store.mkdir tx=%u %s", tx, path);
}

static int
t_rm(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->rm(st, tx, path, e);

    return trace_end(&t, rc, e, "store.rm tx=%u %s", tx, path);
}

static int
t_list(struct store *st, store_tx tx, const char *path, struct buf *out,
       size_t *n_out, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->list(st, tx, path, out, n_out, e);

    return trace_end(&t, rc, e, "store.list tx=%u %s -> %zu", tx, path,
                     rc == 0 ? *n_out : 0);
}

static int
t_get_perms(struct store *st, store_tx tx, const char *path,
            struct store_perms *out, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->get_perms(st, tx, path, out, e);

    return trace_end(&t, rc, e, "store.get_perms tx=%u %s", tx, path);
}

static int
t_set_perms(struct store *st, store_tx tx, const char *path,
            const struct store_perm *perms, size_t n, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->set_perms(st, tx, path, perms, n, e);

    return trace_end(&t, rc, e, "store.set_perms tx=%u %s n=%zu", tx, path, n);
}

static int
t_watch(struct store *st, const char *path, const char *token, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->watch(st, path, token, e);

    return trace_end(&t, rc, e, "store.watch %s token=%s", path, token);
}

static int
t_unwatch(struct store *st, const char *path, const char *token, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->unwatch(st, path, token, e);

    return trace_end(&t, rc, e, "store.unwatch %s token=%s", path, token);
}

static int
t_introduce(struct store *st, uint32_t domid, uint64_t mfn, uint32_t port,
            struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->introduce(st, domid, mfn, port, e);

    return trace_end(&t, rc, e, "store.introduce domid=%u mfn=%llu port=%u",
                     domid, (unsigned long long)mfn, port);
}

static int
t_resume(struct store *st, uint32_t domid, struct err *e)
{
    struct trace_call t = trace_begin(st->trace->log);
    int rc = st->trace->under->resume(st, domid, e);

    return trace_end(&t, rc, e, "store.resume domid=%u", domid);
}

/* What the driver lacks stays lacking; what is not listed here is not traced.
 */
static const struct store_ops tracing = {
    .tx_begin = t_tx_begin,
    .tx_end = t_tx_end,
    .read = t_read,
    .write = t_write,
    .mkdir = t_mkdir,
    .rm = t_rm,
    .list = t_list,
    .get_perms = t_get_perms,
    .set_perms = t_set_perms,
    .watch = t_watch,
    .unwatch = t_unwatch,
    .introduce = t_introduce,
    .resume = t_resume,
};

void
store_trace_start(struct store *st, struct log *log)
{
    struct store_trace *t;

    if (st->trace != NULL)
        return;
    t = xcalloc(1, sizeof(*t));
    t->ops = *st->ops;
    t->under = st->ops;
    t->log = log;
    trace_overlay(&t->ops, &tracing, sizeof(tracing));
    st->trace = t;
    st->ops = &t->ops;
}

void
store_trace_stop(struct store *st)
{
    if (st->trace == NULL)
        return;
    st->ops = st->trace->under;
    free(st->trace);
    st->trace = NULL;
}
