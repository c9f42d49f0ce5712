/*
 * test_dump.c - core dumps: the file, the pause and what is taken back when
 * they fail, are cancelled, or lose their helper or their engine.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
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

static struct world w;
static uint64_t id;
static char file[128];

static void
open_guest(void)
{
    world_open(&w, 0, false);
    id = world_guest(&w, "web9", "");
    text_fmt(file, sizeof(file), "%s/core", w.dir);
}

static void
close_guest(void)
{
    (void)unlink(file);
    world_close(&w);
}

WORLD_FIXTURE(open_guest(), close_guest())

static bool
paused(void)
{
    struct hv_dom d;

    assert_int_equal(
        hv_get(engine_hv(w.en), engine_dom_by_id(w.en, id)->domid, &d, NULL),
        0);
    return (d.flags & HV_PAUSED) != 0;
}

static uint64_t
begin(const char *path)
{
    struct err e = { 0 };
    uint64_t op = 0;

    if (engine_dump(w.en, id, path, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static const struct op *
op_at(uint64_t op)
{
    return engine_op_by_id(w.en, op);
}

static void
assert_whole(const char *path)
{
    Elf64_Ehdr eh;
    struct stat sb;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(read(fd, &eh, sizeof(eh)), sizeof(eh));
    assert_int_equal(fstat(fd, &sb), 0);
    close(fd);
    assert_memory_equal(eh.e_ident, ELFMAG, SELFMAG);
    assert_int_equal(eh.e_type, ET_CORE);
    assert_true(sb.st_size >= 64L * 1024 * 1024);
    assert_int_equal(sb.st_mode & 07777, 0600);
}

#define TRIES 100

/* Begins, and stops in the middle of it. On a busy machine a helper may have
 * written all before it is looked at: then another one is begun. */
static uint64_t
begin_to_pages(void)
{
    uint64_t op;
    int i;

    for (i = 0; i < TRIES; i++) {
        op = begin(file);
        while (op_at(op)->percent <= 0 && op_at(op)->state <= OP_RUNNING)
            (void)loop_turn(w.lp, 10);
        if (op_at(op)->state == OP_RUNNING)
            break;
        assert_int_equal(op_at(op)->state, OP_DONE);
        assert_int_equal(unlink(file), 0);
    }
    assert_int_equal(op_at(op)->state, OP_RUNNING);
    assert_true(paused());
    return op;
}

static void
assert_taken_back(void)
{
    assert_int_equal(access(file, F_OK), -1);
    world_pass(&w, 10);
    assert_false(paused());
    assert_false(store_exists(engine_store(w.en), 0, "/libxl/1/xendeck/dump"));
}

static void
test_core_is_written_while_paused(void **state)
{
    uint64_t op = begin_to_pages();

    (void)state;
    assert_string_equal(op_at(op)->label, "writing memory");
    assert_true(op_at(op)->cancellable);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    /* Whoever lists at once sees it run on. */
    assert_int_equal(engine_dom_by_id(w.en, id)->flags & DOM_F_PAUSED, 0);
    assert_whole(file);
    world_pass(&w, 10);
    assert_false(paused());
    assert_non_null(world_event(&w, "core dump in "));
}

static void
test_default_path(void **state)
{
    char pattern[320];
    glob_t g;

    (void)state;
    assert_int_equal(world_wait(&w, begin(NULL)), OP_DONE);
    text_fmt(pattern, sizeof(pattern), "%s/web9.[0-9]*[0-9]-[0-9]*[0-9].core",
             engine_paths(w.en)->dump);
    assert_int_equal(glob(pattern, 0, NULL, &g), 0);
    assert_int_equal(g.gl_pathc, 1);
    assert_whole(g.gl_pathv[0]);
    globfree(&g);
}

