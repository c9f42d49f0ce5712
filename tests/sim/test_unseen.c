/*
 * test_unseen.c - a file that cannot be read for the moment says nothing: of
 * what was started with the host, of the end of the host, of the domids that
 * libxl gave out, of the records of domains.
 */
#include <fcntl.h>
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

#include "engine/config/core/uuid.h"
#include "engine/console/console_scroll.h"
#include "engine/life/host_stop.h"
#include "engine/record/userdata.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;
static char path[256], aside[300];

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* path: there, or a link to itself (ELOOP), which nobody can open. */
static void
hide(const char *dir, const char *name)
{
    text_fmt(path, sizeof(path), "%s/%s", dir, name);
    text_fmt(aside, sizeof(aside), "%s.aside", path);
    if (access(path, F_OK) == 0)
        assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(path, path), 0);
}

static void
show(void)
{
    assert_int_equal(unlink(path), 0);
    if (access(aside, F_OK) == 0)
        assert_int_equal(rename(aside, path), 0);
}

static const struct dom *
web9(void)
{
    return engine_dom_find(w.en, "web9", NULL);
}

static void
hide_conf(const uint8_t uuid[16])
{
    char name[64], text[37];

    uuid_print_text(uuid, text);
    text_fmt(name, sizeof(name), "%s.conf", text);
    hide(w.state, name);
}

/* --- started with the host --- */

static void
begin_auto(void)
{
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "autostart = true;"), &e),
        0);
    world_kill(&w);
    world_start_auto(&w);
}

/* It was shut down on purpose. */
static void
test_unreadable_list_starts_nothing(void **state)
{
    (void)state;
    begin_auto();
    world_pass(&w, 20000);
    assert_false(web9()->off);
    (void)sim_guest_shutdown(w.sim, web9()->domid, HV_POWEROFF);
    world_idle(&w);
    world_kill(&w);
    hide(w.run, "autostarted");
    world_start_auto(&w);
    world_pass(&w, 20000);
    assert_true(web9()->off);
    show();
    world_pass(&w, 20000);
    assert_true(web9()->off);
}

static bool
is_there(void *arg)
{
    (void)arg;
    return world_dom(&w, "web9") != NULL;
}

/* What could not be written is written later. */
static void
test_start_is_noted_later(void **state)
{
    struct buf text = { 0 };
    char uuid[37];

    (void)state;
    begin_auto();
    assert_true(loop_until(w.lp, is_there, NULL, 10000));
    hide(w.run, "autostarted");
    world_pass(&w, 20000);
    assert_false(web9()->off);
    show();
    world_pass(&w, 5000);
    uuid_print_text(web9()->uuid, uuid);
    assert_int_equal(fd_read_file(path, 4096, &text, &e), 0);
    assert_non_null(strstr(buf_text(&text), uuid));
    buf_free(&text);
}

/* --- files of others --- */

static void
test_unreadable_history_is_not_replaced(void **state)
{
    struct stat sb;

    (void)state;
    hide(w.dir, "domid-history");
    assert_int_equal(domid_history_add(path, 7, 100, &e), -1);
    assert_int_equal(lstat(path, &sb), 0);
    assert_true(S_ISLNK(sb.st_mode));
    show();
    assert_int_equal(domid_history_add(path, 7, 100, &e), 0);
}

static void
test_text_of_an_unreadable_record_stays(void **state)
{
    char text[160], uuid[37];
    int fd;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    uuid_print_text(web9()->uuid, uuid);
    text_fmt(text, sizeof(text), "%s/console", w.state);
    assert_true(mkdir(text, 0700) == 0 || access(text, F_OK) == 0);
    text_fmt(text, sizeof(text), "%s/console/%s", w.state, uuid);
    fd = open(text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    hide_conf(web9()->uuid);
    scroll_sweep(w.en);
    assert_int_equal(access(text, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    scroll_sweep(w.en);
    assert_int_equal(access(text, F_OK), -1);
}

/* How it is to be stopped, and when, is not known: that is told. */
static void
test_host_stop_of_an_unreadable_record(void **state)
{
    uint64_t op;

    (void)state;
    (void)world_guest(&w, "web9", "host_stop = \"destroy\";");
    world_pass(&w, 10000);
    hide_conf(web9()->uuid);
    assert_int_equal(engine_host_stop(w.en, HOST_STOP_DOMAINS, 0, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    show();
    assert_non_null(world_event(
        &w, "how it is to end with the host, and when, cannot be told: "));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_unreadable_list_starts_nothing),
        T(test_start_is_noted_later),
        T(test_unreadable_history_is_not_replaced),
        T(test_text_of_an_unreadable_record_stays),
        T(test_host_stop_of_an_unreadable_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
