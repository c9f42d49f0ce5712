/*
 * test_clone.c - a domain defined after another one: what is its own, what
 * becomes of its disks, and that nothing is left of one that fails, is
 * cancelled or loses its engine.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "tests/sim/world.h"

#define MIB (1024L * 1024)

static struct world w;
static struct err e;
static uint64_t id;
/* Not below /dev, where a simulated host has block devices. */
static char dir[64], disk[128], data[128], copy[128];

/* A sparse image of 64 MiB with a few bytes in its middle. */
static void
make_image(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 64 * MIB), 0);
    assert_int_equal(pwrite(fd, "middle", 6, 32 * MIB), 6);
    assert_int_equal(fchmod(fd, 0640), 0);
    close(fd);
}

/* web9, off, with a writable disk, a read-only one and an interface. */
static void
define_web9(const char *data_mode)
{
    char more[600];

    text_fmt(more, sizeof(more),
             "autostart = true;\ndevices = ({ type = \"vbd\"; path = \"%s\"; "
             "vdev = \"xvda\"; }, { type = \"vbd\"; path = \"%s\"; vdev = "
             "\"xvdb\"; mode = \"%s\"; }, { type = \"vif\"; mac = "
             "\"00:16:3e:01:02:03\"; });\n",
             disk, data, data_mode);
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", more), &e), 0);
    id = engine_dom_by_name(w.en, "web9")->id;
}

static void
open_defined(void)
{
    world_open_kept(&w, 0);
    text_fmt(dir, sizeof(dir), "/tmp/xendeck-clone.XXXXXX");
    assert_non_null(mkdtemp(dir));
    text_fmt(disk, sizeof(disk), "%s/web9.img", dir);
    text_fmt(data, sizeof(data), "%s/data.img", dir);
    text_fmt(copy, sizeof(copy), "%s/web10.img", dir);
    make_image(disk);
    make_image(data);
    define_web9("r");
}

static void
close_defined(void)
{
    world_close(&w);
    fd_remove_tree(dir);
}

WORLD_FIXTURE(open_defined(), close_defined())

