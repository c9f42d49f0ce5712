/*
 * test_multi.c - several terminals on one engine in one process: each draws
 * its own screen in its own way, and none can harm another.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* curses has a function of this name, too */
#define scr_dump curses_scr_dump
#include "ui/app/ui_int.h"
#undef scr_dump

#include "tests/screen/act.h"
#include "tests/screen/side.h"

#define FRAME_MAX (64U * 1024) /* bytes of any one frame here */
#define MANY      50

enum { XTERM, VT100, LINUX, SIDES };

struct fixture {
    struct house h;
    struct side d[SIDES];
};

static const struct side_opts kinds[SIDES] = {
    [XTERM] = { .rows = 24,
                .cols = 80,
                .term = "xterm-256color",
                .utf8 = true },
    [VT100] = { .rows = 30, .cols = 100, .term = "vt100" },
    [LINUX] = { .rows = 40, .cols = 132, .term = "linux", .utf8 = true },
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    int i;

    assert_non_null(f);
    house_open(&f->h);
    for (i = 0; i < SIDES; i++)
        side_open(&f->d[i], &f->h, &kinds[i]);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    int i;

    for (i = 0; i < SIDES; i++)
        side_close(&f->d[i]);
    house_close(&f->h);
    free(f);
    return 0;
}

/* The key bar stands in the last row: the frame has the terminal's size. */
static void
see_whole(struct side *d)
{
    int rows, cols;

    scr_size(d->s, &rows, &cols);
    SEE(d->s, "web1");
    SEE(d->s, "F10Quit");
    CHECK(d->s, scr_find(d->s, "F10Quit") == rows - 1);
}

static void
see_all(struct fixture *f)
{
    int i;

    for (i = 0; i < SIDES; i++)
        see_whole(&f->d[i]);
}

static bool
was_sent(const struct scr *s, const char *what)
{
    size_t n;
    const char *raw = scr_raw(s, 0, &n);

    return memmem(raw, n, what, strlen(what)) != NULL;
}

static bool
only_ascii(const struct scr *s)
{
    size_t n, i;
    const char *raw = scr_raw(s, 0, &n);

    for (i = 0; i < n; i++)
        if ((unsigned char)raw[i] >= 0x80)
            return false;
    return true;
}

static void
test_each_draws_in_its_own_way(void **state)
{
    struct fixture *f = *state;

    see_all(f);
    assert_true(was_sent(f->d[XTERM].s, "\033[?1049h"));
    assert_true(was_sent(f->d[XTERM].s, "\033[?2004h"));
    assert_true(was_sent(f->d[XTERM].s, "\u2500"));
    assert_true(was_sent(f->d[LINUX].s, "\u2500"));
    assert_true(was_sent(f->d[LINUX].s, "\033[3"));
    assert_false(was_sent(f->d[LINUX].s, "38;5"));
    assert_false(was_sent(f->d[LINUX].s, "\033[?1049h"));
    assert_false(was_sent(f->d[VT100].s, "\033[3"));
    assert_false(was_sent(f->d[VT100].s, "\033[?2004h"));
    assert_true(only_ascii(f->d[VT100].s));
    /* The same open file belongs to the user's shell. */
    assert_false(fcntl(scr_tty(f->d[XTERM].s), F_GETFL) & O_NONBLOCK);
    /* The first one has columns that the second has, and no more. */
    assert_true(scr_has(f->d[LINUX].s, "Owner"));
    assert_false(scr_has(f->d[XTERM].s, "Owner"));
}

static void
test_keys_are_one_terminals(void **state)
{
    struct fixture *f = *state;
    struct scr *x = f->d[XTERM].s, *v = f->d[VT100].s, *l = f->d[LINUX].s;

    see_all(f);
    scr_send(x, "?");
    scr_send(v, ":list nothing");
    scr_send(l, "l");
    SEE(x, "sort-time");
    SEE(v, ":list nothing");
    SEE(l, "events");
    CHECK(v, !scr_has(v, "sort-time") && !scr_has(v, "events"));
    CHECK(l, !scr_has(l, "sort-time") && !scr_has(l, ":list nothing"));
    CHECK(x, !scr_has(x, ":list nothing"));
    scr_send(v, "\033");
    scr_send(x, "q");
    LOSE(x, "sort-time");
    LOSE(v, ":list nothing");
    SEE(l, "events");
}

