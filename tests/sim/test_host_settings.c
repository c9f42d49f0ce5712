/*
 * test_host_settings.c - what a host's settings mean for its domains: xl.conf's
 * defaults of interfaces, and memory that domain 0 gives.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/api/texts.h"
#include "engine/config/core/config.h"
#include "engine/core/engine_options.h"
#include "engine/record/db.h"
#include "tests/sim/world.h"

/* The simulated host has 64 GiB, 4 of them domain 0's, half a one Xen's. */
#define DOM0_MIB 4096ULL
#define BIG      "memory=60928"
#define VIF      "devices = ( { type = \"vif\"; mac = \"00:16:3e:00:00:01\"; } );"

static struct world world;
static char xl_conf[128], lock[160];

/* A world whose engine has this xl.conf and this setting. */
static void
begin(const char *text, unsigned balloon)
{
    FILE *f;

    world_open_kept(&world, 0);
    snprintf(xl_conf, sizeof(xl_conf), "%s/xl.conf", world.dir);
    snprintf(lock, sizeof(lock), "%s/lock", world.dir);
    f = fopen(xl_conf, "w");
    assert_non_null(f);
    fprintf(f, "lockfile = \"%s\"\n%s", lock, text);
    assert_int_equal(fclose(f), 0);
    world_kill(&world);
    world.xl_conf = xl_conf;
    world.autoballoon = balloon;
    world_start(&world, false);
}

WORLD_FIXTURE((void)0, world_close(&world))

/* With this memory instead of the usual one. */
static uint64_t
create(const char *name, const char *more, const char *memory)
{
    struct engine_create_opts o = { .vars = &memory, .n_vars = memory != NULL };
    struct err e = { 0 };
    uint64_t op;

    if (engine_create(world.en, world_conf(&world, name, more), &o, &op, &e) <
        0)
        fail_msg("%s", e.msg);
    return op;
}

static void
make_big(void)
{
    assert_int_equal(world_wait(&world, create("a", "", BIG)), OP_DONE);
}

/* The sentence of a creation that fails. */
static const char *
refused(const char *name, const char *more, const char *memory)
{
    uint64_t op = create(name, more, memory);

    assert_int_equal(world_wait(&world, op), OP_FAILED);
    return engine_op_by_id(world.en, op)->err.msg;
}

static void
assert_said(const char *sentence, const char *part)
{
    if (strstr(sentence, part) == NULL)
        fail_msg("\"%s\" without \"%s\"", sentence, part);
}

static uint64_t
dom0_target(void)
{
    uint64_t kib = 0;

    if (store_read_u64(sim_store(world.sim), 0, "/local/domain/0/memory/target",
                       UINT64_MAX, &kib, NULL) < 0)
        return DOM0_MIB * 1024;
    return kib;
}

/* --- interfaces --- */

static void
test_interfaces_are_completed(void **state)
{
    struct err e = { 0 };
    char path[96], text[64];
    uint32_t domid;

    (void)state;
    begin("vif.default.script=\"vif-route\"\n"
          "vif.default.bridge=\"ovsbr0\"\n"
          "vif.default.gatewaydev=\"eth7\"\n",
          0);
    (void)world_guest(&world, "a", VIF);
    domid = world_dom(&world, "a")->domid;
    snprintf(path, sizeof(path), "/libxl/%u/device/vif/0/script", domid);
    assert_int_equal(
        store_read_text(sim_store(world.sim), 0, path, text, sizeof(text), &e),
        0);
    assert_string_equal(text, "/etc/xen/scripts/vif-route");
    snprintf(path, sizeof(path), "/libxl/%u/device/vif/0/bridge", domid);
    assert_int_equal(
        store_read_text(sim_store(world.sim), 0, path, text, sizeof(text), &e),
        0);
    assert_string_equal(text, "ovsbr0");
}

static void
test_what_an_interface_says_holds(void **state)
{
    (void)state;
    begin("defaultbridge=\"nobr9\"\n", 0);
    (void)world_guest(
        &world, "a", "devices = ( { type = \"vif\"; bridge = \"xenbr0\"; } );");
    assert_said(refused("b", VIF, NULL),
                "found \"nobr9\", allowed a bridge of this host");
}

/* The file that the message names does not have what it says. */
static void
test_a_message_names_xl_conf(void **state)
{
    const char *said;

    (void)state;
    begin("vif.default.backend=\"netdom\"\n", 0);
    said = refused("a", VIF, NULL);
    assert_said(said, "backend: found \"netdom\"");
    assert_said(said, "xl.conf's vif.default)");
}

