/*
 * test_campaign_hvm.c - an engine killed at every call (campaign.h) of what an
 * HVM domain goes through from its creation to its end, by disk, by CD and with
 * a confined device model; and of the creation of a PVH one by a firmware.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/sim/sim_outside_model.h"
#include "src/base/xalloc.h"
#include "tests/sim/campaign.h"

#define DISK                                                                   \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; vdev = \"hda\"; "  \
    "}, { type = \"vif\"; mac = \"00:16:3e:00:00:09\"; } );"
#define CD                                                                     \
    "devices = ( { type = \"vbd\"; path = \"/dev/sr0\"; vdev = \"hdc\"; "      \
    "cdrom = true; }, { type = \"vif\"; mac = \"00:16:3e:00:00:09\"; } );"

#define BY_DISK  "type = \"hvm\"; machine = { boot = \"c\"; }; " DISK
#define BY_CD    "type = \"hvm\"; machine = { boot = \"d\"; }; " CD
#define CONFINED "device_model = { restrict = true; user = \"nobody\"; }; "

static void
create_of(struct world *at, const char *image, const char *more)
{
    struct err e = { 0 };

    if (engine_create(at->en, world_image_conf(at, "web9", image, more), NULL,
                      NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_by_disk(struct world *at)
{
    create_of(at, "", CAMPAIGN_UUID BY_DISK);
}

static void
act_by_cd(struct world *at)
{
    create_of(at, "", CAMPAIGN_UUID BY_CD);
}

static void
act_confined(struct world *at)
{
    create_of(at, "", CAMPAIGN_UUID CONFINED BY_DISK);
}

static void
act_by_firmware(struct world *at)
{
    char kernel[4096], *image;

    assert_non_null(realpath(WORLD_KERNEL, kernel));
    image = xasprintf("firmware = \"%s\";", kernel);
    create_of(at, image, CAMPAIGN_UUID "type = \"pvh\";");
    free(image);
}

static void
act_reboot_within(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, campaign_domid(at), HV_REBOOT);
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
act_model_dies(struct world *at)
{
    (void)sim_model_kill(at->sim, campaign_domid(at));
}

CAMPAIGN(create_by_disk, .act = act_by_disk, .may_undo = true)
CAMPAIGN(create_by_cd, .act = act_by_cd, .may_undo = true)
CAMPAIGN(create_confined, .act = act_confined, .may_undo = true)
CAMPAIGN(create_by_firmware, .act = act_by_firmware, .may_undo = true)
CAMPAIGN(reboot_within, .setup = campaign_guest, .more = BY_DISK,
         .act = act_reboot_within)
CAMPAIGN(reboot_asked, .setup = campaign_guest, .more = BY_DISK,
         .act = act_reboot, .may_undo = true)
CAMPAIGN(destroy_hvm, .setup = campaign_guest,
         .more = BY_DISK "restart = \"always\";", .act = act_destroy,
         .may_undo = true)
CAMPAIGN(model_death_hvm, .setup = campaign_guest, .more = BY_DISK,
         .act = act_model_dies)

static void
test_reboot_whose_calls_fail(void **state)
{
    static const struct scenario sc = { .name = "reboot",
                                        .setup = campaign_guest,
                                        .more = BY_DISK,
                                        .act = act_reboot_within };

    (void)state;
    campaign_faults(&sc);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_by_disk),
        cmocka_unit_test(test_create_by_cd),
        cmocka_unit_test(test_create_confined),
        cmocka_unit_test(test_create_by_firmware),
        cmocka_unit_test(test_reboot_within),
        cmocka_unit_test(test_reboot_asked),
        cmocka_unit_test(test_reboot_whose_calls_fail),
        cmocka_unit_test(test_destroy_hvm),
        cmocka_unit_test(test_model_death_hvm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
