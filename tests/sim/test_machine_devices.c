/*
 * test_machine_devices.c - what the devices of HVM domains have besides: the
 * emulated card of a network interface, whose tap is on the bridge from before
 * the first instruction until the domain has ended, whatever ends on the way;
 * a paravirtual keyboard; disks that the emulated machine can have or not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/device/device.h"
#include "engine/device/device_handler.h"
#include "engine/host/vnet.h"
#include "engine/life/life.h"
#include "engine/life/save.h"
#include "engine/sim/sim_outside_model.h"
#include "tests/sim/campaign.h"

#define MAC "00:16:3e:00:00:7"
#define NIC(n, more)                                                           \
    "devices = ( { type = \"vif\"; mac = \"" MAC n "\"; " more "} );"
#define HVM "type = \"hvm\"; "
#define ONE HVM NIC("1", "")

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* "%u" in fmt is the domid. */
static bool
on_bridge(const char *fmt)
{
    const struct dom *d = world_dom(&w, "web9");
    char name[64], all[320];
    struct vnet v[4];

    assert_true(engine_vnets(w.en, v, 4) > 0);
    assert_string_equal(v[0].name, "xenbr0");
    store_path(name, sizeof(name), fmt, d != NULL ? d->domid : 0);
    text_fmt(all, sizeof(all), " %s ", v[0].members);
    return strstr(all, name) != NULL;
}

static const char *
type_of(unsigned devid)
{
    static char text[32];
    char path[96];

    store_path(path, sizeof(path), "/local/domain/0/backend/vif/%u/%u/type",
               world_dom(&w, "web9")->domid, devid);
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, text, sizeof(text), &e),
        0);
    return text;
}

static void
assert_no_port(void)
{
    char *dump = world_dump(&w);

    if (strstr(dump, "port vif") != NULL)
        fail_msg("left: %s", strstr(dump, "port vif"));
    free(dump);
}

