/*
 * store.c - what both xenstore drivers share: limits checked before a call,
 * values read safely, transactions that retry.
 * Invariant: once a driver said ERR_LOST no driver is called any more, except
 * to close. Called by the engine; watches are in store_watch.c.
 */
#include "engine/store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/store/store_int.h"
#include "src/base/xalloc.h"

#define REL_PATH_MAX 2048

void
store_init(struct store *st, const struct store_ops *ops)
{
    *st = (struct store){ .ops = ops, .next_token = 1 };
    list_init(&st->watches);
}

void
store_close(struct store *st)
{
    struct list_node *it, *tmp;

    if (st == NULL)
        return;
    loop_fd_del(&st->lf);
    list_foreach_safe (it, tmp, &st->watches) {
        struct store_watch *w = list_entry(it, struct store_watch, node);

        list_del(&w->node);
        free(w->path);
        *w = (struct store_watch){ 0 };
    }
    if (st->ops->close != NULL)
        st->ops->close(st);
}

bool
store_lost(const struct store *st)
{
    return st->lost;
}

static int
store_lacks(const struct store *st, const char *what, struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, "%s: no %s", st->ops->name, what);
}

/* Before each call of a driver: is there still a daemon behind it? */
static int
check_alive(const struct store *st, struct err *e)
{
    return st->lost ? err_set(e, ERR_LOST, "%s", STORE_LOST_TEXT) : 0;
}

/* After each call: remembers the loss. mine is where the driver wrote. */
static int
done(struct store *st, int rc, const struct err *mine, struct err *e)
{
    if (rc == 0)
        return 0;
    if (mine->code == ERR_LOST)
        st->lost = true;
    if (e != NULL)
        *e = *mine;
    return -1;
}

bool
store_path_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '/' || c == '_' ||
           c == '@';
}

int
store_path_check(const char *path, struct err *e)
{
    size_t i, n = strlen(path);

    if (n == 0)
        return err_set(e, ERR_INVALID, "an empty xenstore path");
    if (n >= (path[0] == '/' || path[0] == '@' ? STORE_PATH_MAX : REL_PATH_MAX))
        return err_set(e, ERR_RANGE,
                       "xenstore path '%.40s...' of %zu bytes: at most %d are "
                       "allowed",
                       path, n,
                       (path[0] == '/' ? STORE_PATH_MAX : REL_PATH_MAX) - 1);
    for (i = 0; i < n; i++)
        if (!store_path_char(path[i]))
            return err_set(e, ERR_INVALID,
                           "xenstore path '%.200s': character '%c' is not "
                           "allowed, only letters, digits and - / _ @",
                           path, path[i]);
    if (strstr(path, "//") != NULL || (n > 1 && path[n - 1] == '/'))
        return err_set(e, ERR_INVALID,
                       "xenstore path '%.200s': an empty name is not allowed",
                       path);
    return 0;
}

/* What every operation on a path checks first. */
static int
check(const struct store *st, const char *path, struct err *e)
{
    return store_path_check(path, e) < 0 ? -1 : check_alive(st, e);
}

int
store_tx_begin(struct store *st, store_tx *out, struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->tx_begin == NULL)
        return store_lacks(st, "tx_begin", e);
    if (check_alive(st, e) < 0)
        return -1;
    return done(st, st->ops->tx_begin(st, out, &mine), &mine, e);
}

int
store_tx_end(struct store *st, store_tx tx, bool commit, struct err *e)
{
    struct err mine = { 0 };
    int rc;

    if (st->ops->tx_end == NULL)
        return store_lacks(st, "tx_end", e);
    if (check_alive(st, e) < 0)
        return -1;
    rc = st->ops->tx_end(st, tx, commit, &mine);
    if (rc < 0 && !commit && mine.code == ERR_AGAIN)
        return 0; /* nobody wanted its changes */
    return done(st, rc, &mine, e);
}

/* One try. *again: lost a race; the whole is to be redone. */
static int
tx_try(struct store *st, store_tx_body body, void *arg, bool *again,
       struct err *e)
{
    store_tx tx = 0;
    int rc;

    *again = false;
    if (store_tx_begin(st, &tx, e) < 0)
        return -1;
    if (body(st, tx, arg, e) < 0) {
        *again = e->code == ERR_AGAIN;
        store_tx_end(st, tx, false, NULL);
        return -1;
    }
    rc = store_tx_end(st, tx, true, e);
    *again = rc < 0 && e->code == ERR_AGAIN;
    return rc;
}

