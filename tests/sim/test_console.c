/*
 * test_console.c - guest consoles as the engine holds them: nothing of a boot
 * is lost, clients come and go, one scroll over a restart, the lock of
 * `xl console` is honoured in both directions; and what storms do.
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
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/console/clients.h"
#include "engine/console/console_int.h"
#include "engine/console/console_lock.h"
#include "engine/host/domains.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

struct reader {
    struct console_client cl; /* first */
    struct buf text;
    unsigned changes;
};

static struct world w;
static struct reader r;
static struct err said;

static int flock_fails; /* errno of the next calls; 0: none */

int
flock(int fd, int how)
{
    if (flock_fails == 0)
        return (int)syscall(SYS_flock, fd, how);
    errno = flock_fails;
    return -1;
}

static void
take(struct console_client *cl, const char *bytes, size_t n)
{
    buf_add(&((struct reader *)(void *)cl)->text, bytes, n);
}

static void
changed(struct console_client *cl)
{
    ((struct reader *)(void *)cl)->changes++;
}

static const enum session_right may_write = RIGHT_OPERATE;

static void
begin(void)
{
    memset(&r, 0, sizeof(r));
    r.cl.data = take;
    r.cl.right = &may_write;
    r.cl.state = changed;
    world_open(&w, 0, false);
}

static void
end(void)
{
    console_detach(&r.cl);
    buf_free(&r.text);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

static void
attach(uint64_t dom_id)
{
    struct err e = { 0 };

    if (console_attach(w.en, dom_id, 0, &r.cl, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
wait_text(const char *text)
{
    int i;

    for (i = 0; i < 500; i++) {
        if (strstr(buf_text(&r.text), text) != NULL)
            return;
        world_settle(&w, 200);
    }
    fail_msg("'%s' never came; there is: %s", text, buf_text(&r.text));
}

static void
say(const char *text)
{
    assert_int_equal(console_write(&r.cl, text, strlen(text)), strlen(text));
}

/* One with -e, without a screen. */
static enum cmd_rc
by_verb(const char *line)
{
    struct test_session ts = { 0 };
    struct buf out = { 0 };
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &said };
    enum cmd_rc rc;

    err_clear(&said);
    test_session_open(&ts, w.en, w.lp);
    rc = test_run_line(&ctx, line);
    test_session_close(&ts);
    buf_free(&out);
    return rc;
}

static void
test_late_client_gets_the_whole_boot(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");

    (void)state;
    world_pass(&w, 5000);
    attach(id);
    wait_text("web9:~# ");
    assert_non_null(strstr(buf_text(&r.text), "Linux version"));
    assert_int_equal(console_state(&r.cl), CONSOLE_ATTACHED);
}

static void
test_typed_command_is_answered(void **state)
{
    (void)state;
    attach(world_guest(&w, "web9", ""));
    wait_text("web9:~# ");
    say("echo a-b-c\r");
    wait_text("\na-b-c");
}

static void
test_text_stays_after_the_end(void **state)
{
    (void)state;
    attach(world_guest(&w, "web9", ""));
    wait_text("web9:~# ");
    say("echo last-words\r");
    wait_text("\nlast-words");
    say("poweroff\r");
    while (domains_by_name(w.en, "web9") != NULL)
        world_settle(&w, 200);
    world_pass(&w, 5000);
    assert_int_equal(console_state(&r.cl), CONSOLE_ENDED);
    assert_non_null(strstr(console_why(&r.cl), "poweroff"));
    wait_text("last-words");
}

static void
test_one_scroll_over_a_restart(void **state)
{
    uint64_t op, id = world_guest(&w, "web9", "");

    (void)state;
    attach(id);
    wait_text("web9:~# ");
    say("echo before-it\r");
    wait_text("\nbefore-it");
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, id, &op, NULL), 0);
    buf_clear(&r.text);
    wait_text("Linux version");
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    assert_non_null(world_event(&w, "restarts after reboot"));
    wait_text("web9:~# ");
    assert_int_equal(console_state(&r.cl), CONSOLE_ATTACHED);
    /* A client that comes now is told of both lives. */
    console_detach(&r.cl);
    buf_clear(&r.text);
    attach(domains_by_name(w.en, "web9")->d.id);
    assert_non_null(strstr(buf_text(&r.text), "before-it"));
}

static void
lock_path(uint64_t id, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/xenconsole.%u", engine_paths(w.en)->consoles,
             domains_by_id(w.en, id)->d.domid);
}

