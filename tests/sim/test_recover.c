/*
 * test_recover.c - what outlives an engine: domains, definitions, policy; who
 * reaps when there are several; domains taken in and let go of.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/core/trace_switch.h"
#include "engine/dom0/dom0_driver.h"
#include "engine/host/domains.h"
#include "engine/host/vnet.h"
#include "engine/hv/hv_driver.h"
#include "engine/record/db.h"
#include "engine/store/store_trace.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"
#include "tests/sim/world.h"

/* Killed engines lose what was on their stack. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static const struct dom *
named(struct engine *en, const char *name)
{
    return engine_dom_find(en, name, NULL);
}

/* Events of e whose text holds this. */
static unsigned
count_events(struct engine *en, const char *text)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < engine_event_count(en); i++)
        n += strstr(engine_event_at(en, i)->text, text) != NULL;
    return n;
}

static void
test_running_domain_is_taken_back(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    world_kill(&w);
    world_pass(&w, 5000);
    world_start(&w, false);
    assert_true(named(w.en, "web9")->owned);
    assert_true(named(w.en, "web9")->start_wall_s > 0);
    world_pass(&w, 5000);
    assert_non_null(domains_by_name(w.en, "web9")->con);
}

/* No domain is at stake, and none is named. */
static void
test_network_that_was_being_made(void **state)
{
    char path[160];
    uint64_t op;
    struct err e = { 0 };
    int fd;

    (void)state;
    text_fmt(path, sizeof(path), "%s/create.lock", w.run);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(engine_vnet_create(w.en, "labnet", &op, &e), 0);
    world_pass(&w, 100);
    world_kill(&w);
    close(fd);
    world_start(&w, false);
    assert_int_equal(count_events(w.en, "recovery: network was at 'bridge' "
                                        "when its engine died: there is no "
                                        "network 'labnet' now"),
                     1);
}

static void
test_death_without_an_engine_is_reaped_by_policy(void **state)
{
    (void)state;
    world_guest(&w, "ends", "");
    world_guest(&w, "boots", "");
    world_pass(&w, 30000);
    assert_int_equal(
        sim_guest_shutdown(w.sim, named(w.en, "ends")->domid, HV_POWEROFF), 0);
    assert_int_equal(
        sim_guest_shutdown(w.sim, named(w.en, "boots")->domid, HV_REBOOT), 0);
    world_kill(&w);
    world_pass(&w, 5000);
    world_start(&w, false);
    world_pass(&w, 10000);
    assert_null(named(w.en, "ends"));
    assert_non_null(named(w.en, "boots"));
    assert_int_equal(named(w.en, "boots")->flags & DOM_F_SHUTDOWN, 0);
}

static void
test_second_engine_is_refused(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_null(world_second(&w, &e));
    assert_int_equal(e.code, ERR_BUSY);
    assert_non_null(strstr(e.msg, "pid "));
    assert_non_null(strstr(e.msg, "--replace"));
}

/* Its host's calls go on, into no log that went with it. */
static void
test_refused_engine_ends_its_trace(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(engine_trace(w.en, true, &e), 0);
    trace_stop(w.en); /* the host is the same: let the second trace it */
    assert_null(world_second(&w, &e));
    assert_int_equal(e.code, ERR_BUSY);
    assert_null(engine_hv(w.en)->trace);
    assert_null(engine_store(w.en)->trace);
    assert_null(engine_dom0(w.en)->trace);
    assert_int_equal(engine_trace(w.en, false, &e), 0);
}

