/*
 * test_dm_confined.c - an HVM domain whose device model is confined: what that
 * is handed open, what it goes on from, media that change, what is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/sim/sim_outside_model.h"
#include "tests/sim/world.h"

#define DISK  "{ type = \"vbd\"; vdev = \"hda\"; path = \"%s\"; }"
#define DRIVE "{ type = \"vbd\"; vdev = \"hdc\"; cdrom = true; path = \"%s\"; }"

static struct world w;
static uint64_t id;
static struct err e;
static char *disk, *cd; /* files: what is below /dev is a device to the sim */

static void
begin(void)
{
    world_open_kept(&w, 0);
    disk = realpath(WORLD_LOADER, NULL);
    cd = realpath("tests/data/dm/restrict.cfg", NULL);
    assert_true(disk != NULL && cd != NULL);
}

static void
finish(void)
{
    world_close(&w);
    free(disk);
    free(cd);
}

WORLD_FIXTURE(begin(), finish())

static const char *
a_file(const char *name, char *dst)
{
    int fd;

    text_fmt(dst, 128, "%s/%s", w.dir, name);
    fd = open(dst, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    return dst;
}

/* A disk, a CD, the devices and settings that are given besides. */
static const char *
confined_conf(const char *devices, const char *more)
{
    char text[1600];

    text_fmt(text, sizeof(text),
             "type = \"hvm\"; device_model = { restrict = true; "
             "user = \"nobody\"; }; devices = ( " DISK ", " DRIVE " %s ); %s",
             disk, cd, devices, more);
    return world_conf(&w, "web9", text);
}

static enum op_state
create(const char *conf)
{
    uint64_t op;

    err_clear(&e);
    if (engine_create(w.en, conf, NULL, &op, &e) < 0)
        return OP_FAILED;
    if (world_wait(&w, op) == OP_DONE) {
        id = engine_op_by_id(w.en, op)->dom_id;
        return OP_DONE;
    }
    e = engine_op_by_id(w.en, op)->err;
    return OP_FAILED;
}

static void
created(const char *devices, const char *more)
{
    if (create(confined_conf(devices, more)) != OP_DONE)
        fail_msg("%s", e.msg);
    world_pass(&w, 20500); /* between two beats */
}

static uint32_t
domid(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    return d->domid;
}

static void
assert_handed(size_t i, const char *name, bool writable)
{
    bool is_writable = !writable;
    char path[128];
    const char *has = sim_model_handed(w.sim, domid(), i, &is_writable);

    text_fmt(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : w.dir,
             name[0] == '/' ? "" : "/", name);
    assert_non_null(has);
    assert_string_equal(has, path);
    assert_int_equal(is_writable, writable);
}

static bool
has_arg(const char *text)
{
    return sim_model_has_arg(w.sim, domid(), text);
}

static void
test_what_it_is_handed(void **state)
{
    bool writable;

    (void)state;
    created(", { type = \"vbd\"; vdev = \"hdb\"; path = \"/dev/vg/b\"; }", "");
    assert_handed(0, disk, true);
    assert_handed(1, cd, false);
    assert_handed(2, "/dev/vg/b", true);
    assert_null(sim_model_handed(w.sim, domid(), 3, &writable));
    assert_true(has_arg("fd=5,set=1"));
    assert_true(has_arg("fd=6,set=2"));
    assert_true(has_arg("file=/dev/fdset/1,auto-read-only=off,if=ide,index=0,"
                        "media=disk,format=raw,cache=writeback"));
    assert_true(has_arg("if=none,readonly=on,id=ide-5632,file=/dev/fdset/2,"
                        "auto-read-only=off,format=raw"));
    assert_true(has_arg("file.driver=host_device,file.filename=/dev/fdset/3,"
                        "auto-read-only=off,if=ide,index=1,media=disk,"
                        "format=raw,cache=writeback"));
}

static void
save_and_restore(void)
{
    const struct save_opts o = { .replace = true };
    char file[160];
    uint64_t op, n = 0, later = 0;

    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    assert_int_equal(sim_guest_count(w.sim, domid(), &n), 0);
    assert_int_equal(engine_save(w.en, id, file, &o, &op, &e), 0);
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
    world_idle(&w);
    if (engine_restore(w.en, file, false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
    id = engine_op_by_id(w.en, op)->dom_id;
    world_pass(&w, 2000);
    assert_int_equal(sim_guest_count(w.sim, domid(), &later), 0);
    assert_true(later > n);
}

/* xl's cannot open its disks any more, and is dead. */
static void
test_it_goes_on_with_its_disks(void **state)
{
    (void)state;
    created("", "");
    save_and_restore();
    assert_handed(0, disk, true);
    assert_false(sim_model_stopped(w.sim, domid()));
}

static enum op_state
change(const char *path)
{
    uint64_t op;

    err_clear(&e);
    if (engine_cd_change(w.en, id, "hdc", path, &op, &e) < 0)
        return OP_FAILED;
    if (world_wait(&w, op) == OP_DONE)
        return OP_DONE;
    e = engine_op_by_id(w.en, op)->err;
    return OP_FAILED;
}

static void
test_a_medium_is_handed_over(void **state)
{
    char path[128];

    (void)state;
    created("", "");
    if (change(a_file("two.iso", path)) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_string_equal(sim_model_medium(w.sim, domid()), path);
    assert_false(sim_model_keeps_fd(w.sim, domid()));
    assert_int_equal(change("/dev/null"), OP_FAILED); /* it keeps what it has */
    assert_string_equal(sim_model_medium(w.sim, domid()), path);
    /* another engine knows as well that it is confined */
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 3000);
    id = world_dom(&w, "web9")->id;
    if (change(a_file("three.iso", path)) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_string_equal(sim_model_medium(w.sim, domid()), path);
    if (change(NULL) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_string_equal(sim_model_medium(w.sim, domid()), "");
}

/* Each command of a change may fail: nothing is left in the model, and until it
 * is emptied the drive is as it was. */
static void
test_a_change_that_fails(void **state)
{
    char path[128], one[128];
    unsigned at;

    (void)state;
    created("", "");
    if (change(a_file("one.iso", one)) != OP_DONE)
        fail_msg("%s", e.msg);
    (void)a_file("two.iso", path);
    for (at = 1; at < 20; at++) {
        sim_fault_clear(w.sim);
        sim_fault_add(w.sim, "dm.qmp", at, EIO);
        if (change(path) == OP_DONE)
            break;
        assert_non_null(strstr(e.msg, "device model: "));
        assert_int_equal(sim_model_keeps_fd(w.sim, domid()), at == 4);
        if (at <= 2)
            assert_string_equal(sim_model_medium(w.sim, domid()), one);
    }
    sim_fault_clear(w.sim);
    assert_int_equal(at, 5);
    assert_string_equal(sim_model_medium(w.sim, domid()), path);
}

/* Its drive has no PV twin, and yet it is in the next life. */
static void
test_its_drive_stays(void **state)
{
    uint64_t op;
    size_t i;

    (void)state;
    created("", "");
    for (i = 0; i < 2; i++) {
        id = world_dom(&w, "web9")->id;
        if (engine_reboot(w.en, id, &op, &e) < 0)
            fail_msg("%s", e.msg);
        assert_int_equal(world_wait(&w, op), OP_DONE);
        world_pass(&w, 60000);
        world_idle(&w);
        assert_null(world_event(&w, "removed by another tool"));
        assert_handed(1, cd, false);
    }
}

static void
test_what_it_cannot_serve(void **state)
{
    char path[128], more[256];
    const char *words[] = { path, "vdev=xvdf", "format=qcow2" };
    struct device_want want = { .kind = "vbd", .words = words, .n = 3 };
    uint64_t op;

    (void)state;
    text_fmt(more, sizeof(more),
             ", { type = \"vbd\"; vdev = \"hdb\"; format = \"qcow2\"; "
             "path = \"%s\"; }",
             a_file("b.qcow2", path));
    assert_int_equal(create(confined_conf(more, "")), OP_FAILED);
    assert_non_null(strstr(e.msg, "vbd hdb"));
    assert_non_null(strstr(e.msg, "xen_platform_pci"));
    assert_null(world_dom(&w, "web9"));
    created("", "");
    text_fmt(path, sizeof(path), "path=%s/b.qcow2", w.dir);
    assert_int_equal(engine_device_add(w.en, id, &want, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg, "restricted"));
}

static void
test_no_device_of_the_host(void **state)
{
    const char *words[] = { "bdf=0000:03:00.0" };
    struct device_want want = { .kind = "pci", .words = words, .n = 1 };
    uint64_t op;

    (void)state;
    assert_int_equal(create(confined_conf(
                         ", { type = \"pci\"; bdf = \"0000:03:00.0\"; }", "")),
                     OP_FAILED);
    assert_non_null(strstr(e.msg, "the device model is restricted"));
    created("", "");
    assert_int_equal(engine_device_add(w.en, id, &want, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "the device model is restricted"));
}

/* Where nothing unplugs it: QEMU opens it with what is behind it while it is
 * root, and never again. */
static void
test_an_image_without_platform_device(void **state)
{
    char path[128], more[256];
    bool writable;

    (void)state;
    text_fmt(more, sizeof(more),
             ", { type = \"vbd\"; vdev = \"hdb\"; format = \"qcow2\"; "
             "path = \"%s\"; }",
             a_file("b.qcow2", path));
    created(more, "machine = { xen_platform_pci = false; };");
    text_fmt(more, sizeof(more),
             "file=%s,auto-read-only=off,if=ide,index=1,media=disk,"
             "format=qcow2,cache=writeback",
             path);
    assert_true(has_arg(more));
    assert_null(sim_model_handed(w.sim, domid(), 2, &writable));
    save_and_restore();
    assert_true(has_arg(more));
}

/* QEMU 10 has other options for its root and its user; what it can is found out
 * once. */
static void
test_a_newer_program(void **state)
{
    char path[128];

    (void)state;
    sim_models_run_with(w.sim, true);
    created("", "");
    assert_true(has_arg("-run-with"));
    assert_true(has_arg("user=nobody"));
    assert_false(has_arg("-chroot") || has_arg("-runas"));
    if (change(a_file("two.iso", path)) != OP_DONE)
        fail_msg("%s", e.msg);
    save_and_restore();
    assert_true(has_arg("-run-with"));
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 3000);
    id = world_dom(&w, "web9")->id;
    if (change(a_file("three.iso", path)) != OP_DONE)
        fail_msg("%s", e.msg);
}

/* A user alone is another option, too. */
static void
test_a_user_of_its_own(void **state)
{
    (void)state;
    sim_models_run_with(w.sim, true);
    if (create(world_conf(&w, "web9",
                          "type = \"hvm\"; device_model = { user = "
                          "\"nobody\"; };")) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_true(has_arg("user=nobody"));
    assert_false(has_arg("-runas"));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_what_it_is_handed),
        T(test_it_goes_on_with_its_disks),
        T(test_a_medium_is_handed_over),
        T(test_a_change_that_fails),
        T(test_its_drive_stays),
        T(test_what_it_cannot_serve),
        T(test_no_device_of_the_host),
        T(test_an_image_without_platform_device),
        T(test_a_newer_program),
        T(test_a_user_of_its_own),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
