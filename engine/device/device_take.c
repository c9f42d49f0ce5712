/*
 * device_take.c - see device_take.h. What a kind's handler cannot put into
 * settings without doubt is told, and left out.
 */
#include "engine/device/device_take.h"

#include <string.h>

#include "engine/device/device.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/step.h"
#include "src/base/xalloc.h"

#define TAKE_MAX 1024

struct taking {
    struct engine *en;
    uint32_t domid;
    struct domain_config *c;
    const struct device_type *type;
    device_take_cb *cb;
    void *arg;
    size_t n;
};

void
device_take_node(struct engine *en, const char *copy, const char *node,
                 char *dst, size_t n, bool *blind)
{
    struct err e = { 0 };
    char path[160];

    store_path(path, sizeof(path), "%s/%s", copy, node);
    if (store_read_text(engine_store(en), 0, path, dst, n, &e) == 0)
        return;
    dst[0] = '\0';
    *blind |= e.code != ERR_NOENT;
}

void
device_take_setting(struct engine *en, const char *copy, const char *node,
                    struct config_device *out, const char *key, bool *blind)
{
    char text[TAKE_MAX];

    device_take_node(en, copy, node, text, sizeof(text), blind);
    if (text[0] != '\0')
        device_set_value(out, key, text);
}

static bool
device_take_known(const struct taking *t, const struct config_device *dev,
                  uint32_t devid)
{
    const char *id = config_device_value(dev, t->type->id_key);
    struct device d = { .type = t->type, .devid = devid };
    size_t i;

    if (id != NULL)
        text_fmt(d.id, sizeof(d.id), "%s", id);
    for (i = 0; i < t->c->n_devices; i++)
        if (strcmp(t->c->devices[i].kind, t->type->kind) == 0 &&
            t->type->is_config(&d, &t->c->devices[i]))
            return true;
    return false;
}

/* Whoever serves it from another domain may have its reasons. */
static bool
device_take_all(const struct taking *t, uint32_t devid,
                struct config_device *dev, bool *blind)
{
    struct device_place at;
    struct err e = { 0 };

    if (!device_place_read(t->en, t->domid, t->type->kind, devid, &at, &e)) {
        *blind = e.code != ERR_NOENT;
        return false;
    }
    return t->type->take(t->en, at.copy, dev, blind) && at.back_domid == 0 &&
           strcmp(at.back_kind, t->type->kind) == 0;
}

static void
device_take_one(void *arg, const char *kind, uint32_t devid)
{
    struct taking *t = arg;
    struct config_device dev = { .kind = xstrdup(kind) };
    bool blind = false, all = device_take_all(t, devid, &dev, &blind);
    const char *id = config_device_value(&dev, t->type->id_key);
    char number[16];

    text_fmt(number, sizeof(number), "%u", devid);
    if (device_take_known(t, &dev, devid) || (id == NULL && !blind)) {
        config_device_fini(&dev);
        return;
    }
    if (blind) {
        t->cb(t->arg, kind, id != NULL ? id : number, DEVICE_UNREAD);
    } else {
        all = all && device_config_add(&dev, t->c, NULL) == 0;
        t->n += all;
        t->cb(t->arg, kind, id, all ? DEVICE_TAKEN : DEVICE_NOT_TAKEN);
    }
    config_device_fini(&dev);
}

size_t
devices_take(struct engine *en, uint32_t domid, struct domain_config *c,
             device_take_cb *cb, void *arg)
{
    struct taking t = {
        .en = en, .domid = domid, .c = c, .cb = cb, .arg = arg
    };
    struct err e = { 0 };
    size_t i;

    for (i = 0; (t.type = device_type_at(i)) != NULL; i++)
        if (t.type->take != NULL &&
            device_ids_each(en, domid, t.type->kind, device_take_one, &t, &e) <
                0)
            cb(arg, t.type->kind, "", DEVICE_UNREAD);
    return t.n;
}
