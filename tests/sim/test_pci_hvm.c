/*
 * test_pci_hvm.c - PCI devices in the emulated machine of HVM domains on the
 * simulated host: put in by the device model once it runs, taken out with the
 * guest's consent or without; a model that refuses, hangs or ends; an engine
 * that dies at each call.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/life/life.h"
#include "engine/sim/sim_outside_model.h"
#include "tests/sim/campaign.h"

#define NIC    "0000:03:00.0"
#define NVME   "0000:04:00.0"
#define PCI(d) "{ type = \"pci\"; bdf = \"" d "\"; }"
#define HVM    "type = \"hvm\"; "
#define ONE    HVM "devices = ( " PCI(NIC) " );"
#define TWO    HVM "devices = ( " PCI(NIC) ", " PCI(NVME) " );"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static uint32_t
domid(void)
{
    return world_dom(&w, "web9")->domid;
}

/* A line of the host's state; "%u" is the domid. */
static bool
host_has(const char *fmt)
{
    char *dump = world_dump(&w), line[160];
    bool found;

    store_path(line, sizeof(line), fmt, domid());
    found = strstr(dump, line) != NULL;
    free(dump);
    return found;
}

/* In the machine, and the domain's. */
static bool
has_nic(void)
{
    bool in = host_has("device model of %u pci-pt-03_00.0");

    assert_int_equal(in, host_has("pci " NIC " domain %u"));
    assert_int_equal(in, host_has("right %u irq 10+1"));
    return in;
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
refused(uint64_t op, const char *text)
{
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    if (strstr(engine_op_by_id(w.en, op)->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text,
                 engine_op_by_id(w.en, op)->err.msg);
}

static void
done(uint64_t op)
{
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
}

static uint64_t
add(const char *setting)
{
    const struct device_want want = { .kind = "pci",
                                      .words = &setting,
                                      .n = 1 };
    uint64_t op = 0;

    if (engine_device_add(w.en, world_dom(&w, "web9")->id, &want, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static uint64_t
del(const char *bdf, bool force)
{
    uint64_t op = 0;

    if (engine_device_remove(w.en, world_dom(&w, "web9")->id,
                             &(struct device_leave){ "pci", bdf, force }, &op,
                             &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static void
destroyed(void)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, world_dom(&w, "web9")->id, &op, &e),
                     0);
    done(op);
    world_idle(&w);
}

static void
test_created_with_two_and_destroyed(void **state)
{
    char *before;

    (void)state;
    before = world_dump(&w);
    world_guest(&w, "web9", TWO);
    assert_true(has_nic());
    assert_true(host_has("pci-pt-03_00.0 pci-pt-04_00.0"));
    assert_true(host_has("pci " NVME " domain %u"));
    assert_true(host_has("backend/pci/%u/0/num_devs = \"2\""));
    destroyed();
    world_unchanged(&w, before);
}

static void
test_added_and_taken_out(void **state)
{
    char *before;

    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    before = world_dump(&w);
    done(add("bdf=" NVME));
    assert_true(host_has("pci-pt-03_00.0 pci-pt-04_00.0"));
    assert_true(host_has("backend/pci/%u/0/num_devs = \"2\""));
    done(del(NVME, false));
    world_unchanged(&w, before);
    done(del(NIC, false));
    assert_false(has_nic());
    assert_false(host_has("backend/pci/%u"));
}

static void
test_one_that_was_made_without_is_refused(void **state)
{
    char *before;

    (void)state;
    world_guest(&w, "web9", HVM);
    world_pass(&w, 20000);
    before = world_dump(&w);
    refused(add("bdf=" NIC), "was made without a PCI device");
    world_unchanged(&w, before);
}

static void
test_a_guest_that_holds_it(void **state)
{
    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    assert_int_equal(sim_guest_hold_devices(w.sim, domid(), true), 0);
    refused(del(NIC, false), "the guest did not let go of it in 10 s");
    assert_true(host_has("pci " NIC " domain %u"));
    done(del(NIC, true));
    assert_false(host_has("pci " NIC " domain %u"));
}

/* Of a creation: nothing is left of it. */
static void
test_a_model_that_refuses_it(void **state)
{
    char *before;
    unsigned nth;
    bool failed;
    uint64_t op;
    unsigned n_failed = 0;

    (void)state;
    for (nth = 1; nth < 12; nth++) {
        before = world_dump(&w);
        sim_fault_add(w.sim, "dm.qmp", nth, EIO);
        op = begin(TWO);
        failed = world_wait(&w, op) == OP_FAILED;
        n_failed += failed;
        sim_fault_clear(w.sim);
        world_idle(&w);
        if (!failed)
            destroyed();
        world_unchanged(&w, before);
    }
    assert_in_range(n_failed, 4, 11);
}

/* The machine is as it was; libxl's limit is 10 s. */
static void
test_a_model_that_does_not_answer(void **state)
{
    char *before;

    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    before = world_dump(&w);
    sim_fault_add(w.sim, "dm.qmp", 1, ETIMEDOUT);
    refused(add("bdf=" NVME), "pci " NVME);
    world_idle(&w);
    world_unchanged(&w, before);
}

/* Until the model is asked for the first device. */
static void
until_plugged(uint64_t op)
{
    while (strcmp(engine_op_by_id(w.en, op)->label,
                  "attach what the model has") != 0) {
        if (engine_op_by_id(w.en, op)->state > OP_RUNNING)
            fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
        (void)loop_turn(w.lp, 1);
    }
}

static void
test_a_model_that_ends_on_the_way(void **state)
{
    char *before;
    uint64_t op;

    (void)state;
    before = world_dump(&w);
    sim_delay_add(w.sim, "dm.qmp", 500);
    op = begin(ONE);
    until_plugged(op);
    assert_int_equal(sim_model_kill(w.sim, engine_op_by_id(w.en, op)->domid),
                     0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    world_idle(&w);
    world_unchanged(&w, before);
}

/* A guest that probes it would have it reset in its hands. */
static void
test_it_is_reset_before_the_guest_sees_it(void **state)
{
    char node[16] = "";
    uint64_t op;

    (void)state;
    sim_delay_add(w.sim, "dm.qmp", 500);
    op = begin(ONE);
    until_plugged(op);
    assert_false(host_has("device model of %u pci-pt-03_00.0"));
    assert_int_equal(sim_calls(w.sim, "dom0.pci_reset"), 1);
    assert_int_equal(store_read_text(engine_store(w.en), 0,
                                     "/libxl/pci/0000-03-00-0/domid", node,
                                     sizeof(node), NULL),
                     0);
    assert_int_equal(strtoul(node, NULL, 10), domid());
    done(op);
    assert_int_equal(sim_calls(w.sim, "dom0.pci_reset"), 1);
    assert_true(has_nic());
}

/* Both look at it before either has it, for the models take their time. */
static void
test_two_that_want_the_same(void **state)
{
    char line[64], *dump;
    uint64_t first, second = 0;
    bool is_first;

    (void)state;
    sim_delay_add(w.sim, "dm.qmp", 500);
    first = begin(ONE);
    if (engine_create(w.en, world_conf(&w, "web8", ONE), NULL, &second, &e) < 0)
        fail_msg("%s", e.msg);
    is_first = world_wait(&w, first) == OP_DONE; /* their helpers race */
    assert_int_equal(world_wait(&w, second), is_first ? OP_FAILED : OP_DONE);
    assert_non_null(
        strstr(engine_op_by_id(w.en, is_first ? second : first)->err.msg,
               is_first ? "('web9') has it" : "('web8') has it"));
    world_idle(&w);
    assert_int_equal(sim_calls(w.sim, "dom0.pci_reset"), 1);
    text_fmt(line, sizeof(line), "0000-03-00-0/domid = \"%u\"",
             world_dom(&w, is_first ? "web9" : "web8")->domid);
    dump = world_dump(&w);
    assert_non_null(strstr(dump, line));
    free(dump);
}

static void
test_what_cannot_be(void **state)
{
    (void)state;
    refused(begin(ONE " maxmem = 512;"), "maxmem: found 512 MiB, allowed");
    refused(begin("type = \"pvh\"; devices = ( " PCI(NIC) " );"), "pvh");
}

/* --- its memory --- */

#define MEMORY_KIB (64ULL << 10) /* of world_conf */

static void
memory_set(uint64_t kib)
{
    uint64_t op;

    if (engine_mem_set(w.en, world_dom(&w, "web9")->id, kib, &op, &e) < 0)
        fail_msg("%s", e.msg);
    done(op);
}

/* It has another life than this, with all of its memory. */
static void
comes_back_whole(uint64_t before)
{
    world_pass(&w, 20000);
    if (world_dom(&w, "web9") == NULL || world_dom(&w, "web9")->id == before)
        fail_msg("it was lost");
    assert_int_equal(world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN, 0);
    assert_int_equal(world_dom(&w, "web9")->target_kib + (8U << 10),
                     MEMORY_KIB); /* its screen's card has the rest */
    assert_true(has_nic());
}

static void
reboots(void)
{
    uint64_t before = world_dom(&w, "web9")->id;

    assert_int_equal(sim_guest_shutdown(w.sim, domid(), HV_REBOOT), 0);
    comes_back_whole(before);
}

static void
defined_started(void)
{
    const struct dom *off = engine_dom_find(w.en, "web9", &e);
    uint64_t op = 0;

    if (off == NULL || engine_start(w.en, off->id, false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    done(op);
}

/* A target is for the life in which it was set: one with less than all of its
 * memory could not have the device, and would not start. */
static void
test_less_memory_until_its_end(void **state)
{
    uint64_t op;

    (void)state;
    if (engine_define(w.en, world_conf(&w, "web9", ONE), &e) < 0)
        fail_msg("%s", e.msg);
    defined_started();
    world_pass(&w, 20000);
    memory_set(48 << 10);
    reboots();
    memory_set(48 << 10);
    assert_int_equal(engine_shutdown(w.en, world_dom(&w, "web9")->id, &op, &e),
                     0);
    done(op);
    world_idle(&w);
    defined_started();
    comes_back_whole(0);
}

static void
test_less_memory_by_another_tool(void **state)
{
    char path[64];

    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    store_path(path, sizeof(path), "/local/domain/%u/memory/target", domid());
    assert_int_equal(store_write(engine_store(w.en), 0, path, "32768", NULL),
                     0);
    assert_int_equal(hv_set_maxmem(engine_hv(w.en), domid(),
                                   (48 << 10) + DOM_SLACK_KIB, NULL),
                     0);
    world_pass(&w, 5000);
    reboots();
    assert_int_equal(hv_set_maxmem(engine_hv(w.en), domid(),
                                   (96 << 10) + DOM_SLACK_KIB, NULL),
                     0);
    world_pass(&w, 5000);
    reboots();
}

static void
test_a_maximum_until_its_end(void **state)
{
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    if (engine_mem_max(w.en, world_dom(&w, "web9")->id, 96 << 10, &op, &e) < 0)
        fail_msg("%s", e.msg);
    done(op);
    reboots();
}

/* The target is on record while it has no device. */
static void
test_less_memory_before_it_is_added(void **state)
{
    (void)state;
    world_guest(&w, "web9", ONE);
    world_pass(&w, 20000);
    done(del(NIC, false));
    memory_set(48 << 10);
    done(add("bdf=" NIC));
    reboots();
}

/* --- the engine dies at each call */

static void
act_create(struct world *at)
{
    uint64_t op;

    if (engine_create(at->en, world_conf(at, "web9", CAMPAIGN_UUID ONE), NULL,
                      &op, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
act_add(struct world *at)
{
    static const char *const words[] = { "bdf=" NVME };

    campaign_add(
        at, &(struct device_want){ .kind = "pci", .words = words, .n = 1 });
}

static void
act_del(struct world *at)
{
    campaign_remove(at, "pci", NIC);
}

CAMPAIGN(create_pci_hvm, .act = act_create, .may_undo = true)
CAMPAIGN(add_pci_hvm, .setup = campaign_guest, .more = ONE, .act = act_add,
         .may_undo = true)
CAMPAIGN(del_pci_hvm, .setup = campaign_guest, .more = TWO, .act = act_del,
         .may_undo = true)

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_created_with_two_and_destroyed),
        T(test_added_and_taken_out),
        T(test_one_that_was_made_without_is_refused),
        T(test_a_guest_that_holds_it),
        T(test_a_model_that_refuses_it),
        T(test_a_model_that_does_not_answer),
        T(test_a_model_that_ends_on_the_way),
        T(test_it_is_reset_before_the_guest_sees_it),
        T(test_two_that_want_the_same),
        T(test_what_cannot_be),
        T(test_less_memory_until_its_end),
        T(test_less_memory_by_another_tool),
        T(test_a_maximum_until_its_end),
        T(test_less_memory_before_it_is_added),
        cmocka_unit_test(test_create_pci_hvm),
        cmocka_unit_test(test_add_pci_hvm),
        cmocka_unit_test(test_del_pci_hvm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
