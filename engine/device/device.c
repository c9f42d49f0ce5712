/*
 * device.c - see device.h: the table of handlers, and what they share.
 */
#include "engine/device/device.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/device/device_backend.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/machine_devices.h"
#include "engine/device/model_server.h"
#include "engine/dom0/dom0.h"
#include "engine/model/dom_kind.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* In the order of lists. */
static const struct device_type *const types[] = {
    &device_vbd, &device_vif, &device_pci, &device_vfb, &device_vkbd,
};

/* Kinds that only libxl attaches, as far as there is something to know. */
static const struct device_type device_console = { .kind = "console",
                                                   .stays = true,
                                                   .no_handshake = true };
static const struct device_type device_foreign = { .kind = "" };

const struct device_type *
device_type_find(const char *kind)
{
    size_t i;

    for (i = 0; i < COUNT(types); i++)
        if (strcmp(types[i]->kind, kind) == 0)
            return types[i];
    return NULL;
}

const struct device_type *
device_type_at(size_t i)
{
    return i < COUNT(types) ? types[i] : NULL;
}

const struct device_type *
device_traits(const char *kind)
{
    const struct device_type *t = device_type_find(kind);

    if (t != NULL)
        return t;
    return strcmp(device_console.kind, kind) == 0 ? &device_console
                                                  : &device_foreign;
}

const char *
device_kind_of_back(const char *back_kind)
{
    size_t i;

    for (i = 0; i < COUNT(types); i++)
        if (types[i]->model_kind != NULL &&
            strcmp(types[i]->model_kind, back_kind) == 0)
            return types[i]->kind;
    return back_kind;
}

void
device_model_kinds_each(void (*cb)(void *arg, const char *back_kind), void *arg)
{
    size_t i;

    for (i = 0; i < COUNT(types); i++)
        if (types[i]->model_kind != NULL)
            cb(arg, types[i]->model_kind);
}

/* --- what front ends know of kinds --- */

const char *
device_kind_at(size_t i)
{
    return i < COUNT(types) ? types[i]->kind : NULL;
}

bool
device_kind_known(const char *kind)
{
    return device_type_find(kind) != NULL;
}

bool
device_kind_stays(const char *kind)
{
    return device_traits(kind)->stays;
}

static bool
is_stem(const char *stem, const char *verb)
{
    size_t n = strcspn(verb, "-");

    return stem != NULL && strlen(stem) == n && strncmp(stem, verb, n) == 0;
}

const char *
device_kind_of_verb(const char *verb)
{
    size_t i;

    for (i = 0; i < COUNT(types); i++)
        if (is_stem(types[i]->xl.verbs, verb) ||
            is_stem(types[i]->xl.medium, verb))
            return types[i]->kind;
    return NULL;
}

const struct device_ask *
device_kind_ask(const char *kind, size_t i)
{
    const struct device_ask *a = device_traits(kind)->asks;

    for (; a != NULL && a->key != NULL; a++)
        if (i-- == 0)
            return a;
    return NULL;
}

/* --- */

enum device_found
device_look(struct store *st, const char *path, char *dst, size_t n)
{
    struct err e = { 0 };

    if (store_read_text(st, 0, path, dst, n, &e) == 0)
        return DEVICE_THERE;
    return e.code == ERR_NOENT ? DEVICE_ABSENT : DEVICE_UNKNOWN;
}

/* --- a device's settings --- */

const char *
device_setting(const struct device *d, const char *key)
{
    return d->cfg != NULL ? config_device_value(d->cfg, key) : NULL;
}

static void
drop_value(struct config_device *c, const char *key)
{
    size_t i, rest;

    for (i = 0; i < c->n_keys && strcmp(c->keys[i], key) != 0; i++)
        ;
    if (i == c->n_keys)
        return;
    free(c->keys[i]);
    free(c->values[i]);
    rest = --c->n_keys - i;
    memmove(&c->keys[i], &c->keys[i + 1], rest * sizeof(c->keys[0]));
    memmove(&c->values[i], &c->values[i + 1], rest * sizeof(c->values[0]));
    memmove(&c->lines[i], &c->lines[i + 1], rest * sizeof(c->lines[0]));
}

