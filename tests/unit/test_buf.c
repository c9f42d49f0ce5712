/*
 * test_buf.c - buffers, safe text, numbers, and the files read into buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/unit/tmpdir.h"

static void
test_buffer_grows_and_stays_terminated(void **state)
{
    struct buf b = { 0 };
    char *text;
    int i;

    (void)state;
    assert_string_equal(buf_text(&b), "");
    for (i = 0; i < 1000; i++) {
        buf_str(&b, "ab");
        buf_chr(&b, 'c');
        buf_fmt(&b, "%04d", i);
        assert_int_equal(b.data[b.len], 0);
    }
    assert_int_equal(b.len, 7000);
    assert_memory_equal(b.data + 6993, "abc0999", 8);
    text = buf_take(&b);
    assert_null(b.data);
    assert_int_equal(strlen(text), 7000);
    free(text);
    text = buf_take(&b);
    assert_string_equal(text, "");
    free(text);
}

static void
test_format_longer_than_the_room(void **state)
{
    struct buf b = { 0 };
    char big[5000];

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    buf_fmt(&b, "<%s>%d", big, 12);
    assert_int_equal(b.len, sizeof big - 1 + 4);
    assert_string_equal(b.data + sizeof big, ">12");
    buf_free(&b);
}

static void
test_consume_and_clear(void **state)
{
    struct buf b = { 0 };

    (void)state;
    buf_consume(&b, 3);
    buf_add(&b, "a\0bcd", 5);
    buf_consume(&b, 2);
    assert_string_equal(buf_text(&b), "bcd");
    buf_consume(&b, 100);
    assert_int_equal(b.len, 0);
    assert_string_equal(buf_text(&b), "");
    buf_add(&b, NULL, 0);
    buf_clear(&b);
    assert_string_equal(buf_text(&b), "");
    buf_free(&b);
    assert_null(b.data);
}

static const struct {
    const char *in, *out;
} safe_cases[] = {
    { "", "" },
    { "plain ~", "plain ~" },
    { "\t\n\033\x01\x7f", "?????" },
    { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7",
      "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7" },
    { "\xc2\x9b"
      "31m",
      "?31m" },                     /* C1 CSI */
    { "\xc0\xaf", "??" },           /* overlong */
    { "\xe0\x80\xaf", "???" },      /* overlong */
    { "\xf0\x80\x80\x80", "????" }, /* overlong */
    { "\xed\xa0\x80", "???" },      /* surrogate */
    { "\xf4\x90\x80\x80", "????" }, /* above U+10FFFF */
    { "\xe2\x82", "??" },           /* cut */
    { "\xe2(\xa1", "?(?" },         /* broken off */
    { "\x80z\xff", "?z?" },         /* stray */
    { "a\xe2\x80\xae"
      "b\xe2\x81\xa6\xe2\x80\xa8",
      "a?b??" }, /* bidi, line separator */
};

static void
test_safe_text(void **state)
{
    struct buf b = { 0 };
    char fixed[64];
    size_t i;
    bool same;

    (void)state;
    for (i = 0; i < sizeof safe_cases / sizeof safe_cases[0]; i++) {
        buf_clear(&b);
        buf_safe(&b, safe_cases[i].in, SIZE_MAX);
        assert_string_equal(buf_text(&b), safe_cases[i].out);
        same = text_safe(fixed, sizeof fixed, safe_cases[i].in,
                         strlen(safe_cases[i].in));
        assert_string_equal(fixed, safe_cases[i].out);
        assert_int_equal(same,
                         strcmp(safe_cases[i].in, safe_cases[i].out) == 0);
    }
    buf_free(&b);
}

static void
test_safe_text_honours_its_limits(void **state)
{
    struct buf b = { 0 };
    char six[6], one[1] = { 'x' };

    (void)state;
    buf_safe(&b, "abcdef", 3);
    buf_safe(&b, "\xe2\x82\xac", 2);
    assert_string_equal(buf_text(&b), "abc??");
    buf_free(&b);
    assert_true(text_safe(six, sizeof six, "abcde", 5));
    assert_false(text_safe(six, sizeof six, "abcdef", 6));
    assert_string_equal(six, "abcde");
    assert_false(text_safe(six, sizeof six, "abc\xe2\x82\xac", 6));
    assert_string_equal(six, "abc");
    assert_true(text_safe(six, sizeof six, "ab\xe2\x82\xac", 5));
    assert_string_equal(six, "ab\xe2\x82\xac");
    assert_false(text_safe(one, 1, "a", 1));
    assert_string_equal(one, "");
    assert_false(text_safe(one, 0, "a", 1));
}

