/*
 * test_dm_verbs.c - the verbs about device models as -e runs them: the address
 * of a screen, commands of QMP, what `show` says.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/sim/sim_outside_model.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

#define SCREEN                                                                 \
    "devices = ( { type = \"vfb\"; vncpasswd = \"hidden77\"; }, "              \
    "{ type = \"vkbd\"; } );\n"

static struct world w;
static struct buf out, warn;
static struct err e;

static void
verbs_end(void)
{
    world_close(&w);
    buf_free(&out);
    buf_free(&warn);
}

WORLD_FIXTURE(world_open(&w, 2, false), verbs_end())

static enum cmd_rc
run(const char *line)
{
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = {
        .ses = &ts.ses, .out = &out, .warn = &warn, .e = &e
    };
    enum cmd_rc rc;

    buf_clear(&out);
    buf_clear(&warn);
    err_clear(&e);
    test_session_open(&ts, w.en, w.lp);
    rc = test_run_line(&ctx, line);
    test_session_close(&ts);
    return rc;
}

static void
good(const char *line, const char *text)
{
    if (run(line) != CMD_OK)
        fail_msg("%s: %s", line, e.msg);
    if (strstr(buf_text(&out), text) == NULL)
        fail_msg("%s: no '%s' in: %s", line, text, buf_text(&out));
    assert_null(strstr(buf_text(&out), "hidden77"));
}

static void
bad(const char *line, enum cmd_rc rc, const char *sentence)
{
    if (run(line) != rc || strstr(e.msg, sentence) == NULL)
        fail_msg("%s: '%s'", line, e.msg);
}

static void
test_the_address_of_a_screen(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    good("vnc web9", "127.0.0.1:5900 (it asks for a password)\n");
    good("vnc web9", "from elsewhere: ssh -L 5900:127.0.0.1:5900 ");
    bad("vnc web1", CMD_ERROR, "'web1' has no device model");
    good("show web9", "model:    process ");
    good("show web9", "VNC port 5900, log /var/log/xen/qemu-dm-web9.log\n");
    good("store web9", "vnc-port = 5900");
    good("config web9", "vfb");
}

static void
test_a_screen_over_tls(void **state)
{
    uint64_t op;

    (void)state;
    (void)world_guest(&w, "web9",
                      "devices = ( { type = \"vfb\"; vncx509 = \"/etc/pki\"; "
                      "vncx509verify = true; vncpasswd = \"hidden77\"; } );");
    good("vnc web9", "127.0.0.1:5900 (over TLS, it asks for a password)\n");
    good("config web9", "/etc/pki");
    assert_true(sim_model_has_arg(
        w.sim, world_dom(&w, "web9")->domid,
        "tls-creds-x509,id=vnc-tls,endpoint=server,dir=/etc/pki,"
        "verify-peer=on"));
    (void)world_guest(&w, "web8",
                      "type = \"hvm\"; screen = { vnctls = true; };");
    good("vnc web8", "127.0.0.1:5901 (over TLS)\n");
    if (run("export web8 --format xl") != CMD_OK ||
        strstr(buf_text(&warn), "screen.vnctls: left out") == NULL)
        fail_msg("%s %s", e.msg, buf_text(&warn));
    assert_int_equal(
        engine_create(w.en,
                      world_conf(&w, "web7",
                                 "type = \"hvm\"; screen = { vnctls = true; "
                                 "vncx509verify = true; };"),
                      NULL, &op, &e),
        0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "vncx509verify: found true, allowed with vncx509"));
}

/* A screen that lets everybody in against its setting is none, also of a domain
 * that runs. */
static void
test_clients_are_verified_by_certificates(void **state)
{
    static const char *const words[] = { "vncx509verify=true" };
    uint64_t op, id = world_guest(&w, "web9", "");
    const struct device_want want = { .kind = "vfb", .words = words, .n = 1 };

    (void)state;
    world_pass(&w, 10000);
    if (engine_device_add(w.en, id, &want, &op, &e) == 0) {
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        e = engine_op_by_id(w.en, op)->err;
    }
    assert_non_null(
        strstr(e.msg, "vncx509verify: found true, allowed with vncx509 alone"));
    assert_int_equal(engine_create(w.en,
                                   world_conf(&w, "web8",
                                              "devices = ( { type = \"vfb\"; "
                                              "vncx509verify = true; } );"),
                                   NULL, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "vfb: vncx509verify: found true"));
}

/* The line of ssh goes to 127.0.0.1. */
static void
test_the_way_to_another_address(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9",
                      "devices = ( { type = \"vfb\"; vnclisten = "
                      "\"127.0.0.2\"; } );");
    good("vnc web9", "127.0.0.2:5900");
    assert_null(strstr(buf_text(&out), "ssh"));
}

static void
test_a_command_for_experts(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    good("qmp web9 query-status", "\"status\": \"running\"");
    good("qmp web9 stop", "{");
    good("qmp web9 '{\"execute\": \"query-status\"}'", "\"paused\"");
    good("qmp web9 xen-set-global-dirty-log enable=true", "{");
    bad("qmp web9 eject id=ide-5632", CMD_ERROR, "No such device: ide-5632");
    bad("qmp web9 no-such-thing", CMD_ERROR,
        "device model: no-such-thing: The command is not known");
    bad("qmp web9 stop now", CMD_USAGE, "now");
    bad("qmp web9 '{\"execute\": 5}'", CMD_USAGE, "this is no command");
    bad("qmp web9 '{\"execute\": \"stop\"} x'", CMD_USAGE,
        "this is no command");
    bad("qmp web1 stop", CMD_ERROR, "'web1' has no device model");
}

