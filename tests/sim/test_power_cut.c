/*
 * test_power_cut.c - what a power cut leaves of the records of domains: what
 * was said to be over (a saved domain that runs again, a definition that is
 * forgotten) is over then too.
 *
 * A cut is taken at its worst: of the state directory there is what was there
 * when it was synced last, and of that the files that were synced themselves.
 * fsync is this program's own here, and keeps that beside the world.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

#define SYNCED_MAX 512

static struct world w;
static char file[160], disk[96];
static uint8_t uuid[16];
static ino_t synced[SYNCED_MAX];
static unsigned n_synced;
static unsigned clean_at; /* unpauses before the disk had no saved domain */
static struct err e;

/* What a killed engine had on its stack is lost, as it should be. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

/* --- the disk --- */

static bool
is_synced(ino_t ino)
{
    unsigned i;

    for (i = 0; i < n_synced; i++)
        if (synced[i] == ino)
            return true;
    return false;
}

static void
copy_file(const char *from, const char *to)
{
    struct buf b = { 0 };
    FILE *f;

    assert_int_equal(fd_read_file(from, 1024 * 1024, &b, NULL), 0);
    f = fopen(to, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(b.data, 1, b.len, f), b.len);
    assert_int_equal(fclose(f), 0);
    buf_free(&b);
}

/* Calls each with the paths of an entry's files here and there. */
static void
each_file(const char *here, const char *there,
          void (*each)(const char *here, const char *there))
{
    char a[400], b[400];
    struct dirent *d;
    DIR *dir = opendir(here);

    if (dir == NULL)
        return;
    while ((d = readdir(dir)) != NULL)
        if (d->d_type == DT_REG) {
            text_fmt(a, sizeof(a), "%s/%s", here, d->d_name);
            text_fmt(b, sizeof(b), "%s/%s", there, d->d_name);
            each(a, b);
        }
    closedir(dir);
}

static void
drop_if_gone(const char *on_disk, const char *now)
{
    if (access(now, F_OK) < 0)
        (void)unlink(on_disk);
}

static void
take_if_synced(const char *now, const char *on_disk)
{
    struct stat st;

    if (stat(now, &st) == 0 && is_synced(st.st_ino))
        copy_file(now, on_disk);
}

static bool
disk_has_saved(void)
{
    struct db_state s;
    char path[400], text[37];

    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s.state.was", disk, text);
    if (access(path, F_OK) == 0)
        return true;
    db_state_load(disk, uuid, &s);
    return s.saved[0] != '\0';
}

static void
sync_dir_now(const char *path)
{
    if (w.sim == NULL || strcmp(path, w.state) != 0)
        return;
    each_file(disk, path, drop_if_gone);
    each_file(path, disk, take_if_synced);
    if (disk_has_saved())
        clean_at = UINT32_MAX;
    else if (clean_at == UINT32_MAX)
        clean_at = sim_calls(w.sim, "hv.unpause");
}

int
fsync(int fd)
{
    char link[64], path[400];
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) < 0)
        return -1;
    text_fmt(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);
    path[n > 0 ? n : 0] = '\0';
    if (S_ISDIR(st.st_mode))
        sync_dir_now(path);
    else if (n_synced < SYNCED_MAX)
        synced[n_synced++] = st.st_ino;
    return 0;
}

static void
drop(const char *on_disk, const char *unused)
{
    (void)unused;
    (void)unlink(on_disk);
}

/* --- a world with a domain --- */

static void
open_world(void)
{
    world_open_kept(&w, 0);
    e = (struct err){ 0 };
    n_synced = 0;
    clean_at = 0;
    text_fmt(disk, sizeof(disk), "%s/disk", w.dir);
    assert_int_equal(mkdir(disk, 0700), 0);
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    (void)world_guest(&w, "web9", "");
    memcpy(uuid, world_dom(&w, "web9")->uuid, sizeof(uuid));
    world_pass(&w, 5000);
}

static void
close_world(void)
{
    each_file(disk, disk, drop);
    (void)rmdir(disk);
    world_close(&w);
}

WORLD_FIXTURE(open_world(), close_world())

static void
await(uint64_t op)
{
    while (op != 0) {
        if (world_wait(&w, op) != OP_DONE)
            fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
        op = engine_op_by_id(w.en, op)->next;
    }
    world_idle(&w);
}

static uint64_t
id_now(void)
{
    const struct dom *d = engine_dom_find(w.en, "web9", NULL);

    assert_non_null(d);
    return d->id;
}

static void
save(void)
{
    static const struct save_opts o;
    uint64_t op;

    if (engine_save(w.en, id_now(), file, &o, &op, &e) < 0)
        fail_msg("%s", e.msg);
    await(op);
}

static void
define(void)
{
    if (engine_define(w.en, world_conf(&w, "web9", ""), &e) < 0)
        fail_msg("%s", e.msg);
}

static void
test_saved_is_on_disk(void **state)
{
    (void)state;
    save();
    assert_true(disk_has_saved());
    assert_true(db_kept(disk, uuid));
}

