/*
 * test_record.c - what is kept of a domain beside its running: definitions
 * from other formats and their warnings, what an off domain shows and gives,
 * its last end, devices that another tool took, its name in libxl's file, a
 * definition while a creation is at work.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/core/engine_int.h"
#include "engine/record/userdata.h"
#include "engine/sim/sim_int.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

static struct world w;
static struct err e;

static int
setup(void **state)
{
    (void)state;
    world_open(&w, 0, false);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

static const struct dom *
named(const char *name)
{
    const struct dom *d = engine_dom_find(w.en, name, &e);

    if (d == NULL)
        fail_msg("%s", e.msg);
    return d;
}

static void
end_of(const char *name, enum hv_reason r)
{
    assert_int_equal(sim_guest_shutdown(w.sim, named(name)->domid, r), 0);
    world_idle(&w);
}

static void
start(const char *name)
{
    uint64_t op;

    assert_int_equal(engine_start(w.en, named(name)->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* A file in xl's format with a setting that is not honoured. */
static const char *
xl_file(const char *name)
{
    static const char text[] = "memory = 32\nkernel = \"%s\"\n"
                               "latency = 1\nname = \"%s\"\n";
    char cwd[256], kernel[512];
    FILE *f;

    text_fmt(w.conf, sizeof(w.conf), "%s/%s.cfg", w.dir, name);
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    text_fmt(kernel, sizeof(kernel), "%s/" WORLD_KERNEL, cwd);
    f = fopen(w.conf, "w");
    assert_non_null(f);
    fprintf(f, text, kernel, name);
    fclose(f);
    return w.conf;
}

static void
test_define_tells_what_is_not_honoured(void **state)
{
    (void)state;
    assert_int_equal(engine_define(w.en, xl_file("web9"), &e), 0);
    assert_non_null(world_event(&w, "latency"));
    assert_true(named("web9")->off);
}

static void
test_off_domain_is_exported(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(engine_define(w.en, xl_file("web9"), &e), 0);
    assert_int_equal(
        engine_export(w.en, named("web9")->id, "xl", &out, NULL, &e), 0);
    assert_non_null(strstr(buf_text(&out), "name = \"web9\""));
    buf_free(&out);
}

/* A domain that is yet to be made is not domain 0. */
static void
test_log_knows_no_number_before_the_domain(void **state)
{
    struct log_opts none = { 0 };
    struct log *lg = log_new(&none, &e);
    size_t i;

    (void)state;
    w.en->opts.log = lg;
    (void)world_guest(&w, "web9", "");
    w.en->opts.log = NULL;
    assert_true(log_count(lg) > 0);
    for (i = 0; i < log_count(lg); i++)
        assert_null(strstr(log_at(lg, i).text, "web9 (0)"));
    log_free(lg);
}

static void
test_start_completes_what_is_off(void **state)
{
    struct test_session ts = { 0 };
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    (void)world_guest(&w, "web8", "");
    test_session_open(&ts, w.en, w.lp);
    assert_int_equal(cmd_complete(&ts.ses, "start web", &out), 6);
    assert_string_equal(buf_text(&out), "web9\n");
    buf_free(&out);
}

static void
test_refused_restart_shows(void **state)
{
    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "restart = \"always\";\n"),
                      &e),
        0);
    start("web9");
    assert_string_equal(named("web9")->last_end, "");
    end_of("web9", HV_CRASH);
    assert_string_equal(dom_state_word(named("web9")), "refused");
    assert_string_equal(named("web9")->last_end, "crash");
    start("web9");
    assert_false(named("web9")->refused);
    assert_string_equal(named("web9")->last_end, "crash");
    world_pass(&w, 60000);
    end_of("web9", HV_REBOOT);
    assert_int_equal(named("web9")->restarts, 1);
    assert_string_equal(named("web9")->last_end, "reboot");
}

static void
expect_row(const char *line)
{
    struct buf out = { 0 };
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };

    test_session_open(&ts, w.en, w.lp);
    assert_int_equal(test_run_line(&ctx, "list"), CMD_OK);
    if (strstr(buf_text(&out), line) == NULL)
        fail_msg("no '%s' in:\n%s", line, buf_text(&out));
    buf_free(&out);
}

/* No flags say that it is off, or why. */
static void
test_list_says_what_does_not_run(void **state)
{
    (void)state;
    world_close(&w);
    world_open(&w, 0, true); /* as with -e: no watch on the directory */
    assert_int_equal(engine_define(w.en,
                                   world_conf(&w, "web9",
                                              "restart = \"always\";\n"
                                              "vcpus = 2;\n"),
                                   &e),
                     0);
    expect_row("     -      64     2       off       0.0");
    start("web9");
    assert_int_equal(engine_shutdown(w.en, named("web9")->id, NULL, &e), 0);
    world_idle(&w);
    expect_row("     -      64     2   refused       0.0");
    (void)world_guest(&w, "web8", "on_poweroff = \"preserve\";\n");
    assert_int_equal(engine_shutdown(w.en, named("web8")->id, NULL, &e), 0);
    world_idle(&w);
    expect_row("     1 preserved ");
}

/* --- devices that xl took --- */

#define VIF(n)                                                                 \
    "{ type = \"vif\"; mac = \"00:16:3e:00:00:0" #n "\"; "                     \
    "bridge = \"xenbr0\"; }"
#define TWO_VIFS "devices = ( " VIF(1) ", " VIF(2) " );\n"

