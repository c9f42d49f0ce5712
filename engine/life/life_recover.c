/*
 * life_recover.c - how creations and ends that a dead engine had at work are
 * finished or undone.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/life/clone.h"
#include "engine/life/create.h"
#include "engine/life/end/grace.h"
#include "engine/life/ending.h"
#include "engine/life/leftover.h"
#include "engine/life/life_int.h"
#include "engine/life/migrate/incoming.h"
#include "engine/life/migrate/migrate_int.h"
#include "engine/life/retry.h"
#include "engine/life/save/save_int.h"
#include "engine/record/db.h"
#include "engine/record/db_before.h"
#include "engine/record/recover.h"
#include "engine/record/userdata.h"

/* --- creations --- */

static void
create_again(struct engine *en, const struct oplog_entry *j)
{
    const struct create_opts o = { .paused = j->paused,
                                   .again = true,
                                   .domid = j->domid,
                                   .restarts = j->restarts };
    struct domain_config *c;
    struct err e = { 0 };

    if (db_load(engine_paths(en)->state, j->uuid, &c, &e) < 0) {
        recover_say(en, j, "it cannot be made again now: %s", e.msg);
        if (e.code != ERR_NOENT)
            retry_keep(en, j->uuid, j->name, &o, 0, &e);
        return;
    }
    recover_say(en, j, "made again");
    (void)create_begin(en, c, &o);
}

/* A domain without a name and a mark: made by a hypercall that was the last
 * thing its engine did. */
static bool
is_nameless(struct engine *en, const struct dom_entry *de)
{
    char path[64];

    store_path(path, sizeof(path), "/local/domain/%u/name", de->d.domid);
    if (!store_absent(engine_store(en), 0, path))
        return false;
    store_path(path, sizeof(path), "/libxl/%u", de->d.domid);
    return store_absent(engine_store(en), 0, path);
}

/* The entry itself stays what it is: an engine that was killed while it did
 * this left an end of the same domain, which restart_on_record looks at. */
static void
undo_create(struct engine *en, struct dom_entry *de,
            const struct oplog_entry *j)
{
    struct oplog_entry end = *j;

    recover_say(en, j, j->again ? "undone, and made again" : "undone");
    end.verb = OP_DESTROY;
    end.domid = de->d.domid;
    end.owned = true;
    if (end.restarts > 0)
        end.restarts--; /* this life does not count */
    (void)ending_resume(en, de, &end);
}

static void
finish_create(struct engine *en, struct dom_entry *de,
              const struct oplog_entry *j)
{
    struct err e = { 0 };

    db_before_whole(engine_paths(en)->state, j->uuid);
    if (create_forget_saved(en, j->uuid, &e) < 0) {
        recover_say(en, j,
                    "left as it is, for its record still says that it is "
                    "saved: %s",
                    e.msg);
        return;
    }
    if (save_keeps_file(en, j->file)) /* it came from there */
        file_look_remove(en, j->file);
    if (!(de->d.flags & DOM_F_PAUSED) || j->paused) {
        recover_say(en, j, "it had done all");
        return;
    }
    if (hv_unpause(engine_hv(en), de->d.domid, &e) < 0)
        recover_say(en, j, "not started: %s", e.msg);
    else
        recover_say(en, j, "finished: started");
}

/* A destruction on record beside a creation of the same domain was asked for
 * by an operator, and ends it: but one that is a part of an undone creation. */
static bool
destroy_on_record(const struct recovery *r, const struct oplog_entry *j)
{
    size_t i;

    for (i = 0; i < r->n; i++)
        if (r->list[i].verb == OP_DESTROY && !r->list[i].again &&
            memcmp(r->list[i].uuid, j->uuid, sizeof(j->uuid)) == 0)
            return true;
    return false;
}

static void
recover_create(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de =
        recover_known_uuid(j) ? domains_by_uuid(en, j->uuid) : NULL;

    if (j->again && recover_known_uuid(j) && destroy_on_record(r, j)) {
        recover_say(en, j, "not made again: it is destroyed");
        return;
    }
    if (de == NULL && j->again) {
        create_again(en, j);
    } else if (de == NULL) {
        recover_say(en, j, "nothing of it is left");
        if (recover_known_uuid(j))
            leftovers_forget(en, j->uuid);
    } else if (de->d.owned && !de->d.building) {
        finish_create(en, de, j);
    } else if (de->d.owned || is_nameless(en, de)) {
        undo_create(en, de, j);
    } else {
        recover_say(en, j,
                    "its uuid is that of a domain of others: left alone");
    }
}

/* One that has come from another host and was ours already gets its name; any
 * other is half-built. */
