/*
 * test_save.c - save and restore on the simulated host: the guest's memory
 * comes back as it went, a save that fails or is cancelled leaves the guest
 * running and no file, and what is saved is in the list.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/life/save/save_int.h"
#include "engine/record/db.h"
#include "engine/task/helper.h"
#include "tests/sim/world.h"

static struct world w;
static uint64_t id;
static char file[160], part[192];
static struct err e;

static void
open_world(void)
{
    world_open_kept(&w, 0);
    id = world_guest(&w, "web9", "");
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    text_fmt(part, sizeof(part), "%s.part", file);
    world_pass(&w, 5000);
    e = (struct err){ 0 };
}

WORLD_FIXTURE(open_world(), world_close(&w))

static uint64_t
save_with(const char *path, bool checkpoint)
{
    const struct save_opts o = { .checkpoint = checkpoint };
    uint64_t op = 0;

    if (engine_save(w.en, id, path, &o, &op, &e) < 0)
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

static uint64_t
restore_from(const char *path)
{
    uint64_t op = 0;

    if (engine_restore(w.en, path, false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_done(op);
    return op_at(op)->dom_id;
}

static const struct dom *
listed(void)
{
    return engine_dom_find(w.en, "web9", NULL);
}

/* The guest runs as before, its counter goes on, and there is no file. */
static void
assert_unharmed(uint64_t before)
{
    const struct dom *d = world_dom(&w, "web9");
    uint64_t now;

    assert_non_null(d);
    assert_int_equal(d->flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN), 0);
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
run_to(uint64_t op, const char *label)
{
    while (strncmp(op_at(op)->label, label, strlen(label)) != 0 &&
           op_at(op)->state <= OP_RUNNING)
        (void)loop_turn(w.lp, 10);
    if (op_at(op)->state > OP_RUNNING)
        fail_msg("it never came to '%s': %s", label, op_at(op)->err.msg);
}

static struct helper *
helper_of(uint64_t op)
{
    return container_of(task_by_op(w.en, op), struct save, t)->out.helper;
}

/* --- it goes and comes back --- */