/* Both look into one console, the second types. */
static void
test_a_console_with_two_viewers(void **state)
{
    struct fixture *f = *state;
    struct scr *x = f->d[XTERM].s, *v = f->d[VT100].s;

    see_all(f);
    scr_send(x, ":console web1\r");
    SEE(x, "web1:~#");
    scr_send(v, ":console web1\r");
    SEE(v, "web1:~#");
    scr_send(x, "echo caf\u00e9 \u6f22.\r");
    SEE(x, "caf\u00e9 \u6f22.");
    SEE(v, "caf? ? .");
    assert_true(only_ascii(v));
    CHECK(f->d[LINUX].s, !scr_has(f->d[LINUX].s, "web1:~#"));
}

/* Theme and mouse are settings of one terminal. */
static void
test_settings_are_one_terminals(void **state)
{
    struct fixture *f = *state;

    see_all(f);
    text_fmt(ui_settings(f->d[XTERM].ui)->theme, 8, "mine");
    assert_string_not_equal(ui_settings(f->d[LINUX].ui)->theme, "mine");
    ui_set_mouse(f->d[XTERM].ui, false);
    scr_settle(f->d[XTERM].s, 50);
    assert_false(scr_mode(f->d[XTERM].s, 1000));
    assert_false(ui_settings(f->d[XTERM].ui)->mouse);
    assert_true(ui_settings(f->d[LINUX].ui)->mouse);
}

static void
has_size(struct side *d, int rows, int cols)
{
    SCREEN *was = tty_select(&d->ui->tty);

    assert_int_equal(LINES, rows);
    assert_int_equal(COLS, cols);
    assert_int_equal(getmaxy(curscr), rows);
    assert_int_equal(getmaxx(curscr), cols);
    assert_int_equal(getmaxx(newscr), cols);
    assert_int_equal(getmaxx(d->ui->fr.w_header), cols);
    tty_select_back(was);
}

static void
resize(struct side *d, int rows, int cols)
{
    scr_resize(d->s, rows, cols);
    ui_winch(d->ui);
    while (scr_find(d->s, "F10Quit") != rows - 1 && scr_pump(d->s, SCR_MS))
        ;
    see_whole(d);
    has_size(d, rows, cols);
}

/* Curses knows the windows of all screens, and would cut them too. */
static void
test_resize_of_one(void **state)
{
    struct fixture *f = *state;
    size_t sent;

    see_all(f);
    scr_settle(f->d[LINUX].s, 20);
    sent = scr_sent(f->d[LINUX].s);
    resize(&f->d[VT100], 24, 80);
    resize(&f->d[VT100], 45, 140);
    resize(&f->d[VT100], 24, 90);
    has_size(&f->d[XTERM], 24, 80);
    has_size(&f->d[LINUX], 40, 132);
    scr_send(f->d[XTERM].s, "?");
    SEE(f->d[XTERM].s, "sort-time");
    scr_send(f->d[XTERM].s, "q");
    LOSE(f->d[XTERM].s, "sort-time");
    see_all(f);
    /* No other terminal is painted anew. */
    scr_settle(f->d[LINUX].s, 20);
    assert_true(scr_sent(f->d[LINUX].s) < sent + 8 * 1024);
    scr_send(f->d[LINUX].s, "l");
    SEE(f->d[LINUX].s, "events");
}

/* A screen that is kept for the next terminal of its type shows nothing of the
 * one before. */
static void
test_screen_is_used_again(void **state)
{
    static const struct side_opts bigger = {
        .rows = 50, .cols = 160, .term = "xterm-256color", .utf8 = true
    };
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    const struct curses_screen *kept = x->ui->tty.screen;

    see_all(f);
    scr_send(x->s, "?");
    SEE(x->s, "sort-time");
    side_close(x);
    side_open(x, &f->h, &bigger);
    assert_ptr_equal(x->ui->tty.screen, kept);
    see_whole(x);
    has_size(x, 50, 160);
    CHECK(x->s, !scr_has(x->s, "sort-time"));
    CHECK(x->s, scr_mode(x->s, 1049) && scr_mode(x->s, 2004));
    CHECK(x->s, was_sent(x->s, "\033[1;50r"));
    has_size(&f->d[LINUX], 40, 132);
    see_all(f);
}

static void
test_close_of_one(void **state)
{
    struct fixture *f = *state;
    struct side *v = &f->d[VT100];

    see_all(f);
    v->close_at_end = true;
    scr_send(v->s, "q");
    while (v->detached == 0)
        scr_pump(v->s, 10);
    assert_null(v->ui);
    CHECK_RESTORED(v->s);
    scr_send(f->d[XTERM].s, "G");
    scr_send(f->d[LINUX].s, ":resume web1\r");
    house_pass(&f->h, 600);
    see_whole(&f->d[XTERM]);
    see_whole(&f->d[LINUX]);
    side_close(v);
    side_open(v, &f->h, &kinds[VT100]);
    see_all(f);
}

