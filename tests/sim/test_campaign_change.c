/*
 * test_campaign_change.c - an engine killed at every call (campaign.h) of what
 * changes a domain that is there: its name, memory, vcpus, scheduler, pool; and
 * of a crash that keeps the dead one under another name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/campaign.h"

static void
act_rename(struct world *at)
{
    struct err e = { 0 };

    if (engine_rename(at->en, campaign_id(at), "shop1", NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_memory(struct world *at)
{
    struct err e = { 0 };

    if (engine_mem_set(at->en, campaign_id(at), 48 * 1024, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_maximum(struct world *at)
{
    struct err e = { 0 };

    if (engine_mem_max(at->en, campaign_id(at), 96 * 1024, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_vcpus(struct world *at)
{
    struct err e = { 0 };

    if (engine_vcpu_set(at->en, campaign_id(at), 2, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_pin(struct world *at)
{
    static const struct engine_pin pin = { ENGINE_ALL_VCPUS, "0-1,3", NULL };
    struct err e = { 0 };

    if (engine_vcpu_pin(at->en, campaign_id(at), &pin, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_weight(struct world *at)
{
    static const char *const names[] = { "weight", "cap" };
    static const char *const values[] = { "512", "50" };
    static const struct engine_sched want = { ENGINE_ALL_VCPUS, names, values,
                                              2 };
    struct err e = { 0 };

    if (engine_sched_set(at->en, campaign_id(at), &want, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static bool
setup_pool(struct world *at)
{
    return sim_pool_add(at->sim, "batch", SCHEDULER_CREDIT, 1, 1) > 0;
}

static void
act_pool(struct world *at)
{
    struct err e = { 0 };

    if (engine_pool_move(at->en, campaign_id(at), "batch", NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_crash(struct world *at)
{
    (void)sim_guest_shutdown(at->sim, campaign_domid(at), HV_CRASH);
}

static void
act_cd(struct world *at, const char *path)
{
    struct err e = { 0 };

    if (engine_cd_change(at->en, campaign_id(at), "xvdc", path, NULL, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_cd_change(struct world *at)
{
    act_cd(at, "/dev/sr1");
}

static void
act_cd_eject(struct world *at)
{
    act_cd(at, NULL);
}

static bool
setup_empty(struct world *at)
{
    act_cd(at, NULL);
    return true;
}

static void
act_pci_add(struct world *at)
{
    static const char *const words[] = { "bdf=0000:03:00.0" };

    campaign_add(
        at, &(struct device_want){ .kind = "pci", .words = words, .n = 1 });
}

static void
act_pci_remove(struct world *at)
{
    campaign_remove(at, "pci", "0000:03:00.0");
}

#define DRIVE                                                                  \
    "devices = ( { type = \"vbd\"; vdev = \"xvdc\"; cdrom = true; "            \
    "path = \"/dev/sr0\"; } );"
#define PCI   "devices = ( { type = \"pci\"; bdf = \"0000:03:00.0\"; } );"
#define VCPUS "vcpus = 4; maxvcpus = 4;"

CAMPAIGN(rename, .setup = campaign_guest, .more = "", .act = act_rename,
         .may_undo = true)
CAMPAIGN(memory, .setup = campaign_guest, .more = "", .act = act_memory,
         .may_undo = true)
CAMPAIGN(maximum, .setup = campaign_guest, .more = "", .act = act_maximum,
         .may_undo = true)
CAMPAIGN(vcpus, .setup = campaign_guest, .more = VCPUS, .act = act_vcpus,
         .may_undo = true)
CAMPAIGN(pin, .setup = campaign_guest, .more = VCPUS, .act = act_pin,
         .may_undo = true)
CAMPAIGN(weight, .setup = campaign_guest, .more = "", .act = act_weight,
         .may_undo = true)
CAMPAIGN(pool, .setup = setup_pool, .more = "", .act = act_pool,
         .may_undo = true)
CAMPAIGN(rename_restart, .setup = campaign_guest,
         .more = "on_crash = \"rename-restart\";", .act = act_crash)
CAMPAIGN(cd_insert, .setup = setup_empty, .more = DRIVE, .act = act_cd_change,
         .may_undo = true)
CAMPAIGN(cd_change, .setup = campaign_guest, .more = DRIVE,
         .act = act_cd_change, .may_undo = true)
CAMPAIGN(cd_eject, .setup = campaign_guest, .more = DRIVE, .act = act_cd_eject,
         .may_undo = true)
CAMPAIGN(pci_add, .setup = campaign_guest, .more = "", .act = act_pci_add,
         .may_undo = true)
CAMPAIGN(pci_remove, .setup = campaign_guest, .more = PCI,
         .act = act_pci_remove, .may_undo = true)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rename),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_pin),
        cmocka_unit_test(test_weight),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_rename_restart),
        cmocka_unit_test(test_cd_insert),
        cmocka_unit_test(test_cd_change),
        cmocka_unit_test(test_cd_eject),
        cmocka_unit_test(test_pci_add),
        cmocka_unit_test(test_pci_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
