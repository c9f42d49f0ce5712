/*
 * test_last_words.c - lines of a console as plain text, which of them decides,
 * and folders of last words on disk: hostile text in both.
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

#include "engine/console/console_signs.h"
#include "engine/postmortem/postmortem_file.h"
#include "src/base/fdio.h"

static void
assert_plain(const char *bytes, size_t n, const char *want)
{
    struct buf out = { 0 };

    console_plain(bytes, n, &out);
    assert_string_equal(buf_text(&out), want);
    buf_free(&out);
}

#define PLAIN(bytes, want) assert_plain(bytes, sizeof(bytes) - 1, want)

static void
test_plain_lines(void **state)
{
    (void)state;
    PLAIN("one\r\ntwo\n", "one\ntwo\n");
    PLAIN("\x1b[1;31mred\x1b[0m text\r\n", "red text\n");
    PLAIN("10%\r20%\r100%\r\n", "100%\n");
    PLAIN("abd\bc\n", "abc\n");
    PLAIN("\x1b]0;a title\x07shown\n", "shown\n");
    PLAIN("\x1b(Bplain\n", "plain\n");
    PLAIN("\x1b[1;1Hmenu\x1b[2;1Hentry", "menu\nentry");
    PLAIN("a\0b\x7f\n", "ab\n");
}

/* A sequence that never ends takes one line with it, and no more. */
static void
test_plain_torn_sequences(void **state)
{
    (void)state;
    PLAIN("\x1b]0;never ends\nnext\n", "\nnext\n");
    PLAIN("\x1b[12\nnext\n", "\nnext\n");
    PLAIN("\x1bPxx\x18next\n", "next\n");
    PLAIN("\x1b", "");
}

static void
test_plain_is_bounded(void **state)
{
    struct buf in = { 0 }, out = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < 100000; i++)
        buf_chr(&in, 'x');
    console_plain(buf_text(&in), in.len, &out);
    assert_int_equal(out.len, CONSOLE_LINE_MAX);
    buf_free(&in);
    buf_free(&out);
}

