/*
 * test_panes.c - several consoles on one screen: side by side, behind one
 * another, from one to another by keys and mouse; what is refused, and what a
 * terminal that shrinks leaves of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

#define BAR "\u2502"

/* The console of web1 and, to its right, that of web2, which has the keys. */
static void
two(struct scr *s)
{
    act_verb(s, "console web1");
    SEE(s, "web1:~#");
    scr_send(s, PREFIX "%");
    SEE(s, ":split-right");
    scr_send(s, "web2\r");
    SEE(s, "web2:~#");
    SEE(s, "web1:~#");
}

/* Which column a console's prompt begins in; -1: it is not there. */
static int
col_of(struct scr *s, const char *text)
{
    int row = scr_find(s, text);

    return row < 0 ? -1 : scr_find_col(s, row, text);
}

/* Types into the console that has the keys; the answer stands in a column. */
static void
answers_at(struct scr *s, const char *word, int col)
{
    char line[64];

    snprintf(line, sizeof(line), "echo -%s-\r", word);
    scr_send(s, line);
    snprintf(line, sizeof(line), "-%s-", word);
    UNTIL(s, scr_find(s, line) >= 0);
    snprintf(line, sizeof(line), "# echo -%s-", word);
    UNTIL(s, scr_find(s, line) >= 0);
    CHECK(s, col_of(s, line) - (int)strlen("webN:~") == col);
}

static void
test_split_and_keys_go_to_one(void **state)
{
    struct scr *s = *state;

    two(s);
    UNTIL(s, col_of(s, "web2 (") == 43);
    answers_at(s, "right", 41);
    scr_send(s, PREFIX "\033[D");
    answers_at(s, "left", 0);
    scr_send(s, PREFIX "\t"); /* the one used before */
    answers_at(s, "again", 41);
    scr_send(s, PREFIX "\033[C");
    SEE(s, "no pane is there");
    scr_send(s, PREFIX "z");
    UNTIL(s, col_of(s, "web1:~#") < 0 && col_of(s, "web2 (") == 2);
    scr_send(s, PREFIX "z");
    UNTIL(s, col_of(s, "web2 (") == 43);
    scr_send(s, PREFIX "{");
    UNTIL(s, col_of(s, "web2 (") == 2 && col_of(s, "web1 (") == 43);
}

/* The neighbour has the keys then, and with the last one the list. */
static void
test_closing_leaves_the_others(void **state)
{
    struct scr *s = *state;

    two(s);
    scr_send(s, PREFIX "q");
    LOSE(s, "web2:~#");
    LOSE(s, BAR);
    answers_at(s, "alone", 0);
    scr_send(s, PREFIX "q");
    SEE(s, "F10Quit");
    act_quit(s);
}

static void
test_no_room_is_refused_and_nothing_opened(void **state)
{
    struct scr *s = act_start(12, 40, "--sim=3");

    scr_close(*state);
    *state = s;
    act_verb(s, "console web1");
    SEE(s, "web1:~#");
    scr_send(s, PREFIX ":split-right web2\r");
    SEE(s, "no room for so many consoles");
    scr_send(s, PREFIX ":split-right web1\r");
    SEE(s, "that console is shown here already");
    scr_send(s, PREFIX ":split-below web2\r");
    SEE(s, "web2 (");
    scr_send(s, PREFIX ":tile nobody\r");
    SEE(s, "there is no domain 'nobody'");
    scr_send(s, PREFIX "\t");
    scr_send(s, PREFIX "q");
    UNTIL(s, col_of(s, "web2 (") == 2 && scr_find(s, "web2 (") == 0);
    scr_send(s, PREFIX "q");
    SEE(s, "Domain-0");
}

static void
test_tabs_tell_what_happens_behind(void **state)
{
    struct scr *s = *state;

    act_verb(s, "console web1");
    SEE(s, "web1:~#");
    scr_send(s, "top\r");
    SEE(s, "top - up");
    scr_send(s, PREFIX ":console web2\r");
    SEE(s, "[web2]");
    SEE(s, "web1#");
    scr_send(s, PREFIX "a");
    SEE(s, "top - up");
    SEE(s, "[web1] web2");
    scr_send(s, "q"); /* ends top */
    SEE(s, "web1:~#");
    scr_send(s, PREFIX ">");
    SEE(s, "[web2]");
    scr_send(s, "\033[<0;71;1M\033[<0;71;1m"); /* a click on web1's tab */
    SEE(s, "[web1]");
    scr_send(s, PREFIX "<");
    SEE(s, "[web2]");
    scr_send(s, PREFIX "a");
    SEE(s, "nothing has happened in the other consoles");
}

