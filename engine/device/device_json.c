/*
 * device_json.c - devices in the configuration that libxl keeps of a domain:
 * `xl list -l`, and xl's own removal of devices, want to find them there.
 */
#include "engine/device/device_json.h"

#include <json-c/json.h>
#include <string.h>

#include "engine/config/core/vdev.h"
#include "engine/model/dom_kind.h"
#include "engine/record/userdata.h"

void
device_json_text(struct json_object *o, const char *key, const char *value)
{
    if (value != NULL)
        json_object_object_add(o, key, json_object_new_string(value));
}

static json_object *
array_of(json_object *o, const char *key)
{
    json_object *a;

    if (json_object_object_get_ex(o, key, &a) &&
        json_object_is_type(a, json_type_array))
        return a;
    a = json_object_new_array();
    json_object_object_add(o, key, a);
    return a;
}

static void
device_json_add(json_object *o, const struct config_device *c, unsigned devid,
                bool has_machine)
{
    const struct device_type *type = device_type_find(c->kind);
    json_object *entry;

    if (type == NULL || type->json_key == NULL)
        return;
    entry = json_object_new_object();
    type->json(c, devid, has_machine, entry);
    json_object_array_add(array_of(o, type->json_key), entry);
}

void
devices_json(const struct domain_config *c, struct json_object *o)
{
    unsigned devid;
    size_t i, j;

    for (i = 0; i < c->n_devices; i++) {
        for (j = 0, devid = 0; j < i; j++)
            devid += strcmp(c->devices[j].kind, c->devices[i].kind) == 0;
        device_json_add(o, &c->devices[i], devid,
                        dom_kind_has_machine(c->kind));
    }
}

/* Disks go by the name of their vdev, all others by devid. */
static bool
is_device(json_object *entry, uint32_t devid)
{
    json_object *v;
    uint32_t number;

    if (json_object_object_get_ex(entry, "vdev", &v))
        return json_object_is_type(v, json_type_string) &&
               vdev_parse(json_object_get_string(v), &number) &&
               number == devid;
    if (!json_object_object_get_ex(entry, "devid", &v))
        return devid == 0;
    return json_object_get_int64(v) == (int64_t)devid;
}

static void
device_json_del(json_object *o, const char *key, uint32_t devid)
{
    json_object *a = array_of(o, key);
    size_t i = json_object_array_length(a);

    while (i-- > 0)
        if (is_device(json_object_array_get_idx(a, i), devid))
            (void)json_object_array_del_idx(a, i, 1);
    if (json_object_array_length(a) == 0)
        json_object_object_del(o, key); /* as it was before the first */
}

int
devices_json_change(struct engine *en, const struct dom *d,
                    const struct device_type *type,
                    const struct config_device *c, uint32_t devid,
                    struct err *e)
{
    json_object *o;
    int rc;

    if (type == NULL || type->json_key == NULL)
        return 0;
    if (userdata_load(engine_paths(en)->libxl, d->domid, d->uuid, &o, e) < 0)
        return -1;
    if (o == NULL)
        return 0; /* nobody keeps one: there is nothing to keep true */
    device_json_del(o, type->json_key, devid);
    if (c != NULL)
        device_json_add(o, c, devid, dom_kind_has_machine(d->kind));
    rc = userdata_save(engine_paths(en)->libxl, d->domid, d->uuid, o, e);
    json_object_put(o);
    return rc;
}
