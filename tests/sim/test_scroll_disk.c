/*
 * test_scroll_disk.c - the text of consoles survives the engine, ended in order
 * or killed; it goes with the last trace of its domain; and a disk that takes
 * nothing harms nobody.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/uuid.h"
#include "engine/console/clients.h"
#include "engine/console/console_int.h"
#include "engine/host/domains.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"
#include "tests/unit/file_limit.h"

#define ENGINE_SEAM "xendeck's engine restarted ---"

static struct world w;
static const enum session_right may_write = RIGHT_OPERATE;
static struct console_client cl;
static struct buf text;
static char path[256];

static void
take(struct console_client *c, const char *bytes, size_t n)
{
    (void)c;
    buf_add(&text, bytes, n);
}

static void
begin(void)
{
    cl = (struct console_client){ .data = take, .right = &may_write };
    world_open_kept(&w, 0);
}

static void
end(void)
{
    if (w.en != NULL)
        console_detach(&cl);
    buf_free(&text);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

static uint64_t
id_of(const char *name)
{
    const struct dom *d = engine_dom_find(w.en, name, NULL);

    assert_non_null(d);
    return d != NULL ? d->id : 0;
}

static void
attach(const char *name)
{
    struct err e = { 0 };

    buf_clear(&text);
    if (console_attach(w.en, id_of(name), 0, &cl, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
wait_text(const char *what)
{
    int i;

    for (i = 0; i < 500 && strstr(buf_text(&text), what) == NULL; i++)
        world_settle(&w, 200);
    if (strstr(buf_text(&text), what) == NULL)
        fail_msg("'%s' never came; there is: %s", what, buf_text(&text));
}

static void
say(const char *line)
{
    assert_int_equal(console_write(&cl, line, strlen(line)), strlen(line));
}

/* A guest says this, once it has booted; its file is `path'. */
static void
talk(const char *name, const char *word)
{
    char uuid[37], line[64];

    uuid_print_text(domains_by_name(w.en, name)->d.uuid, uuid);
    text_fmt(path, sizeof(path), "%s/console/%s", w.state, uuid);
    attach(name);
    wait_text(":~# ");
    text_fmt(line, sizeof(line), "echo %s\r", word);
    say(line);
    text_fmt(line, sizeof(line), "\n%s", word);
    wait_text(line);
}

static void
talking_guest(const char *word)
{
    world_guest(&w, "web9", "");
    talk("web9", word);
}

static unsigned
count(const char *what)
{
    const char *p = buf_text(&text);
    unsigned n = 0;

    for (; (p = strstr(p, what)) != NULL; p += strlen(what))
        n++;
    return n;
}

static void
close_engine(void)
{
    console_detach(&cl);
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    w.en = NULL;
}

static void
kill_engine(void)
{
    world_kill(&w);
    cl = (struct console_client){ .data = take, .right = &may_write };
}

/* --- over the end of engines --- */

static void
test_orderly_end_loses_nothing(void **state)
{
    struct stat sb;

    (void)state;
    talking_guest("before-it");
    close_engine();
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0600);
    world_start(&w, false);
    attach("web9");
    assert_non_null(strstr(buf_text(&text), "Linux version"));
    assert_non_null(strstr(buf_text(&text), "\nbefore-it"));
    assert_true(strstr(buf_text(&text), ENGINE_SEAM) >
                strstr(buf_text(&text), "\nbefore-it"));
    wait_text(ENGINE_SEAM);
    say("echo after-it\r");
    wait_text("\nafter-it");
}

static void
test_killed_engine_loses_a_second(void **state)
{
    (void)state;
    talking_guest("old-enough");
    world_settle(&w, 1500);
    say("echo too-young\r");
    wait_text("\ntoo-young");
    kill_engine();
    world_start(&w, false);
    attach("web9");
    assert_non_null(strstr(buf_text(&text), "\nold-enough"));
    assert_null(strstr(buf_text(&text), "\ntoo-young"));
    wait_text(ENGINE_SEAM);
}

/* Engines that come and go while the guest is silent leave one line. */
static void
test_silence_has_one_seam(void **state)
{
    int i;

    (void)state;
    talking_guest("before-it");
    for (i = 0; i < 3; i++) {
        close_engine();
        world_start(&w, false);
        attach("web9");
        assert_int_equal(count(ENGINE_SEAM), 1);
        assert_int_equal(count("\nbefore-it"), 1);
    }
    say("echo again\r");
    wait_text("\nagain");
    close_engine();
    world_start(&w, false);
    attach("web9");
    assert_int_equal(count(ENGINE_SEAM), 2);
}

