/*
 * test_postmortem.c - the last words of domains on the simulated host: what is
 * kept of which end, how much, and what is left of an engine that dies or a
 * disk that takes nothing while they are written.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/api/api_postmortem.h"
#include "engine/host/domains.h"
#include "engine/sim/sim_outside_model.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

#define PANIC "Kernel panic - not syncing: sysrq triggered crash"
#define MODEL                                                                  \
    "devices = ( { type = \"vfb\"; vncpasswd = \"hidden77\"; }, "              \
    "{ type = \"vkbd\"; } );"

static struct world w;
static struct postmortem kept[POSTMORTEM_LIST_MAX];

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static size_t
count_kept(const char *of)
{
    return engine_postmortems(w.en, of, kept, POSTMORTEM_LIST_MAX);
}

/* The nth, from 0, in full. The caller's to free. */
static char *
words_of(size_t nth)
{
    struct buf text = { 0 };
    struct err e = { 0 };

    if (engine_postmortem_text(w.en, &kept[nth], &text, &e) < 0)
        fail_msg("%s", e.msg);
    return buf_take(&text);
}

static void
assert_words(size_t nth, const char *part, bool there)
{
    char *text = words_of(nth);

    if ((strstr(text, part) != NULL) != there)
        fail_msg("'%s' is %s: %s", part, there ? "missing" : "there", text);
    free(text);
}

/* A guest that has booted, and runs for longer than its minimum. */
static uint32_t
guest(const char *name, const char *more)
{
    (void)world_guest(&w, name, more);
    world_settle(&w, 5000);
    world_pass(&w, 30000);
    return world_dom(&w, name)->domid;
}

static void
end_of(const char *name, enum hv_reason r)
{
    assert_int_equal(sim_guest_shutdown(w.sim, world_dom(&w, name)->domid, r),
                     0);
    world_settle(&w, 3000);
}

static unsigned
folders(const char *beginning)
{
    char dir[160];
    const struct dirent *de;
    unsigned n = 0;
    DIR *d;

    text_fmt(dir, sizeof(dir), "%s/postmortem", w.state);
    d = opendir(dir);
    while (d != NULL && (de = readdir(d)) != NULL)
        n += strncmp(de->d_name, beginning, strlen(beginning)) == 0;
    if (d != NULL)
        closedir(d);
    return n;
}

/* --- what is kept of an end --- */

static void
test_a_crash_leaves_words(void **state)
{
    (void)state;
    guest("web9", "vcpus = 2;");
    end_of("web9", HV_CRASH);
    assert_true(world_until_gone(&w, "web9"));
    assert_int_equal(count_kept("web9"), 1);
    assert_int_equal(kept[0].why, POSTMORTEM_CRASH);
    assert_string_equal(kept[0].word, "panic");
    assert_string_equal(kept[0].file, "console");
    assert_non_null(strstr(kept[0].text, PANIC));
    assert_words(0, "Linux version", true);
    assert_words(0, "panic+0x118/0x2ed", true);
    assert_words(0, "crashed on cpu#", true);
    assert_words(0, "vcpu 1: ", true);
    assert_words(0, "  ip    ffffffff81088f1c", true);
    assert_words(0, "name = \"web9\"", true);
}

static void
test_the_decisive_line_is_marked_and_told(void **state)
{
    const struct event *ev;
    char *text, *mark;

    (void)state;
    guest("web9", "");
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept("web9"), 1);
    text = words_of(0);
    mark = strstr(text, "\n> ");
    assert_non_null(mark);
    mark[1 + strcspn(mark + 1, "\n")] = '\0';
    assert_non_null(strstr(mark, PANIC));
    free(text);
    ev = world_event(&w, "its console says (panic): ");
    assert_non_null(ev);
    assert_int_equal(ev->kind, EVENT_POSTMORTEM);
    assert_string_equal(ev->reason, "crash");
    assert_string_equal(ev->name, "web9");
    assert_non_null(strstr(ev->text, PANIC));
    assert_non_null(strstr(ev->text, "`postmortem web9'"));
}

static void
test_only_owner_reads(void **state)
{
    char path[256];
    struct stat sb;

    (void)state;
    guest("web9", "");
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept("web9"), 1);
    text_fmt(path, sizeof(path), "%s/postmortem", w.state);
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0700);
    engine_postmortem_dir(w.en, &kept[0], path, sizeof(path));
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0700);
    text_fmt(path + strlen(path), sizeof(path) - strlen(path), "/console");
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0600);
}

