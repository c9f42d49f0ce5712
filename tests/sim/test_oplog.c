/*
 * test_oplog.c - the record of the operations at work (oplog.h): a disk that
 * is full, words that this version does not know.
 */
#include <fcntl.h>
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
#include "engine/record/db.h"
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

/* --- what this version does not know --- */

/* A record that a dead engine of this boot left, with an operation on a domain
 * that nothing else is known of. */
static void
leave_record(const char *lines, uint8_t uuid[16], char *path, size_t path_size)
{
    char boot[64], text[37];
    struct buf b = { 0 };
    int fd;

    memset(uuid, 0x5a, 16);
    uuid_print_text(uuid, text);
    maker_boot(boot, sizeof(boot));
    buf_fmt(&b, "version 2\nboot %s\n%sset 1 name web8\nset 1 uuid %s\n", boot,
            lines, text);
    text_fmt(path, path_size, "%s/ops/99999.0", w.run);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    close(fd);
    buf_free(&b);
}

static void
next_engine(void)
{
    w.en->opts.log = NULL;
    world_kill(&w);
    world_start(&w, false);
    w.en->opts.log = lg;
}

static size_t
count_events(const char *text)
{
    size_t i, n = 0;

    for (i = 0; i < engine_event_count(w.en); i++)
        n += strstr(engine_event_at(w.en, i)->text, text) != NULL;
    return n;
}

/* Its domain's configuration stays as well. */
static void
assert_left_alone(const char *lines, const char *told)
{
    struct domain_config *c;
    char path[160];
    uint8_t uuid[16];

    (void)world_guest(&w, "web9", "");
    leave_record(lines, uuid, path, sizeof(path));
    assert_int_equal(db_load(w.state, world_dom(&w, "web9")->uuid, &c, &e), 0);
    assert_int_equal(db_save(w.state, uuid, c, &e), 0);
    config_free(c);
    next_engine();
    world_pass(&w, 10000);
    assert_int_equal(count_events(told), 1);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(db_load(w.state, uuid, &c, &e), 0);
    config_free(c);
    assert_int_equal(unlink(path), 0);
}

static void
test_unknown_verb_is_told_and_kept(void **state)
{
    (void)state;
    assert_left_alone("begin 1 rotate\n", "has 'rotate' at work");
}

static void
test_unknown_reason_is_told_and_kept(void **state)
{
    (void)state;
    assert_left_alone("begin 1 reap\nset 1 reason 107\n",
                      "has 'reason 107' at work");
}

/* That it was at work at some time is no matter. */
static void
test_unknown_verb_that_has_ended_is_no_matter(void **state)
{
    char path[160];
    uint8_t uuid[16];

    (void)state;
    (void)world_guest(&w, "web9", "");
    leave_record("begin 2 rotate\nend 2\nbegin 1 pause\n", uuid, path,
                 sizeof(path));
    next_engine();
    world_pass(&w, 3000);
    assert_int_equal(count_events("pause was at"), 1);
    assert_int_equal(access(path, F_OK), -1);
}

/* As they have been written since version 1. */
static void
test_ids_on_record_stay(void **state)
{
    static const char *const verbs[OP_VERBS] = {
        "create",  "shutdown", "reboot",          "suspend",
        "destroy", "reap",     "pause",           "unpause",
        "attach",  "detach",   "memory",          "vcpus",
        "tune",    "dump",     "rename",          "adopt",
        "disown",  "network",  "host stop",       "save",
        "restore", "migrate",  "migrate-receive", "reattach",
        "clone"
    };
    static const unsigned reasons[] = { 0, 1, 2, 3, 4, 5, 100, 101, 102, 103 };
    enum dom_reason r;
    enum op_verb v;
    size_t i;

    (void)state;
    for (i = 0; i < OP_VERBS; i++) {
        assert_true(op_verb_of_id(verbs[i], &v));
        assert_int_equal(v, i);
        assert_string_equal(op_verb_id(v), verbs[i]);
    }
    assert_false(op_verb_of_id("unknown", &v));
    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        assert_true(dom_reason_of_id(reasons[i], &r));
        assert_int_equal(r, reasons[i]);
        assert_int_equal(dom_reason_id(r), reasons[i]);
    }
    assert_false(dom_reason_of_id(6, &r));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_full_disk_glues_no_lines),
        T(test_each_full_disk_is_told),
        T(test_unknown_verb_is_told_and_kept),
        T(test_unknown_reason_is_told_and_kept),
        T(test_unknown_verb_that_has_ended_is_no_matter),
        T(test_ids_on_record_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
