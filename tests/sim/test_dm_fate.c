/*
 * test_dm_fate.c - models that die, hang or answer late, on the virtual clock:
 * what is told, and what becomes of their domains under each policy.
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

#include "engine/config/core/uuid.h"
#include "engine/dm/dm_int.h"
#include "engine/sim/sim_outside_model.h"
#include "tests/sim/world.h"

#define SCREEN                                                                 \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; vdev = "           \
    "\"xvda\"; format = \"qcow2\"; }, { type = \"vfb\"; vncpasswd = "          \
    "\"hidden77\"; }, { type = \"vkbd\"; } );\n"
#define DEATH(policy) "device_model = { on_death = \"" policy "\"; };\n"
#define ON_CRASH      "on_crash = \"preserve\";\n"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static const struct dom *
web9(void)
{
    return world_dom(&w, "web9");
}

static uint32_t
started(const char *more)
{
    char text[1024];

    text_fmt(text, sizeof(text), "%s%s", SCREEN, more);
    (void)world_guest(&w, "web9", text);
    world_pass(&w, 30000); /* it may be restarted by now */
    return web9()->domid;
}

static void
destroyed(void)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, web9()->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_until_gone(&w, "web9"));
}

/* --- one that dies --- */

static void
test_a_death_is_a_crash(void **state)
{
    uint32_t domid = started(ON_CRASH);

    (void)state;
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_pass(&w, 100);
    assert_non_null(world_event(
        &w, "its device model was killed by signal 9 (/var/log/xen/"
            "qemu-dm-web9.log, which is empty): the domain is made to crash"));
    world_pass(&w, 5000);
    assert_non_null(web9());
    assert_true(web9()->flags & DOM_F_SHUTDOWN);
    assert_int_equal(web9()->reason, DOM_CRASH);
    destroyed();
}

/* A read of xenstore that fails is no ground to forget what follows. */
static void
test_a_death_is_a_restart_when_a_read_fails(void **state)
{
    unsigned nth;
    uint64_t before;
    uint32_t domid;

    (void)state;
    for (nth = 1; nth < 16; nth++) { /* then what it had is removed */
        world_close(&w);
        world_open_kept(&w, 0);
        domid = started(DEATH("restart") "on_crash = \"destroy\";\n");
        before = web9()->id;
        sim_fault_add(w.sim, "store.read", nth, EIO);
        assert_int_equal(sim_model_kill(w.sim, domid), 0);
        world_pass(&w, 120000);
        if (web9() == NULL || web9()->id == before)
            fail_msg("lost when read %u failed", nth);
    }
}

/* Whatever on_crash says. */
static void
test_a_death_is_a_restart(void **state)
{
    uint32_t domid = started(DEATH("restart") "on_crash = \"destroy\";\n");
    uint64_t before = web9()->id;

    (void)state;
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_pass(&w, 100);
    assert_non_null(world_event(&w, "the domain is made again"));
    world_pass(&w, 30000);
    assert_non_null(web9());
    assert_int_not_equal(web9()->id, before);
    assert_false(web9()->flags & DOM_F_SHUTDOWN);
    assert_true(dm_may_run(w.en, web9()->domid));
    destroyed();
}

/* No crash loops: as of any restart. */
static void
test_a_restart_too_soon_is_refused(void **state)
{
    (void)state;
    (void)started(DEATH("restart"));
    assert_int_equal(sim_model_kill(w.sim, web9()->domid), 0);
    world_pass(&w, 10000);
    assert_non_null(web9());
    assert_int_equal(sim_model_kill(w.sim, web9()->domid), 0);
    world_pass(&w, 10000);
    assert_non_null(world_event(&w, "restart refused after crash"));
    assert_null(web9());
}

static void
test_a_death_is_left(void **state)
{
    uint32_t domid = started(DEATH("leave"));

    (void)state;
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_pass(&w, 20000);
    assert_non_null(world_event(&w, "hangs until the domain is made again"));
    assert_non_null(web9());
    assert_int_equal(web9()->domid, domid);
    assert_false(web9()->flags & DOM_F_SHUTDOWN);
    destroyed();
}

/* Nobody's domain is ended by a policy that it may not have. */
static void
test_a_policy_that_cannot_be_read(void **state)
{
    uint32_t domid = started(DEATH("leave"));
    char path[256], uuid[40];
    int fd;

    (void)state;
    uuid_print_text(web9()->uuid, uuid);
    text_fmt(path, sizeof(path), "%s/%s.conf", w.state, uuid);
    fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, "?", 1), 1);
    close(fd);
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_pass(&w, 20000);
    assert_non_null(world_event(&w, "hangs until the domain is made again"));
    assert_non_null(world_event(&w, "what it wants then cannot be read"));
    assert_non_null(web9());
    assert_int_equal(web9()->domid, domid);
    assert_false(web9()->flags & DOM_F_SHUTDOWN);
    destroyed();
}

/* The policy is carried out by whichever engine sees it first. */
static void
test_a_death_without_an_engine(void **state)
{
    uint32_t domid = started(DEATH("restart"));
    uint64_t before = web9()->id;

    (void)state;
    world_kill(&w);
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_start(&w, false);
    world_pass(&w, 30000);
    assert_non_null(world_event(&w, "ended while no engine watched: the domain "
                                    "is made again"));
    assert_non_null(web9());
    assert_true(web9()->id != before || web9()->domid != domid ||
                web9()->restarts == 1);
    assert_true(dm_may_run(w.en, web9()->domid));
    destroyed();
}

/* --- one that hangs --- */

