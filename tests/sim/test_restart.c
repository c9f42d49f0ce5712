/*
 * test_restart.c - what follows the end of a domain on the simulated host:
 * every policy for every end, the minimum restart time, identity over a
 * restart, what is preserved, the console over it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/core/engine_int.h"
#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "engine/sim/sim_int.h"
#include "tests/sim/world.h"

static struct world w;

WORLD_FIXTURE(world_open(&w, 0, false), world_close(&w))

/* The dead one under its other name. */
static const struct dom *
renamed(void)
{
    size_t i;

    for (i = 0; i < engine_dom_count(w.en); i++)
        if (strncmp(engine_dom_at(w.en, i)->name, "web9-", 5) == 0)
            return engine_dom_at(w.en, i);
    return NULL;
}

static size_t
count_events(enum event_kind k)
{
    size_t i, n = 0;

    for (i = 0; i < engine_event_count(w.en); i++)
        n += engine_event_at(w.en, i)->kind == k;
    return n;
}

static const struct event *
event_of(enum event_kind k)
{
    size_t i;

    for (i = 0; i < engine_event_count(w.en); i++)
        if (engine_event_at(w.en, i)->kind == k)
            return engine_event_at(w.en, i);
    return NULL;
}

static void
die(enum hv_reason r)
{
    assert_int_equal(sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, r),
                     0);
    world_idle(&w);
}

static void
destroy(const struct dom *d)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, d->id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_idle(&w);
}

/* --- every policy, every end --- */

static const struct {
    const char *setting;
    enum hv_reason reason;
} ends[] = { { "on_poweroff", HV_POWEROFF },
             { "on_reboot", HV_REBOOT },
             { "on_crash", HV_CRASH },
             { "on_watchdog", HV_WATCHDOG } };

static const struct {
    const char *word;
    bool keeps, renames, restarts;
} actions[] = { { "destroy", false, false, false },
                { "restart", false, false, true },
                { "preserve", true, false, false },
                { "rename-restart", true, true, true },
                { "coredump-destroy", false, false, false },
                { "coredump-restart", false, false, true } };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
check_new_life(size_t a, uint64_t id, uint32_t domid)
{
    const struct dom *d = world_dom(&w, "web9");

    if (!actions[a].restarts)
        return;
    assert_non_null(d);
    assert_int_not_equal(d->id, id);
    assert_false(d->preserved);
    assert_int_equal(d->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED), 0);
    assert_int_equal(d->restarts, 1);
    if (actions[a].renames)
        assert_int_not_equal(d->domid, domid);
    else
        assert_int_equal(d->domid, domid);
}

static void
check_kept(size_t a, size_t e, uint64_t id)
{
    const struct dom *d = engine_dom_by_id(w.en, id);

    assert_int_equal(count_events(EVENT_REAPED), actions[a].keeps ? 0 : 1);
    if (!actions[a].keeps) {
        assert_null(d);
        return;
    }
    assert_non_null(d);
    assert_true(d->preserved);
    assert_int_equal(d->reason, ends[e].reason);
    assert_string_equal(dom_state_word(d), "preserved");
    assert_ptr_equal(renamed(), actions[a].renames ? d : NULL);
}

static void
check_dump(size_t a)
{
    const struct event *ev = world_event(&w, "its memory after ");
    const char *path;

    if (strncmp(actions[a].word, "coredump", 8) != 0) {
        assert_null(ev);
        return;
    }
    assert_non_null(ev);
    path = strchr(ev->text, '/');
    assert_non_null(path);
    assert_int_equal(access(path, R_OK), 0);
}

