/*
 * sim_backend.c - the drivers of the simulated dom0 (blkback, netback, and
 * those of its device models), the same in any guest that is up and named as a
 * backend, and the frontends of guests, told apart by
 * nothing but the nodes, as in xenbus: a device gets a record when something
 * happens to its nodes and loses it with them. Both sides act in their own
 * time, on one timer. A guest as a backend is held to its permissions, and has
 * a toolstack of its own, which connects what comes and removes what is closed.
 */
#include "engine/sim/dom0/sim_backend.h"

#include <stdlib.h>
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/dom0/sim_model.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define ACT_MS 2
#define GONE   0U /* a state that cannot be read */

enum {
    INIT = 1,
    WAIT,
    INITIALISED,
    CONNECTED,
    CLOSING,
    CLOSED,
    RECONFIGURING, /* PCI only */
    RECONFIGURED
};

#define PCI_ENTRIES 64

/* A kind of backend, as its driver behaves. */
struct back_kind {
    const char *name;
    const char *front; /* the kind that its frontends have */
    bool model;        /* a device model is its driver */
    /* A screen or keyboard of QEMU's: it looks at a frontend's state, and does
     * not see that the frontend is gone. */
    bool blind;
    bool entries; /* one directory for all devices of a guest */
    /* The node, and its value (NULL: any), by which a script says that it has
     * done its part; NULL: there is none. */
    const char *plug, *plugged;
    const char *ready; /* the frontend's state once it has seen this side */
    const char *features[6]; /* names and values */
};

static const struct back_kind back_kinds[] = {
    { .name = "vbd",
      .front = "vbd",
      .plug = "physical-device",
      .ready = "3",
      .features = { "feature-max-indirect-segments", "256",
                    "max-ring-page-order", "4", "multi-queue-max-queues",
                    "2" } },
    { .name = "vif",
      .front = "vif",
      .plug = "hotplug-status",
      .plugged = "connected",
      .ready = "4",
      .features = { "feature-sg", "1", "feature-rx-copy", "1",
                    "multi-queue-max-queues", "2" } },
    { .name = "pci", .front = "pci", .entries = true, .ready = "3" },
    { .name = "vfb",
      .front = "vfb",
      .model = true,
      .blind = true,
      .ready = "3" },
    { .name = "vkbd",
      .front = "vkbd",
      .model = true,
      .blind = true,
      .ready = "3" },
    { .name = "qdisk", .front = "vbd", .model = true, .ready = "3" },
};

#define KINDS (sizeof(back_kinds) / sizeof(back_kinds[0]))

struct sim_back {
    struct sim *s;
    const struct back_kind *kind;
    uint32_t server; /* the domain that serves it */
    uint32_t domid, devid;
    char back[96], front[96];
    struct loop_timer tm;
    struct list_node node;
};

static const struct sim_node *
node_at(const struct sim_back *b, const char *dir, const char *name)
{
    char path[160];

    text_fmt(path, sizeof(path), "%s/%s", dir, name);
    return sim_tree_find(&b->s->tree, path);
}

static bool
node_is(const struct sim_node *n, const char *text)
{
    return n != NULL && n->len == strlen(text) &&
           memcmp(n->val, text, n->len) == 0;
}

/* What the kernel of this domain makes of a state that anything may have been
 * written to. */
static unsigned
state_at(const struct sim_back *b, uint32_t reader, const char *dir)
{
    const struct sim_node *n = node_at(b, dir, "state");

    if (n == NULL || n->len != 1 || n->val[0] < '1' || n->val[0] > '8' ||
        (sim_perms_of(n->perms, reader) & STORE_PERM_READ) == 0)
        return GONE;
    return (unsigned)(n->val[0] - '0');
}

static void
back_write(struct sim_back *b, const char *name, const char *val)
{
    char path[160];

    text_fmt(path, sizeof(path), "%s/%s", b->back, name);
    if (b->server == 0)
        sim_dom0_write(b->s, path, val);
    else
        (void)sim_guest_write(b->s, b->server, path, val, strlen(val));
}

