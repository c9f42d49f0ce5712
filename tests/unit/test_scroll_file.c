/*
 * test_scroll_file.c - the text of a console on disk: bounded in two halves,
 * read back in order, whatever stands in the files.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/console/scroll_file.h"
#include "src/base/fdio.h"
#include "tests/unit/file_limit.h"

#define MAX     1000
#define UUID    "5a000000-0000-0000-0000-000000000001"
#define FOREIGN "notes"

struct fixture {
    char top[64], dir[80], path[160], old[160];
    uint8_t uuid[16];
    struct buf text;
    struct err e;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    text_fmt(f->top, sizeof(f->top), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(f->top));
    text_fmt(f->dir, sizeof(f->dir), "%s/console", f->top);
    text_fmt(f->path, sizeof(f->path), "%s/" UUID, f->dir);
    text_fmt(f->old, sizeof(f->old), "%s/" UUID ".old", f->dir);
    f->uuid[0] = 0x5a;
    f->uuid[15] = 1;
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    buf_free(&f->text);
    fd_remove_tree(f->top);
    free(f);
    return 0;
}

static int
try_add(struct fixture *f, const char *bytes, size_t n, size_t *done_out)
{
    struct scroll_text t = { .bytes = bytes, .n = n };
    int rc = scroll_file_add(f->dir, f->uuid, MAX, &t, &f->e);

    *done_out = t.done;
    return rc;
}

static void
add(struct fixture *f, const char *bytes, size_t n)
{
    size_t done = 0;

    if (try_add(f, bytes, n, &done) < 0)
        fail_msg("%s", f->e.msg);
    assert_int_equal(done, n);
}

static const char *
all_of(struct fixture *f, size_t max)
{
    buf_clear(&f->text);
    if (scroll_file_read(f->dir, f->uuid, max, &f->text, &f->e) < 0)
        fail_msg("%s", f->e.msg);
    return buf_text(&f->text);
}

static off_t
size_of(const char *path)
{
    struct stat sb;

    return stat(path, &sb) == 0 ? sb.st_size : -1;
}

static void
test_nothing_is_there_at_first(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(all_of(f, MAX), "");
    scroll_file_remove(f->dir, f->uuid);
}

static void
test_what_was_added_is_read(void **state)
{
    struct fixture *f = *state;
    struct stat sb;

    add(f, "one\n", 4);
    add(f, "two \0\x1b[31m\xff\n", 12);
    assert_int_equal(stat(f->dir, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0700);
    assert_int_equal(stat(f->path, &sb), 0);
    assert_int_equal(sb.st_mode & 07777, 0600);
    all_of(f, MAX);
    assert_int_equal(f->text.len, 16);
    assert_memory_equal(f->text.data, "one\ntwo \0\x1b[31m\xff\n", 16);
    scroll_file_remove(f->dir, f->uuid);
    assert_string_equal(all_of(f, MAX), "");
}

/* Lines of 10 bytes in pieces of all sizes: never more than the bound on disk,
 * never a gap or a wrong order, and the newest half is always there. */
static void
test_two_halves_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct buf said = { 0 };
    size_t at = 0, step = 1, i;

    for (i = 0; i < 500; i++)
        buf_fmt(&said, "line %04zu\n", i);
    while (at < said.len) {
        if (step > said.len - at)
            step = said.len - at;
        add(f, said.data + at, step);
        at += step;
        step = step * 2 % 1709;
        assert_true(size_of(f->path) <= MAX / 2);
        assert_true(size_of(f->old) <= MAX / 2);
        all_of(f, 2 * MAX);
        assert_true(f->text.len <= at);
        assert_true(f->text.len >= (at < MAX / 2 ? at : MAX / 2));
        assert_memory_equal(f->text.data, said.data + at - f->text.len,
                            f->text.len);
    }
    buf_free(&said);
}

static void
test_reading_less_begins_at_a_line(void **state)
{
    struct fixture *f = *state;

    add(f, "first\nsecond\nthird\n", 19);
    assert_string_equal(all_of(f, 10), "third\n");
    assert_string_equal(all_of(f, 18), "second\nthird\n");
    assert_string_equal(all_of(f, 19), "first\nsecond\nthird\n");
}

/* What was written before the disk was full counts, the rest comes later. */
static void
test_full_disk(void **state)
{
    struct fixture *f = *state;
    size_t done = 0;

    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(12);
    assert_int_equal(try_add(f, "0123456789abcdef\n", 17, &done), -1);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(done, 12);
    assert_non_null(strstr(f->e.msg, f->path));
    add(f, "cdef\n", 5);
    assert_string_equal(all_of(f, MAX), "0123456789abcdef\n");
}

static void
test_what_is_no_file_is_refused(void **state)
{
    struct fixture *f = *state;
    size_t done = 0;

    add(f, "x", 1);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(try_add(f, "y", 1, &done), -1);
    assert_int_equal(scroll_file_read(f->dir, f->uuid, MAX, &f->text, &f->e),
                     -1);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(symlink("/etc/passwd", f->path), 0);
    assert_int_equal(try_add(f, "y", 1, &done), -1);
    assert_int_equal(scroll_file_read(f->dir, f->uuid, MAX, &f->text, &f->e),
                     -1);
    assert_int_equal(f->text.len, 0);
    fd_remove_tree(f->dir);
    assert_int_equal(symlink(f->top, f->dir), 0);
    assert_int_equal(try_add(f, "y", 1, &done), -1);
    assert_non_null(strstr(f->e.msg, "not a directory"));
}

static bool
keep_the_second(void *arg, const uint8_t uuid[16])
{
    (void)arg;
    return uuid[15] == 2;
}

static void
test_sweep(void **state)
{
    struct fixture *f = *state;
    char notes[160];

    add(f, "y", 1);
    text_fmt(notes, sizeof(notes), "%s/" FOREIGN, f->dir);
    assert_int_equal(link(f->path, notes), 0);
    assert_int_equal(link(f->path, f->old), 0);
    f->uuid[15] = 2;
    add(f, "z", 1);
    scroll_files_sweep(f->dir, keep_the_second, NULL);
    assert_string_equal(all_of(f, MAX), "z");
    assert_int_equal(access(f->path, F_OK), -1);
    assert_int_equal(access(f->old, F_OK), -1);
    assert_int_equal(access(notes, F_OK), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_nothing_is_there_at_first),
        T(test_what_was_added_is_read),
        T(test_two_halves_are_bounded),
        T(test_reading_less_begins_at_a_line),
        T(test_full_disk),
        T(test_what_is_no_file_is_refused),
        T(test_sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