static void
test_console_held_by_another_is_left_alone(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    char path[512];
    int fd;

    (void)state;
    attach(id);
    wait_text("web9:~# ");
    assert_int_equal(by_verb("console-release web9"), CMD_OK);
    assert_int_equal(console_state(&r.cl), CONSOLE_RELEASED);
    lock_path(id, path, sizeof(path));
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(by_verb("console-retake web9"), CMD_ERROR);
    assert_non_null(strstr(said.msg, "test_console"));
    assert_int_equal(console_state(&r.cl), CONSOLE_HELD);
    assert_non_null(strstr(console_why(&r.cl), "test_console"));
    (void)unlink(path);
    close(fd);
    world_pass(&w, 10000);
    assert_int_equal(console_state(&r.cl), CONSOLE_ATTACHED);
}

static void
test_console_goes_from_hand_to_hand(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");

    (void)state;
    world_pass(&w, 1000);
    assert_int_equal(by_verb("console-release web9"), CMD_OK);
    attach(id);
    assert_int_equal(console_state(&r.cl), CONSOLE_RELEASED);
    assert_int_equal(by_verb("console-retake web9"), CMD_OK);
    assert_int_equal(console_state(&r.cl), CONSOLE_ATTACHED);
    assert_int_equal(by_verb("console-release"), CMD_USAGE);
    assert_int_equal(by_verb("console-release 0"), CMD_ERROR);
    assert_non_null(strstr(said.msg, "Domain-0"));
}

static void
test_engine_holds_the_lock(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    char path[512];
    int fd;

    (void)state;
    world_pass(&w, 1000);
    lock_path(id, path, sizeof(path));
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
    close(fd);
}

static void
test_tty_a_guest_could_write_is_not_opened(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    uint32_t domid = domains_by_id(w.en, id)->d.domid;
    struct store_perm mine = { domid, STORE_PERM_NONE };
    char path[64];

    (void)state;
    attach(id);
    wait_text("web9:~# ");
    assert_int_equal(by_verb("console-release web9"), CMD_OK);
    store_path(path, sizeof(path), "/local/domain/%u/console/tty", domid);
    assert_int_equal(
        store_set_perms(engine_store(w.en), 0, path, &mine, 1, NULL), 0);
    (void)by_verb("console-retake web9");
    assert_int_not_equal(console_state(&r.cl), CONSOLE_ATTACHED);
}

/* A channel: a further console of the guest, with a pty that the test serves.
 * Returns the end of the other side. */
static int
channel_make(uint32_t domid, unsigned number)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char path[64];

    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    store_path(path, sizeof(path), "/local/domain/%u/device/console/%u/tty",
               domid, number);
    assert_int_equal(
        store_write(engine_store(w.en), 0, path, ptsname(master), NULL), 0);
    return master;
}

static void
test_consoles_of_a_domain_have_numbers(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    uint32_t domid = domains_by_id(w.en, id)->d.domid;
    struct reader first = { .cl = { .data = take, .state = changed } };
    char path[512];
    int master = channel_make(domid, 1);

    (void)state;
    assert_int_equal(console_attach(w.en, id, 0, &first.cl, NULL), 0);
    assert_int_equal(console_attach(w.en, id, 1, &r.cl, NULL), 0);
    assert_int_equal(console_state(&r.cl), CONSOLE_ATTACHED);
    assert_int_equal(console_place(&r.cl).number, 1);
    assert_int_equal(console_place(&r.cl).kind, CONSOLE_PV);
    assert_int_equal(write(master, "on the channel\n", 15), 15);
    wait_text("on the channel");
    assert_null(strstr(buf_text(&r.text), "Linux version"));
    assert_null(strstr(buf_text(&first.text), "on the channel"));
    lock_path(id, path, sizeof(path));
    assert_int_equal(access(path, F_OK), 0);
    text_fmt(path + strlen(path), sizeof(path) - strlen(path), ".1");
    assert_int_equal(access(path, F_OK), 0);
    console_detach(&r.cl);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(console_state(&first.cl), CONSOLE_ATTACHED);
    console_detach(&first.cl);
    buf_free(&first.text);
    close(master);
}

