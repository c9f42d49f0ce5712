/*
 * test_dm.c - device models on the simulated host: started for who needs one,
 * their death told, ended with their domain, found again by the next engine.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/dm/dm_int.h"
#include "engine/sim/sim_outside_model.h"
#include "engine/task/task.h"
#include "tests/sim/world.h"

#define QCOW2                                                                  \
    "{ type = \"vbd\"; path = \"/dev/vg/web9\"; vdev = \"xvda\"; "             \
    "format = \"qcow2\"; }"
#define DISK "devices = ( " QCOW2 " );"
#define SCREEN                                                                 \
    "devices = ( " QCOW2 ", { type = \"vfb\"; }, "                             \
    "{ type = \"vkbd\"; } );"

static struct world w;
static struct err e;

static int
setup(void **state)
{
    (void)state;
    world_open(&w, 0, false);
    memset(&e, 0, sizeof(e));
    return 0;
}

static int
setup_kept(void **state)
{
    (void)state;
    world_open_kept(&w, 0);
    memset(&e, 0, sizeof(e));
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

static uint32_t
domid_of(uint64_t id)
{
    const struct dom *d = engine_dom_by_id(w.en, id);

    assert_non_null(d);
    return d->domid;
}

static void
assert_node(const char *want, const char *fmt, uint32_t domid)
{
    char path[128], text[128];

    text_fmt(path, sizeof(path), "/local/domain/");
    text_fmt(path + strlen(path), sizeof(path) - strlen(path), "%s", fmt);
    {
        char *at = strstr(path, "DOMID"), rest[128];

        assert_non_null(at);
        text_fmt(rest, sizeof(rest), "%s", at + 5);
        text_fmt(at, sizeof(path) - (size_t)(at - path), "%u%s", domid, rest);
    }
    if (store_read_text(engine_store(w.en), 0, path, text, sizeof(text), &e) <
        0)
        fail_msg("%s", e.msg);
    assert_string_equal(text, want);
}

static void
assert_missing(const char *fmt, uint32_t domid)
{
    char path[128];

    text_fmt(path, sizeof(path), "/local/domain/0/device-model/%u%s", domid,
             fmt);
    assert_false(store_exists(engine_store(w.en), 0, path));
}

static void
destroy(uint64_t id)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static void
test_disk_is_served(void **state)
{
    char *before = world_dump(&w), *after;
    uint64_t id = world_guest(&w, "web9", DISK);
    uint32_t domid = domid_of(id);

    (void)state;
    world_pass(&w, 1000);
    assert_true(dm_may_run(w.en, domid));
    assert_node("4", "0/backend/qdisk/DOMID/51712/state", domid);
    assert_node("qcow2:/dev/vg/web9", "0/backend/qdisk/DOMID/51712/params",
                domid);
    assert_node("qdisk", "0/backend/qdisk/DOMID/51712/type", domid);
    assert_node("running", "0/device-model/DOMID/state", domid);
    assert_node("4", "DOMID/device/vbd/51712/state", domid);
    destroy(id);
    world_pass(&w, 1000);
    assert_missing("", domid);
    after = world_dump(&w);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* As QEMU does: the answer comes when the nodes are gone, and makes new ones.
 */
