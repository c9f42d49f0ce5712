/*
 * vif.c - network interfaces, served by the kernel's netback.
 * Facts of Xen: the empty node hotplug-status makes netback hold in state 2
 * until the script has put the interface on its bridge and writes
 * "connected". The interface's own name is vifDOMID.HANDLE.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/core/engine_options.h"
#include "engine/device/device.h"
#include "engine/device/device_backend.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_json.h"
#include "engine/device/device_read.h"
#include "engine/device/device_take.h"
#include "engine/device/vif.h"
#include "engine/dom0/dom0_device.h"
#include "engine/host/host_xl.h"
#include "engine/host/vnet.h"
#include "src/base/xalloc.h"

#define BRIDGES_MAX 256
#define SCRIPT      "vif-bridge"
#define MAC_LEN     17
#define TYPE_CARD   "vif_ioemu" /* as libxl calls one with an emulated card */
#define TYPE_PV     "vif"
#define CARD_SUFFIX "-emu"
#define IFNAME_MAX  15 /* of Linux: IFNAMSIZ with its NUL is 16 */

static const char *
bridge_of(const struct config_device *c)
{
    const char *bridge = config_device_value(c, "bridge");

    return bridge != NULL ? bridge : VIF_BRIDGE;
}

/* vif-bridge takes ethN for a missing xenbrN, as hosts of long ago had it. */
static bool
serves(const char *name, const char *bridge)
{
    return strcmp(name, bridge) == 0 ||
           (strncmp(bridge, "xenbr", 5) == 0 && strncmp(name, "eth", 3) == 0 &&
            strcmp(name + 3, bridge + 5) == 0);
}

/* names: all there are. */
static bool
bridge_exists(struct engine *en, const char *bridge, struct buf *names)
{
    struct vnet *all = xcalloc(BRIDGES_MAX, sizeof(*all));
    size_t i, n = engine_vnets(en, all, BRIDGES_MAX);
    bool found = n > BRIDGES_MAX; /* then the script will know */

    for (i = 0; i < n && i < BRIDGES_MAX; i++) {
        found |= serves(all[i].name, bridge);
        buf_fmt(names, "%s%s", i > 0 ? ", " : "", all[i].name);
    }
    free(all);
    return found;
}

/* Another script knows for itself what it connects to. */
static int
check_bridge(struct device *d, struct err *e)
{
    const char *bridge = bridge_of(d->cfg), *base = strrchr(d->script, '/');
    struct buf names = { 0 };
    int rc = 0;

    if (d->back_domid != 0 || base == NULL || strcmp(base + 1, SCRIPT) != 0)
        return 0;
    if (!bridge_exists(d->owner->task->en, bridge, &names))
        rc = device_refuse(d, e, ERR_NOENT, "bridge",
                           "found \"%s\", allowed a bridge of this host: %s",
                           bridge,
                           names.len > 0 ? buf_text(&names) : "it has none");
    buf_free(&names);
    return rc;
}

/* What an interface that the domain has already must not have as well. */
struct twin {
    const struct device *d;
    const char *key, *value;
    uint32_t devid;
    bool found;
};

static void
vif_compare(void *arg, const char *kind, uint32_t devid)
{
    struct twin *t = arg;
    char path[160], text[64];

    store_path(path, sizeof(path), "/libxl/%u/device/%s/%u/%s",
               t->d->owner->domid, kind, devid, t->key);
    if (t->found || devid == t->d->devid ||
        store_read_text(engine_store(t->d->owner->task->en), 0, path, text,
                        sizeof(text), NULL) < 0 ||
        strcasecmp(text, t->value) != 0)
        return;
    t->found = true;
    t->devid = devid;
}

/* A record with both could not be read again, and a guest could not tell them
 * apart. */
static int
vif_check_twins(struct device *d, struct err *e)
{
    static const char *const single[] = { "mac", "vifname" };
    size_t i;

    for (i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        struct twin t = { .d = d, .key = single[i] };

        t.value = device_setting(d, t.key);
        if (t.value == NULL || d->owner->domid == 0)
            continue;
        if (device_ids_each(d->owner->task->en, d->owner->domid, d->kind,
                            vif_compare, &t, e) < 0)
            return -1;
        if (t.found)
            return device_refuse(d, e, ERR_EXISTS, t.key,
                                 "found \"%s\", allowed one that interface "
                                 "%u of the domain does not use",
                                 t.value, t.devid);
    }
    return 0;
}