/* Bytes behind the limit must not be read: ASan and valgrind watch. */
static void
test_safe_text_without_terminator(void **state)
{
    char *raw = malloc(3), out[8];

    (void)state;
    assert_non_null(raw);
    memcpy(raw, "a\xe2\x82", 3);
    assert_false(text_safe(out, sizeof out, raw, 3));
    assert_string_equal(out, "a??");
    free(raw);
}

static void
test_cut(void **state)
{
    (void)state;
    assert_int_equal(text_cut("", 0), 0);
    assert_int_equal(text_cut("abc", 2), 2);
    assert_int_equal(text_cut("a\xc3\xa9", 2), 1);
    assert_int_equal(text_cut("a\xc3\xa9", 3), 3);
    assert_int_equal(text_cut("\xf0\x9f\x90\xa7", 3), 0);
    assert_int_equal(text_cut("\xf0\x9f\x90\xa7", 4), 4);
    assert_int_equal(text_cut("\x80\x80\x80\x80", 4), 4);
}

static void
test_fixed_format_cuts_silently(void **state)
{
    char b[5];

    (void)state;
    text_fmt(b, sizeof b, "%s", "abcdefg");
    assert_string_equal(b, "abcd");
    text_fmt(b, sizeof b, "%s", "ab\xe2\x82\xac");
    assert_string_equal(b, "ab");
    text_fmt(b, 0, "zz");
    assert_string_equal(b, "ab");
}

static void
test_sizes(void **state)
{
    static const struct {
        unsigned long long kib;
        const char *text;
    } cases[] = {
        { 0, "0K" },           { 1023, "1023K" },      { 1024, "1.0M" },
        { 1536, "1.5M" },      { 102347, "99.9M" },    { 102400, "100M" },
        { 524288, "512M" },    { 1048063, "1023M" },   { 1048575, "1.0G" },
        { 16777216, "16.0G" }, { 1ULL << 30, "1.0T" }, { ULLONG_MAX, "16.0Z" },
    };
    char b[16];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text_kib(b, sizeof b, cases[i].kib);
        assert_string_equal(b, cases[i].text);
    }
    text_bytes(b, sizeof b, 812);
    assert_string_equal(b, "812B");
    text_bytes(b, sizeof b, 1536);
    assert_string_equal(b, "1.5K");
    text_bytes(b, sizeof b, ULLONG_MAX);
    assert_string_equal(b, "16.0E");
    for (i = 0; i < 64; i++) {
        text_kib(b, sizeof b, (1ULL << i) - 1);
        assert_true(strlen(b) <= 5);
    }
}

static void
test_spans(void **state)
{
    static const struct {
        unsigned long long s;
        const char *text;
    } cases[] = {
        { 0, "0s" },        { 12, "12s" },         { 59, "59s" },
        { 60, "1m00s" },    { 185, "3m05s" },      { 3599, "59m59s" },
        { 3600, "1h00m" },  { 14820, "4h07m" },    { 86399, "23h59m" },
        { 86400, "1d00h" }, { 1047600, "12d03h" },
    };
    char b[32];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text_span(b, sizeof b, cases[i].s);
        assert_string_equal(b, cases[i].text);
    }
}

static void
test_spans_are_read(void **state)
{
    static const struct {
        const char *text;
        unsigned s; /* 0: refused */
    } cases[] = {
        { "10", 10 },  { "90s", 90 }, { "10m", 600 },    { "1h", 3600 },
        { "", 0 },     { "9", 0 },    { "61m", 0 },      { "2h", 0 },
        { "10ms", 0 }, { "m", 0 },    { "-10", 0 },      { "10d", 0 },
        { "1 m", 0 },  { "0x10", 0 }, { "9999999h", 0 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned s = 0;

        assert_int_equal(text_span_parse(cases[i].text, 10, 3600, &s),
                         cases[i].s != 0);
        assert_int_equal(s, cases[i].s);
    }
}

static void
test_numbers(void **state)
{
    static const char *const bad[] = { "",
                                       " 1",
                                       "1 ",
                                       "+1",
                                       "-1",
                                       "1k",
                                       "0x",
                                       "0xg",
                                       "1e3",
                                       "a",
                                       "18446744073709551616",
                                       "0x10000000000000000" };
    unsigned long long v = 7;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_u64(bad[i], 0, ULLONG_MAX, &v));
    assert_false(text_u64(NULL, 0, ULLONG_MAX, &v));
    assert_false(text_u64("4", 5, 9, &v));
    assert_false(text_u64("10", 5, 9, &v));
    assert_int_equal(v, 7);
    assert_true(text_u64("5", 5, 9, &v));
    assert_int_equal(v, 5);
    assert_true(text_u64("0xfF", 0, 255, &v));
    assert_int_equal(v, 255);
    assert_true(text_u64("18446744073709551615", 0, ULLONG_MAX, &v));
    assert_true(v == ULLONG_MAX);
}