/* Before its first instruction: its disks change from there on. */
static void
assert_clean_before_start(unsigned before)
{
    assert_int_equal(sim_calls(w.sim, "hv.unpause"), before + 1);
    assert_false(disk_has_saved());
    assert_int_equal(clean_at, before);
}

static void
test_started_again(void **state)
{
    unsigned before = sim_calls(w.sim, "hv.unpause");
    uint64_t op;

    (void)state;
    save();
    assert_int_equal(engine_start(w.en, id_now(), false, &op, &e), 0);
    await(op);
    assert_clean_before_start(before);
    assert_false(db_kept(disk, uuid));
}

static void
test_defined_and_started_again(void **state)
{
    unsigned before = sim_calls(w.sim, "hv.unpause");
    uint64_t op;

    (void)state;
    define();
    save();
    assert_int_equal(engine_start(w.en, id_now(), false, &op, &e), 0);
    await(op);
    assert_clean_before_start(before);
    assert_true(db_defined(disk, uuid));
}

static void
test_booted_instead(void **state)
{
    unsigned before = sim_calls(w.sim, "hv.unpause");
    uint64_t op;

    (void)state;
    save();
    assert_int_equal(engine_boot(w.en, id_now(), false, &op, &e), 0);
    await(op);
    assert_clean_before_start(before);
}

/* The engine died when all but the start was done; the next one starts it. */
static jmp_buf killed;

static void
kill_once_recorded(void *arg)
{
    struct db_state s;

    (void)arg;
    db_state_load(w.state, uuid, &s);
    if (s.saved[0] == '\0')
        longjmp(killed, 1);
    sim_kill_at(w.sim, 1, kill_once_recorded, NULL);
}

static void
test_started_by_the_next_engine(void **state)
{
    unsigned before = sim_calls(w.sim, "hv.unpause");
    uint64_t op;

    (void)state;
    save();
    if (setjmp(killed) == 0) {
        sim_kill_at(w.sim, 1, kill_once_recorded, NULL);
        assert_int_equal(engine_start(w.en, id_now(), false, &op, &e), 0);
        while (engine_op_by_id(w.en, op)->state <= OP_RUNNING)
            (void)loop_turn(w.lp, 10);
        fail_msg("it was not killed");
    }
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 20000);
    world_idle(&w);
    assert_non_null(world_dom(&w, "web9"));
    assert_false(disk_has_saved());
    assert_true(clean_at <= before + 1);
}

/* The record cannot say that it is no longer saved: it is not started. */
static void
test_not_started_where_that_cannot_be_written(void **state)
{
    char path[256], text[37];
    uint64_t op;

    (void)state;
    save();
    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s.state.new", w.state, text);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(engine_start(w.en, id_now(), false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_int_equal(rmdir(path), 0);
    world_idle(&w);
    assert_null(world_dom(&w, "web9"));
    assert_true(engine_dom_find(w.en, "web9", NULL)->saved);
    assert_int_equal(access(file, F_OK), 0);
}

static void
end_web9(void)
{
    sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_POWEROFF);
    assert_true(world_until_gone(&w, "web9"));
    world_idle(&w);
}

static void
test_undefined_while_off(void **state)
{
    (void)state;
    define();
    end_web9();
    assert_true(db_defined(disk, uuid));
    assert_int_equal(engine_undefine(w.en, id_now(), &e), 0);
    assert_false(db_kept(disk, uuid));
}

static void
test_undefined_while_it_runs(void **state)
{
    (void)state;
    define();
    assert_true(db_defined(disk, uuid));
    assert_int_equal(engine_undefine(w.en, id_now(), &e), 0);
    assert_false(db_kept(disk, uuid));
}

/* Nothing of what was before a start comes back once it runs. */
static void
test_defined_and_started(void **state)
{
    uint64_t op;

    (void)state;
    define();
    end_web9();
    assert_int_equal(engine_start(w.en, id_now(), false, &op, &e), 0);
    await(op);
    assert_false(disk_has_saved());
    assert_true(db_defined(disk, uuid));
}

/* It was held: nothing is left of it once an operator has given it up. */
static void
test_held_and_given_up(void **state)
{
    const struct db_state held = { .held = true, .refused = true };
    uint64_t op;

    (void)state;
    save();
    assert_int_equal(db_state_save(w.state, uuid, &held, &e), 0);
    world_pass(&w, 2000);
    assert_true(db_kept(disk, uuid));
    assert_int_equal(engine_destroy(w.en, id_now(), &op, &e), 0);
    await(op);
    assert_false(db_kept(disk, uuid));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_saved_is_on_disk),
        T(test_started_again),
        T(test_defined_and_started_again),
        T(test_booted_instead),
        T(test_started_by_the_next_engine),
        T(test_not_started_where_that_cannot_be_written),
        T(test_undefined_while_off),
        T(test_undefined_while_it_runs),
        T(test_defined_and_started),
        T(test_held_and_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