static void
test_a_watchdog_leaves_words(void **state)
{
    (void)state;
    guest("web9", "");
    end_of("web9", HV_WATCHDOG);
    assert_int_equal(count_kept("web9"), 1);
    assert_int_equal(kept[0].why, POSTMORTEM_WATCHDOG);
    assert_string_equal(postmortem_why_name(kept[0].why), "watchdog");
}

/* A good end is nobody's to look into. */
static void
test_a_shutdown_leaves_none(void **state)
{
    (void)state;
    guest("web9", "");
    end_of("web9", HV_POWEROFF);
    assert_true(world_until_gone(&w, "web9"));
    assert_int_equal(count_kept(NULL), 0);
}

/* Of two lives each has its own words, though the console is one. */
static void
test_words_are_of_one_life(void **state)
{
    uint64_t first;

    (void)state;
    guest("web9", "on_crash = \"restart\";");
    first = world_dom(&w, "web9")->id;
    assert_int_equal(
        sim_guest_input(w.sim, world_dom(&w, "web9")->domid, "echo one-1\r"),
        0);
    world_settle(&w, 1000);
    end_of("web9", HV_CRASH);
    world_settle(&w, 30000);
    assert_int_not_equal(world_dom(&w, "web9")->id, first);
    assert_int_equal(
        sim_guest_input(w.sim, world_dom(&w, "web9")->domid, "echo two-2\r"),
        0);
    world_settle(&w, 1000);
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept("web9"), 2);
    assert_words(0, "two-2", true);
    assert_words(0, "one-1", false);
    assert_words(0, PANIC, true);
    assert_words(1, "one-1", true);
    assert_words(1, "two-2", false);
}

static void
test_a_dead_model_leaves_words(void **state)
{
    uint32_t domid = guest("web9", MODEL "on_crash = \"destroy\";");

    (void)state;
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_settle(&w, 3000);
    assert_int_equal(count_kept("web9"),
                     1); /* the crash that follows is this */
    assert_int_equal(kept[0].why, POSTMORTEM_MODEL);
    assert_non_null(strstr(kept[0].text, "was killed by signal 9"));
    assert_words(0, "\"vfb\"", true);
    assert_words(0, "hidden77", false);
}

/* A domain that is left without its model has an end of its own to come. */
static void
test_a_domain_left_without_model_may_crash(void **state)
{
    uint32_t domid =
        guest("web9", MODEL "device_model = { on_death = \"leave\"; };");

    (void)state;
    assert_int_equal(sim_model_kill(w.sim, domid), 0);
    world_settle(&w, 3000);
    assert_int_equal(count_kept("web9"), 1);
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept("web9"), 2);
    assert_int_equal(kept[0].why, POSTMORTEM_CRASH);
    assert_int_equal(kept[1].why, POSTMORTEM_MODEL);
}

/* --- boots that fail --- */

static uint64_t
create_fails(void)
{
    struct engine_create_opts o = { 0 };
    struct err e = { 0 };
    uint64_t op = 0;

    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), &o, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    world_settle(&w, 3000);
    return op;
}

static void
test_a_failed_boot_leaves_words_once(void **state)
{
    (void)state;
    sim_no_consoled(w.sim, true);
    create_fails();
    assert_int_equal(count_kept("web9"), 1);
    assert_int_equal(kept[0].why, POSTMORTEM_BOOT);
    assert_non_null(strstr(kept[0].detail, "wait for console"));
    assert_words(0, "name = \"web9\"", true);
    create_fails();
    assert_int_equal(count_kept("web9"), 2); /* another domain, another uuid */
}

static void
test_a_reboot_too_soon_leaves_words(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9", "");
    world_settle(&w, 4000);
    end_of("web9", HV_REBOOT);
    assert_true(world_until_gone(&w, "web9"));
    assert_int_equal(count_kept("web9"), 1);
    assert_int_equal(kept[0].why, POSTMORTEM_BOOT);
    assert_non_null(strstr(kept[0].detail, "its reboot came within"));
    assert_words(0, "Linux version", true);
}

/* --- engines that come and go --- */