/* The list tells it, too, of consoles that are open. */
static void
test_the_list_tells_what_happens(void **state)
{
    struct scr *s = *state;

    act_verb(s, "console web1");
    SEE(s, "web1:~#");
    scr_send(s, "top\r");
    SEE(s, "top - up");
    scr_send(s, PREFIX "\t");
    SEE(s, "F10Quit");
    UNTIL(s, scr_find(s, "web1") >= 0 && scr_find(s, "#") >= 0);
    CHECK(s, scr_find(s, "web1") == scr_find(s, "#"));
    scr_send(s, "c");
    SEE(s, "top - up");
    scr_send(s, "q");
    SEE(s, "web1:~#");
    scr_send(s, PREFIX "\t");
    SEE(s, "F10Quit");
    LOSE(s, "#");
}

static void
test_tile_stack_and_arrange(void **state)
{
    struct scr *s = *state;

    scr_send(s, "=");
    SEE(s, "no console is open");
    act_verb(s, "tile web1 web2 web1");
    SEE(s, "web1:~#");
    SEE(s, "web2:~#");
    UNTIL(s, scr_find(s, "web1 (") == 0 && scr_find(s, "web2 (") == 12);
    scr_send(s, PREFIX ":arrange columns\r");
    UNTIL(s, scr_find(s, "web1 (") == 0 && scr_find(s, "web2 (") == 0);
    scr_send(s, PREFIX ":arrange round\r");
    SEE(s, "found round, allowed");
    scr_send(s, PREFIX "S");
    LOSE(s, BAR);
    SEE(s, "[web1] web2");
    scr_send(s, PREFIX " ");
    SEE(s, "all consoles stand in one place");
    scr_send(s, PREFIX "=");
    UNTIL(s, scr_find(s, "web2 (") == 12);
    scr_send(s, PREFIX " ");
    UNTIL(s, scr_find(s, BAR) >= 0);
}

static void
test_borders_move_by_keys_and_mouse(void **state)
{
    struct scr *s = *state;

    two(s);
    UNTIL(s, col_of(s, BAR) == 40);
    scr_send(s, PREFIX "\033[1;5D"); /* C-Left */
    UNTIL(s, col_of(s, BAR) == 36);
    scr_send(s, PREFIX "\033\033[C"); /* M-Right */
    UNTIL(s, col_of(s, BAR) == 40);
    scr_send(s, PREFIX ":resize-right 500\r");
    UNTIL(s, col_of(s, BAR) == 59);
    scr_send(s, PREFIX "\033[1;5C");
    SEE(s, "no border of this console can go further right");
    scr_send(s, "\033[<0;60;10M\033[<0;31;12m");
    UNTIL(s, col_of(s, BAR) == 30);
    scr_send(s, PREFIX ":resize-up\r");
    SEE(s, "no border of this console can go further up");
}

static void
test_a_tiny_terminal_keeps_the_arrangement(void **state)
{
    struct scr *s = *state;

    two(s);
    scr_send(s, PREFIX ":resize-left 10\r");
    UNTIL(s, col_of(s, BAR) == 30);
    scr_resize(s, 3, 12);
    SEE(s, "too small");
    scr_resize(s, 10, 40); /* room for one */
    LOSE(s, BAR);
    SEE(s, "web2:~#");
    scr_resize(s, 24, 80);
    UNTIL(s, col_of(s, BAR) == 30);
    SEE(s, "web1:~#");
    SEE(s, "web2:~#");
}

