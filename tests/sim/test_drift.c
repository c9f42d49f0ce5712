/*
 * test_drift.c - a running domain against its configuration on record, in
 * words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"

#define CONF                                                                   \
    "vcpus = 2; maxvcpus = 4;\ndevices = ({ type = \"vbd\"; path = "           \
    "\"/dev/vg/web9\"; vdev = \"xvda\"; });\n"

static struct world w;
static struct err e;
static uint64_t id;

static void
open_guest(void)
{
    world_open_kept(&w, 0);
    id = world_guest(&w, "web9", CONF);
    world_pass(&w, 2000);
}

WORLD_FIXTURE(open_guest(), world_close(&w))

static void
assert_drift(const char *text)
{
    struct buf out = { 0 };

    if (engine_drift(w.en, id, &out, &e) < 0)
        fail_msg("%s", e.msg);
    assert_string_equal(buf_text(&out), text);
    buf_free(&out);
}

/* As another tool does it, which tells nobody. */
static void
write_node(const char *rest, const char *value)
{
    char path[96];

    store_path(path, sizeof(path), "/local/domain/%u/%s",
               world_dom(&w, "web9")->domid, rest);
    assert_int_equal(store_write(engine_store(w.en), 0, path, value, &e), 0);
    world_pass(&w, 5000);
}

static void
test_a_new_domain_has_none(void **state)
{
    (void)state;
    assert_drift("");
}

static void
test_what_another_tool_has_set(void **state)
{
    (void)state;
    write_node("memory/target", "32768");
    assert_drift(
        "memory: its target is 32 MiB, the configuration says 64 MiB\n");
    write_node("memory/target", "65536");
    write_node("cpu/1/availability", "offline");
    assert_drift("vcpus: 1 are online, the configuration says 2\n");
}

static void
test_what_was_defined_since(void **state)
{
    (void)state;
    assert_int_equal(
        engine_define(w.en,
                      world_conf(&w, "web9",
                                 "vcpus = 2; maxvcpus = 2;\ndevices = ({ type "
                                 "= \"vbd\"; path = \"/dev/vg/more\"; vdev = "
                                 "\"xvdb\"; });\n"),
                      &e),
        0);
    assert_drift("maxvcpus: it has at most 4, the configuration says 2\n"
                 "vbd xvdb: the configuration has it, the domain has not\n"
                 "vbd xvda: the domain has it, the configuration has not\n");
}

/* It is told below the configuration, as comments. */
static void
test_beside_the_configuration(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(engine_config_text(w.en, id, &out, &e), 0);
    assert_null(strstr(buf_text(&out), "differs"));
    write_node("memory/target", "32768");
    buf_clear(&out);
    assert_int_equal(engine_config_text(w.en, id, &out, &e), 0);
    assert_non_null(strstr(buf_text(&out),
                           "# The running domain differs from this:\n"
                           "# memory: its target is 32 MiB, "));
    buf_free(&out);
}

static void
test_of_others_nothing_is_known(void **state)
{
    struct buf out = { 0 };
    uint32_t domid;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 2000);
    assert_int_equal(engine_drift(w.en, world_dom(&w, "theirs")->id, &out, &e),
                     -1);
    assert_non_null(strstr(e.msg, "it was made by others"));
    buf_free(&out);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_new_domain_has_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_another_tool_has_set, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_was_defined_since, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_beside_the_configuration, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_of_others_nothing_is_known, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
