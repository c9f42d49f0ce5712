/*
 * sim_backend.c - the drivers of the simulated dom0 (blkback, netback, and
 * those of its device models) and the frontends of its guests, told apart by
 * nothing but the nodes, as in xenbus: a device gets a record when something
 * happens to its nodes and loses it with them. Both sides act in their own
 * time, on one timer.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/sim/sim_int.h"
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

struct sim_back {
    struct sim *s;
    char kind[8];
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

/* Served by a device model. */
static bool
is_user(const struct sim_back *b)
{
    return strcmp(b->kind, "qdisk") == 0 || strcmp(b->kind, "vfb") == 0 ||
           strcmp(b->kind, "vkbd") == 0;
}

/* A screen or keyboard of QEMU's: it looks at a frontend's state, and does not
 * see that the frontend is gone. */
static bool
is_blind(const struct sim_back *b)
{
    return strcmp(b->kind, "vfb") == 0 || strcmp(b->kind, "vkbd") == 0;
}

static bool
is_pci(const struct sim_back *b)
{
    return strcmp(b->kind, "pci") == 0;
}

/* Has the script done its part? */
static bool
plugged(const struct sim_back *b)
{
    if (strcmp(b->kind, "vbd") == 0)
        return node_at(b, b->back, "physical-device") != NULL;
    return is_pci(b) || is_user(b) ||
           node_is(node_at(b, b->back, "hotplug-status"), "connected");
}

static void
back_features(struct sim_back *b)
{
    if (is_pci(b) || is_user(b))
        return;
    if (strcmp(b->kind, "vbd") == 0) {
        back_write(b, "feature-max-indirect-segments", "256");
        back_write(b, "max-ring-page-order", "4");
    } else {
        back_write(b, "feature-sg", "1");
        back_write(b, "feature-rx-copy", "1");
    }
    back_write(b, "multi-queue-max-queues", "2");
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
    if (is_user(b) && !sim_model_serves(b->s, b->domid))
        return;
    if (is_blind(b) && back != INIT && front == GONE)
        return;
    switch (back) {
    case INIT:
        if (!is_user(b) && sim_call(b->s, SIM_DEV_BACKEND, NULL) < 0)
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
        front_write(b, "state", strcmp(b->kind, "vif") != 0 ? "3" : "4");
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
find(struct sim *s, const char *kind, uint32_t domid, uint32_t devid)
{
    struct list_node *it;

    list_foreach (it, &s->backs) {
        struct sim_back *b = list_entry(it, struct sim_back, node);

        if (b->domid == domid && b->devid == devid &&
            strcmp(b->kind, kind) == 0)
            return b;
    }
    return NULL;
}

static void
touched(struct sim *s, const char *kind, uint32_t domid, uint32_t devid)
{
    struct sim_back *b = find(s, kind, domid, devid);

    if (b == NULL) {
        b = xcalloc(1, sizeof(*b));
        b->s = s;
        b->domid = domid;
        b->devid = devid;
        text_fmt(b->kind, sizeof(b->kind), "%s", kind);
        text_fmt(b->back, sizeof(b->back), "/local/domain/0/backend/%s/%u/%u",
                 kind, domid, devid);
        text_fmt(b->front, sizeof(b->front), "/local/domain/%u/device/%s/%u",
                 domid, strcmp(kind, "qdisk") == 0 ? "vbd" : kind, devid);
        list_append(&s->backs, &b->node);
    }
    if (!loop_timer_active(&b->tm))
        loop_timer_arm(s->lp, &b->tm, ACT_MS + s->delay_ms[SIM_DELAY_BACKEND],
                       act);
}

/* "vbd/", "vif/" and the like at *p, which moves behind it. */
static bool
take_kind(const char **p, char kind[8])
{
    static const char *const kinds[] = { "vbd", "vif",  "pci",
                                         "vfb", "vkbd", "qdisk" };
    size_t i, n;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        n = strlen(kinds[i]);
        if (strncmp(*p, kinds[i], n) != 0 || (*p)[n] != '/')
            continue;
        text_fmt(kind, 8, "%s", kinds[i]);
        *p += n + 1;
        return true;
    }
    return false;
}

static bool
take_id(const char **p, uint32_t *out)
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
    char kind[8];

    if (strncmp(path, back, sizeof(back) - 1) == 0) {
        path += sizeof(back) - 1;
        if (take_kind(&path, kind) && take_id(&path, &domid) &&
            *path++ == '/' && take_id(&path, &devid))
            touched(s, kind, domid, devid);
        return;
    }
    path += sizeof(home) - 1;
    if (!take_id(&path, &domid) ||
        strncmp(path, device, sizeof(device) - 1) != 0)
        return;
    path += sizeof(device) - 1;
    if (!take_kind(&path, kind) || !take_id(&path, &devid))
        return;
    if (strcmp(kind, "vbd") == 0 && find(s, "qdisk", domid, devid) != NULL)
        touched(s, "qdisk", domid, devid);
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
