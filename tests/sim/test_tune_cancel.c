/*
 * test_tune_cancel.c - tuning that is cancelled, on the simulated host: what
 * was before is set again, in the guest and on record, or it is told why not.
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
#include "engine/record/db.h"
#include "tests/sim/world.h"

#define MIB 1024ULL

static struct world w;
static uint64_t id;
static uint32_t domid;
static struct err e;

static void
begin(void)
{
    err_clear(&e);
    world_open(&w, 0, false);
    id = world_guest(&w, "web9", "vcpus = 2; maxvcpus = 4; maxmem = 256;");
    domid = engine_dom_by_id(w.en, id)->domid;
    world_pass(&w, 5000);
}

WORLD_FIXTURE(begin(), world_close(&w))

static struct hv_dom
dom_now(uint32_t which)
{
    struct hv_dom d;

    assert_int_equal(hv_get(engine_hv(w.en), which, &d, NULL), 0);
    return d;
}

/* The configuration on record; the caller's. */
static struct domain_config *
kept(void)
{
    struct domain_config *c;

    if (db_load(engine_paths(w.en)->state, engine_dom_by_id(w.en, id)->uuid, &c,
                &e) < 0)
        fail_msg("%s", e.msg);
    return c;
}

static void
assert_node(const char *rest, const char *want)
{
    char path[96], text[64] = "";

    text_fmt(path, sizeof(path), "/local/domain/%u/%s", domid, rest);
    (void)store_read_text(engine_store(w.en), 0, path, text, sizeof(text),
                          NULL);
    assert_string_equal(text, want);
}

static void
test_cancelled_balloon_goes_back(void **state)
{
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 256 * MIB, &op, &e), 0);
    world_pass(&w, 300);
    assert_int_equal(engine_op_cancel(w.en, op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_non_null(world_event(&w, "memory target 256 MiB begins"));
    assert_non_null(world_event(&w, "its memory target is 64 MiB again"));
    assert_node("memory/target", "65536");
    world_pass(&w, 20000);
    assert_true(dom_now(domid).mem_kib < 70 * MIB);
    assert_true(dom_now(domid).max_kib < 70 * MIB);
    c = kept();
    assert_int_equal(c->mem_kib, 64 * MIB);
    assert_int_equal(c->maxmem_kib, 256 * MIB);
    config_free(c);
}

/* What cannot be set back is told. */
static void
test_cancelled_balloon_that_must_stay(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 256 * MIB, &op, &e), 0);
    world_pass(&w, 300);
    sim_fault_add(w.sim, "store.tx_begin", 1, EIO);
    assert_int_equal(engine_op_cancel(w.en, op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_non_null(world_event(&w, "target stays at 256 MiB, only the wait"));
    assert_node("memory/target", "262144");
}

static void
test_cancelled_vcpus_go_back(void **state)
{
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_int_equal(engine_vcpu_set(w.en, id, 1, &op, &e), 0);
    world_pass(&w, 300);
    assert_int_equal(engine_op_cancel(w.en, op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_non_null(world_event(&w, "it is asked for 2 vcpus again"));
    assert_node("cpu/1/availability", "online");
    c = kept();
    assert_int_equal(c->vcpus, 2);
    config_free(c);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cancelled_balloon_goes_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cancelled_balloon_that_must_stay,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancelled_vcpus_go_back, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("tuning cancelled", tests, NULL, NULL);
}

WORLD_MAIN(run)