static void
test_signs(void **state)
{
    static const struct {
        const char *line, *word;
        unsigned weight;
    } cases[] = {
        { "[    1.2] Kernel panic - not syncing: sysrq triggered crash",
          "panic", 9 },
        { "[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs "
          "on unknown-block(0,0)",
          "no root", 9 },
        { "[    1.3] ---[ end Kernel panic - not syncing: VFS: Unable to mount "
          "root fs on unknown-block(0,0) ]---",
          "panic", 2 },
        { "Kernel panic - not syncing: Fatal exception", "panic", 5 },
        { "[   33.1] BUG: unable to handle page fault for address: 0", "oops",
          7 },
        { "Out of memory: Killed process 301 (mysqld)", "out of memory", 6 },
        { "panic: vm_fault: fault on nofault entry", "panic", 9 },
        { "No bootable device.", "no boot device", 8 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct console_sign *s = console_sign_of(cases[i].line);

        assert_non_null(s);
        assert_string_equal(s->word, cases[i].word);
        assert_int_equal(s->weight, cases[i].weight);
    }
    assert_null(console_sign_of(""));
    assert_null(console_sign_of("[    1.2] don't panic: all is well"));
    assert_null(console_sign_of("[["));
}

/* --- folders --- */

static char dir[64];

static int
make_dir(void **state)
{
    (void)state;
    text_fmt(dir, sizeof(dir), "/tmp/xendeck-test.XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
remove_dir(void **state)
{
    (void)state;
    fd_remove_tree(dir);
    return 0;
}

static void
put(struct postmortem *p, const char *console)
{
    struct buf text = { 0 };
    struct err e = { 0 };

    postmortem_file_name(dir, p);
    buf_str(&text, console);
    assert_int_equal(postmortem_file_begin(dir, p, &e), 0);
    assert_int_equal(postmortem_file_put(dir, p, "console", &text, &e), 0);
    assert_int_equal(postmortem_file_end(dir, p, &e), 0);
    buf_free(&text);
}

static struct postmortem
one(const char *name, double wall_s)
{
    struct postmortem p = {
        .domid = 7, .why = POSTMORTEM_WATCHDOG, .wall_s = wall_s, .line = 3
    };

    text_fmt(p.name, sizeof(p.name), "%s", name);
    text_fmt(p.kind, sizeof(p.kind), "pvh");
    text_fmt(p.word, sizeof(p.word), "panic");
    text_fmt(p.file, sizeof(p.file), "console");
    text_fmt(p.text, sizeof(p.text), "Kernel panic");
    return p;
}

static void
test_a_folder_comes_back(void **state)
{
    struct postmortem p = one("web9", 1700000000.5), got[2];
    struct buf text = { 0 };

    (void)state;
    put(&p, "hello\n");
    assert_string_equal(p.id, "20231114T221320Z-web9-7");
    assert_int_equal(postmortem_file_list(dir, got, 2), 1);
    assert_string_equal(got[0].name, "web9");
    assert_string_equal(got[0].kind, "pvh");
    assert_int_equal(got[0].why, POSTMORTEM_WATCHDOG);
    assert_int_equal(got[0].domid, 7);
    assert_int_equal(got[0].line, 3);
    assert_true(got[0].wall_s > 1700000000.4 && got[0].wall_s < 1700000000.6);
    postmortem_file_get(dir, &got[0], "console", &text);
    assert_string_equal(buf_text(&text), "hello\n");
    buf_free(&text);
}

/* xl gives a domain any name: it leads nowhere. */
static void
test_a_name_is_no_path(void **state)
{
    struct postmortem p = one("../../etc/x y", 1700000000), got[2];

    (void)state;
    put(&p, "hello\n");
    assert_null(strchr(p.id, '/'));
    assert_null(strchr(p.id, ' '));
    assert_int_equal(postmortem_file_list(dir, got, 2), 1);
    assert_string_equal(got[0].name, "../../etc/x y");
}

static void
test_two_of_one_second(void **state)
{
    struct postmortem p = one("web9", 1700000000), q = p, got[3];

    (void)state;
    put(&p, "first\n");
    put(&q, "second\n");
    assert_string_not_equal(p.id, q.id);
    assert_int_equal(postmortem_file_list(dir, got, 3), 2);
}

static void
test_half_a_folder_is_none(void **state)
{
    struct postmortem p = one("web9", 1700000000), got[2];
    struct err e = { 0 };
    char path[300];

    (void)state;
    postmortem_file_name(dir, &p);
    assert_int_equal(postmortem_file_begin(dir, &p, &e), 0);
    assert_int_equal(postmortem_file_list(dir, got, 2), 0);
    text_fmt(path, sizeof(path), "%s/.new-%s", dir, p.id);
    assert_int_equal(access(path, F_OK), 0);
    postmortem_file_sweep(dir);
    assert_int_equal(access(path, F_OK), -1);
}

static void
test_bytes_are_bounded(void **state)
{
    struct postmortem a = one("web1", 1700000000), b = one("web2", 1700000001);
    struct postmortem got[3];
    struct postmortem_limits l = { 8, 700 };
    char text[500];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    b.uuid[0] = 1;
    put(&a, text);
    put(&b, text);
    postmortem_file_prune(dir, &b, &l);
    assert_int_equal(postmortem_file_list(dir, got, 3), 1);
    assert_string_equal(got[0].name, "web2");
}

int
main(void)
{
#define D(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines),
        cmocka_unit_test(test_plain_torn_sequences),
        cmocka_unit_test(test_plain_is_bounded),
        cmocka_unit_test(test_signs),
        D(test_a_folder_comes_back),
        D(test_a_name_is_no_path),
        D(test_two_of_one_second),
        D(test_half_a_folder_is_none),
        D(test_bytes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
