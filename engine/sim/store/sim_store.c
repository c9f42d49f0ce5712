/*
 * sim_store.c - the store driver of the simulated host: the operations of
 * store.h as a control-domain connection to xenstored sees them, and the
 * access of guests with their permissions and quotas.
 * Invariant: every operation counts itself first, so that a fault asked for
 * leaves the tree as it was.
 */
#include "engine/sim/store/sim_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "engine/sim/guest/sim_console.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_tx.h"
#include "src/base/xalloc.h"

#define REL_PATH_MAX 2048

static struct sim *
sim_store_of(struct store *st)
{
    return container_of(st, struct sim, store);
}

static int
sim_store_refuse(int errnum, const char *path, struct err *e)
{
    return err_sys(e, errnum, "xenstore %s", path);
}

static int
lost(struct err *e)
{
    return err_set(e, ERR_LOST, "xenstored is gone");
}

/* What an operation works on: the live tree or a transaction's view. */
struct where {
    struct sim *s;
    struct sim_tx *tx;
    struct sim_tree *tree;
    char path[STORE_PATH_MAX];
};

/* Relative paths start at the home of the connection's domain, dom0. */
static int
resolve(const char *path, char *dst)
{
    size_t n = strnlen(path, STORE_PATH_MAX);

    if (n >= STORE_PATH_MAX)
        return EINVAL;
    if (path[0] == '/')
        memcpy(dst, path, n + 1);
    else if (path[0] == '\0' || n >= REL_PATH_MAX)
        return EINVAL;
    else if (path[0] == '@')
        text_fmt(dst, STORE_PATH_MAX, "/%s", path);
    else
        text_fmt(dst, STORE_PATH_MAX, "/local/domain/0/%s", path);
    return sim_path_check(dst);
}

static int
enter(struct store *st, enum sim_call c, store_tx tx, const char *path,
      struct where *w, struct err *e)
{
    struct sim *s = sim_store_of(st);
    int r = resolve(path, w->path);

    w->s = s;
    w->tx = NULL;
    w->tree = &s->tree;
    if (s->store_dead)
        return lost(e);
    if (sim_call(s, c, e) < 0)
        return -1;
    if (r != 0)
        return sim_store_refuse(r, path, e);
    if (tx == 0)
        return 0;
    w->tx = sim_tx_find(s, tx);
    if (w->tx == NULL)
        return err_set(e, ERR_NOENT, "xenstore transaction %u is not open", tx);
    w->tree = &w->tx->view;
    return 0;
}

/* Takes effect in the transaction, or at once with its watches. */
static int
change(struct where *w, const struct sim_change *c, struct err *e)
{
    bool there = sim_tree_find(w->tree, c->path) != NULL;
    int r;

    r = sim_change_apply(w->tree, c);
    if (r != 0)
        return sim_store_refuse(r, c->path, e);
    if (w->tx != NULL && (c->kind != SIM_CHG_RM || there))
        sim_tx_log(w->tx, c);
    else if (w->tx != NULL)
        sim_tx_note(w->tx, SIM_ACC_VALUE, c->path);
    else if (c->kind == SIM_CHG_RM ? there : c->kind != SIM_CHG_MKDIR || !there)
        sim_fire(w->s, c->path, c->kind == SIM_CHG_RM);
    return 0;
}

static void
sim_store_op_close(struct store *st)
{
    struct sim *s = sim_store_of(st);

    sim_tx_clear(s);
    sim_watches_clear(s);
    s->store_closed = true; /* the host and its xenstored run on */
}

static int
op_tx_begin(struct store *st, store_tx *out, struct err *e)
{
    struct sim *s = sim_store_of(st);

    if (s->store_dead)
        return lost(e);
    if (sim_call(s, SIM_ST_TX_BEGIN, e) < 0)
        return -1;
    *out = sim_tx_begin(s);
    return 0;
}

static int
op_tx_end(struct store *st, store_tx tx, bool commit, struct err *e)
{
    struct sim *s = sim_store_of(st);
    int r;

    if (s->store_dead)
        return lost(e);
    if (sim_call(s, SIM_ST_TX_END, e) < 0) {
        (void)sim_tx_end(s, tx, false); /* a failed end ends it too */
        return -1;
    }
    r = sim_tx_end(s, tx, commit);
    if (r == EAGAIN)
        return err_sys(e, r, "xenstore transaction");
    return r != 0 ? err_sys(e, r, "xenstore transaction %u", tx) : 0;
}

