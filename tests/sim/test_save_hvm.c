/*
 * test_save_hvm.c - save and restore of domains whose device model has a state
 * of its own, and of PVH ones: the model stops with the guest and goes on with
 * it, whatever fails on the way; a guest that takes no requests is stopped by
 * the hypervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "engine/host/domains.h"
#include "engine/life/save/save_int.h"
#include "engine/sim/sim_outside_model.h"
#include "engine/task/helper.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

static struct world w;
static uint64_t id;
static char file[160], part[192];
static struct err e;

static void
open_kind(const char *more)
{
    world_open_kept(&w, 0);
    id = world_guest(&w, "web9", more);
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    text_fmt(part, sizeof(part), "%s.part", file);
    world_pass(&w, 20000);
    e = (struct err){ 0 };
}

WORLD_FIXTURE(open_kind("type = \"hvm\";"), world_close(&w))

static uint64_t
save_with(bool checkpoint)
{
    const struct save_opts o = { .checkpoint = checkpoint, .replace = true };
    uint64_t op = 0;

    if (engine_save(w.en, id, file, &o, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static const struct op *
op_at(uint64_t op)
{
    return engine_op_by_id(w.en, op);
}

static void
assert_done(uint64_t op)
{
    while (op != 0) {
        if (world_wait(&w, op) != OP_DONE)
            fail_msg("%s", op_at(op)->err.msg);
        op = op_at(op)->next;
    }
}

static uint32_t
domid(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    return d->domid;
}

static uint64_t
count(void)
{
    uint64_t n = 0;

    assert_int_equal(sim_guest_count(w.sim, domid(), &n), 0);
    return n;
}

static void
restore_it(void)
{
    uint64_t op = 0;

    if (engine_restore(w.en, file, false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_done(op);
    id = op_at(op)->dom_id;
}

/* Guest and model run, nothing is left of the save. */
static void
assert_unharmed(uint64_t before)
{
    const struct dom *d = world_dom(&w, "web9");
    uint64_t now;

    assert_non_null(d);
    assert_int_equal(d->flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN), 0);
    assert_false(sim_model_stopped(w.sim, d->domid));
    assert_false(sim_model_notes(w.sim, d->domid));
    assert_int_equal(access(file, F_OK), -1);
    assert_int_equal(access(part, F_OK), -1);
    now = count();
    assert_true(now >= before);
    world_pass(&w, 2000);
    assert_true(count() >= now + 7);
}