/* As xl network-detach leaves it. */
static void
xl_takes(uint32_t domid, unsigned devid)
{
    static const char *const paths[] = { "/libxl/%u/device/vif/%u",
                                         "/local/domain/%u/device/vif/%u",
                                         "/local/domain/0/backend/vif/%u/%u" };
    char path[96];
    size_t i;

    for (i = 0; i < 3; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        store_path(path, sizeof(path), paths[i], domid, devid);
#pragma GCC diagnostic pop
        assert_int_equal(store_rm(engine_store(w.en), 0, path, &e), 0);
    }
}

static size_t
vifs(const char *name)
{
    struct dom_device list[8];
    size_t i, n = 0, found = 0;

    assert_int_equal(engine_devices(w.en, named(name)->id, list, 8, &n, &e), 0);
    for (i = 0; i < n; i++)
        found += strcmp(list[i].kind, "vif") == 0;
    return found;
}

static void
test_device_that_xl_took_stays_away(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", "restart_min = 0;\n" TWO_VIFS);
    assert_int_equal(vifs("web9"), 2);
    xl_takes(named("web9")->domid, 0);
    end_of("web9", HV_REBOOT);
    assert_int_equal(vifs("web9"), 1);
    assert_non_null(world_event(&w, "00:16:3e:00:00:01 was removed by"));
    assert_null(world_event(&w, "00:16:3e:00:00:02 was removed by"));
    end_of("web9", HV_REBOOT);
    assert_int_equal(vifs("web9"), 1);
}

static void
test_new_definition_keeps_its_devices(void **state)
{
    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "restart_min = 0;\n"), &e),
        0);
    start("web9");
    assert_int_equal(
        engine_define(
            w.en, world_conf(&w, "web9", "restart_min = 0;\n" TWO_VIFS), &e),
        0);
    end_of("web9", HV_REBOOT);
    assert_int_equal(vifs("web9"), 2);
}

/* --- libxl's file --- */

static void
test_rename_reaches_libxl(void **state)
{
    json_object *o, *info, *name;
    const struct dom *d;
    uint64_t op;

    (void)state;
    (void)world_guest(&w, "web9", "");
    assert_int_equal(engine_rename(w.en, named("web9")->id, "shop1", &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    d = named("shop1");
    assert_int_equal(
        userdata_load(engine_paths(w.en)->libxl, d->domid, d->uuid, &o, &e), 0);
    assert_non_null(o);
    assert_true(json_object_object_get_ex(o, "c_info", &info));
    assert_true(json_object_object_get_ex(info, "name", &name));
    assert_string_equal(json_object_get_string(name), "shop1");
    json_object_put(o);
}

/* --- defined while a creation is at work --- */

#define SLOW_DISK                                                              \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; } ); maxvcpus = %u;"

static void
define_with(unsigned maxvcpus)
{
    char more[128];

    text_fmt(more, sizeof(more), SLOW_DISK, maxvcpus);
    if (engine_define(w.en, world_conf(&w, "web9", more), &e) < 0)
        fail_msg("%s", e.msg);
}

static void
assert_next_life_has(unsigned maxvcpus)
{
    world_pass(&w, 30000);
    assert_int_equal(sim_guest_shutdown(w.sim, named("web9")->domid, HV_REBOOT),
                     0);
    world_pass(&w, 20000);
    world_idle(&w);
    assert_int_equal(named("web9")->vcpus_max, maxvcpus);
}

static void
test_defined_while_it_starts(void **state)
{
    uint64_t op;

    (void)state;
    define_with(2);
    sim_delay_add(w.sim, "dev.script", 5000);
    assert_int_equal(engine_start(w.en, named("web9")->id, false, &op, &e), 0);
    world_pass(&w, 2000);
    define_with(3);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(named("web9")->vcpus_max, 2);
    assert_next_life_has(3);
}

static void
test_defined_while_it_is_made(void **state)
{
    char more[128];
    uint64_t op;

    (void)state;
    text_fmt(more, sizeof(more), SLOW_DISK, 2U);
    sim_delay_add(w.sim, "dev.script", 5000);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", more), NULL, &op, &e), 0);
    world_pass(&w, 2000);
    define_with(3);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(named("web9")->vcpus_max, 2);
    assert_next_life_has(3);
}

static void
test_defined_while_it_restarts(void **state)
{
    (void)state;
    define_with(2);
    start("web9");
    world_pass(&w, 30000);
    sim_delay_add(w.sim, "dev.script", 5000);
    assert_int_equal(sim_guest_shutdown(w.sim, named("web9")->domid, HV_REBOOT),
                     0);
    world_pass(&w, 8000);
    define_with(3);
    world_pass(&w, 20000);
    world_idle(&w);
    assert_int_equal(named("web9")->vcpus_max, 2);
    assert_next_life_has(3);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        T(test_define_tells_what_is_not_honoured),
        T(test_off_domain_is_exported),
        T(test_log_knows_no_number_before_the_domain),
        T(test_start_completes_what_is_off),
        T(test_refused_restart_shows),
        T(test_list_says_what_does_not_run),
        T(test_device_that_xl_took_stays_away),
        T(test_new_definition_keeps_its_devices),
        T(test_rename_reaches_libxl),
        T(test_defined_while_it_starts),
        T(test_defined_while_it_is_made),
        T(test_defined_while_it_restarts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
