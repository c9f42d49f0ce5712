/*
 * test_bootloader.c - guests that a boot loader starts: a real program that the
 * simulated host runs, tests/data/bootloader.sh. What it finds is what boots;
 * its menu works in the console; whatever it does or does not do, nothing of it
 * is left.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/uuid.h"
#include "engine/console/console.h"
#include "engine/host/domains.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

#define DISK WORLD_LOADER_DISK

static struct world w;
static const enum session_right may_write = RIGHT_OPERATE;
static struct console_client cl;
static struct buf text;
static struct err e;

static void
take_text(struct console_client *c, const char *bytes, size_t n)
{
    (void)c;
    buf_add(&text, bytes, n);
}

static void
begin(void)
{
    cl = (struct console_client){ .data = take_text, .right = &may_write };
    err_clear(&e);
    world_open_kept(&w, 0);
}

static void
end(void)
{
    console_detach(&cl);
    buf_free(&text);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

static const char *
conf_of(const char *key, const char *value, const char *more)
{
    static char path[160];
    FILE *f;

    text_fmt(path, sizeof(path), "%s/named.conf", w.dir);
    f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f,
                  "name = \"web9\"; memory = 64;\n"
                  "image = { %s = \"%s\"; };\n%s\n" DISK "\n",
                  key, value, more);
    (void)fclose(f);
    return path;
}

static uint64_t
create(const char *path)
{
    uint64_t op;

    if (engine_create(w.en, path, NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static uint64_t
begun(const char *mode)
{
    return create(world_loader_conf(&w, mode, "", DISK));
}

static void
done(uint64_t op)
{
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
    assert_int_equal(world_loaders_left(&w), 0);
}

static void
assert_node(const char *name, const char *value)
{
    char path[128], uuid[37], got[512];
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    uuid_print_text(d->uuid, uuid);
    text_fmt(path, sizeof(path), "/vm/%s/image/%s", uuid, name);
    if (store_read_text(sim_store(w.sim), 0, path, got, sizeof(got), &e) < 0)
        fail_msg("%s", e.msg);
    assert_string_equal(got, value);
}

static void
attach(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    if (console_attach(w.en, d->id, 0, &cl, &e) < 0)
        fail_msg("%s", e.msg);
}

static unsigned
times(const char *sought)
{
    const char *s = buf_text(&text);
    unsigned n = 0;

    for (; (s = strstr(s, sought)) != NULL; s += strlen(sought))
        n++;
    return n;
}

static void
until_text(const char *sought)
{
    int i;

    for (i = 0; i < 500 && times(sought) == 0; i++)
        world_settle(&w, 200);
    if (times(sought) == 0)
        fail_msg("'%s' never came; there is: %s", sought, buf_text(&text));
}

static bool
is_there(void *name)
{
    return world_dom(&w, name) != NULL;
}

static bool
is_shown(void *sought)
{
    return times(sought) > 0;
}

/* A domain that is there, and a console that shows its boot loader. */
static uint64_t
until_menu(const char *mode)
{
    char name[] = "web9", menu[] = "Choose a or b: ";
    uint64_t op = begun(mode);

    assert_true(world_await(&w, is_there, name));
    attach();
    assert_true(world_await(&w, is_shown, menu));
    assert_int_equal(times(menu), 1);
    assert_int_equal(world_loaders_left(&w), 1);
    return op;
}

/* --- it finds a kernel --- */

static void
test_its_kernel_boots(void **state)
{
    (void)state;
    done(create(world_loader_conf(&w, "plain", "args = \"quiet\";", DISK)));
    assert_node("cmdline", "quiet from=disk");
    attach();
    until_text("Linux version");
    assert_int_equal(times("boot loader: plain of /dev/vg/web9"), 1);
    assert_true(strstr(buf_text(&text), "boot loader") <
                strstr(buf_text(&text), "Linux version"));
}

