/*
 * listing.c - see listing.h: the domains that run, then those that are off.
 */
#include "engine/host/listing.h"

#include <string.h>

#include "engine/config/core/config.h"
#include "engine/host/host_int.h"

void
domains_show_off(struct engine *en, const struct dom *const *list, size_t n)
{
    struct host_room *h = host_room(en);

    h->offs = list;
    h->n_offs = n;
}

uint64_t
domains_new_id(struct engine *en)
{
    return ++host_room(en)->next_dom_id;
}

size_t
engine_dom_count(const struct engine *en)
{
    const struct host_room *h = host_room(en);

    return h->n_doms + h->n_offs;
}

const struct dom *
engine_dom_at(const struct engine *en, size_t i)
{
    const struct host_room *h = host_room(en);

    if (i < h->n_doms)
        return &h->doms[i]->d;
    i -= h->n_doms;
    return i < h->n_offs ? h->offs[i] : NULL;
}

const struct dom *
engine_dom_by_id(const struct engine *en, uint64_t id)
{
    const struct host_room *h = host_room(en);
    const struct dom_entry *de = domains_by_id(en, id);
    size_t i;

    if (de != NULL)
        return &de->d;
    for (i = 0; i < h->n_offs; i++)
        if (h->offs[i]->id == id)
            return h->offs[i];
    return NULL;
}

const struct dom *
engine_dom_by_domid(const struct engine *en, uint32_t domid)
{
    const struct dom_entry *de = domains_by_domid(en, domid);

    return de != NULL ? &de->d : NULL;
}

static bool
matches(const struct dom *d, const char *name, const uint8_t *uuid)
{
    if (uuid != NULL && memcmp(d->uuid, uuid, sizeof(d->uuid)) == 0)
        return true;
    return strcmp(d->name, name) == 0;
}

const struct dom *
engine_dom_find(const struct engine *en, const char *name, struct err *e)
{
    const struct host_room *h = host_room(en);
    const struct dom *found = NULL;
    unsigned long long domid;
    uint8_t uuid[16];
    bool is_uuid = uuid_parse_text(name, uuid);
    size_t i;

    for (i = 0; i < h->n_doms; i++) {
        if (!matches(&h->doms[i]->d, name, is_uuid ? uuid : NULL))
            continue;
        if (found != NULL) {
            err_set(e, ERR_INVALID,
                    "'%s' names domains %u and %u: give the domid", name,
                    found->domid, h->doms[i]->d.domid);
            return NULL;
        }
        found = &h->doms[i]->d;
    }
    for (i = 0; found == NULL && i < h->n_offs; i++)
        if (matches(h->offs[i], name, is_uuid ? uuid : NULL))
            found = h->offs[i];
    if (found == NULL && text_u64(name, 0, HV_DOMID_MAX, &domid))
        found = engine_dom_by_domid(en, (uint32_t)domid);
    if (found == NULL)
        err_set(e, ERR_NOENT, "there is no domain '%s'", name);
    return found;
}
