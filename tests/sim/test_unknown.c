/*
 * test_unknown.c - being unable to look proves nothing: with no descriptor left
 * nobody is taken for dead and nothing for absent.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/uuid.h"
#include "engine/host/domains.h"
#include "engine/life/leftover.h"
#include "engine/record/db.h"
#include "engine/task/oplog.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;
static struct rlimit before;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* So many descriptors can be opened, and no more. */
static void
leave_descriptors(rlim_t more)
{
    struct rlimit rl;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    rl = before;
    for (rl.rlim_cur = 0;; rl.rlim_cur++)
        if (fcntl((int)rl.rlim_cur, F_GETFD) < 0 && more-- == 0)
            break;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
}

/* No file can be opened any more. */
static void
use_up_descriptors(void)
{
    leave_descriptors(0);
    assert_int_equal(dup(0), -1);
}

static void
free_descriptors(void)
{
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void
test_life_of_a_maker(void **state)
{
    char me[96], none[96], other[96];

    (void)state;
    maker_self(me, sizeof(me));
    text_fmt(none, sizeof(none), "%.36s 4194303 12", me); /* above any pid */
    text_fmt(other, sizeof(other), "%.36s %ld 1", me, (long)getpid());
    assert_int_equal(maker_life(me), LIFE_ALIVE);
    assert_int_equal(maker_life(none), LIFE_GONE);
    assert_int_equal(maker_life(other), LIFE_GONE);
    assert_int_equal(maker_life("00000000-0000-4000-8000-000000000000 1 1"),
                     LIFE_GONE);
    use_up_descriptors();
    assert_int_equal(maker_life(me), LIFE_UNKNOWN);
    assert_int_equal(maker_life(none), LIFE_UNKNOWN);
    free_descriptors();
}

static bool
is_half_built(void *arg)
{
    const struct dom *d = world_dom(&w, "web9");

    (void)arg;
    return d != NULL && d->building;
}

static bool
is_whole(void *arg)
{
    return !is_half_built(arg) && world_dom(&w, "web9") != NULL;
}

/* Looked at by an engine at its descriptor limit, ten times. */
static void
test_domain_of_a_living_builder_is_left_alone(void **state)
{
    struct engine *other = world_beside(&w, true);
    uint64_t op;
    size_t i;

    (void)state;
    assert_int_equal(
        engine_create(other, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_true(loop_until(w.lp, is_half_built, NULL, 10000));
    use_up_descriptors();
    for (i = 0; i < 10; i++)
        assert_int_equal(domains_scan(w.en, false, &e), 0);
    free_descriptors();
    assert_null(world_event(&w, "by a process that is gone"));
    assert_non_null(world_event(&w, "it cannot be told now"));
    assert_true(loop_until(w.lp, is_whole, NULL, 30000));
    engine_set(other, ENGINE_KEEP_HOST, true);
    engine_close(other);
    world_pass(&w, 3000);
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_records_that_cannot_be_read_are_kept(void **state)
{
    struct engine *other = world_beside(&w, true);
    struct oplog_list l;
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(other, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_true(loop_until(w.lp, is_half_built, NULL, 10000));
    use_up_descriptors();
    oplog_read(w.en, &l);
    assert_false(l.whole);
    free(l.list);
    assert_false(oplog_any_dead(w.en));
    oplog_drop_dead(w.en);
    assert_int_equal(leftovers_remove(w.en), 0);
    free_descriptors();
    oplog_read(w.en, &l);
    assert_true(l.whole);
    assert_int_equal(l.n, 1);
    assert_true(l.list[0].live);
    free(l.list);
    assert_true(loop_until(w.lp, is_whole, NULL, 30000));
    engine_set(other, ENGINE_KEEP_HOST, true);
    engine_close(other);
}

/* --- forty guests --- */

#define GUESTS 40

static void
guests_make(void)
{
    char name[16];
    size_t i;

    for (i = 0; i < GUESTS; i++) {
        text_fmt(name, sizeof(name), "many%zu", i);
        (void)world_guest(&w, name, "");
    }
}

/* Whether each runs, is ours, and has its configuration on disk. */
static void
guests_are_whole(void)
{
    char name[16];
    const struct dom *d;
    struct domain_config *c;
    size_t i;

    for (i = 0; i < GUESTS; i++) {
        text_fmt(name, sizeof(name), "many%zu", i);
        d = world_dom(&w, name);
        if (d == NULL || !d->owned || d->building ||
            (d->flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) != 0)
            fail_msg("%s is not as it was", name);
        if (db_load(w.state, d->uuid, &c, &e) < 0)
            fail_msg("%s has lost its configuration: %s", name, e.msg);
        config_free(c);
    }
    assert_null(world_event(&w, "undone"));
    assert_null(world_event(&w, "removed"));
}

static void
test_engine_at_its_limit_undoes_nothing(void **state)
{
    (void)state;
    guests_make();
    guests_are_whole();
    use_up_descriptors();
    world_pass(&w, 120000);
    free_descriptors();
    guests_are_whole();
    world_pass(&w, 120000);
    guests_are_whole();
}

/* Its predecessor was killed; it has room for a few of its guests' consoles. */
static void
test_engine_that_starts_at_its_limit_undoes_nothing(void **state)
{
    rlim_t more;

    (void)state;
    guests_make();
    world_kill(&w);
    for (more = 24; more > 4; more -= 8) {
        leave_descriptors(more);
        world_start(&w, false);
        world_pass(&w, 60000);
        world_kill(&w);
        free_descriptors();
    }
    world_start(&w, false);
    world_pass(&w, 60000);
    guests_are_whole();
}

static void
ops_file(char *dst, size_t n, const char *name)
{
    text_fmt(dst, n, "%s/ops/%s", w.run, name);
}

/* The file is begun anew now and then. */
static void
test_record_names_its_boot_without_descriptors(void **state)
{
    char path[256], boot[64], line[80];
    struct buf text = { 0 };
    uint64_t id = world_guest(&w, "web9", ""), op;
    size_t i;

    (void)state;
    maker_boot(boot, sizeof(boot));
    text_fmt(line, sizeof(line), "boot %s\n", boot);
    ops_file(path, sizeof(path), oplog_name(w.en));
    use_up_descriptors();
    for (i = 0; i < 200; i++) {
        assert_int_equal(
            (i % 2 ? engine_unpause : engine_pause)(w.en, id, &op, &e), 0);
        assert_int_equal(world_wait(&w, op), OP_DONE);
    }
    free_descriptors();
    assert_int_equal(fd_read_file(path, 1 << 20, &text, &e), 0);
    assert_true(text.len < 20000); /* it was */
    assert_non_null(strstr(buf_text(&text), line));
    buf_free(&text);
}

/* Of whom it cannot be told whether it is of this boot. */
static void
test_record_without_a_boot_is_kept(void **state)
{
    static const char head[] = "version 2\nboot \nbegin 1 create\n";
    char path[256], uuid[37];
    struct oplog_list l;
    struct buf b = { 0 };
    int fd;

    (void)state;
    (void)world_guest(&w, "web9", "");
    uuid_print_text(world_dom(&w, "web9")->uuid, uuid);
    buf_fmt(&b, "%sset 1 name web8\nset 1 uuid %s\n", head, uuid);
    ops_file(path, sizeof(path), "99999.0");
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    close(fd);
    buf_free(&b);
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 5000);
    assert_int_equal(access(path, F_OK), 0);
    assert_null(world_event(&w, "before the last start of this host"));
    oplog_read(w.en, &l);
    assert_false(l.whole);
    assert_int_equal(l.n, 1);
    assert_true(l.list[0].live);
    free(l.list);
    assert_int_equal(unlink(path), 0);
    world_pass(&w, 2000);
    oplog_read(w.en, &l);
    assert_true(l.whole);
    free(l.list);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_life_of_a_maker),
        T(test_domain_of_a_living_builder_is_left_alone),
        T(test_records_that_cannot_be_read_are_kept),
        T(test_engine_at_its_limit_undoes_nothing),
        T(test_engine_that_starts_at_its_limit_undoes_nothing),
        T(test_record_names_its_boot_without_descriptors),
        T(test_record_without_a_boot_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