static void
test_paused_domain_stays_paused(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_pause(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(world_wait(&w, begin(file)), OP_DONE);
    assert_whole(file);
    assert_true(paused());
}

static void
assert_refused(const char *path, enum err_code code, const char *text)
{
    uint64_t op = begin(path);

    assert_int_equal(world_wait(&w, op), OP_FAILED);
    if (strstr(op_at(op)->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, op_at(op)->err.msg);
    assert_int_equal(op_at(op)->err.code, code);
    world_pass(&w, 10);
    assert_false(paused());
}

static void
test_refusals(void **state)
{
    char link[160];
    struct err e = { 0 };
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    (void)state;
    close(fd);
    assert_refused(file, ERR_EXISTS, "replaces nothing");
    assert_int_equal(access(file, F_OK), 0); /* somebody's: it stays */
    assert_refused("/nowhere/core", ERR_NOENT, "directory /nowhere");
    assert_refused("/proc/core", ERR_NOMEM, "found 0 MiB free");
    text_fmt(link, sizeof(link), "%s/link", w.dir);
    assert_int_equal(symlink("/tmp/elsewhere", link), 0);
    assert_refused(link, ERR_EXISTS, "replaces nothing");
    (void)unlink(link);
    assert_int_equal(
        engine_dump(w.en, engine_dom_by_domid(w.en, 0)->id, NULL, NULL, &e),
        -1);
    assert_int_equal(e.code, ERR_DENIED);
}

static void
test_faults_are_taken_back(void **state)
{
    (void)state;
    sim_fault_add(w.sim, "hv.pause", 1, EIO);
    assert_refused(file, ERR_IO, "hv.pause");
    assert_taken_back();
    sim_fault_add(w.sim, "store.write", 1, EIO);
    assert_refused(file, ERR_IO, "store.write");
    assert_taken_back();
}

/* Tried again by the undo: it does not stay paused for one refusal. */
static void
test_refused_unpause_is_tried_again(void **state)
{
    (void)state;
    sim_fault_add(w.sim, "hv.unpause", 1, EIO);
    assert_refused(file, ERR_IO, "stays paused");
    assert_whole(file);
}

static void
test_cancel(void **state)
{
    uint64_t op = begin_to_pages();

    (void)state;
    assert_int_equal(engine_op_cancel(w.en, op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_taken_back();
}

/* The pid of the only child of this test. */
static pid_t
dump_helper_pid(void)
{
    char path[64], text[64] = "";
    FILE *f;

    text_fmt(path, sizeof(path), "/proc/self/task/%ld/children",
             (long)getpid());
    f = fopen(path, "r");
    assert_non_null(f);
    (void)!fgets(text, sizeof(text), f);
    fclose(f);
    assert_true(strtol(text, NULL, 10) > 1);
    return (pid_t)strtol(text, NULL, 10);
}

static void
test_killed_helper(void **state)
{
    uint64_t op = begin_to_pages();
    int i;

    (void)state;
    for (i = 0; i < TRIES; i++) {
        assert_int_equal(kill(dump_helper_pid(), SIGKILL), 0);
        if (world_wait(&w, op) != OP_DONE)
            break;
        assert_int_equal(unlink(file), 0); /* it had written all */
        op = begin_to_pages();
    }
    assert_int_equal(op_at(op)->state, OP_FAILED);
    assert_int_equal(op_at(op)->err.code, ERR_LOST);
    assert_taken_back();
}

static void
test_end_of_the_program(void **state)
{
    (void)state;
    (void)begin_to_pages();
    engine_undo_all(w.en);
    assert_taken_back();
}

/* What a dead engine leaves: the mark, the pause, a part of the file. */
static void
test_left_by_a_dead_engine(void **state)
{
    struct err e = { 0 };
    uint32_t domid;
    int fd;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    assert_int_equal(hv_pause(engine_hv(w.en), domid, &e), 0);
    assert_int_equal(store_writef(engine_store(w.en), 0, &e,
                                  "/libxl/2/xendeck/dump", "none 1 1 %s", file),
                     0);
    assert_true(world_until_event(&w, "left half-written"));
    assert_int_equal(access(file, F_OK), -1);
    world_pass(&w, 10);
    assert_int_equal(engine_dom_by_domid(w.en, domid)->flags & DOM_F_PAUSED, 0);
    assert_false(store_exists(engine_store(w.en), 0, "/libxl/2/xendeck"));
}

static void
test_crashed_domain_is_dumped_without_a_pause(void **state)
{
    uint32_t domid;
    uint64_t op;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 1000);
    id = engine_dom_by_domid(w.en, domid)->id;
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_CRASH), 0);
    world_pass(&w, 1000);
    sim_fault_clear(w.sim);
    op = begin(file);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_whole(file);
    assert_int_equal(sim_calls(w.sim, "hv.pause"), 0);
}

static int
run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_core_is_written_while_paused),
        T(test_default_path),
        T(test_paused_domain_stays_paused),
        T(test_refusals),
        T(test_faults_are_taken_back),
        T(test_refused_unpause_is_tried_again),
        T(test_cancel),
        T(test_killed_helper),
        T(test_end_of_the_program),
        T(test_left_by_a_dead_engine),
        T(test_crashed_domain_is_dumped_without_a_pause),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
