/*
 * test_campaign_driver.c - an engine killed at every call (campaign.h) while a
 * driver domain is made again, and while its clients' devices are attached to
 * it again, added and removed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/campaign.h"

static const char *const vif[] = { "mac=00:16:3e:00:00:09", "backend=net1" };
static const char *const vbd[] = { "path=/dev/vg/far", "vdev=xvdb",
                                   "backend=net1" };

static bool
setup_server(struct world *at)
{
    (void)world_guest(at, "net1", "driver_domain = true;");
    world_pass(at, 10000);
    return true;
}

static bool
setup_served(struct world *at)
{
    (void)setup_server(at);
    campaign_add(at,
                 &(struct device_want){ .kind = "vif", .words = vif, .n = 2 });
    world_pass(at, 10000);
    campaign_add(at,
                 &(struct device_want){ .kind = "vbd", .words = vbd, .n = 3 });
    world_pass(at, 10000);
    return true;
}

static bool
setup_lost(struct world *at)
{
    struct err e = { 0 };

    (void)setup_served(at);
    if (engine_destroy(at->en, world_dom(at, "net1")->id, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    return true;
}

static void
act_return(struct world *at)
{
    struct err e = { 0 };
    const char *path = world_conf(at, "net1", "driver_domain = true;");

    if (engine_create(at->en, path, &(struct engine_create_opts){ 0 }, NULL,
                      &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_served_add(struct world *at)
{
    campaign_add(at,
                 &(struct device_want){ .kind = "vbd", .words = vbd, .n = 3 });
}

static void
act_served_remove(struct world *at)
{
    campaign_remove(at, "vbd", "xvdb");
}

CAMPAIGN(server_returns, .setup = setup_lost, .more = "", .act = act_return,
         .may_undo = true)
CAMPAIGN(served_add, .setup = setup_server, .more = "", .act = act_served_add,
         .may_undo = true)
CAMPAIGN(served_remove, .setup = setup_served, .more = "",
         .act = act_served_remove, .may_undo = true)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_served_add),
        cmocka_unit_test(test_served_remove),
        cmocka_unit_test(test_server_returns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
