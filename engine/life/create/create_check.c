/*
 * create_check.c - what is looked at before anything of a domain is made: its
 * name and uuid, the host's processors and memory, its files.
 */
#include <string.h>

#include "engine/device/machine_devices.h"
#include "engine/guest/guest_machine.h"
#include "engine/host/host_xl.h"
#include "engine/host/listing.h"
#include "engine/life/create/create_tune.h"
#include "engine/life/create_int.h"
#include "engine/life/host_stop.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"

#define AGAIN_LIMIT_MS 10000
#define AGAIN_POLL_MS  200

int
create_check_unique(struct create *c, bool *dying, struct err *e)
{
    struct engine *en = c->t.en;
    const struct dom_entry *de;
    size_t i;

    if (domains_scan(en, false, e) < 0)
        return -1;
    domains_read_names(en, false);
    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        const struct dom *d = &de->d;

        *dying = d->flags & DOM_F_DYING;
        if (memcmp(d->uuid, c->cfg->uuid, sizeof(d->uuid)) == 0 &&
            (d->building || !d->owned))
            domains_read_store(domains_by_domid(en, d->domid));
        if (memcmp(d->uuid, c->cfg->uuid, sizeof(d->uuid)) == 0 && d->building)
            return err_set(e, ERR_BUSY,
                           "'%s' is being started already, as domain %u",
                           c->cfg->name, d->domid);
        if (strcmp(d->name, c->cfg->name) == 0 ||
            (c->shown[0] != '\0' && strcmp(d->name, c->shown) == 0))
            return config_refuse(c->cfg, "name", ERR_EXISTS, e,
                                 "found \"%s\", which domain %u has already",
                                 d->name, d->domid);
        if (memcmp(d->uuid, c->cfg->uuid, sizeof(d->uuid)) == 0)
            return err_set(e, ERR_EXISTS,
                           "%s: uuid: domain %u ('%s') has the same",
                           c->cfg->file, d->domid, d->name);
    }
    return 0;
}

static void
again_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct create, again)->t);
}

/* Looks again in a moment, while there is hope and the limit is not reached. */
static bool
check_again(struct create *c, bool hope, struct err *e)
{
    uint64_t now = loop_now_ms(engine_loop(c->t.en));

    if (!hope)
        return false;
    if (c->again_until_ms == 0)
        c->again_until_ms = now + AGAIN_LIMIT_MS;
    if (now >= c->again_until_ms)
        return false;
    err_clear(e);
    loop_timer_arm(engine_loop(c->t.en), &c->again, AGAIN_POLL_MS, again_due);
    return true;
}

static bool
create_is_first_life(const struct create *c)
{
    return !c->o.again && c->guest.stream_fd < 0;
}

static void
create_complete_limit(unsigned *limit, const struct xl_limit *usual)
{
    if (*limit == CONFIG_LIMIT_UNSET && usual->set)
        *limit = usual->value;
}

/* What xl.conf says of all domains is completed for one that is built and does
 * not say it, as xl does. */
static void
create_complete_limits(struct create *c)
{
    struct config_machine *m = &c->cfg->machine;
    struct xl_conf xl;

    if (c->guest.stream_fd >= 0)
        return;
    host_xl_conf(c->t.en, &xl);
    create_complete_limit(&m->max_grant_frames, &xl.max_grant_frames);
    create_complete_limit(&m->max_maptrack_frames, &xl.max_maptrack_frames);
    create_complete_limit(&m->max_grant_version, &xl.max_grant_version);
}

enum step_rc
create_run_check(struct task *t, struct err *e)
{
    struct create *c = container_of(t, struct create, t);
    bool dying = false;
    enum step_rc rc;

    if (host_stopping(t->en)) {
        err_set(e, ERR_DENIED,
                "the host is being stopped: no domain is "
                "started");
        return STEP_FAIL;
    }
    create_complete_limits(c);
    helper_warm(tasks_helpers(t->en)); /* starts while the rest is prepared */
    if (create_check_cpus(c->cfg, engine_host_info(t->en)->cpus, e) < 0 ||
        create_find_pool(c, e) < 0)
        return STEP_FAIL;
    if (create_check_unique(c, &dying, e) < 0)
        return check_again(c, dying, e) ? STEP_WAIT : STEP_FAIL;
    if (dm_check_config(t->en, c->cfg, e) < 0 ||
        (create_is_first_life(c) && dm_check_disks(c->cfg, e) < 0) ||
        guest_check_machine(t->en, c->cfg, e) < 0)
        return STEP_FAIL;
    if (create_check_memory(c, e) < 0) /* Xen scrubs that of the last life */
        return check_again(c, c->o.again && e->code == ERR_NOMEM, e)
                   ? STEP_WAIT
                   : STEP_FAIL;
    if (c->devices.task == NULL)
        devices_init(&c->devices, t, c->cfg);
    if (c->devices.by_model && c->cfg->machine.vkb_device)
        devices_add_keyboard(&c->devices);
    rc = create_reach(c, e);
    if (rc != STEP_DONE)
        return rc;
    if (devices_check(&c->devices, e) < 0 ||
        dm_check_program(&c->devices, c->cfg, e) < 0)
        return STEP_FAIL;
    return guest_prepare(&c->guest, e) < 0 ? STEP_FAIL : STEP_DONE;
}