static void
test_flood_is_bounded(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    int i;

    (void)state;
    attach(id);
    wait_text("web9:~# ");
    say("flood 4\r");
    for (i = 0; i < 5000 && r.text.len < 3 * 1000 * 1000; i++)
        world_settle(&w, 200);
    console_detach(&r.cl);
    buf_clear(&r.text);
    attach(id);
    assert_true(r.text.len <= 1280 * 1024);
    assert_true(r.text.len >= 1000 * 1000);
}

static size_t
captured(void)
{
    struct list_node *it;
    size_t sum = 0;

    list_foreach (it, &console_room(w.en)->consoles)
        sum += list_entry(it, struct console, node)->capture.len;
    return sum;
}

/* Forty flooding guests: what is kept of all is bounded, what a quiet one said
 * stays. */
static void
test_what_is_kept_of_all_is_bounded(void **state)
{
    char line[1024];
    struct console *c, *quiet = NULL;
    struct dom d = { .domid = 500 };
    int i, k;

    (void)state;
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (i = 0; i < 41; i++) {
        d.uuid[0] = (uint8_t)(i + 1);
        c = console_new(w.en, &d, 0);
        if (i == 0)
            quiet = c;
        for (k = 0; k < (i == 0 ? 100 : 1500); k++)
            console_deliver(c, line, sizeof(line));
        assert_true(captured() <= CONSOLE_CAPTURES_MAX);
        assert_true(c->capture.len >= 100 * sizeof(line));
        assert_true(c->capture.cap <= 2 * c->capture.len + 4096 ||
                    c->capture.cap <= 2 * 1024 * 1024 + 4096);
    }
    assert_int_equal(quiet->capture.len, 100 * sizeof(line));
    assert_true(captured() > CONSOLE_CAPTURES_MAX / 2);
}

/* A client that cannot keep up stops the guest, not its own keys. */
static void
test_a_client_holds_the_guest_back(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    size_t had;

    (void)state;
    attach(id);
    wait_text("web9:~# ");
    console_hold(&r.cl, true);
    had = r.text.len;
    say("echo held-back\r");
    world_settle(&w, 3000);
    assert_int_equal(r.text.len, had);
    console_hold(&r.cl, false);
    wait_text("\nheld-back");
    /* one that goes holds nothing */
    console_hold(&r.cl, true);
    console_detach(&r.cl);
    attach(id);
    say("echo again\r");
    wait_text("\nagain");
}

/* --- storms --- */

#define STORM 300

static void
test_storm_of_deaths_is_reaped_once_each(void **state)
{
    struct world big;
    size_t i, reaped = 0, n;

    (void)state;
    world_open(&big, STORM, false);
    assert_int_equal(engine_dom_count(big.en), STORM + 1);
    for (i = 1; i <= STORM; i++)
        assert_int_equal(sim_guest_shutdown(big.sim,
                                            engine_dom_at(big.en, i)->domid,
                                            HV_POWEROFF),
                         0);
    world_pass(&big, 30000);
    assert_int_equal(engine_dom_count(big.en), 1);
    n = engine_event_count(big.en);
    for (i = 0; i < n; i++)
        reaped += engine_event_at(big.en, i)->kind == EVENT_REAPED;
    /* The ring holds 1,000 events: the last ones of 300 ends are there. */
    assert_true(reaped > 0 && reaped <= STORM);
    world_close(&big);
}

static void
test_death_of_xenstored_is_told(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "");
    sim_store_die(w.sim);
    world_pass(&w, 3000);
    assert_true(engine_host_info(w.en)->store_lost);
    if (engine_create(w.en, world_conf(&w, "web8", ""), NULL, &op, &e) == 0) {
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        assert_int_equal(engine_op_by_id(w.en, op)->err.code, ERR_LOST);
    }
    assert_non_null(world_event(&w, "xenstored is gone"));
}

static void
take_none(struct console_client *cl, const char *bytes, size_t n)
{
    (void)cl, (void)bytes, (void)n;
}

static void
hear_none(struct console_client *cl)
{
    (void)cl;
}

static void
assert_size(unsigned rows, unsigned cols)
{
    struct winsize ws = { 0 };

    assert_int_equal(ioctl(r.cl.con->fd, TIOCGWINSZ, &ws), 0);
    assert_int_equal(ws.ws_row, rows);
    assert_int_equal(ws.ws_col, cols);
}