static void
front_write(struct sim_back *b, const char *name, const char *val)
{
    char path[160];

    text_fmt(path, sizeof(path), "%s/%s", b->front, name);
    (void)sim_guest_write(b->s, b->domid, path, val, strlen(val));
}

/* --- the two sides --- */

/* Has the script done its part? */
static bool
plugged(const struct sim_back *b)
{
    const struct sim_node *n;

    if (b->kind->plug == NULL)
        return true;
    n = node_at(b, b->back, b->kind->plug);
    return n != NULL &&
           (b->kind->plugged == NULL || node_is(n, b->kind->plugged));
}

static void
back_features(struct sim_back *b)
{
    size_t i;

    for (i = 0; i < 6 && b->kind->features[i] != NULL; i += 2)
        back_write(b, b->kind->features[i], b->kind->features[i + 1]);
}

/* pciback takes in the entries that are new, and gives up the closing ones. */
static void
pci_reconfigure(struct sim_back *b)
{
    const struct sim_node *n;
    char name[16];
    unsigned i;

    for (i = 0; i < PCI_ENTRIES; i++) {
        text_fmt(name, sizeof(name), "state-%u", i);
        n = node_at(b, b->back, name);
        if (n == NULL)
            break;
        if (node_is(n, "1"))
            back_write(b, name, "3");
        else if (node_is(n, "5"))
            back_write(b, name, "6");
    }
    back_write(b, "state", "8");
}

/* Is there a driver for it? */
static bool
back_served(const struct sim_back *b)
{
    const struct sim_dom *d;

    if (b->server == 0)
        return !b->kind->model || sim_model_serves(b->s, b->domid);
    d = sim_dom_find(b->s, b->server);
    return d != NULL && d->running && d->guest.state == SIM_GUEST_UP &&
           !d->guest.holds && !b->kind->model;
}

/* What the toolstack of a driver domain does: the script of a device that has
 * come, the nodes of one that its own toolstack has closed. */
static void
back_agent(struct sim_back *b, unsigned back)
{
    if (b->server == 0)
        return;
    if (back == WAIT && !plugged(b)) {
        back_write(b, b->kind->plug,
                   b->kind->plugged != NULL ? b->kind->plugged : "7:0");
    } else if (back == CLOSED && node_is(node_at(b, b->back, "online"), "0")) {
        (void)sim_tree_rm(&b->s->tree, b->back);
        sim_fire(b->s, b->back, true);
    }
}

static void
back_act(struct sim_back *b, unsigned back, unsigned front)
{
    if (!back_served(b))
        return;
    back_agent(b, back);
    if (b->kind->blind && back != INIT && front == GONE)
        return;
    switch (back) {
    case INIT:
        if (!b->kind->model && sim_call(b->s, SIM_DEV_BACKEND, NULL) < 0)
            return; /* no driver: nobody ever answers */
        back_features(b);
        back_write(b, "state", "2");
        break;
    case WAIT:
    case INITIALISED:
        if (plugged(b) && (front == INITIALISED || front == CONNECTED))
            back_write(b, "state", "4");
        break;
    case CONNECTED:
        if (front == CLOSING)
            back_write(b, "state", "5");
        else if (front == CLOSED || front == GONE)
            back_write(b, "state", "6");
        break;
    case CLOSING:
        if (front == CLOSED || front == GONE)
            back_write(b, "state", "6");
        break;
    case RECONFIGURING:
        if (front == RECONFIGURING)
            pci_reconfigure(b);
        else if (front == CLOSED || front == GONE)
            back_write(b, "state", "6");
        break;
    case RECONFIGURED:
        if (front == CONNECTED)
            back_write(b, "state", "4");
        break;
    default:
        break;
    }
}

/* A device that a guest's kernel knows: until its nodes are seen to be gone no
 * other one comes in its place, as in Linux 6.1. */