static int
give_mac(struct device *d, struct err *e)
{
    char mac[18];

    if (device_setting(d, "mac") != NULL)
        return 0;
    if (vif_mac(mac, e) < 0)
        return -1;
    device_set_value(d->cfg, "mac", mac);
    return 0;
}

static int
check_values(struct device *d, struct err *e)
{
    const char *rate = device_setting(d, "rate"),
               *mtu = device_setting(d, "mtu");
    unsigned long long n;
    uint64_t bytes;
    uint32_t usecs;

    if (rate != NULL && !vif_rate(rate, &bytes, &usecs))
        return device_refuse(d, e, ERR_RANGE, "rate",
                             "found \"%s\", allowed a rate as \"10Mb/s@50ms\" "
                             "with 1 to 4294967295 bytes in each interval",
                             rate);
    if (mtu != NULL && !text_u64(mtu, 68, 65535, &n))
        return device_refuse(d, e, ERR_RANGE, "mtu",
                             "found \"%s\", allowed 68 to 65535", mtu);
    return 0;
}

/* What xl.conf says of all interfaces is completed for one that does not say
 * it, as xl does. True if it was anything. */
static bool
vif_complete(struct device *d)
{
    struct xl_conf xl;
    const struct {
        const char *key, *value;
    } defaults[] = {
        { "script", xl.script },
        { "bridge", xl.bridge },
        { "gatewaydev", xl.gatewaydev },
        { "backend", xl.backend },
    };
    bool any = false;
    size_t i;

    host_xl_conf(d->owner->task->en, &xl);
    for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        if (defaults[i].value[0] != '\0' &&
            device_setting(d, defaults[i].key) == NULL) {
            device_set_value(d->cfg, defaults[i].key, defaults[i].value);
            any = true;
        }
    return any;
}

/* --- the emulated card --- */

/* "ioemu" is what an interface of an HVM domain is unless told. */
static bool
vif_wants_card(const struct config_device *c, bool has_machine)
{
    const char *type = config_device_value(c, "nictype");

    return has_machine && (type == NULL || strcmp(type, "ioemu") == 0);
}

/* A domain without a machine has none, and one that runs gets none: QEMU is
 * told of them at its start, and libxl makes what comes later paravirtual. */
static int
vif_check_late_card(struct device *d, struct err *e)
{
    const char *nic = device_setting(d, "nictype");
    bool wants = nic != NULL && strcmp(nic, "ioemu") == 0;

    if (wants && d->owner->by_model)
        return device_refuse(d, e, ERR_UNSUPPORTED, "nictype",
                             "found \"ioemu\", allowed \"vif\": emulated "
                             "cards are there from the start of a domain or "
                             "not at all");
    if (wants)
        device_warn(d, "nictype \"ioemu\" is not honoured: a guest without an "
                       "emulated machine has the paravirtual interface alone");
    if (d->owner->by_model && d->owner->domid != 0)
        device_set_value(d->cfg, "nictype", "vif"); /* of its next life too */
    return 0;
}

/* The script adds to the name of the interface for that of its tap. */
static int
vif_check_card_name(const struct device *d, struct err *e)
{
    const char *name = device_setting(d, "vifname");
    size_t allowed = IFNAME_MAX - (sizeof(CARD_SUFFIX) - 1);

    if (name == NULL || strlen(name) <= allowed)
        return 0;
    return device_refuse(d, e, ERR_RANGE, "vifname",
                         "found \"%s\", allowed at most %zu characters for an "
                         "interface with an emulated card, which is called "
                         "NAME" CARD_SUFFIX " (or nictype = \"vif\")",
                         name, allowed);
}

static int
vif_card(struct device *d, struct err *e)
{
    bool begins = d->owner->by_model && d->owner->making;
    bool wants = vif_wants_card(d->cfg, begins);

    d->has_card = wants && d->back_domid == 0;
    if (wants && !d->has_card)
        device_warn(d, "its emulated card reaches no network: another domain "
                       "serves the interface; guests need PV drivers");
    if (device_setting(d, "model") != NULL && !wants)
        device_warn(d,
                    "model \"%s\" is not honoured: no card is emulated for "
                    "it, the guest has the paravirtual interface",
                    device_setting(d, "model"));
    if (!begins)
        return vif_check_late_card(d, e);
    return d->has_card ? vif_check_card_name(d, e) : 0;
}

