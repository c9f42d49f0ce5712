/*
 * takeover.c - what other tools change on a running domain of ours is taken
 * over into its configuration, so that its next life has it, too: its name at
 * once, its memory target and maximum, and what takeover_tune.c reads when it
 * ends. All is told.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/device/machine_devices.h"
#include "engine/guest/guest.h"
#include "engine/life/define.h"
#include "engine/life/end/ending_int.h"
#include "engine/life/end/takeover.h"
#include "engine/life/life_int.h"
#include "engine/record/db.h"
#include "src/base/xalloc.h"

#define MIB(kib) ((unsigned long long)(kib) / 1024)

static bool
takeover_take_name(const struct dom_entry *de, struct domain_config *c)
{
    if (strcmp(c->name, de->d.name) == 0 ||
        strcmp(de->d.name, DOM_NAMELESS) == 0)
        return false;
    if (!config_name_ok(de->d.name)) {
        event_add(de->en, EVENT_ENGINE, EVENT_WARN, &de->d,
                  "renamed by another tool to what is no name of ours: its "
                  "next life is '%s' again",
                  c->name);
        return false;
    }
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "renamed from '%s' by another tool: its configuration has the "
              "new name",
              c->name);
    free(c->name);
    c->name = xstrdup(de->d.name);
    return true;
}

void
takeover_unread(const struct dom_entry *de, const char *what,
                const struct err *why)
{
    if (why->code == ERR_NOENT || why->code == ERR_UNSUPPORTED)
        return;
    event_add(de->en, EVENT_ENGINE, EVENT_WARN, &de->d,
              "%s could not be looked at: what another tool set is not in its "
              "next life (%s)",
              what, why->msg);
}

/* Read now: what the list has may be of before a read that failed. */
static uint64_t
takeover_target_kib(const struct dom_entry *de)
{
    char path[64];
    struct err why = { 0 };
    uint64_t kib;

    store_path(path, sizeof(path), "/local/domain/%u/memory/target",
               de->d.domid);
    if (store_read_u64(engine_store(de->en), 0, path, CONFIG_MEM_MAX_KIB, &kib,
                       &why) == 0)
        return kib;
    takeover_unread(de, "its memory", &why);
    return 0;
}

/* Its balloon is told less than it has, by the memory of an emulated screen. */
static bool
take_memory(const struct dom_entry *de, struct domain_config *c)
{
    uint64_t kib = takeover_target_kib(de);
    struct guest_memory m;

    guest_type_of(c)->memory(c, &m);
    if (kib == 0 || kib == m.target_kib)
        return false;
    kib += c->mem_kib - m.target_kib;
    if (kib == c->mem_kib || kib > c->maxmem_kib)
        return false;
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "its memory was set from %llu to %llu MiB by another tool: its "
              "configuration has that now",
              MIB(c->mem_kib), MIB(kib));
    c->mem_kib = kib;
    return true;
}

/* What it may own is its memory, but after `xl mem-max', which writes no node:
 * the next life, which is told its maximum anew, would not have it. */
static bool
take_maximum(const struct dom_entry *de, struct domain_config *c)
{
    uint64_t kib = de->d.max_kib;

    if (kib == UINT64_MAX || kib <= c->mem_kib || kib == c->maxmem_kib ||
        kib > CONFIG_MEM_MAX_KIB)
        return false;
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "its maximum memory was set from %llu to %llu MiB by another "
              "tool: its configuration has that now",
              MIB(c->maxmem_kib), MIB(kib));
    c->maxmem_kib = kib;
    return true;
}

static void
keep_changes(const struct dom_entry *de, const struct domain_config *c)
{
    struct err e = { 0 };

    if (db_save(engine_paths(de->en)->state, de->d.uuid, c, &e) < 0)
        event_add(de->en, EVENT_ENGINE, EVENT_ERROR, &de->d,
                  "not in its configuration: %s", e.msg);
    else
        defs_changed(de->en, de->d.uuid);
}

void
takeover_at_end(const struct dom_entry *de, struct domain_config *c)
{
    bool changed = takeover_take_name(de, c);
    struct db_state s;

    /* A configuration that was defined since the domain started is for its next
     * life. */
    db_state_load(engine_paths(de->en)->state, de->d.uuid, &s);
    if (!s.redefined) {
        uint64_t was_kib = c->mem_kib;
        bool all = machine_wants_all_memory(c); /* at the start of each life */

        changed |= !all && take_memory(de, c);
        if (!all && de->d.max_kib != was_kib)
            changed |= take_maximum(de, c);
        changed |= takeover_tuning(de, c);
    }
    if (changed)
        keep_changes(de, c);
}

/* Another tool puts aside under such a name what has died, or has gone to
 * another host: whom it served means the next one of the old name. The list may
 * not know of its end yet. */
static bool
takeover_put_aside(const struct dom_entry *de)
{
    struct hv_dom now;
    struct err e = { 0 };

    if (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING))
        return true;
    if (hv_get(engine_hv(de->en), de->d.domid, &now, &e) < 0)
        return e.code == ERR_NOENT;
    return (now.flags & (HV_SHUTDOWN | HV_DYING)) != 0;
}

void
life_renamed(struct dom_observer *o, struct dom_entry *de, const char *before)
{
    struct domain_config *c;

    (void)o;
    if (!takeover_put_aside(de))
        takeover_backends(de, before);
    if (!de->d.owned || de->d.building || de->d.preserved ||
        !record_reaps(de->en) ||
        db_load(engine_paths(de->en)->state, de->d.uuid, &c, NULL) < 0)
        return;
    if (takeover_take_name(de, c))
        keep_changes(de, c);
    config_free(c);
}