static uint64_t
begin(const char *more)
{
    uint64_t op = 0;

    if (engine_create(w.en, world_conf(&w, "web9", more), NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static void
until_cards(uint64_t op)
{
    const struct op *o;

    while (o = engine_op_by_id(w.en, op),
           strcmp(o->label, "attach what the model has") != 0) {
        if (o->state > OP_RUNNING)
            fail_msg("it never came there: %s", o->err.msg);
        (void)loop_turn(w.lp, 1);
    }
}

static void
refused(uint64_t op, const char *text)
{
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    if (strstr(engine_op_by_id(w.en, op)->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text,
                 engine_op_by_id(w.en, op)->err.msg);
}

static void
destroyed(void)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, world_dom(&w, "web9")->id, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_idle(&w);
}

static uint64_t
add(const char *a)
{
    const struct device_want want = { .kind = "vif", .words = &a, .n = 1 };
    uint64_t op = 0;

    if (engine_device_add(w.en, world_dom(&w, "web9")->id, &want, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

/* --- with the domain */

static void
test_its_tap_is_on_the_bridge(void **state)
{
    (void)state;
    world_guest(&w, "web9",
                HVM "devices = ( { type = \"vif\"; }, { type = \"vif\"; "
                    "nictype = \"vif\"; }, { type = \"vif\"; nictype = "
                    "\"ioemu\"; model = \"e1000\"; } );");
    assert_true(on_bridge(" vif%u.0 "));
    assert_true(on_bridge(" vif%u.0-emu "));
    assert_true(on_bridge(" vif%u.1 "));
    assert_false(on_bridge(" vif%u.1-emu "));
    assert_true(on_bridge(" vif%u.2-emu "));
    assert_string_equal(type_of(0), "vif_ioemu");
    assert_string_equal(type_of(1), "vif");
    assert_string_equal(type_of(2), "vif_ioemu");
    destroyed();
    assert_no_port();
}

static void
test_others_have_none(void **state)
{
    (void)state;
    world_guest(&w, "web9", "type = \"pvh\"; " NIC("1", ""));
    assert_true(on_bridge(" vif%u.0 "));
    assert_false(on_bridge(" vif%u.0-emu "));
    assert_string_equal(type_of(0), "vif");
}

static void
test_it_is_there_before_the_guest_runs(void **state)
{
    const struct engine_create_opts o = { .paused = true };
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ONE), &o, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_dom(&w, "web9")->flags & DOM_F_PAUSED);
    assert_true(on_bridge(" vif%u.0-emu "));
}

/* The script runs twice: the second time for the card. */
static void
test_a_script_that_fails_undoes_the_creation(void **state)
{
    char *before;

    (void)state;
    before = world_dump(&w);
    sim_fault_add(w.sim, "dev.script", 2, EIO);
    refused(begin(ONE), "for its emulated card: ");
    world_idle(&w);
    world_unchanged(&w, before);
}

static void
test_a_script_that_hangs_is_ended(void **state)
{
    char *before;

    (void)state;
    before = world_dump(&w);
    sim_fault_add(w.sim, "dev.script", 2, ETIMEDOUT);
    refused(begin(ONE), "did not end in 40 s for its emulated card");
    world_idle(&w);
    world_unchanged(&w, before);
}

static void
test_the_model_ends_before(void **state)
{
    uint64_t op;
    char *before;

    (void)state;
    before = world_dump(&w);
    op = begin(ONE);
    until_cards(op);
    assert_int_equal(sim_model_kill(w.sim, engine_op_by_id(w.en, op)->domid),
                     0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    world_idle(&w);
    world_unchanged(&w, before);
}

static void
test_the_model_ends_later(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"destroy\"; " ONE);
    assert_int_equal(sim_model_kill(w.sim, world_dom(&w, "web9")->domid), 0);
    assert_true(world_until_gone(&w, "web9"));
    world_idle(&w);
    assert_no_port();
}

static void
test_the_next_life_has_it(void **state)
{
    uint64_t before;

    (void)state;
    world_guest(&w, "web9", "on_reboot = \"restart\"; restart_min = 0; " ONE);
    world_pass(&w, 30000);
    before = world_dom(&w, "web9")->id;
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT), 0);
    world_pass(&w, 60000);
    assert_int_not_equal(world_dom(&w, "web9")->id, before);
    assert_true(on_bridge(" vif%u.0-emu "));
}

static void
test_a_restored_one_has_it(void **state)
{
    uint64_t op = 0;
    char file[160];

    (void)state;
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    assert_int_equal(
        engine_save(w.en, world_dom(&w, "web9")->id, file, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_idle(&w);
    assert_no_port();
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(on_bridge(" vif%u.0-emu "));
}

/* --- the engine ends, at each of its calls */

static void
act_create(struct world *at)
{
    uint64_t op;

    if (engine_create(at->en, world_conf(at, "web9", CAMPAIGN_UUID ONE), NULL,
                      &op, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_destroy(struct world *at)
{
    uint64_t op;

    assert_int_equal(engine_destroy(at->en, campaign_id(at), &op, &e), 0);
}

CAMPAIGN(create_card, .act = act_create, .may_undo = true)
CAMPAIGN(destroy_card, .setup = campaign_guest, .more = ONE, .act = act_destroy)

/* --- while it runs */

static void
test_what_comes_later_is_paravirtual(void **state)
{
    struct buf text = { 0 };

    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    assert_int_equal(world_wait(&w, add("mac=" MAC "2")), OP_DONE);
    assert_true(on_bridge(" vif%u.1 "));
    assert_false(on_bridge(" vif%u.1-emu "));
    assert_string_equal(type_of(1), "vif");
    assert_int_equal(
        engine_config_text(w.en, world_dom(&w, "web9")->id, &text, &e), 0);
    assert_non_null(strstr(buf_text(&text), "nictype = \"vif\""));
    buf_free(&text);
}

static void
test_no_card_can_be_added(void **state)
{
    (void)state;
    world_guest(&w, "web9", HVM);
    world_pass(&w, 20000);
    refused(add("nictype=ioemu"), "found \"ioemu\", allowed \"vif\"");
}

static void
test_its_interface_is_removed(void **state)
{
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    assert_int_equal(engine_device_remove(
                         w.en, world_dom(&w, "web9")->id,
                         &(struct device_leave){ "vif", "0", true }, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(on_bridge(" vif%u.0 "));
    assert_no_port();
}

/* --- what cannot be */

static void
test_a_name_that_leaves_no_room(void **state)
{
    (void)state;
    refused(begin(HVM NIC("1", "vifname = \"twelve-chars\"; ")),
            "vifname: found \"twelve-chars\", allowed at most 11 characters");
    world_guest(
        &w, "web9",
        HVM NIC("1", "vifname = \"twelve-chars\"; nictype = \"vif\"; "));
}

/* --- disks */

#define DISK(vdev, more)                                                       \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; vdev = "           \
    "\"" vdev "\"; " more "} );"
#define READ_ONLY "mode = \"r\"; "

static void
test_a_read_only_ide_disk_is_refused(void **state)
{
    (void)state;
    refused(begin(HVM DISK("hda", READ_ONLY)),
            "web9.conf:4: vbd hda: mode: found \"r\", allowed \"w\"");
    refused(begin(HVM DISK("xvdd1", READ_ONLY)), "emulated on the IDE bus");
    refused(
        begin(HVM "machine = { hdtype = \"ahci\"; }; " DISK("xvdf", READ_ONLY)),
        "emulated on the AHCI bus");
}

static void
test_other_read_only_disks_are_taken(void **state)
{
    static const char *const good[] = {
        HVM DISK("sda", READ_ONLY),
        HVM DISK("xvde", READ_ONLY),
        HVM DISK("hdc", "cdrom = true; "),
        HVM DISK("hda", ""),
        "type = \"pvh\"; " DISK("hda", READ_ONLY),
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        world_guest(&w, "web9", good[i]);
        destroyed();
    }
}

/* It was paravirtual when it came, and is so in the next life. */
static void
test_one_that_came_later_does_not_end_the_next_life(void **state)
{
    static const char *const words[] = { "path=/dev/vg/data", "vdev=xvdb",
                                         "mode=r" };
    const struct device_want want = { .kind = "vbd", .words = words, .n = 3 };
    uint64_t op = 0, before;

    (void)state;
    world_guest(&w, "web9", "on_reboot = \"restart\"; restart_min = 0; " HVM);
    world_pass(&w, 30000);
    before = world_dom(&w, "web9")->id;
    assert_int_equal(engine_device_add(w.en, before, &want, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT), 0);
    world_pass(&w, 60000);
    assert_non_null(world_dom(&w, "web9"));
    assert_int_not_equal(world_dom(&w, "web9")->id, before);
}

/* --- the keyboard */

/* State of the backend of keyboard number devid, 0: there is none. */
static unsigned
keyboard(unsigned devid)
{
    char path[96];

    world_pass(&w, 1000); /* its model answers */
    store_path(path, sizeof(path), "/local/domain/0/backend/vkbd/%u/%u",
               world_dom(&w, "web9")->domid, devid);
    return device_back_state(w.en, path);
}

static void
test_a_machine_has_a_keyboard(void **state)
{
    char *before;

    (void)state;
    before = world_dump(&w);
    world_guest(&w, "web9", HVM);
    assert_int_equal(keyboard(0), XENBUS_CONNECTED);
    assert_int_equal(keyboard(1), 0);
    destroyed();
    world_unchanged(&w, before);
}

static void
test_others_have_no_keyboard(void **state)
{
    static const char *const none[] = { "type = \"pvh\"; ", "",
                                        HVM
                                        "machine = { vkb_device = false; };" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        world_guest(&w, "web9", none[i]);
        assert_int_equal(keyboard(0), 0);
        destroyed();
    }
}

static void
test_a_keyboard_of_its_own_is_the_one(void **state)
{
    (void)state;
    world_guest(&w, "web9", HVM "devices = ( { type = \"vkbd\"; } );");
    assert_int_equal(keyboard(0), XENBUS_CONNECTED);
    assert_int_equal(keyboard(1), 0);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_its_tap_is_on_the_bridge),
        T(test_others_have_none),
        T(test_it_is_there_before_the_guest_runs),
        T(test_a_script_that_fails_undoes_the_creation),
        T(test_a_script_that_hangs_is_ended),
        T(test_the_model_ends_before),
        T(test_the_model_ends_later),
        T(test_the_next_life_has_it),
        T(test_a_restored_one_has_it),
        T(test_what_comes_later_is_paravirtual),
        T(test_no_card_can_be_added),
        T(test_its_interface_is_removed),
        T(test_a_name_that_leaves_no_room),
        T(test_a_read_only_ide_disk_is_refused),
        T(test_other_read_only_disks_are_taken),
        T(test_one_that_came_later_does_not_end_the_next_life),
        T(test_a_machine_has_a_keyboard),
        T(test_others_have_no_keyboard),
        T(test_a_keyboard_of_its_own_is_the_one),
        cmocka_unit_test(test_create_card),
        cmocka_unit_test(test_destroy_card),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