static void
test_what_a_late_backend_writes_goes_too(void **state)
{
    char *before = world_dump(&w), path[96];
    uint64_t id = world_guest(&w, "web9", DISK);

    (void)state;
    text_fmt(path, sizeof(path), "/local/domain/0/backend/qdisk/%u/51728/state",
             domid_of(id));
    assert_int_equal(store_write(engine_store(w.en), 0, path, "6", &e), 0);
    destroy(id);
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
destroy_at_once(uint64_t id)
{
    uint64_t began = loop_now_ms(engine_loop(w.en));

    destroy(id);
    assert_in_range(loop_now_ms(engine_loop(w.en)) - began, 0, 500);
}

/* Its model ends first: what a dead process served is not waited for. */
static void
test_a_destruction_waits_for_no_backend(void **state)
{
    uint64_t id;

    (void)state;
    destroy_at_once(world_guest(&w, "web9", SCREEN));
    id = world_guest(&w, "web9", SCREEN);
    assert_int_equal(sim_model_kill(w.sim, domid_of(id)), 0);
    world_pass(&w, 10);
    destroy_at_once(id);
}

static void
test_screens_get_ports_of_their_own(void **state)
{
    uint32_t a = domid_of(world_guest(&w, "web1",
                                      "devices = ( { type = "
                                      "\"vfb\"; } );"));
    uint32_t b = domid_of(world_guest(&w, "web2",
                                      "devices = ( { type = "
                                      "\"vfb\"; } );"));
    const struct model *ma = dm_find(w.en, a), *mb = dm_find(w.en, b);
    char text[16];

    (void)state;
    world_pass(&w, 1000);
    assert_non_null(ma);
    assert_non_null(mb);
    assert_true(ma->port >= 5900);
    assert_int_not_equal(ma->port, mb->port);
    text_fmt(text, sizeof(text), "%u", mb->port);
    assert_node(text, "DOMID/console/vnc-port", b);
    assert_node("127.0.0.1", "DOMID/console/vnc-listen", b);
    assert_node("4", "0/backend/vfb/DOMID/0/state", b);
}

static void
test_no_model_without_need(void **state)
{
    uint32_t domid =
        domid_of(world_guest(&w, "web9",
                             "devices = ( { type = \"vbd\"; path = "
                             "\"/dev/vg/web9\"; vdev = \"xvda\"; } );"));

    (void)state;
    assert_false(dm_may_run(w.en, domid));
    assert_null(dm_find(w.en, domid));
}

static void
test_death_is_told(void **state)
{
    uint64_t id = world_guest(&w, "web9", DISK);
    uint32_t domid = domid_of(id);

    (void)state;
    world_pass(&w, 1000);
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_pass(&w, 10);
    assert_non_null(world_event(&w, "device model was killed by signal 9"));
    assert_int_equal(world_event(&w, "killed by signal 9")->level, EVENT_ERROR);
    assert_null(dm_find(w.en, domid));
    destroy(id);
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_a_destroyed_domain_is_no_death(void **state)
{
    uint64_t id = world_guest(&w, "web9", DISK);

    (void)state;
    destroy(id);
    world_pass(&w, 10000);
    assert_null(world_event(&w, "device model"));
}

static void
assert_start_fails(const char *call, int errnum, enum err_code code,
                   const char *text)
{
    char *before = world_dump(&w), *after;
    const struct op *o;
    uint64_t op;

    sim_fault_add(w.sim, call, 1, errnum);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", SCREEN), NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    o = engine_op_by_id(w.en, op);
    if (strstr(o->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, o->err.msg);
    assert_int_equal(o->err.code, code);
    world_pass(&w, 1000);
    after = world_dump(&w);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void
test_a_start_that_fails_is_undone(void **state)
{
    (void)state;
    assert_start_fails("dom0.model_start", EIO, ERR_IO, "dom0.model_start");
    assert_start_fails("dm.start", EIO, ERR_LOST,
                       "its device model ended with status 1");
    assert_start_fails("dm.start", ETIMEDOUT, ERR_TIMEOUT,
                       "start device model: nothing came in 60");
}

/* Begins it; the number of the operation. */
static uint64_t
hot_add(uint64_t id, const char *const words[3])
{
    struct device_want want = { .kind = "vbd", .words = words, .n = 3 };
    uint64_t op;

    assert_int_equal(engine_device_add(w.en, id, &want, &op, &e), 0);
    return op;
}

static void
test_hot_added(void **state)
{
    static const char *const words[] = { "path=/dev/vg/more", "vdev=xvdb",
                                         "format=qcow2" };
    uint64_t id = world_guest(&w, "web9", ""), op;
    uint32_t domid = domid_of(id);

    (void)state;
    world_pass(&w, 10000);
    op = hot_add(id, words);
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
    world_pass(&w, 1000);
    assert_true(dm_may_run(w.en, domid));
    assert_node("4", "0/backend/qdisk/DOMID/51728/state", domid);
    assert_int_equal(
        engine_device_remove(
            w.en, id, &(struct device_leave){ "vbd", "xvdb", false }, &op, &e),
        0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    op = hot_add(id, words);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    destroy(id);
    assert_false(dm_may_run(w.en, domid));
}

static void
test_a_hot_add_that_fails_is_undone(void **state)
{
    static const char *const words[] = { "path=/dev/vg/more", "vdev=xvdb",
                                         "format=qcow2" };
    uint64_t id = world_guest(&w, "web9", ""), op;
    char *before, *after;

    (void)state;
    world_pass(&w, 10000);
    before = world_dump(&w);
    sim_fault_add(w.sim, "dm.start", 1, EIO);
    op = hot_add(id, words);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    world_pass(&w, 5000);
    after = world_dump(&w);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void
test_a_reboot_has_a_model_again(void **state)
{
    uint64_t id = world_guest(&w, "web9", SCREEN);
    uint32_t domid = domid_of(id);
    const struct dom_entry *de;

    (void)state;
    world_pass(&w, 30000);
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_REBOOT), 0);
    world_pass(&w, 30000);
    de = domains_by_name(w.en, "web9");
    assert_non_null(de);
    assert_true(dm_may_run(w.en, de->d.domid));
    assert_null(world_event(&w, "device model"));
}

static void
test_the_next_engine_watches_it(void **state)
{
    uint32_t domid = domid_of(world_guest(&w, "web9", DISK));

    (void)state;
    world_pass(&w, 1000);
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 1000);
    assert_non_null(dm_find(w.en, domid));
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_pass(&w, 10);
    assert_non_null(world_event(&w, "killed by signal 9"));
}

/* As at the limit of descriptors: nobody can see whether it lives. */
static void
test_a_look_that_fails_proves_no_death(void **state)
{
    uint32_t domid = domid_of(world_guest(&w, "web9", DISK));

    (void)state;
    world_pass(&w, 1000);
    world_kill(&w);
    sim_hide_processes(w.sim, true);
    world_start(&w, false);
    world_pass(&w, 1000);
    assert_null(world_event(&w, "ended while no engine watched"));
    assert_non_null(dm_find(w.en, domid));
    sim_hide_processes(w.sim, false);
}

static void
test_the_next_engine_tells_a_death_meanwhile(void **state)
{
    uint32_t domid = domid_of(world_guest(&w, "web9", DISK));

    (void)state;
    world_pass(&w, 1000);
    world_kill(&w);
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_start(&w, false);
    world_pass(&w, 1000);
    assert_non_null(world_event(&w, "ended while no engine watched"));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define K(f) cmocka_unit_test_setup_teardown(f, setup_kept, teardown)
    const struct CMUnitTest tests[] = {
        T(test_disk_is_served),
        T(test_what_a_late_backend_writes_goes_too),
        T(test_a_destruction_waits_for_no_backend),
        T(test_screens_get_ports_of_their_own),
        T(test_no_model_without_need),
        T(test_death_is_told),
        T(test_a_destroyed_domain_is_no_death),
        T(test_a_start_that_fails_is_undone),
        T(test_hot_added),
        T(test_a_hot_add_that_fails_is_undone),
        T(test_a_reboot_has_a_model_again),
        K(test_the_next_engine_watches_it),
        K(test_a_look_that_fails_proves_no_death),
        K(test_the_next_engine_tells_a_death_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
