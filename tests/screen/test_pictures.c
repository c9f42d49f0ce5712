/*
 * test_pictures.c - the pictures of the documentation, drawn from the real
 * screen. With PICTURES=DIRECTORY (`make pictures`) they are written there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"
#include "tests/screen/svg.h"

static size_t
count(const char *text, const char *part)
{
    size_t n = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        n++;
    }
    return n;
}

static void
take_picture(struct scr *s, const char *name, const char *title)
{
    const char *dir = getenv("PICTURES");
    struct buf svg = { 0 };
    const char *text;
    char *path;

    svg_draw(s, title, &svg);
    text = buf_text(&svg);
    assert_int_equal(count(text, "<svg "), 1);
    assert_int_equal(count(text, "</svg>"), 1);
    assert_int_equal(count(text, "<text "), count(text, "</text>"));
    assert_true(count(text, "<text ") > 50);
    assert_non_null(strstr(text, "Domain-0"));
    if (dir != NULL && dir[0] != '\0') {
        path = xasprintf("%s/%s.svg", dir, name);
        act_write(path, text);
        free(path);
    }
    buf_free(&svg);
}

static void
test_list_picture(void **state)
{
    struct scr *s = act_start(32, 110, "--sim --theme dark");

    *state = s;
    scr_send(s, "jj\r");
    SEE(s, "overview");
    scr_send(s, "\t");
    SEE(s, "F4Filter");
    for (unsigned i = 0; i < 8; i++) /* statistics of some seconds */
        scr_settle(s, 900);
    take_picture(s, "screen-list",
                 "xendeck: the domains of a host, one of them in detail");
}

static void
test_console_picture(void **state)
{
    struct scr *s = act_start(36, 150, "--sim --theme dark");

    *state = s;
    act_create(s, "linux1");
    scr_send(s, "uname -a\r");
    SEE(s, "GNU/Linux");
    scr_send(s, "colors\r");
    SEE(s, "underline");
    scr_send(s, "free\r");
    SEE(s, "buff/cache");
    LOSE(s, "create linux1"); /* the notice */
    scr_settle(s, 300);
    take_picture(s, "screen-console",
                 "xendeck: the console of a guest beside the list of domains");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_list_picture, act_teardown),
        cmocka_unit_test_teardown(test_console_picture, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