static int
sim_store_read_value(struct where *w, const struct sim_node *n, struct buf *out,
                     struct err *e)
{
    unsigned long domid;
    struct sim_dom *d;
    const char *tty;

    if (n->len != sizeof(SIM_TTY_LAZY) - 1 ||
        memcmp(n->val, SIM_TTY_LAZY, n->len) != 0) {
        buf_add(out, n->val != NULL ? n->val : "", n->len);
        return 0;
    }
    /* A seeded guest's console gets its pty when somebody first asks. */
    domid = strtoul(w->path + strcspn(w->path, "0123456789"), NULL, 10);
    d = sim_dom_find(w->s, (uint32_t)domid);
    tty = d != NULL && !d->dying ? sim_console_want(d) : NULL;
    if (tty == NULL)
        return sim_store_refuse(ENOENT, w->path, e);
    buf_str(out, tty);
    return 0;
}

static int
op_read(struct store *st, store_tx tx, const char *path, struct buf *out,
        struct err *e)
{
    const struct sim_node *n;
    struct where w;

    buf_clear(out);
    if (enter(st, SIM_ST_READ, tx, path, &w, e) < 0)
        return -1;
    if (w.tx != NULL)
        sim_tx_note(w.tx, SIM_ACC_VALUE, w.path);
    n = sim_tree_find(w.tree, w.path);
    if (n == NULL)
        return sim_store_refuse(ENOENT, path, e);
    return sim_store_read_value(&w, n, out, e);
}

static int
op_write(struct store *st, store_tx tx, const char *path, const void *val,
         size_t n, struct err *e)
{
    struct sim_change c = { .kind = SIM_CHG_WRITE, .len = n };
    char none = '\0';
    struct where w;
    void *copy;
    int rc;

    if (enter(st, SIM_ST_WRITE, tx, path, &w, e) < 0)
        return -1;
    if (n > STORE_PAYLOAD_MAX || strlen(path) + 1 + n > STORE_PAYLOAD_MAX)
        return sim_store_refuse(E2BIG, path, e);
    copy = xcalloc(n + 1, 1);
    memcpy(copy, n > 0 ? val : &none, n);
    c.path = w.path;
    c.val = copy;
    rc = change(&w, &c, e);
    free(copy);
    return rc;
}

static int
op_mkdir(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct where w;

    if (enter(st, SIM_ST_MKDIR, tx, path, &w, e) < 0)
        return -1;
    return change(
        &w, &(struct sim_change){ .kind = SIM_CHG_MKDIR, .path = w.path }, e);
}

static int
op_rm(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct where w;

    if (enter(st, SIM_ST_RM, tx, path, &w, e) < 0)
        return -1;
    return change(
        &w, &(struct sim_change){ .kind = SIM_CHG_RM, .path = w.path }, e);
}

static int
op_list(struct store *st, store_tx tx, const char *path, struct buf *out,
        size_t *n_out, struct err *e)
{
    const struct sim_node *n;
    struct where w;
    uint32_t i;

    buf_clear(out);
    if (enter(st, SIM_ST_LIST, tx, path, &w, e) < 0)
        return -1;
    if (w.tx != NULL)
        sim_tx_note(w.tx, SIM_ACC_KIDS, w.path);
    n = sim_tree_find(w.tree, w.path);
    if (n == NULL)
        return sim_store_refuse(ENOENT, path, e);
    for (i = 0; i < n->n_kids; i++)
        buf_add(out, n->kids[i]->name, strlen(n->kids[i]->name) + 1);
    *n_out = n->n_kids;
    return 0;
}

static int
op_get_perms(struct store *st, store_tx tx, const char *path,
             struct store_perms *out, struct err *e)
{
    const struct sim_node *n;
    struct where w;

    if (enter(st, SIM_ST_GET_PERMS, tx, path, &w, e) < 0)
        return -1;
    if (w.tx != NULL)
        sim_tx_note(w.tx, SIM_ACC_VALUE, w.path);
    n = sim_tree_find(w.tree, w.path);
    if (n == NULL)
        return sim_store_refuse(ENOENT, path, e);
    memcpy(out->p, n->perms->p, n->perms->n * sizeof(out->p[0]));
    out->n = n->perms->n;
    return 0;
}