static void
test_a_broken_xl_conf_is_told(void **state)
{
    (void)state;
    begin("vif.default.bridge=\n", 0);
    (void)world_guest(&world, "a", VIF);
    assert_non_null(world_event(&world, "xl.conf:2: found a mistake"));
}

/* --- memory --- */

static void
test_memory_is_refused_with_a_remedy(void **state)
{
    (void)state;
    begin("", ENGINE_BALLOON_OFF);
    assert_said(refused("a", "", BIG), "`mem-set 0 ");
    assert_int_equal(dom0_target(), DOM0_MIB * 1024);
}

/* The simulated Xen's command line fixes domain 0's memory. */
static void
test_auto_looks_at_the_command_line(void **state)
{
    (void)state;
    begin("", ENGINE_BALLOON_XL);
    assert_said(refused("a", "", BIG), "`mem-set 0 ");
}

static void
test_domain_0_gives_memory(void **state)
{
    (void)state;
    begin("autoballoon = \"on\"\n", ENGINE_BALLOON_XL);
    make_big();
    assert_true(dom0_target() < DOM0_MIB * 1024);
    assert_true(dom0_target() > (DOM0_MIB - 64) * 1024);
    assert_int_equal(access(lock, F_OK), 0);
}

static void
test_settings_of_ours_come_first(void **state)
{
    (void)state;
    begin("autoballoon = 0\n", ENGINE_BALLOON_ON);
    make_big();
}

/* A creation that fails later gives back what it took. */
static void
test_memory_comes_back_after_a_failure(void **state)
{
    (void)state;
    begin("autoballoon = 1\n", 0);
    sim_fault_add(world.sim, "hv.create", 1, EIO);
    (void)refused("a", "", BIG);
    sim_fault_clear(world.sim);
    assert_int_equal(dom0_target(), DOM0_MIB * 1024);
    world_pass(&world, 60000);
    assert_int_equal(world_dom(&world, "Domain-0")->mem_kib, DOM0_MIB * 1024);
}

static void
test_domain_0_keeps_its_floor(void **state)
{
    (void)state;
    begin("autoballoon = 1\n", 0);
    assert_said(refused("a", "", "memory=65000"),
                "lower its memory, or end other domains");
    assert_int_equal(dom0_target(), DOM0_MIB * 1024);
}

/* What domain 0 cannot give alone, it could give with another; and what all of
 * them could not is not advised. */
static void
test_who_could_shrink_is_named(void **state)
{
    const char *said;

    (void)state;
    begin("autoballoon = 0\n", 0);
    assert_int_equal(world_wait(&world, create("a", "", "memory=20000")),
                     OP_DONE);
    said = refused("b", "", "memory=48000");
    assert_said(said, "or shrink what runs: `mem-set Domain-0 ");
    assert_said(said, "M', `mem-set a 1");
    assert_null(strstr(refused("b", "", "memory=60000"), "mem-set"));
}

/* Names of 63 bytes: a command that has no room is left out as a whole, as half
 * of a number would be another one. */
static void
test_advice_is_never_cut(void **state)
{
    char name[3][64];
    const char *at;
    int i;

    (void)state;
    begin("autoballoon = 0\n", 0);
    for (i = 0; i < 3; i++) {
        memset(name[i], 'a' + i, 63);
        name[i][63] = '\0';
        assert_int_equal(
            world_wait(&world, create(name[i], "", "memory=12000")), OP_DONE);
    }
    at = strstr(refused("x", "", "memory=32000"), "shrink what runs: ");
    assert_non_null(at);
    assert_non_null(strstr(at, "`mem-set Domain-0 "));
    at = strrchr(at, '`');
    assert_non_null(strstr(at, "M'"));
}

/* The ledger's figures hold: one of the size that it says fits does, and what
 * one that does not fit lacks is named with who could give it. */