static void
recover_receive(struct recovery *r, struct oplog_entry *j)
{
    struct dom_entry *de =
        recover_known_uuid(j) ? domains_by_uuid(r->en, j->uuid) : NULL;
    struct err e = { 0 };

    if (!recover_known_uuid(j))
        return; /* it had not said what it is */
    if (j->given && de != NULL && de->d.owned && de->d.building &&
        incoming_finish(de, j, &e) < 0) {
        recover_say(r->en, j, "not taken in: %s", e.msg);
        return;
    }
    recover_create(r, j);
}

/* --- ends --- */

/* The restart that follows an end is on record before the end is off it. What
 * an operator destroys meanwhile is not restarted (recover_create). */
static bool
restart_on_record(const struct recovery *r, const struct oplog_entry *j)
{
    size_t i;

    for (i = 0; i < r->n; i++)
        if (op_verb_makes(r->list[i].verb) &&
            (j->verb != OP_DESTROY || j->again || !r->list[i].again) &&
            memcmp(r->list[i].uuid, j->uuid, sizeof(j->uuid)) == 0)
            return true;
    return false;
}

/* Does it have the uuid that a rename-restart was about to give it? */
static bool
renamed(const struct dom_entry *de, const struct oplog_entry *j)
{
    static const uint8_t none[16] = { 0 };

    return memcmp(j->alias, none, sizeof(none)) != 0 &&
           memcmp(de->d.uuid, j->alias, sizeof(j->alias)) == 0;
}

/* Its nodes follow its uuid in one transaction. Before that the uuid goes
 * back, and all is done again; after it only the files may be missing. */
static void
finish_rename(struct engine *en, struct dom_entry *de,
              const struct oplog_entry *j)
{
    if (de->d.preserved) {
        userdata_rename(engine_paths(en)->libxl, j->domid, j->uuid, j->alias);
        return;
    }
    (void)hv_set_uuid(engine_hv(en), j->domid, j->uuid, NULL);
    (void)db_remove(engine_paths(en)->state, j->alias, NULL);
    (void)domains_scan(en, false, NULL);
}

static void
recover_ending(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = domains_by_domid(en, j->domid);

    if (!recover_known_uuid(j) || restart_on_record(r, j))
        return;
    if (de != NULL && renamed(de, j)) {
        finish_rename(en, de, j);
        de = domains_by_domid(en, j->domid);
    }
    if (de != NULL && memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0)
        de = NULL;
    if (de == NULL && !j->owned) {
        recover_say(en, j, "the domain is gone");
        return;
    }
    if (de != NULL && (j->revived || grace_was_revived(de, j))) {
        grace_recover(de, j);
        return;
    }
    recover_say(en, j,
                de == NULL ? "the domain is gone: finished" : "taken up");
    (void)ending_resume(en, de, j);
}

/* --- single calls --- */

/* One call, whose outcome the list of domains shows. */
static void
recover_pause(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    const struct dom_entry *de = recover_dom(en, j);

    if (de == NULL)
        recover_say(en, j, "the domain is gone");
    else
        recover_say(en, j, "a single call: the domain is %s",
                    de->d.flags & DOM_F_PAUSED ? "paused" : "not paused");
}

static void
recover_dump(struct recovery *r, struct oplog_entry *j)
{
    recover_say(r->en, j, "an unfinished core is removed");
}

/* Both are done by the mark of ownership, which is written last. */
static void
recover_adoption(struct recovery *r, struct oplog_entry *j)
{
    const struct dom_entry *de = recover_dom(r->en, j);

    if (de == NULL)
        recover_say(r->en, j, "the domain is gone");
    else if (de->d.owned == (j->verb == OP_ADOPT))
        recover_say(r->en, j, "it had done all");
    else
        recover_say(r->en, j, "not done: repeat it");
}

static void
recover_host_stop(struct recovery *r, struct oplog_entry *j)
{
    recover_say(r->en, j, "the host is no longer being stopped: repeat it");
}

void
life_recover_enter(struct engine *en)
{
    static const enum op_verb endings[] = { OP_SHUTDOWN, OP_REBOOT, OP_SUSPEND,
                                            OP_DESTROY, OP_REAP };
    size_t i;

    recover_enter(en, OP_CREATE, recover_create);
    recover_enter(en, OP_RESTORE, recover_create);
    recover_enter(en, OP_RECEIVE, recover_receive);
    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        recover_enter(en, endings[i], recover_ending);
    recover_enter(en, OP_PAUSE, recover_pause);
    recover_enter(en, OP_UNPAUSE, recover_pause);
    recover_enter(en, OP_DUMP, recover_dump);
    recover_enter(en, OP_ADOPT, recover_adoption);
    recover_enter(en, OP_DISOWN, recover_adoption);
    recover_enter(en, OP_HOST_STOP, recover_host_stop);
    save_recover_enter(en);
    clone_recover_enter(en);
    migrate_recover_enter(en);
}
