/*
 * test_screen_console.c - a guest's console pane on a real terminal: made,
 * watched from its first line, typed into, flooded, shut down from inside.
 * Nothing of its bytes reaches the outer terminal but as cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

static void
test_boot_is_seen_from_its_first_line(void **state)
{
    struct scr *s = *state;
    struct buf b = { 0 };

    act_create(s, "linux1");
    SEE(s, "linux1 (4)");      /* the title, once the notice has faded */
    UNTIL(s, scr_mode(s, 25)); /* the guest's cursor */
    scr_send(s, PREFIX "g");
    SEE(s, "Linux version 6.1.0");
    SEE(s, "lines up");
    scr_row(s, 1, &b); /* the title is above: nothing came before */
    assert_non_null(strstr(buf_text(&b), "Linux version"));
    buf_free(&b);
    scr_send(s, ESC);
    SEE(s, "linux1:~#");
    CHECK_CLEAN(s, 0);
}

static void
test_keys_reach_the_guest(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    act_shell(s, "echo hello-xendeck", "hello-xendeck");
    /* q, ^C, Esc, Tab and letters with a meaning elsewhere are the guest's */
    act_shell(s, "echo qDj?:/", "qDj?:/");
    scr_send(s, "quit\x03");
    SEE(s, "quit^C");
    act_shell(s,
              "echo ab\x7f"
              "cd",
              "acd");
    act_shell(s, "uptime", "up ");
}

static void
test_prefix_closes(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    scr_send(s, PREFIX);
    SEE(s, "close"); /* what may follow is shown */
    scr_send(s, "q");
    SEE(s, "Domain-0");
    SEE(s, "linux1");
    LOSE(s, "linux1:~#");
    scr_send(s, "/linux1\r");
    scr_send(s, "c"); /* and back: the text is still there */
    SEE(s, "linux1:~#");
    SEE(s, "Started serial-getty");
}

static void
test_prefix_twice_goes_through(void **state)
{
    struct scr *s = *state;
    size_t from;

    act_create(s, "linux1");
    /* the shell drops control characters: the line goes on as if nothing */
    from = scr_sent(s);
    scr_send(s, "echo be" PREFIX PREFIX "fore");
    SEE(s, "echo before");
    scr_send(s, "\r");
    act_see_row(s, "before");
    CHECK(s, !scr_has(s, "close")); /* no prefix is pending */
    CHECK_CLEAN(s, from);
}

static void
test_poweroff_keeps_the_text(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    act_shell(s, "echo last-words", "last-words");
    scr_send(s, "poweroff\r");
    SEE(s, "poweroff \xe2\x94\x80\xe2\x94\x80"); /* the seam says why */
    SEE(s, "ended");
    CHECK(s, scr_has(s, "last-words"));
    scr_send(s, PREFIX "q");
    SEE(s, "domains (4)");
    LOSE(s, "linux1  ");
    scr_send(s, "l");
    SEE(s, "poweroff");
    SEE(s, "linux1         create");
}

static void
test_colours_are_cells(void **state)
{
    struct scr *s = *state;
    struct scr_cell c;
    int row;
    size_t from;

    act_create(s, "linux1");
    scr_send(s, "clear\r");
    LOSE(s, "Started serial");
    from = scr_sent(s);
    scr_send(s, "colors\r");
    SEE(s, "underline");
    SEE(s, " 14  15");
    row = scr_find(s, "underline");
    scr_cell_at(s, row, scr_find_col(s, row, "bold"), &c);
    assert_true(c.bold);
    scr_cell_at(s, row, scr_find_col(s, row, "underline"), &c);
    assert_true(c.underline);
    scr_cell_at(s, row, scr_find_col(s, row, "reverse"), &c);
    assert_true(c.reverse || c.bg != -1);
    scr_cell_at(s, scr_find(s, "  1 "), 5, &c); /* " 0  1 " */
    assert_int_not_equal(c.bg, -1);
    CHECK_CLEAN(s, from);
}