static void
test_definition_outlives_domain_and_engine(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_true(named(w.en, "web9")->off);
    assert_int_equal(named(w.en, "web9")->domid, DOM_NO_DOMID);
    assert_string_equal(dom_state_word(named(w.en, "web9")), "off");
    assert_int_equal(engine_pause(w.en, named(w.en, "web9")->id, NULL, &e), -1);
    assert_non_null(strstr(e.msg, "is off"));
    assert_int_equal(engine_create(w.en, w.conf, NULL, &op, &e), -1);
    assert_non_null(strstr(e.msg, "start web9"));
    assert_int_equal(
        engine_start(w.en, named(w.en, "web9")->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(named(w.en, "web9")->off);
    world_kill(&w);
    world_start(&w, false);
    (void)sim_guest_shutdown(w.sim, named(w.en, "web9")->domid, HV_POWEROFF);
    world_pass(&w, 10000);
    assert_true(named(w.en, "web9")->off);
    assert_int_equal(engine_undefine(w.en, named(w.en, "web9")->id, &e), 0);
    assert_null(named(w.en, "web9"));
}

static void
test_autostart_once_a_boot(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(engine_define(w.en,
                                   world_conf(&w, "late",
                                              "autostart = true; "
                                              "autostart_order = 200;"),
                                   &e),
                     0);
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "early", "autostart_delay = 30;"),
                      &e),
        0);
    assert_int_equal(
        engine_set_autostart(w.en, named(w.en, "early")->id, true, &e), 0);
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 15000);
    assert_false(named(w.en, "early")->off);
    assert_true(named(w.en, "late")->off);
    world_pass(&w, 40000);
    assert_false(named(w.en, "late")->off);
    (void)sim_guest_shutdown(w.sim, named(w.en, "late")->domid, HV_POWEROFF);
    world_pass(&w, 10000);
    assert_true(named(w.en, "late")->off);
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 60000);
    assert_true(named(w.en, "late")->off);
}

