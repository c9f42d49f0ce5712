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
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* curses has a function of this name, too */
#define scr_dump curses_scr_dump
#include "ui/app/ui_int.h"
#undef scr_dump

#include "engine/core/engine.h"
#include "engine/store/store.h"
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

static void
open_web1(struct scr *s)
{
    scr_send(s, ":console web1\r");
    SEE(s, "web1:~#");
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
    assert_true(scr_said(f->d[XTERM].s, 0, "\033[?1049h"));
    assert_true(scr_said(f->d[XTERM].s, 0, "\033[?2004h"));
    assert_true(scr_said(f->d[XTERM].s, 0, "\u2500"));
    assert_true(scr_said(f->d[LINUX].s, 0, "\u2500"));
    assert_true(scr_said(f->d[LINUX].s, 0, "\033[3"));
    assert_false(scr_said(f->d[LINUX].s, 0, "38;5"));
    assert_false(scr_said(f->d[LINUX].s, 0, "\033[?1049h"));
    assert_false(scr_said(f->d[VT100].s, 0, "\033[3"));
    assert_false(scr_said(f->d[VT100].s, 0, "\033[?2004h"));
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
    SEE(x, "Keys in the domain list");
    SEE(v, ":list nothing");
    SEE(l, "events");
    CHECK(v, !scr_has(v, "Keys in the domain list") && !scr_has(v, "events"));
    CHECK(l, !scr_has(l, "Keys in the domain list") &&
                 !scr_has(l, ":list nothing"));
    CHECK(x, !scr_has(x, ":list nothing"));
    scr_send(v, "\033");
    scr_send(x, "q");
    LOSE(x, "Keys in the domain list");
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
    open_web1(x);
    open_web1(v);
    scr_send(x, "echo caf\u00e9 \u6f22.\r");
    SEE(x, "caf\u00e9 \u6f22.");
    SEE(v, "caf? ? .");
    assert_true(only_ascii(v));
    CHECK(f->d[LINUX].s, !scr_has(f->d[LINUX].s, "web1:~#"));
}

/* All are attached to the next engine, the first one to what it looked at. */
static void
next_engine(struct fixture *f, bool killed)
{
    struct buf places = { 0 };
    int i;

    ui_places(f->d[XTERM].ui, &places);
    for (i = 0; i < SIDES; i++)
        side_close(&f->d[i]);
    house_restart(&f->h, killed);
    for (i = 0; i < SIDES; i++)
        side_open(&f->d[i], &f->h, &kinds[i]);
    ui_take_places(f->d[XTERM].ui, buf_text(&places));
    buf_free(&places);
}

/* A reset holds for all who look and for those who come later; a line of our
 * own is not garbled by what the guest has left. */
static void
test_a_reset_is_everybody_s(void **state)
{
    struct fixture *f = *state;
    struct scr *x = f->d[XTERM].s, *l = f->d[LINUX].s;

    see_all(f);
    open_web1(x);
    open_web1(l);
    scr_send(x, "echo -e '\\e(0'\r");
    SEE(l, "\u252c\u240a\u2409"); /* "web" in that set */
    SEE(x, "\u252c\u240a\u2409");
    scr_send(x, "\x1dR\r");
    LOSE(x, "\u252c\u240a\u2409");
    act_see_row(x, "web1:~#");
    LOSE(l, "\u252c\u240a\u2409");
    SEE(l, "web1:~#");
    scr_send(l, "\x1dq");
    LOSE(l, "web1:~#");
    scr_send(l, "c");
    SEE(l, "web1:~#");
    scr_send(x, "echo -e '\\e(0'\r");
    SEE(x, "\u252c\u240a\u2409");
    next_engine(f, false);
    SEE(f->d[XTERM].s, "xendeck's engine restarted ---");
    SEE(f->d[XTERM].s, "\u252c\u240a\u2409");
}

/* Each is told that there is another, and who types. */
static void
test_viewers_see_each_other(void **state)
{
    struct fixture *f = *state;
    struct scr *x = f->d[XTERM].s, *l = f->d[LINUX].s;

    text_fmt(f->d[XTERM].ses.info.who, 32, "root@pts/3");
    text_fmt(f->d[LINUX].ses.info.who, 32, "ann@tty1");
    see_all(f);
    open_web1(x);
    CHECK(x, !scr_has(x, "other"));
    scr_send(l, ":console web1\r");
    SEE(l, "1 other");
    SEE(x, "1 other");
    CHECK(x, !scr_has(x, "types"));
    scr_send(x, "echo\r");
    SEE(l, "1 other, root@pts/3 types");
    CHECK(x, !scr_has(x, "types"));
    scr_send(l, "echo\r");
    SEE(x, "1 other, ann@tty1 types");
    LOSE(x, "types"); /* it ends with the typing */
    scr_send(l, "\x1dq");
    LOSE(x, "1 other");
}

