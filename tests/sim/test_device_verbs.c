/*
 * test_device_verbs.c - the verbs of devices as -e runs them: our words, xl's
 * words, refusals, lists, completion; who depends on a domain that is to end.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/sim/sim.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

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
    bad("detach web1 floppy 0", CMD_USAGE, "detach: found kind floppy");
    bad("detach web1 console 0", CMD_ERROR, "its console stays with it");
    bad("attach web1 vkbd foo=1", CMD_ERROR,
        "allowed are those of xendeck-domain(5)");
    bad("attach web1 vkbd backen=1", CMD_ERROR, "nearest known one, backend");
    bad("detach web1 vif vif1.7", CMD_ERROR, "found no vif \"vif1.7\"");
    bad("block-detach web1", CMD_USAGE, "found no domain");
    bad("network-detach web1 --force", CMD_USAGE, "no device");
    bad("cd-eject web1 xvdc", CMD_ERROR,
        "'web1': found no CD drive xvdc, allowed");
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

/* Files of the machine, as the simulated dom0 sees them. */
static void
make_image(const char *name)
{
    char path[160];
    int fd;

    text_fmt(path, sizeof path, "%s/%s", w.dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static const char *
line(const char *fmt)
{
    static char text[512]; /* of the last call */

    text_fmt(text, sizeof text, fmt, w.dir);
    return text;
}

static void
test_a_disk_has_many_names(void **state)
{
    static const char busy[] = "is in use by domain 1 (web1), xvdb, mode w";
    char a[160], b[160];

    (void)state;
    make_image("a.img");
    text_fmt(a, sizeof a, "%s/a.img", w.dir);
    text_fmt(b, sizeof b, "%s/soft.img", w.dir);
    assert_int_equal(symlink("a.img", b), 0);
    text_fmt(b, sizeof b, "%s/hard.img", w.dir);
    assert_int_equal(link(a, b), 0);
    good(line("attach web1 vbd path=%s/soft.img vdev=xvdb"));
    bad(line("attach web2 vbd path=%s/a.img vdev=xvdb"), CMD_ERROR, busy);
    bad(line("attach web2 vbd path=%s/hard.img vdev=xvdb mode=r"), CMD_ERROR,
        busy);
    bad(line("attach web2 vbd path=%s/./a.img vdev=xvdb"), CMD_ERROR, busy);
    good(line("attach web2 vbd path=%s/hard.img vdev=xvdb mode=w!"));
    bad(line("cd-insert web2 hdc %s/a.img"), CMD_ERROR, "is in use by");
    assert_null(strstr(e.msg, "w!"));
}

static void
test_a_partition_is_its_disk(void **state)
{
    (void)state;
    good("attach web1 vbd path=/dev/sdb1 vdev=xvdb");
    good("attach web2 vbd path=/dev/sdb2 vdev=xvdb");
    bad("attach web2 vbd path=/dev/sdb vdev=xvdc", CMD_ERROR,
        "is in use by domain 1 (web1), xvdb");
    good("attach web2 vbd path=/dev/sdc vdev=xvdc mode=r");
    bad("attach web1 vbd path=/dev/sdc3 vdev=xvdc", CMD_ERROR,
        "is in use by domain 2 (web2), xvdc, mode r");
    good("attach web1 vbd path=/dev/sdc3 vdev=xvdc mode=r");
}

static void
test_no_interface_has_a_twin(void **state)
{
    char *before;

    (void)state;
    good("attach web1 vif mac=00:16:3e:00:00:0a vifname=lan0");
    before = world_dump(&w);
    bad("attach web1 vif mac=00:16:3E:00:00:0A", CMD_ERROR,
        "mac: found \"00:16:3E:00:00:0A\", allowed one that interface 0 of "
        "the domain does not use");
    bad("attach web1 vif vifname=lan0", CMD_ERROR, "vifname: found \"lan0\"");
    world_unchanged(&w, before);
    good("attach web2 vif mac=00:16:3e:00:00:0a");
}

static void
test_addresses_are_addresses(void **state)
{
    static const char *const bads[] = { "10.0.0.256", "10.0.0.0/33",
                                        "::::",       "2001:db8::/129",
                                        "10.0.0",     "10.0.0.1/" };
    char text[96];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        text_fmt(text, sizeof text, "attach web1 vif ip=%s", bads[i]);
        bad(text, CMD_ERROR, "allowed IP addresses");
    }
    good("attach web1 vif \"ip=10.0.0.1 10.1.0.0/16 2001:db8::/64\"");
}

static void
xl_is(const char *text, const char *want)
{
    const struct op *o = NULL, *last = NULL;
    size_t i;

    good(text);
    for (i = 0; (o = engine_op_at(w.en, i)) != NULL; i++)
        if (last == NULL || o->id > last->id)
            last = o;
    assert_non_null(last);
    assert_string_equal(last->xl, want);
}

static void
test_the_line_of_xl(void **state)
{
    (void)state;
    xl_is("attach web1 vif mac=00:16:3e:00:00:0a \"ip=10.0.0.1 10.0.0.2\" "
          "rate=1MB/s bridge=xenbr0",
          "xl network-attach web1 mac=00:16:3e:00:00:0a bridge=xenbr0 "
          "'ip=10.0.0.1 10.0.0.2' rate=1MB/s");
    xl_is("detach web1 vif 00:16:3e:00:00:0a", "xl network-detach web1 0");
    xl_is("attach web1 vbd path=/dev/a vdev=xvdb mode=r script=block-x",
          "xl block-attach web1 format=raw,vdev=xvdb,access=ro,script=block-x,"
          "target=/dev/a");
    xl_is("detach web1 vbd xvdb --force", "xl block-detach web1 xvdb --force");
    xl_is("attach web1 vbd path=/dev/a vdev=xvdb mode=w!", "");
    xl_is("cd-insert web1 hdc /dev/b",
          "xl block-attach web1 format=raw,vdev=hdc,devtype=cdrom,"
          "target=/dev/b");
    xl_is("cd-insert web1 hdc '/dev/c d'",
          "xl block-detach web1 hdc && xl block-attach web1 "
          "'format=raw,vdev=hdc,devtype=cdrom,target=/dev/c d'");
    xl_is("cd-eject web1 hdc", "xl block-detach web1 hdc");
    xl_is("pci-attach web1 03:00.0,permissive=1",
          "xl pci-attach web1 0000:03:00.0,permissive=1");
    xl_is("pci-detach web1 03:00.0", "xl pci-detach web1 0000:03:00.0");
    xl_is("attach web1 vkbd", "");
}

/* Its verbs take other words than ours: parts of a disk, names of settings, an
 * address alone. */
static void
test_verbs_of_xl(void **state)
{
    (void)state;
    xl_is("block-attach web1 /dev/a raw xvdb r",
          "xl block-attach web1 "
          "format=raw,vdev=xvdb,access=ro,target=/dev/a");
    xl_is("block-detach web1 xvdb", "xl block-detach web1 xvdb");
    xl_is("network-attach web1 type=vif netdev=eth0 mac=00:16:3e:00:00:0a "
          "bridge=xenbr0",
          "xl network-attach web1 mac=00:16:3e:00:00:0a bridge=xenbr0 "
          "gatewaydev=eth0 type=vif");
    xl_is("network-detach web1 0", "xl network-detach web1 0");
    xl_is("pci-attach web1 03:00.0 permissive=1",
          "xl pci-attach web1 0000:03:00.0,permissive=1");
}

/* They find it by their names. */
static void
test_each_verb_of_xl_has_a_kind(void **state)
{
    struct test_session ts = { 0 };
    const struct cmd *c;
    size_t i, n = 0;

    (void)state;
    test_session_open(&ts, w.en, w.lp);
    for (i = 0; (c = cmd_at(ts.ses.cmds, i)) != NULL; i++)
        if (strstr(c->name, "-attach") != NULL ||
            (c->arg2 == CMD_ARG_DEVICE && c->arg == CMD_ARG_DOMAIN)) {
            if (device_kind_of_verb(c->name) == NULL)
                fail_msg("%s: of no kind", c->name);
            n++;
        }
    assert_true(n >= 9);
    assert_null(device_kind_of_verb("devices"));
    assert_null(device_kind_of_verb("detach"));
    assert_null(device_kind_of_verb(""));
}

/* Numbers are not given out again: the second is the first on record then. */
static void
test_records_have_no_gaps(void **state)
{
    (void)state;
    (void)world_guest(&w, "kbd", "");
    world_pass(&w, 10000);
    good("attach kbd vfb"); /* its device model serves keyboards, too */
    good("attach kbd vkbd");
    good("attach kbd vkbd");
    world_pass(&w, 1000);
    good("export kbd");
    expect("{ type = \"vkbd\"; },", true);
    good("detach kbd vkbd 0");
    good("export kbd");
    expect("vkbd", true);
    good("detach kbd vkbd 1");
    good("export kbd");
    expect("vkbd", false);
}

static void
test_words_of_xl(void **state)
{
    (void)state;
    good("network-attach web1 type=vif mac=00:16:3e:00:00:0b");
    good("network-attach web1 netdev=eth0 script=vif-route");
    bad("attach web1 vif type=vif", CMD_ERROR, "vif.type: found an unknown");
    assert_null(strstr(e.msg, "one, type"));
    bad("network-attach web1 00:16:3e:00:00:0c", CMD_ERROR, "no SETTING=VALUE");
    bad("network-attach web1 mac=00:16:3e:00:00:0c,10.0.0.1", CMD_ERROR,
        "no SETTING=VALUE");
    good("cd-insert web1 hdc /dev/b");
    good("devices web1");
    expect("/dev/b r cdrom\n", true);
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
    struct test_session ts = { 0 };

    buf_clear(&out);
    test_session_open(&ts, w.en, w.lp);
    (void)cmd_complete(&ts.ses, line, &out);
    assert_string_equal(buf_text(&out), want);
}

static void
test_completion(void **state)
{
    (void)state;
    good("attach web1 vif");
    good("attach web1 vbd vdev=hdc cdrom=true path=/dev/a");
    complete("attach web1 v", "vbd\nvfb\nvif\nvkbd\n");
    complete("detach web1 vif ", "vif1.0\n");
    complete("detach web1 vbd ", "hdc\n");
    complete("detach web1 pci ", "");
    complete("network-detach web1 v", "vif1.0\n");
    complete("network-detach nosuch v", "");
    complete("pci-detach web1 ", "");
    complete("block-detach web1 ", "hdc\n");
    complete("cd web1 ", "hdc\n");
    complete("cd-eject web1 ", "hdc\n");
    complete("block-detach web1 x --", "--force\n");
}

/* A driver domain by hand: the record of web2's vif says who serves it. */
static void
serve(uint32_t server, uint32_t guest)
{
    char path[96], back[96];

    text_fmt(back, sizeof(back), "/local/domain/%u/backend/vif/%u/0", server,
             guest);
    store_write(engine_store(w.en), 0, back, "", NULL);
    text_fmt(path, sizeof(path), "/libxl/%u/device/vif/0/backend", guest);
    store_write(engine_store(w.en), 0, path, back, NULL);
}

static void
test_who_depends_on_it_is_named(void **state)
{
    struct screen screen = { 0 };
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = {
        .ses = &ts.ses, .out = &out, .warn = &warn, .e = &e
    };

    (void)state;
    test_session_open(&ts, w.en, w.lp);
    ts.ses.screen = &screen;
    assert_int_equal(test_run_line(&ctx, "destroy web1"), CMD_ASK);
    assert_null(strstr(ctx.question, "serves"));
    free(ctx.question);
    serve(1, 2);
    assert_int_equal(test_run_line(&ctx, "destroy web1"), CMD_ASK);
    assert_non_null(
        strstr(ctx.question, "web1 serves devices to web2, which loses them."));
    free(ctx.question);
    assert_int_equal(warn.len, 0);
    assert_int_equal(test_run_line(&ctx, "pause web1"), CMD_WAIT);
    assert_null(ctx.question);
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
        TEST(test_a_disk_has_many_names),
        TEST(test_a_partition_is_its_disk),
        TEST(test_no_interface_has_a_twin),
        TEST(test_addresses_are_addresses),
        TEST(test_the_line_of_xl),
        TEST(test_verbs_of_xl),
        TEST(test_each_verb_of_xl_has_a_kind),
        TEST(test_records_have_no_gaps),
        TEST(test_words_of_xl),
        TEST(test_json_has_counters),
        TEST(test_completion),
        TEST(test_who_depends_on_it_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(all)
