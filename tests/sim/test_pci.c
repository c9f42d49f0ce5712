/*
 * test_pci.c - PCI devices on the simulated host, which has two that pciback
 * holds: given with a domain, to a running one, taken back, refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/sim/sim.h"
#include "tests/sim/world.h"

#define NIC  "0000:03:00.0"
#define NVME "0000:04:00.0"
#define DISK "0000:00:1f.2"

static struct world w;

WORLD_FIXTURE(world_open(&w, 2, false), world_close(&w))

static uint64_t
id_of(uint32_t domid)
{
    return engine_dom_by_domid(w.en, domid)->id;
}

/* The state of an addition; the sentence of its failure is in *e. */
static enum op_state
add(uint32_t domid, const char *bdf, struct err *e)
{
    char setting[32];
    const char *word = setting;
    enum op_state s;
    uint64_t op;

    err_clear(e);
    text_fmt(setting, sizeof(setting), "bdf=%s", bdf);
    if (engine_device_add(
            w.en, id_of(domid),
            &(struct device_want){ .kind = "pci", .words = &word, .n = 1 }, &op,
            e) < 0)
        return OP_FAILED;
    s = world_wait(&w, op);
    *e = engine_op_by_id(w.en, op)->err;
    world_pass(&w, 100); /* drivers shake hands */
    return s;
}

static enum op_state
del(uint32_t domid, const char *bdf, bool force, const struct op **op_out)
{
    struct err e = { 0 };
    enum op_state s;
    uint64_t op;

    if (engine_device_remove(w.en, id_of(domid),
                             &(struct device_leave){ "pci", bdf, force }, &op,
                             &e) < 0)
        fail_msg("%s", e.msg);
    s = world_wait(&w, op);
    if (op_out != NULL)
        *op_out = engine_op_by_id(w.en, op);
    world_pass(&w, 100);
    return s;
}

static size_t
rows(uint32_t domid, struct dom_device *out)
{
    struct dom_device all[DOM_DEVICES_MAX];
    struct err e = { 0 };
    size_t i, n = 0, pci = 0;

    if (engine_devices(w.en, id_of(domid), all, DOM_DEVICES_MAX, &n, &e) < 0)
        fail_msg("%s", e.msg);
    for (i = 0; i < n; i++)
        if (strcmp(all[i].kind, "pci") == 0)
            out[pci++] = all[i];
    return pci;
}

static void
expect_node(const char *path, const char *want)
{
    char text[64] = "(none)";

    (void)store_read_text(engine_store(w.en), 0, path, text, sizeof(text),
                          NULL);
    assert_string_equal(text, want);
}

static void
expect_dump(const char *before)
{
    char *now = world_dump(&w);

    assert_string_equal(now, before);
    free(now);
}

static void
expect_right(const char *line, bool want)
{
    char *now = world_dump(&w);

    if ((strstr(now, line) != NULL) != want)
        fail_msg("%s '%s'", want ? "missing" : "unexpected", line);
    free(now);
}