/* It would leave the guest running over devices that it does not know. */
static void
test_no_reset_of_the_devices_alone(void **state)
{
    const char *words = "use the verb reset";

    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    bad("qmp web9 system_reset", CMD_ERROR, words);
    bad("qmp web9 '{\"execute\": \"system_reset\"}'", CMD_ERROR, words);
    bad("qmp web9 human-monitor-command 'command-line= system_reset'",
        CMD_ERROR, words);
    bad("qmp web9 system_reset_all", CMD_ERROR, "The command is not known");
    bad("qmp web9 human-monitor-command command-line=info", CMD_ERROR,
        "The command is not known");
}

/* Until it is made again, or is not. */
static enum op_state
reset_and_wait(void)
{
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };
    const struct op *op;

    test_session_open(&ts, w.en, w.lp);
    if (test_run_line(&ctx, "reset web9") != CMD_WAIT)
        fail_msg("%s", e.msg);
    test_session_close(&ts);
    assert_int_equal(world_wait(&w, ctx.op), OP_DONE);
    op = engine_op_by_id(w.en, ctx.op);
    return op->next != 0 ? world_wait(&w, op->next) : OP_FAILED;
}

/* Whatever on_reboot says; but not where it would be lost. */
static void
test_reset(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", "on_reboot = \"destroy\";\n" SCREEN);
    bad("reset web9", CMD_ERROR, "its minimum restart time is 20 s: reset it");
    world_pass(&w, 25000);
    assert_int_equal(reset_and_wait(), OP_DONE);
    assert_non_null(world_dom(&w, "web9"));
    assert_int_equal(world_dom(&w, "web9")->restarts, 1);
    good("vnc web9", "127.0.0.1:5900");
    bad("reset Domain-0", CMD_ERROR, "");
}

static void
test_a_reset_that_does_not_come_back(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    world_pass(&w, 25000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    assert_int_equal(reset_and_wait(), OP_FAILED);
}

/* The boot clock counts, not the one that people and NTP set. */
static void
test_reset_when_the_clock_is_set(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    loop_set_wall(w.lp, loop_wall_s(w.lp) + 3600);
    bad("reset web9", CMD_ERROR, "its minimum restart time is 20 s: reset it");
    world_pass(&w, 25000);
    loop_set_wall(w.lp, loop_wall_s(w.lp) - 3615);
    assert_int_equal(reset_and_wait(), OP_DONE);
}

static void
test_one_that_hangs_is_told(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    assert_int_equal(sim_model_hang(w.sim, world_dom(&w, "web9")->domid, true),
                     0);
    bad("vnc web9", CMD_ERROR, "device model: query-vnc: it does not answer");
}

static void
done(int (*verb)(struct engine *, uint64_t, uint64_t *, struct err *))
{
    uint64_t op;

    if (verb(w.en, world_dom(&w, "web9")->id, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* xl restores one paused with a model that waits to be told to go on; and so
 * does an expert's stop. */
static void
test_unpause_wakes_the_model(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", "type = \"hvm\";\n");
    done(engine_pause);
    good("qmp web9 stop", "{");
    done(engine_unpause);
    good("qmp web9 query-status", "\"status\": \"running\"");
}

/* xl hangs then. */
static void
test_unpause_of_one_that_hangs(void **state)
{
    uint64_t began;

    (void)state;
    (void)world_guest(&w, "web9", "type = \"hvm\";\n");
    done(engine_pause);
    assert_int_equal(sim_model_hang(w.sim, world_dom(&w, "web9")->domid, true),
                     0);
    began = loop_now_ms(w.lp);
    done(engine_unpause);
    assert_true(loop_now_ms(w.lp) < began + 5000);
    assert_false(world_dom(&w, "web9")->flags & DOM_F_PAUSED);
    assert_non_null(world_event(&w, "its device model was not told"));
}

/* What its balloon is told is less, by the memory of its screen. */
static void
test_memory_of_the_next_life(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", "type = \"hvm\";\n");
    world_pass(&w, 25000);
    assert_int_equal(reset_and_wait(), OP_DONE);
    assert_int_equal(world_dom(&w, "web9")->restarts, 1);
    good("config web9", "memory = 64;");
    assert_null(world_event(&w, "by another tool"));
}

static int
run_all(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_the_address_of_a_screen),
        T(test_a_screen_over_tls),
        T(test_clients_are_verified_by_certificates),
        T(test_the_way_to_another_address),
        T(test_a_command_for_experts),
        T(test_no_reset_of_the_devices_alone),
        T(test_reset),
        T(test_a_reset_that_does_not_come_back),
        T(test_reset_when_the_clock_is_set),
        T(test_one_that_hangs_is_told),
        T(test_memory_of_the_next_life),
        T(test_unpause_wakes_the_model),
        T(test_unpause_of_one_that_hangs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run_all)