/* A guest has one size: that of its smallest viewer, or of the one who types
 * if that one's settings say so. */
static void
test_many_viewers_have_one_size(void **state)
{
    struct console_client other;
    uint64_t id = world_guest(&w, "web9", "");
    struct err e = { 0 };

    (void)state;
    attach(id);
    wait_text("web9:~# ");
    console_resize(&r.cl, 24, 132);
    other = (struct console_client){ .data = take_none,
                                     .right = &may_write,
                                     .state = hear_none };
    assert_int_equal(console_attach(w.en, id, 0, &other, &e), 0);
    console_resize(&other, 50, 80);
    assert_size(24, 80);
    other.size_of_writer = true;
    assert_int_equal(console_write(&other, "x", 1), 1);
    assert_size(50, 80);
    console_detach(&other);
    assert_size(24, 132);
}

/* Whether another program can have the lock. */
static bool
lock_is_free(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool is_free;

    assert_true(fd >= 0);
    is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return is_free;
}

/* A console that the engine does not read by itself, as those of xl's domains
 * are: only who may type takes it from others. */
static void
test_viewers_alone_lock_nobody_out(void **state)
{
    struct console_client other = { .data = take_none, .right = &may_write };
    uint64_t id = world_guest(&w, "web9", "");
    char path[512];
    int master = channel_make(domains_by_id(w.en, id)->d.domid, 1);

    (void)state;
    lock_path(id, path, sizeof(path));
    text_fmt(path + strlen(path), sizeof(path) - strlen(path), ".1");
    r.cl.only_looks = true;
    assert_int_equal(console_attach(w.en, id, 1, &r.cl, NULL), 0);
    world_pass(&w, 5000);
    assert_int_equal(console_state(&r.cl), CONSOLE_WAITING);
    assert_non_null(strstr(console_why(&r.cl), "may operate"));
    assert_true(lock_is_free(path));
    assert_int_equal(console_attach(w.en, id, 1, &other, NULL), 0);
    assert_int_equal(console_state(&r.cl), CONSOLE_ATTACHED);
    assert_false(lock_is_free(path));
    assert_int_equal(write(master, "for both\n", 9), 9);
    wait_text("for both");
    console_detach(&other);
    assert_int_equal(console_state(&r.cl), CONSOLE_WAITING);
    assert_true(lock_is_free(path));
    assert_int_equal(by_verb("console-retake web9"), CMD_ERROR);
    assert_non_null(strstr(said.msg, "may operate"));
    close(master);
}

static void
test_lock_that_fails_is_no_other_reader(void **state)
{
    struct err e = { 0 };
    char path[128];

    (void)state;
    text_fmt(path, sizeof(path), "%s/lock", w.dir);
    flock_fails = ENOLCK;
    assert_int_equal(console_lock(path, &e), -1);
    flock_fails = 0;
    assert_int_not_equal(e.code, ERR_BUSY);
    assert_int_equal(e.sys, ENOLCK);
}

static unsigned news;

static void
hear_news(struct console_client *c)
{
    (void)c;
    news++;
}

/* Who else looks, and who types, is told to the others and to nobody twice. */
static void
test_viewers_know_of_each_other(void **state)
{
    struct console_client other = { .data = take_none,
                                    .right = &may_write,
                                    .who = "ann@pts/7" };
    uint64_t id = world_guest(&w, "web9", "");

    (void)state;
    r.cl.company = hear_news;
    news = 0;
    attach(id);
    wait_text("web9:~# ");
    assert_int_equal(news, 0);
    assert_int_equal(console_others(&r.cl, NULL), 0);
    assert_int_equal(console_attach(w.en, id, 0, &other, NULL), 0);
    assert_int_equal(news, 1);
    assert_int_equal(console_others(&r.cl, NULL), 1);
    assert_null(console_typist(&r.cl));
    assert_int_equal(console_write(&other, "a", 1), 1);
    assert_int_equal(console_write(&other, "b", 1), 1);
    assert_int_equal(news, 2);
    assert_string_equal(console_typist(&r.cl), "ann@pts/7");
    assert_null(console_typist(&other));
    world_pass(&w, 4000);
    assert_int_equal(news, 3);
    assert_null(console_typist(&r.cl));
    assert_int_equal(console_write(&other, "c", 1), 1);
    say("d");
    assert_null(console_typist(&r.cl));
    console_detach(&other);
    assert_int_equal(console_others(&r.cl, NULL), 0);
    assert_true(news > 3);
}

