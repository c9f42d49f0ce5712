/*
 * mark.c - follows the marks of ownership below /libxl: what another process
 * makes, adopts or lets go of is taken in or let go of here at once.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/core/engine_int.h"
#include "engine/dm/dm.h"
#include "engine/record/mark.h"
#include "engine/task/task.h"

/* "/libxl/7/xendeck/state" or owner: the domid; else 0. */
static uint32_t
domid_of(const char *path)
{
    char *end;
    unsigned long domid;

    if (strncmp(path, "/libxl/", 7) != 0)
        return 0;
    domid = strtoul(path + 7, &end, 10);
    if (strcmp(end, "/" MARK_DIR "/state") != 0 &&
        strcmp(end, "/" MARK_DIR "/owner") != 0 &&
        strcmp(end, "/" MARK_DIR) != 0)
        return 0;
    return domid <= HV_DOMID_MAX ? (uint32_t)domid : 0;
}

static void
take_in(struct dom_entry *de)
{
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "taken in: made or adopted by another xendeck");
    console_own(de);
    dm_own(de);
    domains_scan_soon(de->en); /* it may have ended already */
}

static void
mark_changed(struct store_watch *w, const char *path)
{
    struct engine *en = container_of(w, struct engine, mark_watch);
    struct dom_entry *de = domains_by_domid(en, domid_of(path));
    bool owned, building;

    if (de == NULL || de->d.domid == 0 || de->d.op != 0)
        return; /* operations of ours know what they do */
    owned = de->d.owned;
    building = de->d.building;
    domains_read_store(de);
    if (owned == de->d.owned && building == de->d.building)
        return;
    engine_changed(en, ENGINE_CH_DOMS);
    if (de->d.owned && !de->d.building && record_ours(en))
        take_in(de);
    else if (!de->d.owned && owned)
        console_disown(de);
}

int
marks_watch(struct engine *en, struct err *e)
{
    return store_watch_add(en->st, &en->mark_watch, "/libxl", mark_changed, e);
}
