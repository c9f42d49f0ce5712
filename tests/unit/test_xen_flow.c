/*
 * test_xen_flow.c - what is told of a stream while the library reads it, and
 * what the kernel counts for that.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/hv/xen/xen_flow.h"
#include "src/base/buf.h"
#include "src/base/sys/clock.h"
#include "src/base/sys/proc_io.h"

#define CHUNK   65536
#define WAIT_MS 20000

struct heard {
    atomic_int times;
    int percent;
    char what[64];
};

static void
hear(void *arg, int percent, const char *what)
{
    struct heard *h = arg;

    h->percent = percent;
    text_fmt(h->what, sizeof(h->what), "%s", what);
    h->times++;
}

static void
read_zeros(size_t bytes)
{
    char chunk[CHUNK];
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    for (; bytes > 0; bytes -= CHUNK)
        assert_int_equal(read(fd, chunk, CHUNK), CHUNK);
    close(fd);
}

static void
test_the_kernel_counts(void **state)
{
    uint64_t before = proc_io_read("/proc/self/io"), wrote;

    (void)state;
    read_zeros(16 * CHUNK);
    assert_true(proc_io_read("/proc/self/io") >= before + 16 * CHUNK);
    wrote = proc_io_written("/proc/self/io");
    print_message("one line more\n");
    fflush(stdout);
    assert_true(proc_io_written("/proc/self/io") > wrote);
    assert_int_equal(proc_io_read("/proc/self/none"), 0);
    assert_int_equal(proc_io_written("/proc/self/comm"), 0);
}

/* Of 64 MiB, most has come; the end is not known. */
static void
test_what_is_read_is_told(void **state)
{
    struct heard h = { .times = 0 };
    struct xen_flow f = { .fd = -1,
                          .what = "reading memory",
                          .progress = hear,
                          .arg = &h,
                          .mem_kib = 65536 };
    int64_t until = clock_now_ms() + WAIT_MS;
    int times;

    (void)state;
    xen_flow_begin(&f);
    xen_flow_count(&f, 1);
    while (h.times < 3 && clock_now_ms() < until)
        read_zeros(CHUNK);
    xen_flow_count_end(&f);
    times = h.times;
    assert_true(times >= 3);
    assert_in_range(h.percent, 0, 99);
    assert_non_null(strstr(h.what, "reading memory, "));
    assert_non_null(strstr(h.what, "/s"));
    read_zeros(16 * CHUNK);
    xen_flow_count_end(&f); /* once more does no harm */
    assert_int_equal(h.times, times);
}

static void
test_more_than_all_is_not_all(void **state)
{
    struct heard h = { .times = 0 };
    struct xen_flow f = {
        .fd = -1, .what = "x", .progress = hear, .arg = &h, .mem_kib = 64
    };
    int64_t until = clock_now_ms() + WAIT_MS;

    (void)state;
    xen_flow_begin(&f);
    xen_flow_count(&f, 1);
    while (h.percent < 99 && clock_now_ms() < until)
        read_zeros(CHUNK);
    xen_flow_count_end(&f);
    assert_int_equal(h.percent, 99);
}

static void
test_nobody_listens(void **state)
{
    struct xen_flow f = { .fd = -1, .what = "x", .mem_kib = 64 };

    (void)state;
    xen_flow_begin(&f);
    xen_flow_count(&f, 1);
    xen_flow_tell(&f, 5, "Frames");
    xen_flow_count_end(&f);
    assert_false(f.counting);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_kernel_counts),
        cmocka_unit_test(test_what_is_read_is_told),
        cmocka_unit_test(test_more_than_all_is_not_all),
        cmocka_unit_test(test_nobody_listens),
    };

    return cmocka_run_group_tests_name("xen flow", tests, NULL, NULL);
}