static void
test_words_outlive_the_engine(void **state)
{
    (void)state;
    guest("web9", "on_crash = \"preserve\";");
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept("web9"), 1);
    world_kill(&w);
    world_start(&w, false);
    world_settle(&w, 3000);
    assert_int_equal(count_kept("web9"), 1); /* it was frozen before */
    assert_words(0, PANIC, true);
}

/* Whatever moment it dies at, a folder is whole or gone. */
static void
test_a_killed_engine_leaves_no_half(void **state)
{
    unsigned ms, whole = 0;

    (void)state;
    for (ms = 495; ms < 515; ms++) {
        world_close(&w);
        world_open_kept(&w, 0);
        guest("web9", "on_crash = \"preserve\";");
        assert_int_equal(
            sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_CRASH),
            0);
        world_pass(&w, ms);
        world_kill(&w);
        whole += folders("2");
        world_start(&w, false);
        world_settle(&w, 3000);
        assert_int_equal(folders(".new-"), 0);
        if (count_kept("web9") == 1)
            assert_words(0, PANIC, true);
        else
            assert_int_equal(count_kept("web9"), 0);
    }
    assert_true(whole > 0 && whole < 20); /* it died before and after */
}

/* What is about to be written when it ends in order is written. */
static void
test_an_orderly_end_writes(void **state)
{
    (void)state;
    guest("web9", "");
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_CRASH), 0);
    world_pass(&w, 100);
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    w.en = NULL;
    assert_int_equal(folders("2"), 1);
    world_start(&w, false);
    assert_int_equal(count_kept("web9"), 1);
    assert_words(0, PANIC, true);
}

/* --- bounds and faults --- */

/* One that crashes again and again leaves the others their places. */
static void
test_places_are_shared(void **state)
{
    unsigned i;

    (void)state;
    guest("web8", "");
    guest("web9", "on_crash = \"restart\";");
    end_of("web8", HV_CRASH);
    for (i = 0; i < 4; i++) {
        world_settle(&w, 30000);
        end_of("web9", HV_CRASH);
    }
    assert_int_equal(count_kept("web9"), WORLD_POSTMORTEMS / 4);
    assert_int_equal(count_kept("web8"), 1);
}

static void
test_the_oldest_gives_way(void **state)
{
    char name[16];
    unsigned i;

    (void)state;
    for (i = 0; i < WORLD_POSTMORTEMS + 2; i++) {
        text_fmt(name, sizeof(name), "web%u", 100 + i);
        guest(name, "");
        end_of(name, HV_CRASH);
    }
    assert_int_equal(count_kept(NULL), WORLD_POSTMORTEMS);
    assert_int_equal(count_kept("web100"), 0);
    assert_int_equal(count_kept("web101"), 0);
    assert_int_equal(count_kept("web102"), 1);
}

static void
test_a_disk_that_refuses_is_told(void **state)
{
    char path[160];
    FILE *f;

    (void)state;
    text_fmt(path, sizeof(path), "%s/postmortem", w.state);
    f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
    guest("web9", "");
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept(NULL), 0);
    assert_non_null(world_event(&w, PANIC "; not kept: "));
}

/* Registers, or Xen's log, that cannot be had are no reason to keep nothing. */
static void
test_what_xen_refuses_is_left_out(void **state)
{
    (void)state;
    guest("web9", "");
    sim_fault_add(w.sim, "hv.vcpu_regs", 1, EPERM);
    sim_fault_add(w.sim, "hv.console_ring", 1, EIO);
    end_of("web9", HV_CRASH);
    assert_int_equal(count_kept("web9"), 1);
    assert_words(0, "no registers: ", true);
    assert_words(0, PANIC, true);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_crash_leaves_words),
        T(test_the_decisive_line_is_marked_and_told),
        T(test_only_owner_reads),
        T(test_a_watchdog_leaves_words),
        T(test_a_shutdown_leaves_none),
        T(test_words_are_of_one_life),
        T(test_a_dead_model_leaves_words),
        T(test_a_domain_left_without_model_may_crash),
        T(test_a_failed_boot_leaves_words_once),
        T(test_a_reboot_too_soon_leaves_words),
        T(test_words_outlive_the_engine),
        T(test_a_killed_engine_leaves_no_half),
        T(test_an_orderly_end_writes),
        T(test_places_are_shared),
        T(test_the_oldest_gives_way),
        T(test_a_disk_that_refuses_is_told),
        T(test_what_xen_refuses_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
