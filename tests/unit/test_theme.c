/*
 * test_theme.c - theme files: those that ship, and the faults of others.
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

#include "src/base/xalloc.h"
#include "tests/unit/tmpdir.h"
#include "ui/draw/theme.h"

struct fixture {
    struct tmpdir t;
    struct theme th;
    struct err e;
};

static int
setup(void **state)
{
    struct fixture *f = tmpdir_new(sizeof *f, "mine.theme");

    if (f == NULL)
        return -1;
    theme_default(&f->th);
    *state = f;
    return 0;
}

static int
load(struct fixture *f, const char *text)
{
    assert_int_equal(tmpdir_write(&f->t, text, strlen(text)), 0);
    return theme_load(f->t.dir, "mine", &f->th, &f->e);
}

static void
test_shipped_themes_load(void **state)
{
    static const char *const names[] = { "colorblind", "dark", "light", "mono",
                                         "solar" };
    struct fixture *f = *state;
    struct theme dark;
    struct buf all = { 0 }, want = { 0 };
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (theme_load("themes", names[i], &f->th, &f->e) < 0)
            fail_msg("%s", f->e.msg);
        assert_string_equal(f->th.name, names[i]);
        buf_fmt(&want, "%s\n", names[i]);
    }
    theme_names("/nonexistent:themes:themes", &all);
    assert_string_equal(buf_text(&all), buf_text(&want));
    buf_free(&all);
    buf_free(&want);
    theme_default(&dark);
    assert_int_equal(theme_load("themes", "dark", &f->th, &f->e), 0);
    assert_memory_equal(f->th.roles, dark.roles, sizeof dark.roles);
}

/* Without colour what differs must still look different. */
static void
test_meaning_survives_without_colour(void **state)
{
    static const char *const names[] = { "colorblind", "dark", "light", "mono",
                                         "solar" };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct role_style *r = f->th.roles;

        assert_int_equal(theme_load("themes", names[i], &f->th, &f->e), 0);
        assert_int_not_equal(r[ROLE_SELECTED].mono, r[ROLE_TEXT].mono);
        assert_int_not_equal(r[ROLE_SELECTED].mono, r[ROLE_SELECTED_IDLE].mono);
        assert_int_not_equal(r[ROLE_CRASHED].mono, r[ROLE_RUNNING].mono);
        assert_int_not_equal(r[ROLE_MATCH].mono, r[ROLE_TEXT].mono);
        assert_int_not_equal(r[ROLE_BAR_USED].mono, r[ROLE_BAR_FREE].mono);
        assert_int_not_equal(r[ROLE_ERROR].mono, r[ROLE_TEXT].mono);
    }
}

static void
test_every_form_of_colour(void **state)
{
    struct fixture *f = *state;

    if (load(f, "running = { fg = 200; bg = \"#0aF010\"; };\n"
                "dim = { fg = \"17\"; bg = \"default\"; };\n"
                "title = { fg = \"bright_white\"; attrs = \"bold, dim\";\n"
                "mono = \"none\"; };\n") < 0)
        fail_msg("%s", f->e.msg);
    assert_int_equal(f->th.roles[ROLE_RUNNING].fg, 200);
    assert_int_equal(f->th.roles[ROLE_RUNNING].bg, 0x10af010);
    assert_int_equal(f->th.roles[ROLE_DIM].fg, 17);
    assert_int_equal(f->th.roles[ROLE_DIM].bg, COLOR_NONE);
    assert_int_equal(f->th.roles[ROLE_TITLE].fg, 15);
    assert_int_equal(f->th.roles[ROLE_TITLE].attrs, STYLE_BOLD | STYLE_DIM);
    assert_int_equal(f->th.roles[ROLE_TITLE].mono, 0);
}

static const struct {
    const char *text, *sentence;
} faults[] = {
    { "nosuch = { };", ":1: nosuch: unknown role" },
    { "dim = 5;", ":1: dim: found no group" },
    { "dim = { fg = \"pink\"; };", ":1: dim.fg: found \"pink\", allowed a" },
    { "dim = { fg = 256; };", ":1: dim.fg: found 256, allowed a" },
    { "dim = { fg = -1; };", ":1: dim.fg: found -1, allowed a" },
    { "dim = { fg = -2; };", ":1: dim.fg: found -2, allowed a" },
    { "dim = { fg = 16777217; };", ":1: dim.fg: found 16777217, allowed a" },
    { "dim = { fg = \"#12345\"; };", ":1: dim.fg: found \"#12345\"" },
    { "dim = { attrs = \"blink\"; };", ":1: dim.attrs: found \"blink\"" },
    { "dim = { attrs = 1; };", ":1: dim.attrs: found 1" },
    { "dim = { back = 1; };", ":1: dim.back: unknown, allowed fg" },
};

static void
test_each_fault_is_one_sentence(void **state)
{
    struct fixture *f = *state;
    struct theme before = f->th;
    size_t i, n = strlen(f->t.path);

    for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (load(f, faults[i].text) == 0)
            fail_msg("taken: %s", faults[i].text);
        assert_memory_equal(f->e.msg, f->t.path, n);
        if (strncmp(f->e.msg + n, faults[i].sentence,
                    strlen(faults[i].sentence)) != 0)
            fail_msg("'%s' for: %s", f->e.msg + n, faults[i].text);
        assert_memory_equal(&f->th, &before, sizeof before);
    }
}

static void
test_missing_theme(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(theme_load(f->t.dir, "nosuch", &f->th, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOENT);
    assert_non_null(strstr(f->e.msg, "theme 'nosuch'"));
    assert_int_equal(theme_load(NULL, "nosuch", &f->th, &f->e), -1);
    assert_int_equal(theme_load("", "dark", &f->th, &f->e), 0);
    assert_int_equal(theme_load(f->t.dir, "../mine", &f->th, &f->e), -1);
    assert_int_equal(theme_load(f->t.dir, "", &f->th, &f->e), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, tmpdir_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_shipped_themes_load),  T(test_meaning_survives_without_colour),
        T(test_every_form_of_colour), T(test_each_fault_is_one_sentence),
        T(test_missing_theme),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
