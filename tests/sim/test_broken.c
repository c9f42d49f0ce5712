/*
 * test_broken.c - a state directory with files that are broken, and an engine
 * that ends in the middle of starting what starts with the host: no definition
 * is lost, no domain is forgotten, and what cannot be done is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static void
restart(void)
{
    world_kill(&w);
    world_start(&w, false);
}

static void
path_of(const uint8_t uuid[16], const char *suffix, char *dst, size_t n)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s%s", w.state, text, suffix);
}

static void
overwrite(const uint8_t uuid[16], const char *suffix, const char *text)
{
    char path[256];
    int fd;

    path_of(uuid, suffix, path, sizeof(path));
    fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

static void
hide(const uint8_t uuid[16], const char *suffix)
{
    char path[256], aside[300];

    path_of(uuid, suffix, path, sizeof(path));
    text_fmt(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(path, path), 0); /* ELOOP */
}

static void
show(const uint8_t uuid[16], const char *suffix)
{
    char path[256], aside[300];

    path_of(uuid, suffix, path, sizeof(path));
    text_fmt(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(aside, path), 0);
}

static const struct event *
refused(void)
{
    size_t i;

    for (i = 0; i < engine_event_count(w.en); i++)
        if (engine_event_at(w.en, i)->kind == EVENT_REFUSED)
            return engine_event_at(w.en, i);
    return NULL;
}

/* Running or off. */
static const struct dom *
web9(void)
{
    return engine_dom_find(w.en, "web9", NULL);
}

/* --- definitions --- */

static void
test_broken_state_loses_no_definition(void **state)
{
    static const char *const texts[] = { "", "defi", "defined = maybe;\n",
                                         "\177ELF", "colour = \"red\";\n" };
    uint8_t uuid[16];
    size_t i;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        overwrite(uuid, ".state", texts[i]);
        restart();
        assert_non_null(web9());
        assert_true(web9()->off);
    }
    assert_int_equal(engine_undefine(w.en, web9()->id, &e), 0);
    assert_null(web9());
    restart();
    assert_null(web9());
}

static void
test_broken_state_of_one_that_runs(void **state)
{
    uint8_t uuid[16];
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    overwrite(uuid, ".state", "");
    restart();
    world_pass(&w, 30000);
    (void)sim_guest_shutdown(w.sim, web9()->domid, HV_POWEROFF);
    world_idle(&w);
    assert_true(web9()->off);
    assert_string_equal(web9()->last_end, "poweroff");
}

static void
test_broken_definition_is_told_and_kept(void **state)
{
    uint8_t uuid[16];
    char path[256];

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    overwrite(uuid, ".conf", "name = ");
    restart();
    assert_null(web9());
    assert_non_null(world_event(&w, "definition left out: "));
    assert_non_null(world_event(&w, ".conf:1: "));
    path_of(uuid, ".conf", path, sizeof(path));
    assert_int_equal(access(path, F_OK), 0);
}

/* A look that fails is no sign that there is nothing: it stays listed, its name
 * is taken, and it is read again. */
static void
test_unreadable_definition_stays(void **state)
{
    uint8_t uuid[16];
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    hide(uuid, ".conf");
    assert_int_equal(engine_define(w.en, world_conf(&w, "web8", ""), &e), 0);
    assert_non_null(web9());
    assert_memory_equal(web9()->uuid, uuid, sizeof(uuid));
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, &e), -1);
    assert_int_equal(e.code, ERR_EXISTS);
    show(uuid, ".conf");
    world_pass(&w, 2000);
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* Nor is the name of one free that was never read. */
static void
test_unreadable_definition_keeps_names(void **state)
{
    uint8_t uuid[16];
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    hide(uuid, ".conf");
    restart();
    assert_null(web9());
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, &e), -1);
    assert_non_null(strstr(e.msg, "may have this name"));
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), -1);
    assert_non_null(strstr(e.msg, "may have this name"));
    show(uuid, ".conf");
    world_pass(&w, 2000);
    assert_non_null(web9());
    assert_memory_equal(web9()->uuid, uuid, sizeof(uuid));
    (void)world_guest(&w, "web8", "");
}

/* What it says is not known, and is not replaced by a guess. */
static void
test_unreadable_state_is_not_replaced(void **state)
{
    uint8_t uuid[16];
    char path[256];
    struct stat sb;

    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    hide(uuid, ".state");
    (void)sim_guest_shutdown(w.sim, web9()->domid, HV_POWEROFF);
    world_idle(&w);
    path_of(uuid, ".state", path, sizeof(path));
    assert_int_equal(lstat(path, &sb), 0);
    assert_true(S_ISLNK(sb.st_mode));
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), -1);
    assert_non_null(strstr(e.msg, "could not be read"));
    show(uuid, ".state");
    restart();
    world_pass(&w, 10000);
    assert_null(web9()); /* it is no definition */
}