static void
one_case(size_t a, size_t e)
{
    char more[96], *before = world_dump(&w), *after;
    uint64_t id;
    uint32_t domid;

    text_fmt(more, sizeof(more), "%s = \"%s\";", ends[e].setting,
             actions[a].word);
    id = world_guest(&w, "web9", more);
    domid = world_dom(&w, "web9")->domid;
    world_pass(&w, 30000);
    die(ends[e].reason);
    check_kept(a, e, id);
    check_new_life(a, id, domid);
    check_dump(a);
    assert_int_equal(count_events(EVENT_RESTART), actions[a].restarts);
    assert_int_equal(count_events(EVENT_REFUSED), 0);
    if (actions[a].restarts)
        assert_string_equal(event_of(EVENT_RESTART)->reason,
                            dom_reason_name((enum dom_reason)ends[e].reason));
    world_pass(&w, 60000); /* what is kept is not touched again */
    if (actions[a].keeps)
        destroy(engine_dom_by_id(w.en, id));
    if (world_dom(&w, "web9") != NULL)
        destroy(world_dom(&w, "web9"));
    after = world_dump(&w);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void
test_every_policy_for_every_end(void **state)
{
    size_t a, e;

    (void)state;
    for (a = 0; a < COUNT(actions); a++)
        for (e = 0; e < COUNT(ends); e++) {
            world_open(&w, 0, false);
            one_case(a, e);
            world_close(&w);
        }
}

/* --- who asked --- */

static void
test_policy_holds_whoever_asked(void **state)
{
    uint64_t id = world_guest(&w, "web9", "on_poweroff = \"restart\";"), op;

    (void)state;
    world_pass(&w, 30000);
    assert_int_equal(engine_shutdown(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    op = engine_op_by_id(w.en, op)->next;
    assert_int_not_equal(op, 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_destroyed_domain_never_comes_back(void **state)
{
    (void)state;
    world_guest(&w, "web9", "restart = \"always\";");
    world_pass(&w, 30000);
    destroy(world_dom(&w, "web9"));
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(count_events(EVENT_RESTART), 0);
}

static void
test_reboot_without_restart_says_so(void **state)
{
    uint64_t id = world_guest(&w, "web9", "restart = \"never\";"), op;

    (void)state;
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_non_null(world_event(&w, "on_reboot = \"destroy\""));
    assert_null(world_dom(&w, "web9"));
}

/* --- the minimum restart time --- */

static void
test_crash_loop_ends(void **state)
{
    const struct event *ev;

    (void)state;
    world_guest(&w, "web9", "on_crash = \"restart\";");
    world_pass(&w, 19000);
    die(HV_CRASH);
    assert_null(world_dom(&w, "web9"));
    ev = event_of(EVENT_REFUSED);
    assert_non_null(ev);
    assert_int_equal(ev->level, EVENT_ERROR);
    assert_string_equal(ev->reason, "crash");
    assert_non_null(strstr(ev->text, "the minimum is 20 s"));
    assert_int_equal(count_events(EVENT_RESTART), 0);
}

static void
test_minimum_of_a_domain_wins(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"restart\"; restart_min = 5;");
    world_pass(&w, 6000);
    die(HV_CRASH);
    assert_non_null(world_dom(&w, "web9"));
    die(HV_CRASH);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(count_events(EVENT_RESTART), 1);
    assert_int_equal(count_events(EVENT_REFUSED), 1);
}

static void
test_no_minimum(void **state)
{
    unsigned i;

    (void)state;
    world_guest(&w, "web9", "on_crash = \"restart\"; restart_min = 0;");
    for (i = 1; i <= 5; i++) {
        die(HV_CRASH);
        assert_int_equal(world_dom(&w, "web9")->restarts, i);
    }
}

static void
test_refused_rename_is_preserved(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"rename-restart\";");
    world_pass(&w, 5000);
    die(HV_CRASH);
    assert_true(world_dom(&w, "web9")->preserved);
    assert_non_null(world_event(&w, "restart refused after crash"));
}

/* The guest is asked for nothing that would be its end. */
static void
test_reboot_too_early_is_refused_at_once(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;

    (void)state;
    world_pass(&w, 5000);
    assert_int_equal(engine_reboot(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "its minimum restart time is 20 s"));
    world_idle(&w);
    assert_int_equal(world_dom(&w, "web9")->id, id);
    assert_int_equal(world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN, 0);
}

/* The boot clock counts, not the one that people and NTP set. */
static void
test_minimum_holds_when_the_clock_is_set(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 5000);
    loop_set_wall(w.lp, loop_wall_s(w.lp) + 3600);
    die(HV_REBOOT);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(count_events(EVENT_REFUSED), 1);
    world_guest(&w, "web8", "");
    world_pass(&w, 30000);
    loop_set_wall(w.lp, loop_wall_s(w.lp) - 15);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web8")->domid, HV_REBOOT), 0);
    world_idle(&w);
    assert_non_null(world_dom(&w, "web8"));
}

/* Xen scrubs it for a while. */
static void
test_memory_of_the_last_life_is_waited_for(void **state)
{
    uint64_t all;

    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    all = w.sim->total_kib;
    w.sim->total_kib = 1;
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT), 0);
    world_pass(&w, 3000);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(count_events(EVENT_REFUSED), 0);
    w.sim->total_kib = all;
    world_idle(&w);
    assert_non_null(world_dom(&w, "web9"));
}

/* It is told as a refusal is, and nothing is left. */
static void
test_restart_that_fails_is_told(void **state)
{
    const struct event *refused;

    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    die(HV_REBOOT);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(event_of(EVENT_REFUSED)->level, EVENT_ERROR);
    refused = event_of(EVENT_REFUSED);
    assert_true(refused != NULL && strstr(refused->text, "not restarted"));
}

/* --- identity --- */

static void
test_domid_that_is_taken_is_not_waited_for(void **state)
{
    uint32_t domid, other;

    (void)state;
    world_guest(&w, "web9", "");
    domid = world_dom(&w, "web9")->domid;
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, EEXIST);
    die(HV_REBOOT);
    other = world_dom(&w, "web9")->domid;
    assert_int_not_equal(other, domid);
}

