/*
 * test_driver_server.c - which domain it is that serves a device: by its
 * number, with a name that a configuration cannot have or that is another's
 * number, and when it dies again while its devices are attached again.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/record/db.h"
#include "tests/sim/world.h"

#define VIF                                                                    \
    "devices = ( { type = \"vif\"; mac = \"00:16:3e:00:00:09\"; "              \
    "backend = \"%s\"; } );"

static struct world w;
static uint64_t op;
static struct err e;

/* Killed engines lose what was on their stack. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static void
begin(void)
{
    err_clear(&e);
    world_open_kept(&w, 0);
}

WORLD_FIXTURE(begin(), world_close(&w))

static const struct dom *
named(const char *name)
{
    const struct dom *d = world_dom(&w, name);

    if (d == NULL)
        fail_msg("no domain %s", name);
    return d;
}

static void
await(void)
{
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
}

static struct dom_device
vif_of(const char *name)
{
    struct dom_device d[8];
    size_t n;

    if (engine_devices(w.en, named(name)->id, d, 8, &n, &e) < 0)
        fail_msg("%s", e.msg);
    while (n-- > 0)
        if (strcmp(d[n].kind, "vif") == 0)
            return d[n];
    fail_msg("no vif");
    return d[0];
}

static bool
is_served_by(const char *name, uint32_t domid)
{
    struct dom_device d = vif_of(name);

    return d.backend_domid == domid && d.state == 4;
}

static const char *
vif_by(const char *server)
{
    static char more[160];

    text_fmt(more, sizeof(more), VIF, server);
    return more;
}

static const char *
number(uint32_t domid)
{
    static char text[16];

    text_fmt(text, sizeof(text), "%u", domid);
    return text;
}

/* What the configuration of web9 on record has as its backend. */
static void
assert_on_record(const char *want)
{
    struct domain_config *c;

    if (db_load(w.state, named("web9")->uuid, &c, &e) < 0)
        fail_msg("%s", e.msg);
    assert_string_equal(config_device_value(&c->devices[0], "backend"), want);
    config_free(c);
}

/* --- by its number --- */

static uint32_t
stranger(const char *name)
{
    uint32_t domid;

    assert_int_equal(sim_foreign_guest(w.sim, name, &domid), 0);
    world_pass(&w, 10000);
    return domid;
}

static void
test_number_becomes_a_name(void **state)
{
    uint32_t net = stranger("net1");

    (void)state;
    (void)world_guest(&w, "web9", vif_by(number(net)));
    world_pass(&w, 5000);
    assert_true(is_served_by("web9", net));
    assert_on_record("net1");
}

/* xl allows a domain to have the number of another as its name. */
static void
test_its_name_is_the_number_of_another(void **state)
{
    uint32_t net;

    (void)state;
    (void)world_guest(&w, "other", "");
    net = stranger(number(named("other")->domid));
    assert_int_not_equal(net, named("other")->domid);
    (void)world_guest(&w, "web9", vif_by(number(net)));
    world_pass(&w, 5000);
    assert_true(is_served_by("web9", net));
    assert_on_record(number(net));
}

static void
test_its_name_is_none_for_a_configuration(void **state)
{
    uint32_t net = stranger("my net");

    (void)state;
    (void)world_guest(&w, "web9", vif_by(number(net)));
    world_pass(&w, 5000);
    assert_true(is_served_by("web9", net));
    assert_on_record(number(net));
}

/* Added while it runs: looked up as the words are read, and when attached. */
static void
test_added_later(void **state)
{
    char word[32];
    const char *words[] = { word };
    uint32_t net;

    (void)state;
    (void)world_guest(&w, "other", "");
    (void)world_guest(&w, "web9", "");
    net = stranger(number(named("other")->domid));
    text_fmt(word, sizeof(word), "backend=%u", net);
    assert_int_equal(
        engine_device_add(
            w.en, named("web9")->id,
            &(struct device_want){ .kind = "vif", .words = words, .n = 1 }, &op,
            &e),
        0);
    await();
    world_pass(&w, 5000);
    assert_true(is_served_by("web9", net));
}

/* --- it gets another name --- */

static void
rename_to(const char *from, const char *to)
{
    uint64_t rename;

    assert_int_equal(engine_rename(w.en, named(from)->id, to, &rename, &e), 0);
    assert_int_equal(world_wait(&w, rename), OP_DONE);
    world_pass(&w, 2000);
}

