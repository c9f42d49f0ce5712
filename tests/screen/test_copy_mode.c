/*
 * test_copy_mode.c - a guest's text read, searched, selected and copied, with
 * keys and mouse; none of them reaches the guest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

static void
begin(struct scr *s)
{
    act_create(s, "linux1");
    act_shell(s, "echo hello-xendeck", "hello-xendeck");
    scr_send(s, PREFIX "[");
    SEE(s, "copy mode");
}

/* Paste brings back what was copied, and the guest got nothing before. */
static void
test_a_line_is_copied_and_pasted(void **state)
{
    struct scr *s = *state;
    size_t from;

    begin(s);
    scr_send(s, "xzzx");     /* keys without a meaning, and with one */
    scr_send(s, PREFIX "["); /* begun already */
    scr_send(s, "z");
    SEE(s, "the guest does not get");
    from = scr_sent(s);
    scr_send(s, "?hello-x\r");
    SEE(s, "2 of 2"); /* upwards, the nearest is the last */
    scr_send(s, "n");
    SEE(s, "1 of 2");
    scr_send(s, "0w"); /* from the prompt's line to the command's text */
    scr_send(s, "?hello-x\r");
    SEE(s, "of 2");
    scr_send(s, "vEy");
    SEE(s, "copied 13 bytes");
    UNTIL(s, scr_said(s, from, "\033]52;c;aGVsbG8teGVuZGVjaw==\a"));
    LOSE(s, "copy mode");
    scr_send(s, "echo 1-");
    scr_send(s, PREFIX "]");
    scr_send(s, "\r");
    SEE(s, "1-hello-xendeck");
}

static void
test_escape_leaves_and_keys_go_to_the_guest_again(void **state)
{
    struct scr *s = *state;

    begin(s);
    scr_send(s, "v");
    SEE(s, "copy mode: characters");
    scr_send_esc(s);
    LOSE(s, "copy mode: characters");
    SEE(s, "copy mode");
    scr_send_esc(s);
    LOSE(s, "copy mode");
    act_shell(s, "echo back-again", "back-again");
}

static void
test_a_page_up_goes_into_it(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    scr_send(s, PREFIX "\033[5~");
    SEE(s, "copy mode");
    scr_send(s, "g");
    SEE(s, "Linux version 6.1.0");
    scr_send(s, "5j");
    scr_send(s, "Vjjy");
    SEE(s, "copied");
    LOSE(s, "Linux version 6.1.0");
}

static void
test_what_was_copied_is_saved(void **state)
{
    struct scr *s = *state;
    struct buf b = { 0 };
    char path[512], line[600];

    begin(s);
    scr_send(s, "?hello-x\r");
    SEE(s, "of 2");
    scr_send(s, "vEy");
    SEE(s, "copied 13 bytes");
    snprintf(path, sizeof(path), "%s/copied.txt", scr_home(s));
    snprintf(line, sizeof(line), "buffer-save %s\r", path);
    scr_send(s, PREFIX ":");
    scr_send(s, line);
    scr_send(s, PREFIX ":");
    scr_send(s, line);
    SEE(s, "File exists");
    act_read(path, &b);
    assert_string_equal(buf_text(&b), "hello-xendeck");
    buf_free(&b);
}

/* Button 1 goes down and up in SGR reports; the guest wants none of them. */
static void
test_the_mouse_selects(void **state)
{
    struct scr *s = *state;
    char text[64];
    int row, col;

    act_create(s, "linux1");
    act_shell(s, "echo hello-xendeck", "hello-xendeck");
    row = scr_find(s, "echo hello-xendeck");
    col = scr_find_col(s, row, "hello-xendeck");
    snprintf(text, sizeof(text), "\033[<0;%d;%dM\033[<0;%d;%dm", col + 1,
             row + 1, col + 5, row + 1);
    scr_send(s, text);
    SEE(s, "copy mode: characters");
    scr_send(s, "\r");
    SEE(s, "copied 5 bytes");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line_is_copied_and_pasted,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(
            test_escape_leaves_and_keys_go_to_the_guest_again, act_setup,
            act_teardown),
        cmocka_unit_test_setup_teardown(test_a_page_up_goes_into_it, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_what_was_copied_is_saved,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_the_mouse_selects, act_setup,
                                        act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