static void
test_changed_configuration_holds_for_the_next_life(void **state)
{
    struct domain_config *c;
    uint8_t uuid[16];

    (void)state;
    world_guest(&w, "web9", "");
    memcpy(uuid, world_dom(&w, "web9")->uuid, sizeof(uuid));
    assert_int_equal(db_load(engine_paths(w.en)->state, uuid, &c, NULL), 0);
    c->maxvcpus = 4;
    assert_int_equal(db_save(engine_paths(w.en)->state, uuid, c, NULL), 0);
    config_free(c);
    world_pass(&w, 30000);
    die(HV_REBOOT);
    assert_int_equal(world_dom(&w, "web9")->vcpus_max, 4);
    assert_memory_equal(world_dom(&w, "web9")->uuid, uuid, sizeof(uuid));
}

static void
test_dead_one_has_its_own_identity(void **state)
{
    const struct dom *dead;
    struct domain_config *c;
    char path[64], text[64];

    (void)state;
    world_guest(&w, "web9", "on_crash = \"rename-restart\";");
    world_pass(&w, 30000);
    die(HV_CRASH);
    dead = renamed();
    assert_non_null(dead);
    assert_int_equal(strlen(dead->name), strlen("web9-20261121T091500"));
    assert_memory_not_equal(dead->uuid, world_dom(&w, "web9")->uuid, 16);
    assert_int_equal(db_load(engine_paths(w.en)->state, dead->uuid, &c, NULL),
                     0);
    assert_string_equal(c->name, dead->name);
    config_free(c);
    store_path(path, sizeof(path), "/local/domain/%u/name", dead->domid);
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, text, sizeof(text), NULL),
        0);
    assert_string_equal(text, dead->name);
}

/* The mark is all that an engine that starts later has to go by. */
static void
test_preserved_is_known_from_its_mark(void **state)
{
    struct dom_entry *de;
    char path[64], text[32];

    (void)state;
    world_guest(&w, "web9", "on_crash = \"preserve\";");
    world_pass(&w, 30000);
    die(HV_CRASH);
    de = domains_by_name(w.en, "web9");
    store_path(path, sizeof(path), "/libxl/%u/xendeck/preserved", de->d.domid);
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, text, sizeof(text), NULL),
        0);
    assert_string_equal(text, "crash");
    de->d.preserved = false;
    domains_read_store(de);
    assert_true(de->d.preserved);
}

static void
test_rename_that_fails_restarts_all_the_same(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"rename-restart\";");
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.set_uuid", 1, EIO);
    die(HV_CRASH);
    assert_null(renamed());
    assert_non_null(world_event(&w, "not preserved"));
    assert_non_null(world_dom(&w, "web9"));
    assert_int_equal(count_events(EVENT_REAPED), 1);
}

static void
test_dump_that_fails_is_told(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"coredump-restart\";");
    world_pass(&w, 30000);
    text_fmt(w.en->paths.dump, sizeof(w.en->paths.dump), "/nowhere/at/all");
    die(HV_CRASH);
    assert_non_null(world_event(&w, "no core dump after crash"));
    assert_non_null(world_dom(&w, "web9"));
    assert_int_equal(world_dom(&w, "web9")->restarts, 1);
}

/* --- the console --- */

struct reader {
    struct console_client cl;
    struct buf text;
};

static void
on_data(struct console_client *c, const char *bytes, size_t n)
{
    buf_add(&container_of(c, struct reader, cl)->text, bytes, n);
}

static void
test_late_client_sees_the_seam(void **state)
{
    struct reader r = { .cl.data = on_data };
    char seam[64];
    uint32_t domid;

    (void)state;
    world_guest(&w, "web9", "");
    domid = world_dom(&w, "web9")->domid;
    world_settle(&w, 30000);
    die(HV_REBOOT);
    world_settle(&w, 2000);
    assert_int_equal(
        console_attach(w.en, world_dom(&w, "web9")->id, 0, &r.cl, NULL), 0);
    text_fmt(seam, sizeof(seam), " web9: reboot, domain %u -> %u ---", domid,
             domid);
    assert_non_null(strstr(buf_text(&r.text), seam));
    console_detach(&r.cl);
    buf_free(&r.text);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_policy_for_every_end),
        T(test_policy_holds_whoever_asked),
        T(test_destroyed_domain_never_comes_back),
        T(test_reboot_without_restart_says_so),
        T(test_crash_loop_ends),
        T(test_minimum_of_a_domain_wins),
        T(test_no_minimum),
        T(test_refused_rename_is_preserved),
        T(test_reboot_too_early_is_refused_at_once),
        T(test_minimum_holds_when_the_clock_is_set),
        T(test_memory_of_the_last_life_is_waited_for),
        T(test_restart_that_fails_is_told),
        T(test_domid_that_is_taken_is_not_waited_for),
        T(test_changed_configuration_holds_for_the_next_life),
        T(test_dead_one_has_its_own_identity),
        T(test_preserved_is_known_from_its_mark),
        T(test_rename_that_fails_restarts_all_the_same),
        T(test_dump_that_fails_is_told),
        T(test_late_client_sees_the_seam),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