/* web9 is defined, runs, and is another tool's. */
static void
disowned_definition(uint8_t uuid[16])
{
    uint64_t op;

    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    memcpy(uuid, web9()->uuid, 16);
    assert_int_equal(engine_disown(w.en, web9()->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* What its operator wrote is not replaced by what libxl knows. */
static void
test_adoption_keeps_a_broken_definition(void **state)
{
    static const char text[] = "name = \"web9\";\n]";
    uint8_t uuid[16];
    struct buf now = { 0 };
    char path[256];
    uint64_t op;

    (void)state;
    disowned_definition(uuid);
    overwrite(uuid, ".conf", text);
    assert_int_equal(engine_adopt(w.en, web9()->id, NULL, &op, &e), -1);
    assert_non_null(strstr(e.msg, ".conf:2: "));
    world_pass(&w, 1000);
    assert_false(world_dom(&w, "web9")->owned);
    path_of(uuid, ".conf", path, sizeof(path));
    assert_int_equal(fd_read_file(path, 4096, &now, NULL), 0);
    assert_string_equal(buf_text(&now), text);
    buf_free(&now);
    assert_int_equal(engine_adopt(w.en, world_dom(&w, "web9")->id,
                                  world_conf(&w, "web9", ""), &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static void
test_adoption_with_an_unreadable_definition(void **state)
{
    uint8_t uuid[16];
    uint64_t op;

    (void)state;
    disowned_definition(uuid);
    hide(uuid, ".conf");
    assert_int_equal(
        engine_adopt(w.en, world_dom(&w, "web9")->id, NULL, &op, &e), -1);
    show(uuid, ".conf");
    assert_int_equal(
        engine_adopt(w.en, world_dom(&w, "web9")->id, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* --- the lock of the engine of record --- */

static void
test_lock_that_cannot_be_had_is_told(void **state)
{
    char path[128];

    (void)state;
    world_kill(&w);
    text_fmt(path, sizeof(path), "%s/engine.lock", w.run);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* root may write anywhere */
    world_start(&w, false);
    assert_true(engine_host_info(w.en)->unlocked);
    assert_non_null(world_event(&w, "nobody reaps and restarts the domains: "));
    assert_int_equal(rmdir(path), 0);
    world_pass(&w, 2000);
    assert_false(engine_host_info(w.en)->unlocked);
    assert_non_null(world_event(&w, "has the lock now; this engine reaps"));
}

/* --- domains that run --- */

static void
test_end_with_a_broken_configuration_is_told(void **state)
{
    char path[256];

    (void)state;
    world_guest(&w, "web9", "restart = \"always\"; on_crash = \"preserve\";");
    world_pass(&w, 30000);
    path_of(web9()->uuid, ".conf", path, sizeof(path));
    overwrite(web9()->uuid, ".conf", "name = \"web9\";\n]");
    (void)sim_guest_shutdown(w.sim, web9()->domid, HV_CRASH);
    world_idle(&w);
    assert_null(web9());
    assert_non_null(refused());
    assert_int_equal(refused()->level, EVENT_ERROR);
    assert_non_null(strstr(refused()->text, ".conf:2: "));
    assert_int_equal(access(path, F_OK), 0);
    restart();
    assert_int_equal(access(path, F_OK), 0);
}

/* That the file cannot be opened now says nothing of what it asks for. */
static void
test_end_with_an_unreadable_configuration_waits(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    hide(web9()->uuid, ".conf");
    (void)sim_guest_shutdown(w.sim, web9()->domid, HV_REBOOT);
    world_pass(&w, 12000);
    assert_non_null(web9());
    show(web9()->uuid, ".conf");
    world_pass(&w, 12000);
    assert_int_equal(web9()->restarts, 1);
    assert_int_equal(web9()->flags & DOM_F_SHUTDOWN, 0);
}

static void
end_by_request(int (*ask)(struct engine *, uint64_t, uint64_t *, struct err *))
{
    uint64_t op;

    world_guest(&w, "web9", "on_poweroff = \"restart\";");
    world_pass(&w, 30000);
    sim_delay_add(w.sim, "guest.shutdown", 5000);
    assert_int_equal(ask(w.en, web9()->id, &op, &e), 0);
    world_pass(&w, 3000);
    hide(web9()->uuid, ".conf");
    world_pass(&w, 12000);
    assert_int_not_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    assert_non_null(web9());
    assert_true(web9()->flags & DOM_F_SHUTDOWN);
    show(web9()->uuid, ".conf");
    world_pass(&w, 12000);
    assert_int_equal(web9()->restarts, 1);
    assert_int_equal(web9()->flags & DOM_F_SHUTDOWN, 0);
}

static void
test_reboot_with_a_broken_configuration_is_refused(void **state)
{
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    overwrite(web9()->uuid, ".conf", "\n\nx");
    assert_int_equal(engine_reboot(w.en, web9()->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(
        strstr(engine_op_by_id(w.en, op)->err.msg, "would not come back"));
    assert_int_equal(web9()->flags & DOM_F_SHUTDOWN, 0);
}

static void
test_requested_end_with_an_unreadable_configuration(void **state)
{
    (void)state;
    end_by_request(engine_shutdown);
}

static void
test_requested_reboot_with_an_unreadable_configuration(void **state)
{
    (void)state;
    end_by_request(engine_reboot);
}

/* --- autostart --- */

static const struct op *
creation(void)
{
    size_t i;

    for (i = 0; i < engine_op_count(w.en); i++)
        if (engine_op_at(w.en, i)->verb == OP_CREATE)
            return engine_op_at(w.en, i);
    return NULL;
}

static bool
is_half_built(void *arg)
{
    const struct op *o = creation();

    (void)arg;
    return o != NULL && o->domid != 0;
}

static void
begin_autostart(void)
{
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "autostart = true;"), &e),
        0);
    world_kill(&w);
    world_start_auto(&w);
    assert_true(loop_until(w.lp, is_half_built, NULL, 10000));
    assert_int_equal(creation()->state, OP_RUNNING);
}

static void
test_autostart_of_a_killed_engine_is_begun_again(void **state)
{
    (void)state;
    begin_autostart();
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 20000);
    assert_false(web9()->off);
    assert_false(web9()->building);
}

static void
test_autostart_of_an_ended_engine_is_begun_again(void **state)
{
    (void)state;
    begin_autostart();
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    world_start(&w, false);
    assert_true(web9()->off); /* taken back in order */
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 20000);
    assert_false(web9()->off);
}

/* Started by hand before, and stopped by hand: that was its start. */
static void
test_autostart_leaves_out_what_ran(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "autostart = true;"), &e),
        0);
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 20000);
    (void)sim_guest_shutdown(w.sim, web9()->domid, HV_POWEROFF);
    world_idle(&w);
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 20000);
    assert_true(web9()->off);
}

static void
test_autostart_that_fails_is_tried_again(void **state)
{
    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "autostart = true;"), &e),
        0);
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web8", "autostart = true;"), &e),
        0);
    world_kill(&w);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    world_start_auto(&w);
    world_pass(&w, 5000);
    assert_string_equal(dom_state_word(engine_dom_find(w.en, "web8", NULL)),
                        "refused");
    assert_false(web9()->off);
    assert_non_null(world_event(&w, "; tried again in 10 s"));
    world_pass(&w, 20000);
    assert_false(engine_dom_find(w.en, "web8", NULL)->off);
}