void
device_set_value(struct config_device *c, const char *key, const char *value)
{
    size_t i;

    if (value == NULL) {
        drop_value(c, key);
        return;
    }
    for (i = 0; i < c->n_keys; i++)
        if (strcmp(c->keys[i], key) == 0) {
            free(c->values[i]);
            c->values[i] = xstrdup(value);
            return;
        }
    c->keys = xrealloc(c->keys, c->n_keys + 1, sizeof(c->keys[0]));
    c->values = xrealloc(c->values, c->n_keys + 1, sizeof(c->values[0]));
    c->lines = xrealloc(c->lines, c->n_keys + 1, sizeof(c->lines[0]));
    c->lines[c->n_keys] = 0;
    c->keys[c->n_keys] = xstrdup(key);
    c->values[c->n_keys++] = xstrdup(value);
}

int
device_config_add(const struct config_device *dev, struct domain_config *c,
                  struct err *e)
{
    struct config_device *to;
    size_t i;

    if (c->n_devices == CONFIG_DEVICES_MAX)
        return err_set(e, ERR_RANGE, "'%s': it has %d devices, allowed %d",
                       c->name, CONFIG_DEVICES_MAX, CONFIG_DEVICES_MAX);
    if (c->devices == NULL)
        c->devices = xcalloc(CONFIG_DEVICES_MAX, sizeof(c->devices[0]));
    to = &c->devices[c->n_devices++];
    memset(to, 0, sizeof(*to));
    to->kind = xstrdup(dev->kind);
    to->shown = xasprintf("devices[%zu]", c->n_devices - 1);
    for (i = 0; i < dev->n_keys; i++)
        device_set_value(to, dev->keys[i], dev->values[i]);
    if (device_traits(dev->kind)->of_host && machine_wants_all_memory(c))
        c->mem_kib = c->maxmem_kib; /* or its next life would be refused */
    return 0;
}

bool
machine_has_host_devices(const struct domain_config *c)
{
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        if (device_traits(c->devices[i].kind)->of_host)
            return true;
    return false;
}

bool
machine_wants_all_memory(const struct domain_config *c)
{
    return dom_kind_has_machine(c->kind) && machine_has_host_devices(c);
}

int
device_refuse(const struct device *d, struct err *e, enum err_code code,
              const char *key, const char *fmt, ...)
{
    const char *file = d->owner->file;
    va_list ap;

    va_start(ap, fmt);
    err_vset(e, code, fmt, ap);
    va_end(ap);
    if (key != NULL)
        err_wrap(e, "%s", key);
    err_wrap(e, "%s%s%s", d->kind, d->name[0] != '\0' ? " " : "", d->name);
    if (file != NULL && d->cfg != NULL && d->cfg->line != 0)
        err_wrap(e, "%s:%u", file, d->cfg->line);
    else if (file != NULL)
        err_wrap(e, "%s", file);
    return -1;
}

void
device_warn(struct device *d, const char *fmt, ...)
{
    va_list ap;

    buf_fmt(&d->owner->warn, "%s%s%s: ", d->kind, d->name[0] != '\0' ? " " : "",
            d->name);
    va_start(ap, fmt);
    buf_vfmt(&d->owner->warn, fmt, ap);
    va_end(ap);
    buf_chr(&d->owner->warn, '\n');
}

void
device_put_backend(struct engine *en, struct config_device *dev,
                   const struct dom *by)
{
    const struct dom_entry *named = domains_by_name(en, by->name);
    char number[16];

    text_fmt(number, sizeof(number), "%u", by->domid);
    if (named != NULL && &named->d == by && config_name_ok(by->name))
        device_set_value(dev, "backend", by->name);
    else
        device_set_value(dev, "backend", number);
}

static const struct dom_entry *
back_entry(const struct device *d, const char *name)
{
    struct engine *en = d->owner->task->en;
    const struct dom_entry *de = NULL;
    unsigned long long domid;

    if (d->back_known)
        de = domains_by_uuid(en, d->back_uuid);
    if (de != NULL)
        return de;
    return text_u64(name, 0, HV_DOMID_MAX, &domid)
               ? domains_by_domid(en, (uint32_t)domid)
               : domains_by_name(en, name);
}