/* A program of the guest's holds the screen: no line of ours spoils it. */
static void
test_alternate_screen_has_no_seam(void **state)
{
    struct console *c;

    (void)state;
    talking_guest("before-it");
    c = cl.con;
    console_deliver(c, "\x1b[?1049h\x1b[?25;1l\x1b[Hhtop", 23);
    close_engine();
    world_start(&w, false);
    attach("web9");
    assert_int_equal(count(ENGINE_SEAM), 0);
    console_deliver(cl.con, "\x1b[?7;1049lshell# ", 17);
    close_engine();
    world_start(&w, false);
    attach("web9");
    assert_int_equal(count(ENGINE_SEAM), 1);
}

/* One scroll goes on over restarts of the guest and of the engine. */
static void
test_restart_of_the_guest_goes_on(void **state)
{
    uint64_t op;

    (void)state;
    talking_guest("first-life");
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, id_of("web9"), &op, NULL), 0);
    buf_clear(&text);
    wait_text("Linux version");
    close_engine();
    world_start(&w, false);
    attach("web9");
    assert_non_null(strstr(buf_text(&text), "\nfirst-life"));
    assert_non_null(strstr(buf_text(&text), "reboot, domain"));
}

static void
test_one_console_does_not_wait_for_a_flood(void **state)
{
    char *flood = malloc(1024 * 1024);
    struct buf b = { 0 };
    struct console *c;
    struct dom d;
    int i;

    (void)state;
    assert_non_null(flood);
    memset(flood, 'x', 1024 * 1024);
    world_guest(&w, "web8", "");
    d = domains_by_name(w.en, "web8")->d;
    c = console_new(w.en, &d, 0);
    talking_guest("quiet"); /* behind it in the list */
    for (i = 0; i < 80; i++) {
        console_deliver(c, flood, 1024 * 1024);
        world_pass(&w, 25);
    }
    assert_int_equal(fd_read_file(path, 1 << 20, &b, NULL), 0);
    assert_non_null(strstr(buf_text(&b), "\nquiet"));
    console_free(c);
    buf_free(&b);
    free(flood);
}

/* --- bounds --- */

static void
test_the_bound_holds(void **state)
{
    char old[264], line[100];
    struct stat a, b;
    int i, k;

    (void)state;
    talking_guest("before-it");
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (k = 0; k < 20; k++) {
        for (i = 0; i < 1000; i++)
            console_deliver(cl.con, line, sizeof(line));
        world_pass(&w, 1100);
    }
    text_fmt(old, sizeof(old), "%s.old", path);
    assert_int_equal(stat(path, &a), 0);
    assert_int_equal(stat(old, &b), 0);
    assert_true(a.st_size + b.st_size <= WORLD_SCROLL);
    assert_true(b.st_size == WORLD_SCROLL / 2);
    close_engine();
    world_start(&w, false);
    attach("web9");
    assert_true(text.len >= WORLD_SCROLL / 2);
    assert_true(text.len <= WORLD_SCROLL + 256);
}

static void
test_off_means_none(void **state)
{
    (void)state;
    talking_guest("before-it");
    close_engine();
    assert_int_equal(access(path, F_OK), 0);
    w.scroll_bytes = 0;
    world_start(&w, false);
    attach("web9");
    assert_null(strstr(buf_text(&text), "before-it"));
    assert_int_equal(access(path, F_OK), -1);
    say("echo not-kept\r");
    wait_text("\nnot-kept");
    world_pass(&w, 5000);
    assert_int_equal(access(path, F_OK), -1);
}

/* A megabyte of parameters is looked at once: twenty seconds are what looking
 * at the rest at each of them took. */
static void
test_parameters_without_end_cost_little(void **state)
{
    char *many = malloc(1000000);
    struct timespec a, b;

    (void)state;
    assert_non_null(many);
    memset(many, ';', 1000000);
    many[0] = '\x1b';
    many[1] = '[';
    many[2] = '?';
    talking_guest("before-it");
    console_deliver(cl.con, many, 1000000);
    world_pass(&w, 20000);
    close_engine();
    clock_gettime(CLOCK_MONOTONIC, &a);
    world_start(&w, false);
    attach("web9");
    clock_gettime(CLOCK_MONOTONIC, &b);
    assert_true(b.tv_sec - a.tv_sec < 5);
    assert_int_equal(count(ENGINE_SEAM), 1);
    free(many);
}