static void
test_its_ramdisk_is_given(void **state)
{
    char path[160] = "";
    const struct dom *d;
    char node[128], uuid[37];

    (void)state;
    done(create(world_loader_conf(
        &w, "ramdisk", "kernel = \"/boot/vmlinuz-in-the-disk\";", DISK)));
    d = world_dom(&w, "web9");
    uuid_print_text(d->uuid, uuid);
    text_fmt(node, sizeof(node), "/vm/%s/image/ramdisk", uuid);
    assert_int_equal(
        store_read_text(sim_store(w.sim), 0, node, path, sizeof(path), &e), 0);
    assert_non_null(strstr(path, "/files/boot_ramdisk"));
    attach();
    until_text("asked for /boot/vmlinuz-in-the-disk");
}

static void
test_a_pvh_guest_has_one(void **state)
{
    (void)state;
    done(create(world_loader_conf(&w, "plain", "", "type = \"pvh\"; " DISK)));
    attach();
    until_text("Linux version");
    assert_int_equal(times("boot loader: plain"), 1);
}

static void
test_a_key_in_the_console_chooses(void **state)
{
    uint64_t op = until_menu("menu");

    (void)state;
    assert_int_equal(console_write(&cl, "b\r", 2), 2);
    done(op);
    assert_node("cmdline", "chosen=b");
    until_text("Linux version");
    assert_int_equal(times("chosen: b"), 1);
}

static void
test_the_console_cannot_be_let_go_meanwhile(void **state)
{
    uint64_t op = until_menu("menu");

    (void)state;
    assert_int_equal(console_release(w.en, world_dom(&w, "web9")->id, &e), -1);
    assert_non_null(strstr(e.msg, "still looks for the guest's kernel"));
    (void)console_write(&cl, "a\r", 2);
    done(op);
}

static void
test_a_reboot_runs_it_again(void **state)
{
    uint32_t domid;

    (void)state;
    done(begun("plain"));
    attach();
    until_text("Linux version");
    world_pass(&w, 30000);
    domid = world_dom(&w, "web9")->domid;
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_REBOOT), 0);
    world_idle(&w);
    until_text("reboot");
    world_settle(&w, 5000);
    assert_int_equal(times("boot loader: plain of /dev/vg/web9"), 2);
    assert_int_equal(world_loaders_left(&w), 0);
}

/* A running domain's disks may go: the next start says so. */
static void
test_a_reboot_without_its_disk_is_refused(void **state)
{
    uint64_t op;

    (void)state;
    done(begun("plain"));
    world_pass(&w, 30000);
    assert_int_equal(
        engine_device_remove(
            w.en, world_dom(&w, "web9")->id,
            &(struct device_leave){ .kind = "vbd", .name = "xvda" }, &op, &e),
        0);
    done(op);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT), 0);
    assert_true(world_until_event(&w, "allowed none without a disk"));
    assert_int_equal(world_loaders_left(&w), 0);
}

