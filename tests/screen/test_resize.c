/*
 * test_resize.c - the terminal changes its size: also to sizes of no use, also
 * a hundred times in a row. Nothing crashes, no text of a console is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

#define STORM   100
#define LINES_N 120

struct size {
    int rows, cols;
};

/* The same sizes in each run. */
static struct size
random_size(uint32_t *seed)
{
    static const struct size odd[] = { { 1, 1 },    { 5, 5 },   { 100, 300 },
                                       { 1, 200 },  { 200, 2 }, { 24, 80 },
                                       { 60, 200 }, { 2, 2 },   { 10, 40 } };
    uint32_t r = *seed = *seed * 1664525U + 1013904223U;

    r >>= 8;
    if (r % 3 == 0)
        return odd[r / 3 % (sizeof odd / sizeof odd[0])];
    return (struct size){ 1 + (int)(r % 70), 1 + (int)(r / 70 % 230) };
}

static void
storm(struct scr *s, uint32_t seed)
{
    unsigned i;

    for (i = 0; i < STORM; i++) {
        struct size z = random_size(&seed);

        scr_resize(s, z.rows, z.cols);
        if (i % 3 != 0) /* some sizes are over before they are looked at */
            scr_pump(s, 40);
    }
    scr_resize(s, 24, 80);
}

static void
print_lines(struct scr *s)
{
    struct buf b = { 0 };
    unsigned i;

    for (i = 0; i < LINES_N; i++) {
        buf_clear(&b);
        buf_fmt(&b, "echo numbered-%03u-%03u\r", i, LINES_N - i);
        scr_send(s, buf_text(&b));
    }
    buf_clear(&b);
    buf_fmt(&b, "numbered-%03u-%03u", LINES_N - 1, 1);
    act_see_row(s, buf_text(&b));
    buf_free(&b);
}

static char *
save_console(struct scr *s)
{
    char *path = xasprintf("%s/saved.txt", scr_home(s));
    char *line = xasprintf(PREFIX ":console-save %s\r", path);

    scr_send(s, line);
    SEE(s, "console saved to ");
    free(line);
    return path;
}

static void
check_lines(struct scr *s)
{
    char *path = save_console(s), line[64];
    struct buf b = { 0 };
    const char *at;
    unsigned i;

    act_read(path, &b);
    at = buf_text(&b);
    for (i = 0; i < LINES_N && at != NULL; i++) {
        snprintf(line, sizeof line, "\nnumbered-%03u-%03u\n", i, LINES_N - i);
        at = strstr(at, line); /* in their order */
        if (at == NULL)
            fprintf(stderr, "lost: %s%s", line + 1, buf_text(&b));
        else
            at += strlen(line) - 1;
    }
    scr_must(s, at != NULL, "all lines are there", __FILE__, __LINE__);
    buf_free(&b);
    free(path);
}

static void
test_storm_loses_no_text(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    print_lines(s);
    storm(s, 1);
    act_shell(s, "echo still-here", "still-here");
    check_lines(s);
    scr_send(s, PREFIX "g");
    SEE(s, "lines up");
    SEE(s, "Linux version 6.1.0");
}

static void
test_storm_in_full_screen(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    print_lines(s);
    scr_send(s, "top\r");
    SEE(s, "TIME+ COMMAND");
    storm(s, 2);
    SEE(s, "TIME+ COMMAND");
    scr_send(s, "q");
    LOSE(s, "TIME+ COMMAND");
    SEE(s, "linux1:~#");
    check_lines(s);
}

static void
test_storm_under_flood(void **state)
{
    struct scr *s = *state;

    act_create(s, "linux1");
    scr_send(s, "flood\r");
    SEE(s, "the quick brown fox");
    storm(s, 3);
    scr_send(s, "\x03");
    SEE(s, "linux1:~#");
    act_shell(s, "echo still-here", "still-here");
}

static void
test_storm_of_list_and_views(void **state)
{
    static const struct {
        const char *keys, *shown;
    } views[] = {
        { "\r]]", "affinity of all" },
        { "?", "help" },
        { "l", "log" },
        { "/we", "/we" },
        { ":the", ":the" },
        { "gjD", "Destroy web1" },
    };
    struct scr *s = *state;
    size_t i;

    for (i = 0; i < sizeof views / sizeof views[0]; i++) {
        scr_send(s, views[i].keys);
        SEE(s, views[i].shown); /* a screen that is too small takes no keys */
        storm(s, (uint32_t)(10 + i));
        SEE(s, "F10Quit");
        scr_send_esc(s);
        SEE(s, "q quit");
    }
    LOSE(s, "not saved");
    SEE(s, "Domain-0");
    act_see_selected(s, "web1");
    assert_int_equal(scr_exit_status(s, 0), -1);
}

static void
test_too_small_says_so(void **state)
{
    struct scr *s = *state;

    scr_resize(s, 4, 30);
    LOSE(s, "Domain-0");
    scr_resize(s, 24, 80);
    SEE(s, "Domain-0");
    SEE(s, "F10Quit");
}

static void
test_starts_in_any_size(void **state)
{
    static const struct size sizes[] = { { 1, 1 },    { 1, 80 },   { 24, 1 },
                                         { 5, 5 },    { 8, 40 },   { 24, 80 },
                                         { 80, 250 }, { 100, 300 } };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct scr *s = scr_start(sizes[i].rows, sizes[i].cols, "--sim=3");

        while (!scr_mode(s, 1049) && scr_pump(s, SCR_MS))
            ;
        scr_settle(s, 100);
        scr_resize(s, 24, 80);
        SEE(s, "Domain-0");
        SEE(s, "F10Quit");
        act_quit(s);
        scr_close(s);
    }
}

static void
test_cursor_stays(void **state)
{
    struct scr *s = act_start(24, 80, "--sim=100");

    *state = s;
    act_verb(s, "search 070");
    act_see_selected(s, "070");
    scr_resize(s, 12, 60);
    LOSE(s, "F10Quit");
    act_see_selected(s, "070");
    scr_resize(s, 60, 200);
    SEE(s, "F10Quit");
    act_see_selected(s, "070");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_storm_loses_no_text),
        TEST(test_storm_in_full_screen),
        TEST(test_storm_under_flood),
        TEST(test_storm_of_list_and_views),
        TEST(test_too_small_says_so),
        cmocka_unit_test(test_starts_in_any_size),
        cmocka_unit_test_teardown(test_cursor_stays, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