static void
test_what_pciback_holds_is_listed(void **state)
{
    struct pci_free p[4];
    struct err e = { 0 };
    size_t n;

    (void)state;
    assert_int_equal(engine_pci_assignable(w.en, p, 4, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_string_equal(p[0].name, NIC);
    assert_int_equal(p[0].vendor, 0x8086);
    assert_int_equal(p[0].domid, DOM_NO_DOMID);
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    assert_int_equal(engine_pci_assignable(w.en, p, 4, &n, &e), 0);
    assert_int_equal(p[0].domid, 1);
    assert_int_equal(p[1].domid, DOM_NO_DOMID);
}

static void
test_a_device_of_dom0_is_refused(void **state)
{
    char *before = world_dump(&w);
    struct err e = { 0 };

    (void)state;
    assert_int_equal(add(1, DISK, &e), OP_FAILED);
    assert_string_equal(
        e.msg, "pci 0000:00:1f.2: bdf: found 0000:00:1f.2, which the driver "
               "ahci of dom0 holds; allowed a device that pciback holds: free "
               "it with `xl pci-assignable-add 0000:00:1f.2'");
    assert_int_equal(add(1, "0000:55:00.0", &e), OP_FAILED);
    assert_non_null(strstr(e.msg, "this host has no PCI device 0000:55:00.0"));
    assert_int_equal(add(1, "nonsense", &e), OP_FAILED);
    expect_dump(before);
    free(before);
}

static void
test_a_device_belongs_to_one_domain(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    assert_int_equal(add(2, NIC, &e), OP_FAILED);
    assert_non_null(strstr(e.msg, "domain 1 ('web1') has it"));
    assert_int_equal(add(1, NIC, &e), OP_FAILED);
    assert_non_null(strstr(e.msg, "the domain has this device already"));
}

/* A record that cannot be read is no proof that nobody has the device. */
static void
test_a_device_is_not_shared_unseen(void **state)
{
    struct err e = { 0 };
    unsigned nth, calls;
    char *before;

    (void)state;
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    before = world_dump(&w);
    for (nth = 1;; nth++) {
        sim_fault_add(w.sim, "store.*", nth, EIO);
        assert_int_equal(add(2, NIC, &e), OP_FAILED);
        calls = sim_calls(w.sim, "store.*");
        sim_fault_clear(w.sim);
        expect_node("/libxl/pci/0000-03-00-0/domid", "1");
        if (calls < nth)
            break;
    }
    assert_non_null(strstr(e.msg, "domain 1 ('web1') has it"));
    expect_dump(before);
    free(before);
}

static void
test_given_to_a_running_domain_and_taken_back(void **state)
{
    char *before = world_dump(&w);
    struct dom_device d[4];
    struct err e = { 0 };

    (void)state;
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    expect_right("pci 0000:03:00.0 domain 1", true);
    expect_right("right 1 iomem f6000+80", true);
    expect_right("right 1 ioport e000+20", true);
    expect_right("right 1 irq 10+1", true);
    expect_node("/libxl/pci/0000-03-00-0/domid", "1");
    expect_node("/local/domain/0/backend/pci/1/0/dev-0", NIC);
    expect_node("/local/domain/0/backend/pci/1/0/opts-0",
                "msitranslate=0,power_mgmt=0,permissive=0,rdm_policy=strict");
    assert_int_equal(rows(1, d), 1);
    assert_string_equal(d[0].name, NIC);
    assert_string_equal(d[0].detail, "8086:10fb");
    assert_int_equal(d[0].state, 4);
    assert_int_equal(del(1, NIC, false, NULL), OP_DONE);
    expect_dump(before);
    free(before);
}

static void
test_a_second_one_reconfigures(void **state)
{
    char *before = world_dump(&w);
    struct dom_device d[4];
    struct err e = { 0 };

    (void)state;
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    assert_int_equal(add(1, NVME, &e), OP_DONE);
    expect_node("/local/domain/0/backend/pci/1/0/num_devs", "2");
    expect_node("/local/domain/0/backend/pci/1/0/state-1", "3");
    expect_node("/local/domain/0/backend/pci/1/0/state", "4");
    assert_int_equal(rows(1, d), 2);
    assert_int_equal(del(1, NIC, false, NULL), OP_DONE); /* a gap is closed */
    expect_node("/local/domain/0/backend/pci/1/0/num_devs", "1");
    expect_node("/local/domain/0/backend/pci/1/0/dev-0", NVME);
    expect_node("/local/domain/0/backend/pci/1/0/dev-1", "(none)");
    expect_right("pci 0000:03:00.0 domain", false);
    expect_right("right 1 irq 10+1", false);
    expect_right("right 1 irq 11+1", true);
    assert_int_equal(del(1, NVME, false, NULL), OP_DONE);
    expect_dump(before);
    free(before);
}

static void
test_a_guest_that_holds_it_is_forced_with_consent(void **state)
{
    const struct op *op;
    struct dom_device d[4];
    struct err e = { 0 };

    (void)state;
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    assert_int_equal(add(1, NVME, &e), OP_DONE);
    sim_guest_hold_devices(w.sim, 1, true);
    assert_int_equal(del(1, NIC, false, &op), OP_FAILED);
    assert_true(op->offer_force);
    assert_non_null(strstr(op->err.msg, "did not let go of it in 10 s"));
    expect_right("pci 0000:03:00.0 domain 1", true);
    assert_int_equal(del(1, NIC, true, NULL), OP_DONE);
    expect_right("pci 0000:03:00.0 domain", false);
    assert_int_equal(rows(1, d), 1);
    assert_int_equal(del(1, NVME, false, &op), OP_FAILED);
    assert_int_equal(del(1, NVME, true, NULL), OP_DONE);
    assert_int_equal(rows(1, d), 0);
}

/* All of a domain's have the number 0: the mark of what was being done names
 * one by its address. */
static void
test_recovery_takes_out_the_marked_one(void **state)
{
    const char *word = "bdf=" NVME;
    struct dom_device d[4];
    struct err e = { 0 };

    (void)state;
    world_close(&w);
    world_open_kept(&w, 2);
    assert_int_equal(add(1, NIC, &e), OP_DONE);
    sim_delay_add(w.sim, "dev.backend", 2000);
    assert_int_equal(
        engine_device_add(
            w.en, id_of(1),
            &(struct device_want){ .kind = "pci", .words = &word, .n = 1 },
            NULL, &e),
        0);
    world_pass(&w, 500);
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 20000);
    assert_int_equal(rows(1, d), 1);
    assert_string_equal(d[0].name, NIC);
}

static void
test_each_failure_is_undone(void **state)
{
    static const char *const calls[] = {
        "hv.assign_device:1:EIO",  "hv.iomem_permission:1:EIO",
        "hv.irq_permission:1:EIO", "hv.ioport_permission:1:EIO",
        "dom0.pci_get:3:EIO",      "dom0.pci_get:4:EIO"
    };
    char *before = world_dump(&w);
    struct err e = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        assert_int_equal(sim_fault_parse(w.sim, calls[i], &e), 0);
        assert_int_equal(add(1, NIC, &e), OP_FAILED);
        sim_fault_clear(w.sim);
        expect_dump(before);
    }
    free(before);
}