/* The engine itself takes nothing of a session that may only view, at each
 * moment; nor does its terminal answer for others, though it was first. */
static void
test_viewer_writes_nothing(void **state)
{
    enum session_right right = RIGHT_VIEW;
    struct console_client other = { .data = take_none, .right = &may_write };
    uint64_t id = world_guest(&w, "web9", "");
    uint32_t domid = domains_by_id(w.en, id)->d.domid;
    int master = channel_make(domid, 1);
    char got[16];

    (void)state;
    r.cl.right = &right;
    assert_int_equal(console_attach(w.en, id, 1, &r.cl, NULL), 0);
    assert_int_equal(console_attach(w.en, id, 1, &other, NULL), 0);
    assert_int_equal(console_write(&r.cl, "x", 1), 0);
    assert_false(console_reset(&r.cl));
    console_answer(&r.cl, "no", 2);
    console_answer(&other, "yes", 3);
    assert_int_equal(read(master, got, sizeof(got)), 3);
    assert_null(console_typist(&other));
    right = RIGHT_OPERATE;
    assert_int_equal(console_write(&r.cl, "x", 1), 1);
    assert_true(console_reset(&r.cl));
    right = RIGHT_NONE;
    assert_int_equal(console_write(&r.cl, "x", 1), 0);
    console_answer(&r.cl, "no", 2);
    console_answer(&other, "yes", 3);
    world_settle(&w, 100);
    assert_int_equal(read(master, got, sizeof(got)), 4);
    r.cl.right = &may_write;
    console_detach(&other);
    close(master);
}

/* Each viewer's terminal has an answer to a query; the guest gets one, and one
 * that does not read it keeps room for keys. */
static void
test_one_viewer_answers(void **state)
{
    struct console_client other = { .data = take_none, .right = &may_write };
    uint64_t id = world_guest(&w, "web9", "");
    uint32_t domid = domains_by_id(w.en, id)->d.domid;
    int i, master = channel_make(domid, 1);
    char got[16];

    (void)state;
    assert_int_equal(console_attach(w.en, id, 1, &r.cl, NULL), 0);
    assert_int_equal(console_attach(w.en, id, 1, &other, NULL), 0);
    console_answer(&other, "no", 2);
    console_answer(&r.cl, "yes", 3);
    assert_int_equal(read(master, got, sizeof(got)), 3);
    assert_int_equal(console_write(&other, "x", 1), 1);
    world_settle(&w, 100);
    assert_int_equal(read(master, got, sizeof(got)), 1);
    console_answer(&r.cl, "no", 2);
    console_answer(&other, "yes", 3);
    world_settle(&w, 100);
    assert_int_equal(read(master, got, sizeof(got)), 3);
    for (i = 0; i < 20000; i++)
        console_answer(&other, "\x1b[1;1R", 6);
    world_pass(&w, 5000);
    assert_true(other.con->queue.len <= CONSOLE_ANSWERS_MAX);
    assert_int_equal(console_write(&r.cl, "keys", 4), 4);
    console_detach(&other);
    close(master);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_late_client_gets_the_whole_boot),
        T(test_typed_command_is_answered),
        T(test_text_stays_after_the_end),
        T(test_one_scroll_over_a_restart),
        T(test_console_held_by_another_is_left_alone),
        T(test_console_goes_from_hand_to_hand),
        T(test_engine_holds_the_lock),
        T(test_tty_a_guest_could_write_is_not_opened),
        T(test_consoles_of_a_domain_have_numbers),
        T(test_flood_is_bounded),
        T(test_what_is_kept_of_all_is_bounded),
        T(test_a_client_holds_the_guest_back),
        cmocka_unit_test(test_storm_of_deaths_is_reaped_once_each),
        T(test_death_of_xenstored_is_told),
        T(test_many_viewers_have_one_size),
        T(test_viewers_alone_lock_nobody_out),
        T(test_lock_that_fails_is_no_other_reader),
        T(test_viewers_know_of_each_other),
        T(test_viewer_writes_nothing),
        T(test_one_viewer_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