struct sim_front {
    uint32_t domid, devid;
    const char *kind; /* of back_kinds */
    char back[96];
    bool used; /* its driver has set a state */
    struct list_node node;
};

static struct sim_front *
front_known(const struct sim_back *b)
{
    struct list_node *it;

    list_foreach (it, &b->s->fronts) {
        struct sim_front *f = list_entry(it, struct sim_front, node);

        if (f->domid == b->domid && f->devid == b->devid &&
            strcmp(f->kind, b->kind->front) == 0)
            return f;
    }
    return NULL;
}

static void
front_forget(struct sim_front *f)
{
    if (f == NULL)
        return;
    list_del(&f->node);
    free(f);
}

/* False: the kernel has another device there, or this one is not b's. */
static bool
front_probe(const struct sim_back *b, unsigned front)
{
    struct sim_front *f = front_known(b);

    if (!node_is(node_at(b, b->front, "backend"), b->back))
        return false;
    if (f == NULL) {
        f = xcalloc(1, sizeof(*f));
        f->domid = b->domid;
        f->devid = b->devid;
        f->kind = b->kind->front;
        text_fmt(f->back, sizeof(f->back), "%s", b->back);
        list_append(&b->s->fronts, &f->node);
    }
    if (strcmp(f->back, b->back) != 0 || (front == INIT && f->used))
        return false;
    f->used |= front != INIT;
    return true;
}

static void
front_act(struct sim_back *b, unsigned back, unsigned front)
{
    struct sim_dom *d = sim_dom_find(b->s, b->domid);

    if (d == NULL || !sim_guest_alive(d))
        return;
    if (front == GONE) {
        front_forget(front_known(b));
        return;
    }
    if (!front_probe(b, front))
        return;
    if (front == INIT && back == WAIT) {
        front_write(b, "event-channel", "9");
        front_write(b, "state", b->kind->ready);
    } else if ((front == INITIALISED && back == CONNECTED) ||
               (front == RECONFIGURING && back == RECONFIGURED)) {
        front_write(b, "state", "4");
    } else if (back == RECONFIGURING && front == CONNECTED && !d->guest.holds) {
        front_write(b, "state", "7");
    } else if (back == CLOSING && front != CLOSED && !d->guest.holds) {
        front_write(b, "state", "6");
    }
}

static void
back_free(struct sim_back *b)
{
    loop_timer_del(&b->tm);
    list_del(&b->node);
    free(b);
}

static void
act(struct loop_timer *lt)
{
    struct sim_back *b = container_of(lt, struct sim_back, tm);
    unsigned back, front;

    if (b->s->store_dead)
        return;
    if (sim_tree_find(&b->s->tree, b->back) == NULL) {
        front_act(b, GONE, state_at(b, b->domid, b->front));
        back_free(b);
        return;
    }
    back = state_at(b, b->domid, b->back);
    front = state_at(b, b->domid, b->front);
    back_act(b, state_at(b, b->server, b->back),
             state_at(b, b->server, b->front));
    front_act(b, back, front);
}

/* --- which devices there are --- */

static struct sim_back *
sim_backend_find(struct sim *s, const struct sim_back *like)
{
    struct list_node *it;

    list_foreach (it, &s->backs) {
        struct sim_back *b = list_entry(it, struct sim_back, node);

        if (b->server == like->server && b->domid == like->domid &&
            b->devid == like->devid && b->kind == like->kind)
            return b;
    }
    return NULL;
}

static void
back_wake(struct sim_back *b)
{
    if (!loop_timer_active(&b->tm))
        loop_timer_arm(b->s->lp, &b->tm,
                       ACT_MS + b->s->delay_ms[SIM_DELAY_BACKEND], act);
}