int
store_tx_run(struct store *st, store_tx_body body, void *arg, struct err *e)
{
    struct err mine = { 0 };
    bool again = true;
    int i, rc = -1;

    for (i = 0; again && i < STORE_TX_RETRIES; i++) {
        err_clear(&mine);
        rc = tx_try(st, body, arg, &again, &mine);
    }
    if (rc < 0 && again)
        err_set(&mine, ERR_BUSY,
                "xenstore: a transaction lost against other writers %d times",
                STORE_TX_RETRIES);
    if (rc < 0 && e != NULL)
        *e = mine;
    return rc;
}

int
store_read(struct store *st, store_tx tx, const char *path, struct buf *out,
           struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->read == NULL)
        return store_lacks(st, "read", e);
    if (check(st, path, e) < 0)
        return -1;
    return done(st, st->ops->read(st, tx, path, out, &mine), &mine, e);
}

int
store_read_text(struct store *st, store_tx tx, const char *path, char *dst,
                size_t dst_size, struct err *e)
{
    struct buf b = { 0 };
    int rc = store_read(st, tx, path, &b, e);

    if (rc == 0)
        text_safe(dst, dst_size, buf_text(&b), b.len);
    buf_free(&b);
    return rc;
}

/* text_u64 takes hexadecimal too: only digits get that far. */
static bool
decimal(const struct buf *b, uint64_t max, uint64_t *out)
{
    const char *s = buf_text(b);
    unsigned long long v;

    if (b->len == 0 || strspn(s, "0123456789") != b->len ||
        !text_u64(s, 0, max, &v))
        return false;
    *out = v;
    return true;
}

int
store_read_u64(struct store *st, store_tx tx, const char *path, uint64_t max,
               uint64_t *out, struct err *e)
{
    struct buf b = { 0 };
    int rc = store_read(st, tx, path, &b, e);

    if (rc == 0 && !decimal(&b, max, out))
        rc = err_set(e, ERR_INVALID,
                     "%.200s holds '%.40s': a number from 0 to %llu is allowed",
                     path, buf_text(&b), (unsigned long long)max);
    buf_free(&b);
    return rc;
}

int
store_has(struct store *st, store_tx tx, const char *path, bool *out,
          struct err *e)
{
    struct buf b = { 0 };
    struct err why = { 0 };
    int rc = store_read(st, tx, path, &b, &why);

    buf_free(&b);
    *out = rc == 0;
    if (rc == 0 || why.code == ERR_NOENT)
        return 0;
    if (e != NULL)
        *e = why;
    return -1;
}

bool
store_absent(struct store *st, store_tx tx, const char *path)
{
    bool has;

    return store_has(st, tx, path, &has, NULL) == 0 && !has;
}

bool
store_exists(struct store *st, store_tx tx, const char *path)
{
    bool has;

    return store_has(st, tx, path, &has, NULL) == 0 && has;
}

int
store_read_maybe(struct store *st, store_tx tx, const char *path, char *dst,
                 size_t dst_size, struct err *e)
{
    struct err why = { 0 };

    dst[0] = '\0';
    if (store_read_text(st, tx, path, dst, dst_size, &why) == 0 ||
        why.code == ERR_NOENT)
        return 0;
    if (e != NULL)
        *e = why;
    return -1;
}

/* A message carries the path with its NUL and the value. */
static int
write_bytes(struct store *st, store_tx tx, const char *path, const char *val,
            size_t n, struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->write == NULL)
        return store_lacks(st, "write", e);
    if (check(st, path, e) < 0)
        return -1;
    if (n > STORE_PAYLOAD_MAX - (strlen(path) + 1))
        return err_set(e, ERR_RANGE,
                       "value of %zu bytes for %.200s: at most %zu fit", n,
                       path, STORE_PAYLOAD_MAX - (strlen(path) + 1));
    return done(st, st->ops->write(st, tx, path, val, n, &mine), &mine, e);
}

int
store_write(struct store *st, store_tx tx, const char *path, const char *text,
            struct err *e)
{
    return write_bytes(st, tx, path, text, strlen(text), e);
}

int
store_writef(struct store *st, store_tx tx, struct err *e, const char *path,
             const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;
    int rc;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    rc = write_bytes(st, tx, path, buf_text(&b), b.len, e);
    buf_free(&b);
    return rc;
}

int
store_mkdir(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->mkdir == NULL)
        return store_lacks(st, "mkdir", e);
    if (check(st, path, e) < 0)
        return -1;
    return done(st, st->ops->mkdir(st, tx, path, &mine), &mine, e);
}

