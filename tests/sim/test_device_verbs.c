/*
 * test_device_verbs.c - the verbs of devices as -e runs them: our words, xl's
 * words, refusals, lists, completion; who depends on a domain that is to end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/sim/sim.h"
#include "tests/sim/world.h"
#include "ui/command/command.h"

static struct world w;
static struct buf out, warn;
static struct err e;

static void
end(void)
{
    world_close(&w);
    buf_free(&out);
    buf_free(&warn);
}

WORLD_FIXTURE(world_open(&w, 2, false), end())

/* Runs a line and waits; a failed operation is CMD_ERROR with its sentence. */
static enum cmd_rc
run(const char *line)
{
    struct cmd_ctx ctx = {
        .en = w.en, .lp = w.lp, .out = &out, .warn = &warn, .e = &e
    };
    enum cmd_rc rc;

    buf_clear(&out);
    buf_clear(&warn);
    err_clear(&e);
    rc = cmd_run_line(&ctx, line, true, NULL);
    if (rc != CMD_WAIT)
        return rc;
    if (world_wait(&w, ctx.op) != OP_DONE) {
        e = engine_op_by_id(w.en, ctx.op)->err;
        return CMD_ERROR;
    }
    world_pass(&w, 200);
    return CMD_OK;
}

static void
good(const char *line)
{
    if (run(line) != CMD_OK)
        fail_msg("%s: %s", line, e.msg);
}

static void
bad(const char *line, enum cmd_rc rc, const char *sentence)
{
    if (run(line) != rc || strstr(e.msg, sentence) == NULL)
        fail_msg("%s: '%s'", line, e.msg);
}

static void
expect(const char *text, bool want)
{
    if ((strstr(buf_text(&out), text) != NULL) != want)
        fail_msg("%s '%s' in: %s", want ? "no" : "there is", text,
                 buf_text(&out));
}

static void
test_devices_come_and_go(void **state)
{
    (void)state;
    good("attach web1 vif mac=00:16:3e:00:00:01 bridge=xenbr0");
    good("devices web1");
    expect("00:16:3e:00:00:01", true);
    expect("connected", true);
    good("network-list web1");
    expect("00:16:3e:00:00:01", true);
    good("block-list web1");
    expect("00:16:3e:00:00:01", false);
    good("detach web1 vif vif1.0");
    good("network-list web1");
    expect("00:16:3e", false);
}

static void
test_xl_words(void **state)
{
    (void)state;
    good("network-attach web1 mac=00:16:3e:00:00:02");
    good("network-detach web1 00:16:3e:00:00:02");
    good("pci-attach web1 03:00.0");
    good("pci-list web1");
    expect("0000:03:00.0", true);
    good("pci-assignable-list");
    expect("0000:03:00.0  8086:10fb  domain 1 has it", true);
    expect("0000:04:00.0  144d:a808\n", true);
    good("pci-detach web1 0000:03:00.0");
    bad("pci-attach web1 00:1f.2", CMD_ERROR, "the driver ahci of dom0 holds");
}

static void
test_refusals(void **state)
{
    (void)state;
    bad("attach web1", CMD_USAGE, "attach: found no kind, allowed: attach");
    bad("attach", CMD_USAGE, "attach: found no domain");
    bad("attach web1 floppy path=/x", CMD_USAGE, "found kind floppy");
    bad("attach web1 vif mac=x", CMD_ERROR, "allowed");
    bad("attach Domain-0 vif", CMD_ERROR, "on which this host stands");
    bad("detach web1", CMD_USAGE, "no KIND and DEVICE");
    bad("detach web1 vif", CMD_USAGE, "no KIND and DEVICE");
    bad("detach web1 vif vif1.7", CMD_ERROR, "found no vif \"vif1.7\"");
    bad("block-detach web1", CMD_USAGE, "found no domain");
    bad("network-detach web1 --force", CMD_USAGE, "no device");
    bad("cd-eject web1 xvdc", CMD_ERROR, "xvdc");
}

static void
test_a_guest_that_holds_a_device_is_forced(void **state)
{
    (void)state;
    good("attach web1 vif");
    sim_guest_hold_devices(w.sim, 1, true);
    bad("detach web1 vif vif1.0", CMD_ERROR, "did not let go");
    good("detach web1 vif vif1.0 --force");
}

static void
test_json_has_counters(void **state)
{
    struct json_object *js, *one = NULL, *v;
    size_t i;

    (void)state;
    good("attach web1 vif");
    good("devices web1 --json");
    js = json_tokener_parse(buf_text(&out));
    assert_non_null(js);
    for (i = 0; i < json_object_array_length(js); i++) {
        one = json_object_array_get_idx(js, i);
        assert_true(json_object_object_get_ex(one, "kind", &v));
        if (strcmp(json_object_get_string(v), "vif") == 0)
            break;
    }
    assert_true(json_object_object_get_ex(one, "rx_packets", &v));
    assert_true(json_object_object_get_ex(one, "state", &v));
    assert_string_equal(json_object_get_string(v), "connected");
    json_object_put(js);
    good("pci-assignable-list --json");
    expect("\"144d:a808\"", true);
}

static void
complete(const char *line, const char *want)
{
    buf_clear(&out);
    (void)cmd_complete(w.en, "themes", line, &out);
    assert_string_equal(buf_text(&out), want);
}

static void
test_completion(void **state)
{
    (void)state;
    good("attach web1 vif");
    complete("attach web1 v", "vbd\nvfb\nvif\nvkbd\n");
    complete("detach web1 vif ", "vif1.0\n");
    complete("detach web1 vbd ", "");
    complete("network-detach web1 v", "vif1.0\n");
    complete("network-detach nosuch v", "");
    complete("block-detach web1 x --", "--force\n");
}

/* A driver domain by hand: the record of web2's vif says who serves it. */
static void
serve(uint32_t server, uint32_t guest)
{
    char path[96], back[96];

    text_fmt(back, sizeof(back), "/local/domain/%u/backend/vif/%u/0", server,
             guest);
    store_write(w.en->st, 0, back, "", NULL);
    text_fmt(path, sizeof(path), "/libxl/%u/device/vif/0/backend", guest);
    store_write(w.en->st, 0, path, back, NULL);
}

static void
test_who_depends_on_it_is_named(void **state)
{
    struct cmd_ctx ctx = {
        .en = w.en, .lp = w.lp, .out = &out, .warn = &warn, .e = &e
    };
    char *ask = NULL;

    (void)state;
    assert_int_equal(cmd_run_line(&ctx, "destroy web1", false, &ask), CMD_WAIT);
    assert_null(strstr(ask, "serves"));
    free(ask);
    serve(1, 2);
    assert_int_equal(cmd_run_line(&ctx, "destroy web1", false, &ask), CMD_WAIT);
    assert_non_null(
        strstr(ask, "web1 serves devices to web2, which loses them."));
    free(ask);
    assert_int_equal(warn.len, 0);
    assert_int_equal(cmd_run_line(&ctx, "pause web1", false, &ask), CMD_WAIT);
    assert_null(ask);
    assert_int_equal(warn.len, 0);
    (void)run("shutdown web1"); /* as with -e */
    assert_string_equal(buf_text(&warn),
                        "web1 serves devices to web2, which loses them.\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
all(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_devices_come_and_go),
        TEST(test_xl_words),
        TEST(test_refusals),
        TEST(test_a_guest_that_holds_a_device_is_forced),
        TEST(test_json_has_counters),
        TEST(test_completion),
        TEST(test_who_depends_on_it_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(all)