static void
test_adopted_domain_is_reaped(void **state)
{
    struct err e = { 0 };
    uint32_t domid;
    uint64_t op;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 2000);
    assert_int_equal(
        engine_adopt(w.en, named(w.en, "theirs")->id, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(named(w.en, "theirs")->owned);
    assert_int_equal(engine_disown(w.en, named(w.en, "theirs")->id, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(named(w.en, "theirs")->owned);
    assert_int_equal(
        engine_adopt(w.en, named(w.en, "theirs")->id, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, named(w.en, "theirs")->id, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "its configuration is not on record"));
    (void)sim_guest_shutdown(w.sim, domid, HV_POWEROFF);
    assert_true(world_until_gone(&w, "theirs"));
}

static void
test_definition_outlives_disowning(void **state)
{
    struct domain_config *c;
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "restart = \"always\";"),
                      &e),
        0);
    assert_int_equal(
        engine_start(w.en, named(w.en, "web9")->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(engine_disown(w.en, named(w.en, "web9")->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(engine_adopt(w.en, named(w.en, "web9")->id, NULL, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(
        db_load(engine_paths(w.en)->state, named(w.en, "web9")->uuid, &c, &e),
        0);
    assert_int_equal(c->on[CONFIG_ON_POWEROFF], CONFIG_RESTART);
    config_free(c);
}

static void
test_leftovers_are_collected(void **state)
{
    char path[160];

    (void)state;
    text_fmt(path, sizeof(path), "%s/99999999-2222-4333-8444-555555555555.conf",
             w.state);
    assert_int_equal(rename(world_conf(&w, "web9", ""), path), 0);
    assert_int_equal(store_write(engine_store(w.en), 0,
                                 "/libxl/77/xendeck/owner", "xendeck", NULL),
                     0);
    assert_int_equal(store_write(engine_store(w.en), 0,
                                 "/libxl/77/xendeck/uuid",
                                 "99999999-2222-4333-8444-555555555555", NULL),
                     0);
    world_kill(&w);
    world_start(&w, false);
    assert_int_equal(access(path, F_OK), -1);
    assert_false(store_exists(engine_store(w.en), 0, "/libxl/77"));
    assert_int_equal(count_events(w.en, "are removed from xenstore"), 1);
    assert_int_equal(count_events(w.en, "its configuration is forgotten"), 1);
}

/* --- tuning --- */

static uint64_t
guest_up(void)
{
    uint64_t id = world_guest(&w, "web9", "vcpus = 2; maxvcpus = 4;");

    world_pass(&w, 30000);
    return id;
}

static void
die_and_follow(void)
{
    world_kill(&w);
    world_start(&w, false);
}

static void
expect_name(const char *name)
{
    const struct dom *d = named(w.en, name);
    struct domain_config *c;
    char path[96], uuid[37], text[64];

    assert_non_null(d);
    uuid_print_text(d->uuid, uuid);
    store_path(path, sizeof(path), "/vm/%s/name", uuid);
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, text, sizeof(text), NULL),
        0);
    assert_string_equal(text, name);
    assert_int_equal(db_load(engine_paths(w.en)->state, d->uuid, &c, NULL), 0);
    assert_string_equal(c->name, name);
    config_free(c);
}

static void
test_rename_is_done_again(void **state)
{
    uint64_t id = guest_up();

    (void)state;
    assert_int_equal(engine_rename(w.en, id, "shop1", NULL, NULL), 0);
    die_and_follow();
    assert_int_equal(count_events(w.en, "repeated (rename shop1)"), 1);
    world_pass(&w, 1000);
    expect_name("shop1");
    assert_null(named(w.en, "web9"));
}

/* What its engine had written of the new name is for its next life, too. */
static void
test_rename_of_one_that_rebooted(void **state)
{
    uint64_t id = guest_up();
    uint32_t domid = named(w.en, "web9")->domid;
    char path[96];

    (void)state;
    assert_int_equal(engine_rename(w.en, id, "shop1", NULL, NULL), 0);
    store_path(path, sizeof(path), "/local/domain/%u/name", domid);
    assert_int_equal(store_write(engine_store(w.en), 0, path, "shop1", NULL),
                     0);
    (void)sim_guest_shutdown(w.sim, domid, HV_REBOOT);
    die_and_follow();
    world_pass(&w, 20000);
    assert_int_equal(count_events(w.en, "restarts after reboot"), 1);
    expect_name("shop1");
}

static void
test_wait_for_the_balloon_is_the_guests(void **state)
{
    uint64_t id = guest_up();

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 48 * 1024, NULL, NULL), 0);
    world_pass(&w, 10);
    die_and_follow();
    assert_int_equal(count_events(w.en, "the guest follows by itself"), 1);
    world_pass(&w, 20000);
    assert_int_equal(named(w.en, "web9")->target_kib, 48 * 1024);
    assert_true(named(w.en, "web9")->mem_kib <= 52 * 1024);
}

/* Paused meanwhile: what is asked for is set, and waits for it. */
static void
test_target_of_a_paused_domain(void **state)
{
    uint64_t id = guest_up();

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 48 * 1024, NULL, NULL), 0);
    assert_int_equal(
        hv_pause(engine_hv(w.en), named(w.en, "web9")->domid, NULL), 0);
    die_and_follow();
    assert_int_equal(count_events(w.en, "repeated (target 49152)"), 1);
    world_pass(&w, 1000);
    assert_int_equal(named(w.en, "web9")->target_kib, 48 * 1024);
}

static void
test_sysrq_is_withdrawn(void **state)
{
    uint64_t id = guest_up();
    char path[96], text[8];

    (void)state;
    store_path(path, sizeof(path), "/local/domain/%u/control/sysrq",
               named(w.en, "web9")->domid);
    assert_int_equal(engine_sysrq(w.en, id, 's', NULL, NULL), 0);
    assert_int_equal(store_write(engine_store(w.en), 0, path, "s", NULL), 0);
    die_and_follow();
    assert_int_equal(count_events(w.en, "has not taken is withdrawn"), 1);
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, text, sizeof(text), NULL),
        0);
    assert_string_equal(text, "");
}