static void
test_save_and_restore(void **state)
{
    uint64_t before = count();
    uint8_t uuid[16];
    struct stat sb;

    (void)state;
    memcpy(uuid, world_dom(&w, "web9")->uuid, sizeof(uuid));
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(stat(file, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0600);
    assert_int_equal(access(part, F_OK), -1);
    assert_true(listed()->off && listed()->saved);
    assert_string_equal(dom_state_word(listed()), "saved");
    id = restore_from(file);
    assert_memory_equal(world_dom(&w, "web9")->uuid, uuid, sizeof(uuid));
    assert_true(count() >= before);
    assert_true(count() < before + 40);
    assert_false(listed()->off || listed()->saved);
    before = count();
    world_pass(&w, 2000);
    assert_true(count() >= before + 7);
}

/* Nothing counts while it is a file: the counter is that of the suspend. */
static void
test_counter_stands_in_the_file(void **state)
{
    uint64_t at, op;

    (void)state;
    op = save_with(file, false);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    at = count();
    assert_done(op_at(op)->next);
    world_pass(&w, 3600 * 1000);
    assert_int_equal(engine_restore(w.en, file, true, &op, &e), 0);
    assert_done(op);
    assert_int_equal(count(), at);
}

static void
test_start_brings_it_back(void **state)
{
    uint64_t op, before = count();
    char path[DB_FILE_MAX];

    (void)state;
    assert_done(save_with(NULL, false));
    world_idle(&w);
    assert_true(listed()->saved);
    assert_true(engine_saved_file(w.en, listed()->id, path, sizeof(path)));
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(engine_start(w.en, listed()->id, false, &op, &e), 0);
    assert_done(op);
    assert_true(count() >= before);
    assert_int_equal(op_at(op)->verb, OP_RESTORE);
    assert_int_equal(access(path, F_OK), -1); /* nobody named it */
    id = op_at(op)->dom_id;
    assert_done(save_with(NULL, true));
    assert_done(save_with(NULL, false)); /* a file of ours is replaced */
    assert_int_equal(access(path, F_OK), 0);
}

/* What was saved is older than the domain then: it must never come back. */
static void
test_boot_gives_the_saved_up(void **state)
{
    uint64_t op;

    (void)state;
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_int_equal(engine_boot(w.en, listed()->id, false, &op, &e), 0);
    assert_done(op);
    assert_true(count() < 4);
    assert_int_equal(engine_destroy(w.en, listed()->id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    assert_null(listed());
}

static void
test_saved_is_known_to_the_next_engine(void **state)
{
    uint64_t op;

    (void)state;
    assert_done(save_with(file, false));
    world_idle(&w);
    world_kill(&w);
    world_start(&w, false);
    assert_true(listed()->saved);
    assert_int_equal(engine_start(w.en, listed()->id, false, &op, &e), 0);
    assert_done(op);
    world_kill(&w);
    world_start(&w, false);
    assert_false(listed()->saved);
}

static void
test_definition_stays_and_is_saved(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, w.conf, &e), 0);
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_true(listed()->saved);
    restore_from(file);
    assert_int_equal(engine_destroy(w.en, listed()->id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    assert_string_equal(dom_state_word(listed()), "off");
}

/* Whoever asks at once is told of it as well: a start must not boot it. */
static void
test_saved_is_known_at_once(void **state)
{
    uint64_t op, before = count();

    (void)state;
    assert_int_equal(engine_define(w.en, w.conf, &e), 0);
    assert_done(save_with(NULL, false));
    assert_true(listed()->saved);
    assert_int_equal(engine_start(w.en, listed()->id, false, &op, &e), 0);
    assert_int_equal(op_at(op)->verb, OP_RESTORE);
    assert_done(op);
    assert_true(count() >= before);
    assert_int_equal(engine_destroy(w.en, listed()->id, &op, &e), 0);
    assert_done(op);
    assert_string_equal(dom_state_word(listed()), "off");
    assert_string_equal(listed()->last_end, "destroyed");
}

static void
test_nothing_is_left_of_it_at_once(void **state)
{
    uint64_t op;

    (void)state;
    assert_done(save_with(file, false));
    restore_from(file);
    assert_int_equal(engine_destroy(w.en, listed()->id, &op, &e), 0);
    assert_done(op);
    assert_null(listed());
    id = world_guest(&w, "web9", "");
}

/* As xl restore does, with the same uuid. */
static void
test_another_tool_brings_it_back(void **state)
{
    uint8_t uuid[16];
    uint32_t other;

    (void)state;
    memcpy(uuid, world_dom(&w, "web9")->uuid, sizeof(uuid));
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_true(listed()->saved);
    assert_int_equal(sim_foreign_guest(w.sim, "web9", &other), 0);
    assert_int_equal(hv_set_uuid(engine_hv(w.en), other, uuid, &e), 0);
    world_pass(&w, 5000);
    assert_non_null(world_event(&w, "runs again by another tool"));
    assert_int_equal(sim_guest_shutdown(w.sim, other, HV_POWEROFF), 0);
    assert_int_equal(hv_destroy(engine_hv(w.en), other, &e), 0);
    world_pass(&w, 5000);
    assert_null(listed());
}

static void
test_undefine_forgets_it_and_keeps_the_file(void **state)
{
    (void)state;
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_int_equal(engine_undefine(w.en, listed()->id, &e), 0);
    assert_null(listed());
    assert_int_equal(access(file, F_OK), 0);
    restore_from(file);
}

static void
test_checkpoint_runs_on_and_is_reaped(void **state)
{
    uint64_t before = count();

    (void)state;
    assert_done(save_with(file, true));
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(
        world_dom(&w, "web9")->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED), 0);
    assert_false(listed()->saved);
    assert_true(count() >= before);
    assert_int_equal(sim_guest_shutdown(w.sim, domid(), HV_POWEROFF), 0);
    assert_true(world_until_gone(&w, "web9"));
    world_idle(&w);
    assert_null(listed());
    restore_from(file);
    assert_true(count() >= before);
}

/* Another tool has ended it a moment ago, and the engine has not looked since:
 * it is gone, not in the way. */
static void
test_restore_right_after_its_end(void **state)
{
    uint64_t before = count();

    (void)state;
    assert_done(save_with(file, true));
    assert_int_equal(hv_destroy(engine_hv(w.en), domid(), &e), 0);
    restore_from(file);
    world_idle(&w);
    assert_non_null(listed());
    assert_true(count() >= before);
}

static void
test_restore_while_it_runs_is_refused(void **state)
{
    uint64_t op;

    (void)state;
    assert_done(save_with(file, true));
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), -1);
    assert_int_equal(e.code, ERR_EXISTS);
    assert_non_null(strstr(e.msg, "runs already"));
}