static void
test_wide_characters(void **state)
{
    static const char *const texts[] = {
        "Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87",
        "\xe6\xbc\xa2\xe5\xad\x97 \xe3\x81\x8b\xe3\x81\xaa", "\xf0\x9f\x99\x82",
        "\xe2\x94\x8c\xe2\x94\x80\xe2\x94\xac"
    };
    struct scr *s = *state;
    struct scr_cell c;
    size_t i;
    int row, col;

    act_create(s, "linux1");
    scr_send(s, "utf8\r");
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        SEE(s, texts[i]);
    row = scr_find(s, "Wide:");
    col = scr_find_col(s, row, "\xe6\xbc\xa2");
    scr_cell_at(s, row, col, &c);
    assert_int_equal(c.cols, 2);
    assert_int_equal(scr_find_col(s, row, "\xe5\xad\x97"), col + 2);
    /* typed ones, and erased again as a whole */
    act_shell(s, "echo \xe6\xbc\xa2\xe5\xad\x97\x7f!", "\xe6\xbc\xa2!");
}

static void
test_full_screen_program(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    scr_send(s, "top\r");
    SEE(s, "TIME+ COMMAND");
    LOSE(s, "Started serial-getty");
    scr_send(s, "q");
    LOSE(s, "TIME+ COMMAND");
    SEE(s, "Started serial-getty");
    CHECK(s, scr_mode(s, 1049)); /* ours, whatever the guest's did */
}

/* The guest's shell echoes what is typed, escape sequences of 8-bit controls
 * among it: they must not get past the pane. */
static void
test_hostile_bytes_stay_inside(void **state)
{
    static const char bytes[] = "echo \xc2\x9d"
                                "0;pwned\xc2\x9c \xc2\x9b"
                                "31m \xc2\x90q\xc2\x9c "
                                "\xe2\x80\xae"
                                "rtl \xff\xfe\x9b"
                                "6n ok\r";
    struct scr *s = *state;
    size_t from, n;
    const char *p;

    act_create(s, "linux1");
    from = scr_sent(s);
    scr_send(s, ESC "[200~");
    scr_send_bytes(s, bytes, sizeof bytes - 2);
    scr_send(s, ESC "[201~");
    SEE(s, "control characters are left");
    scr_send(s, "y");
    scr_send(s, "\r");
    act_shell(s, "echo after", "after");
    CHECK_CLEAN(s, from);
    p = scr_raw(s, from, &n);
    assert_null(memmem(p, n, "\xe2\x80\xae", 3));
    assert_null(memmem(p, n, "\033]", 2));
    assert_null(memmem(p, n, "\033P", 2));
}

/* What a guest may send to take over a terminal: titles, clipboard, modes of
 * the keyboard and mouse, questions that are answered as if typed. */
static void
test_hostile_sequences_stay_inside(void **state)
{
    static const char *const lines[] = {
        "\\e]0;pwned\\a",   "\\e]2;pwned\\e\\\\", "\\e]52;c;cHduZWQ=\\a",
        "\\ePpwned\\e\\\\", "\\e_pwned\\e\\\\",   "\\e^pwned\\e\\\\",
        "\\e[?1003h",       "\\e[?2004l",         "\\e[?1049l",
        "\\e[6n\\e[c",      "\\e[21t\\e[18t",     "\\e[8;5;5t",
        "\\e[5i\\e#8",      "\\e]4;1;?\\a",       "\\e[?1000l\\e[?1006l",
    };
    struct scr *s = *state;
    size_t from, i, n;
    const char *p;
    char line[64];

    act_create(s, "linux1");
    from = scr_sent(s);
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        snprintf(line, sizeof line, "echo -e '%s'\r", lines[i]);
        scr_send(s, line);
        snprintf(line, sizeof line, "echo after-%zu\r", i);
        scr_send(s, line);
        SEE(s, "linux1:~#");
    }
    scr_send(s, "\x15");
    act_shell(s, "echo the-end", "the-end");
    CHECK_CLEAN(s, from);
    p = scr_raw(s, from, &n);
    assert_null(memmem(p, n, "\033]", 2));
    /* The typed line shows the same letters: what matters is the escape. */
    assert_null(memmem(p, n, "\033[?1003", 7));
    assert_null(memmem(p, n, "\033[?2004", 7));
    assert_null(memmem(p, n, "\033[?1049", 7));
    CHECK(s, scr_mode(s, 1000) && scr_mode(s, 2004) && scr_mode(s, 1049));
}

/* What a guest left behind does not stay: line-drawing letters, no wrapping, a
 * hidden cursor, margins. */