static int
vif_prepare_values(struct device *d, struct err *e)
{
    const char *name = device_setting(d, "vifname");

    d->devid = device_next_id(d);
    if (name != NULL)
        text_fmt(d->name, sizeof(d->name), "%s", name);
    else if (d->owner->domid != 0)
        text_fmt(d->name, sizeof(d->name), "vif%u.%u", d->owner->domid,
                 d->devid);
    else
        text_fmt(d->name, sizeof(d->name), "%u", d->devid);
    if (device_backend(d, e) < 0 || device_script(d, SCRIPT, e) < 0 ||
        check_values(d, e) < 0 || vif_card(d, e) < 0 ||
        check_bridge(d, e) < 0 || vif_check_twins(d, e) < 0)
        return -1;
    return give_mac(d, e);
}

/* Of what the file does not say a message tells where it stands. */
static int
vif_prepare(struct device *d, struct err *e)
{
    const char *path = host_xl_name(d->owner->task->en);
    bool completed = vif_complete(d);
    struct buf text = { 0 };
    int rc = vif_prepare_values(d, e);

    if (rc < 0 && completed) {
        buf_fmt(&text, "%s (what it does not set is %s's vif.default)", e->msg,
                path);
        err_set(e, e->code, "%s", buf_text(&text));
        buf_free(&text);
    }
    return rc;
}

static void
put_setting(struct device *d, const char *key)
{
    const char *value = device_setting(d, key);

    if (value != NULL)
        device_put(d, DEVICE_BACK, key, "%s", value);
}

static void
vif_nodes(struct device *d)
{
    const char *mac = device_setting(d, "mac"),
               *rate = device_setting(d, "rate"),
               *mtu = device_setting(d, "mtu");
    uint64_t bytes;
    uint32_t usecs;

    device_put(d, DEVICE_BACK, "script", "%s", d->script);
    device_put(d, DEVICE_BACK, "mac", "%s", mac);
    device_put(d, DEVICE_BACK, "handle", "%u", d->devid);
    device_put(d, DEVICE_BACK, "bridge", "%s", bridge_of(d->cfg));
    device_put(d, DEVICE_BACK, "type", "%s", d->has_card ? TYPE_CARD : TYPE_PV);
    device_put(d, DEVICE_BACK, "hotplug-status", "%s", "");
    put_setting(d, "vifname");
    put_setting(d, "ip");
    put_setting(d, "gatewaydev");
    if (rate != NULL && vif_rate(rate, &bytes, &usecs))
        device_put(d, DEVICE_BACK, "rate", "%llu,%u", (unsigned long long)bytes,
                   usecs);
    if (mtu != NULL) {
        device_put(d, DEVICE_BACK, "mtu", "%s", mtu);
        device_put(d, DEVICE_FRONT_RO, "mtu", "%s", mtu);
    }
    device_put(d, DEVICE_FRONT, "handle", "%u", d->devid);
    device_put(d, DEVICE_FRONT, "mac", "%s", mac);
    device_put(d, DEVICE_FRONT, "trusted", "1");
}

/* --- without its script --- */

/* What vif-bridge reads of a backend. False: it does more than put the
 * interface on a bridge, or another script has that work. */
static bool
vif_port(const struct device *d, bool card, struct dom0_port *out)
{
    struct engine *en = d->owner->task->en;
    char mtu[16] = "", name[32] = "", ip[8] = "";
    unsigned long long n = 0;
    bool blind = false;

    *out = (struct dom0_port){ 0 };
    if (!engine_options(en)->vif_without_scripts ||
        strcmp(d->script, HOTPLUG_DIR SCRIPT) != 0)
        return false;
    text_fmt(out->ifname, sizeof(out->ifname), "vif%u.%u%s", d->owner->domid,
             d->devid, card ? CARD_SUFFIX : "");
    device_take_node(en, d->back, "bridge", out->bridge, sizeof(out->bridge),
                     &blind);
    device_take_node(en, d->back, "vifname", name, sizeof(name), &blind);
    device_take_node(en, d->back, "ip", ip, sizeof(ip), &blind);
    device_take_node(en, d->back, "mtu", mtu, sizeof(mtu), &blind);
    if (mtu[0] != '\0' && !text_u64(mtu, 1, 65535, &n))
        return false;
    out->mtu = (unsigned)n;
    return !blind && out->bridge[0] != '\0' && name[0] == '\0' && ip[0] == '\0';
}

