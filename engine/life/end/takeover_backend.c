/*
 * takeover_backend.c - a domain that serves devices has another name: the
 * configurations of those that it serves, running and defined, have that from
 * now on. Else their next lives would look for a name that nobody has.
 */
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/device/device_handler.h"
#include "engine/host/domains.h"
#include "engine/life/define.h"
#include "engine/life/end/takeover.h"
#include "engine/life/life_int.h"
#include "engine/record/db.h"

struct new_name {
    const struct dom_entry *de; /* who has it */
    const char *before;
};

/* False: none of its devices is served under the old name. */
static bool
backend_rename(struct domain_config *c, const struct new_name *n, bool write)
{
    bool found = false;
    const char *by;
    size_t i;

    for (i = 0; i < c->n_devices; i++) {
        by = config_device_value(&c->devices[i], "backend");
        if (by == NULL || strcmp(by, n->before) != 0)
            continue;
        found = true;
        if (write)
            device_set_value(&c->devices[i], "backend", n->de->d.name);
    }
    return found;
}

/* As it is listed, running or off; NULL: it is gone. */
static const struct dom *
backend_client(const struct engine *en, const uint8_t uuid[16])
{
    const struct dom_entry *de = domains_by_uuid(en, uuid);
    const struct def *f = defs_by_uuid(en, uuid);

    if (de != NULL)
        return &de->d;
    return f != NULL ? &f->d : NULL;
}

/* uuid: not that of a definition in the table, which is read anew. */
static void
backend_follow(const struct new_name *n, const uint8_t uuid[16])
{
    struct engine *en = n->de->en;
    const struct dom *client = backend_client(en, uuid);
    const char *dir = engine_paths(en)->state;
    bool fits = config_name_ok(n->de->d.name);
    struct domain_config *c;
    struct err e = { 0 };

    if (client == NULL || db_load(dir, uuid, &c, &e) < 0)
        return;
    if (!backend_rename(c, n, fits))
        ;
    else if (!fits)
        event_add(en, EVENT_DEVICE, EVENT_WARN, client,
                  "is served by '%s', whose new name no configuration can "
                  "have: its next life does not find it",
                  n->before);
    else if (db_save(dir, uuid, c, &e) < 0)
        event_add(en, EVENT_DEVICE, EVENT_ERROR, client,
                  "is served by '%s', now '%s', which is not in its "
                  "configuration: %s",
                  n->before, n->de->d.name, e.msg);
    else {
        event_add(en, EVENT_DEVICE, EVENT_INFO, client,
                  "is served by '%s', now '%s': its configuration has the new "
                  "name",
                  n->before, n->de->d.name);
        defs_changed(en, uuid);
    }
    config_free(c);
}

/* --- whose configurations are looked into --- */

/* May a running domain be served by it? One that cannot be told may. Those of a
 * driver domain are without it while it comes back. */
static bool
backend_serves(const struct dom_entry *de)
{
    struct buf kinds = { 0 };
    struct err e = { 0 };
    char path[64];
    size_t n = 0;
    int rc;

    if (de->d.driver_domain)
        return true;
    store_path(path, sizeof(path), "/local/domain/%u/backend", de->d.domid);
    rc = store_list(engine_store(de->en), 0, path, &kinds, &n, &e);
    buf_free(&kinds);
    return rc == 0 ? n > 0 : e.code != ERR_NOENT;
}

/* uuids, 16 bytes each: a definition that is written moves in the table. */
static struct buf
backend_clients(const struct dom_entry *de)
{
    const struct life_room *r = life_room(de->en);
    bool serves = backend_serves(de);
    const struct dom_entry *other;
    struct buf uuids = { 0 };
    size_t i;

    for (i = 0; serves && (other = domains_at(de->en, i)) != NULL; i++)
        if (other->d.owned && !other->d.building)
            buf_add(&uuids, other->d.uuid, sizeof(other->d.uuid));
    for (i = 0; i < r->n_defs; i++) {
        const struct def *f = &r->defs[i];

        other = domains_by_uuid(de->en, f->d.uuid);
        if (f->served && (other == NULL ||
                          (!serves && other->d.owned && !other->d.building)))
            buf_add(&uuids, f->d.uuid, sizeof(f->d.uuid));
    }
    return uuids;
}

void
takeover_backends(const struct dom_entry *de, const char *before)
{
    const struct new_name n = { de, before };
    struct buf uuids;
    size_t at;

    /* One that has the old name now is whom they mean. */
    if (strcmp(before, de->d.name) == 0 || !record_reaps(de->en) ||
        domains_by_name(de->en, before) != NULL)
        return;
    uuids = backend_clients(de);
    for (at = 0; at < uuids.len; at += sizeof(de->d.uuid))
        backend_follow(&n, (const uint8_t *)uuids.data + at);
    buf_free(&uuids);
}
