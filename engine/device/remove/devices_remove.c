/*
 * devices_remove.c - all devices of a domain go, at its end: those that still
 * stand are found in xenstore, whoever made them.
 */
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/step.h"

/* The look at one may fail as that at all of them. */
static void
collect_one(void *arg, const char *kind, uint32_t devid)
{
    struct devices *ds = arg;
    struct err e = { 0 };

    if (device_add_standing(ds, kind, devid, &e) != NULL || e.code == ERR_NOENT)
        return;
    ds->left = true;
    event_add_for(ds->task->en, EVENT_DEVICE, EVENT_ERROR, ds->domid,
                  ds->task->op->name, "%s %u may be left behind: %s", kind,
                  devid, e.msg);
}

/* A console is nodes only: they go with the domain's. */
static int
collect_kind(void *arg, const char *kind, struct err *e)
{
    struct devices *ds = arg;

    if (device_traits(kind)->stays)
        return 0;
    return device_ids_each(ds->task->en, ds->domid, kind, collect_one, ds, e);
}

/* Of devices that xenstore does not tell, nothing can be taken down; their
 * domain goes all the same. */
static void
collect_all(struct devices *ds)
{
    struct err e = { 0 };

    if (device_kinds_each(ds->task->en, ds->domid, collect_kind, ds, &e) >= 0)
        return;
    ds->left = true;
    event_add_for(ds->task->en, EVENT_DEVICE, EVENT_ERROR, ds->domid,
                  ds->task->op->name,
                  "its devices cannot all be found, and some may be left "
                  "behind: %s",
                  e.msg);
}

/* xenstore may fail for a moment: what is left then keeps its disk from the
 * next life of the domain. All that still stands is looked for anew. */
static bool
remove_again(struct devices *ds)
{
    struct err e = { 0 };

    err_set(&e, ERR_IO, "not all could be found or taken down");
    if (!task_again_later(&ds->retry, ds->task, "its devices", &e))
        return false;
    devices_drop(ds);
    ds->begun = ds->left = false;
    return true;
}

enum step_rc
devices_remove(struct devices *ds, struct task *t, uint32_t domid)
{
    const struct device_type *type;
    enum step_rc rc;
    size_t i;

    ds->task = t;
    ds->domid = domid;
    if (task_again_waits(&ds->retry, t))
        return STEP_WAIT;
    if (!ds->begun)
        collect_all(ds);
    ds->begun = true;
    rc = devices_undo(ds);
    if (rc == STEP_DONE && ds->left && remove_again(ds))
        return STEP_WAIT;
    for (i = 0; rc == STEP_DONE && (type = device_type_at(i)) != NULL; i++)
        if (type->sweep != NULL)
            type->sweep(t->en, domid);
    return rc;
}
