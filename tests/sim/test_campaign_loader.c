/*
 * test_campaign_loader.c - an engine killed at every call (campaign.h) of a
 * creation and of a restart by a boot loader, of which nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/campaign.h"

#define MORE CAMPAIGN_UUID WORLD_LOADER_DISK

static struct err e;

static void
act_create(struct world *at)
{
    if (engine_create(at->en, world_loader_conf(at, "ramdisk", "", MORE), NULL,
                      NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

/* In the place of the guest that has a kernel. */
static bool
setup_loaded(struct world *at)
{
    uint64_t op;

    if (engine_destroy(at->en, campaign_id(at), &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(at, op), OP_DONE);
    world_idle(at);
    act_create(at);
    world_idle(at);
    assert_non_null(world_dom(at, "web9"));
    return true;
}

static void
act_reboot_inside(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, campaign_domid(at), HV_REBOOT);
}

CAMPAIGN(create, .act = act_create, .may_undo = true)
CAMPAIGN(restart, .setup = setup_loaded, .more = "", .act = act_reboot_inside)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