/* As another tool does. */
static void
rename_outside(uint32_t domid, const char *to)
{
    char path[64];

    store_path(path, sizeof(path), "/local/domain/%u/name", domid);
    assert_int_equal(store_write(sim_store(w.sim), 0, path, to, &e), 0);
    world_pass(&w, 2000);
}

static void
test_its_new_name_is_followed(void **state)
{
    (void)state;
    (void)world_guest(&w, "net1", "");
    (void)world_guest(&w, "web9", vif_by("net1"));
    world_pass(&w, 5000);
    assert_on_record("net1");
    rename_to("net1", "net2");
    assert_on_record("net2");
    assert_non_null(world_event(&w, "is served by 'net1', now 'net2'"));
    rename_outside(named("net2")->domid, "net3");
    assert_on_record("net3");
    rename_outside(named("net3")->domid, "my net");
    assert_on_record("net3");
    assert_non_null(world_event(&w, "whose new name no configuration can"));
}

/* Who is off finds it as well, and who means another is left alone. */
static void
test_its_new_name_is_followed_by_definitions(void **state)
{
    struct domain_config *c;

    (void)state;
    (void)world_guest(&w, "net1", "");
    (void)world_guest(&w, "store1", "");
    if (engine_define(w.en, world_conf(&w, "web9", vif_by("net1")), &e) < 0)
        fail_msg("%s", e.msg);
    world_pass(&w, 2000);
    rename_to("store1", "store2");
    assert_null(world_event(&w, "is served by"));
    rename_to("net1", "net2");
    assert_int_equal(db_load(engine_paths(w.en)->state,
                             engine_dom_find(w.en, "web9", NULL)->uuid, &c, &e),
                     0);
    assert_string_equal(config_device_value(&c->devices[0], "backend"), "net2");
    config_free(c);
}

static const struct dom *
off_at(unsigned i)
{
    static const char *const names[] = { "off0", "off1", "off2" };
    const struct dom *d = engine_dom_find(w.en, names[i], NULL);

    if (d == NULL)
        fail_msg("no definition %s", names[i]);
    return d;
}

/* Definitions off0 to off2, in the order of their files, of which the middle
 * one has no device. */
static void
define_three(const char *server)
{
    char name[8], more[256];
    unsigned i;

    for (i = 0; i < 3; i++) {
        text_fmt(name, sizeof(name), "off%u", i);
        text_fmt(more, sizeof(more),
                 "uuid = \"%u1111111-2222-4333-8444-55555555aaaa\"; %s", i + 1,
                 i == 1 ? "" : vif_by(server));
        if (engine_define(w.en, world_conf(&w, name, more), &e) < 0)
            fail_msg("%s", e.msg);
    }
    world_pass(&w, 2000);
}