static uint64_t
begin_clone(const struct clone_opts *o)
{
    uint64_t op = 0;

    if (engine_clone(w.en, id, o, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static char *
text_of(const char *name)
{
    struct buf b = { 0 };

    if (engine_export(w.en, engine_dom_by_name(w.en, name)->id, "conf", &b,
                      NULL, &e) < 0)
        fail_msg("%s", e.msg);
    return buf_take(&b);
}

static void
assert_text(const char *name, const char *part, bool there)
{
    char *text = text_of(name);

    if ((strstr(text, part) != NULL) != there)
        fail_msg("'%s' in %s", part, text);
    free(text);
}

/* Nothing of a copy, and no record of one. */
static void
assert_nothing_left(void)
{
    char pattern[200];
    glob_t g;

    assert_int_equal(access(copy, F_OK), -1);
    text_fmt(pattern, sizeof(pattern), "%s/*.part", dir);
    assert_int_equal(glob(pattern, 0, NULL, &g), GLOB_NOMATCH);
    text_fmt(pattern, sizeof(pattern), "%s/*.clone", w.state);
    assert_int_equal(glob(pattern, 0, NULL, &g), GLOB_NOMATCH);
    assert_null(engine_dom_by_name(w.en, "web10"));
}

static void
assert_refused(const struct clone_opts *o, const char *why)
{
    err_clear(&e);
    if (engine_clone(w.en, id, o, NULL, &e) == 0)
        fail_msg("not refused: %s", why);
    if (strstr(e.msg, why) == NULL)
        fail_msg("'%s' is not in '%s'", why, e.msg);
}

static void
test_its_own_identity_and_copies(void **state)
{
    char bytes[6];
    struct stat sb;
    int fd;

    (void)state;
    assert_int_equal(
        world_wait(&w, begin_clone(&(struct clone_opts){ .name = "web10" })),
        OP_DONE);
    assert_true(engine_dom_by_name(w.en, "web10")->off);
    assert_memory_not_equal(engine_dom_by_name(w.en, "web10")->uuid,
                            engine_dom_by_name(w.en, "web9")->uuid, 16);
    assert_text("web10", copy, true);
    assert_text("web10", data, true);
    assert_text("web10", "00:16:3e:01:02:03", false);
    assert_text("web10", "autostart = true", false);
    assert_text("web9", disk, true);
    fd = open(copy, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, bytes, 6, 32 * MIB), 6);
    assert_memory_equal(bytes, "middle", 6);
    assert_int_equal(fstat(fd, &sb), 0);
    close(fd);
    assert_int_equal(sb.st_size, 64 * MIB);
    assert_true(sb.st_blocks * 512 < 2 * MIB);
    assert_int_equal(sb.st_mode & 0777, 0640);
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(
        engine_undefine(w.en, engine_dom_by_name(w.en, "web10")->id, &e), 0);
    assert_nothing_left();
}

static void
test_disks_as_asked(void **state)
{
    struct clone_opts o = { .name = "web10",
                            .way = CLONE_LEAVE,
                            .words = { { "xvdb", CLONE_SHARE, NULL } },
                            .n_words = 1 };

    (void)state;
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
    assert_text("web10", "xvda", false);
    assert_text("web10", data, true);
    assert_refused(&o, "there is a domain 'web10' already");
    o = (struct clone_opts){ .name = "web11",
                             .words = { { "xvda", CLONE_COPY, copy } },
                             .n_words = 1 };
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
    assert_text("web11", copy, true);
    o.name = "web12";
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_FAILED);
    assert_null(engine_dom_by_name(w.en, "web12"));
    assert_int_equal(access(copy, F_OK), 0); /* it is web11's */
}

static void
test_what_is_refused(void **state)
{
    struct clone_opts o = { .name = "web10", .way = CLONE_SHARE };

    (void)state;
    assert_refused(&o, "two domains that write one disk destroy it");
    o.way = CLONE_USUAL;
    o.name = "12";
    assert_refused(&o, "found the name \"12\"");
    o.name = "web9";
    assert_refused(&o, "there is a domain 'web9' already");
    o.name = "web10";
    o.words[0] = (struct clone_word){ "xvdz", CLONE_LEAVE, NULL };
    o.n_words = 1;
    assert_refused(&o, "found the disk 'xvdz', 'web9' has xvda, xvdb");
    o.words[0] = (struct clone_word){ "xvda", CLONE_COPY, data };
    o.words[1] = (struct clone_word){ "xvdb", CLONE_COPY, NULL };
    o.n_words = 2;
    assert_refused(&o, "the copy of xvda would be the disk xvdb");
    o.words[1].path = data;
    o.words[0].path = NULL;
    assert_refused(&o, "the copy of xvdb would be the disk xvdb");
    assert_nothing_left();
}

/* One that others may write, too, is still written. */
static void
test_a_shared_writable_disk(void **state)
{
    struct clone_opts o = { .name = "web10" };

    (void)state;
    define_web9("w!");
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
    assert_text("web10", data, false);
    o.name = "web11";
    o.way = CLONE_SHARE;
    o.words[0] = (struct clone_word){ "xvda", CLONE_LEAVE, NULL };
    o.n_words = 1;
    assert_refused(&o, "(xvdb=none), or share this one by name");
    o.words[1] = (struct clone_word){ "xvdb", CLONE_SHARE, NULL };
    o.n_words = 2;
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
    assert_text("web11", data, true);
}

static bool
copy_grows(void *arg)
{
    char pattern[200];
    glob_t g;
    bool yes;

    (void)arg;
    text_fmt(pattern, sizeof(pattern), "%s/*.part", dir);
    yes = glob(pattern, 0, NULL, &g) == 0;
    if (yes)
        globfree(&g);
    return yes;
}

/* Its original is nobody's meanwhile: it may end. */
static void
test_a_live_one_holds_up_nothing(void **state)
{
    uint64_t clone, op;

    (void)state;
    assert_int_equal(engine_start(w.en, id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    id = engine_dom_by_name(w.en, "web9")->id;
    world_helpers_stand(true);
    clone = begin_clone(&(struct clone_opts){ .name = "web10", .live = true });
    assert_true(world_await(&w, copy_grows, NULL));
    assert_string_equal(engine_op_by_id(w.en, clone)->title, "clone web9 as");
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_helpers_stand(false);
    assert_int_equal(engine_op_by_id(w.en, clone)->state, OP_RUNNING);
    assert_int_equal(engine_op_cancel(w.en, clone, &e), 0);
    assert_int_equal(world_wait(&w, clone), OP_CANCELLED);
    assert_nothing_left();
}

/* One that runs is copied only on demand, and one that comes to run meanwhile
 * has no whole copy. */
static void
test_a_running_domain(void **state)
{
    struct clone_opts o = { .name = "web10" };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_start(w.en, id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    id = engine_dom_by_name(w.en, "web9")->id;
    assert_refused(&o, "'web9' runs: shut it down or pause it first");
    o.live = true;
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
    assert_int_equal(access(copy, F_OK), 0);
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    o.live = false;
    o.name = "web11";
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
}

static uint64_t
begin_and_stand(void)
{
    uint64_t op;

    world_helpers_stand(true);
    op = begin_clone(&(struct clone_opts){ .name = "web10" });
    assert_true(world_await(&w, copy_grows, NULL));
    world_helpers_stand(false);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_RUNNING);
    return op;
}

static void
test_nothing_is_left_of_a_cancelled_one(void **state)
{
    uint64_t op = begin_and_stand();

    (void)state;
    assert_true(engine_op_by_id(w.en, op)->cancellable);
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_nothing_left();
}

static void
test_nothing_is_left_after_a_kill(void **state)
{
    (void)state;
    (void)begin_and_stand();
    world_kill(&w);
    world_start(&w, false);
    world_idle(&w);
    assert_nothing_left();
    assert_non_null(world_event(&w, "undone: its copies are removed"));
}

static char part[300], record[300];

/* Defined, and its engine died before the copy had its name. */
static void
clone_and_kill_unnamed(void)
{
    char uuid[40];
    FILE *f;
    char *text;

    assert_int_equal(
        world_wait(&w, begin_clone(&(struct clone_opts){ .name = "web10" })),
        OP_DONE);
    text = text_of("web10");
    text_fmt(uuid, sizeof(uuid), "%.36s", strstr(text, "uuid = \"") + 8);
    free(text);
    text_fmt(part, sizeof(part), "%s.%s.part", copy, uuid);
    text_fmt(record, sizeof(record), "%s/%s.clone", w.state, uuid);
    world_kill(&w);
    assert_int_equal(rename(copy, part), 0);
    f = fopen(record, "we");
    assert_non_null(f);
    (void)fprintf(f, "%s\t%s\n", part, copy);
    assert_int_equal(fclose(f), 0);
}

static void
test_a_defined_one_is_finished(void **state)
{
    (void)state;
    clone_and_kill_unnamed();
    world_start(&w, false);
    world_idle(&w);
    assert_int_equal(access(copy, F_OK), 0);
    assert_int_equal(access(record, F_OK), -1);
    assert_non_null(engine_dom_by_name(w.en, "web10"));
}

/* As where their file system is mounted later. */
static void
test_copies_that_cannot_be_seen_stay_on_record(void **state)
{
    char away[80];

    (void)state;
    clone_and_kill_unnamed();
    text_fmt(away, sizeof(away), "%s.away", dir);
    assert_int_equal(rename(dir, away), 0);
    world_start(&w, false);
    world_pass(&w, 10000);
    assert_int_equal(access(record, F_OK), 0);
    assert_non_null(world_event(&w, "could not be named"));
    assert_int_equal(rename(away, dir), 0);
    world_kill(&w);
    world_start(&w, false);
    world_idle(&w);
    assert_int_equal(access(copy, F_OK), 0);
    assert_int_equal(access(record, F_OK), -1);
}

/* The same of those that are to be removed. */
static void
test_remains_that_cannot_be_seen_stay_on_record(void **state)
{
    char away[80];

    (void)state;
    (void)begin_and_stand();
    world_kill(&w);
    text_fmt(away, sizeof(away), "%s.away", dir);
    assert_int_equal(rename(dir, away), 0);
    world_start(&w, false);
    world_pass(&w, 10000);
    assert_int_equal(rename(away, dir), 0);
    assert_true(copy_grows(NULL));
    world_kill(&w);
    world_start(&w, false);
    world_idle(&w);
    assert_nothing_left();
}

/* Each call to dom0 that fails leaves nothing. */
static void
test_nothing_is_left_of_a_failed_one(void **state)
{
    struct clone_opts o = { .name = "web10" };
    unsigned n;

    (void)state;
    for (n = 1; n <= 2; n++) {
        sim_fault_add(w.sim, "dom0.disk", n, EIO);
        assert_int_equal(world_wait(&w, begin_clone(&o)), OP_FAILED);
        sim_fault_clear(w.sim);
        assert_nothing_left();
    }
    sim_fault_add(w.sim, "dom0.disk_open", 1, EIO);
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_FAILED);
    sim_fault_clear(w.sim);
    assert_nothing_left();
    assert_int_equal(world_wait(&w, begin_clone(&o)), OP_DONE);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_its_own_identity_and_copies, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_disks_as_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_shared_writable_disk, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_running_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_live_one_holds_up_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_cancelled_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_after_a_kill,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_defined_one_is_finished, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_copies_that_cannot_be_seen_stay_on_record, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_remains_that_cannot_be_seen_stay_on_record, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_failed_one,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
