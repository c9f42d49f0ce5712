/*
 * test_formats.c - domains made from files of every format on the simulated
 * host, the warnings that this gives, and their configurations written back.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/sim/sim_outside.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Makes a domain from this text, with %s for the kernel; its dom id. */
static uint64_t
make(struct world *w, const char *text)
{
    char path[128], *kernel = realpath(WORLD_KERNEL, NULL);
    const char *at = strstr(text, "%s");
    struct err e = { 0 };
    uint64_t op, id;
    FILE *f;

    assert_non_null(kernel);
    snprintf(path, sizeof path, "%s/any", w->dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%.*s%s%s", (int)(at - text), text, kernel, at + 2);
    assert_int_equal(fclose(f), 0);
    free(kernel);
    if (engine_create(w->en, path, NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(world_wait(w, op), OP_DONE);
    id = engine_op_by_id(w->en, op)->dom_id;
    assert_non_null(engine_dom_by_id(w->en, id));
    return id;
}

static const char xl[] = "name = 'xl1'\nmemory = 0x10\nvcpus = 2\n"
                         "kernel = '%s'\nextra = 'quiet'\nlatency = 1\n"
                         "hostname = 'x'\non_crash = 'preserve'\n";
static const char sxp[] = "(vm (name sxp1) (memory 16) (restart never)\n"
                          " (image (linux (kernel %s) (root /dev/xvda1)))\n"
                          " (colour blue))\n";
static const char conf[] = "name = \"conf1\"; memory = 16;\n"
                           "image = { kernel = \"%s\"; };\n";

static int
check(struct world *w, const char *text, struct buf *warn, struct err *e)
{
    struct buf need = { 0 };
    char path[128];
    FILE *f;
    int rc;

    snprintf(path, sizeof path, "%s/any.cfg", w->dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    *e = (struct err){ 0 };
    rc = engine_check(w->en, path, &need, warn, e);
    buf_free(&need);
    assert_int_equal(unlink(path), 0);
    return rc;
}

static void
test_check_names_all_faults(void **state)
{
    struct world *w = *state;
    struct buf warn = { 0 };
    struct err e;

    assert_int_equal(check(w,
                           "name = 'a'\nmemory = 16\ntype = 'hvm'\n"
                           "dm_restrict = 1\n"
                           "kernel = '/no/kernel'\n"
                           "ramdisk = '/no/ramdisk'\n"
                           "cpus = '99'\npool = 'nowhere'\n"
                           "disk = [ 'file:/nowhere/disk,xvda,w',\n"
                           "  'phy:/dev/vg/web9,xvdb,w' ]\n"
                           "vif = [ 'bridge=nosuch' ]\n",
                           &warn, &e),
                     -1);
    buf_fmt(&warn, "%s\n", e.msg);
    assert_non_null(strstr(buf_text(&warn), "any.cfg:5: kernel: found /no/k"));
    assert_non_null(strstr(buf_text(&warn), "any.cfg:6: ramdisk: found /no/r"));
    assert_non_null(strstr(buf_text(&warn), "any.cfg:7: cpus: "));
    assert_non_null(strstr(buf_text(&warn), "any.cfg:8: pool: "));
    assert_non_null(strstr(buf_text(&warn), "any.cfg:9: vbd xvda: path: found "
                                            "\"/nowhere/disk\", which does not "
                                            "exist"));
    assert_non_null(strstr(buf_text(&warn), "any.cfg:11: vif"));
    assert_null(strstr(buf_text(&warn), "xvdb"));
    buf_free(&warn);
}

static void
test_check_asks_for_the_model(void **state)
{
    struct world *w = *state;
    struct buf warn = { 0 };
    struct err e;

    assert_int_equal(check(w,
                           "name = 'a'\nmemory = 16\ntype = 'pvh'\n"
                           "kernel = '" WORLD_KERNEL "'\ndm_restrict = 1\n",
                           &warn, &e),
                     -1);
    assert_non_null(strstr(e.msg, "any.cfg"));
    assert_non_null(strstr(e.msg, "cannot when it is restricted"));
    buf_free(&warn);
}

/* Before anything is made, as `check' says it; a domain that needs no model is
 * not asked for one. */
static void
test_model_of_its_own(void **state)
{
    static const char *const bad[][2] = {
        { "/nowhere/qemu", "(No such file or directory)" },
        { "/etc", "(no regular file)" },
        { "/etc/passwd", "(not executable)" },
    };
    struct world *w = *state;
    size_t before = engine_dom_count(w->en), i;
    struct buf warn = { 0 };
    char more[128], *kernel, *text;
    struct err e;
    uint64_t op;

    for (i = 0; i < COUNT(bad); i++) {
        snprintf(more, sizeof more,
                 "name = 'a'\nmemory = 16\ntype = 'hvm'\n"
                 "device_model_override = '%s'\n",
                 bad[i][0]);
        assert_int_equal(check(w, more, &warn, &e), -1);
        assert_non_null(strstr(e.msg, ":4: device_model_override: found /"));
        assert_non_null(strstr(e.msg, bad[i][1]));
        snprintf(more, sizeof more,
                 "type = \"hvm\"; device_model: { program = \"%s\"; };",
                 bad[i][0]);
        assert_int_equal(
            engine_create(w->en, world_conf(w, "web9", more), NULL, &op, &e),
            0);
        assert_int_equal(world_wait(w, op), OP_FAILED);
        assert_non_null(strstr(engine_op_by_id(w->en, op)->err.msg, bad[i][1]));
    }
    assert_int_equal(engine_dom_count(w->en), before);
    kernel = realpath(WORLD_KERNEL, NULL);
    assert_non_null(kernel);
    text = xasprintf("name = 'a'\nmemory = 16\nkernel = '%s'\n"
                     "device_model_override = '/nowhere/qemu'\n",
                     kernel);
    if (check(w, text, &warn, &e) < 0)
        fail_msg("%s", e.msg);
    free(kernel);
    free(text);
    buf_free(&warn);
}

/* What another domain has at this moment says nothing against the file. */
static void
test_check_of_one_that_runs(void **state)
{
    struct world *w = *state;
    struct buf need = { 0 }, warn = { 0 };
    const char *more = "devices = ( { type = \"vbd\"; path = "
                       "\"/dev/vg/web9\"; vdev = \"xvda\"; } );";
    struct err e = { 0 };

    (void)world_guest(w, "web9", more);
    if (engine_check(w->en, world_conf(w, "web9", more), &need, &warn, &e) < 0)
        fail_msg("%s", e.msg);
    assert_non_null(strstr(buf_text(&warn), "is in use by"));
    buf_free(&need);
    buf_free(&warn);
}

static void
test_each_format_makes_a_domain(void **state)
{
    struct world *w = *state;
    const struct dom *d = engine_dom_by_id(w->en, make(w, xl));

    assert_string_equal(d->name, "xl1");
    assert_int_equal(d->vcpus_max, 2);
    d = engine_dom_by_id(w->en, make(w, sxp));
    assert_string_equal(d->name, "sxp1");
    d = engine_dom_by_id(w->en, make(w, conf));
    assert_string_equal(d->name, "conf1");
}

static void
assert_no_secret(const struct buf *text)
{
    if (strstr(buf_text(text), "s3cret") != NULL)
        fail_msg("shows the password:\n%s", buf_text(text));
}

/* What libxl keeps of it for xl. */
static void
assert_no_secret_kept(struct world *w)
{
    char pattern[300];
    struct buf b = { 0 };
    glob_t g;
    size_t i;

    snprintf(pattern, sizeof pattern, "%s/userdata-*",
             engine_paths(w->en)->libxl);
    assert_int_equal(glob(pattern, 0, NULL, &g), 0);
    for (i = 0; i < g.gl_pathc; i++) {
        buf_clear(&b);
        assert_int_equal(fd_read_file(g.gl_pathv[i], 1U << 20, &b, NULL), 0);
        assert_no_secret(&b);
    }
    globfree(&g);
    buf_free(&b);
}

static void
assert_no_secret_told(struct world *w)
{
    struct buf b = { 0 };
    size_t i;

    for (i = 0; i < engine_event_count(w->en); i++)
        buf_str(&b, engine_event_at(w->en, i)->text);
    for (i = 0; i < engine_op_count(w->en); i++)
        buf_str(&b, engine_op_at(w->en, i)->xl);
    assert_no_secret(&b);
    buf_free(&b);
}

static void
assert_no_secret_of(struct world *w, uint64_t id)
{
    static const char *const formats[] = { "conf", "xl", "sxp", "json" };
    struct buf b = { 0 }, warn = { 0 };
    struct err e = { 0 };
    size_t i;

    assert_int_equal(engine_config_text(w->en, id, &b, &e), 0);
    assert_no_secret(&b);
    assert_non_null(strstr(buf_text(&b), "passwd: left out"));
    buf_clear(&b);
    sim_dump(w->sim, &b); /* the whole xenstore */
    assert_no_secret(&b);
    for (i = 0; i < COUNT(formats); i++) {
        buf_clear(&b);
        assert_int_equal(engine_export(w->en, id, formats[i], &b, &warn, &e),
                         0);
        assert_no_secret(&b);
        assert_non_null(strstr(buf_text(&warn), "passwd: left out"));
    }
    buf_free(&b);
    buf_free(&warn);
    assert_no_secret_kept(w);
    assert_no_secret_told(w);
}

/* The password of a screen is on record for the next start, and nowhere that
 * the guest or another reader could see it. */
static void
test_passwords_are_not_shown(void **state)
{
    static const char *const texts[] = {
        "name = \"vnc1\"; memory = 16; image = { kernel = \"%s\"; };\n"
        "devices = ( { type = \"vfb\"; vncpasswd = \"s3cret\"; },"
        " { type = \"vkbd\"; } );\n",
        "name = 'vnc2'\nmemory = 64\ntype = 'hvm'\nkernel = '%s'\n"
        "vnc = 1\nvncpasswd = 's3cret'\n",
        "name = 'vnc3'\nmemory = 64\ntype = 'hvm'\nkernel = '%s'\n"
        "vnc = 0\nspice = 1\nspiceport = 6100\nspicepasswd = 's3cret'\n",
    };
    struct world *w = *state;
    size_t i;

    for (i = 0; i < COUNT(texts); i++)
        assert_no_secret_of(w, make(w, texts[i]));
}

static void
test_warnings_become_events(void **state)
{
    static const char *const said[] = {
        "any:6: latency: not honoured",
        "any:7: hostname: not honoured",
        "any:3: vm.colour: not honoured",
    };
    struct world *w = *state;
    const struct event *ev;
    size_t i;

    (void)make(w, xl);
    (void)make(w, sxp);
    for (i = 0; i < COUNT(said); i++) {
        ev = world_event(w, said[i]);
        assert_non_null(ev);
        assert_int_equal(ev->kind, EVENT_ENGINE);
        assert_int_equal(ev->level, EVENT_WARN);
        assert_string_equal(ev->name, i < 2 ? "xl1" : "sxp1");
    }
}

static void
test_many_warnings_are_counted(void **state)
{
    struct world *w = *state;
    struct buf text = { 0 };
    int i;

    buf_str(&text, xl);
    for (i = 0; i < 60; i++)
        buf_fmt(&text, "unknown%d = 1\n", i);
    (void)make(w, buf_text(&text));
    assert_non_null(world_event(w, "unknown0:"));
    assert_null(world_event(w, "unknown59:"));
    assert_non_null(world_event(w, "and 30 more: `check' shows them all"));
    buf_free(&text);
}

static void
test_a_refusal_makes_nothing(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    size_t before = engine_dom_count(w->en);

    assert_int_equal(
        engine_create(w->en, "tests/data/xl/bootloader.cfg", NULL, NULL, &e),
        -1);
    assert_string_equal(e.msg, "tests/data/xl/bootloader.cfg:4: bootloader: "
                               "found \"pygrub\", allowed none without a disk "
                               "in which it could look for a kernel");
    assert_int_equal(engine_dom_count(w->en), before);
}

static void
test_export_in_each_format(void **state)
{
    static const struct {
        const char *format, *has;
    } cases[] = {
        { "conf", "args = \"quiet\";" },
        { "xl", "extra = \"quiet\"" },
        { "sxp", "(args quiet)" },
        { "json", "\"args\": \"quiet\"" },
    };
    struct world *w = *state;
    uint64_t id = make(w, xl);
    struct buf out = { 0 }, warn = { 0 };
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        buf_clear(&out);
        assert_int_equal(
            engine_export(w->en, id, cases[i].format, &out, &warn, &e), 0);
        if (strstr(buf_text(&out), cases[i].has) == NULL)
            fail_msg("%s: %s", cases[i].format, buf_text(&out));
        assert_non_null(strstr(buf_text(&out), "xl1"));
    }
    assert_string_equal(buf_text(&warn), "");
    assert_int_equal(engine_export(w->en, id, "toml", &out, &warn, &e), -1);
    assert_int_equal(engine_export(w->en, 9999, "xl", &out, &warn, &e), -1);
    assert_int_equal(e.code, ERR_NOENT);
    buf_free(&out);
    buf_free(&warn);
}

static void
test_export_of_others_is_refused(void **state)
{
    struct world *w = *state;
    struct buf out = { 0 };
    struct err e = { 0 };
    uint32_t domid;

    assert_int_equal(sim_foreign_guest(w->sim, "theirs", &domid), 0);
    world_pass(w, 2000);
    assert_int_equal(
        engine_export(w->en, world_dom(w, "theirs")->id, "xl", &out, NULL, &e),
        -1);
    assert_non_null(strstr(e.msg, "no configuration of it on record"));
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_check_names_all_faults,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_check_asks_for_the_model,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_check_of_one_that_runs,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_model_of_its_own, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_each_format_makes_a_domain,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_passwords_are_not_shown,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_warnings_become_events,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_many_warnings_are_counted,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_a_refusal_makes_nothing,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_export_in_each_format, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_export_of_others_is_refused,
                                        world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
