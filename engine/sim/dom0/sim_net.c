/*
 * sim_net.c - the bridges of the simulated host: names in memory, members from
 * the vifs that the store has for them.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside_dom0.h"
#include "src/base/xalloc.h"

#define VIF_DIR "/local/domain/0/backend/vif"
#define SIM_MTU 1500

static struct sim *
sim_net_of(struct dom0 *d)
{
    return container_of(d, struct sim, dom0);
}

/* The vifs of one domain that name this bridge. */
static void
add_vifs(struct sim *s, const char *domid, struct vnet *v)
{
    char path[160], bridge[32], name[48];
    struct buf ids = { 0 };
    const char *id;
    size_t i, n = 0;

    text_fmt(path, sizeof(path), VIF_DIR "/%.16s", domid);
    (void)store_list(&s->store, 0, path, &ids, &n, NULL);
    for (i = 0, id = ids.data; i < n; i++, id += strlen(id) + 1) {
        text_fmt(path, sizeof(path), VIF_DIR "/%.16s/%.16s/bridge", domid, id);
        if (store_read_text(&s->store, 0, path, bridge, sizeof(bridge), NULL) <
                0 ||
            strcmp(bridge, v->name) != 0)
            continue;
        text_fmt(name, sizeof(name), "vif%.16s.%.16s", domid, id);
        vnet_add_member(v, name);
        text_fmt(name, sizeof(name), "vif%.16s.%.16s-emu", domid, id);
        if (sim_tap_is_on(s, name))
            vnet_add_member(v, name);
    }
    buf_free(&ids);
}

static void
sim_net_fill(struct sim *s, const char *name, struct vnet *v)
{
    struct buf doms = { 0 };
    const char *domid;
    size_t i, n = 0;

    *v = (struct vnet){ .up = true };
    text_fmt(v->name, sizeof(v->name), "%s", name);
    if (strcmp(name, SIM_BRIDGE) == 0)
        vnet_add_member(v, "eth0");
    (void)store_list(&s->store, 0, VIF_DIR, &doms, &n, NULL);
    for (i = 0, domid = doms.data; i < n; i++, domid += strlen(domid) + 1)
        add_vifs(s, domid, v);
    buf_free(&doms);
}

int
sim_dom0_bridge_list(struct dom0 *d, struct vnet *out, size_t max,
                     size_t *n_out, struct err *e)
{
    struct sim *s = sim_net_of(d);
    size_t i;

    (void)e;
    for (i = 0; i < s->n_bridges && i < max; i++)
        sim_net_fill(s, s->bridges[i], &out[i]);
    *n_out = s->n_bridges;
    return 0;
}

/* Where name is, or would be. */
static size_t
sim_net_place(const struct sim *s, const char *name)
{
    size_t i = 0;

    while (i < s->n_bridges && strcmp(s->bridges[i], name) < 0)
        i++;
    return i;
}

static bool
is_at(const struct sim *s, size_t i, const char *name)
{
    return i < s->n_bridges && strcmp(s->bridges[i], name) == 0;
}

int
sim_dom0_bridge_create(struct dom0 *d, const char *name, struct err *e)
{
    struct sim *s = sim_net_of(d);
    size_t i = sim_net_place(s, name);

    if (is_at(s, i, name))
        return err_set(e, ERR_EXISTS, "bridge %s: File exists", name);
    s->bridges = xrealloc(s->bridges, s->n_bridges + 1, sizeof(*s->bridges));
    memmove(&s->bridges[i + 1], &s->bridges[i],
            (s->n_bridges - i) * sizeof(*s->bridges));
    s->bridges[i] = xstrdup(name);
    s->n_bridges++;
    return 0;
}

int
sim_dom0_bridge_remove(struct dom0 *d, const char *name, struct err *e)
{
    struct sim *s = sim_net_of(d);
    size_t i = sim_net_place(s, name);

    if (!is_at(s, i, name))
        return err_set(e, ERR_NOENT, "bridge %s: No such device", name);
    free(s->bridges[i]);
    s->n_bridges--;
    memmove(&s->bridges[i], &s->bridges[i + 1],
            (s->n_bridges - i) * sizeof(*s->bridges));
    return 0;
}

/* Its members are those of the store: what is connected says so there. */
int
sim_dom0_port_join(struct dom0 *d, const struct dom0_port *p, unsigned *mtu_out,
                   struct err *e)
{
    struct sim *s = sim_net_of(d);

    if (!is_at(s, sim_net_place(s, p->bridge), p->bridge))
        return err_set(e, ERR_NOENT,
                       "interface %s on bridge %s: No such device", p->ifname,
                       p->bridge);
    if (strstr(p->ifname, "-emu") != NULL && sim_tap_join(s, p->ifname, e) < 0)
        return -1;
    *mtu_out = p->mtu != 0 ? p->mtu : SIM_MTU;
    return 0;
}

int
sim_dom0_port_leave(struct dom0 *d, const struct dom0_port *p, struct err *e)
{
    (void)e;
    sim_tap_leave(sim_net_of(d), p->ifname);
    return 0;
}

void
sim_net_free(struct sim *s)
{
    while (s->n_bridges > 0)
        free(s->bridges[--s->n_bridges]);
    free(s->bridges);
}

int
sim_dom0_announce(struct dom0 *d, const struct dom0_announce *a, struct err *e)
{
    struct sim *s = sim_net_of(d);

    (void)e;
    text_fmt(s->announced, sizeof(s->announced),
             "%s %02x:%02x:%02x:%02x:%02x:%02x %u.%u.%u.%u", a->bridge,
             a->mac[0], a->mac[1], a->mac[2], a->mac[3], a->mac[4], a->mac[5],
             a->ip[0], a->ip[1], a->ip[2], a->ip[3]);
    return 0;
}

const char *
sim_announced(const struct sim *s)
{
    return s->announced;
}
