/*
 * test_dm_hvm.c - the model of an HVM domain on the simulated host: what it is
 * started with, a restricted one, one that goes on from a saved state, CDs.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/device/device.h"
#include "engine/dm/dm_int.h"
#include "engine/sim/sim_outside_model.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

#define CARD_KIB (32ULL << 10)
#define HVM                                                                    \
    "name = \"web9\"; type = \"hvm\"; memory = 64;\n"                          \
    "screen = { vncpasswd = \"hidden77\"; spice = true; spiceport = 6000;\n"   \
    "           spicepasswd = \"hidden78\"; };\n"                              \
    "devices = ( { type = \"vbd\"; vdev = \"hdc\"; cdrom = true; } );\n"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open(&w, 0, false), world_close(&w))

/* A model of a configuration, for a domain that is there already. */
struct starting {
    struct task t;
    struct devices devices;
    struct dm_start start;
    struct dm_want want;
};

static enum step_rc
starting_run(struct task *t, struct err *why)
{
    struct starting *s = container_of(t, struct starting, t);

    return dm_start_run(&s->start, &s->devices, &s->want, why);
}

static enum step_rc
starting_undo(struct task *t)
{
    return dm_start_undo(&container_of(t, struct starting, t)->start);
}

static void
starting_free(struct task *t)
{
    struct starting *s = container_of(t, struct starting, t);

    dm_start_fini(&s->start);
    free(s);
}

static const struct step starting_steps[] = { { .id = "model",
                                                .label = "model",
                                                .run = starting_run,
                                                .undo = starting_undo } };
static const struct task_type starting_type = { .steps = starting_steps,
                                                .n_steps = 1,
                                                .free = starting_free };

static struct domain_config *cfg;

static struct dom_entry *
machine(void)
{
    return domains_by_name(w.en, "web9");
}

/* Of a PV domain, which is taken for an HVM domain from here on: it may have
 * the memory of a screen's card. */
static uint64_t
begin(const char *more, bool restores, int state_fd)
{
    struct starting *s = xcalloc(1, sizeof(*s));
    struct dom_entry *de;
    char text[1024];

    (void)world_guest(&w, "web9", "");
    de = machine();
    assert_int_equal(hv_set_maxmem(engine_hv(w.en), de->d.domid,
                                   de->d.mem_kib + CARD_KIB, &e),
                     0);
    text_fmt(text, sizeof(text), "%s%s", HVM, more);
    if (config_parse(text, "web9.conf", "/", &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    s->want = (struct dm_want){ .name = "web9",
                                .mem_kib = cfg->maxmem_kib,
                                .cfg = cfg,
                                .restores = restores,
                                .state_fd = state_fd };
    s->devices.task = &s->t;
    s->devices.domid = de->d.domid;
    de->d.kind = DOM_HVM;
    return task_begin(w.en, &s->t, &starting_type, OP_PAUSE, &de->d, NULL);
}

static void
started(const char *more)
{
    uint64_t op = begin(more, false, -1);

    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
    machine()->d.kind = DOM_HVM;
}

static void
ended(void)
{
    config_free(cfg);
    cfg = NULL;
}

static const char *
given(const char *name)
{
    const char *text = sim_model_given(w.sim, machine()->d.domid, name);

    assert_non_null(text);
    return text;
}

static void
test_it_is_a_machine(void **state)
{
    (void)state;
    started("");
    assert_string_equal(given("-machine"), "xenfv,suppress-vmdesc=on");
    assert_string_equal(given("-vnc"), "127.0.0.1:0,password=on,to=99");
    assert_null(strstr(given("-spice"), "hidden"));
    assert_string_equal(sim_model_password(w.sim, machine()->d.domid),
                        "hidden77");
    assert_null(sim_model_given(w.sim, machine()->d.domid, "-runas"));
    ended();
}

/* It cannot tell xenstore of itself: it is asked. */
static void
test_one_that_is_restricted(void **state)
{
    (void)state;
    started("device_model = { restrict = true; user = \"nobody\"; };\n");
    assert_string_equal(given("-runas"), "nobody");
    assert_non_null(given("-S"));
    assert_non_null(given("-xen-domid-restrict"));
    assert_string_equal(dm_find(w.en, machine()->d.domid)->said, "running");
    ended();
}

static void
test_restriction_needs_a_user(void **state)
{
    struct domain_config *c;

    (void)state;
    if (config_parse(HVM "device_model = { restrict = true; };\n", "x", "/", &c,
                     &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(dm_check_config(w.en, c, &e), -1);
    assert_non_null(strstr(e.msg, "xen-qemuuser-range-base"));
    c->kind = DOM_PV;
    assert_int_equal(dm_check_config(w.en, c, &e), -1);
    assert_non_null(strstr(e.msg, "no HVM domain"));
    config_free(c);
}

static void
test_one_goes_on_from_its_state(void **state)
{
    int fd = memfd_create("state", MFD_CLOEXEC);
    uint64_t op;

    (void)state;
    assert_int_equal(write(fd, "QEVM\0\0\0\3", 8), 8);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    op = begin("", true, fd);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_string_equal(given("-incoming"), "fd:4");
    close(fd);
    ended();
}

static enum op_state
change(const char *vdev, const char *path)
{
    uint64_t op;

    err_clear(&e);
    machine()->d.kind = DOM_HVM;
    if (engine_cd_change(w.en, machine()->d.id, vdev, path, &op, &e) < 0)
        return OP_FAILED;
    if (world_wait(&w, op) == OP_DONE)
        return OP_DONE;
    e = engine_op_by_id(w.en, op)->err;
    return OP_FAILED;
}

static void
test_a_medium_comes_and_goes(void **state)
{
    char path[128];
    int fd;

    (void)state;
    started("");
    text_fmt(path, sizeof(path), "%s/cd.iso", w.dir);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    if (change("hdc", path) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_string_equal(sim_model_medium(w.sim, machine()->d.domid), path);
    if (change("hdc", NULL) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_string_equal(sim_model_medium(w.sim, machine()->d.domid), "");
    assert_int_equal(change("hdc", "/nonexistent/cd.iso"), OP_FAILED);
    assert_non_null(strstr(e.msg, "/nonexistent/cd.iso: No such file"));
    /* a drive that the machine has not */
    assert_int_equal(change("hdd", path), OP_FAILED);
    assert_non_null(strstr(e.msg, "No such device: ide-5696"));
    ended();
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_it_is_a_machine),          T(test_one_that_is_restricted),
        T(test_restriction_needs_a_user), T(test_one_goes_on_from_its_state),
        T(test_a_medium_comes_and_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
