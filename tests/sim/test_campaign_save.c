/*
 * test_campaign_save.c - an engine killed at every call (campaign.h) of a save,
 * a checkpoint and a restore; and each call of them failing once. Whatever
 * happens there is one guest: it runs, or it is in the file, and nothing is
 * left over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/campaign.h"
#include "tests/sim/save_faults.h"

#define DISK                                                                   \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; } );"

CAMPAIGN(save, .setup = campaign_guest, .more = DISK, .act = save_act,
         .may_undo = true)
CAMPAIGN(checkpoint, .setup = campaign_guest, .more = "",
         .act = save_act_checkpoint, .may_undo = true)
CAMPAIGN(restore, .setup = save_setup, .more = DISK, .act = save_act_restore,
         .may_undo = true)

static void
test_failure_at_every_call(void **state)
{
    (void)state;
    assert_true(save_faults("", false) >= 6);
    assert_true(save_faults("", true) >= 8);
    assert_true(restore_faults("") >= 50);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save),
        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_failure_at_every_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
