/*
 * served.c - see served.h: the list, and what changes it. An entry is made when
 * this engine attaches a device, or finds one at its start; it goes with its
 * domain, or when it is found that the device was removed.
 * Invariant: all that is needed to go on is in xenstore (whose device it is and
 * where its backend was) and in the configuration (the name of its server); the
 * list only spares looking for it at each end of a domain.
 */
#include "engine/device/served/served.h"

#include <stdlib.h>
#include <string.h>

#include "engine/device/device_handler.h"
#include "engine/device/served/served_int.h"
#include "src/base/xalloc.h"

#define LOOK_MS 100 /* what a birth brings with it settles */

void
served_drop(struct served *s)
{
    served_wait_end(s);
    list_del(&s->node);
    free(s);
}

bool
served_place(const struct served *s, struct device_place *out)
{
    return device_place_read(s->en, s->domid, s->kind, s->devid, out, NULL);
}

bool
served_is_gone(const struct served *s)
{
    struct device_place at;

    if (served_place(s, &at))
        return at.back_domid == 0;
    return store_absent(engine_store(s->en), 0, at.copy);
}

static struct served *
served_find(const struct served_room *r, uint64_t dom_id, const char *kind,
            uint32_t devid)
{
    struct list_node *it;

    list_foreach (it, &r->all) {
        struct served *s = list_entry(it, struct served, node);

        if (s->dom_id == dom_id && s->devid == devid &&
            strcmp(s->kind, kind) == 0)
            return s;
    }
    return NULL;
}

struct served *
served_add(struct served_room *r, const struct dom *d, const char *kind,
           uint32_t devid)
{
    struct served *s = served_find(r, d->id, kind, devid);

    if (s != NULL)
        return s;
    s = xcalloc(1, sizeof(*s));
    s->en = r->en;
    s->dom_id = d->id;
    s->domid = d->domid;
    s->devid = devid;
    text_fmt(s->kind, sizeof(s->kind), "%s", kind);
    list_append(&r->all, &s->node);
    return s;
}

void
served_note(const struct device *d)
{
    struct engine *en = d->owner->task->en;
    const struct dom_entry *of, *by;
    struct served *s;

    if (d->back_domid == 0 || !device_by_kernel(d) || served_room(en) == NULL)
        return;
    of = domains_by_domid(en, d->owner->domid);
    by = domains_by_domid(en, d->back_domid);
    if (of == NULL || by == NULL)
        return;
    s = served_add(served_room(en), &of->d, d->kind, d->devid);
    served_wait_end(s);
    s->state = SERVED_WELL;
    s->server_id = by->d.id;
    text_fmt(s->name, sizeof(s->name), "%s", d->name);
    text_fmt(s->server, sizeof(s->server), "%s", by->d.name);
}

void
served_forget(const struct device *d)
{
    struct engine *en = d->owner->task->en;
    const struct dom_entry *of = domains_by_domid(en, d->owner->domid);
    struct served *s;

    if (d->back_domid == 0 || of == NULL || served_room(en) == NULL)
        return;
    s = served_find(served_room(en), of->d.id, d->kind, d->devid);
    if (s != NULL)
        served_drop(s);
}

/* --- ends and beginnings --- */

static void
served_lose(struct served *s)
{
    const struct dom_entry *de = domains_by_id(s->en, s->dom_id);

    s->server_id = 0;
    s->tries = 0;
    if (s->state == SERVED_BUSY)
        return; /* its operation finds out */
    if (de == NULL || served_is_gone(s)) {
        served_drop(s); /* xl removed it */
        return;
    }
    served_wait_end(s);
    s->state = SERVED_LOST;
    event_add(s->en, EVENT_DEVICE, EVENT_WARN, &de->d,
              "%s %s is lost: %s, which served it, has ended%s", s->kind,
              s->name, s->server,
              de->d.owned ? "; it is attached again when that runs again" : "");
}

static void
served_server_ended(struct served_room *r, const struct dom *d)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &r->all) {
        struct served *s = list_entry(it, struct served, node);

        if (s->server_id == d->id)
            served_lose(s);
    }
}

