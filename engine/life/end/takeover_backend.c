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

static void
backend_follow(const struct dom *client, const struct new_name *n)
{
    struct engine *en = n->de->en;
    const char *dir = engine_paths(en)->state;
    bool fits = config_name_ok(n->de->d.name);
    struct domain_config *c;
    struct err e = { 0 };

    if (db_load(dir, client->uuid, &c, &e) < 0)
        return;
    if (!backend_rename(c, n, fits))
        ;
    else if (!fits)
        event_add(en, EVENT_DEVICE, EVENT_WARN, client,
                  "is served by '%s', whose new name no configuration can "
                  "have: its next life does not find it",
                  n->before);
    else if (db_save(dir, client->uuid, c, &e) < 0)
        event_add(en, EVENT_DEVICE, EVENT_ERROR, client,
                  "is served by '%s', now '%s', which is not in its "
                  "configuration: %s",
                  n->before, n->de->d.name, e.msg);
    else {
        event_add(en, EVENT_DEVICE, EVENT_INFO, client,
                  "is served by '%s', now '%s': its configuration has the new "
                  "name",
                  n->before, n->de->d.name);
        defs_changed(en, client->uuid);
    }
    config_free(c);
}

void
takeover_backends(const struct dom_entry *de, const char *before)
{
    const struct new_name n = { de, before };
    struct life_room *r = life_room(de->en);
    const struct dom_entry *other;
    size_t i;

    /* One that has the old name now is whom they mean. */
    if (strcmp(before, de->d.name) == 0 || !record_reaps(de->en) ||
        domains_by_name(de->en, before) != NULL)
        return;
    for (i = 0; (other = domains_at(de->en, i)) != NULL; i++)
        if (other->d.owned && !other->d.building)
            backend_follow(&other->d, &n);
    for (i = 0; i < r->n_defs; i++)
        if (domains_by_uuid(de->en, r->defs[i].d.uuid) == NULL)
            backend_follow(&r->defs[i].d, &n);
}