static void
test_what_is_restored_needs_none(void **state)
{
    char file[160];
    uint64_t op;

    (void)state;
    done(begun("plain"));
    world_pass(&w, 5000);
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    assert_int_equal(
        engine_save(w.en, world_dom(&w, "web9")->id, file, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_until_gone(&w, "web9"));
    world_idle(&w);
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    done(op);
    attach();
    world_settle(&w, 2000);
    assert_int_equal(times("boot loader: plain"), 1);
}

/* --- it does not --- */

static void
fails_with(const char *mode, const char *sentence)
{
    char *before = world_dump(&w);
    uint64_t op = begun(mode);
    const struct op *o;

    assert_int_equal(world_wait(&w, op), OP_FAILED);
    o = engine_op_by_id(w.en, op);
    if (strstr(o->err.msg, sentence) == NULL)
        fail_msg("'%s' is not in: %s", sentence, o->err.msg);
    assert_int_equal(world_loaders_left(&w), 0);
    world_unchanged(&w, before);
}

static void
test_failures_are_told_in_a_sentence(void **state)
{
    static const struct {
        const char *mode, *sentence;
    } cases[] = {
        { "fail",
          "ended with status 3: Traceback: / RuntimeError: no partition" },
        { "killed", "was killed by signal 9: boot loader: killed of" },
        { "silent", "its answer names no kernel" },
        { "link", "boot_kernel: Too many levels of symbolic links" },
        { "long", "its answer has args of 1100 bytes, allowed 1023" },
        { "empty", "its kernel is an empty file" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        fails_with(cases[i].mode, cases[i].sentence);
}

static void
test_what_it_names_elsewhere_stays(void **state)
{
    (void)state;
    (void)world_wait(&w, begun("foreign"));
    assert_int_equal(access("/etc/passwd", R_OK), 0);
    assert_int_equal(world_loaders_left(&w), 0);
}

static void
test_cancel_ends_it(void **state)
{
    char *before = world_dump(&w);
    uint64_t op = until_menu("menu");

    (void)state;
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_int_equal(world_loaders_left(&w), 0);
    console_detach(&cl);
    world_unchanged(&w, before);
}

static void
test_one_that_hangs_is_told_and_ended(void **state)
{
    char *before = world_dump(&w);
    uint64_t op;

    (void)state;
    /* not one that speaks first: the clock runs on while it still starts */
    sim_loaders_wait(w.sim, true);
    op = begun("mute");
    assert_true(world_until_event(&w, "has said nothing for 30 s"));
    assert_true(engine_op_by_id(w.en, op)->cancellable);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "it said nothing for 600 s, and nobody typed"));
    assert_int_equal(world_loaders_left(&w), 0);
    world_unchanged(&w, before);
}

static void
test_a_destroy_ends_it(void **state)
{
    uint64_t op = until_menu("hang"), destroy;

    (void)state;
    assert_int_equal(
        engine_destroy(w.en, world_dom(&w, "web9")->id, &destroy, &e), 0);
    (void)world_wait(&w, destroy);
    assert_int_not_equal(world_wait(&w, op), OP_DONE);
    world_idle(&w);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(world_loaders_left(&w), 0);
}

static void
test_the_next_engine_removes_what_is_left(void **state)
{
    (void)until_menu("hang");
    (void)state;
    console_detach(&cl);
    world_kill(&w);
    assert_int_equal(world_loaders_left(&w), 1);
    world_start(&w, false);
    world_idle(&w);
    assert_int_equal(world_loaders_left(&w), 0);
    assert_null(world_dom(&w, "web9"));
}

/* --- what is refused before --- */

static void
refused(const char *path, const char *sentence)
{
    uint64_t op;

    err_clear(&e);
    if (engine_create(w.en, path, NULL, &op, &e) == 0) {
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        e = engine_op_by_id(w.en, op)->err;
    }
    if (strstr(e.msg, sentence) == NULL)
        fail_msg("'%s' is not in: %s", sentence, e.msg);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(world_loaders_left(&w), 0);
}

#define IMAGE(format)                                                          \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/q\"; vdev = \"xvda\"; "    \
    "format = \"" format "\"; } );"

/* It looks into what the image shows, again at each boot. */
static void
test_an_image_is_shown_to_it(void **state)
{
    (void)state;
    done(create(world_loader_conf(&w, "show", "", IMAGE("qcow2"))));
    attach();
    until_text("Linux version");
    assert_int_equal(times("qcow2 of /dev/vg/q"), 1);
    assert_true(world_loaders_left(&w) == 0);
}

static void
test_disks_that_it_cannot_read(void **state)
{
    (void)state;
    refused(world_loader_conf(&w, "plain", "", ""),
            "web9.conf:3: image.bootloader: found \"");
    refused(world_loader_conf(&w, "plain", "", ""),
            "allowed none without a disk");
    refused(world_loader_conf(&w, "plain", "", IMAGE("qed")),
            "nothing on this host shows a qed image to a boot loader");
    refused(world_loader_conf(
                &w, "plain", "",
                "devices = ( { type = \"vbd\"; params = \"drbd:web\"; vdev = "
                "\"xvda\"; } );"),
            "is known to its hotplug script alone");
    refused(world_loader_conf(&w, "plain", "firmware = \"pvgrub64\";", DISK),
            "allowed none with a firmware");
}

static void
test_a_check_tells_of_no_disk_once(void **state)
{
    struct buf need = { 0 }, said = { 0 };

    (void)state;
    assert_int_equal(engine_check(w.en, world_loader_conf(&w, "plain", "", ""),
                                  &need, &said, &e),
                     -1);
    assert_non_null(strstr(e.msg, "allowed none without a disk"));
    assert_null(strstr(buf_text(&said), "without a disk"));
    buf_free(&need);
    buf_free(&said);
}

static void
test_programs_that_are_missing(void **state)
{
    struct buf need = { 0 };

    (void)state;
    refused(conf_of("bootloader", "no-such-loader", ""),
            "found \"no-such-loader\": this host has no such program");
    refused(conf_of("bootloader", "/opt/none/loader", ""),
            "found \"/opt/none/loader\": No such file or directory");
    refused(conf_of("bootloader", "/opt/none/sh", ""),
            "No such file or directory; this host has /");
    refused(conf_of("bootloader", "bin/loader", ""),
            "neither a name nor an absolute path");
    assert_int_equal(engine_check(w.en,
                                  conf_of("bootloader", "no-such-loader", ""),
                                  &need, NULL, &e),
                     -1);
    assert_non_null(strstr(e.msg, "this host has no such program"));
    assert_int_equal(
        engine_check(w.en,
                     conf_of("kernel", "/in/the/disk\"; bootloader = \"sh", ""),
                     &need, NULL, &e),
        0);
    buf_free(&need);
}

/* --- a firmware in the place of a kernel --- */

static void
test_a_firmware_is_the_kernel(void **state)
{
    char kernel[4096];

    (void)state;
    assert_non_null(realpath(WORLD_KERNEL, kernel));
    done(create(conf_of("firmware", kernel, "")));
    assert_node("kernel", kernel);
    attach();
    until_text("Linux version");
}

static void
test_pvgrub_is_a_file_of_the_host(void **state)
{
    uint64_t op = create(conf_of("firmware", "pvgrub64", ""));

    (void)state;
    assert_int_equal(world_wait(&w, op), OP_FAILED); /* a simulated one */
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "the kernel is not bootable: it is a text file"));
}

static void
test_firmware_that_starts_nothing(void **state)
{
    (void)state;
    refused(conf_of("firmware", "pvgrub64", "type = \"pvh\";"),
            "which is a kernel of PV domains");
    refused(conf_of("kernel", "/boot/vmlinuz\"; firmware = \"pvgrub64", ""),
            "allowed none with a kernel");
    refused(conf_of("firmware", "/opt/none/grub", ""),
            "named.conf:2: image.firmware: found /opt/none/grub (No such");
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_its_kernel_boots, setup, teardown),
        cmocka_unit_test_setup_teardown(test_its_ramdisk_is_given, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_pvh_guest_has_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_key_in_the_console_chooses,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_the_console_cannot_be_let_go_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_reboot_runs_it_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_a_reboot_without_its_disk_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_restored_needs_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures_are_told_in_a_sentence,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_it_names_elsewhere_stays,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_hangs_is_told_and_ended,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_destroy_ends_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_the_next_engine_removes_what_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_image_is_shown_to_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_disks_that_it_cannot_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_check_tells_of_no_disk_once,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_programs_that_are_missing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_firmware_is_the_kernel, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pvgrub_is_a_file_of_the_host,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_firmware_that_starts_nothing,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
