/*
 * test_screen_loader.c - a boot loader's menu in the console pane of a real
 * terminal: it is seen while the domain is made, a key reaches it, and `cancel'
 * ends both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

#define SCRIPT "tests/data/bootloader.sh"

static void
create_with_menu(struct scr *s, const char *mode)
{
    const char *build = getenv("BUILD");
    char *path = xasprintf("%s/linux1.conf", scr_home(s)), *line, *text;
    char script[4096], kernel[4096];

    line = xasprintf("%s/tests/minikernel", build != NULL ? build : "build");
    assert_non_null(realpath(line, kernel));
    assert_non_null(realpath(SCRIPT, script));
    free(line);
    text = xasprintf("name = \"linux1\";\nmemory = 64;\n"
                     "image = { bootloader = \"%s\";\n"
                     "  bootloader_args = ( \"KERNEL=%s\", \"%s\" ); };\n"
                     "devices = ( { type = \"vbd\"; path = \"/dev/vg/one\"; "
                     "vdev = \"xvda\"; } );\n",
                     script, kernel, mode);
    act_write(path, text);
    free(text);
    line = xasprintf("create %s", path);
    act_verb(s, line);
    free(line);
    free(path);
    SEE(s, "Choose a or b:");
}

static void
test_a_key_reaches_the_menu(void **state)
{
    struct scr *s = *state;

    create_with_menu(s, "menu");
    SEE(s, "boot loader: menu of /dev/vg/one"); /* from its first line */
    scr_send(s, "b\r");
    SEE(s, "linux1:~#"); /* the guest, in the same pane */
    scr_send(s, PREFIX "g");
    SEE(s, "chosen: b");
    SEE(s, "Linux version");
}

/* An arrow is what the terminal was told that it is to be. */
static void
test_an_arrow_reaches_the_menu(void **state)
{
    struct scr *s = *state;

    create_with_menu(s, "keys");
    scr_send(s, "\033OB");
    SEE(s, "linux1:~#");
    scr_send(s, PREFIX "g");
    SEE(s, "typed: 1b 4f 42");
}

static void
test_cancel_in_the_console_ends_it(void **state)
{
    struct scr *s = *state;

    create_with_menu(s, "menu");
    scr_send(s, PREFIX "X");
    SEE(s, "cancelled");
    scr_send(s, PREFIX "q");
    SEE(s, "Domain-0");
    LOSE(s, "Choose a or b:");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_key_reaches_the_menu, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_an_arrow_reaches_the_menu,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_cancel_in_the_console_ends_it,
                                        act_setup, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