static void
test_a_garbled_terminal_is_reset(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    scr_send(s, "echo -e '\\e(0\\e[?7l\\e[?25l\\e[3;5r\\e[31;7m'\r");
    scr_send(s, "echo qqq\r");
    SEE(s, "\u2500\u2500\u2500");
    scr_send(s, PREFIX "R");
    SEE(s, "the terminal is reset");
    UNTIL(s, scr_mode(s, 25));
    act_shell(s, "echo lqqk", "lqqk");
    scr_send(s, PREFIX "g"); /* nothing is lost */
    SEE(s, "Linux version");
}

static void
test_save_writes_all(void **state)
{
    struct scr *s = *state;
    struct buf b = { 0 };
    char *path, *line;

    act_create(s, "linux1");
    act_shell(s, "echo to-be-saved", "to-be-saved");
    path = xasprintf("%s/console.txt", scr_home(s));
    line = xasprintf(PREFIX ":console-save %s\r", path);
    scr_send(s, line);
    SEE(s, "console saved to ");
    act_read(path, &b);
    assert_non_null(strstr(buf_text(&b), "Linux version"));
    assert_non_null(strstr(buf_text(&b), "\nto-be-saved\n"));
    buf_free(&b);
    free(line);
    free(path);
}

/* The list beside a console that floods answers keys at once. */
static void
test_flood_starves_nobody(void **state)
{
    struct scr *s = act_start(60, 200, "--sim=3");
    unsigned i;

    *state = s;
    act_create(s, "linux1");
    scr_send(s, "flood\r");
    SEE(s, "the quick brown fox");
    scr_send(s, PREFIX "\t");
    SEE(s, "F4Filter");
    for (i = 0; i < 10; i++) {
        scr_send(s, "g");
        act_see_selected(s, "Domain-0");
        scr_send(s, "jj");
        act_see_selected(s, "web2");
        scr_send(s, "k");
        act_see_selected(s, "web1");
    }
    CHECK(s, scr_has(s, "the quick brown fox"));
    scr_send(s, "\t");
    SEE(s, "shows the commands here");
    scr_send(s, "\x03");
    SEE(s, "linux1:~#");
    scr_send(s, PREFIX "q");
    LOSE(s, "quick brown fox");
    act_quit(s);
}

/* Only a guest that ran for the minimum restart time comes back. The pane shows
 * the seam: when, why, which domain. */
static void
test_reboot_is_followed(void **state)
{
    struct scr *s = *state;
    unsigned i;

    act_create(s, "linux1");
    for (i = 0; i < SCR_MS && !scr_wait_text(s, "up 2", 1); i += 500) {
        scr_send(s, "\x0cuptime\r");
        scr_wait_text(s, "up 2", 500);
    }
    scr_send(s, "reboot\r");
    SEE(s, "linux1: reboot, domain 4 -> 4");
    SEE(s, "Freeing initrd memory");
    SEE(s, "linux1:~#");
    act_shell(s, "echo second-life", "second-life");
    SEE(s, "linux1 (4)"); /* it keeps its number */
}

static void
test_reboot_loop_is_refused(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    scr_send(s, "reboot\r");
    SEE(s, "ended");
    SEE(s, "reboot \xe2\x94\x80\xe2\x94\x80");
    scr_send(s, PREFIX "q");
    SEE(s, "RESTART REFUSED: linux1");
    scr_send(s, "l");
    SEE(s, "restart refused after reboot");
    LOSE(s, "RESTART REFUSED");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_boot_is_seen_from_its_first_line),
        TEST(test_keys_reach_the_guest),
        TEST(test_prefix_closes),
        TEST(test_prefix_twice_goes_through),
        TEST(test_poweroff_keeps_the_text),
        TEST(test_colours_are_cells),
        TEST(test_wide_characters),
        TEST(test_full_screen_program),
        TEST(test_hostile_bytes_stay_inside),
        TEST(test_hostile_sequences_stay_inside),
        TEST(test_a_garbled_terminal_is_reset),
        TEST(test_save_writes_all),
        cmocka_unit_test_teardown(test_flood_starves_nobody, act_teardown),
        TEST(test_reboot_is_followed),
        TEST(test_reboot_loop_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
