/*
 * test_campaign.c - an engine killed at every call (campaign.h) of creating,
 * restarting and ending a domain, and of adding and removing its devices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/sim/sim_outside_model.h"
#include "tests/sim/campaign.h"

#define MODEL                                                                  \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/q\"; vdev = \"xvda\"; "    \
    "format = \"qcow2\"; }, { type = \"vfb\"; vncpasswd = \"hidden77\"; } );"

/* --- what is done --- */

static void
act_create(struct world *at)
{
    struct err e = { 0 };

    if (engine_create(
            at->en,
            world_conf(at, "web9", CAMPAIGN_UUID " vcpus = 2; maxvcpus = 4;"),
            NULL, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_model_create(struct world *at)
{
    struct err e = { 0 };

    if (engine_create(at->en, world_conf(at, "web9", CAMPAIGN_UUID MODEL), NULL,
                      NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_reboot_inside(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, campaign_domid(at), HV_REBOOT);
}

static void
act_poweroff_inside(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, campaign_domid(at), HV_POWEROFF);
}

static void
act_model_dies(struct world *at)
{
    (void)sim_model_kill(at->sim, campaign_domid(at));
}

static void
act_shutdown(struct world *at)
{
    assert_int_equal(engine_shutdown(at->en, campaign_id(at), NULL, NULL), 0);
}

static void
act_reboot(struct world *at)
{
    assert_int_equal(engine_reboot(at->en, campaign_id(at), NULL, NULL), 0);
}

static void
act_destroy(struct world *at)
{
    assert_int_equal(engine_destroy(at->en, campaign_id(at), NULL, NULL), 0);
}

static void
act_device_add(struct world *at)
{
    static const char *const words[] = { "path=/dev/vg/data", "vdev=xvdb" };

    campaign_add(
        at, &(struct device_want){ .kind = "vbd", .words = words, .n = 2 });
}

static void
act_vif_add(struct world *at)
{
    static const char *const words[] = { "mac=00:16:3e:00:00:77" };

    campaign_add(
        at, &(struct device_want){ .kind = "vif", .words = words, .n = 1 });
}

static void
act_device_remove(struct world *at)
{
    campaign_remove(at, "vbd", "xvda");
}

#define DISK                                                                   \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; } );"

CAMPAIGN(create, .act = act_create, .may_undo = true)
CAMPAIGN(restart, .setup = campaign_guest, .more = "", .act = act_reboot_inside)
CAMPAIGN(reap, .setup = campaign_guest, .more = "", .act = act_poweroff_inside)
CAMPAIGN(shutdown, .setup = campaign_guest, .more = "restart = \"always\";",
         .act = act_shutdown, .may_undo = true)
CAMPAIGN(reboot, .setup = campaign_guest, .more = "", .act = act_reboot,
         .may_undo = true)
CAMPAIGN(destroy, .setup = campaign_guest, .more = "restart = \"always\";",
         .act = act_destroy, .may_undo = true)

CAMPAIGN(model_create, .act = act_model_create, .may_undo = true)
CAMPAIGN(model_restart, .setup = campaign_guest, .more = MODEL,
         .act = act_reboot_inside)
CAMPAIGN(model_destroy, .setup = campaign_guest, .more = MODEL,
         .act = act_destroy, .may_undo = true)

CAMPAIGN(model_death, .setup = campaign_guest, .more = MODEL,
         .act = act_model_dies)
CAMPAIGN(model_death_restart, .setup = campaign_guest,
         .more = MODEL "device_model = { on_death = \"restart\"; };",
         .act = act_model_dies)

CAMPAIGN(device_add, .setup = campaign_guest, .more = DISK,
         .act = act_device_add, .may_undo = true)
CAMPAIGN(vif_add, .setup = campaign_guest, .more = DISK, .act = act_vif_add,
         .may_undo = true)
CAMPAIGN(device_remove, .setup = campaign_guest, .more = DISK,
         .act = act_device_remove, .may_undo = true)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_reap),
        cmocka_unit_test(test_shutdown),
        cmocka_unit_test(test_reboot),
        cmocka_unit_test(test_destroy),
        cmocka_unit_test(test_device_add),
        cmocka_unit_test(test_vif_add),
        cmocka_unit_test(test_device_remove),
        cmocka_unit_test(test_model_create),
        cmocka_unit_test(test_model_restart),
        cmocka_unit_test(test_model_destroy),
        cmocka_unit_test(test_model_death),
        cmocka_unit_test(test_model_death_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