static void
test_a_hang_is_a_crash(void **state)
{
    uint32_t domid = started(ON_CRASH);

    (void)state;
    assert_int_equal(sim_model_hang(w.sim, domid, true), 0);
    world_pass(&w, 29000);
    assert_null(world_event(&w, "has not answered"));
    world_pass(&w, 15000);
    assert_non_null(world_event(&w, "has not answered for 30 s: the domain is "
                                    "made to crash"));
    world_pass(&w, 5000);
    assert_int_equal(web9()->reason, DOM_CRASH);
    /* it is dead, and cannot write to its disks any more */
    assert_null(sim_model_given(w.sim, domid, "-xen-domid"));
    assert_null(world_event(&w, "killed by signal"));
    destroyed();
}

static void
test_a_hang_is_a_restart(void **state)
{
    uint32_t domid = started(DEATH("restart"));

    (void)state;
    assert_int_equal(sim_model_hang(w.sim, domid, true), 0);
    world_pass(&w, 80000);
    assert_non_null(world_event(&w, "has not answered for 30 s: the domain is "
                                    "made again"));
    assert_non_null(web9());
    assert_int_equal(web9()->restarts, 1);
    assert_true(dm_may_run(w.en, web9()->domid));
    destroyed();
}

static void
test_a_hang_is_left_and_may_pass(void **state)
{
    uint32_t domid = started(DEATH("leave"));

    (void)state;
    assert_int_equal(sim_model_hang(w.sim, domid, true), 0);
    world_pass(&w, 60000);
    assert_non_null(world_event(&w, "hangs until it answers again"));
    assert_int_equal(web9()->domid, domid);
    assert_int_equal(sim_model_hang(w.sim, domid, false), 0);
    world_pass(&w, 60000);
    assert_non_null(world_event(&w, "its device model answers again"));
    assert_int_equal(web9()->domid, domid);
    destroyed();
    assert_null(world_event(&w, "does not end"));
}

/* Slow is not dead. */
static void
test_late_answers_are_answers(void **state)
{
    uint32_t domid;

    (void)state;
    sim_delay_add(w.sim, "dm.qmp", 2500);
    domid = started(ON_CRASH);
    world_pass(&w, 300000);
    assert_null(world_event(&w, "has not answered"));
    assert_int_equal(web9()->domid, domid);
    assert_false(web9()->flags & DOM_F_SHUTDOWN);
    destroyed();
}

/* --- its ends --- */

static uint64_t
ms_of_destroying(void)
{
    uint64_t began = loop_now_ms(engine_loop(w.en));

    destroyed();
    return loop_now_ms(engine_loop(w.en)) - began;
}

static void
test_one_that_hangs_is_killed_with_its_domain(void **state)
{
    (void)state;
    (void)started("");
    assert_int_equal(sim_model_hang(w.sim, web9()->domid, true), 0);
    assert_in_range(ms_of_destroying(), 10000, 12000);
    assert_null(world_event(&w, "does not end"));
}

static void
test_one_that_does_not_quit_gets_the_signal(void **state)
{
    (void)state;
    (void)started("");
    sim_fault_add(w.sim, "dm.qmp", 1, EIO);
    assert_in_range(ms_of_destroying(), 0, 1000);
}

/* --- its start --- */

static void
assert_not_started(const char *text)
{
    char conf[1024], *before = world_dump(&w);
    uint64_t op;

    text_fmt(conf, sizeof(conf), "%s", SCREEN);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", conf), NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    if (strstr(engine_op_by_id(w.en, op)->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text,
                 engine_op_by_id(w.en, op)->err.msg);
    world_pass(&w, 20000);
    world_unchanged(&w, before);
}

static void
test_a_start_is_undone_if_nothing_can_be_set(void **state)
{
    (void)state;
    sim_fault_add(w.sim, "dom0.model_connect", 1, EIO);
    assert_not_started("dom0.model_connect");
    sim_fault_clear(w.sim);
    sim_fault_add(w.sim, "dm.qmp", 1, EIO);
    assert_not_started("device model: query-vnc");
    sim_fault_clear(w.sim);
    sim_fault_add(w.sim, "dm.qmp", 2, ETIMEDOUT);
    assert_not_started("device model: change-vnc-password: it does not answer");
}

static char *
text_of_domain(void)
{
    struct buf b = { 0 };

    assert_int_equal(engine_config_text(w.en, web9()->id, &b, &e), 0);
    return buf_take(&b);
}

/* Nowhere but on its way to the model, and in the files that root alone can
 * read. */
static void
test_a_password_is_nowhere(void **state)
{
    uint32_t domid = started("");
    char *dump, *config;

    (void)state;
    assert_string_equal(sim_model_password(w.sim, domid), "hidden77");
    dump = world_dump(&w);
    config = text_of_domain();
    assert_null(strstr(dump, "hidden77"));
    assert_null(strstr(config, "hidden77"));
    assert_null(world_event(&w, "hidden77"));
    free(dump);
    free(config);
    assert_null(strstr(sim_model_given(w.sim, domid, "-vnc"), "hidden77"));
    destroyed();
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_death_is_a_crash),
        T(test_a_death_is_a_restart_when_a_read_fails),
        T(test_a_death_is_a_restart),
        T(test_a_restart_too_soon_is_refused),
        T(test_a_death_is_left),
        T(test_a_policy_that_cannot_be_read),
        T(test_a_death_without_an_engine),
        T(test_a_hang_is_a_crash),
        T(test_a_hang_is_a_restart),
        T(test_a_hang_is_left_and_may_pass),
        T(test_late_answers_are_answers),
        T(test_one_that_hangs_is_killed_with_its_domain),
        T(test_one_that_does_not_quit_gets_the_signal),
        T(test_a_start_is_undone_if_nothing_can_be_set),
        T(test_a_password_is_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
