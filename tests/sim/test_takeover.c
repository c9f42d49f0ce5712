/*
 * test_takeover.c - what xl changes on a domain of ours is in its next life,
 * and told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "engine/tune/tuning.h"
#include "tests/sim/world.h"

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static void
guest(void)
{
    (void)world_guest(&w, "web9", "maxmem = 128;");
    world_pass(&w, 30000);
}

/* As libxl does: only nodes are written. */
static void
write_node(const char *fmt, uint32_t domid, const char *value)
{
    char path[96];

    text_fmt(path, sizeof(path), "/local/domain/%u/%s", domid, fmt);
    assert_int_equal(store_write(engine_store(w.en), 0, path, value, NULL), 0);
}

static void
xl_rename(const char *name)
{
    char path[96], uuid[37];

    uuid_print_text(world_dom(&w, "web9")->uuid, uuid);
    text_fmt(path, sizeof(path), "/vm/%s/name", uuid);
    assert_int_equal(store_write(engine_store(w.en), 0, path, name, NULL), 0);
    write_node("name", world_dom(&w, "web9")->domid, name);
}

static const struct dom *
reboot(const char *name)
{
    uint64_t id = world_dom(&w, name)->id;

    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, name)->domid, HV_REBOOT), 0);
    world_pass(&w, 10000);
    if (world_dom(&w, name) == NULL || world_dom(&w, name)->id == id)
        fail_msg("'%s' was lost", name);
    assert_int_equal(world_dom(&w, name)->flags & DOM_F_SHUTDOWN, 0);
    return world_dom(&w, name);
}

static void
test_name_is_taken_over(void **state)
{
    struct domain_config *c;

    (void)state;
    guest();
    xl_rename("web8");
    world_pass(&w, 1000);
    assert_non_null(world_event(&w, "renamed from 'web9' by another tool"));
    assert_int_equal(db_load(w.state, world_dom(&w, "web8")->uuid, &c, NULL),
                     0);
    assert_string_equal(c->name, "web8");
    config_free(c);
    (void)reboot("web8");
    assert_null(world_dom(&w, "web9"));
}

/* Its old name may be another's by then. */
static void
test_renamed_guest_is_not_lost(void **state)
{
    (void)state;
    guest();
    xl_rename("web8");
    world_pass(&w, 1000);
    (void)world_guest(&w, "web9", "");
    (void)reboot("web8");
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_renamed_while_no_engine_runs(void **state)
{
    (void)state;
    guest();
    world_kill(&w);
    world_start(&w, false);
    xl_rename("web8");
    world_kill(&w);
    world_start(&w, false);
    (void)reboot("web8");
}

static void
test_own_rename_is_not_told_so(void **state)
{
    uint64_t op;

    (void)state;
    guest();
    assert_int_equal(
        engine_rename(w.en, world_dom(&w, "web9")->id, "web8", &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 1000);
    (void)reboot("web8");
    assert_null(world_event(&w, "by another tool"));
}

static void
test_memory_is_taken_over(void **state)
{
    const struct dom *d;

    (void)state;
    guest();
    write_node("memory/target", world_dom(&w, "web9")->domid, "49152");
    world_pass(&w, 1000);
    d = reboot("web9");
    assert_int_equal(d->target_kib, 49152);
    assert_non_null(world_event(&w, "set from 64 to 48 MiB by another tool"));
}

static void
test_memory_of_a_new_definition_counts(void **state)
{
    struct err e = { 0 };
    const struct dom *d;

    (void)state;
    guest();
    if (engine_define(w.en, world_conf(&w, "web9", "maxmem = 256;"), &e) < 0)
        fail_msg("%s", e.msg);
    write_node("memory/target", world_dom(&w, "web9")->domid, "49152");
    world_pass(&w, 1000);
    d = reboot("web9");
    assert_int_equal(d->target_kib, 65536);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_name_is_taken_over),
        T(test_renamed_guest_is_not_lost),
        T(test_renamed_while_no_engine_runs),
        T(test_own_rename_is_not_told_so),
        T(test_memory_is_taken_over),
        T(test_memory_of_a_new_definition_counts),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