static int
op_set_perms(struct store *st, store_tx tx, const char *path,
             const struct store_perm *p, size_t n, struct err *e)
{
    struct sim_change c = { .kind = SIM_CHG_PERMS };
    struct where w;
    int rc;

    if (enter(st, SIM_ST_SET_PERMS, tx, path, &w, e) < 0)
        return -1;
    if (n < 1 || n > STORE_PERMS_MAX)
        return sim_store_refuse(EINVAL, path, e);
    c.path = w.path;
    c.perms = sim_perms_new(p, n);
    rc = change(&w, &c, e);
    sim_perms_unref(c.perms);
    return rc;
}

/* Watch paths as the client named them: special ones have no slash. */
static int
watch_enter(struct store *st, enum sim_call c, const char *path,
            struct where *w, struct err *e)
{
    if (enter(st, c, 0, path, w, e) < 0)
        return -1;
    if (path[0] == '@')
        text_fmt(w->path, sizeof(w->path), "%s", path);
    return 0;
}

static int
op_watch(struct store *st, const char *path, const char *token, struct err *e)
{
    struct where w;
    int r;

    if (watch_enter(st, SIM_ST_WATCH, path, &w, e) < 0)
        return -1;
    r = sim_watch_add(w.s, w.path, token);
    return r != 0 ? sim_store_refuse(r, path, e) : 0;
}

static int
op_unwatch(struct store *st, const char *path, const char *token, struct err *e)
{
    struct where w;
    int r;

    if (watch_enter(st, SIM_ST_UNWATCH, path, &w, e) < 0)
        return -1;
    r = sim_watch_del(w.s, w.path, token);
    return r != 0 ? sim_store_refuse(r, path, e) : 0;
}

static int
op_fd(struct store *st)
{
    return sim_store_of(st)->event_fd;
}

static bool
op_next_event(struct store *st, struct buf *path, struct buf *token)
{
    struct sim *s = sim_store_of(st);

    if (s->store_dead) {
        st->lost = true;
        return false;
    }
    return sim_event_next(s, path, token);
}

static struct sim_dom *
dom_enter(struct store *st, enum sim_call c, uint32_t domid, struct err *e)
{
    struct sim *s = sim_store_of(st);

    if (s->store_dead) {
        lost(e);
        return NULL;
    }
    if (sim_call(s, c, e) < 0)
        return NULL;
    return sim_dom_need(s, domid, e);
}

static int
op_introduce(struct store *st, uint32_t domid, uint64_t mfn, uint32_t port,
             struct err *e)
{
    struct sim_dom *d = dom_enter(st, SIM_ST_INTRODUCE, domid, e);
    bool again;

    if (d == NULL)
        return -1;
    if (domid == 0 || !d->built || d->dying || port == 0 || port > d->ports)
        return err_set(e, ERR_INVALID,
                       "introduce domain %u: its store page or port %u is not "
                       "there",
                       domid, port);
    if (d->introduced && d->store_mfn != mfn)
        return err_set(e, ERR_INVALID,
                       "introduce domain %u: it is known with another page",
                       domid);
    again = d->introduced;
    d->introduced = true;
    d->released = false;
    d->store_mfn = mfn;
    d->store_port = port;
    if (!again)
        sim_fire(d->s, "@introduceDomain", false);
    sim_console_check(d);
    sim_dom_schedule(d);
    return 0;
}

static int
op_resume(struct store *st, uint32_t domid, struct err *e)
{
    struct sim_dom *d = dom_enter(st, SIM_ST_RESUME, domid, e);

    if (d == NULL)
        return -1;
    if (!d->introduced)
        return err_set(e, ERR_NOENT, "xenstored does not know domain %u",
                       domid);
    d->released = false; /* its next shutdown is announced again */
    return 0;
}

const struct store_ops sim_store_ops = {
    .name = "sim",
    .close = sim_store_op_close,
    .tx_begin = op_tx_begin,
    .tx_end = op_tx_end,
    .read = op_read,
    .write = op_write,
    .mkdir = op_mkdir,
    .rm = op_rm,
    .list = op_list,
    .get_perms = op_get_perms,
    .set_perms = op_set_perms,
    .watch = op_watch,
    .unwatch = op_unwatch,
    .fd = op_fd,
    .next_event = op_next_event,
    .introduce = op_introduce,
    .resume = op_resume,
};
