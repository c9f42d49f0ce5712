/*
 * test_event_filter.c - which events pass which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/command/event_filter.h"

static const struct event death = { .kind = EVENT_DEATH,
                                    .level = EVENT_ERROR,
                                    .name = "web1",
                                    .who = "root@pts/3",
                                    .text = "crash" };

static void
test_words(void **state)
{
    static const struct {
        const char *line;
        bool passes;
    } cases[] = {
        { "", true },
        { "kind=death", true },
        { "kind=dea", true },
        { "kind=birth", false },
        { "kind=birth kind=death", true },
        { "level=error", true },
        { "level=warning", false },
        { "level>=warning", true },
        { "level>=info name=web", true },
        { "name=web1", true },
        { "name=db", false },
        { "who=root", true },
        { "who=eve", false },
        { "crash", true },
        { "CRASH", false }, /* a capital is meant */
        { "web1", true },   /* the name counts as text */
        { "no such", false },
        { "kind=death name=web1 level=error crash", true },
        { "kind=nosuch", false }, /* not a condition: a text */
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event_filter f;

        event_filter_line(&f, cases[i].line);
        if (event_filter_match(&f, &death) != cases[i].passes)
            fail_msg("'%s'", cases[i].line);
        assert_int_equal(event_filter_empty(&f), i == 0);
    }
}

static void
test_faults_are_named(void **state)
{
    struct event_filter f = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(event_filter_add(&f, "kind=nosuch", &e), -1);
    assert_non_null(strstr(e.msg, "found kind=nosuch, allowed kind=birth|"));
    assert_int_equal(event_filter_add(&f, "level>=loud", &e), -1);
    assert_true(event_filter_empty(&f));
}

static void
test_log_lines_have_level_and_text(void **state)
{
    struct event_filter f;

    (void)state;
    event_filter_line(&f, "level>=warning disk");
    assert_true(event_filter_text(&f, EVENT_WARN, "the disk is full"));
    assert_false(event_filter_text(&f, EVENT_INFO, "the disk is full"));
    assert_false(event_filter_text(&f, EVENT_ERROR, "no"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_faults_are_named),
        cmocka_unit_test(test_log_lines_have_level_and_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