int
device_backend(struct device *d, struct err *e)
{
    struct engine *en = d->owner->task->en;
    const char *name = device_setting(d, "backend");
    const struct dom_entry *de;

    d->back_domid = 0;
    if (name == NULL)
        return 0;
    de = back_entry(d, name);
    if (de == NULL || (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)))
        return device_refuse(d, e, ERR_NOENT, "backend",
                             "found \"%s\", allowed the name or domid of a "
                             "running domain",
                             name);
    if (de->d.domid != 0 && de->d.domid == d->owner->domid)
        return device_refuse(d, e, ERR_INVALID, "backend",
                             "found \"%s\", allowed another domain than the "
                             "device's own",
                             name);
    if (de->d.building)
        return device_refuse(d, e, ERR_BUSY, "backend",
                             "found \"%s\", which is being made, allowed a "
                             "domain that is there",
                             name);
    d->back_domid = de->d.domid;
    if (d->back_domid == 0)
        return 0;
    d->back_known = true;
    memcpy(d->back_uuid, de->d.uuid, sizeof(d->back_uuid));
    device_put_backend(en, d->cfg, &de->d);
    return 0;
}

/* Scripts run as root, in the domain of the backend: one in a driver domain is
 * not looked for here. */
int
device_script(struct device *d, const char *fallback, struct err *e)
{
    const char *name = device_setting(d, "script");
    int errnum;

    if (name == NULL)
        name = fallback;
    text_fmt(d->script, sizeof(d->script), "%s%s",
             name[0] == '/' ? "" : HOTPLUG_DIR, name);
    if (d->back_domid != 0)
        return 0;
    errnum = dom0_script_errno(engine_dom0(d->owner->task->en), d->script);
    if (errnum != 0)
        return device_refuse(d, e, ERR_NOENT, "script",
                             "found \"%s\": %s; allowed an executable file, "
                             "a bare name is one below " HOTPLUG_DIR,
                             d->script, strerror(errnum));
    return 0;
}

/* A disk can be a user process's as well. */
bool
device_by_kernel(const struct device *d)
{
    return d->type != NULL && d->type->kernel &&
           strcmp(d->back_kind, d->kind) == 0;
}

/* --- where it stands --- */

void
device_paths(struct device *d)
{
    uint32_t domid = d->owner->domid;

    store_path(d->front, sizeof(d->front), "/local/domain/%u/device/%s/%u",
               domid, d->kind, d->devid);
    store_path(d->back, sizeof(d->back), "/local/domain/%u/backend/%s/%u/%u",
               d->back_domid, d->back_kind, domid, d->devid);
    store_path(d->copy, sizeof(d->copy), "/libxl/%u/device/%s/%u", domid,
               d->kind, d->devid);
}

static uint32_t
above_names(const struct buf *names, size_t n, uint32_t next)
{
    const char *s = names->data;
    unsigned long long id;
    size_t i;

    for (i = 0; i < n; i++, s += strlen(s) + 1)
        if (text_u64(s, 0, UINT32_MAX - 1, &id) && id >= next)
            next = (uint32_t)id + 1;
    return next;
}

uint32_t
device_next_id(const struct device *d)
{
    const struct devices *ds = d->owner;
    struct buf names = { 0 };
    uint32_t next = 0;
    char path[96];
    size_t i, n;

    if (d->again)
        return d->devid;
    store_path(path, sizeof(path), "/libxl/%u/device/%s", ds->domid, d->kind);
    if (ds->domid != 0 &&
        store_list(engine_store(ds->task->en), 0, path, &names, &n, NULL) == 0)
        next = above_names(&names, n, 0);
    buf_free(&names);
    for (i = 0; i < ds->n && &ds->list[i] != d; i++)
        if (strcmp(ds->list[i].kind, d->kind) == 0 && ds->list[i].devid >= next)
            next = ds->list[i].devid + 1;
    return next;
}