/* --- a terminal that takes nothing --- */

static void
flood_with_frames(struct fixture *f, struct side *d, unsigned n)
{
    while (n-- > 0) {
        ui_redraw(d->ui);
        house_pass(&f->h, 17);
        assert_true(d->ui->tty.out.len < FRAME_MAX);
    }
}

/* The reader has stopped: its pty fills, and stays so. */
static void
test_stuck_terminal_harms_nobody(void **state)
{
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    size_t used, waiting;

    see_all(f);
    flood_with_frames(f, x, 100);
    waiting = x->ui->tty.out.len;
    assert_true(waiting > 0);
    used = mallinfo2().uordblks;
    scr_send(f->d[LINUX].s, "?");
    SEE(f->d[LINUX].s, "sort-time");
    scr_send(f->d[LINUX].s, "q");
    LOSE(f->d[LINUX].s, "sort-time");
    flood_with_frames(f, x, 100);
    assert_int_equal(x->ui->tty.out.len, waiting);
    assert_true(mallinfo2().uordblks < used + 256 * 1024);
    scr_send(x->s, "l"); /* what is typed blindly is done */
    SEE(x->s, "events");
    see_whole(x);
    assert_int_equal(x->ui->tty.out.len, 0);
    CHECK_CLEAN(x->s, 0);
}

/* ^S, and then the end of the session: the loop does not wait for it. */
static void
test_closing_a_stuck_terminal_is_quick(void **state)
{
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    uint64_t begin;

    see_all(f);
    assert_int_equal(tcflow(scr_tty(x->s), TCOOFF), 0);
    flood_with_frames(f, x, 2);
    assert_true(tty_busy(&x->ui->tty));
    begin = loop_now_ms(f->h.lp);
    ui_close(x->ui);
    x->ui = NULL;
    assert_true(loop_now_ms(f->h.lp) - begin < 100);
    assert_int_equal(tcflow(scr_tty(x->s), TCOON), 0);
    see_whole(&f->d[VT100]);
}

/* --- the owner --- */

static void
test_suspend_and_resume(void **state)
{
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    size_t sent;

    see_all(f);
    scr_send(x->s, "\x1a");
    while (x->suspended == 0)
        scr_pump(x->s, 10);
    CHECK_RESTORED(x->s);
    sent = scr_sent(x->s);
    scr_send(x->s, "l\n"); /* the shell's */
    scr_resize(x->s, 30, 90);
    house_pass(&f->h, 600);
    scr_settle(x->s, 20);
    assert_int_equal(scr_sent(x->s), sent + 3); /* its echo */
    see_whole(&f->d[VT100]);
    tcflush(scr_tty(x->s), TCIFLUSH);
    ui_resume(x->ui);
    SEE(x->s, "F10Quit");
    while (scr_find(x->s, "F10Quit") != 29 && scr_pump(x->s, SCR_MS))
        ;
    see_whole(x);
    CHECK(x->s, !scr_has(x->s, "events"));
    CHECK(x->s, scr_mode(x->s, 1049) && scr_mode(x->s, 2004));
    scr_send(x->s, "l");
    SEE(x->s, "events");
}

static void
program_ended(struct ui *ui, int status, void *arg)
{
    (void)ui;
    *(int *)arg = status;
}

static void
test_program_on_the_clients_side(void **state)
{
    static const char *const edit[] = { "vi", "web1.conf", NULL };
    static const char *const bad[] = { "vi", NULL };
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    struct err e = { 0 };
    int status = -1;

    see_all(f);
    assert_int_equal(ui_run_program(x->ui, bad, program_ended, &status, &e),
                     -1);
    assert_string_equal(e.msg, "vi without a file");
    house_pass(&f->h, 50);
    see_whole(x);
    assert_int_equal(ui_run_program(x->ui, edit, program_ended, &status, &e),
                     0);
    assert_string_equal(x->program, "vi web1.conf");
    CHECK_RESTORED(x->s);
    ui_resume(x->ui); /* vi was stopped and continued */
    assert_int_equal(ui_run_program(x->ui, edit, program_ended, &status, &e),
                     -1);
    CHECK_RESTORED(x->s);
    assert_int_equal(status, -1);
    ui_program_done(x->ui, 256);
    assert_int_equal(status, 256);
    see_whole(x);
}