static void
test_suspended_domain_is_saved_as_it_is(void **state)
{
    uint64_t op, at;

    (void)state;
    assert_int_equal(engine_suspend(w.en, id, &op, &e), 0);
    assert_done(op);
    at = count();
    assert_done(save_with(file, true));
    assert_true(world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN);
    assert_int_equal(count(), at);
}

/* It comes back with what it had, which is no whole number of MiB. */
static void
test_ballooned_guest(void **state)
{
    uint64_t op, kib;

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 40 * 1024 + 12, &op, &e), 0);
    assert_done(op);
    world_pass(&w, 5000);
    kib = world_dom(&w, "web9")->mem_kib;
    assert_true(kib < 64 * 1024);
    assert_done(save_with(file, false));
    world_idle(&w);
    restore_from(file);
    assert_int_equal(world_dom(&w, "web9")->mem_kib, kib);
    assert_true(world_dom(&w, "web9")->target_kib < 64 * 1024);
}

static void
test_devices_come_back(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done(op);
    world_idle(&w);
    id = world_guest(&w, "web9",
                     "devices = ( { type = \"vif\"; mac = "
                     "\"00:16:3e:00:00:09\"; ip = \"10.1.2.3\"; } );");
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_false(store_exists(engine_store(w.en), 0, "/libxl/1/device/vif/0"));
    restore_from(file);
    {
        char path[96];

        store_path(path, sizeof(path), "/local/domain/%u/device/vif/0/mac",
                   domid());
        assert_true(store_exists(engine_store(w.en), 0, path));
    }
    assert_string_equal(sim_announced(w.sim),
                        "xenbr0 00:16:3e:00:00:09 10.1.2.3");
}

/* --- it is refused, fails or is cancelled --- */

