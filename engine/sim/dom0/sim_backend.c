/*
 * sim_backend.c - the drivers of the simulated dom0 (blkback, netback, and
 * those of its device models) and the frontends of its guests, told apart by
 * nothing but the nodes, as in xenbus: a device gets a record when something
 * happens to its nodes and loses it with them. Both sides act in their own
 * time, on one timer.
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

/* What a kernel makes of a state that anything may have been written to. */
static unsigned
state_at(const struct sim_back *b, const char *dir)
{
    const struct sim_node *n = node_at(b, dir, "state");

    if (n == NULL || n->len != 1 || n->val[0] < '1' || n->val[0] > '8')
        return GONE;
    return (unsigned)(n->val[0] - '0');
}

static void
back_write(struct sim_back *b, const char *name, const char *val)
{
    char path[160];

    text_fmt(path, sizeof(path), "%s/%s", b->back, name);
    sim_dom0_write(b->s, path, val);
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

static void
back_act(struct sim_back *b, unsigned back, unsigned front)
{
    if (b->kind->model && !sim_model_serves(b->s, b->domid))
        return;
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

static void
front_act(struct sim_back *b, unsigned back, unsigned front)
{
    struct sim_dom *d = sim_dom_find(b->s, b->domid);

    if (d == NULL || !sim_guest_alive(d) || front == GONE)
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
        back_free(b);
        return;
    }
    back = state_at(b, b->back);
    front = state_at(b, b->front);
    back_act(b, back, front);
    front_act(b, back, front);
}

/* --- which devices there are --- */

static struct sim_back *
sim_backend_find(struct sim *s, const struct back_kind *kind, uint32_t domid,
                 uint32_t devid)
{
    struct list_node *it;

    list_foreach (it, &s->backs) {
        struct sim_back *b = list_entry(it, struct sim_back, node);

        if (b->domid == domid && b->devid == devid && b->kind == kind)
            return b;
    }
    return NULL;
}

static void
touched(struct sim *s, const struct back_kind *kind, uint32_t domid,
        uint32_t devid)
{
    struct sim_back *b = sim_backend_find(s, kind, domid, devid);

    if (b == NULL) {
        b = xcalloc(1, sizeof(*b));
        b->s = s;
        b->domid = domid;
        b->devid = devid;
        b->kind = kind;
        text_fmt(b->back, sizeof(b->back), "/local/domain/0/backend/%s/%u/%u",
                 kind->name, domid, devid);
        text_fmt(b->front, sizeof(b->front), "/local/domain/%u/device/%s/%u",
                 domid, kind->front, devid);
        list_append(&s->backs, &b->node);
    }
    if (!loop_timer_active(&b->tm))
        loop_timer_arm(s->lp, &b->tm, ACT_MS + s->delay_ms[SIM_DELAY_BACKEND],
                       act);
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

void
sim_back_changed(struct sim *s, const char *path)
{
    static const char back[] = "/local/domain/0/backend/";
    static const char home[] = "/local/domain/", device[] = "/device/";
    uint32_t domid, devid;
    const struct back_kind *kind;
    size_t i;

    if (strncmp(path, back, sizeof(back) - 1) == 0) {
        path += sizeof(back) - 1;
        kind = take_kind(&path);
        if (kind != NULL && sim_backend_take_id(&path, &domid) &&
            *path++ == '/' && sim_backend_take_id(&path, &devid))
            touched(s, kind, domid, devid);
        return;
    }
    path += sizeof(home) - 1;
    if (!sim_backend_take_id(&path, &domid) ||
        strncmp(path, device, sizeof(device) - 1) != 0)
        return;
    path += sizeof(device) - 1;
    kind = take_kind(&path);
    if (kind == NULL || !sim_backend_take_id(&path, &devid))
        return;
    for (i = 0; i < KINDS; i++) /* one that serves frontends of this kind */
        if (&back_kinds[i] != kind &&
            strcmp(back_kinds[i].front, kind->name) == 0 &&
            sim_backend_find(s, &back_kinds[i], domid, devid) != NULL)
            touched(s, &back_kinds[i], domid, devid);
    touched(s, kind, domid, devid);
}

void
sim_back_kick(struct sim *s, uint32_t domid)
{
    struct list_node *it;

    list_foreach (it, &s->backs) {
        struct sim_back *b = list_entry(it, struct sim_back, node);

        if (b->domid == domid)
            touched(s, b->kind, domid, b->devid);
    }
}

void
sim_backs_free(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->backs)
        back_free(list_entry(it, struct sim_back, node));
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
