/*
 * sxp_vif.c - interfaces in xend's tree: (device (vif ..)), and what (vfr ..)
 * and (vnet ..) say of them.
 */
#include <string.h>
#include <strings.h>

#include "engine/config/sxp/sxp_int.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct sxp_field vif_fields[] = {
    { "mac", SXP_SET, "mac", NULL },
    { "bridge", SXP_SET, "bridge", NULL },
    { "script", SXP_SET, "script", NULL },
    { "backend", SXP_SET, "backend", NULL },
    { "vifname", SXP_SET, "vifname", NULL },
    { "model", SXP_SET, "model", NULL },
    { "rate", SXP_SET, "rate", NULL },
    { "mtu", SXP_SET, "mtu", NULL },
    SXP_REPEATED("ip"),
    SXP_ELSEWHERE("type"),
    SXP_ELSEWHERE("@"),
    SXP_ELSEWHERE("id"),
    SXP_ELSEWHERE("vnet"),
    SXP_QUIETLY("uuid"),
    SXP_QUIETLY("devid"),
    SXP_QUIETLY("handle"),
};

/* The id that (@ (id ID)), or just (id ID), gives an element, or NULL. */
static const char *
own_id(const struct sxp *s)
{
    const struct sxp *at = sxp_child(s, "@"),
                     *id = sxp_child(at != NULL ? at : s, "id");

    return id != NULL ? sxp_value(id) : NULL;
}

/* True if an entry of vfr or vnet is about the n-th vif: by its own id, or by
 * its index. */
static bool
is_about(const struct sxp *entry, const struct sxp *vif, unsigned n)
{
    const struct sxp *id = sxp_child(entry, "id");
    const char *text = id != NULL ? sxp_value(id) : NULL, *own = own_id(vif);
    unsigned long long index;

    if (text == NULL)
        return false;
    if (own != NULL && strcmp(own, text) == 0)
        return true;
    return text_u64(text, 0, CONFIG_DEVICES_MAX, &index) && index == n;
}

/* Appends the addresses of each (ip ..) in s. */
static int
sxp_vif_add_addresses(struct sxp_map *m, const struct sxp *s, const char *path,
                      struct buf *out)
{
    const char *text;
    size_t i;

    for (i = 1; i < s->n; i++) {
        if (s->kids[i].atom != NULL || strcmp(sxp_name(&s->kids[i]), "ip") != 0)
            continue;
        if (sxp_map_text(m, &s->kids[i], path, &text) < 0)
            return -1;
        if (text != NULL && strcmp(text, "any") != 0)
            buf_fmt(out, "%s%s", out->len > 0 ? " " : "", text);
    }
    return 0;
}

static const struct sxp_field vfr_fields[] = { SXP_ELSEWHERE("id"),
                                               SXP_ELSEWHERE("mac"),
                                               SXP_REPEATED("ip") };
static const struct sxp_field vnet_fields[] = { SXP_ELSEWHERE("id"),
                                                SXP_ELSEWHERE("vnet") };

/* (vif (id 0) (mac ..) (ip ..)) of the virtual firewall. */
static int
apply_vfr(struct sxp_map *m, const struct sxp *entry, struct config_device *cd,
          struct buf *ip)
{
    const struct sxp_fields t = { vfr_fields, COUNT(vfr_fields), "vm.vfr.vif",
                                  cd, NULL };
    const struct sxp *mac = sxp_child(entry, "mac");
    const char *own = config_device_value(cd, "mac"), *text = NULL;

    if (sxp_map_fields(m, entry, &t) < 0 ||
        sxp_vif_add_addresses(m, entry, t.path, ip) < 0 ||
        (mac != NULL && sxp_map_text(m, mac, t.path, &text) < 0))
        return -1;
    if (text == NULL)
        return 0;
    if (own != NULL && strcasecmp(own, text) != 0)
        return sxp_map_refuse(m, mac, t.path, "that of the vif");
    return own != NULL ? 0 : sxp_map_put(m, cd, mac, "mac", text);
}

/* (vnet NAME) in s, an entry about the vif or the vif itself: the virtual
 * network is a bridge. */
static int
take_vnet(struct sxp_map *m, const struct sxp *s, const char *path,
          struct config_device *cd)
{
    const struct sxp *vnet = sxp_child(s, "vnet");
    const char *own = config_device_value(cd, "bridge"), *text = NULL;