/* Hostile bytes and a torn end are shown to a terminal, and nothing else. */
static void
test_garbage_is_harmless(void **state)
{
    char junk[4096];
    char tail[8];
    FILE *fp;
    unsigned i;

    (void)state;
    talking_guest("before-it");
    close_engine();
    for (i = 0; i < sizeof(junk); i++)
        junk[i] = (char)(i * 7919 >> 3);
    text_fmt(tail, sizeof(tail), "\x1b[?104");
    for (i = 0; tail[i] != '\0'; i++)
        junk[sizeof(junk) - strlen(tail) + i] = tail[i];
    fp = fopen(path, "ab");
    assert_non_null(fp);
    assert_int_equal(fwrite(junk, sizeof(junk), 1, fp), 1);
    fclose(fp);
    world_start(&w, false);
    attach("web9");
    assert_non_null(memmem(text.data, text.len, "\x1b[?104\x18\x1b", 8));
    assert_non_null(memmem(text.data, text.len, ENGINE_SEAM, 20));
    say("echo fine\r");
    for (i = 0; i < 200; i++) {
        world_settle(&w, 100);
        if (memmem(text.data, text.len, "\nfine", 5) != NULL)
            return;
    }
    fail_msg("the console is not usable");
}

/* --- a disk that takes nothing --- */

static unsigned
told(const char *what)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < engine_event_count(w.en); i++)
        n += strstr(engine_event_at(w.en, i)->text, what) != NULL;
    return n;
}

static void
test_full_disk_is_told_once(void **state)
{
    char dir[256];
    int i;

    (void)state;
    text_fmt(dir, sizeof(dir), "%s/console", w.state);
    (void)rmdir(dir);
    assert_int_equal(symlink("/dev/full", dir), 0);
    talking_guest("kept-in-memory");
    for (i = 0; i < 5; i++) {
        say("echo more\r");
        world_pass(&w, 31000);
    }
    assert_int_equal(told("is not written to disk"), 1);
    assert_int_equal(console_state(&cl), CONSOLE_ATTACHED);
    assert_int_equal(unlink(dir), 0);
    world_pass(&w, 31000);
    assert_int_equal(told("is written to disk again"), 1);
    kill_engine();
    world_start(&w, false);
    attach("web9");
    assert_non_null(strstr(buf_text(&text), "\nkept-in-memory"));
}

/* Full amid a write: what follows joins what is there. */
static void
test_disk_full_amid_a_write(void **state)
{
    char junk[8192];

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    talking_guest("before-it");
    world_pass(&w, 1500);
    memset(junk, 'y', sizeof(junk));
    limit_file_size(6000);
    console_deliver(cl.con, junk, sizeof(junk));
    world_pass(&w, 1500);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(told("is not written to disk"), 1);
    world_pass(&w, 31000);
    kill_engine();
    world_start(&w, false);
    attach("web9");
    memset(junk, 'y', sizeof(junk));
    assert_non_null(memmem(text.data, text.len, junk, sizeof(junk)));
    assert_null(memmem(text.data, text.len, "yyyy\nyyyy", 9));
}

/* --- what is forgotten --- */

/* Long enough that what is of no domain is swept. */
static void
end_guest(const char *name)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, id_of(name), &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 15000);
}

static void
test_file_goes_with_the_domain(void **state)
{
    (void)state;
    talking_guest("before-it");
    world_pass(&w, 1500);
    assert_int_equal(access(path, F_OK), 0);
    end_guest("web9");
    assert_int_equal(access(path, F_OK), -1);
    world_pass(&w, 15000); /* its text is in memory, and not written again */
    assert_non_null(strstr(buf_text(&text), "before-it"));
    assert_int_equal(access(path, F_OK), -1);
}

static void
test_file_stays_with_the_definition(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_int_equal(engine_start(w.en, id_of("web9"), false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    talk("web9", "first-life");
    end_guest("web9");
    assert_int_equal(access(path, F_OK), 0);
    close_engine();
    world_start(&w, false);
    assert_int_equal(engine_start(w.en, id_of("web9"), false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    talk("web9", "second-life");
    assert_non_null(strstr(buf_text(&text), "\nfirst-life"));
    end_guest("web9");
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(engine_undefine(w.en, id_of("web9"), &e), 0);
    assert_int_equal(access(path, F_OK), -1);
}

/* Domains that ended while no engine ran. */
static void
test_next_engine_sweeps(void **state)
{
    uint32_t domid;

    (void)state;
    talking_guest("before-it");
    domid = domains_by_name(w.en, "web9")->d.domid;
    close_engine();
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_POWEROFF), 0);
    world_start(&w, false);
    world_pass(&w, 30000);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(access(path, F_OK), -1);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_orderly_end_loses_nothing),
        T(test_killed_engine_loses_a_second),
        T(test_silence_has_one_seam),
        T(test_alternate_screen_has_no_seam),
        T(test_restart_of_the_guest_goes_on),
        T(test_one_console_does_not_wait_for_a_flood),
        T(test_the_bound_holds),
        T(test_off_means_none),
        T(test_garbage_is_harmless),
        T(test_parameters_without_end_cost_little),
        T(test_full_disk_is_told_once),
        T(test_disk_full_amid_a_write),
        T(test_file_goes_with_the_domain),
        T(test_file_stays_with_the_definition),
        T(test_next_engine_sweeps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