static void
test_the_ledger_is_right(void **state)
{
    struct buf out = { 0 };
    char memory[40];
    const char *at;
    unsigned long long mib;

    (void)state;
    begin("autoballoon = 0\n", 0);
    assert_int_equal(world_wait(&world, create("a", "", "memory=20000")),
                     OP_DONE);
    assert_int_equal(engine_ledger_text(world.en, 48000ULL * 1024, &out, NULL),
                     0);
    assert_said(buf_text(&out),
                "a                        20000 MiB  of at most");
    assert_said(buf_text(&out), "could give ");
    assert_said(buf_text(&out), "lacks ");
    assert_said(buf_text(&out), "`mem-set Domain-0 ");
    at = strstr(buf_text(&out), "fits now             pv ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "fits now pv %llu", &mib), 1);
    buf_free(&out);
    snprintf(memory, sizeof(memory), "memory=%llu", mib + 1);
    assert_said(refused("b", "", memory), "free: ");
    snprintf(memory, sizeof(memory), "memory=%llu", mib);
    assert_int_equal(world_wait(&world, create("b", "", memory)), OP_DONE);
}

/* xl has freed memory for a domain of its own, and holds its lock. */
static void
test_xl_is_waited_for(void **state)
{
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    uint64_t op;
    int fd;

    (void)state;
    begin("autoballoon = 1\n", 0);
    fd = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &fl), 0);
    op = create("a", "", BIG);
    world_pass(&world, 20000);
    assert_int_equal(engine_op_by_id(world.en, op)->state, OP_RUNNING);
    assert_int_equal(dom0_target(), DOM0_MIB * 1024);
    close(fd);
    assert_int_equal(world_wait(&world, op), OP_DONE);
}

static void
test_a_lock_that_is_never_let_go(void **state)
{
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd;

    (void)state;
    begin("autoballoon = 1\n", 0);
    fd = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &fl), 0);
    assert_said(refused("a", "", BIG), "for over 60 s");
    close(fd);
}

static const struct domain_config *
on_record(const char *name)
{
    static struct domain_config *c;
    struct err e = { 0 };

    config_free(c);
    c = NULL;
    if (db_load(engine_paths(world.en)->state, world_dom(&world, name)->uuid,
                &c, &e) < 0)
        fail_msg("%s", e.msg);
    return c;
}

/* Of one that does not set them itself, in its record and for its next life. */
static void
test_limits_of_grants(void **state)
{
    const char *own = "machine = { max_grant_frames = 7; };";
    const struct domain_config *c;

    (void)state;
    begin("max_grant_frames = 40\nmax_maptrack_frames = \"12\"\n", 0);
    assert_int_equal(world_wait(&world, create("a", "", NULL)), OP_DONE);
    c = on_record("a");
    assert_int_equal(c->machine.max_grant_frames, 40);
    assert_int_equal(c->machine.max_maptrack_frames, 12);
    assert_int_equal(c->machine.max_grant_version, CONFIG_LIMIT_UNSET);
    assert_int_equal(world_wait(&world, create("b", own, NULL)), OP_DONE);
    c = on_record("b");
    assert_int_equal(c->machine.max_grant_frames, 7);
    assert_int_equal(c->machine.max_maptrack_frames, 12);
}

static void
test_what_is_not_done_is_told(void **state)
{
    (void)state;
    begin("vm.cpumask = \"2-7\"\nclaim_mode = 1\nvm.pv.cpumask = \"3\"\n"
          "output_format = \"json\"\n",
          0);
    assert_non_null(world_event(
        &world, "xl.conf: not honoured: vm.cpumask, vm.pv.cpumask"));
}

static void
test_check_tells_what_is_needed(void **state)
{
    struct buf need = { 0 };
    struct err e = { 0 };

    (void)state;
    begin("autoballoon = 1\n", 0);
    assert_int_equal(
        engine_check(world.en, world_conf(&world, "a", ""), &need, NULL, &e),
        0);
    assert_string_equal(
        buf_text(&need),
        "needs 66 MiB of 60928 MiB free; 1 virtual cpu, the host has 8");
    buf_clear(&need);
    make_big();
    assert_int_equal(
        engine_check(world.en, world_conf(&world, "b", ""), &need, NULL, &e),
        0);
    assert_string_equal(buf_text(&need),
                        "needs 66 MiB of 6 MiB free; domain 0 will give 60 "
                        "MiB; 1 virtual cpu, the host has 8");
    buf_free(&need);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_interfaces_are_completed),
        TEST(test_what_an_interface_says_holds),
        TEST(test_a_message_names_xl_conf),
        TEST(test_a_broken_xl_conf_is_told),
        TEST(test_memory_is_refused_with_a_remedy),
        TEST(test_auto_looks_at_the_command_line),
        TEST(test_domain_0_gives_memory),
        TEST(test_settings_of_ours_come_first),
        TEST(test_memory_comes_back_after_a_failure),
        TEST(test_domain_0_keeps_its_floor),
        TEST(test_who_could_shrink_is_named),
        TEST(test_advice_is_never_cut),
        TEST(test_the_ledger_is_right),
        TEST(test_xl_is_waited_for),
        TEST(test_a_lock_that_is_never_let_go),
        TEST(test_limits_of_grants),
        TEST(test_what_is_not_done_is_told),
        TEST(test_check_tells_what_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
