/*
 * guest_json.c - see guest_json.h.
 */
#include "engine/guest/guest_json.h"

#include <json-c/json.h>

#include "engine/device/device.h"
#include "engine/device/device_json.h"
#include "engine/guest/guest.h"
#include "engine/record/userdata.h"

static void
add_text(json_object *o, const char *key, const char *value)
{
    if (value != NULL && *value != '\0')
        json_object_object_add(o, key, json_object_new_string(value));
}

static json_object *
c_info(const struct nodes *n)
{
    json_object *o = json_object_new_object();
    char uuid[37];

    uuid_print_text(n->uuid, uuid);
    add_text(o, "type", n->type->kind);
    add_text(o, "name", n->cfg->name);
    add_text(o, "uuid", uuid);
    return o;
}

static json_object *
b_info(const struct nodes *n)
{
    const struct domain_config *c = n->cfg;
    json_object *o = json_object_new_object();
    json_object *vcpus = json_object_new_array();
    char type[16];
    unsigned i;

    for (i = 0; i < c->vcpus; i++)
        json_object_array_add(vcpus, json_object_new_int((int)i));
    json_object_object_add(o, "max_vcpus",
                           json_object_new_int((int)c->maxvcpus));
    json_object_object_add(o, "avail_vcpus", vcpus);
    json_object_object_add(o, "max_memkb",
                           json_object_new_int64((int64_t)c->maxmem_kib));
    json_object_object_add(o, "target_memkb",
                           json_object_new_int64((int64_t)c->mem_kib));
    add_text(o, "kernel", c->image.kernel);
    add_text(o, "ramdisk", c->image.ramdisk);
    add_text(o, "cmdline", n->cmdline);
    text_fmt(type, sizeof(type), "type.%s", n->type->kind);
    json_object_object_add(o, type, json_object_new_object());
    return o;
}

int
guest_json_write(const char *dir, const struct nodes *n, struct err *e)
{
    json_object *o = json_object_new_object();
    int rc;

    json_object_object_add(o, "c_info", c_info(n));
    json_object_object_add(o, "b_info", b_info(n));
    devices_json(n->cfg, o);
    rc = userdata_save(dir, n->domid, n->uuid, o, e);
    json_object_put(o);
    return rc;
}
