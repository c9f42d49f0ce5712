/*
 * dom_observers.c - tells the rooms above of domains, in the order in which
 * they have entered.
 */
#include "engine/host/host_int.h"

void
domains_observe(struct engine *en, struct dom_observer *o)
{
    list_append(&host_room(en)->observers, &o->node);
}

void
domains_unobserve(struct dom_observer *o)
{
    list_del(&o->node);
}

#define observers_foreach(it, en) list_foreach (it, &host_room(en)->observers)

static struct dom_observer *
observer_of(struct list_node *it)
{
    return list_entry(it, struct dom_observer, node);
}

void
dom_tell_read(struct dom_entry *de)
{
    struct list_node *it;

    observers_foreach(it, de->en) if (observer_of(it)->read != NULL)
        observer_of(it)
            ->read(observer_of(it), de);
}

uint64_t
dom_ask_id(struct engine *en, const uint8_t uuid[16])
{
    struct list_node *it;
    uint64_t id = 0;

    observers_foreach(it, en) if (id == 0 && observer_of(it)->take_id != NULL)
        id = observer_of(it)->take_id(observer_of(it), uuid);
    return id;
}

const struct dom *
dom_ask_between(const struct engine *en, const char *name, uint64_t id)
{
    const struct dom *d = NULL;
    struct list_node *it;

    observers_foreach(it, en) if (d == NULL && observer_of(it)->between != NULL)
        d = observer_of(it)->between(observer_of(it), name, id);
    return d;
}

void
dom_tell_born(struct dom_entry *de)
{
    struct list_node *it;

    observers_foreach(it, de->en) if (observer_of(it)->born != NULL)
        observer_of(it)
            ->born(observer_of(it), de);
}

void
dom_tell_renamed(struct dom_entry *de, const char *before)
{
    struct list_node *it;

    observers_foreach(it, de->en) if (observer_of(it)->renamed != NULL)
        observer_of(it)
            ->renamed(observer_of(it), de, before);
}

void
dom_tell_listed(struct dom_entry *de)
{
    struct list_node *it;

    observers_foreach(it, de->en) if (observer_of(it)->listed != NULL)
        observer_of(it)
            ->listed(observer_of(it), de);
}

void
dom_tell_gone(struct dom_entry *de, const char *why)
{
    struct list_node *it;

    observers_foreach(it, de->en) if (observer_of(it)->gone != NULL)
        observer_of(it)
            ->gone(observer_of(it), de, why);
}

void
dom_tell_changed(struct engine *en)
{
    struct list_node *it;

    observers_foreach(it, en) if (observer_of(it)->changed != NULL)
        observer_of(it)
            ->changed(observer_of(it));
}
