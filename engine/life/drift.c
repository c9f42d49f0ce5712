/*
 * drift.c - see drift.h. Devices are looked for as at the end of a life
 * (end/lost_devices.c), on a copy of the configuration that is thrown away.
 */
#include "engine/life/drift.h"

#include <string.h>

#include "engine/config/core/config.h"
#include "engine/device/device.h"
#include "engine/device/device_take.h"
#include "engine/host/listing.h"
#include "engine/record/db.h"

struct drift {
    struct engine *en;
    const struct dom *d;
    struct domain_config *cfg; /* a copy: devices are added while compared */
    struct buf *out;
};

/* A guest cannot write below this node. */
static uint64_t
drift_videoram_kib(const struct drift *x)
{
    unsigned long long kib = 0;
    char path[96], text[32];

    store_path(path, sizeof(path), "/local/domain/%u/memory/videoram",
               x->d->domid);
    if (store_read_text(engine_store(x->en), 0, path, text, sizeof(text),
                        NULL) == 0)
        (void)text_u64(text, 0, CONFIG_MEM_MAX_KIB, &kib);
    return kib;
}

static void
drift_memory(const struct drift *x)
{
    unsigned long long has = x->d->target_kib + drift_videoram_kib(x),
                       kept = x->cfg->mem_kib;

    if (x->d->target_kib != 0 && has / 1024 != kept / 1024)
        buf_fmt(x->out,
                "memory: its target is %llu MiB, the configuration says %llu "
                "MiB\n",
                has / 1024, kept / 1024);
}

static void
drift_vcpus(const struct drift *x)
{
    const struct dom *d = x->d;

    if (d->vcpus_max != x->cfg->maxvcpus)
        buf_fmt(x->out,
                "maxvcpus: it has at most %u, the configuration says %u\n",
                d->vcpus_max, x->cfg->maxvcpus);
    if (d->vcpus_online != x->cfg->vcpus)
        buf_fmt(x->out, "vcpus: %u are online, the configuration says %u\n",
                d->vcpus_online, x->cfg->vcpus);
}

/* Another tool gave it another one, which may hold anything. */
static void
drift_name(const struct drift *x)
{
    char name[MODEL_NAME_MAX];

    text_safe(name, sizeof(name), x->d->name, strlen(x->d->name));
    if (strcmp(x->d->name, x->cfg->name) != 0)
        buf_fmt(x->out, "name: it is '%s', the configuration says '%s'\n", name,
                x->cfg->name);
}

static void
drift_device(const struct drift *x, struct config_device *c)
{
    const struct device_type *type = device_traits(c->kind);
    const char *key = type->id_key;
    const char *name = key != NULL ? config_device_value(c, key) : NULL;
    struct buf what = { 0 };
    bool blind = false;

    if (x->cfg->model.dm_restrict && type->by_model != NULL &&
        type->by_model(c))
        return; /* it has no nodes that could be looked for */
    if (type->find != NULL &&
        type->find(x->en, x->d->domid, c) == DEVICE_ABSENT)
        buf_fmt(x->out, "%s %s: the configuration has it, the domain has not\n",
                c->kind, name != NULL ? name : "");
    else if (type->follow != NULL &&
             type->follow(x->en, x->d->domid, c, &what, &blind))
        buf_fmt(x->out, "%s %s: %s since the domain started\n", c->kind,
                name != NULL ? name : "", buf_text(&what));
    buf_free(&what);
}

static void
drift_new_device(void *arg, const char *kind, const char *name,
                 enum device_taken how)
{
    const struct drift *x = arg;

    if (how != DEVICE_UNREAD)
        buf_fmt(x->out, "%s %s: the domain has it, the configuration has not\n",
                kind, name);
}

static void
drift_devices(struct drift *x)
{
    size_t i;

    for (i = 0; i < x->cfg->n_devices; i++)
        drift_device(x, &x->cfg->devices[i]);
    (void)devices_take(x->en, x->d->domid, x->cfg, drift_new_device, x);
}

int
engine_drift(struct engine *en, uint64_t dom_id, struct buf *out, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    struct drift x = { .en = en, .d = d, .out = out };
    struct err why = { 0 };

    if (d == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    if (db_load(engine_paths(en)->state, d->uuid, &x.cfg, &why) < 0) {
        if (why.code == ERR_NOENT)
            return err_set(e, ERR_NOENT,
                           "%s: xendeck has no configuration of it on record%s",
                           d->name, d->owned ? "" : ": it was made by others");
        *e = why;
        return -1;
    }
    if (!d->off && !d->building &&
        (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) == 0) {
        drift_name(&x);
        drift_memory(&x);
        drift_vcpus(&x);
        drift_devices(&x);
    }
    config_free(x.cfg);
    return 0;
}
