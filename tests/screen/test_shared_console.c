/*
 * test_shared_console.c - several front ends on one engine: whose terminal
 * sizes a guest's console, and what is said of a terminal that the engine has
 * no descriptor for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/console/console_int.h"
#include "engine/host/domains.h"
#include "tests/screen/side.h"

static const struct side_opts big = {
    .rows = 24, .cols = 80, .term = "xterm-256color", .utf8 = true
};
static const struct side_opts small = {
    .rows = 10, .cols = 40, .term = "xterm-256color", .utf8 = true
};

/* Columns of the console of web1. */
static int
console_cols(const struct house *h)
{
    const struct dom *d = engine_dom_by_name(h->en, "web1");
    const struct dom_entry *de = domains_by_id(h->en, d->id);
    struct winsize ws = { .ws_col = 0 };

    assert_true(de->con != NULL && de->con->fd >= 0);
    assert_int_equal(ioctl(de->con->fd, TIOCGWINSZ, &ws), 0);
    return ws.ws_col;
}

static void
test_viewers_do_not_size_a_console(void **state)
{
    struct house h;
    struct side a, b;
    int cols;

    (void)state;
    house_open(&h);
    side_open(&a, &h, &big);
    side_open(&b, &h, &small);
    b.ses.info.rights = b.ses.granted = RIGHT_VIEW;
    scr_send(a.s, ":console web1\r");
    SEE(a.s, "web1:~#");
    cols = console_cols(&h);
    assert_true(cols > small.cols);
    scr_send(b.s, ":console web1\r");
    SEE(b.s, "web1:~#");
    assert_int_equal(console_cols(&h), cols);
    b.ses.granted = RIGHT_ADMIN;
    scr_send(b.s, "\x1d:read-only off\r");
    SEE(b.s, "End read-only?");
    scr_send(b.s, "y");
    UNTIL(b.s, console_cols(&h) <= small.cols);
    side_close(&b);
    side_close(&a);
    house_close(&h);
}

/* It is not another user's: the engine has too few descriptors. */
static void
test_terminal_without_descriptors(void **state)
{
    struct rlimit was, few;
    struct house h;
    struct side d = { .h = &h };
    struct ui_opts uo = { .term = "xterm", .lent = true };
    struct err e = { 0 };
    int next;

    (void)state;
    house_open(&h);
    d.s = scr_bare(24, 80, NULL, NULL);
    uo.in_fd = uo.out_fd = scr_tty(d.s);
    next = dup(STDIN_FILENO);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    few = was;
    few.rlim_cur = (rlim_t)next;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_null(side_try(&d, &uo, &e));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    assert_null(strstr(e.msg, "another user's"));
    assert_non_null(strstr(e.msg, "Too many open files"));
    scr_close(d.s);
    house_close(&h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_viewers_do_not_size_a_console),
        cmocka_unit_test(test_terminal_without_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