void
device_put(struct device *d, enum device_dir dir, const char *name,
           const char *fmt, ...)
{
    struct buf value = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&value, fmt, ap);
    va_end(ap);
    d->nodes = xrealloc(d->nodes, d->n_nodes + 1, sizeof(d->nodes[0]));
    d->nodes[d->n_nodes++] = (struct device_node){ .name = xstrdup(name),
                                                   .value = buf_take(&value),
                                                   .dir = dir };
}

unsigned
device_back_state(struct engine *en, const char *back)
{
    struct err e = { 0 };
    char path[200];
    uint64_t v;

    store_path(path, sizeof(path), "%s/state", back);
    if (store_read_u64(engine_store(en), 0, path, 16, &v, &e) < 0)
        return e.code == ERR_NOENT ? 0 : XENBUS_INIT;
    return (unsigned)v;
}

bool
device_error_dir(const char *back, char *dst, size_t n)
{
    const char *rel = strstr(back, "/backend/");

    if (rel != NULL)
        store_path(dst, n, "%.*s/error%s", (int)(rel - back), back, rel);
    return rel != NULL;
}

void
device_error(struct engine *en, const char *back, char *dst, size_t n)
{
    char path[256], dir[240];

    dst[0] = '\0';
    store_path(path, sizeof(path), "%s/hotplug-error", back);
    if (store_read_text(engine_store(en), 0, path, dst, n, NULL) == 0 &&
        dst[0] != '\0')
        return;
    dst[0] = '\0';
    if (!device_error_dir(back, dir, sizeof(dir)))
        return;
    store_path(path, sizeof(path), "%s/error", dir);
    if (store_read_text(engine_store(en), 0, path, dst, n, NULL) < 0)
        dst[0] = '\0';
}

/* --- the set --- */

struct device *
devices_add(struct devices *ds, struct config_device *cfg)
{
    struct device *d;

    if (ds->n == DEVICES_MAX)
        return NULL;
    if (ds->list == NULL)
        ds->list = xcalloc(DEVICES_MAX, sizeof(*ds->list));
    d = &ds->list[ds->n++];
    d->owner = ds;
    d->cfg = cfg;
    text_fmt(d->kind, sizeof(d->kind), "%s", cfg->kind);
    text_fmt(d->back_kind, sizeof(d->back_kind), "%s", cfg->kind);
    d->type = device_type_find(cfg->kind);
    return d;
}

void
devices_init(struct devices *ds, struct task *t, struct domain_config *c)
{
    size_t i;

    ds->task = t;
    ds->file = c->file;
    ds->making = true;
    ds->by_model = dom_kind_has_machine(c->kind);
    ds->confined = ds->by_model && c->model.dm_restrict;
    ds->keeps_emulated = !c->machine.xen_platform_pci;
    for (i = 0; i < c->n_devices; i++)
        (void)devices_add(ds, &c->devices[i]);
}

static void
nodes_free(struct device *d)
{
    size_t i;

    for (i = 0; i < d->n_nodes; i++) {
        free(d->nodes[i].name);
        free(d->nodes[i].value);
    }
    free(d->nodes);
    d->nodes = NULL;
    d->n_nodes = 0;
}

static void
device_fini(struct device *d)
{
    if (d->type != NULL && d->type->fini != NULL)
        d->type->fini(d);
    store_watch_del(&d->watch);
    loop_timer_del(&d->limit);
    hotplug_fini(&d->hotplug);
    nodes_free(d);
}

void
devices_drop(struct devices *ds)
{
    size_t i;

    for (i = 0; i < ds->n; i++)
        device_fini(&ds->list[i]);
    free(ds->list);
    ds->list = NULL;
    ds->n = 0;
}

void
devices_fini(struct devices *ds)
{
    devices_drop(ds);
    buf_free(&ds->warn);
    *ds = (struct devices){ .task = ds->task, .domid = ds->domid };
}

/* --- who serves what no kernel does --- */

void
device_serve_models(struct engine *en, const struct model_server *ms)
{
    engine_set_room(en, ROOM_DEVICE, (void *)(uintptr_t)ms);
}

const struct model_server *
device_models(const struct engine *en)
{
    return engine_room(en, ROOM_DEVICE);
}