static void
test_single_calls_are_not_repeated(void **state)
{
    uint64_t id = guest_up();

    (void)state;
    assert_int_equal(engine_nmi(w.en, id, 0, NULL, NULL), 0);
    assert_int_equal(engine_pause(w.en, id, NULL, NULL), 0);
    die_and_follow();
    assert_int_equal(count_events(w.en, "it had done nothing"), 1);
    assert_int_equal(count_events(w.en, "the domain is not paused"), 1);
    world_pass(&w, 1000);
    assert_int_equal(named(w.en, "web9")->flags & DOM_F_PAUSED, 0);
}

static void
test_pool_move_comes_to_the_record(void **state)
{
    uint64_t id = guest_up();
    struct domain_config *c;
    int pool = sim_pool_add(w.sim, "batch", SCHEDULER_CREDIT, 1, 1);

    (void)state;
    assert_true(pool > 0);
    assert_int_equal(engine_pool_move(w.en, id, "batch", NULL, NULL), 0);
    assert_int_equal(hv_pool_move(engine_hv(w.en), named(w.en, "web9")->domid,
                                  (unsigned)pool, NULL),
                     0);
    die_and_follow();
    world_pass(&w, 1000);
    assert_int_equal(
        db_load(engine_paths(w.en)->state, named(w.en, "web9")->uuid, &c, NULL),
        0);
    assert_non_null(c->pool);
    assert_string_equal(c->pool, "batch");
    config_free(c);
}

/* What a dead engine of another version has left on record. */
static void
leave_record(const char *version, const char *step)
{
    char path[160], boot[64], uuid[37];
    struct buf b = { 0 };
    int fd;

    maker_boot(boot, sizeof(boot));
    uuid_print_text(named(w.en, "web9")->uuid, uuid);
    buf_fmt(&b, "%sboot %s\nbegin 1 memory\nset 1 name web9\n", version, boot);
    buf_fmt(&b, "set 1 uuid %s\nset 1 domid %u\nset 1 step %s\n", uuid,
            named(w.en, "web9")->domid, step);
    text_fmt(path, sizeof(path), "%s/ops/99999.0", w.run);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, b.data, b.len), 0);
    close(fd);
    buf_free(&b);
}

static void
test_record_of_an_older_version_is_read(void **state)
{
    (void)state;
    (void)guest_up();
    leave_record("", "balloon"); /* version 1: the label of the step */
    die_and_follow();
    assert_int_equal(count_events(w.en, "the guest follows by itself"), 1);
}

static void
test_record_of_a_later_version_is_left_alone(void **state)
{
    char path[160];

    (void)state;
    (void)guest_up();
    leave_record("version 3\n", "wait-guest");
    die_and_follow();
    world_pass(&w, 10000);
    assert_int_equal(count_events(w.en, "is of a later version"), 1);
    assert_int_equal(count_events(w.en, "the guest follows by itself"), 0);
    text_fmt(path, sizeof(path), "%s/ops/99999.0", w.run);
    assert_int_equal(access(path, F_OK), 0);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_running_domain_is_taken_back),
        T(test_network_that_was_being_made),
        T(test_death_without_an_engine_is_reaped_by_policy),
        T(test_second_engine_is_refused),
        T(test_refused_engine_ends_its_trace),
        T(test_definition_outlives_domain_and_engine),
        T(test_autostart_once_a_boot),
        T(test_adopted_domain_is_reaped),
        T(test_definition_outlives_disowning),
        T(test_leftovers_are_collected),
        T(test_rename_is_done_again),
        T(test_rename_of_one_that_rebooted),
        T(test_wait_for_the_balloon_is_the_guests),
        T(test_target_of_a_paused_domain),
        T(test_sysrq_is_withdrawn),
        T(test_single_calls_are_not_repeated),
        T(test_pool_move_comes_to_the_record),
        T(test_record_of_an_older_version_is_read),
        T(test_record_of_a_later_version_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
