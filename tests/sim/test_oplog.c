/*
 * test_oplog.c - the record of the operations at work (oplog.h): a disk that
 * is full, words that this version does not know.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/core/engine_int.h"
#include "engine/task/oplog.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"
#include "tests/unit/file_limit.h"

static struct world w;
static struct err e;
static struct log *lg;

static void
begin(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    lg = log_new(&(struct log_opts){ 0 }, NULL);
    world_open_kept(&w, 0);
    w.en->opts.log = lg;
}

static void
end(void)
{
    limit_file_size(RLIM_INFINITY);
    w.en->opts.log = NULL;
    world_close(&w);
    log_free(lg);
}

WORLD_FIXTURE(begin(), end())

static off_t
record_size(void)
{
    char path[256];
    struct stat sb;

    text_fmt(path, sizeof(path), "%s/ops/%s", w.run, oplog_name(w.en));
    assert_int_equal(stat(path, &sb), 0);
    return sb.st_size;
}

static size_t
times_logged(const char *text)
{
    size_t i, n = 0;

    for (i = 0; i < log_count(lg); i++)
        n += strstr(log_at(lg, i).text, text) != NULL;
    return n;
}

/* So many operations are on record, each as a whole. */
static void
assert_on_record(size_t n)
{
    struct oplog_list l;
    size_t i;

    oplog_read_all(w.en, &l);
    assert_true(l.whole);
    assert_int_equal(l.n, n);
    for (i = 0; i < n; i++) {
        assert_string_equal(l.list[i].name, "web9");
        assert_int_equal(l.list[i].domid, world_dom(&w, "web9")->domid);
    }
    free(l.list);
}

/* Of a line that is cut anywhere. */
static void
test_full_disk_glues_no_lines(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), first, second;
    rlim_t room;

    (void)state;
    for (room = 0; room < 80; room += 3) {
        limit_file_size((rlim_t)record_size() + room);
        assert_int_equal(engine_pause(w.en, id, &first, &e), 0);
        limit_file_size(RLIM_INFINITY);
        assert_int_equal(engine_unpause(w.en, id, &second, &e), 0);
        assert_on_record(2);
        assert_int_equal(world_wait(&w, first), OP_DONE);
        assert_int_equal(world_wait(&w, second), OP_DONE);
        assert_on_record(0);
    }
}

/* Its end is on record once there is room. */
static void
test_each_full_disk_is_told(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), long_one, op;
    size_t i;

    (void)state;
    sim_guest_ignore_control(w.sim, world_dom(&w, "web9")->domid, true);
    for (i = 1; i <= 2; i++) {
        assert_int_equal(engine_shutdown(w.en, id, &long_one, &e), 0);
        world_pass(&w, 100);
        limit_file_size((rlim_t)record_size() + 8);
        assert_int_equal(engine_op_cancel(w.en, long_one, &e), 0);
        assert_int_equal(engine_pause(w.en, id, NULL, &e), 0);
        assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
        limit_file_size(RLIM_INFINITY);
        assert_int_equal(times_logged("operations are not on record"), i);
        assert_int_equal(world_wait(&w, op), OP_DONE);
        assert_int_equal(times_logged("operations are on record again"), i);
        assert_on_record(0);
    }
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_full_disk_glues_no_lines),
        T(test_each_full_disk_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
