/*
 * test_pasting.c - texts that a user pastes into a guest's console: asked
 * about, shown while they go on, given up, refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/command/key.h"
#include "tests/screen/act.h"

#define PASTE_SIZE 82893U /* that many once stopped at 65,536 */

static void
send_paste(struct scr *s, const struct buf *text)
{
    struct buf b = { 0 };

    buf_str(&b, ESC "[200~");
    buf_add(&b, text->data, text->len);
    buf_str(&b, ESC "[201~");
    scr_send_bytes(s, b.data, b.len);
    buf_free(&b);
}

/* Lines that a shell takes and says nothing to, n bytes in all. */
static void
quiet_lines(struct buf *b, size_t n, const char *last)
{
    size_t i;

    for (i = 0; b->len + strlen(last) + 12 < n; i++)
        buf_str(b, "\n");
    while (b->len + strlen(last) < n)
        buf_str(b, " ");
    buf_str(b, last);
}

static void
test_a_long_text_arrives(void **state)
{
    struct scr *s = *state;
    struct buf text = { 0 };

    act_create(s, "linux1");
    quiet_lines(&text, PASTE_SIZE, "echo the-last-line\n");
    send_paste(s, &text);
    SEE(s, "82893 bytes, into linux1?");
    SEE(s, "Its program takes each");
    scr_send(s, "y");
    SEE(s, "pasting, ");
    SEE(s, "linux1 got all 82893 bytes");
    act_see_row(s, "the-last-line");
    LOSE(s, "pasting, ");
    buf_free(&text);
}

/* Other panes have keys meanwhile; C-c is not the guest's. */
static void
test_a_long_text_is_given_up(void **state)
{
    struct scr *s = *state;
    struct buf text = { 0 };

    act_create(s, "linux1");
    quiet_lines(&text, 1000000, "echo never-typed\n");
    send_paste(s, &text);
    SEE(s, "1000000 bytes, into linux1?");
    scr_send(s, "y");
    SEE(s, "C-c: stop");
    scr_send(s, PREFIX "q");
    SEE(s, "Domain-0");
    act_verb(s, "console linux1"); /* it goes on */
    SEE(s, "C-c: stop");
    scr_send(s, "\x03");
    LOSE(s, "pasting, ");
    send_paste(s, &text);
    SEE(s, "1000000 bytes, into linux1?");
    scr_send(s, "y");
    SEE(s, "C-c: stop");
    scr_send(s, "\x03");
    SEE(s, "of the 1000000 bytes that were pasted: stopped");
    LOSE(s, "C-c: stop");
    act_shell(s, "echo still-here", "still-here");
    CHECK(s, !scr_has(s, "never-typed"));
    scr_send(s, PREFIX ":paste-stop\r");
    SEE(s, "nothing is being pasted");
    buf_free(&text);
}

static void
test_a_refused_text_is_not_typed(void **state)
{
    struct scr *s = *state;
    struct buf text = { 0 };

    act_create(s, "linux1");
    buf_str(&text, "echo with-\x01-control\n");
    send_paste(s, &text);
    SEE(s, "1 control character is left");
    SEE(s, "It begins: echo with-?-control");
    scr_send(s, "n");
    LOSE(s, "Paste 1 line");
    act_shell(s, "echo after-it", "after-it");
    CHECK(s, !scr_has(s, "-control"));
    buf_clear(&text);
    buf_str(&text, "echo two\necho lines");
    send_paste(s, &text);
    SEE(s, "linux1:~# echo lines");
    buf_free(&text);
}

static void
test_a_text_that_is_too_long_is_told(void **state)
{
    struct scr *s = *state;
    struct buf text = { 0 };
    unsigned i;

    act_create(s, "linux1");
    for (i = 0; i <= KEY_PASTE_MAX / 16; i++)
        buf_str(&text, "0123456789abcdef");
    send_paste(s, &text);
    SEE(s,
        "16777232 bytes are more than can be pasted at once, allowed are 16");
    act_shell(s, "echo after-it", "after-it");
    CHECK(s, !scr_has(s, "0123456"));
    buf_free(&text);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_long_text_arrives),
        T(test_a_long_text_is_given_up),
        T(test_a_refused_text_is_not_typed),
        T(test_a_text_that_is_too_long_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
