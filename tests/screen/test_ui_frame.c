/*
 * test_ui_frame.c - the frame on the outer terminal: its size, its end, and
 * the lines at the bottom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/scr.h"

/* A region of 24 rows would keep lines from moving below it. */
static void
test_scroll_region_is_the_screen(void **state)
{
    struct scr *s = scr_start(30, 100, "--sim=3");
    size_t from;

    (void)state;
    SEE(s, "domains (4)");
    CHECK(s, !scr_said(s, 0, "\033[1;24r"));
    from = scr_sent(s);
    scr_resize(s, 41, 100);
    SAID(s, from, "\033[1;41r");
    scr_close(s);
}

/* It comes as end of input and as SIGHUP: an orderly end all the same. */
static void
test_hang_up_is_an_orderly_end(void **state)
{
    struct scr *s = scr_start(24, 80, "--sim=3");

    (void)state;
    SEE(s, "domains (4)");
    scr_hang_up(s);
    EXITS(s, 0);
    scr_close(s);
}

/* Nothing of a sentence that is wider than the line is cut off. */
static void
test_long_error_is_readable(void **state)
{
    struct scr *s = scr_start(24, 80, "--sim=3");

    (void)state;
    SEE(s, "domains (4)");
    scr_send(s, ":create /tmp/there-is-no-such-directory/nor/any/file/of/"
                "this/name/anywhere.conf\r");
    SEE(s, "such file or directory");
    SEE(s, "/tmp/there-is-no-such-directory");
    scr_send(s, "j");
    LOSE(s, "/tmp/there-is-no-such-directory");
    SEE(s, "Enter details");
    scr_close(s);
}

static void
test_crash_elsewhere_is_told(void **state)
{
    struct scr *s = scr_start(24, 80, "--sim");

    (void)state;
    SEE(s, "web1");
    scr_send(s, ":console web1\r");
    SEE(s, "web1:~#");
    scr_send(s, "crash\r");
    scr_send(s, "\x1dq");
    SEE(s, "web1: crash");
    scr_close(s);
}

static void
test_log_turns_pages_and_filters(void **state)
{
    struct scr *s = scr_start(24, 80, "--sim=3");

    (void)state;
    SEE(s, "domains (4)");
    scr_send(s, "l");
    SEE(s, "events");
    scr_send(s, "\033[C");
    SEE(s, "operations");
    scr_send(s, "\033[C");
    SEE(s, "engine log");
    scr_send(s, "\033[C");
    SEE(s, "Xen log");
    scr_send(s, "]");
    SEE(s, "other logs");
    LOSE(s, "Xen log");
    scr_send(s, "\\vm00\r");
    SEE(s, "events with 'vm00'");
    scr_send(s, "\033");
    LOSE(s, "with 'vm00'");
    scr_close(s);
}

/* Where there is little room help takes all of it, and gives it back. */
static void
test_help_has_room(void **state)
{
    struct scr *s = scr_start(24, 80, "--sim=3");

    (void)state;
    SEE(s, "Domain-0");
    scr_send(s, "?");
    SEE(s, "Keys in the domain list");
    CHECK(s, !scr_has(s, "Domain-0"));
    scr_send(s, "q");
    SEE(s, "Domain-0");
    scr_close(s);
}

#define LONG_NAME                                                              \
    "a-name-of-sixty-three-characters-is-the-longest-that-is-allowed"

static void
write_conf(const char *path)
{
    char kernel[4096];
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_non_null(realpath("build/tests/minikernel", kernel));
    fprintf(f, "name = \"%s\"; memory = 64; image = { kernel = \"%s\"; };\n",
            LONG_NAME, kernel);
    fclose(f);
}

/* Back from the console of a new domain the cursor is on it, its name whole
 * where there is room. */
static void
test_new_domain_is_found_again(void **state)
{
    struct scr *s = scr_start(60, 200, "--sim");
    char path[256], line[300];
    int row;

    (void)state;
    snprintf(path, sizeof path, "%s/long.conf", scr_home(s));
    write_conf(path);
    SEE(s, "Domain-0");
    snprintf(line, sizeof line, ":create %s\r", path);
    scr_send(s, line);
    SEE(s, "Linux version");
    scr_send(s, "\x1dq");
    SEE(s, "Owner");
    SEE(s, LONG_NAME);
    row = scr_find(s, LONG_NAME " ");
    scr_send(s, "S");
    SEE(s, " " LONG_NAME "? ");
    CHECK(s, row > 0);
    scr_close(s);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scroll_region_is_the_screen),
        cmocka_unit_test(test_hang_up_is_an_orderly_end),
        cmocka_unit_test(test_long_error_is_readable),
        cmocka_unit_test(test_crash_elsewhere_is_told),
        cmocka_unit_test(test_log_turns_pages_and_filters),
        cmocka_unit_test(test_help_has_room),
        cmocka_unit_test(test_new_domain_is_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
