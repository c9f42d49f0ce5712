/*
 * store_watch.c - watches of the store, delivered by the loop.
 * Invariant: a token belongs to one watch for ever, so that an event of a
 * deleted one finds nobody. Callbacks may add and delete any watch.
 */
#include "engine/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/store/store_int.h"
#include "src/base/xalloc.h"

/* Events a turn: the rest keeps the descriptor readable for the next one. */
#define EVENTS_MAX 256
/* Makes the descriptor exist; nothing lives there and its token is nobody's. */
#define IDLE_PATH  "/tool/xendeck"
#define IDLE_TOKEN "idle"
#define TOKEN_MAX  24

static struct store_watch *
find_token(const struct store *st, const char *text)
{
    struct list_node *it;
    unsigned long long token;

    if (!text_u64(text, 1, UINT64_MAX, &token))
        return NULL;
    list_foreach (it, &st->watches) {
        struct store_watch *w = list_entry(it, struct store_watch, node);

        if (w->token == token)
            return w;
    }
    return NULL;
}

static void
events_ready(struct loop_fd *lf, unsigned ready)
{
    struct store *st = container_of(lf, struct store, lf);
    struct buf path = { 0 }, token = { 0 };
    struct store_watch *w;
    int i;

    for (i = 0; i < EVENTS_MAX; i++) {
        if (!st->ops->next_event(st, &path, &token))
            break;
        w = find_token(st, buf_text(&token));
        if (w != NULL)
            w->cb(w, buf_text(&path));
    }
    buf_free(&path);
    buf_free(&token);
    if (i == 0 && (ready & LOOP_HUP) != 0)
        st->lost = true;
    /* The descriptor of a dead connection stays readable for ever. */
    if (st->lost)
        loop_fd_del(&st->lf);
}

static int
driver_watch(struct store *st, const char *path, const char *token,
             struct err *e)
{
    struct err mine = { 0 };

    if (st->ops->watch == NULL)
        return err_set(e, ERR_UNSUPPORTED, "%s: no watch", st->ops->name);
    if (st->lost)
        return err_set(e, ERR_LOST, "%s", STORE_LOST_TEXT);
    if (st->ops->watch(st, path, token, &mine) == 0)
        return 0;
    st->lost = st->lost || mine.code == ERR_LOST;
    if (e != NULL)
        *e = mine;
    return -1;
}

int
store_attach(struct store *st, struct loop *lp, struct err *e)
{
    int fd;

    if (st->ops->fd == NULL || st->ops->next_event == NULL)
        return err_set(e, ERR_UNSUPPORTED, "%s: no events", st->ops->name);
    fd = st->ops->fd(st);
    if (fd < 0 && driver_watch(st, IDLE_PATH, IDLE_TOKEN, e) < 0)
        return -1;
    if (fd < 0)
        fd = st->ops->fd(st);
    if (loop_fd_add(lp, &st->lf, fd, LOOP_READ, events_ready) < 0)
        return err_sys(e, errno, "waiting for events of xenstore");
    st->lp = lp;
    return 0;
}

int
store_watch_add(struct store *st, struct store_watch *w, const char *path,
                store_watch_cb cb, struct err *e)
{
    char token[TOKEN_MAX];

    if (w->st != NULL)
        return err_set(e, ERR_EXISTS, "%.200s is being watched already",
                       w->path);
    if (store_path_check(path, e) < 0)
        return -1;
    text_fmt(token, sizeof(token), "%llu", (unsigned long long)st->next_token);
    if (driver_watch(st, path, token, e) < 0)
        return -1;
    *w = (struct store_watch){
        .st = st, .cb = cb, .token = st->next_token++, .path = xstrdup(path)
    };
    list_append(&st->watches, &w->node);
    return 0;
}

void
store_watch_del(struct store_watch *w)
{
    struct store *st = w->st;
    struct err mine = { 0 };
    char token[TOKEN_MAX];

    if (st == NULL)
        return;
    text_fmt(token, sizeof(token), "%llu", (unsigned long long)w->token);
    if (!st->lost && st->ops->unwatch != NULL &&
        st->ops->unwatch(st, w->path, token, &mine) < 0)
        st->lost = mine.code == ERR_LOST;
    list_del(&w->node);
    free(w->path);
    *w = (struct store_watch){ 0 };
}

size_t
store_watch_count(const struct store *st)
{
    struct list_node *it;
    size_t n = 0;

    list_foreach (it, &st->watches)
        n++;
    return n;
}
