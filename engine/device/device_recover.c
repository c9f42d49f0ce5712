/*
 * device_recover.c - how a change of a domain's devices that a dead engine had
 * at work is ended.
 */
#include "engine/device/device_recover.h"

#include <string.h>

#include "engine/device/device.h"
#include "engine/dom0/dom0.h"
#include "engine/host/domains.h"
#include "engine/record/recover.h"

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
recover_device(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = domains_by_domid(en, j->domid);

    if (de == NULL || (recover_known_uuid(j) &&
                       memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0))
        recover_say(en, j, "the domain is gone");
    else if (!first_change(r, j))
        return; /* a domain has one mark: it is being taken up */
    else if (!devices_recover(de, medium_of(r, j)))
        recover_say(en, j, "nothing of it is left half-done");
}

static void
device_recover_tell_left(void *arg, long pid, const char *script,
                         const char *back)
{
    event_add(arg, EVENT_DEVICE, EVENT_WARN, NULL,
              "the script %s (pid %ld) of %s was left at work by an engine "
              "that is gone: killed",
              script, pid, back);
}

void
device_end_left_scripts(struct engine *en)
{
    struct err e = { 0 };

    if (dom0_end_left_scripts(engine_dom0(en), device_recover_tell_left, en,
                              &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
}

void
device_recover_enter(struct engine *en)
{
    recover_enter(en, OP_DEVICE_ADD, recover_device);
    recover_enter(en, OP_DEVICE_REMOVE, recover_device);
}
