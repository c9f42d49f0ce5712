/*
 * test_machine.c - the machine that a domain sees on the simulated host: what
 * CPUID tells it, what its firmware reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/config/hardware/cpuid.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/sim/sim_outside_model.h"
#include "tests/sim/world.h"

#define X8 "xxxxxxxx"

static uint32_t
machine_make(struct world *w, const char *more)
{
    (void)world_guest(w, "m", more);
    return world_dom(w, "m")->domid;
}

static void
test_cpuid_is_set(void **state)
{
    struct world *w = *state;
    uint32_t domid =
        machine_make(w, "machine = { cpuid = [ \"host,sse3=0,x2apic=0\", "
                        "\"1:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0x\" ]; };");

    assert_string_equal(sim_cpuid_given(w->sim, domid, 1, CPUID_ECX),
                        X8 "xx0xxxxx" X8 "xxxxxx00");
    assert_string_equal(sim_cpuid_given(w->sim, domid, 1, CPUID_EDX), "");
}

/* xend's cpuid_check: what the host must have, before anything is made. */
static void
test_the_host_is_checked(void **state)
{
    static const char ask[] = "machine = { cpuid_check = [ \"host,sse3=1\", "
                              "\"1:ecx=xxx%c" X8 X8 X8 "xxxx\" ]; };";
    struct world *w = *state;
    struct err e = { 0 };
    char more[200];
    uint64_t op;

    text_fmt(more, sizeof(more), ask, '1');
    (void)machine_make(w, more);
    assert_int_equal(engine_destroy(w->en, world_dom(w, "m")->id, &op, &e), 0);
    assert_true(world_until_gone(w, "m"));
    text_fmt(more, sizeof(more), ask, '0');
    assert_int_equal(
        engine_create(w->en, world_conf(w, "m", more), NULL, &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w->en, op)->err.msg,
                           "machine.cpuid_check: bit 28 of leaf 0x1, ecx is 1 "
                           "on this host, wanted 0"));
    assert_null(world_dom(w, "m"));
}

static void
test_a_leaf_that_the_host_has_not(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    uint64_t op;

    assert_int_equal(
        engine_create(w->en,
                      world_conf(w, "m",
                                 "machine = { cpuid = \"0x29:eax=" X8 X8 X8 X8
                                 "\"; };"),
                      NULL, &op, &e),
        0);
    assert_int_equal(world_wait(w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w->en, op)->err.msg,
                           "machine.cpuid: found a leaf that this processor "
                           "does not have"));
    assert_true(world_until_gone(w, "m"));
}

static void
assert_node(struct world *w, uint32_t domid, const char *path,
            const char *value)
{
    char whole[160], text[128];
    struct err e = { 0 };

    snprintf(whole, sizeof(whole), "/local/domain/%u/%s", domid, path);
    if (store_read_text(sim_store(w->sim), 0, whole, text, sizeof(text), &e) <
        0)
        fail_msg("%s: %s", whole, e.msg);
    if (value != NULL)
        assert_string_equal(text, value);
    else
        assert_non_null(strchr(text, ':'));
}

static void
test_what_the_firmware_reads(void **state)
{
    struct world *w = *state;
    uint32_t domid = machine_make(
        w, "type = \"hvm\";\n"
           "machine = { nx = false; ms_vm_genid = \"generate\"; mmio_hole = "
           "1024;\n"
           "  smbios = [ \"system_manufacturer=Acme\", \"oem=first\", "
           "\"bios_vendor=Nobody=None\", \"oem=second\" ]; };");

    assert_node(w, domid, "bios-strings/system-manufacturer", "Acme");
    assert_node(w, domid, "bios-strings/bios-vendor", "Nobody=None");
    assert_node(w, domid, "bios-strings/oem-1", "first");
    assert_node(w, domid, "bios-strings/oem-2", "second");
    assert_node(w, domid, "platform/generation-id", NULL);
    assert_node(w, domid, "platform/mmio_hole_size", "1073741824");
    assert_string_equal(sim_cpuid_given(w->sim, domid, 0x80000001, CPUID_EDX),
                        X8 "xxx0xxxx" X8 X8);
}

/* --- its CD drive: the model's, and so is that of the guest's PV drivers ---
 */

#define CD_BACK "/local/domain/0/backend/qdisk/%u/5632/%s"

static void
assert_cd_node(struct world *w, uint32_t domid, const char *name,
               const char *value)
{
    char path[96], text[128];
    struct err e = { 0 };

    snprintf(path, sizeof(path), CD_BACK, domid, name);
    if (store_read_text(sim_store(w->sim), 0, path, text, sizeof(text), &e) < 0)
        fail_msg("%s: %s", path, e.msg);
    assert_string_equal(text, value);
}

/* xl refuses all work on a CD drive whose backend is said to be another. */
static void
assert_cd_json(struct world *w, const struct dom *d)
{
    json_object *o = NULL, *disks, *backend;
    struct err e = { 0 };

    assert_int_equal(
        userdata_load(engine_paths(w->en)->libxl, d->domid, d->uuid, &o, &e),
        0);
    assert_true(json_object_object_get_ex(o, "disks", &disks));
    assert_int_equal(json_object_array_length(disks), 1);
    if (json_object_object_get_ex(json_object_array_get_idx(disks, 0),
                                  "backend", &backend))
        assert_string_equal(json_object_get_string(backend), "qdisk");
    json_object_put(o);
}

static void
cd_changed(struct world *w, const char *path)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_cd_change(w->en, world_dom(w, "m")->id, "hdc", path, &op, &e) <
        0)
        fail_msg("%s", e.msg);
    if (world_wait(w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w->en, op)->err.msg);
}

/* What the record has the drive with; NULL: nothing. */
static void
assert_cd_record(struct world *w, const char *path)
{
    struct domain_config *c;
    struct err e = { 0 };
    const char *found;

    if (db_load(engine_paths(w->en)->state, world_dom(w, "m")->uuid, &c, &e) <
        0)
        fail_msg("%s", e.msg);
    found = config_device_value(&c->devices[0], "path");
    if (path == NULL)
        assert_null(found);
    else
        assert_string_equal(found, path);
    config_free(c);
}

static void
test_a_cd_drive(void **state)
{
    struct world *w = *state;
    uint32_t domid = machine_make(
        w, "type = \"hvm\";\n"
           "devices = ( { type = \"vbd\"; vdev = \"hdc\"; cdrom = true; "
           "path = \"/bin/sh\"; } );");

    assert_cd_node(w, domid, "params", "aio:/bin/sh");
    assert_cd_node(w, domid, "type", "qdisk");
    assert_cd_json(w, world_dom(w, "m"));
    cd_changed(w, NULL);
    assert_cd_node(w, domid, "params", "");
    assert_cd_record(w, NULL);
    assert_cd_json(w, world_dom(w, "m"));
    cd_changed(w, "/bin/ls");
    assert_cd_node(w, domid, "params", "aio:/bin/ls");
    assert_cd_record(w, "/bin/ls");
    assert_cd_json(w, world_dom(w, "m"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_host_is_checked),
        TEST(test_cpuid_is_set),
        TEST(test_a_leaf_that_the_host_has_not),
        TEST(test_what_the_firmware_reads),
        TEST(test_a_cd_drive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