static void
test_lost_terminal_ends_its_front_end(void **state)
{
    struct fixture *f = *state;
    struct side *l = &f->d[LINUX];

    see_all(f);
    l->close_at_end = true;
    scr_hang_up(l->s);
    while (l->ended == 0)
        house_pass(&f->h, 5);
    assert_null(l->ui);
    house_pass(&f->h, 600);
    assert_int_equal(l->ended, 1);
    see_whole(&f->d[XTERM]);
    see_whole(&f->d[VT100]);
}

static void
test_hang_up_is_told_once(void **state)
{
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];

    see_all(f);
    ui_hangup(x->ui);
    ui_hangup(x->ui);
    assert_int_equal(x->ended, 0);
    house_pass(&f->h, 20);
    ui_hangup(x->ui);
    house_pass(&f->h, 20);
    assert_int_equal(x->ended, 1);
    see_whole(x); /* until it is closed it goes on */
}

/* What a fatal signal's handler does, and the client if that had no chance. */
static void
test_emergency_restores_all(void **state)
{
    struct fixture *f = *state;
    const char *text;
    size_t n;
    int i;

    see_all(f);
    text = ui_restore_text(f->d[XTERM].ui, &n);
    assert_non_null(memmem(text, n, "\033[?1049l", 8));
    text = ui_restore_text(f->d[VT100].ui, &n);
    assert_null(memmem(text, n, "\033[?1049l", 8));
    ui_emergency_restore();
    for (i = 0; i < SIDES; i++)
        CHECK_RESTORED(f->d[i].s);
    ui_emergency_restore();
}

/* --- what is no terminal --- */

static void
refused(struct fixture *f, int in_fd, int out_fd, const char *term,
        const char *why)
{
    struct side d = { .h = &f->h };
    struct ui_opts o = { .in_fd = in_fd, .out_fd = out_fd, .term = term };
    struct err e = { 0 };

    assert_null(side_try(&d, &o, &e));
    if (strstr(e.msg, why) == NULL)
        fail_msg("'%s' is not in: %s", why, e.msg);
}

/* What was handed over for reading is not written to. */
static void
test_descriptors_are_checked(void **state)
{
    struct fixture *f = *state;
    int master, slave, null = open("/dev/null", O_RDWR | O_CLOEXEC), ro;
    char name[64];

    assert_int_equal(openpty(&master, &slave, name, NULL, NULL), 0);
    ro = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    refused(f, null, null, "xterm", "must be a terminal");
    refused(f, master, master, "xterm", "must be a terminal");
    refused(f, slave, ro, "xterm", "must be a terminal");
    refused(f, slave, slave, NULL, "TERM is not set");
    refused(f, slave, slave, "nosuchterm", "try TERM=xterm-256color");
    refused(f, slave, slave, "../../etc/x", "is unknown here");
    see_all(f);
    close(ro);
    close(null);
    close(slave);
    close(master);
}

/* --- many --- */

static unsigned
count_fds(void)
{
    unsigned n = 0;
    int fd;

    for (fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void
open_and_close_many(struct fixture *f)
{
    struct side many[MANY];
    int i;

    for (i = 0; i < MANY; i++)
        side_open(&many[i], &f->h, &kinds[i % SIDES]);
    for (i = 0; i < MANY; i++)
        see_whole(&many[i]);
    for (i = 0; i < MANY; i += 2) /* one from the middle, then its neighbour */
        side_close(&many[i]);
    see_all(f);
    for (i = 1; i < MANY; i += 2)
        side_close(&many[i]);
}

static void
test_many_come_and_go(void **state)
{
    struct fixture *f = *state;
    unsigned fds;
    size_t used;

    see_all(f);
    open_and_close_many(f);
    fds = count_fds();
    used = mallinfo2().uordblks;
    open_and_close_many(f);
    assert_int_equal(count_fds(), fds);
    assert_true(mallinfo2().uordblks < used + 256 * 1024);
    see_all(f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_draws_in_its_own_way),
        TEST(test_keys_are_one_terminals),
        TEST(test_a_console_with_two_viewers),
        TEST(test_settings_are_one_terminals),
        TEST(test_resize_of_one),
        TEST(test_screen_is_used_again),
        TEST(test_close_of_one),
        TEST(test_stuck_terminal_harms_nobody),
        TEST(test_closing_a_stuck_terminal_is_quick),
        TEST(test_suspend_and_resume),
        TEST(test_program_on_the_clients_side),
        TEST(test_lost_terminal_ends_its_front_end),
        TEST(test_hang_up_is_told_once),
        TEST(test_emergency_restores_all),
        TEST(test_descriptors_are_checked),
        TEST(test_many_come_and_go),
    };

    if (argc > 1 && strcmp(argv[1], ENGINE_HELPER_ARG) == 0)
        return engine_helper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
