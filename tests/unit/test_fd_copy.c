/*
 * test_fd_copy.c - disks copied: every byte, holes as holes in a new file, and
 * zeros over what was on an old one.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/sys/fd_copy.h"

#define SIZE (3L * 1024 * 1024 + 17)

static uint64_t last_done, last_all;

static void
note(uint64_t done, uint64_t all)
{
    assert_true(done >= last_done);
    last_done = done;
    last_all = all;
}

static int
make(off_t size, const char *text, off_t at)
{
    int fd = memfd_create("disk", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
    return fd;
}

static void
assert_same(int a, int b, off_t size)
{
    char x[4096], y[4096];
    off_t at;
    ssize_t n;

    for (at = 0; at < size; at += n) {
        n = pread(a, x, sizeof(x), at);
        assert_true(n > 0);
        assert_int_equal(pread(b, y, (size_t)n, at), n);
        assert_memory_equal(x, y, (size_t)n);
    }
}

static int
copy(int from, int to, bool fresh, struct err *e)
{
    const struct fd_copy c = {
        .from = from, .to = to, .fresh = fresh, .progress = note
    };

    last_done = last_all = 0;
    return fd_copy_run(&c, e);
}

static void
test_a_new_file_keeps_its_holes(void **state)
{
    int from = make(SIZE, "end", SIZE - 3);
    int to = memfd_create("copy", MFD_CLOEXEC);
    struct err e = { 0 };
    struct stat sb;

    (void)state;
    assert_int_equal(pwrite(from, "begin", 5, 0), 5);
    assert_int_equal(copy(from, to, true, &e), 0);
    assert_int_equal(fstat(to, &sb), 0);
    assert_int_equal(sb.st_size, SIZE);
    assert_true(sb.st_blocks * 512 < 300 * 1024);
    assert_same(from, to, SIZE);
    assert_int_equal(last_done, SIZE);
    assert_int_equal(last_all, SIZE);
    close(from);
    close(to);
}

static void
test_an_empty_one(void **state)
{
    int from = memfd_create("disk", MFD_CLOEXEC);
    int to = memfd_create("copy", MFD_CLOEXEC);
    struct err e = { 0 };
    struct stat sb;

    (void)state;
    assert_int_equal(copy(from, to, true, &e), 0);
    assert_int_equal(fstat(to, &sb), 0);
    assert_int_equal(sb.st_size, 0);
    close(from);
    close(to);
}

/* What was there shows through nowhere, and what is behind it stays. */
static void
test_an_old_one_is_written_over(void **state)
{
    int from = make(SIZE, "end", SIZE - 3), to = make(SIZE + 9, "secret", 4096);
    struct err e = { 0 };
    struct stat sb;

    (void)state;
    assert_int_equal(pwrite(to, "behind", 6, SIZE), 6);
    assert_int_equal(copy(from, to, false, &e), 0);
    assert_same(from, to, SIZE);
    assert_int_equal(fstat(to, &sb), 0);
    assert_int_equal(sb.st_size, SIZE + 9);
    close(from);
    close(to);
}

static void
test_one_that_is_too_small(void **state)
{
    int from = make(SIZE, "end", SIZE - 3), to = make(SIZE / 2, "old", 0);
    struct err e = { 0 };
    char bytes[3];

    (void)state;
    assert_int_equal(copy(from, to, false, &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    assert_string_equal(e.msg, "found 1 MiB to copy to, needed are 3");
    assert_int_equal(pread(to, bytes, 3, 0), 3);
    assert_memory_equal(bytes, "old", 3);
    close(from);
    close(to);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_file_keeps_its_holes),
        cmocka_unit_test(test_an_empty_one),
        cmocka_unit_test(test_an_old_one_is_written_over),
        cmocka_unit_test(test_one_that_is_too_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
