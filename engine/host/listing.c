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
    size_t i;

    h->offs = list;
    h->n_offs = n;
    h->host.doms_saved = h->host.doms_off = 0;
    for (i = 0; i < n; i++) {
        if (list[i]->saved)
            h->host.doms_saved++;
        else
            h->host.doms_off++;
    }
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
    return dom_ask_between(en, NULL, id);
}

bool
engine_memory_use(struct engine *en, uint64_t dom_id, struct memory_use *out)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);

    return de != NULL &&
           hv_memory_use(engine_hv(en), de->d.domid, out, NULL) == 0;
}

const struct dom *
engine_dom_by_name(const struct engine *en, const char *name)
{
    const struct dom *d;
    size_t i;

    for (i = 0; (d = engine_dom_at(en, i)) != NULL; i++)
        if (strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

const struct dom *
engine_dom_by_domid(const struct engine *en, uint32_t domid)
{
    const struct dom_entry *de = domains_by_domid(en, domid);

    return de != NULL ? &de->d : NULL;
}
