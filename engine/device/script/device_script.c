/*
 * device_script.c - the hotplug scripts of a device: what they are told, and
 * the second run for the emulated card of an interface.
 * Facts of libxl: the card's end in dom0 is a tap, vifDOMID.DEVID-emu, which
 * the device model makes at its start. The script that has connected the
 * interface runs again for it, with other words; at the end it runs for both,
 * the interface first, also when the model is gone and the tap with it: a
 * switch such as Open vSwitch remembers its ports by name.
 */
#include "engine/device/device.h"
#include "engine/device/device_handler.h"
#include "engine/device/step.h"
#include "engine/dom0/dom0.h"

#define CARD_ADD    "add"
#define CARD_REMOVE "remove"

/* Room for what a script is told of an interface. */
struct script_names {
    char ifname[32], tap[40], netdev[64];
};

static void
script_done(struct hotplug *hp)
{
    task_wake(container_of(hp, struct device, hotplug)->owner->task);
}

/* libxl's copy says by which interface of dom0 a routed one is routed. At a
 * removal nothing depends on it that would be worth to leave the device. */
static int
script_netdev(const struct device *d, bool add, struct script_names *n,
              struct err *e)
{
    char path[160];

    store_path(path, sizeof(path), "%s/gatewaydev", d->copy);
    n->netdev[0] = '\0';
    if (store_read_maybe(engine_store(d->owner->task->en), 0, path, n->netdev,
                         sizeof(n->netdev), e) == 0)
        return 0;
    n->netdev[0] = '\0';
    if (add)
        return -1;
    err_clear(e);
    return 0;
}

static int
script_name_all(const struct device *d, bool add, struct script_names *n,
                struct hotplug_job *j, struct err *e)
{
    if (!d->type->has_ifname)
        return 0;
    text_fmt(n->ifname, sizeof(n->ifname), "vif%u.%u", d->owner->domid,
             d->devid);
    text_fmt(n->tap, sizeof(n->tap), "%s-emu", n->ifname);
    if (script_netdev(d, add, n, e) < 0)
        return -1;
    j->ifname = n->ifname;
    j->tap = d->has_card ? n->tap : NULL;
    j->netdev = n->netdev;
    return 0;
}

int
device_script_start(struct device *d, bool add, bool card, struct err *e)
{
    const struct device_type *t = d->type;
    struct script_names names;
    struct hotplug_job j = {
        .script = d->script,
        .verb = add ? t->add_verb : t->remove_verb,
        .arg = t->script_arg,
        .kind = d->kind,
        .back = d->back,
    };

    if (card) {
        j.verb = add ? CARD_ADD : CARD_REMOVE;
        j.arg = t->card_arg;
    }
    if (script_name_all(d, add, &names, &j, e) < 0)
        return -1;
    d->hotplug.done = script_done;
    return hotplug_start(&d->hotplug, engine_dom0(d->owner->task->en), &j, e);
}

/* Its words: those that it left for libxl, else its stderr. */
static void
script_words(struct device *d, char *dst, size_t n)
{
    device_error(d->owner->task->en, d->back, dst, n);
    if (dst[0] == '\0')
        hotplug_said(&d->hotplug, dst, n);
    if (dst[0] == '\0')
        text_fmt(dst, n, "it said nothing; see /var/log/xen/xen-hotplug.log");
}

int
device_script_check(struct device *d, const char *of, struct err *e)
{
    char said[256];

    if (hotplug_ok(&d->hotplug))
        return 0;
    script_words(d, said, sizeof(said));
    return device_refuse(d, e, d->hotplug.late ? ERR_TIMEOUT : ERR_BUSY, NULL,
                         "the script %s %s%s: %s", d->script,
                         d->hotplug.late ? "did not end in 40 s" : "failed", of,
                         said);
}

/* --- emulated cards --- */

enum step_rc
device_card_advance(struct device *d, struct err *e)
{
    if (!d->has_card || d->script[0] == '\0')
        return STEP_DONE;
    if (!d->card_begun) {
        d->card_begun = true; /* also what fails is taken back */
        d->card_plugged = d->type->plug != NULL && d->type->plug(d, true, true);
        if (!d->card_plugged && device_script_start(d, true, true, e) < 0) {
            err_wrap(e, "%s %s", d->kind, d->name);
            return STEP_FAIL;
        }
    }
    if (d->hotplug.running)
        return STEP_WAIT;
    if (d->card_plugged)
        return STEP_DONE;
    return device_script_check(d, " for its emulated card", e) < 0 ? STEP_FAIL
                                                                   : STEP_DONE;
}

/* Of an attach that is taken back before there was a tap, nothing is left. */
bool
device_card_leaves(struct device *d)
{
    struct err e = { 0 };

    if (!d->has_card || d->card_left || d->script[0] == '\0' ||
        (d->cfg != NULL && !d->card_begun))
        return false;
    d->card_left = true;
    if (d->type->plug != NULL && d->type->plug(d, false, true))
        return false;
    if (device_script_start(d, false, true, &e) == 0)
        return true;
    log_line(engine_log(d->owner->task->en), LOGL_WARN, "%s: %s", d->back,
             e.msg);
    return false;
}
