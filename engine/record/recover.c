/*
 * recover.c - see recover.h. The journals of dead engines say what was at
 * work; the hypervisor, xenstore and the database say how far it came. Each
 * operation is taken up by an ordinary task, which is on our own record before
 * the dead engine's is dropped: this can be killed at any moment, too.
 */
#include "engine/record/recover.h"
#include "engine/dm/dm.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/device/device.h"
#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/task/oplog.h"
#include "engine/tune/tune.h"

struct recovery {
    struct engine *en;
    struct oplog_entry *list;
    size_t n;
};

static bool
known_uuid(const struct oplog_entry *j)
{
    static const uint8_t none[16] = { 0 };

    return memcmp(j->uuid, none, sizeof(none)) != 0;
}

static struct dom_entry *
by_uuid(struct engine *en, const uint8_t uuid[16])
{
    size_t i;

    for (i = 0; i < en->n_doms; i++)
        if (memcmp(en->doms[i]->d.uuid, uuid, 16) == 0)
            return en->doms[i];
    return NULL;
}

static void say(struct engine *en, const struct oplog_entry *j, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

static void
say(struct engine *en, const struct oplog_entry *j, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    event_add_for(en, EVENT_ENGINE, EVENT_WARN, j->domid, j->name,
                  "recovery: %s was at '%s' when its engine died: %s",
                  op_verb_name(j->verb), j->step[0] != '\0' ? j->step : "begin",
                  buf_text(&b));
    buf_free(&b);
}

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

    if (db_load(en->paths.state, j->uuid, &c, &e) < 0) {
        say(en, j, "it cannot be made again: %s", e.msg);
        return;
    }
    say(en, j, "made again");
    (void)create_begin(en, c, &o);
}

/* A domain without a name and a mark: made by a hypercall that was the last
 * thing its engine did. */
static bool
is_nameless(struct engine *en, const struct dom_entry *de)
{
    char path[64];

    store_path(path, sizeof(path), "/local/domain/%u/name", de->d.domid);
    if (store_exists(en->st, 0, path))
        return false;
    store_path(path, sizeof(path), "/libxl/%u", de->d.domid);
    return !store_exists(en->st, 0, path);
}

/* The entry itself stays what it is: an engine that was killed while it did
 * this left an end of the same domain, which restart_on_record looks at. */
static void
undo_create(struct engine *en, struct dom_entry *de,
            const struct oplog_entry *j)
{
    struct oplog_entry end = *j;

    say(en, j, j->again ? "undone, and made again" : "undone");
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

    if (!(de->d.flags & DOM_F_PAUSED) || j->paused) {
        say(en, j, "it had done all");
        return;
    }
    if (hv_unpause(en->hv, de->d.domid, &e) < 0)
        say(en, j, "not started: %s", e.msg);
    else
        say(en, j, "finished: started");
}

static void
recover_create(struct recovery *r, const struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = known_uuid(j) ? by_uuid(en, j->uuid) : NULL;

    if (de == NULL && j->again) {
        create_again(en, j);
    } else if (de == NULL) {
        say(en, j, "nothing of it is left");
        if (known_uuid(j))
            leftovers_forget(en, j->uuid);
    } else if (de->d.owned && !de->d.building) {
        finish_create(en, de, j);
    } else if (de->d.owned || is_nameless(en, de)) {
        undo_create(en, de, j);
    } else {
        say(en, j, "its uuid is that of a domain of others: left alone");
    }
}

/* --- ends --- */

/* The restart that follows an end is on record before the end is off it. */
static bool
restart_on_record(const struct recovery *r, const struct oplog_entry *j)
{
    size_t i;

    for (i = 0; i < r->n; i++)
        if (r->list[i].verb == OP_CREATE &&
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
        userdata_rename(en->paths.libxl, j->domid, j->uuid, j->alias);
        return;
    }
    (void)hv_set_uuid(en->hv, j->domid, j->uuid, NULL);
    (void)db_remove(en->paths.state, j->alias, NULL);
    (void)domains_scan(en, false, NULL);
}

static void
recover_ending(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = domains_by_domid(en, j->domid);

    if (!known_uuid(j) || restart_on_record(r, j))
        return;
    if (de != NULL && renamed(de, j)) {
        finish_rename(en, de, j);
        de = domains_by_domid(en, j->domid);
    }
    if (de != NULL && memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0)
        de = NULL;
    if (de == NULL && !j->owned) {
        say(en, j, "the domain is gone");
        return;
    }
    say(en, j, de == NULL ? "the domain is gone: finished" : "taken up");
    (void)ending_resume(en, de, j);
}

/* --- the rest --- */

/* Of changes of devices of the same domain that are left. */
static bool
same_change(const struct oplog_entry *a, const struct oplog_entry *b)
{
    return !a->live &&
           (a->verb == OP_DEVICE_ADD || a->verb == OP_DEVICE_REMOVE) &&
           a->domid == b->domid &&
           memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0;
}