static void
assert_definition_has(unsigned i, const char *want)
{
    struct domain_config *c;

    if (db_load(w.state, off_at(i)->uuid, &c, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(c->n_devices, 1);
    assert_string_equal(config_device_value(&c->devices[0], "backend"), want);
    config_free(c);
}

static void
test_each_definition_follows_and_stays_itself(void **state)
{
    uint64_t ids[3];
    unsigned i;

    (void)state;
    (void)world_guest(&w, "net1", "");
    define_three("net1");
    for (i = 0; i < 3; i++)
        ids[i] = off_at(i)->id;
    rename_to("net1", "net2");
    for (i = 0; i < 3; i++)
        assert_int_equal(off_at(i)->id, ids[i]);
    assert_definition_has(0, "net2");
    assert_definition_has(2, "net2");
}

/* xl puts aside what has died, or is another host's, under another name: who
 * is served by it next has the old one. */
static void
put_aside(enum hv_reason how, const char *name)
{
    uint32_t domid;

    world_close(&w);
    begin();
    assert_int_equal(sim_foreign_guest(w.sim, "net1", &domid), 0);
    world_pass(&w, 2000);
    define_three("net1");
    assert_int_equal(sim_guest_shutdown(w.sim, domid, how), 0);
    rename_outside(domid, name);
    assert_non_null(world_dom(&w, name));
    assert_definition_has(0, "net1");
    assert_definition_has(2, "net1");
    assert_null(world_event(&w, "is served by"));
}

static void
test_the_name_of_a_dead_one_is_not_followed(void **state)
{
    (void)state;
    put_aside(HV_CRASH, "net1-20261201T050000Z");
    put_aside(HV_SUSPEND, "net1--migratedaway");
}

/* It is renamed between the look and the attachment: it is the same domain. */
static void
test_renamed_meanwhile(void **state)
{
    uint32_t net;
    uint64_t rename;

    (void)state;
    (void)world_guest(&w, "net1", "");
    net = named("net1")->domid;
    world_pass(&w, 10000);
    sim_delay_add(w.sim, "console.tty", 5000);
    assert_int_equal(engine_create(w.en,
                                   world_conf(&w, "web9", vif_by(number(net))),
                                   NULL, &op, &e),
                     0);
    assert_int_equal(
        engine_rename(w.en, named("net1")->id, "net2", &rename, &e), 0);
    assert_int_equal(world_wait(&w, rename), OP_DONE);
    await();
    world_pass(&w, 5000);
    assert_true(is_served_by("web9", net));
    assert_on_record("net2");
}

/* It has gone, and its number with it: a domain of that name is another. */
static void
test_lost_for_good(void **state)
{
    uint32_t net = stranger("my net");

    (void)state;
    (void)world_guest(&w, "web9", vif_by(number(net)));
    world_pass(&w, 5000);
    world_kill(&w);
    hv_destroy(sim_hv(w.sim), net, &e);
    world_pass(&w, 5000);
    world_start(&w, false);
    world_pass(&w, 5000);
    (void)stranger(number(net));
    world_pass(&w, 60000);
    assert_int_equal(vif_of("web9").state, DOM_DEVICE_LOST);
}

static void
test_attached_again_by_one_with_such_a_name(void **state)
{
    uint32_t net, other;

    (void)state;
    (void)world_guest(&w, "other", "");
    other = named("other")->domid;
    net = stranger(number(other));
    (void)world_guest(&w, "web9", vif_by(number(net)));
    world_pass(&w, 5000);
    hv_destroy(sim_hv(w.sim), net, &e);
    world_pass(&w, 10000);
    assert_int_equal(vif_of("web9").state, DOM_DEVICE_LOST);
    net = stranger(number(other));
    world_pass(&w, 60000);
    assert_true(is_served_by("web9", net));
}

/* --- it dies again while its devices are attached again --- */

static unsigned
reattachments(void)
{
    size_t i;
    unsigned n = 0;

    for (i = 0; i < engine_op_count(w.en); i++)
        n += engine_op_at(w.en, i)->verb == OP_REATTACH;
    return n;
}

static void
make_both(void)
{
    (void)world_guest(&w, "net1", "driver_domain = true;");
    world_pass(&w, 10000);
    (void)world_guest(&w, "web9", vif_by("net1"));
    world_pass(&w, 10000);
}

static void
make_server_again(void)
{
    assert_int_equal(engine_destroy(w.en, named("net1")->id, &op, &e), 0);
    await();
    (void)world_guest(&w, "net1", "driver_domain = true;");
}

/* Its operation is queued behind another one of the guest. */
static void
test_dies_twice_while_it_is_queued(void **state)
{
    uint64_t memory;

    (void)state;
    make_both();
    assert_int_equal(sim_guest_ignore_tuning(w.sim, named("web9")->domid, true),
                     0);
    assert_int_equal(
        engine_mem_set(w.en, named("web9")->id, 32 * 1024, &memory, &e), 0);
    world_pass(&w, 100);
    make_server_again();
    world_pass(&w, 1000);
    assert_int_equal(reattachments(), 1);
    assert_true(engine_op_by_id(w.en, memory)->state <= OP_RUNNING);
    make_server_again();
    world_pass(&w, 120000);
    assert_true(is_served_by("web9", named("net1")->domid));
    assert_int_equal(reattachments(), 1); /* the guest had the time to see */
}

/* At each moment of the re-attachment. */
static void
test_dies_while_they_are_attached_again(void **state)
{
    unsigned ms;

    (void)state;
    make_both();
    for (ms = 0; ms < 3000; ms += 100) {
        make_server_again();
        world_pass(&w, ms);
        make_server_again();
        world_pass(&w, 120000);
        if (!is_served_by("web9", named("net1")->domid))
            fail_msg("not attached again after %u ms", ms);
        if (reattachments() > (ms / 100 + 1) * 2)
            fail_msg("%u re-attachments after %u ms", reattachments(), ms);
    }
}

/* --- an engine that looks again, or a later one --- */

/* At each moment of the re-attachment, and while the guest is waited for. */
static void
test_engine_dies_while_they_are_attached_again(void **state)
{
    unsigned ms;

    (void)state;
    for (ms = 500; ms < 8000; ms += 500) {
        world_close(&w);
        begin();
        make_both();
        assert_int_equal(engine_destroy(w.en, named("net1")->id, &op, &e), 0);
        await();
        sim_delay_add(w.sim, "dev.backend", 1500); /* a slow guest */
        (void)world_guest(&w, "net1", "driver_domain = true;");
        world_pass(&w, ms);
        world_kill(&w);
        world_pass(&w, 1000);
        world_start(&w, false);
        world_pass(&w, 300000);
        if (!is_served_by("web9", named("net1")->domid))
            fail_msg("killed after %u ms: not attached again", ms);
    }
}

/* Recovery that is repeated each second, for there is an operation at work that
 * this version does not know. */
static void
test_recovery_disturbs_nothing(void **state)
{
    char path[256];
    FILE *f;

    (void)state;
    make_both();
    text_fmt(path, sizeof(path), "%s/ops/4242.0", engine_paths(w.en)->run);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "version 2\nbegin 1 create\nset 1 name x\n");
    assert_int_equal(fclose(f), 0);
    world_pass(&w, 5000);
    make_server_again();
    world_pass(&w, 120000);
    assert_true(is_served_by("web9", named("net1")->domid));
    assert_int_equal(reattachments(), 1);
}

/* A look that fails is no answer: it is looked again. */
static void
test_failure_at_every_look(void **state)
{
    uint32_t net;
    unsigned nth;

    (void)state;
    for (nth = 1; nth <= 60; nth++) {
        world_close(&w);
        begin();
        make_both();
        net = named("net1")->domid;
        world_kill(&w);
        hv_destroy(sim_hv(w.sim), net, &e);
        world_pass(&w, 5000);
        world_start(&w, false);
        sim_fault_add(w.sim, "store.*", nth, EIO);
        world_pass(&w, 5000);
        sim_fault_clear(w.sim);
        (void)world_guest(&w, "net1", "driver_domain = true;");
        world_pass(&w, 300000);
        if (!is_served_by("web9", named("net1")->domid))
            fail_msg("look %u failed: not attached again", nth);
    }
}

static void
test_what_cannot_be_looked_at_is_told_once(void **state)
{
    unsigned nth, told = 0;
    size_t i;

    (void)state;
    make_both();
    world_kill(&w);
    world_start(&w, false);
    for (nth = 1; nth <= 400; nth++)
        sim_fault_add(w.sim, "store.list", nth, EIO);
    world_pass(&w, 10000);
    sim_fault_clear(w.sim);
    for (i = 0; i < engine_event_count(w.en); i++)
        told += strstr(engine_event_at(w.en, i)->text, "looked for again") !=
                    NULL &&
                strcmp(engine_event_at(w.en, i)->name, "web9") == 0;
    assert_int_equal(told, 1);
    world_pass(&w, 5000);
    make_server_again();
    world_pass(&w, 60000);
    assert_true(is_served_by("web9", named("net1")->domid));
}

static int
run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_number_becomes_a_name),
        T(test_its_name_is_the_number_of_another),
        T(test_its_name_is_none_for_a_configuration),
        T(test_added_later),
        T(test_its_new_name_is_followed),
        T(test_its_new_name_is_followed_by_definitions),
        T(test_each_definition_follows_and_stays_itself),
        T(test_the_name_of_a_dead_one_is_not_followed),
        T(test_renamed_meanwhile),
        T(test_lost_for_good),
        T(test_attached_again_by_one_with_such_a_name),
        T(test_dies_twice_while_it_is_queued),
        T(test_dies_while_they_are_attached_again),
        T(test_engine_dies_while_they_are_attached_again),
        T(test_recovery_disturbs_nothing),
        T(test_failure_at_every_look),
        T(test_what_cannot_be_looked_at_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