static void
test_paused_guest_is_refused_at_once(void **state)
{
    uint64_t op, from = loop_now_ms(w.lp);

    (void)state;
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_failed(save_with(file, false), ERR_INVALID, "unpause it first");
    assert_true(loop_now_ms(w.lp) - from < 2000);
    assert_int_equal(engine_unpause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_unharmed(0);
}

/* A domain of ours whose configuration is lost: the sentence names no file that
 * its operator has never seen. */
static void
test_domain_without_a_configuration(void **state)
{
    const struct engine_paths *p = engine_paths(w.en);
    char uuid[37], path[512];

    (void)state;
    uuid_print_text(listed()->uuid, uuid);
    text_fmt(path, sizeof(path), "%s/%s.conf", p->state, uuid);
    assert_int_equal(unlink(path), 0);
    text_fmt(path, sizeof(path), "%s/userdata-d.%u.%s.libxl-json", p->libxl,
             domid(), uuid);
    assert_int_equal(unlink(path), 0);
    assert_failed(save_with(file, false), ERR_NOENT,
                  "its configuration is not on record here");
    assert_int_equal(access(file, F_OK), -1);
}

static void
test_guest_that_does_not_suspend(void **state)
{
    uint64_t before = count();

    (void)state;
    assert_int_equal(sim_guest_ignore_control(w.sim, domid(), true), 0);
    assert_failed(save_with(file, false), ERR_TIMEOUT,
                  "did not acknowledge the request to suspend");
    assert_unharmed(before);
    assert_int_equal(sim_guest_ignore_control(w.sim, domid(), false), 0);
    assert_unharmed(before); /* the request does not stand any more */
}

/* It has taken the request, and suspends when nobody waits any more. */
static void
test_guest_that_suspends_late(void **state)
{
    uint64_t before = count();

    (void)state;
    sim_delay_add(w.sim, "guest.shutdown",
                  engine_options(w.en)->shutdown_end_s * 1000ULL + 5000);
    assert_failed(save_with(file, false), ERR_TIMEOUT,
                  "did not complete the request to suspend");
    assert_unharmed(before);
}

static void
test_guest_that_dies_instead(void **state)
{
    uint64_t op;

    (void)state;
    op = save_with(file, false);
    run_to(op, "suspending the guest");
    assert_int_equal(sim_guest_shutdown(w.sim, domid(), HV_CRASH), 0);
    assert_failed(op, ERR_LOST, "ended while it was to suspend");
    world_idle(&w);
    assert_int_equal(access(file, F_OK), -1);
    assert_int_equal(access(part, F_OK), -1);
    assert_null(world_dom(&w, "web9")); /* reaped, as it died */
}

static void
cancel_at(const char *label)
{
    uint64_t before = count(), op = save_with(file, false);

    run_to(op, label);
    assert_true(op_at(op)->cancellable);
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_unharmed(before);
}

static void
test_cancelled_before_the_suspend(void **state)
{
    (void)state;
    cancel_at("write memory");
}

static void
test_cancelled_while_it_suspends(void **state)
{
    (void)state;
    cancel_at("suspending the guest");
}

static void
test_cancelled_after_the_suspend(void **state)
{
    uint64_t before = count(), op = save_with(file, false);

    (void)state;
    while ((world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN) == 0 &&
           op_at(op)->state <= OP_RUNNING)
        (void)loop_turn(w.lp, 10);
    if (op_at(op)->state <= OP_RUNNING && engine_op_cancel(w.en, op, &e) == 0) {
        assert_int_equal(world_wait(&w, op), OP_CANCELLED);
        assert_unharmed(before);
    }
}

static void
test_killed_helper(void **state)
{
    uint64_t before = count(), op = save_with(file, false);

    (void)state;
    run_to(op, "suspending the guest");
    assert_int_equal(kill(helper_pid(helper_of(op)), SIGKILL), 0);
    assert_failed(op, ERR_LOST, "the helper process was killed");
    assert_unharmed(before);
}

static void
test_file_that_exists_is_kept(void **state)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const struct save_opts o = { .replace = true };
    struct stat sb;
    uint64_t op;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_failed(save_with(file, false), ERR_EXISTS, "--replace replaces it");
    assert_int_equal(stat(file, &sb), 0);
    assert_int_equal(sb.st_size, 0);
    assert_int_equal(engine_save(w.en, id, file, &o, &op, &e), 0);
    assert_done(op);
    assert_int_equal(stat(file, &sb), 0);
    assert_true(sb.st_size > 0);
}

static void
test_directory_that_is_not_there(void **state)
{
    char path[200];

    (void)state;
    text_fmt(path, sizeof(path), "%s/no/such/file", w.dir);
    assert_failed(save_with(path, false), ERR_NOENT, "directory ");
    assert_unharmed(0);
}

static void
test_paths_that_are_refused(void **state)
{
    char path[700];
    uint64_t op;

    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(engine_save(w.en, id, path, NULL, &op, &e), -1);
    assert_int_equal(engine_save(w.en, id, "relative", NULL, &op, &e), -1);
    assert_int_equal(engine_save(w.en, id, "/tmp/a\nb", NULL, &op, &e), -1);
    assert_int_equal(
        engine_save(w.en, engine_dom_at(w.en, 0)->id, file, NULL, &op, &e), -1);
    assert_int_equal(e.code, ERR_DENIED);
}

static void
test_destroyed_while_it_is_saved(void **state)
{
    uint64_t op = save_with(file, false), end;

    (void)state;
    run_to(op, "suspending the guest");
    assert_int_equal(engine_destroy(w.en, id, &end, &e), 0);
    assert_int_equal(world_wait(&w, end), OP_DONE);
    world_idle(&w);
    assert_null(listed());
    assert_int_equal(access(file, F_OK), -1);
    assert_int_equal(access(part, F_OK), -1);
}