/* What the script says when it has done it. */
static int
vif_plugged(const struct device *d, unsigned mtu, struct err *e)
{
    struct store *st = engine_store(d->owner->task->en);
    char path[192], number[16];

    text_fmt(number, sizeof(number), "%u", mtu);
    store_path(path, sizeof(path), "%s/mtu", d->front);
    if (store_write(st, 0, path, number, e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/hotplug-status", d->back);
    return store_write(st, 0, path, "connected", e);
}

static bool
vif_plug(struct device *d, bool add, bool card)
{
    struct engine *en = d->owner->task->en;
    struct dom0_port p;
    struct err e = { 0 };
    unsigned mtu = 0;
    int rc;

    if (!vif_port(d, card, &p))
        return false;
    rc = add ? dom0_port_join(engine_dom0(en), &p, &mtu, &e)
             : dom0_port_leave(engine_dom0(en), &p, &e);
    if (rc == 0 && add && !card)
        rc = vif_plugged(d, mtu, &e);
    if (rc < 0)
        log_line(engine_log(en), LOGL_INFO, "%s: %s: left to the script",
                 d->back, e.msg);
    return rc == 0;
}

/* --- for the front end and for xl --- */

static void
add_copy(struct engine *en, const char *copy, const char *name, struct buf *out)
{
    char path[160], text[128];

    store_path(path, sizeof(path), "%s/%s", copy, name);
    if (store_read_text(engine_store(en), 0, path, text, sizeof(text), NULL) ==
            0 &&
        text[0] != '\0')
        buf_fmt(out, "%s%s", out->len > 0 ? " " : "", text);
}

static size_t
vif_rows(const struct device_stands *s, const struct dom_device *row,
         struct dom_device *out, size_t max)
{
    struct buf name = { 0 }, detail = { 0 };

    if (max == 0)
        return 1;
    *out = *row;
    add_copy(s->en, s->copy, "vifname", &name);
    if (name.len > 0)
        text_fmt(out->name, sizeof(out->name), "%s", buf_text(&name));
    else
        text_fmt(out->name, sizeof(out->name), "vif%u.%u", s->domid,
                 row->devid);
    add_copy(s->en, s->copy, "mac", &detail);
    add_copy(s->en, s->copy, "bridge", &detail);
    add_copy(s->en, s->copy, "ip", &detail);
    text_fmt(out->detail, sizeof(out->detail), "%s", buf_text(&detail));
    buf_free(&name);
    buf_free(&detail);
    return 1;
}

/* A rate is told in another way than it is set. */
static bool
vif_take(struct engine *en, const char *copy, struct config_device *out,
         bool *blind)
{
    static const char *const keys[] = { "mac",     "bridge",     "ip",
                                        "vifname", "gatewaydev", "mtu",
                                        "script" };
    char rate[64], type[64];
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        device_take_setting(en, copy, keys[i], out, keys[i], blind);
    device_take_node(en, copy, "rate", rate, sizeof(rate), blind);
    device_take_node(en, copy, "type", type, sizeof(type), blind);
    if (strcmp(type, TYPE_CARD) == 0) /* its model is told nowhere */
        return false;
    device_set_value(out, "nictype", "vif");
    return config_device_value(out, "script") != NULL && rate[0] == '\0' &&
           strcmp(type, TYPE_PV) == 0;
}

static void
vif_json(const struct config_device *c, unsigned devid, bool has_machine,
         struct json_object *o)
{
    const char *rate = config_device_value(c, "rate"),
               *mtu = config_device_value(c, "mtu");
    uint64_t bytes;
    uint32_t usecs;

    device_json_text(o, "backend_domname", config_device_value(c, "backend"));
    json_object_object_add(o, "devid", json_object_new_int((int)devid));
    device_json_text(o, "mac", config_device_value(c, "mac"));
    device_json_text(o, "bridge", bridge_of(c));
    device_json_text(o, "ip", config_device_value(c, "ip"));
    device_json_text(o, "script", config_device_value(c, "script"));
    device_json_text(o, "ifname", config_device_value(c, "vifname"));
    device_json_text(o, "model", config_device_value(c, "model"));
    device_json_text(o, "gatewaydev", config_device_value(c, "gatewaydev"));
    device_json_text(o, "nictype",
                     vif_wants_card(c, has_machine) ? TYPE_CARD : TYPE_PV);
    if (mtu != NULL)
        json_object_object_add(o, "mtu", json_object_new_int(atoi(mtu)));
    if (rate != NULL && vif_rate(rate, &bytes, &usecs)) {
        json_object_object_add(o, "rate_bytes_per_interval",
                               json_object_new_int64((int64_t)bytes));
        json_object_object_add(o, "rate_interval_usecs",
                               json_object_new_int64((int64_t)usecs));
    }
}

static bool
vif_is_named(const struct dom_device *row, const char *name)
{
    size_t n = strlen(name);

    return n == MAC_LEN && strncasecmp(row->detail, name, n) == 0;
}

static void
vif_note_id(struct device *d, const struct dom_device *row)
{
    text_fmt(d->id, sizeof(d->id), "%.*s", MAC_LEN, row->detail);
}

static bool
vif_is_config(const struct device *d, const struct config_device *c)
{
    const char *mac = config_device_value(c, "mac");

    return mac != NULL && strcasecmp(mac, d->id) == 0;
}

static enum device_found
vif_find(struct engine *en, uint32_t domid, const struct config_device *c)
{
    const char *mac = config_device_value(c, "mac"), *id;
    enum device_found rc = DEVICE_ABSENT, one;
    struct store *st = engine_store(en);
    struct buf ids = { 0 };
    struct err e = { 0 };
    char path[128], text[32];
    size_t i, n = 0;

    store_path(path, sizeof(path), "/libxl/%u/device/vif", domid);
    if (mac == NULL ||
        (store_list(st, 0, path, &ids, &n, &e) < 0 && e.code != ERR_NOENT))
        rc = DEVICE_UNKNOWN;
    for (i = 0, id = ids.data; i < n && rc == DEVICE_ABSENT; i++) {
        store_path(path, sizeof(path), "/libxl/%u/device/vif/%.16s/mac", domid,
                   id);
        one = device_look(st, path, text, sizeof(text));
        if (one == DEVICE_UNKNOWN ||
            (one == DEVICE_THERE && strcasecmp(text, mac) == 0))
            rc = one;
        id += strlen(id) + 1;
    }
    buf_free(&ids);
    return rc;
}

static const struct device_xl_name vif_xl_names[] = {
    { "type=", "nictype=" }, { "netdev=", "gatewaydev=" }, { NULL, NULL }
};

static const struct device_ask vif_asks[] = {
    { .key = "mac", .hint = "made if empty: 00:16:3e:..." },
    { .key = "bridge", .hint = "default: " VIF_BRIDGE },
    { .key = "ip", .hint = "default: any address" },
    { .key = "rate", .hint = "default: no limit; such as 10Mb/s" },
    { .key = NULL }
};

static const char *const vif_own_keys[] = { "mac", "vifname", NULL };

const struct device_type device_vif = {
    .kind = "vif",
    .class = DOM_DEVICE_NET,
    .id_key = "mac",
    .module = "xen-netback",
    .has_ifname = true,
    .xl = { .verbs = "network",
            .names = vif_xl_names,
            .split = true,
            .by_devid = true,
            .key = "bridge",
            .word = "bridge=" VIF_BRIDGE }, /* xl.conf may name another */
    .asks = vif_asks,
    .is_named = vif_is_named,
    .note_id = vif_note_id,
    .is_config = vif_is_config,
    .find = vif_find,
    .kernel = true,
    .add_verb = "online",
    .remove_verb = "offline",
    .script_arg = "type_if=vif",
    .card_type = TYPE_CARD,
    .card_arg = "type_if=tap",
    .json_key = "nics",
    .own_keys = vif_own_keys,
    .prepare = vif_prepare,
    .plug = vif_plug,
    .nodes = vif_nodes,
    .rows = vif_rows,
    .take = vif_take,
    .json = vif_json,
};