static void
test_created_with_two_and_destroyed(void **state)
{
    char *before = world_dump(&w);
    struct dom_device d[4] = { 0 };
    struct err e = { 0 };
    uint64_t id, op;

    (void)state;
    id = world_guest(&w, "nas",
                     "devices = ( { type = \"pci\"; bdf = \"03:00.0\"; },\n"
                     "  { type = \"pci\"; bdf = \"0000:04:00.0\";\n"
                     "    permissive = true; } );\n");
    world_pass(&w, 1000);
    assert_int_equal(rows(engine_dom_by_id(w.en, id)->domid, d), 2);
    assert_int_equal(d[0].state, 4);
    assert_string_equal(d[1].name, NVME);
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 1000);
    expect_dump(before);
    free(before);
}

static void
test_a_missing_one_refuses_the_creation(void **state)
{
    char *before = world_dump(&w);
    struct err e = { 0 };
    const char *conf;
    uint64_t op;

    (void)state;
    conf = world_conf(&w, "nas",
                      "devices = ( { type = \"pci\"; bdf = \"03:00.0\"; },\n"
                      "  { type = \"pci\"; bdf = \"00:1f.2\"; } );\n");
    if (engine_create(w.en, conf, NULL, &op, &e) == 0) {
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        e = engine_op_by_id(w.en, op)->err;
    }
    assert_non_null(strstr(e.msg, "the driver ahci of dom0 holds"));
    conf = world_conf(&w, "nas",
                      "devices = ( { type = \"pci\"; bdf = \"03:00.0\"; },\n"
                      "  { type = \"pci\"; bdf = \"03:00.0\"; } );\n");
    err_clear(&e);
    if (engine_create(w.en, conf, NULL, &op, &e) == 0) {
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        e = engine_op_by_id(w.en, op)->err;
    }
    assert_int_not_equal(e.code, ERR_NONE);
    expect_dump(before);
    free(before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void
pci_end(const char *name)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_destroy(w.en, world_dom(&w, name)->id, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_idle(&w);
}

/* A PV domain with a device gets the host's holes by itself, as with xl. */
static void
test_holes_of_the_host(void **state)
{
    const char *nic = "devices = ( { type = \"pci\"; bdf = \"" NIC "\"; } );";
    static const char off[] = "machine = { e820_host = false; };";
    static const char on[] = "machine = { e820_host = true; };";
    char both[160];
    struct buf dump = { 0 };

    (void)state;
    text_fmt(both, sizeof(both), "%s%s", off, nic);
    (void)world_guest(&w, "none", "");
    (void)world_guest(&w, "not", off);
    sim_dump(w.sim, &dump);
    assert_null(strstr(buf_text(&dump), "host_map"));
    buf_clear(&dump);
    (void)world_guest(&w, "asks", on);
    sim_dump(w.sim, &dump);
    assert_non_null(strstr(buf_text(&dump), "host_map"));
    pci_end("asks");
    (void)world_guest(&w, "given", nic);
    buf_clear(&dump);
    sim_dump(w.sim, &dump);
    assert_non_null(strstr(buf_text(&dump), "host_map"));
    pci_end("given");
    (void)world_guest(&w, "refuses", both);
    buf_clear(&dump);
    sim_dump(w.sim, &dump);
    assert_null(strstr(buf_text(&dump), "host_map"));
    buf_free(&dump);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_pciback_holds_is_listed),
        TEST(test_a_device_of_dom0_is_refused),
        TEST(test_a_device_belongs_to_one_domain),
        TEST(test_a_device_is_not_shared_unseen),
        TEST(test_given_to_a_running_domain_and_taken_back),
        TEST(test_a_second_one_reconfigures),
        TEST(test_a_guest_that_holds_it_is_forced_with_consent),
        TEST(test_recovery_takes_out_the_marked_one),
        TEST(test_each_failure_is_undone),
        TEST(test_created_with_two_and_destroyed),
        TEST(test_a_missing_one_refuses_the_creation),
        TEST(test_holes_of_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
