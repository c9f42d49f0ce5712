/*
 * config_json.c - a domain's configuration as one JSON object, for programs:
 * every setting under its name in the native format, those that are not set too
 * (null), so that the keys are always the same.
 */
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/setting.h"
#include "engine/config/load.h"

static json_object *
config_json_number(uint64_t n)
{
    return json_object_new_int64((int64_t)n);
}

/* A text for all vcpus, or an array of one for each. */
static json_object *
cpus_value(const struct config_cpus *k)
{
    json_object *a;
    unsigned i;

    if (!k->each)
        return json_object_new_string(config_cpus_text(k, 0));
    a = json_object_new_array();
    for (i = 0; i < k->n; i++)
        json_object_array_add(a, json_object_new_string(k->texts[i]));
    return a;
}

static json_object *
texts_value(const struct config_texts *t)
{
    json_object *a = json_object_new_array();
    size_t i;

    for (i = 0; i < t->n; i++)
        json_object_array_add(a, json_object_new_string(t->at[i]));
    return a;
}

/* Strings that json-c would replace are none here: values are UTF-8. */
static json_object *
setting_object(const struct setting *k, const struct domain_config *c)
{
    struct setting_value v;

    if (!setting_get(k, c, &v) && (k->flags & SETTING_SHOWN) == 0)
        return NULL;
    switch (v.form) {
    case SETTING_TEXT:
        return v.text != NULL ? json_object_new_string(v.text) : NULL;
    case SETTING_NUMBER:
        return config_json_number(v.number);
    case SETTING_SIGNED:
        return json_object_new_int64((int64_t)v.number);
    case SETTING_TEXTS:
        return texts_value(v.texts);
    case SETTING_BOOL:
        return json_object_new_boolean(v.number != 0);
    case SETTING_CPUS:
        return cpus_value(v.cpus);
    default:
        return NULL;
    }
}

static json_object *
device_value(const struct config_device *d, size_t i)
{
    const char *text = d->values[i];

    if (!device_key_bare(d->kind, d->keys[i]))
        return json_object_new_string(text);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return json_object_new_boolean(text[0] == 't');
    return config_json_number(strtoull(text, NULL, 10));
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

static json_object *
devices_array(const struct domain_config *c)
{
    json_object *a = json_object_new_array();
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        json_object_array_add(a, device_object(&c->devices[i]));
    return a;
}

void
config_json_print(const struct domain_config *c, struct buf *out)
{
    json_object *o = json_object_new_object(), *group = NULL;
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        const char *name = k->rule.name, *dot = strchr(name, '.');

        if (k->rule.type == VALUE_GROUP) {
            group = json_object_new_object();
            json_object_object_add(o, name, group);
        } else if (k->rule.type == VALUE_LIST) {
            json_object_object_add(o, name, devices_array(c));
        } else if (dot != NULL) {
            json_object_object_add(group, dot + 1, setting_object(k, c));
        } else if ((k->flags & SETTING_SHORT) == 0) {
            json_object_object_add(o, name, setting_object(k, c));
        }
    }
    buf_str(out, json_object_to_json_string_ext(
                     o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                            JSON_C_TO_STRING_NOSLASHESCAPE));
    buf_chr(out, '\n');
    json_object_put(o);
}
