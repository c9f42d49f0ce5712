/*
 * test_campaign_save_hvm.c - the campaigns of test_campaign_save.c with an HVM
 * guest, whose device model goes along, with one that takes no requests, and
 * with a PVH one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/campaign.h"
#include "tests/sim/save_faults.h"

#define HVM "type = \"hvm\";"
#define PVH "type = \"pvh\";"

static bool
setup_bare(struct world *at)
{
    assert_int_equal(sim_guest_bare(at->sim, campaign_domid(at), true), 0);
    return true;
}

CAMPAIGN(save_hvm, .setup = campaign_guest, .more = HVM, .act = save_act,
         .may_undo = true)
CAMPAIGN(checkpoint_hvm, .setup = campaign_guest, .more = HVM,
         .act = save_act_checkpoint, .may_undo = true)
CAMPAIGN(restore_hvm, .setup = save_setup, .more = HVM, .act = save_act_restore,
         .may_undo = true)
CAMPAIGN(save_bare, .setup = setup_bare, .more = HVM, .act = save_act,
         .may_undo = true)
CAMPAIGN(save_pvh, .setup = campaign_guest, .more = PVH, .act = save_act,
         .may_undo = true)
CAMPAIGN(checkpoint_pvh, .setup = campaign_guest, .more = PVH,
         .act = save_act_checkpoint, .may_undo = true)
CAMPAIGN(restore_pvh, .setup = save_setup, .more = PVH, .act = save_act_restore,
         .may_undo = true)

static void
test_failure_at_every_call(void **state)
{
    (void)state;
    assert_true(save_faults(HVM, false) >= 11);
    assert_true(save_faults(HVM, true) >= 10);
    assert_true(restore_faults(HVM) >= 50);
    assert_true(save_faults(PVH, false) >= 6);
    assert_true(save_faults(PVH, true) >= 6);
    assert_true(restore_faults(PVH) >= 50);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_hvm),
        cmocka_unit_test(test_checkpoint_hvm),
        cmocka_unit_test(test_restore_hvm),
        cmocka_unit_test(test_save_bare),
        cmocka_unit_test(test_save_pvh),
        cmocka_unit_test(test_checkpoint_pvh),
        cmocka_unit_test(test_restore_pvh),
        cmocka_unit_test(test_failure_at_every_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