/* like: kind, server, domid, devid */
static void
touched(struct sim *s, const struct sim_back *like)
{
    struct sim_back *b = sim_backend_find(s, like);

    if (b == NULL) {
        b = xcalloc(1, sizeof(*b));
        b->s = s;
        b->server = like->server;
        b->domid = like->domid;
        b->devid = like->devid;
        b->kind = like->kind;
        text_fmt(b->back, sizeof(b->back), "/local/domain/%u/backend/%s/%u/%u",
                 b->server, b->kind->name, b->domid, b->devid);
        text_fmt(b->front, sizeof(b->front), "/local/domain/%u/device/%s/%u",
                 b->domid, b->kind->front, b->devid);
        list_append(&s->backs, &b->node);
    }
    back_wake(b);
}

/* "vbd/", "vif/" and the like at *p, which moves behind it; NULL: none. */
static const struct back_kind *
take_kind(const char **p)
{
    size_t i, n;

    for (i = 0; i < KINDS; i++) {
        n = strlen(back_kinds[i].name);
        if (strncmp(*p, back_kinds[i].name, n) != 0 || (*p)[n] != '/')
            continue;
        *p += n + 1;
        return &back_kinds[i];
    }
    return NULL;
}

static bool
sim_backend_take_id(const char **p, uint32_t *out)
{
    char *end;
    unsigned long v;

    if (**p < '0' || **p > '9')
        return false;
    v = strtoul(*p, &end, 10);
    *out = (uint32_t)v;
    *p = end;
    return v <= UINT32_MAX;
}

/* Of the domain's own devices, kind/devid at path. Who serves them is not
 * told: each that is known, and dom0. */
static void
front_changed(struct sim *s, uint32_t domid, const char *path)
{
    struct sim_back like = { .kind = take_kind(&path), .domid = domid };
    struct list_node *it;

    if (like.kind == NULL || !sim_backend_take_id(&path, &like.devid))
        return;
    list_foreach (it, &s->backs) {
        struct sim_back *b = list_entry(it, struct sim_back, node);

        if (b->domid == domid && b->devid == like.devid &&
            strcmp(b->kind->front, like.kind->name) == 0)
            back_wake(b);
    }
    touched(s, &like);
}

void
sim_back_changed(struct sim *s, const char *path)
{
    static const char home[] = "/local/domain/", device[] = "/device/",
                      back[] = "/backend/";
    struct sim_back like = { 0 };
    uint32_t domid;

    path += sizeof(home) - 1;
    if (!sim_backend_take_id(&path, &domid))
        return;
    if (strncmp(path, device, sizeof(device) - 1) == 0)
        front_changed(s, domid, path + sizeof(device) - 1);
    if (strncmp(path, back, sizeof(back) - 1) != 0)
        return;
    path += sizeof(back) - 1;
    like.server = domid;
    like.kind = take_kind(&path);
    if (like.kind != NULL && sim_backend_take_id(&path, &like.domid) &&
        *path++ == '/' && sim_backend_take_id(&path, &like.devid))
        touched(s, &like);
}

void
sim_back_kick(struct sim *s, uint32_t domid)
{
    struct list_node *it;

    list_foreach (it, &s->backs) {
        struct sim_back *b = list_entry(it, struct sim_back, node);

        if (b->domid == domid || b->server == domid)
            back_wake(b);
    }
}

void
sim_back_forget(struct sim *s, uint32_t domid)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->fronts) {
        struct sim_front *f = list_entry(it, struct sim_front, node);

        if (f->domid == domid)
            front_forget(f);
    }
}

void
sim_backs_free(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->backs)
        back_free(list_entry(it, struct sim_back, node));
    list_foreach_safe (it, tmp, &s->fronts)
        front_forget(list_entry(it, struct sim_front, node));
}

int
sim_guest_hold_devices(struct sim *s, uint32_t domid, bool hold)
{
    struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || domid == 0)
        return -1;
    d->guest.holds = hold;
    sim_back_kick(s, domid);
    return 0;
}

bool
sim_back_has_disk(const char *kind)
{
    size_t i;

    for (i = 0; i < KINDS; i++)
        if (strcmp(back_kinds[i].name, kind) == 0)
            return back_kinds[i].plug != NULL && back_kinds[i].plugged == NULL;
    return false;
}
