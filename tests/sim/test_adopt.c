/*
 * test_adopt.c - a domain of xl's becomes ours with all that libxl has on
 * record of it: devices, actions, scheduling. What it has that cannot be read
 * is told.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* As `xl create' leaves it. */
static uint32_t
theirs(const char *json)
{
    char path[300], uuid[37];
    uint32_t domid;
    int fd;

    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 2000);
    uuid_print_text(world_dom(&w, "theirs")->uuid, uuid);
    text_fmt(path, sizeof(path), "%s/userdata-d.%u.%s.libxl-json",
             engine_paths(w.en)->libxl, domid, uuid);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, json, strlen(json)), 0);
    close(fd);
    return domid;
}

static void
adopt(void)
{
    uint64_t op;

    err_clear(&e);
    if (engine_adopt(w.en, world_dom(&w, "theirs")->id, NULL, &op, &e) < 0 ||
        world_wait(&w, op) != OP_DONE)
        fail_msg("%s", e.msg);
}

static void
test_all_that_libxl_knows(void **state)
{
    struct domain_config *c = NULL;

    (void)state;
    (void)theirs(
        "{ \"c_info\": { \"type\": \"pv\", \"name\": \"old-name\", \"uuid\": "
        "\"0865ec5c-a1c4-494d-9363-63217d30b684\" }, \"b_info\": { "
        "\"max_vcpus\": 2, \"avail_vcpus\": [ 0 ], \"max_memkb\": 131072, "
        "\"target_memkb\": 65536, \"vcpu_hard_affinity\": [ [ 0, 1 ], [ 1 ] ], "
        "\"sched_params\": { \"weight\": 512, \"cap\": 50 }, \"kernel\": "
        "\"/kern/vmlinuz\", \"cmdline\": \"ro\", \"type.pv\": { } }, "
        "\"disks\": [ { \"pdev_path\": \"/srv/a.img\", \"vdev\": \"xvda\", "
        "\"format\": \"raw\", \"readwrite\": 1 } ], \"nics\": [ { \"mac\": "
        "\"00:16:3e:00:00:12\", \"bridge\": \"xenbr0\", \"nictype\": \"vif\" "
        "} ], \"on_poweroff\": \"restart_rename\", \"on_crash\": "
        "\"coredump_destroy\" }");
    adopt();
    assert_int_equal(db_load(engine_paths(w.en)->state,
                             world_dom(&w, "theirs")->uuid, &c, &e),
                     0);
    assert_string_equal(c->name, "theirs"); /* it was renamed since */
    assert_memory_equal(c->uuid, world_dom(&w, "theirs")->uuid, 16);
    assert_int_equal(c->n_devices, 2);
    assert_int_equal(c->weight, 512);
    assert_int_equal(c->cap, 50);
    assert_int_equal(c->on[CONFIG_ON_POWEROFF], CONFIG_RENAME_RESTART);
    assert_int_equal(c->on[CONFIG_ON_CRASH], CONFIG_COREDUMP_DESTROY);
    assert_int_equal(c->on[CONFIG_ON_REBOOT], CONFIG_DESTROY);
    assert_int_equal(c->maxmem_kib, 131072);
    assert_int_equal(c->maxvcpus, 2);
    config_free(c);
    /* and it can be saved, as one of ours */
    assert_null(world_event(&w, "adopted without a configuration"));
}

static void
test_what_cannot_be_read(void **state)
{
    (void)state;
    (void)theirs("{ \"c_info\": { \"type\": \"pv\", \"name\": \"theirs\" }, "
                 "\"b_info\": { \"target_memkb\": 65536 }, \"disks\": [ { "
                 "\"pdev_path\": \"/a\", \"vdev\": \"xvd,a\" } ] }");
    adopt();
    assert_non_null(world_event(&w, "what libxl recorded of it cannot be "
                                    "used: vdev: found a comma"));
    assert_non_null(world_event(&w, "adopted without a configuration"));
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_that_libxl_knows, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_read, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