    if (vnet != NULL && sxp_map_text(m, vnet, path, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (own != NULL && strcmp(own, text) != 0)
        return sxp_map_refuse(m, vnet, path, "the bridge of the vif");
    return sxp_map_put(m, cd, vnet, "bridge", text);
}

/* (vif (id vif1) (vnet NAME)) */
static int
apply_vnet(struct sxp_map *m, const struct sxp *entry, struct config_device *cd)
{
    const struct sxp_fields t = { vnet_fields, COUNT(vnet_fields),
                                  "vm.vnet.vif", cd, NULL };

    return sxp_map_fields(m, entry, &t) < 0 ? -1
                                            : take_vnet(m, entry, t.path, cd);
}

/* Calls one of them for each entry about this vif, the n-th. */
static int
apply_lists(struct sxp_map *m, const struct sxp *vif, unsigned n,
            struct config_device *cd, struct buf *ip)
{
    const struct sxp *list, *entry;
    bool vfr;
    size_t i, k;

    for (i = 1; i < m->vm->n; i++) {
        list = &m->vm->kids[i];
        vfr = strcmp(sxp_name(list), "vfr") == 0;
        if (list->atom != NULL || (!vfr && strcmp(sxp_name(list), "vnet") != 0))
            continue;
        for (k = 1; k < list->n; k++) {
            entry = &list->kids[k];
            if (entry->atom != NULL || !is_about(entry, vif, n))
                continue;
            if (vfr ? apply_vfr(m, entry, cd, ip) < 0
                    : apply_vnet(m, entry, cd) < 0)
                return -1;
        }
    }
    return 0;
}

static int
map_vif_type(struct sxp_map *m, const struct sxp *s, struct config_device *cd)
{
    const struct sxp *type = sxp_child(s, "type");
    const char *text = NULL;

    if (type == NULL)
        return 0;
    if (sxp_map_text(m, type, cd->shown, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    return sxp_map_put(m, cd, type, "nictype",
                       strcmp(text, "netfront") == 0 ? "vif" : text);
}

int
sxp_map_vif(struct sxp_map *m, const struct sxp *s)
{
    struct config_device *cd = sxp_map_begin(m, s, "vif", m->n_vifs);
    struct buf ip = { 0 };
    int rc;

    if (cd == NULL)
        return -1;
    rc = sxp_map_device_fields(m, s, cd, vif_fields, COUNT(vif_fields));
    if (rc == 0)
        rc = map_vif_type(m, s, cd);
    if (rc == 0)
        rc = take_vnet(m, s, cd->shown, cd);
    if (rc == 0)
        rc = sxp_vif_add_addresses(m, s, cd->shown, &ip);
    if (rc == 0)
        rc = apply_lists(m, s, m->n_vifs, cd, &ip);
    if (rc == 0 && ip.len > 0)
        rc = sxp_map_put(m, cd, s, "ip", buf_text(&ip));
    buf_free(&ip);
    m->n_vifs++;
    return rc;
}

static bool
names_a_vif(const struct sxp_map *m, const struct sxp *entry)
{
    unsigned n = 0;
    size_t i;

    for (i = 1; i < m->vm->n; i++) {
        const struct sxp *dev = &m->vm->kids[i];

        if (dev->atom != NULL || strcmp(sxp_name(dev), "device") != 0 ||
            dev->n < 2 || strcmp(sxp_name(&dev->kids[1]), "vif") != 0)
            continue;
        if (is_about(entry, &dev->kids[1], n++))
            return true;
    }
    return false;
}

static int
check_list(struct sxp_map *m, const struct sxp *list, const char *path)
{
    const struct sxp *entry, *id;
    size_t i;

    for (i = 1; i < list->n; i++) {
        entry = &list->kids[i];
        if (entry->atom != NULL || strcmp(sxp_name(entry), "vif") != 0)
            return sxp_map_refuse(m, entry, path, "(vif (id ID) ...)");
        if (names_a_vif(m, entry))
            continue;
        id = sxp_child(entry, "id");
        return sxp_map_refuse(m, id != NULL ? id : entry, path,
                              "the id of a vif of the vm, or its index from "
                              "0");
    }
    return 0;
}

int
sxp_map_check_vifs(struct sxp_map *m)
{
    size_t i;

    for (i = 1; i < m->vm->n; i++) {
        const struct sxp *s = &m->vm->kids[i];
        const char *name = s->atom == NULL ? sxp_name(s) : "";

        if (strcmp(name, "vfr") == 0 && check_list(m, s, "vm.vfr") < 0)
            return -1;
        if (strcmp(name, "vnet") == 0 && check_list(m, s, "vm.vnet") < 0)
            return -1;
    }
    return 0;
}