/* Left out at the start, it is started once somebody has mended it. */
static void
test_autostart_of_a_mended_definition(void **state)
{
    uint8_t uuid[16];
    char path[256], aside[300];

    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "autostart = true;"), &e),
        0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    world_kill(&w);
    path_of(uuid, ".conf", path, sizeof(path));
    text_fmt(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(path, path), 0);
    world_start_auto(&w);
    world_pass(&w, 15000);
    assert_null(web9());
    assert_int_equal(rename(aside, path), 0);
    world_pass(&w, 30000);
    assert_non_null(web9());
    assert_false(web9()->off);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_broken_state_loses_no_definition),
        T(test_broken_state_of_one_that_runs),
        T(test_broken_definition_is_told_and_kept),
        T(test_unreadable_definition_stays),
        T(test_unreadable_definition_keeps_names),
        T(test_unreadable_state_is_not_replaced),
        T(test_adoption_keeps_a_broken_definition),
        T(test_adoption_with_an_unreadable_definition),
        T(test_lock_that_cannot_be_had_is_told),
        T(test_end_with_a_broken_configuration_is_told),
        T(test_end_with_an_unreadable_configuration_waits),
        T(test_reboot_with_a_broken_configuration_is_refused),
        T(test_requested_end_with_an_unreadable_configuration),
        T(test_requested_reboot_with_an_unreadable_configuration),
        T(test_autostart_of_a_killed_engine_is_begun_again),
        T(test_autostart_of_an_ended_engine_is_begun_again),
        T(test_autostart_leaves_out_what_ran),
        T(test_autostart_that_fails_is_tried_again),
        T(test_autostart_of_a_mended_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