/* One that is kept for a look serves nobody either. */
static void
served_listed(struct dom_observer *o, struct dom_entry *de)
{
    struct served_room *r = container_of(o, struct served_room, doms);

    if ((de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) != 0 &&
        !list_empty(&r->all) && !device_server_lives(r->en, de->d.domid))
        served_server_ended(r, &de->d);
}

static void
served_gone(struct dom_observer *o, struct dom_entry *de, const char *why)
{
    struct served_room *r = container_of(o, struct served_room, doms);
    struct list_node *it, *tmp;

    (void)why;
    served_scan_forget(r, de->d.id);
    served_server_ended(r, &de->d);
    /* The analyzer does not see that list_del takes s from the list.
     * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    list_foreach_safe (it, tmp, &r->all) {
        struct served *s = list_entry(it, struct served, node);

        if (s->dom_id == de->d.id)
            served_drop(s);
    }
}

static void
served_changed(struct dom_observer *o)
{
    served_look_in(container_of(o, struct served_room, doms)->en, LOOK_MS);
}

/* The making of a domain may be over, and that makes it a server. */
static void
served_task_ended(struct task_observer *o, const struct task *t)
{
    (void)t;
    served_look_in(container_of(o, struct served_room, tasks)->en, LOOK_MS);
}

static bool
served_can_be_had(const struct served *s)
{
    const struct dom *by = served_server(s);

    return s->state == SERVED_LOST && by != NULL &&
           (s->server_id != by->id || s->tries < SERVED_TRIES);
}

/* The operation of a domain takes all that it can have. */
static void
served_look(struct loop_timer *lt)
{
    struct served_room *r = container_of(lt, struct served_room, looking);
    struct list_node *it, *tmp;

    if (!record_reaps(r->en) || engine_is(r->en, ENGINE_CLOSING))
        return;
    list_foreach_safe (it, tmp, &r->all) {
        struct served *s = list_entry(it, struct served, node);
        const struct dom_entry *de = domains_by_id(r->en, s->dom_id);

        if (de != NULL && de->d.owned && !de->d.building &&
            !(de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) &&
            served_can_be_had(s))
            served_again(r->en, &de->d);
    }
}

static bool
served_any_lost(const struct served_room *r)
{
    struct list_node *it;

    list_foreach (it, &r->all)
        if (list_entry(it, struct served, node)->state == SERVED_LOST)
            return true;
    return false;
}

void
served_look_in(struct engine *en, uint64_t ms)
{
    struct served_room *r = served_room(en);

    if (r != NULL && !loop_timer_active(&r->looking) && served_any_lost(r))
        loop_timer_arm(engine_loop(en), &r->looking, ms, served_look);
}

/* --- opening and closing --- */

static void
served_owned(struct record_observer *o, struct dom_entry *de)
{
    struct served_room *r = container_of(o, struct served_room, record);

    served_scan_new(r, de->d.id); /* told again by each recovery */
}

/* Another tool may attach devices until it is adopted. */
static void
served_disowned(struct record_observer *o, struct dom_entry *de)
{
    served_scan_forget(container_of(o, struct served_room, record), de->d.id);
}

void
served_open(struct engine *en)
{
    struct served_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    list_init(&r->all);
    r->doms.listed = served_listed;
    r->doms.gone = served_gone;
    r->doms.changed = served_changed;
    r->record.own = served_owned;
    r->record.disown = served_disowned;
    r->tasks.ended = served_task_ended;
    engine_set_room(en, ROOM_SERVED, r);
    domains_observe(en, &r->doms);
    record_observe(en, &r->record);
    tasks_observe(en, &r->tasks);
    served_recover_enter(en);
}

void
served_close(struct engine *en)
{
    struct served_room *r = served_room(en);
    struct list_node *it, *tmp;

    if (r == NULL)
        return;
    domains_unobserve(&r->doms);
    record_unobserve(&r->record);
    tasks_unobserve(&r->tasks);
    served_scan_close(r);
    loop_timer_del(&r->looking);
    list_foreach_safe (it, tmp, &r->all)
        served_drop(list_entry(it, struct served, node));
    engine_set_room(en, ROOM_SERVED, NULL);
    free(r);
}