/* There are several if an engine died that had taken one up, or if they
 * queued. */
static bool
first_change(const struct recovery *r, const struct oplog_entry *j)
{
    size_t i;

    for (i = 0; &r->list[i] != j; i++)
        if (same_change(&r->list[i], j))
            return false;
    return true;
}

/* What a CD drive was to have; "" if it was none. */
static const char *
medium_of(const struct recovery *r, const struct oplog_entry *j)
{
    size_t i;

    for (i = 0; i < r->n; i++)
        if (same_change(&r->list[i], j) && r->list[i].want[0] != '\0')
            return r->list[i].want;
    return "";
}

/* Half of a device is of no use to anybody: it is taken out. */
static void
recover_device(struct recovery *r, const struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = domains_by_domid(en, j->domid);

    if (de == NULL ||
        (known_uuid(j) && memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0))
        say(en, j, "the domain is gone");
    else if (!first_change(r, j))
        return; /* a domain has one mark: it is being taken up */
    else if (!devices_recover(de, medium_of(r, j)))
        say(en, j, "nothing of it is left half-done");
}

/* What was to be is on record, and may be done twice. */
static void
recover_tuning(struct engine *en, const struct oplog_entry *j)
{
    struct dom_entry *de = domains_by_domid(en, j->domid);
    struct err e = { 0 };

    if (de == NULL || memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0)
        say(en, j, "the domain is gone");
    else if (tune_is_waiting(j->step))
        say(en, j, "all is set, the guest follows by itself");
    else if (j->want[0] == '\0' && j->step[0] == '\0')
        say(en, j, "it had done nothing");
    else if (j->want[0] == '\0')
        say(en, j, "a single call: done or not, and not repeated");
    else if (tune_repeat(de, j->want, &e) < 0)
        say(en, j, "not finished: %s", e.msg);
    else if (strncmp(j->want, "sysrq ", 6) == 0)
        say(en, j, "a key that the guest has not taken is withdrawn");
    else
        say(en, j, "repeated (%s)", j->want);
}

/* One call, whose outcome the list of domains shows. */
static void
recover_pause(struct engine *en, const struct oplog_entry *j)
{
    const struct dom_entry *de = domains_by_domid(en, j->domid);

    if (de == NULL || memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0)
        say(en, j, "the domain is gone");
    else
        say(en, j, "a single call: the domain is %s",
            de->d.flags & DOM_F_PAUSED ? "paused" : "not paused");
}

static void
recover_entry(struct recovery *r, struct oplog_entry *j)
{
    switch (j->verb) {
    case OP_CREATE:
        recover_create(r, j);
        break;
    case OP_SHUTDOWN:
    case OP_REBOOT:
    case OP_SUSPEND:
    case OP_DESTROY:
    case OP_REAP:
        recover_ending(r, j);
        break;
    case OP_DEVICE_ADD:
    case OP_DEVICE_REMOVE:
        recover_device(r, j);
        break;
    case OP_RENAME:
    case OP_MEMORY:
    case OP_VCPUS:
    case OP_TUNE:
        recover_tuning(r->en, j);
        break;
    case OP_PAUSE:
    case OP_UNPAUSE:
        recover_pause(r->en, j);
        break;
    case OP_DUMP:
        say(r->en, j, "an unfinished core is removed");
        break;
    default:
        say(r->en, j, "not finished: look at the domain and repeat it");
        break;
    }
}

static void
recover_operations(struct engine *en)
{
    struct recovery r = { .en = en };
    size_t i, old;

    r.n = oplog_read(en, &r.list, &old);
    if (old > 0)
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "recovery: %zu operation%s of an engine from before the last "
                  "start of this host dropped",
                  old, old == 1 ? "" : "s");
    for (i = 0; i < r.n; i++)
        if (!r.list[i].live)
            recover_entry(&r, &r.list[i]);
    free(r.list);
    (void)leftovers_remove(en);
    oplog_drop_dead(en);
}

/* Consoles are read from the listing on; an observer begins now. */
static void
take_consoles(struct engine *en)
{
    size_t i;

    for (i = 0; i < en->n_doms; i++)
        if (en->doms[i]->d.owned && !en->doms[i]->d.building) {
            console_own(en->doms[i]);
            dm_own(en->doms[i]);
        }
}

void
recover_run(struct engine *en)
{
    en->recovering = true;
    take_consoles(en);
    recover_operations(en);
    en->recovering = false;
    domains_scan_soon(en);
    autostart_begin(en);
}

void
recover_tick(struct engine *en)
{
    if (!oplog_any_dead(en) || domains_scan(en, false, NULL) < 0)
        return;
    recover_run(en);
}