/* The next engine shows what guests said to the one before, in the place where
 * the user was. */
static void
text_is_there_again(struct fixture *f, bool killed, const char *word,
                    unsigned wait_ms)
{
    char line[64];

    text_fmt(line, sizeof line, "echo %s\r", word);
    scr_send(f->d[XTERM].s, line);
    act_see_row(f->d[XTERM].s, word);
    house_pass(&f->h, wait_ms);
    next_engine(f, killed);
    SEE(f->d[XTERM].s, "xendeck's engine restarted ---");
    act_see_row(f->d[XTERM].s, word);
}

static void
test_text_survives_the_engine(void **state)
{
    struct fixture *f = *state;
    struct scr *x;

    see_all(f);
    open_web1(f->d[XTERM].s);
    text_is_there_again(f, false, "before-the-end", 0);
    text_is_there_again(f, true, "before-the-kill", 1500);
    x = f->d[XTERM].s;
    act_see_row(x, "before-the-end");
    scr_send(x, "echo and-on\r");
    act_see_row(x, "and-on");
}

/* A device that no driver of dom0 serves: the state stays as it is set. */
static void
set_console_state(struct fixture *f, const char *state)
{
    assert_int_equal(store_write(engine_store(f->h.en), 0,
                                 "/local/domain/0/backend/console/1/0/state",
                                 state, NULL),
                     0);
}

/* The state of a device is seen within a second, however slow statistics are:
 * nothing else tells of it. */
static void
test_devices_are_fresh_with_slow_statistics(void **state)
{
    struct fixture *f = *state;
    struct side *l = &f->d[LINUX];
    int i;

    for (i = 0; i < SIDES; i++)
        side_close(&f->d[i]);
    f->h.tick_ms = 60000;
    house_restart(&f->h, false);
    for (i = 0; i < SIDES; i++)
        side_open(&f->d[i], &f->h, &kinds[i]);
    SEE(l->s, "web1");
    scr_send(l->s, "j\r]]]");
    SEE(l->s, "vif");
    house_pass(&f->h, 2500); /* all that opening tells is over */
    CHECK(l->s, !scr_has(l->s, "reconfig"));
    set_console_state(f, "7");
    CHECK(l->s, scr_wait_text(l->s, "reconfig", 30000));
    set_console_state(f, "1");
    LOSE(l->s, "reconfig");
}

/* What a client gives back may be anything. */
static void
test_places_of_any_origin(void **state)
{
    static const char text[] =
        "console\nconsole x\nconsole 00000000-0000-0000-0000-000000000000\n"
        "view 5\ntab 3\n\n \nlist\nlist \nzoom\nzoom on\ndetail\ntab 99\n"
        "tab 99999999999999999999\ndetail\ntab 3\nview 7\nkill-engine\n"
        "a-word-that-is-much-too-long-for-any-place\n"
        "list and-a-text-that-is-much-too-long-for-any-place-at-all\n\377";
    struct fixture *f = *state;
    struct buf again = { 0 };

    see_all(f);
    ui_take_places(f->d[LINUX].ui, text);
    SEE(f->d[LINUX].s, "it has no devices");
    ui_places(f->d[LINUX].ui, &again);
    assert_non_null(strstr(buf_text(&again), "detail\ntab 3\n"));
    buf_free(&again);
    see_whole(&f->d[LINUX]);
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
    SEE(f->d[XTERM].s, "Keys in the domain list");
    scr_send(f->d[XTERM].s, "q");
    LOSE(f->d[XTERM].s, "Keys in the domain list");
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
    SEE(x->s, "Keys in the domain list");
    side_close(x);
    side_open(x, &f->h, &bigger);
    assert_ptr_equal(x->ui->tty.screen, kept);
    see_whole(x);
    has_size(x, 50, 160);
    CHECK(x->s, !scr_has(x->s, "Keys in the domain list"));
    CHECK(x->s, scr_mode(x->s, 1049) && scr_mode(x->s, 2004));
    CHECK(x->s, scr_said(x->s, 0, "\033[1;50r"));
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
    size_t used, waiting, i;
    uint64_t drawn;

    see_all(f);
    flood_with_frames(f, x, 100);
    waiting = x->ui->tty.out.len;
    drawn = x->ui->frame_ns;
    assert_true(waiting > 0);
    used = mallinfo2().uordblks;
    scr_send(f->d[LINUX].s, "?");
    SEE(f->d[LINUX].s, "Keys in the domain list");
    scr_send(f->d[LINUX].s, "q");
    LOSE(f->d[LINUX].s, "Keys in the domain list");
    flood_with_frames(f, x, 100);
    for (i = 0; i < 1000; i++) { /* as its client may ask at any rate */
        ui_resume(x->ui);
        ui_set_mouse(x->ui, i % 2 != 0);
    }
    house_pass(&f->h, 17);
    assert_int_equal(x->ui->tty.out.len, waiting);
    assert_true(x->ui->frame_ns == drawn);
    assert_true(mallinfo2().uordblks < used + 256 * 1024);
    scr_send(x->s, "l"); /* what is typed blindly is done */
    SEE(x->s, "events");
    see_whole(x);
    assert_int_equal(x->ui->tty.out.len, 0);
    CHECK_CLEAN(x->s, 0);
}