/* --- files that are none --- */

static void
assert_no_restore(const char *text)
{
    uint64_t op = 0;
    struct err why = { 0 };

    if (engine_restore(w.en, file, false, &op, &why) == 0) {
        assert_int_not_equal(world_wait(&w, op), OP_DONE);
        why = op_at(op)->err;
    }
    if (strstr(why.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, why.msg);
    world_idle(&w);
    assert_null(world_dom(&w, "web9"));
}

static void
patch(off_t at, const void *bytes, size_t n)
{
    int fd = open(file, O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), n);
    close(fd);
}

static void
test_files_that_cannot_be_restored(void **state)
{
    static const uint32_t huge = 0x7fffffff;
    struct stat sb;

    (void)state;
    assert_done(save_with(file, false));
    world_idle(&w);
    assert_int_equal(stat(file, &sb), 0);
    assert_int_equal(truncate(file, sb.st_size - 8), 0);
    assert_no_restore("ends in the middle");
    assert_int_equal(truncate(file, sb.st_size - 300), 0);
    assert_no_restore("ends in the middle");
    patch(44, &huge, sizeof(huge));
    assert_no_restore("impossible length");
    patch(36, &huge, sizeof(huge));
    assert_no_restore("later version");
    patch(0, "Y", 1);
    assert_no_restore("no file of a saved domain");
    assert_true(listed()->saved);
    assert_int_equal(unlink(file), 0);
    assert_no_restore("No such file");
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_no_restore("no regular file");
}

/* A configuration as xl writes it, without ours. */
static void
test_file_of_xl(void **state)
{
    static const char ours[] = "xendeck\n";
    char block[16384];
    uint64_t before = count();
    ssize_t n;
    char *at;
    int fd;

    (void)state;
    assert_done(save_with(file, false));
    world_idle(&w);
    fd = open(file, O_RDONLY | O_CLOEXEC);
    n = read(fd, block, sizeof(block));
    close(fd);
    at = memmem(block, (size_t)n, ours, sizeof(ours) - 1);
    assert_non_null(at);
    patch(at - block, "X", 1);
    restore_from(file);
    assert_true(count() >= before);
}

/* The xl line can be given to a shell as it stands. */
static void
test_xl_line_is_quoted(void **state)
{
    char line[220];

    (void)state;
    text_fmt(file, sizeof(file), "%s/it's $HOME", w.dir);
    text_fmt(line, sizeof(line), "xl save -c web9 '%s/it'\\''s $HOME'", w.dir);
    assert_string_equal(op_at(save_with(file, true))->xl, line);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_save_and_restore),
        T(test_counter_stands_in_the_file),
        T(test_start_brings_it_back),
        T(test_boot_gives_the_saved_up),
        T(test_saved_is_known_to_the_next_engine),
        T(test_definition_stays_and_is_saved),
        T(test_saved_is_known_at_once),
        T(test_nothing_is_left_of_it_at_once),
        T(test_another_tool_brings_it_back),
        T(test_undefine_forgets_it_and_keeps_the_file),
        T(test_checkpoint_runs_on_and_is_reaped),
        T(test_restore_right_after_its_end),
        T(test_restore_while_it_runs_is_refused),
        T(test_suspended_domain_is_saved_as_it_is),
        T(test_ballooned_guest),
        T(test_devices_come_back),
        T(test_paused_guest_is_refused_at_once),
        T(test_domain_without_a_configuration),
        T(test_guest_that_does_not_suspend),
        T(test_guest_that_suspends_late),
        T(test_guest_that_dies_instead),
        T(test_cancelled_before_the_suspend),
        T(test_cancelled_while_it_suspends),
        T(test_cancelled_after_the_suspend),
        T(test_killed_helper),
        T(test_file_that_exists_is_kept),
        T(test_directory_that_is_not_there),
        T(test_paths_that_are_refused),
        T(test_destroyed_while_it_is_saved),
        T(test_files_that_cannot_be_restored),
        T(test_file_of_xl),
        T(test_xl_line_is_quoted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