/* Where there is room the list stays beside them, unless it is not wanted. */
static void
test_wide_screen_shows_the_list_too(void **state)
{
    struct scr *s = act_start(50, 180, "--sim=3");

    scr_close(*state);
    *state = s;
    two(s);
    CHECK(s, scr_has(s, "Domain-0"));
    scr_send(s, PREFIX "Z");
    LOSE(s, "Domain-0");
    UNTIL(s, col_of(s, "web1 (") == 2);
    scr_send(s, PREFIX "\t");
    scr_send(s, PREFIX "o");
    scr_send(s, PREFIX "o");
    SEE(s, "Domain-0");
    LOSE(s, "web1:~#"); /* its size does not change with the focus */
    scr_send(s, "\t");
    SEE(s, "web1:~#");
    scr_send(s, PREFIX "Z");
    SEE(s, "Domain-0");
    SEE(s, "web2:~#");
}

/* What is kept is the whole screen; what is not there any more is told. */
static void
test_layouts_are_kept_and_restored(void **state)
{
    struct scr *s = *state;

    act_verb(s, "layouts");
    SEE(s, "no layout is kept");
    two(s);
    scr_send(s, PREFIX ":resize-left 10\r");
    UNTIL(s, col_of(s, BAR) == 30);
    scr_send(s, PREFIX ":layout-save ../x\r");
    SEE(s, "'../x' is no name for a layout");
    scr_send(s, PREFIX ":layout-save work\r");
    SEE(s, "layout work is saved");
    scr_send(s, PREFIX "S");
    LOSE(s, BAR);
    scr_send(s, PREFIX "q");
    SEE(s, "F10Quit");
    scr_send(s, "L");
    SEE(s, ":layout-restore");
    scr_send(s, "work\r");
    UNTIL(s, col_of(s, BAR) == 30 && col_of(s, "web2 (") == 33);
    answers_at(s, "back", 31);
    scr_send(s, PREFIX ":layouts\r");
    SEE(s, "2 consoles: web1, web2");
    scr_send(s, PREFIX ":layout-restore nothing\r");
    SEE(s, "no layout 'nothing' is kept");
    scr_send(s, PREFIX ":layout-delete work\r");
    scr_send(s, PREFIX ":layout-restore work\r");
    SEE(s, "no layout 'work' is kept");
}

/* Also consoles that never had the keys belong to it. */
static void
test_layout_of_what_was_tiled(void **state)
{
    struct scr *s = *state;

    act_verb(s, "tile web1 web2 db1");
    SEE(s, "db1:~#");
    scr_send(s, PREFIX ":layout-save work\r");
    SEE(s, "layout work is saved");
    scr_send(s, PREFIX "S");
    LOSE(s, BAR);
    scr_send(s, PREFIX ":layout-restore work\r");
    UNTIL(s, col_of(s, "web1 (") == 2 && col_of(s, "web2 (") == 43 &&
                 col_of(s, "db1 (") == 2);
}

static void
test_layout_without_a_guest(void **state)
{
    struct scr *s = *state;

    two(s);
    scr_send(s, PREFIX ":layout-save work\r");
    SEE(s, "layout work is saved");
    scr_send(s, PREFIX ":destroy web2\r");
    SEE(s, "Destroy");
    scr_send(s, "y");
    SEE(s, "ended");
    scr_send(s, PREFIX ":layout-restore work\r");
    SEE(s, "layout work: 1 of 2 are not here: web2");
    LOSE(s, BAR);
    SEE(s, "web1:~#");
}

static void
test_plain_terminal(void **state)
{
    struct scr *s = act_start_env(24, 80, "--sim=3", "TERM=vt100");

    scr_close(*state);
    *state = s;
    two(s);
    scr_send(s, PREFIX "\033[D");
    answers_at(s, "left", 0);
    scr_send(s, PREFIX "\033\033[C");
    UNTIL(s, col_of(s, "web2 (") == 47);
}

#define T(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_split_and_keys_go_to_one),
        T(test_closing_leaves_the_others),
        T(test_no_room_is_refused_and_nothing_opened),
        T(test_tabs_tell_what_happens_behind),
        T(test_the_list_tells_what_happens),
        T(test_tile_stack_and_arrange),
        T(test_borders_move_by_keys_and_mouse),
        T(test_a_tiny_terminal_keeps_the_arrangement),
        T(test_wide_screen_shows_the_list_too),
        T(test_layouts_are_kept_and_restored),
        T(test_layout_of_what_was_tiled),
        T(test_layout_without_a_guest),
        T(test_plain_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