/* How often this thread has slept: other load does not count. */
static long
times_waited(void)
{
    struct rusage u;

    assert_int_equal(getrusage(RUSAGE_THREAD, &u), 0);
    return u.ru_nvcsw;
}

/* ^S, and then the end of the session: the loop does not wait for it. */
static void
test_closing_a_stuck_terminal_waits_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    long before;

    see_all(f);
    assert_int_equal(tcflow(scr_tty(x->s), TCOOFF), 0);
    flood_with_frames(f, x, 2);
    assert_true(tty_busy(&x->ui->tty));
    before = times_waited();
    ui_close(x->ui);
    x->ui = NULL;
    assert_int_equal(times_waited(), before);
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
program_ended(struct ui *ui, const struct user_program_end *end, void *arg)
{
    (void)ui;
    text_fmt(arg, 16, "%s", end->text != NULL ? end->text : "nothing");
}

static void
test_program_on_the_clients_side(void **state)
{
    static const struct user_text edit = { USER_EDITOR, "web1", "old", 3 };
    static const struct user_text bad = { USER_EDITOR, "", "old", 3 };
    static const struct user_text big = { USER_EDITOR, "web1", "old",
                                          USER_EDIT_MAX + 1 };
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];
    struct err e = { 0 };
    char got[16] = "";

    see_all(f);
    assert_int_equal(ui_run_program(x->ui, &bad, program_ended, got, &e), -1);
    assert_string_equal(e.msg, "a text without a name");
    assert_int_equal(ui_run_program(x->ui, &big, program_ended, got, &e), -1);
    assert_string_equal(e.msg, "the text is too long for the editor: found "
                               "262145 bytes, allowed 262144");
    house_pass(&f->h, 50);
    see_whole(x);
    assert_int_equal(ui_run_program(x->ui, &edit, program_ended, got, &e), 0);
    assert_string_equal(x->program, "editor web1");
    CHECK_RESTORED(x->s);
    ui_resume(x->ui); /* it was stopped and continued */
    assert_int_equal(ui_run_program(x->ui, &edit, program_ended, got, &e), -1);
    CHECK_RESTORED(x->s);
    assert_string_equal(got, "");
    ui_program_done(x->ui, &(struct user_program_end){ "new", 3, "" });
    assert_string_equal(got, "new");
    see_whole(x);
    assert_int_equal(ui_run_program(x->ui, &edit, program_ended, got, &e), 0);
    side_close(x); /* it is told in any case */
    assert_string_equal(got, "nothing");
    side_open(x, &f->h, &kinds[XTERM]);
}

/* What a guest may have written moves no terminal. */
static void
test_pager_gets_safe_text(void **state)
{
    struct fixture *f = *state;
    struct side *x = &f->d[XTERM];

    see_all(f);
    ui_page(x->ui, "store",
            "one\033[2J\x9b"
            "31m\rtwo\a\n\tthree\n");
    assert_string_equal(x->program, "pager store");
    assert_string_equal(x->text, "one?[2J?31m?two?\n\tthree\n");
    ui_program_done(x->ui, &(struct user_program_end){ .why = "" });
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
    struct ui_opts o = {
        .in_fd = in_fd, .out_fd = out_fd, .term = term, .utf8 = true
    };
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
    fds = act_fds();
    used = mallinfo2().uordblks;
    open_and_close_many(f);
    assert_int_equal(act_fds(), fds);
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
        TEST(test_a_reset_is_everybody_s),
        TEST(test_viewers_see_each_other),
        TEST(test_text_survives_the_engine),
        TEST(test_devices_are_fresh_with_slow_statistics),
        TEST(test_places_of_any_origin),
        TEST(test_settings_are_one_terminals),
        TEST(test_resize_of_one),
        TEST(test_screen_is_used_again),
        TEST(test_close_of_one),
        TEST(test_stuck_terminal_harms_nobody),
        TEST(test_closing_a_stuck_terminal_waits_for_nothing),
        TEST(test_suspend_and_resume),
        TEST(test_program_on_the_clients_side),
        TEST(test_pager_gets_safe_text),
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
