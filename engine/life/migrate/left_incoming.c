/*
 * left_incoming.c - see left_incoming.h.
 */
#include "engine/life/migrate/left_incoming.h"

#include <string.h>

#include "engine/dom0/dom0_transport.h"
#include "engine/host/domains.h"
#include "engine/host/listing.h"

#define AGAIN_MS 5000
#define SUFFIX   "--incoming"

static bool
has_suffix(const char *name)
{
    size_t n = strlen(name), k = strlen(SUFFIX);

    return n > k && strcmp(name + n - k, SUFFIX) == 0;
}

static bool
may_be_left(const struct dom *d)
{
    return !d->owned && !d->building && (d->flags & DOM_F_PAUSED) &&
           !(d->flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) && has_suffix(d->name);
}

/* A receiver that is gone changes nothing any more: what is read of the domain
 * from here on stays so. What cannot be looked at says nothing. */
static bool
receivers_are_gone(struct left_incoming *l, struct engine *en)
{
    uint64_t now = loop_now_ms(engine_loop(en));
    bool any;

    if (now < l->next_ms)
        return l->gone;
    l->next_ms = now + AGAIN_MS;
    l->gone = dom0_receivers(engine_dom0(en), &any, NULL) == 0 && !any;
    return l->gone;
}

static bool
is_still_paused(struct dom_entry *de)
{
    struct hv_dom h;

    domains_read_store(de);
    return has_suffix(de->d.name) &&
           hv_get(engine_hv(de->en), de->d.domid, &h, NULL) == 0 &&
           (h.flags & HV_PAUSED);
}

void
left_incoming_look(struct left_incoming *l, struct dom_entry *de)
{
    bool before = de->d.left;

    de->d.left = may_be_left(&de->d) && receivers_are_gone(l, de->en) &&
                 (before || is_still_paused(de));
    if (de->d.left == before)
        return;
    engine_changed(de->en, ENGINE_CH_DOMS);
    if (de->d.left)
        event_add(de->en, EVENT_ENGINE, EVENT_WARN, &de->d,
                  "left paused by a migration whose receiver is gone: see that "
                  "the other host has the domain, then `destroy %s' removes it",
                  de->d.name);
}
