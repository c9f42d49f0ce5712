/*
 * config_json.c - a domain's configuration as one JSON object, for programs:
 * every setting under its name in the native format, those that are not set too
 * (null), so that the keys are always the same.
 */
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"

/* Strings that json-c would replace are none here: values are UTF-8. */
static json_object *
text_or_null(const char *text)
{
    return text != NULL ? json_object_new_string(text) : NULL;
}

static json_object *
number(uint64_t n)
{
    return json_object_new_int64((int64_t)n);
}

/* 0 stands for "not set". */
static json_object *
number_or_null(uint64_t n)
{
    return n != 0 ? number(n) : NULL;
}

static json_object *
boolean(bool on)
{
    return json_object_new_boolean(on);
}

static json_object *
image_object(const struct config_image *im)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "type", text_or_null(im->type));
    json_object_object_add(o, "kernel", text_or_null(im->kernel));
    json_object_object_add(o, "ramdisk", text_or_null(im->ramdisk));
    json_object_object_add(o, "root", text_or_null(im->root));
    json_object_object_add(o, "ip", text_or_null(im->ip));
    json_object_object_add(o, "args", text_or_null(im->args));
    return o;
}

static json_object *
device_value(const struct config_device *d, size_t i)
{
    const char *text = d->values[i];

    if (!device_key_bare(d->kind, d->keys[i]))
        return json_object_new_string(text);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return boolean(text[0] == 't');
    return number(strtoull(text, NULL, 10));
}

static json_object *
device_object(const struct config_device *d)
{
    json_object *o = json_object_new_object();
    size_t i;

    json_object_object_add(o, "type", json_object_new_string(d->kind));
    for (i = 0; i < d->n_keys; i++)
        json_object_object_add(o, d->keys[i], device_value(d, i));
    return o;
}

static void
add_identity(json_object *o, const struct domain_config *c)
{
    char uuid[37];

    uuid_print_text(c->uuid, uuid);
    json_object_object_add(o, "name", text_or_null(c->name));
    json_object_object_add(o, "uuid", text_or_null(c->uuid_set ? uuid : NULL));
    json_object_object_add(o, "memory", number(c->mem_kib / 1024));
    json_object_object_add(o, "maxmem", number(c->maxmem_kib / 1024));
    json_object_object_add(o, "vcpus", number(c->vcpus));
    json_object_object_add(o, "maxvcpus", number(c->maxvcpus));
}

/* A text for all vcpus, an array of one for each, or null. */
static json_object *
cpus_value(const struct config_cpus *k)
{
    json_object *a;
    unsigned i;

    if (!k->each)
        return text_or_null(config_cpus_text(k, 0));
    a = json_object_new_array();
    for (i = 0; i < k->n; i++)
        json_object_array_add(a, json_object_new_string(k->texts[i]));
    return a;
}

static void
add_sched(json_object *o, const struct domain_config *c)
{
    json_object_object_add(o, "cpus", cpus_value(&c->cpus));
    json_object_object_add(o, "cpus_soft", cpus_value(&c->cpus_soft));
    json_object_object_add(o, "pool", text_or_null(c->pool));
    json_object_object_add(o, "weight", number_or_null(c->weight));
    json_object_object_add(o, "cap", number(c->cap));
    json_object_object_add(o, "period", number_or_null(c->period_us));
    json_object_object_add(o, "budget", number_or_null(c->budget_us));
    json_object_object_add(o, "extratime",
                           c->extratime_set ? boolean(c->extratime) : NULL);
}

static void
add_life(json_object *o, const struct domain_config *c)
{
    size_t i;

    for (i = 0; i < CONFIG_ENDS; i++)
        json_object_object_add(o, config_end_settings[i],
                               text_or_null(config_action_name(c->on[i])));
    json_object_object_add(o, "restart_min",
                           c->restart_min_s == CONFIG_RESTART_MIN_UNSET
                               ? NULL
                               : number(c->restart_min_s));
    json_object_object_add(o, "autostart", boolean(c->autostart));
    json_object_object_add(o, "autostart_order", number(c->autostart_order));
    json_object_object_add(o, "autostart_delay", number(c->autostart_delay_s));
    json_object_object_add(o, "host_stop",
                           text_or_null(config_host_stop_name(c->host_stop)));
    json_object_object_add(o, "driver_domain", boolean(c->driver_domain));
    json_object_object_add(o, "features", text_or_null(c->features));
}

void
config_json_print(const struct domain_config *c, struct buf *out)
{
    json_object *o = json_object_new_object(),
                *devices = json_object_new_array();
    size_t i;

    add_identity(o, c);
    add_sched(o, c);
    json_object_object_add(o, "image", image_object(&c->image));
    add_life(o, c);
    for (i = 0; i < c->n_devices; i++)
        json_object_array_add(devices, device_object(&c->devices[i]));
    json_object_object_add(o, "devices", devices);
    buf_str(out, json_object_to_json_string_ext(
                     o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                            JSON_C_TO_STRING_NOSLASHESCAPE));
    buf_chr(out, '\n');
    json_object_put(o);
}
