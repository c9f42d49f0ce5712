/*
 * life_room.c - see life_room.h.
 */
#include "engine/life/life_room.h"

#include <stdlib.h>

#include "engine/device/device_recover.h"
#include "engine/guest/guest_kernel.h"
#include "engine/guest/loader/loader_dir.h"
#include "engine/life/clone.h"
#include "engine/life/core_dump.h"
#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/leftover.h"
#include "engine/life/life_int.h"
#include "engine/life/migrate/move_listen.h"
#include "engine/life/retry.h"
#include "src/base/xalloc.h"

static uint64_t
life_room_take_id(struct dom_observer *o, const uint8_t uuid[16])
{
    return defs_take_id(container_of(o, struct life_room, doms), uuid);
}

static void
born(struct dom_observer *o, struct dom_entry *de)
{
    (void)o;
    de->dump_unknown = !engine_options(de->en)->one_shot && !dump_recover(de);
}

static void
gone(struct dom_observer *o, struct dom_entry *de, const char *why)
{
    struct life_room *r = container_of(o, struct life_room, doms);

    (void)why;
    if (!de->d.owned || de->d.domid > HV_DOMID_MAX)
        return;
    r->gone[de->d.domid / 8] |= (uint8_t)(1U << de->d.domid % 8);
    r->any_gone = true;
}

static void
life_room_changed(struct dom_observer *o)
{
    defs_refresh(container_of(o, struct life_room, doms));
}

static void
life_room_begins(struct record_observer *o)
{
    device_end_left_scripts(container_of(o, struct life_room, record)->en);
}

static void
life_room_sweep(struct record_observer *o)
{
    struct engine *en = container_of(o, struct life_room, record)->en;

    (void)leftovers_remove(en);
    loader_dirs_sweep(en);
    guest_kernels_sweep(en);
    clones_sweep(en);
}

static void
recovered(struct record_observer *o)
{
    autostart_begin(container_of(o, struct life_room, record));
}

static void
life_room_undoing(struct task_observer *o, const struct task *t)
{
    (void)o;
    create_undoing(t);
}

/* The end of the host waits for operations of others. */
static void
task_ended(struct task_observer *o, const struct task *t)
{
    struct life_room *r = container_of(o, struct life_room, tasks);

    if (r->host_stop != NULL && r->host_stop != t)
        task_wake(r->host_stop);
}

static bool
life_has_duty(const struct engine_duty *d)
{
    const struct life_room *r = container_of(d, const struct life_room, duty);

    return retry_any(r) || autostart_goes_on(r);
}

void
life_open(struct engine *en)
{
    struct life_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    list_init(&r->retries);
    list_init(&r->late);
    list_init(&r->incomings);
    r->doms.take_id = life_room_take_id;
    r->doms.born = born;
    r->doms.between = life_between;
    r->doms.renamed = life_renamed;
    r->doms.listed = life_listed;
    r->doms.gone = gone;
    r->doms.changed = life_room_changed;
    r->record.begins = life_room_begins;
    r->record.sweep = life_room_sweep;
    r->record.recovered = recovered;
    r->tasks.undoing = life_room_undoing;
    r->tasks.ended = task_ended;
    engine_set_room(en, ROOM_LIFE, r);
    domains_observe(en, &r->doms);
    record_observe(en, &r->record);
    tasks_observe(en, &r->tasks);
    r->duty.has = life_has_duty;
    engine_enter_duty(en, &r->duty);
    life_recover_enter(en);
}

void
life_start(struct engine *en)
{
    defs_start(en);
    life_room(en)->listener = move_listener_new(en);
}

void
life_close(struct engine *en)
{
    struct life_room *r = life_room(en);

    if (r == NULL)
        return;
    engine_leave_duty(&r->duty);
    move_listener_free(r->listener);
    domains_unobserve(&r->doms);
    record_unobserve(&r->record);
    tasks_unobserve(&r->tasks);
    autostart_close(r);
    retry_close(r);
    defs_stop(r);
    engine_set_room(en, ROOM_LIFE, NULL);
    free(r);
}