int
store_rm(struct store *st, store_tx tx, const char *path, struct err *e)
{
    struct err mine = { 0 };
    int rc;

    if (st->ops->rm == NULL)
        return store_lacks(st, "rm", e);
    if (check(st, path, e) < 0)
        return -1;
    rc = st->ops->rm(st, tx, path, &mine);
    if (rc < 0 && mine.code == ERR_NOENT)
        return 0;
    return done(st, rc, &mine, e);
}

int
store_rm_if_empty(struct store *st, store_tx tx, const char *path,
                  bool *gone_out, struct err *e)
{
    struct err mine = { 0 };
    struct buf names = { 0 };
    size_t n = 0;
    int rc = store_list(st, tx, path, &names, &n, &mine);

    buf_free(&names);
    if (gone_out != NULL)
        *gone_out = n == 0;
    if (rc < 0 && mine.code == ERR_NOENT)
        return 0;
    if (rc < 0)
        return done(st, rc, &mine, e);
    return n > 0 ? 0 : store_rm(st, tx, path, e);
}

int
store_rm_up(struct store *st, store_tx tx, const char *path, int levels,
            struct err *e)
{
    char parent[256];

    if (store_rm(st, tx, path, e) < 0)
        return -1;
    text_fmt(parent, sizeof(parent), "%s", path);
    while (levels-- > 0) {
        *strrchr(parent, '/') = '\0';
        if (store_rm_if_empty(st, tx, parent, NULL, e) < 0)
            return -1;
    }
    return 0;
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Rewrites the NUL-terminated names of b in order; returns how many. */
static size_t
sort_names(struct buf *b)
{
    struct buf sorted = { 0 };
    const char **names;
    size_t at, i, n = 0;

    for (at = 0; at < b->len; at += strlen(b->data + at) + 1)
        n++;
    if (n < 2)
        return n;
    names = xcalloc(n, sizeof(*names));
    for (at = 0, i = 0; at < b->len; at += strlen(b->data + at) + 1)
        names[i++] = b->data + at;
    qsort(names, n, sizeof(*names), by_bytes);
    for (i = 0; i < n; i++)
        buf_add(&sorted, names[i], strlen(names[i]) + 1);
    free(names);
    buf_free(b);
    *b = sorted;
    return n;
}

int
store_list(struct store *st, store_tx tx, const char *path, struct buf *out,
           size_t *n_out, struct err *e)
{
    struct err mine = { 0 };
    size_t n = 0;

    if (st->ops->list == NULL)
        return store_lacks(st, "list", e);
    if (check(st, path, e) < 0)
        return -1;
    buf_clear(out);
    if (done(st, st->ops->list(st, tx, path, out, &n, &mine), &mine, e) < 0)
        return -1;
    *n_out = sort_names(out);
    return 0;
}

int
store_get_perms(struct store *st, store_tx tx, const char *path,
                struct store_perms *out, struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->get_perms == NULL)
        return store_lacks(st, "get_perms", e);
    if (check(st, path, e) < 0)
        return -1;
    return done(st, st->ops->get_perms(st, tx, path, out, &mine), &mine, e);
}

int
store_set_perms(struct store *st, store_tx tx, const char *path,
                const struct store_perm *p, size_t n, struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->set_perms == NULL)
        return store_lacks(st, "set_perms", e);
    if (n == 0 || n > STORE_PERMS_MAX)
        return err_set(e, ERR_RANGE, "%zu permissions: 1 to %d are allowed", n,
                       STORE_PERMS_MAX);
    if (check(st, path, e) < 0)
        return -1;
    return done(st, st->ops->set_perms(st, tx, path, p, n, &mine), &mine, e);
}

int
store_introduce(struct store *st, uint32_t domid, uint64_t mfn, uint32_t port,
                struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->introduce == NULL)
        return store_lacks(st, "introduce", e);
    if (check_alive(st, e) < 0)
        return -1;
    return done(st, st->ops->introduce(st, domid, mfn, port, &mine), &mine, e);
}

int
store_resume(struct store *st, uint32_t domid, struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->resume == NULL)
        return store_lacks(st, "resume", e);
    if (check_alive(st, e) < 0)
        return -1;
    return done(st, st->ops->resume(st, domid, &mine), &mine, e);
}

bool
store_path(char *dst, size_t dst_size, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(dst, dst_size, fmt, ap);
    va_end(ap);
    return n >= 0 && (size_t)n < dst_size;
}