static void
assert_failed(uint64_t op, enum err_code code, const char *text)
{
    assert_int_not_equal(world_wait(&w, op), OP_DONE);
    if (strstr(op_at(op)->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, op_at(op)->err.msg);
    assert_int_equal(op_at(op)->err.code, code);
}

static void
run_until(uint64_t op, bool (*reached)(uint64_t op))
{
    while (!reached(op) && op_at(op)->state <= OP_RUNNING)
        (void)loop_turn(w.lp, 10);
    if (op_at(op)->state > OP_RUNNING)
        fail_msg("it never came there: %s", op_at(op)->err.msg);
}

static bool
at_suspending(uint64_t op)
{
    return strncmp(op_at(op)->label, "suspending", 10) == 0;
}

static bool
at_stopped(uint64_t op)
{
    (void)op;
    return sim_model_stopped(w.sim, domid());
}

static bool
at_noting(uint64_t op)
{
    (void)op;
    return sim_model_notes(w.sim, domid());
}

/* --- it goes and comes back --- */

static void
goes_and_comes_back(void)
{
    uint64_t before = count();

    assert_done(save_with(false));
    world_idle(&w);
    assert_null(world_dom(&w, "web9"));
    restore_it();
    assert_true(count() >= before && count() < before + 40);
    before = count();
    world_pass(&w, 2000);
    assert_true(count() >= before + 7);
}

/* Of an emulated card as well as of the PV one beside it: by an address that is
 * none of its link alone, or by none. */
static void
test_interfaces_announce_themselves(void **state)
{
    (void)state;
    world_close(&w);
    open_kind("type = \"hvm\"; devices = ( { type = \"vif\"; model = "
              "\"e1000\"; mac = \"00:16:3e:00:00:09\"; ip = \"10.1.2.4 "
              "169.254.1.1\"; } );");
    assert_string_equal(sim_announced(w.sim), "");
    goes_and_comes_back();
    assert_string_equal(sim_announced(w.sim),
                        "xenbr0 00:16:3e:00:00:09 10.1.2.4");
    world_close(&w);
    open_kind("type = \"hvm\"; devices = ( { type = \"vif\"; mac = "
              "\"00:16:3e:00:00:0a\"; ip = \"169.254.1.1\"; } );");
    goes_and_comes_back();
    assert_memory_equal(sim_announced(w.sim), "xenbr0 00:16:3e:00:00:0a", 24);
    assert_null(strstr(sim_announced(w.sim), "169.254"));
}

static void
test_hvm(void **state)
{
    (void)state;
    goes_and_comes_back();
    assert_int_equal(world_dom(&w, "web9")->kind, DOM_HVM);
    assert_string_equal(sim_model_given(w.sim, domid(), "-incoming"), "fd:4");
    assert_false(sim_model_stopped(w.sim, domid()));
    goes_and_comes_back();
}

static void
test_pvh(void **state)
{
    uint64_t op, from;

    (void)state;
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    id = world_guest(&w, "web9", "type = \"pvh\"; vcpus = 2;");
    world_pass(&w, 20000);
    goes_and_comes_back();
    assert_int_equal(world_dom(&w, "web9")->kind, DOM_PVH);
    assert_done(save_with(true));
    assert_true(count() > 0);
    assert_int_equal(unlink(file), 0);
    /* paused it is refused at once; after a checkpoint it is reaped */
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_done(op);
    from = loop_now_ms(w.lp);
    assert_failed(save_with(false), ERR_INVALID, "unpause it first");
    assert_true(loop_now_ms(w.lp) - from < 2000);
    assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_int_equal(sim_guest_shutdown(w.sim, domid(), HV_POWEROFF), 0);
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_checkpoint(void **state)
{
    uint64_t before = count();

    (void)state;
    assert_done(save_with(true));
    assert_int_equal(unlink(file), 0);
    assert_unharmed(before);
    assert_int_equal(sim_guest_shutdown(w.sim, domid(), HV_POWEROFF), 0);
    assert_true(world_until_gone(&w, "web9"));
}

/* xenstore is not asked of a guest that knows of none, and a paused one of
 * these can be saved. */
static void
test_guest_without_drivers(void **state)
{
    uint64_t op, before;

    (void)state;
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    goes_and_comes_back();
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_done(op);
    before = count();
    assert_done(save_with(true));
    assert_true(world_dom(&w, "web9")->flags & DOM_F_PAUSED);
    assert_int_equal(count(), before);
    assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_int_equal(unlink(file), 0);
    assert_unharmed(before);
}

static void
test_paused_guest_with_drivers(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_failed(save_with(false), ERR_INVALID, "unpause it first");
    assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_unharmed(0);
}

static void
test_restored_paused(void **state)
{
    uint64_t op, at;

    (void)state;
    assert_done(save_with(false));
    assert_int_equal(engine_restore(w.en, file, true, &op, &e), 0);
    assert_done(op);
    at = count();
    world_pass(&w, 5000);
    assert_int_equal(count(), at);
    assert_int_equal(engine_unpause(w.en, op_at(op)->dom_id, &op, &e), 0);
    assert_done(op);
    world_pass(&w, 2000);
    assert_true(count() >= at + 7);
}

/* One that is already suspended stays so, and its model as it was. */
static void
test_suspended_before(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_suspend(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_done(save_with(true));
    assert_true(world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN);
    assert_false(sim_model_stopped(w.sim, domid()));
    assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_int_equal(unlink(file), 0);
    assert_unharmed(0);
}

static void
test_suspended_without_drivers(void **state)
{
    uint64_t op, before;

    (void)state;
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    assert_int_equal(engine_suspend(w.en, id, &op, &e), 0);
    assert_done(op);
    before = count();
    assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_unharmed(before);
}

/* Confined it starts stopped, and goes on before its domain runs. */
static void
test_confined_model(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    id = world_guest(&w, "web9",
                     "type = \"hvm\"; device_model = { restrict = true; user = "
                     "\"nobody\"; };");
    world_pass(&w, 20000);
    goes_and_comes_back();
    assert_non_null(sim_model_given(w.sim, domid(), "-S"));
    assert_false(sim_model_stopped(w.sim, domid()));
}

/* What libxl is told of a domain says all that it would make anew: read back it
 * is the same configuration. */
static void
libxl_is_told(const char *more)
{
    const struct config_src src = { .file = "json", .dir = "/", .e = &e };
    struct domain_config *c = NULL, *ours = NULL;
    struct buf text = { 0 }, cfg = { 0 }, is = { 0 }, was = { 0 };
    char path[300];
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    id = world_guest(&w, "web9", more);
    text_fmt(path, sizeof(path),
             "%s/userdata-d.%u.11111111-2222-4333-8444-55555555bbbb.libxl-json",
             engine_paths(w.en)->libxl, domid());
    assert_int_equal(fd_read_file(path, 65536, &text, &e), 0);
    if (config_xl_from_json(buf_text(&text), &cfg, &e) < 0 ||
        config_xl_parse(buf_text(&cfg), &src, &c) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(db_load(engine_paths(w.en)->state, c->uuid, &ours, &e), 0);
    config_print(c, &is);
    config_print(ours, &was);
    assert_string_equal(buf_text(&is), buf_text(&was));
    config_free(c);
    config_free(ours);
    buf_free(&text);
    buf_free(&cfg);
    buf_free(&is);
    buf_free(&was);
}

static void
test_what_libxl_is_told(void **state)
{
    (void)state;
    libxl_is_told(
        "uuid = \"11111111-2222-4333-8444-55555555bbbb\"; type = \"hvm\"; "
        "vcpus = 2; maxvcpus = 4; maxmem = 96; weight = 512; "
        "on_poweroff = \"preserve\"; on_reboot = \"rename-restart\"; "
        "on_crash = \"coredump-destroy\"; on_watchdog = \"destroy\"; "
        "machine = { boot = \"dc\"; serial = \"pty\"; hpet = false; "
        "acpi_s3 = false; usb = true; usbdevice = [ \"tablet\", \"mouse\" ]; "
        "soundhw = \"hda\"; hdtype = \"ahci\"; tsc_mode = \"native\"; "
        "timer_mode = \"one_missed_tick_pending\"; shadow_memory = 16; "
        "rtc_timeoffset = -3600; mmio_hole = 512; mca_caps = [ \"lmce\" ]; "
        "smbios = [ \"bios_vendor=A B\", \"oem=1\", \"oem=2=3\" ]; "
        "ms_vm_genid = \"generate\"; "
        "viridian = [ \"base\", \"freq\", \"synic\" ]; "
        "cpuid = [ \"0x1:ecx=xxxxxx0xxxxxxxxxxxxxxxxxxxxxxxx0\", "
        "\"0x7,0x0:ebx=xxxxxxxxxxxxxxxxxxxxxxxxxxxx0xxx\" ]; }; "
        "screen = { vga = \"stdvga\"; videoram = 16; vnclisten = "
        "\"127.0.0.2\"; vncdisplay = 7; vncunused = false; keymap = \"de\"; };"
        "cpus = [ \"0-1\", \"2\", \"all\", \"3\" ]; "
        "device_model = { args = [ \"-d\", \"a b\" ]; };");
}

static void
test_what_libxl_is_told_of_pv(void **state)
{
    (void)state;
    libxl_is_told(
        "uuid = \"11111111-2222-4333-8444-55555555bbbb\"; vcpus = 1; "
        "maxvcpus = 3; maxmem = 96; cap = 50; cpus = [ \"1\", \"2\", \"3\" ];"
        "cpus_soft = [ \"all\", \"0\", \"0\" ]; "
        "machine = { e820_host = true; max_grant_frames = 40; "
        "max_event_channels = 200; cpuid = \"0x80000001:"
        "edx=xxx0xxxxxxxxxxxxxxxxxxxxxxxxxxxx\"; };"
        "devices = ( { type = \"vif\"; mac = \"00:16:3e:00:00:77\"; "
        "bridge = \"xenbr0\"; nictype = \"vif\"; "
        "rate = \"1250000B/s@50000us\"; }, { type = \"vfb\"; "
        "vncunused = false; vncdisplay = 9; vnclisten = \"127.0.0.2\"; "
        "keymap = \"de\"; }, { type = \"vkbd\"; } );");
}

/* xl would give a screen that it restores one that anybody may see. */
static void
test_password_of_a_screen(void **state)
{
    struct buf text = { 0 };
    uint64_t op;
    char path[300];

    (void)state;
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    id = world_guest(&w, "web9",
                     "uuid = \"11111111-2222-4333-8444-55555555bbbb\"; "
                     "devices = ( { type = \"vfb\"; vncpasswd = "
                     "\"hidden77\"; }, { type = \"vkbd\"; } );");
    text_fmt(path, sizeof(path),
             "%s/userdata-d.%u.11111111-2222-4333-8444-55555555bbbb.libxl-json",
             engine_paths(w.en)->libxl, domid());
    assert_int_equal(fd_read_file(path, 65536, &text, &e), 0);
    assert_null(strstr(buf_text(&text), "hidden77"));
    buf_clear(&text);
    assert_int_equal(engine_save(w.en, id, file, NULL, &op, &e), 0);
    assert_done(op);
    assert_int_equal(fd_read_file(file, 1U << 28, &text, &e), 0);
    assert_non_null(memmem(text.data, text.len, "\"passwd\":\"hidden77\"", 19));
    buf_free(&text);
}

static void
test_what_libxl_is_told_of_pvh(void **state)
{
    (void)state;
    libxl_is_told(
        "uuid = \"11111111-2222-4333-8444-55555555bbbb\"; type = \"pvh\"; "
        "vcpus = 2; on_crash = \"preserve\"; "
        "machine = { nestedhvm = true; timer_mode = "
        "\"no_missed_ticks_pending\"; "
        "tsc_mode = \"native\"; nomigrate = true; };");
}

static void
test_compressed(void **state)
{
    const struct save_opts o = { .compress = true };
    uint64_t op, before = count();
    char magic[4] = "";
    int fd;

    (void)state;
    assert_int_equal(engine_save(w.en, id, file, &o, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    assert_true(engine_dom_find(w.en, "web9", NULL)->saved);
    assert_int_equal(engine_dom_find(w.en, "web9", NULL)->kind, DOM_HVM);
    fd = open(file, O_RDWR | O_CLOEXEC);
    assert_int_equal(read(fd, magic, 4), 4);
    assert_memory_equal(magic, "\x58\x2a\x4d\x18", 4);
    restore_it();
    assert_true(count() >= before && count() < before + 40);
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - 2), 0);
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    assert_failed(op, ERR_INVALID, "ends in the middle");
    close(fd);
}

/* --- what fails --- */

/* Each command of a checkpoint is refused once: log-dirty, stop, add-fd, the
 * state, remove-fd fail it; a cont, which is told again, does not. */
static void
test_model_that_refuses(void **state)
{
    uint64_t before = count();
    unsigned nth, failed = 0;
    bool reached = true;

    (void)state;
    for (nth = 1; reached; nth++) {
        uint64_t op;

        sim_fault_add(w.sim, "dm.qmp", nth, EIO);
        op = save_with(true);
        if (world_wait(&w, op) != OP_DONE) {
            assert_non_null(strstr(op_at(op)->err.msg, "device model"));
            failed++;
        } else {
            assert_int_equal(unlink(file), 0);
        }
        reached = sim_calls(w.sim, "dm.qmp") >= nth;
        sim_fault_clear(w.sim);
        world_pass(&w, 15000);
        assert_unharmed(before);
    }
    assert_in_range(failed, 4, 5); /* one may hit the heartbeat instead */
}

static void
test_model_that_hangs(void **state)
{
    uint64_t op, before = count();

    (void)state;
    op = save_with(false);
    run_until(op, at_suspending);
    assert_int_equal(sim_model_hang(w.sim, domid(), true), 0);
    assert_failed(op, ERR_TIMEOUT, "device model");
    assert_int_equal(sim_model_hang(w.sim, domid(), false), 0);
    world_pass(&w, 20000);
    assert_unharmed(before);
}

static void
test_model_that_dies(void **state)
{
    uint64_t op;

    (void)state;
    op = save_with(false);
    run_until(op, at_noting);
    assert_int_equal(sim_model_kill(w.sim, domid()), 0);
    assert_int_not_equal(world_wait(&w, op), OP_DONE);
    world_idle(&w);
    assert_int_equal(access(file, F_OK), -1);
    assert_int_equal(access(part, F_OK), -1);
    assert_non_null(world_event(&w, "its device model was killed"));
}

static void
cancel_at(bool (*reached)(uint64_t op))
{
    uint64_t before = count(), op = save_with(false);

    run_until(op, reached);
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_unharmed(before);
}

static void
test_cancelled_anywhere(void **state)
{
    (void)state;
    cancel_at(at_noting);
    cancel_at(at_suspending);
    cancel_at(at_stopped);
}

static void
test_killed_helper(void **state)
{
    uint64_t before = count(), op = save_with(false);
    const struct save *s;

    (void)state;
    run_until(op, at_stopped);
    s = container_of(task_by_op(w.en, op), struct save, t);
    assert_int_equal(kill(helper_pid(s->out.helper), SIGKILL), 0);
    assert_failed(op, ERR_LOST, "the helper process was killed");
    assert_unharmed(before);
}

/* The engine is killed while guest and model stand still. */
static void
test_killed_engine(void **state)
{
    uint64_t before = count(), op = save_with(false);

    (void)state;
    run_until(op, at_stopped);
    world_kill(&w);
    world_start(&w, false);
    world_idle(&w);
    world_pass(&w, 20000);
    id = world_dom(&w, "web9")->id;
    assert_unharmed(before);
    assert_int_equal(sim_model_hang(w.sim, domid(), true), 0); /* watched */
    assert_true(world_until_event(&w, "has not answered for"));
}

/* A file without the state of the model, or with another in its place. */
static void
test_file_without_a_state(void **state)
{
    char bytes[65536];
    uint64_t op;
    ssize_t n;
    int fd;

    (void)state;
    assert_done(save_with(false));
    world_idle(&w);
    fd = open(file, O_RDWR | O_CLOEXEC);
    n = read(fd, bytes, sizeof(bytes));
    assert_true(n > 0);
    assert_memory_equal(bytes + n - 8 - 8, "QEVM\0\0\0\3", 8);
    assert_int_equal(pwrite(fd, "garbage!", 8, n - 16), 8);
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    assert_failed(op, ERR_LOST, "its device model ended");
    assert_int_equal(pwrite(fd, "\0\0\0\0\0\0\0", 8, n - 32), 8);
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    assert_failed(op, ERR_INVALID, "no state of a device model");
    close(fd);
    world_idle(&w);
    assert_true(engine_dom_find(w.en, "web9", NULL)->saved);
}

/* A guest that goes back to its past is told so, each time anew; one that was
 * made by its firmware's own reading. */
static void
test_generation(void **state)
{
    char path[64], node[64], told[64];
    uint64_t before[2], now[2];
    uint64_t op;

    (void)state;
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    id = world_guest(&w, "web9",
                     "type = \"hvm\"; machine = { ms_vm_genid = \"generate\"; "
                     "};");
    world_pass(&w, 20000);
    assert_int_equal(sim_guest_generation(w.sim, domid(), before), 0);
    assert_int_equal(before[0], 0);
    assert_done(save_with(false));
    restore_it();
    assert_int_equal(sim_guest_generation(w.sim, domid(), before), 0);
    assert_int_not_equal(before[0], 0);
    text_fmt(path, sizeof(path), "/local/domain/%u/platform/generation-id",
             domid());
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, node, sizeof(node), &e),
        0);
    text_fmt(told, sizeof(told), "%llu:%llu", (unsigned long long)before[0],
             (unsigned long long)before[1]);
    assert_string_equal(node, told);
    id = engine_dom_find(w.en, "web9", NULL)->id;
    assert_done(save_with(false));
    restore_it();
    assert_int_equal(sim_guest_generation(w.sim, domid(), now), 0);
    assert_int_not_equal(now[0], before[0]);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_hvm),
        T(test_interfaces_announce_themselves),
        T(test_pvh),
        T(test_checkpoint),
        T(test_guest_without_drivers),
        T(test_paused_guest_with_drivers),
        T(test_restored_paused),
        T(test_suspended_before),
        T(test_suspended_without_drivers),
        T(test_confined_model),
        T(test_what_libxl_is_told),
        T(test_what_libxl_is_told_of_pv),
        T(test_what_libxl_is_told_of_pvh),
        T(test_password_of_a_screen),
        T(test_compressed),
        T(test_model_that_refuses),
        T(test_model_that_hangs),
        T(test_model_that_dies),
        T(test_cancelled_anywhere),
        T(test_killed_helper),
        T(test_killed_engine),
        T(test_file_without_a_state),
        T(test_generation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
