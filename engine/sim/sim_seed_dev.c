/*
 * sim_seed_dev.c - a disk and a network interface for the demo guests of a
 * lively host, connected as a toolstack, scripts and drivers leave them.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_seed.h"
#include "engine/sim/store/sim_store.h"

#define XVDA "51712"

struct pair {
    const char *name, *value;
};

static void
sim_seed_dev_put(struct sim *s, const char *dir, const char *name,
                 const char *value)
{
    char path[160];

    text_fmt(path, sizeof(path), "%s/%s", dir, name);
    sim_dom0_write(s, path, value);
}

static void
sim_seed_dev_put_all(struct sim *s, const char *dir, const struct pair *p,
                     size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        sim_seed_dev_put(s, dir, p[i].name, p[i].value);
}

/* A directory whose children inherit: owner and one reader. */
static void
sim_seed_dev_make_dir(struct sim *s, const char *path, uint32_t owner,
                      uint32_t reader)
{
    const struct store_perm p[2] = { { owner, STORE_PERM_NONE },
                                     { reader, STORE_PERM_READ } };
    struct sim_node *n = sim_tree_make(&s->tree, path, 0);

    sim_node_set_perms(&s->tree, n, sim_perms_new(p, 2));
}

struct seed_dev {
    const char *kind, *devid;
    const struct pair *back, *front;
    size_t n_back, n_front;
};

static void
seed_device(const struct sim_dom *d, const struct seed_dev *v)
{
    char front[96], back[96], copy[96], id[16];
    struct sim *s = d->s;

    text_fmt(id, sizeof(id), "%u", d->domid);
    text_fmt(front, sizeof(front), "/local/domain/%u/device/%s/%s", d->domid,
             v->kind, v->devid);
    text_fmt(back, sizeof(back), "/local/domain/0/backend/%s/%u/%s", v->kind,
             d->domid, v->devid);
    text_fmt(copy, sizeof(copy), "/libxl/%u/device/%s/%s", d->domid, v->kind,
             v->devid);
    sim_seed_dev_make_dir(s, back, 0, d->domid);
    sim_seed_dev_make_dir(s, front, d->domid, 0);
    sim_seed_dev_put(s, front, "backend", back);
    sim_seed_dev_put(s, front, "backend-id", "0");
    sim_seed_dev_put_all(s, front, v->front, v->n_front);
    sim_seed_dev_put(s, front, "state", "4");
    sim_seed_dev_put(s, copy, "backend", back);
    sim_seed_dev_put(s, copy, "frontend", front);
    sim_seed_dev_put(s, copy, "frontend-id", id);
    sim_seed_dev_put(s, copy, "online", "1");
    sim_seed_dev_put(s, copy, "state", "1");
    sim_seed_dev_put_all(s, copy, v->back, v->n_back);
    sim_seed_dev_put(s, back, "frontend", front);
    sim_seed_dev_put(s, back, "frontend-id", id);
    sim_seed_dev_put(s, back, "online", "1");
    sim_seed_dev_put_all(s, back, v->back, v->n_back);
    sim_seed_dev_put(s, back, "hotplug-status", "connected");
    sim_seed_dev_put(s, back, "state", "4");
}

static void
seed_disk(const struct sim_dom *d, const char *name)
{
    char path[64];
    const struct pair back[] = {
        { "params", path },       { "script", "/etc/xen/scripts/block" },
        { "removable", "0" },     { "bootable", "1" },
        { "dev", "xvda" },        { "type", "phy" },
        { "mode", "w" },          { "device-type", "disk" },
        { "discard-enable", "1" }
    };
    const struct pair front[] = { { "virtual-device", XVDA },
                                  { "device-type", "disk" },
                                  { "trusted", "1" },
                                  { "protocol", "x86_64-abi" } };

    text_fmt(path, sizeof(path), "/dev/vg/%s", name);
    seed_device(d, &(struct seed_dev){ "vbd", XVDA, back, front,
                                       sizeof(back) / sizeof(back[0]),
                                       sizeof(front) / sizeof(front[0]) });
}

void
sim_seed_mac(const struct sim_dom *d, char *mac)
{
    text_fmt(mac, 18, "00:16:3e:%02x:%02x:%02x", d->uuid[0] & 0x7f, d->uuid[1],
             d->uuid[2]);
}

static void
seed_net(const struct sim_dom *d)
{
    char mac[18];
    const struct pair back[] = { { "script", "/etc/xen/scripts/vif-bridge" },
                                 { "mac", mac },
                                 { "handle", "0" },
                                 { "bridge", "xenbr0" },
                                 { "type", "vif" } };
    const struct pair front[] = { { "handle", "0" },
                                  { "mac", mac },
                                  { "trusted", "1" } };

    sim_seed_mac(d, mac);
    seed_device(d, &(struct seed_dev){ "vif", "0", back, front,
                                       sizeof(back) / sizeof(back[0]),
                                       sizeof(front) / sizeof(front[0]) });
}

void
sim_seed_devices(struct sim_dom *d, const char *name)
{
    seed_disk(d, name);
    seed_net(d);
}
