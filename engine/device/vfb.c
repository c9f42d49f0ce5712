/*
 * vfb.c - the framebuffer and the keyboard of a PV guest: nodes for a device
 * model (engine/dm), which serves both. HVM guests with PV drivers have such a
 * keyboard besides the emulated one.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "engine/device/device.h"
#include "engine/device/device_backend.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_json.h"
#include "engine/device/machine_devices.h"
#include "engine/device/model_server.h"

static int
vfb_prepare(struct device *d, struct err *e)
{
    d->devid = device_next_id(d);
    text_fmt(d->name, sizeof(d->name), "%u", d->devid);
    return device_backend(d, e);
}

/* Without certificates there is none to verify, and everybody would be let in.
 * Where no VNC server is wanted, nobody is. */
static int
vfb_check_verify(const struct device *d, struct err *e)
{
    const char *vnc = config_device_value(d->cfg, "vnc");

    if (!config_device_true(d->cfg, "vncx509verify") ||
        config_device_value(d->cfg, "vncx509") != NULL ||
        (vnc != NULL && strcmp(vnc, "false") == 0))
        return 0;
    return device_refuse(d, e, ERR_INVALID, "vncx509verify",
                         "found true, allowed with vncx509 alone, the "
                         "directory of the certificates");
}

static int
prepare_vfb(struct device *d, struct err *e)
{
    if (vfb_check_verify(d, e) < 0 || vfb_prepare(d, e) < 0)
        return -1;
    return d->back_domid != 0 ? 0
                              : device_models(d->owner->task->en)->check(d, e);
}

/* The settings of the configuration are the nodes of the backend: vnc,
 * vnclisten, vncdisplay, feature-abs-pointer... The guest can read them, so a
 * password is none of them: the device model is given it at its start. */
static void
vfb_nodes(struct device *d)
{
    const struct config_device *c = d->cfg;
    size_t i;

    for (i = 0; i < c->n_keys; i++)
        if (strcmp(c->keys[i], "backend") != 0 &&
            !config_device_key_secret(c->kind, c->keys[i]))
            device_put(d, DEVICE_BACK, c->keys[i], "%s",
                       strcmp(c->values[i], "true") == 0    ? "1"
                       : strcmp(c->values[i], "false") == 0 ? "0"
                                                            : c->values[i]);
}

static bool
keyboard_is_there(const struct devices *ds)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        if (ds->list[i].type == &device_vkbd)
            return true;
    return false;
}

void
devices_add_keyboard(struct devices *ds)
{
    ds->keyboard.kind = (char *)(uintptr_t)device_vkbd.kind;
    if (!ds->confined && !keyboard_is_there(ds))
        (void)devices_add(ds, &ds->keyboard);
}

static void
vkbd_json(const struct config_device *c, unsigned devid, bool has_machine,
          struct json_object *o)
{
    (void)c;
    (void)has_machine;
    json_object_object_add(o, "devid", json_object_new_int((int)devid));
}

static void
vfb_json_flag(json_object *o, const char *key, const char *value)
{
    if (value != NULL)
        device_json_text(o, key, strcmp(value, "true") == 0 ? "True" : "False");
}

/* Its password is left out: `xl list -l' shows the file. */
static void
vfb_json(const struct config_device *c, unsigned devid, bool has_machine,
         struct json_object *o)
{
    const char *display = config_device_value(c, "vncdisplay");
    json_object *vnc = json_object_new_object();

    (void)has_machine;
    json_object_object_add(o, "devid", json_object_new_int((int)devid));
    vfb_json_flag(vnc, "enable", config_device_value(c, "vnc"));
    device_json_text(vnc, "listen", config_device_value(c, "vnclisten"));
    if (display != NULL)
        json_object_object_add(vnc, "display",
                               json_object_new_int(atoi(display)));
    vfb_json_flag(vnc, "findunused", config_device_value(c, "vncunused"));
    json_object_object_add(o, "vnc", vnc);
    device_json_text(o, "keymap", config_device_value(c, "keymap"));
}

static const struct device_ask vfb_asks[] = {
    { .key = "vnclisten", .hint = "default: 127.0.0.1" }, { .key = NULL }
};

const struct device_type device_vfb = {
    .kind = "vfb",
    .model_kind = "vfb",
    .needs_model = true,
    .screen = true,
    .asks = vfb_asks,
    .json_key = "vfbs",
    .prepare = prepare_vfb,
    .nodes = vfb_nodes,
    .json = vfb_json,
};

const struct device_type device_vkbd = {
    .kind = "vkbd",
    .model_kind = "vkbd",
    .json_key = "vkbs",
    .prepare = vfb_prepare,
    .nodes = vfb_nodes,
    .json = vkbd_json,
};
