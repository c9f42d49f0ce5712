/*
 * test_sweep.c - what ended domains leave behind goes while the engine runs:
 * files of domains that another tool has ended, locks of domains that are gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/device/devices.h"
#include "engine/host/domains.h"
#include "tests/sim/world.h"

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static void
remove_node(const char *fmt, const char *of)
{
    char path[128];

    text_fmt(path, sizeof(path), "%s%s", fmt, of);
    (void)store_rm(engine_store(w.en), 0, path, NULL);
}

/* As libxl does: nodes of the domain, its own file, and the domain. */
static void
xl_destroy(const struct dom *d)
{
    char number[16], uuid[37], path[256];
    uint32_t domid = d->domid;

    text_fmt(number, sizeof(number), "%u", domid);
    uuid_print_text(d->uuid, uuid);
    text_fmt(path, sizeof(path), "%s/libxl/userdata-d.%u.%s.libxl-json",
             w.state, domid, uuid);
    remove_node("/local/domain/0/backend/vif/", number);
    remove_node("/local/domain/0/backend/console/", number);
    remove_node("/local/domain/", number);
    remove_node("/libxl/", number);
    remove_node("/vm/", uuid);
    (void)unlink(path);
    assert_int_equal(hv_destroy(engine_hv(w.en), domid, NULL), 0);
}

static void
assert_no_file(const char *dir, const char *fmt, const char *of)
{
    char path[256];

    text_fmt(path, sizeof(path), "%s/%s", dir, fmt);
    text_fmt(path + strlen(path), sizeof(path) - strlen(path), "%s", of);
    if (access(path, F_OK) == 0)
        fail_msg("%s is left", path);
}

static void
test_destroyed_by_xl(void **state)
{
    char uuid[48], number[32];

    (void)state;
    (void)world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    uuid_print_text(world_dom(&w, "web9")->uuid, uuid);
    text_fmt(number, sizeof(number), "%u.lock", world_dom(&w, "web9")->domid);
    xl_destroy(world_dom(&w, "web9"));
    world_pass(&w, 10000);
    assert_null(world_dom(&w, "web9"));
    text_fmt(uuid + 36, sizeof(uuid) - 36, ".conf");
    assert_no_file(w.state, "", uuid);
    text_fmt(uuid + 36, sizeof(uuid) - 36, ".state");
    assert_no_file(w.state, "", uuid);
    assert_no_file(w.run, "dom-", number);
    assert_non_null(world_event(&w, "its configuration is forgotten"));
}

static void
test_definition_destroyed_by_xl_stays(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_int_equal(engine_start(w.en, engine_dom_find(w.en, "web9", NULL)->id,
                                  false, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    xl_destroy(world_dom(&w, "web9"));
    world_pass(&w, 10000);
    assert_true(engine_dom_find(w.en, "web9", NULL)->off);
}

static void
test_destroyed_by_xl_amid_an_attach(void **state)
{
    static const char *const words[] = { "bridge=xenbr0" };
    const struct device_want want = { .kind = "vif", .words = words, .n = 1 };
    char *before = world_dump(&w);
    struct err e = { 0 };
    char path[96];
    uint64_t op;

    (void)state;
    (void)world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    sim_delay_add(w.sim, "dev.script", 5000);
    if (engine_device_add(w.en, world_dom(&w, "web9")->id, &want, &op, &e) < 0)
        fail_msg("%s", e.msg);
    world_pass(&w, 2000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_RUNNING);
    text_fmt(path, sizeof(path),
             "/local/domain/0/backend/vif/%u/0/hotplug-status",
             world_dom(&w, "web9")->domid);
    xl_destroy(world_dom(&w, "web9"));
    world_pass(&w, 2000);
    /* The script ends now, and knows of nothing. */
    assert_int_equal(
        store_write(engine_store(w.en), 0, path, "connected", NULL), 0);
    world_pass(&w, 120000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_FAILED);
    world_unchanged(&w, before);
}

static int
make_file(const char *dir, const char *name)
{
    char path[256];
    int fd;

    text_fmt(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void
test_stale_locks_go_at_the_start(void **state)
{
    char consoles[256];

    (void)state;
    text_fmt(consoles, sizeof(consoles), "%s", engine_paths(w.en)->consoles);
    world_kill(&w);
    close(make_file(consoles, "xenconsole.7777"));
    world_start(&w, false);
    text_fmt(consoles, sizeof(consoles), "%s", engine_paths(w.en)->consoles);
    assert_no_file(consoles, "xenconsole.7777", "");
}

/* More than any number that was thought of ends between two sweeps. */
static void
test_backends_of_many(void **state)
{
    uint32_t domids[70];
    char name[16], path[96];
    size_t i;

    (void)state;
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%zu", i);
        (void)world_guest(&w, name, "");
        domids[i] = world_dom(&w, name)->domid;
    }
    world_pass(&w, 30000);
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%zu", i);
        xl_destroy(world_dom(&w, name));
    }
    world_pass(&w, 2000);
    for (i = 0; i < 70; i++) { /* by a script that was late */
        store_path(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/x",
                   domids[i]);
        assert_int_equal(store_write(engine_store(w.en), 0, path, "1", NULL),
                         0);
    }
    assert_int_equal(store_write(engine_store(w.en), 0,
                                 "/local/domain/0/backend/vif/9999/0/x", "1",
                                 NULL),
                     0);
    world_pass(&w, 10000);
    for (i = 0; i < 70; i++) {
        store_path(path, sizeof(path), "/local/domain/0/backend/vif/%u",
                   domids[i]);
        if (!store_absent(engine_store(w.en), 0, path))
            fail_msg("%zu: %s is left", i, path);
    }
    assert_true(store_exists(engine_store(w.en), 0,
                             "/local/domain/0/backend/vif/9999/0/x"));
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_destroyed_by_xl),
        T(test_definition_destroyed_by_xl_stays),
        T(test_destroyed_by_xl_amid_an_attach),
        T(test_stale_locks_go_at_the_start),
        T(test_backends_of_many),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