static void
test_xalloc(void **state)
{
    char *s = xasprintf("%s-%d", "a", 4);

    (void)state;
    assert_string_equal(s, "a-4");
    s = xrealloc(s, 0, 8);
    free(s);
    free(xcalloc(0, 8));
    s = xstrndup("abcdef", 2);
    assert_string_equal(s, "ab");
    free(s);
}

static int
dir_setup(void **state)
{
    *state = tmpdir_new(sizeof(struct tmpdir), "file");
    return *state != NULL ? 0 : -1;
}

static void
put_file(const struct tmpdir *d, size_t n)
{
    char *bytes = xcalloc(n, 1);
    int fd = open(d->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    memset(bytes, 'k', n);
    assert_int_equal(fd_write_all(fd, bytes, n), 0);
    close(fd);
    free(bytes);
}

static void
test_file_is_read_whole_up_to_the_limit(void **state)
{
    const struct tmpdir *d = *state;
    struct buf b = { 0 };
    struct err e = { 0 };

    put_file(d, 100000);
    buf_str(&b, "before");
    assert_int_equal(fd_read_file(d->path, 100000, &b, &e), 0);
    assert_int_equal(b.len, 100006);
    assert_memory_equal(b.data, "beforekkk", 9);
    assert_int_equal(fd_read_file(d->path, 99999, &b, &e), -1);
    assert_int_equal(b.len, 100006);
    assert_int_equal(e.code, ERR_RANGE);
    assert_non_null(strstr(e.msg, "/file: found 100000 bytes, allowed 99999"));
    assert_int_equal(fd_read_file(d->path, 0, &b, NULL), -1);
    buf_free(&b);
}

/* Files of /proc claim to be empty: the limit holds while reading too. */
static void
test_file_without_a_size_is_bounded(void **state)
{
    struct buf b = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(fd_read_file("/proc/self/status", 1 << 20, &b, &e), 0);
    assert_true(b.len > 20);
    buf_clear(&b);
    buf_str(&b, "x");
    assert_int_equal(fd_read_file("/proc/self/status", 20, &b, &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    assert_string_equal(buf_text(&b), "x");
    buf_free(&b);
}

static void
test_what_is_no_file_is_refused(void **state)
{
    const struct tmpdir *d = *state;
    struct buf b = { 0 };
    struct err e = { 0 };

    assert_int_equal(fd_read_file(d->path, 10, &b, &e), -1);
    assert_int_equal(e.code, ERR_NOENT);
    assert_int_equal(fd_read_file(d->dir, 10, &b, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_non_null(strstr(e.msg, "not a regular file, but a directory"));
    assert_int_equal(mkfifo(d->path, 0600), 0);
    assert_int_equal(fd_read_file(d->path, 10, &b, &e), -1);
    assert_non_null(strstr(e.msg, "but a fifo"));
    assert_int_equal(fd_read_file("/dev/zero", 10, &b, &e), -1);
    assert_non_null(strstr(e.msg, "but a device"));
    assert_null(b.data);
}

static void
test_write_all_never_waits(void **state)
{
    static const char big[1 << 17];
    int p[2];

    (void)state;
    assert_int_equal(pipe(p), 0);
    assert_int_equal(fd_nonblock(p[1]), 0);
    assert_true((fcntl(p[1], F_GETFL) & O_NONBLOCK) != 0);
    assert_int_equal(fd_write_all(p[1], big, sizeof big), -1);
    assert_int_equal(errno, EAGAIN);
    close(p[0]);
    close(p[1]);
    assert_int_equal(fd_nonblock(p[1]), -1);
}

static void
test_nofile_is_raised(void **state)
{
    struct rlimit rl;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
    rl.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
    fd_raise_nofile();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
    assert_true(rl.rlim_cur == rl.rlim_max);
}

#define WITH_DIR(f)                                                            \
    cmocka_unit_test_setup_teardown(f, dir_setup, tmpdir_teardown)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer_grows_and_stays_terminated),
        cmocka_unit_test(test_format_longer_than_the_room),
        cmocka_unit_test(test_consume_and_clear),
        cmocka_unit_test(test_safe_text),
        cmocka_unit_test(test_safe_text_honours_its_limits),
        cmocka_unit_test(test_safe_text_without_terminator),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_fixed_format_cuts_silently),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_spans_are_read),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_xalloc),
        WITH_DIR(test_file_is_read_whole_up_to_the_limit),
        WITH_DIR(test_file_without_a_size_is_bounded),
        WITH_DIR(test_what_is_no_file_is_refused),
        cmocka_unit_test(test_write_all_never_waits),
        cmocka_unit_test(test_nofile_is_raised),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
