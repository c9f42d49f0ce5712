/*
 * sim_watch.c - watches of the simulated xenstored and the queue of their
 * events. Invariant: the table is sorted by path and token, so a change looks
 * up its own path and its ancestors, never every watch; the eventfd is
 * readable exactly while the queue holds something.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

static int
path_cmp(const char *p, const char *s, size_t len)
{
    int r = strncmp(p, s, len);

    return r != 0 ? r : p[len] != '\0';
}

/* The first watch not below (path, token); token NULL sorts first. */
static size_t
lower(const struct sim *s, const char *path, size_t len, const char *token)
{
    size_t lo = 0, hi = s->n_watches, mid;
    int r;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        r = path_cmp(s->watches[mid]->path, path, len);
        if (r == 0 && token != NULL)
            r = strcmp(s->watches[mid]->token, token);
        if (r < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void
queue(struct sim *s, const struct sim_watch *w, const char *path)
{
    if (s->ev_tail == s->ev_cap && s->ev_head > s->ev_cap / 2) {
        memmove(s->events, s->events + s->ev_head,
                (s->ev_tail - s->ev_head) * sizeof(*s->events));
        s->ev_tail -= s->ev_head;
        s->ev_head = 0;
    }
    if (s->ev_tail == s->ev_cap) {
        s->ev_cap = s->ev_cap == 0 ? 16 : s->ev_cap * 2;
        s->events = xrealloc(s->events, s->ev_cap, sizeof(*s->events));
    }
    if (s->ev_head == s->ev_tail)
        (void)eventfd_write(s->event_fd, 1);
    s->events[s->ev_tail].w = w;
    s->events[s->ev_tail].path = xstrdup(path);
    s->ev_tail++;
}

/* An empty queue: nothing to read any more. */
static void
queue_quiet(struct sim *s)
{
    eventfd_t n;

    if (s->ev_head != s->ev_tail)
        return;
    s->ev_head = s->ev_tail = 0;
    (void)eventfd_read(s->event_fd, &n);
}

bool
sim_event_next(struct sim *s, struct buf *path, struct buf *token)
{
    struct sim_event *ev;

    if (s->ev_head == s->ev_tail)
        return false;
    ev = &s->events[s->ev_head++];
    buf_clear(path);
    buf_clear(token);
    buf_str(path, ev->path);
    buf_str(token, ev->w->token);
    free(ev->path);
    queue_quiet(s);
    return true;
}

int
sim_watch_add(struct sim *s, const char *path, const char *token)
{
    size_t at = lower(s, path, strlen(path), token);
    struct sim_watch *w;

    if (at < s->n_watches && strcmp(s->watches[at]->path, path) == 0 &&
        strcmp(s->watches[at]->token, token) == 0)
        return EEXIST;
    if (s->n_watches == s->cap_watches) {
        s->cap_watches = s->cap_watches == 0 ? 16 : s->cap_watches * 2;
        s->watches =
            xrealloc(s->watches, s->cap_watches, sizeof(struct sim_watch *));
    }
    w = xcalloc(1, sizeof(*w));
    w->path = xstrdup(path);
    w->token = xstrdup(token);
    memmove(&s->watches[at + 1], &s->watches[at],
            (s->n_watches - at) * sizeof(struct sim_watch *));
    s->watches[at] = w;
    s->n_watches++;
    queue(s, w, path); /* every watch fires once at its registration */
    return 0;
}

/* As XS_UNWATCH_FILTER: nothing of w arrives after the unwatch. */
static void
queue_drop(struct sim *s, const struct sim_watch *w)
{
    size_t i, to = s->ev_head;

    for (i = s->ev_head; i < s->ev_tail; i++) {
        if (s->events[i].w == w)
            free(s->events[i].path);
        else
            s->events[to++] = s->events[i];
    }
    s->ev_tail = to;
    queue_quiet(s);
}

static void
watch_free(struct sim_watch *w)
{
    free(w->path);
    free(w->token);
    free(w);
}

int
sim_watch_del(struct sim *s, const char *path, const char *token)
{
    size_t at = lower(s, path, strlen(path), token);

    if (at == s->n_watches || strcmp(s->watches[at]->path, path) != 0 ||
        strcmp(s->watches[at]->token, token) != 0)
        return ENOENT;
    queue_drop(s, s->watches[at]);
    watch_free(s->watches[at]);
    s->n_watches--;
    memmove(&s->watches[at], &s->watches[at + 1],
            (s->n_watches - at) * sizeof(struct sim_watch *));
    return 0;
}

void
sim_watches_clear(struct sim *s)
{
    size_t i;

    for (i = s->ev_head; i < s->ev_tail; i++)
        free(s->events[i].path);
    free(s->events);
    s->events = NULL;
    s->ev_head = s->ev_tail = s->ev_cap = 0;
    queue_quiet(s);
    for (i = 0; i < s->n_watches; i++)
        watch_free(s->watches[i]);
    free(s->watches);
    s->watches = NULL;
    s->n_watches = s->cap_watches = 0;
}

/* The watches on just path[0..len), told about the change of path. */
static void
fire_at(struct sim *s, const char *path, size_t len)
{
    size_t i;

    for (i = lower(s, path, len, NULL);
         i < s->n_watches && path_cmp(s->watches[i]->path, path, len) == 0; i++)
        queue(s, s->watches[i], path);
}

/* The watches below a removed node; each hears of its own path. */
static void
fire_below(struct sim *s, const char *path)
{
    struct buf under = { 0 };
    size_t i;

    buf_fmt(&under, "%s/", path);
    for (i = lower(s, buf_text(&under), under.len, NULL);
         i < s->n_watches &&
         strncmp(s->watches[i]->path, buf_text(&under), under.len) == 0;
         i++)
        queue(s, s->watches[i], s->watches[i]->path);
    buf_free(&under);
}

/* Whom of the simulated host the change of a domain's node concerns. */
static void
listen(struct sim *s, const char *path)
{
    static const char dir[] = "/local/domain/";
    unsigned long domid;
    struct sim_dom *d;
    char *rest;

    if (strncmp(path, dir, sizeof(dir) - 1) != 0)
        return;
    sim_back_changed(s, path);
    domid = strtoul(path + sizeof(dir) - 1, &rest, 10);
    if (*rest != '/' || domid > HV_DOMID_MAX)
        return;
    d = sim_dom_find(s, (uint32_t)domid);
    if (d == NULL || d->dying)
        return;
    if (strncmp(rest, "/console", 8) == 0)
        sim_console_check(d);
    else
        sim_guest_store_changed(d, rest + 1);
}

void
sim_fire(struct sim *s, const char *path, bool below)
{
    size_t i;

    if (s->store_dead || s->seeding)
        return;
    if (s->n_watches > 0 && path[0] == '/') {
        fire_at(s, path, 1); /* the root's */
        for (i = 1; path[i] != '\0'; i++)
            if (path[i] == '/')
                fire_at(s, path, i);
    }
    if (s->n_watches > 0 && strcmp(path, "/") != 0)
        fire_at(s, path, strlen(path));
    if (below)
        fire_below(s, path);
    listen(s, path);
}
