/*
 * guest_json.c - see guest_json.h.
 */
#include "engine/guest/guest_json.h"

#include <json-c/json.h>

#include "engine/config/core/image_type.h"
#include "engine/config/core/value.h"
#include "engine/device/device.h"
#include "engine/device/device_json.h"
#include "engine/guest/guest.h"
#include "engine/model/dom_kind.h"
#include "engine/record/userdata.h"

static void
guest_json_add_text(json_object *o, const char *key, const char *value)
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
    guest_json_add_text(o, "type", n->type->kind);
    guest_json_add_text(o, "name", n->cfg->name);
    guest_json_add_text(o, "uuid", uuid);
    guest_json_add_text(o, "pool_name", n->cfg->pool);
    if (dom_kind_in_container(n->cfg->kind) &&
        n->cfg->machine.hap != CONFIG_UNSET)
        guest_json_add_text(
            o, "hap", n->cfg->machine.hap == CONFIG_ON ? "True" : "False");
    if (n->cfg->driver_domain)
        guest_json_add_text(o, "driver_domain", "True");
    return o;
}

/* What the boot loader is told, not what it has found: xl would start it
 * again. */
static void
guest_json_add_loader(const struct domain_config *c, json_object *o)
{
    const struct config_image *im = &c->image;
    struct buf cmdline = { 0 };
    json_object *args;
    size_t i;

    guest_json_add_text(o, "kernel", im->kernel);
    guest_json_add_text(o, "ramdisk", im->ramdisk);
    if (image_cmdline(c, &cmdline, NULL) == 0)
        guest_json_add_text(o, "cmdline", buf_text(&cmdline));
    buf_free(&cmdline);
    guest_json_add_text(o, "bootloader", im->bootloader);
    if (im->bootloader_args.n == 0)
        return;
    args = json_object_new_array();
    for (i = 0; i < im->bootloader_args.n; i++)
        json_object_array_add(
            args, json_object_new_string(im->bootloader_args.at[i]));
    json_object_object_add(o, "bootloader_args", args);
}

/* What libxl calls an action; the others it names as we do. */
static const char *
action_in_json(enum config_action a)
{
    static const char *const words[] = {
        [CONFIG_DESTROY] = "destroy",
        [CONFIG_RESTART] = "restart",
        [CONFIG_PRESERVE] = "preserve",
        [CONFIG_RENAME_RESTART] = "restart_rename",
        [CONFIG_COREDUMP_DESTROY] = "coredump_destroy",
        [CONFIG_COREDUMP_RESTART] = "coredump_restart",
    };

    return words[a];
}

static void
json_actions(const struct domain_config *c, json_object *o)
{
    int i;

    for (i = 0; i < CONFIG_ENDS; i++)
        guest_json_add_text(o, config_end_settings[i],
                            action_in_json(c->on[i]));
}

/* What is not set is the scheduler's default, to libxl as well. */
static void
b_sched(const struct domain_config *c, json_object *b)
{
    const struct {
        const char *key;
        unsigned value;
    } words[] = { { "weight", c->weight },
                  { "cap", c->cap },
                  { "period", c->period_us },
                  { "budget", c->budget_us } };
    json_object *o = json_object_new_object();
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].value != 0)
            json_object_object_add(o, words[i].key,
                                   json_object_new_int64(words[i].value));
    if (c->extratime_set)
        json_object_object_add(o, "extratime",
                               json_object_new_int(c->extratime));
    json_object_object_add(b, "sched_params", o);
}

static json_object *
b_info(const struct nodes *n)
{
    const struct domain_config *c = n->cfg;
    json_object *o = json_object_new_object();
    json_object *vcpus = json_object_new_array();
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
    if (c->image.bootloader != NULL) {
        guest_json_add_loader(c, o);
    } else {
        guest_json_add_text(o, "kernel", c->image.kernel);
        guest_json_add_text(o, "ramdisk", c->image.ramdisk);
        guest_json_add_text(o, "cmdline", n->cmdline);
    }
    b_sched(c, o);
    guest_json_machine(n, o);
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
    json_actions(n->cfg, o);
    rc = userdata_save(dir, n->domid, n->uuid, o, e);
    json_object_put(o);
    return rc;
}
