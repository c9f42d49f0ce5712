/*
 * test_dm_save.c - what saving asks of a device model: its state by a
 * descriptor, stop and cont, limits, refusals.
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

#include "engine/dm/dm_int.h"
#include "engine/dm/dm_save.h"
#include "engine/sim/sim_outside_model.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

#define SCREEN "devices = ( { type = \"vfb\"; }, { type = \"vkbd\"; } );\n"

static struct world w;

WORLD_FIXTURE(world_open(&w, 0, false), world_close(&w))

enum what { SAVE, STOP, CONT, DIRTY };

/* A task of one step. */
struct saving {
    struct task t;
    struct dm_talk talk;
    enum what what;
    uint32_t domid;
    int fd;
};

static enum step_rc
saving_run(struct task *t, struct err *why)
{
    struct saving *s = container_of(t, struct saving, t);

    switch (s->what) {
    case SAVE:
        return dm_save_state(&s->talk, t, s->domid, s->fd, true, why);
    case STOP:
        return dm_stop_devices(&s->talk, t, s->domid, why);
    case CONT:
        return dm_cont(&s->talk, t, s->domid, why);
    case DIRTY:
        return dm_log_dirty(&s->talk, t, s->domid, true, why);
    }
    return STEP_FAIL;
}

static void
saving_free(struct task *t)
{
    struct saving *s = container_of(t, struct saving, t);

    dm_talk_fini(&s->talk);
    free(s);
}

static const struct step saving_steps[] = {
    { .id = "talk", .label = "talk", .run = saving_run, .cancellable = true }
};
static const struct task_type saving_type = { .steps = saving_steps,
                                              .n_steps = 1,
                                              .free = saving_free };

static uint64_t
begin(enum what what, int fd)
{
    struct saving *s = xcalloc(1, sizeof(*s));
    const struct dom *d = world_dom(&w, "web9");

    s->what = what;
    s->fd = fd;
    s->domid = d->domid;
    return task_begin(w.en, &s->t, &saving_type, OP_PAUSE, d, NULL);
}

static const struct model *
model(void)
{
    return dm_find(w.en, world_dom(&w, "web9")->domid);
}

static int
state_file(char *path, size_t n, int flags)
{
    int fd;

    text_fmt(path, n, "%s/state", w.dir);
    fd = open(path, flags | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void
assert_fails(enum what what, int fd, enum err_code code, const char *text)
{
    uint64_t op = begin(what, fd);

    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_int_equal(engine_op_by_id(w.en, op)->err.code, code);
    if (strstr(engine_op_by_id(w.en, op)->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text,
                 engine_op_by_id(w.en, op)->err.msg);
}

static void
test_state_goes_to_the_descriptor(void **state)
{
    char path[128], bytes[16] = "";
    int fd;

    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    fd = state_file(path, sizeof(path), O_WRONLY);
    assert_int_equal(world_wait(&w, begin(SAVE, fd)), OP_DONE);
    close(fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, bytes, sizeof(bytes)), 8);
    assert_memory_equal(bytes, "QEVM", 4);
    close(fd);
    assert_string_equal(model()->said, "paused");
    assert_int_equal(world_wait(&w, begin(DIRTY, -1)), OP_DONE);
    assert_int_equal(world_wait(&w, begin(CONT, -1)), OP_DONE);
    world_pass(&w, 1);
    assert_string_equal(model()->said, "running");
    assert_int_equal(world_wait(&w, begin(STOP, -1)), OP_DONE);
    assert_string_equal(model()->said, "paused");
}

static void
test_what_cannot_be_written_to_is_refused(void **state)
{
    char path[128];
    int fd;

    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    fd = state_file(path, sizeof(path), O_RDWR);
    assert_fails(SAVE, fd, ERR_INVALID, "open for writing alone");
    close(fd);
    fd = state_file(path, sizeof(path), O_WRONLY);
    sim_fault_add(w.sim, "dm.qmp", 3, EIO);
    assert_fails(SAVE, fd, ERR_IO, "device model: xen-save-devices-state");
    close(fd);
    /* it goes on, unharmed */
    assert_int_equal(world_wait(&w, begin(CONT, -1)), OP_DONE);
    world_pass(&w, 1);
    assert_string_equal(model()->said, "running");
}

static void
test_a_model_that_hangs_holds_nobody(void **state)
{
    uint64_t began;

    (void)state;
    (void)world_guest(&w, "web9", SCREEN);
    assert_int_equal(sim_model_hang(w.sim, world_dom(&w, "web9")->domid, true),
                     0);
    began = loop_now_ms(w.lp);
    assert_fails(STOP, -1, ERR_TIMEOUT, "device model: stop: it does not");
    assert_in_range(loop_now_ms(w.lp) - began, 9000, 11000);
}

static void
test_one_that_dies_is_told(void **state)
{
    char path[128];
    uint64_t op;
    int fd;

    (void)state;
    (void)world_guest(&w, "web9",
                      "device_model = { on_death = \"leave\"; };\n" SCREEN);
    fd = state_file(path, sizeof(path), O_WRONLY);
    sim_delay_add(w.sim, "dm.qmp", 100);
    op = begin(SAVE, fd);
    world_pass(&w, 10);
    assert_int_equal(sim_model_kill(w.sim, world_dom(&w, "web9")->domid), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_int_equal(engine_op_by_id(w.en, op)->err.code, ERR_LOST);
    assert_fails(CONT, -1, ERR_LOST, "its device model is gone");
    close(fd);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_state_goes_to_the_descriptor),
        T(test_what_cannot_be_written_to_is_refused),
        T(test_a_model_that_hangs_holds_nobody),
        T(test_one_that_dies_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
