/*
 * mark.c - follows the marks of ownership below /libxl: what another process
 * makes, adopts or lets go of is taken in or let go of here at once.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/record_int.h"
#include "engine/record/tags.h"

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
mark_take_in(struct dom_entry *de)
{
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "taken in: its marks say now that xendeck owns it");
    record_tell_own(de);
    domains_scan_soon(de->en); /* it may have ended already */
}

static void
mark_changed(struct store_watch *w, const char *path)
{
    struct engine *en = container_of(w, struct record_room, mark_watch)->en;
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
        mark_take_in(de);
    else if (!de->d.owned && owned)
        record_tell_disown(de);
}

int
record_follow_marks(struct engine *en, struct err *e)
{
    return store_watch_add(engine_store(en), &record_room(en)->mark_watch,
                           "/libxl", mark_changed, e);
}

/* --- reading --- */

static void
read_lives(struct dom_entry *de)
{
    char path[64], text[32];
    struct db_state s;
    uint64_t n;

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/preserved",
               de->d.domid);
    if (domains_read_node(de, path, text, sizeof(text)))
        de->d.preserved = text[0] != '\0';
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/restarts",
               de->d.domid);
    if (store_read_u64(engine_store(de->en), 0, path, UINT_MAX, &n, NULL) == 0)
        de->d.restarts = (unsigned)n;
    db_state_load(engine_paths(de->en)->state, de->d.uuid, &s);
    if (s.unread)
        return;
    memcpy(de->d.last_end, s.last_end, sizeof(de->d.last_end));
    de->d.last_end_wall_s = s.last_end_wall_s;
}

void
mark_read(struct dom_observer *o, struct dom_entry *de)
{
    char path[64], text[32];

    (void)o;
    tags_load(engine_paths(de->en)->state, de->d.uuid, de->d.tags);
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/owner", de->d.domid);
    if (domains_read_node(de, path, text, sizeof(text)))
        de->d.owned = strcmp(text, MARK_OWNER) == 0;
    if (!de->d.owned) {
        de->d.building = false;
        return;
    }
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/state", de->d.domid);
    if (domains_read_node(de, path, text, sizeof(text)))
        de->d.building = strcmp(text, MARK_BUILDING) == 0;
    read_lives(de);
}
