/*
 * test_log.c - the log's ring, its file, rotation, and a disk that is full.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"
#include "tests/unit/file_limit.h"

struct fixture {
    char dir[64], path[96];
    double wall_s;
    struct log_opts opts;
    struct log *lg;
};

static double
fixture_wall(void *arg)
{
    return ((struct fixture *)arg)->wall_s;
}

static int
setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);

    text_fmt(f->dir, sizeof f->dir, "/tmp/test_log.XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    text_fmt(f->path, sizeof f->path, "%s/log", f->dir);
    f->wall_s = 1795239850.123; /* 2026-11-21T05:44:10.123Z */
    f->opts.path = f->path;
    f->opts.wall = fixture_wall;
    f->opts.wall_arg = f;
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    static const char *const names[] = { "", ".1", ".2", ".3", ".4", ".old" };
    struct fixture *f = *state;
    char path[128];
    size_t i;

    log_free(f->lg);
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        text_fmt(path, sizeof path, "%s%s", f->path, names[i]);
        if (unlink(path) < 0 && errno == EISDIR)
            rmdir(path);
    }
    rmdir(f->dir);
    free(f);
    return 0;
}

/* The text of path + suffix, "" if it is missing; malloc'd. */
static char *
file_text(const struct fixture *f, const char *suffix)
{
    struct buf b = { 0 };
    char path[128];

    text_fmt(path, sizeof path, "%s%s", f->path, suffix);
    fd_read_file(path, 1 << 20, &b, NULL);
    return buf_take(&b);
}

static void
assert_file(const struct fixture *f, const char *suffix, const char *text)
{
    char *got = file_text(f, suffix);

    assert_string_equal(got, text);
    free(got);
}

static void
test_lines_reach_ring_and_file(void **state)
{
    struct fixture *f = *state;
    struct err e = { 0 };
    struct stat st;

    f->opts.level = LOGL_INFO;
    f->lg = log_new(&f->opts, &e);
    assert_int_equal(e.code, ERR_NONE);
    errno = EXDEV;
    log_line(f->lg, LOGL_DEBUG, "hidden");
    log_line(f->lg, LOGL_INFO, "guest said %s", "\033[2Jhi\n");
    log_line(f->lg, LOGL_ERROR, "two\nlines");
    assert_int_equal(errno, EXDEV);
    assert_int_equal(log_count(f->lg), 2);
    assert_int_equal(log_at(f->lg, 0).seq, 1);
    assert_string_equal(log_at(f->lg, 0).text, "guest said ?[2Jhi");
    assert_int_equal(log_at(f->lg, 1).level, LOGL_ERROR);
    assert_string_equal(log_at(f->lg, 2).text, "");
    assert_null(log_file_error(f->lg));
    assert_file(f, "",
                "2026-11-21T05:44:10.123Z info guest said ?[2Jhi\n"
                "2026-11-21T05:44:10.123Z error two?lines\n");
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void
test_ring_keeps_the_newest(void **state)
{
    struct fixture *f = *state;
    int i;

    f->opts.path = NULL;
    f->opts.ring_lines = 5;
    f->lg = log_new(&f->opts, NULL);
    for (i = 1; i <= 13; i++)
        log_line(f->lg, LOGL_INFO, "line %d", i);
    assert_int_equal(log_count(f->lg), 5);
    for (i = 0; i < 5; i++) {
        char want[16];

        text_fmt(want, sizeof want, "line %d", 9 + i);
        assert_string_equal(log_at(f->lg, (size_t)i).text, want);
        assert_int_equal(log_at(f->lg, (size_t)i).seq, 9 + i);
    }
    assert_null(log_file_error(f->lg));
}

static void
test_null_log_is_silent(void **state)
{
    (void)state;
    log_line(NULL, LOGL_ERROR, "nobody hears");
    log_free(NULL);
}

static void
test_long_line_is_cut_on_a_character(void **state)
{
    struct fixture *f = *state;
    char big[6001];
    size_t i;

    f->opts.path = NULL;
    f->lg = log_new(&f->opts, NULL);
    for (i = 0; i < 6000; i += 3)
        memcpy(big + i, "\xe2\x82\xac", 4);
    log_line(f->lg, LOGL_INFO, "%s", big);
    assert_int_equal(strlen(log_at(f->lg, 0).text), 1998);
    assert_null(strchr(log_at(f->lg, 0).text, '?'));
}

/* A line is 24 + 1 + 4 + 1 + 9 + 1 = 40 bytes: two a file. */
static void
test_rotation_keeps_so_many_files(void **state)
{
    struct fixture *f = *state;
    char *text;
    int i;

    f->opts.max_bytes = 80;
    f->opts.keep = 2;
    f->lg = log_new(&f->opts, NULL);
    for (i = 1; i <= 9; i++)
        log_line(f->lg, LOGL_INFO, "number %02d", i);
    assert_file(f, "", "2026-11-21T05:44:10.123Z info number 09\n");
    assert_file(f, ".1",
                "2026-11-21T05:44:10.123Z info number 07\n"
                "2026-11-21T05:44:10.123Z info number 08\n");
    text = file_text(f, ".2");
    assert_non_null(strstr(text, "number 05\n"));
    free(text);
    assert_file(f, ".3", "");
    log_free(f->lg); /* size is taken up where it was left */
    f->lg = log_new(&f->opts, NULL);
    log_line(f->lg, LOGL_INFO, "number 10");
    log_line(f->lg, LOGL_INFO, "number 11");
    assert_file(f, "", "2026-11-21T05:44:10.123Z info number 11\n");
}

/* Lines that hold word, over the file and those rotated away. */
static int
count_lines(const struct fixture *f, unsigned keep, const char *word)
{
    char suffix[16] = "", path[128];
    unsigned i;
    int n = 0;

    for (i = 0; i <= keep; i++) {
        char *text, *p;

        if (i > 0)
            snprintf(suffix, sizeof(suffix), ".%u", i);
        text = file_text(f, suffix);
        assert_true(strlen(text) <= f->opts.max_bytes);
        for (p = text; p != NULL && (p = strstr(p, word)) != NULL; p++)
            n++;
        free(text);
        if (i > 4) { /* the fixture takes away those before */
            text_fmt(path, sizeof path, "%s%s", f->path, suffix);
            unlink(path);
        }
    }
    return n;
}

/* As two programs that write one log: the size of the file is that of both,
 * and neither rotates away what the other has begun. */
static void
test_two_writers_share_the_size(void **state)
{
    struct fixture *f = *state;
    struct log *other;
    int i;

    f->opts.max_bytes = 2000;
    f->opts.keep = 25; /* they fill 23 */
    f->lg = log_new(&f->opts, NULL);
    other = log_new(&f->opts, NULL);
    for (i = 0; i < 1000; i++)
        log_line(i % 2 == 0 ? f->lg : other, LOGL_INFO, "number %04d", i);
    log_free(other);
    assert_int_equal(count_lines(f, f->opts.keep, " number "), 1000);
}

static void
test_file_that_cannot_be_opened(void **state)
{
    struct fixture *f = *state;
    struct err e = { 0 };
    char *text;

    assert_int_equal(mkdir(f->path, 0700), 0);
    f->lg = log_new(&f->opts, &e);
    assert_int_not_equal(e.code, ERR_NONE);
    log_line(f->lg, LOGL_INFO, "first");
    assert_string_equal(log_file_error(f->lg), e.msg);
    assert_int_equal(log_count(f->lg), 1);
    rmdir(f->path);
    log_line(f->lg, LOGL_INFO, "second");
    assert_non_null(log_file_error(f->lg)); /* too early */
    f->wall_s += 31;
    log_line(f->lg, LOGL_INFO, "third");
    assert_null(log_file_error(f->lg));
    text = file_text(f, "");
    assert_non_null(strstr(text, "first\n"));
    assert_non_null(strstr(text, "third\n"));
    free(text);
}

static void
test_links_and_fifos_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err e = { 0 };

    assert_int_equal(symlink("/dev/null", f->path), 0);
    f->lg = log_new(&f->opts, &e);
    assert_int_equal(e.sys, ELOOP);
    log_free(f->lg);
    unlink(f->path);
    assert_int_equal(mkfifo(f->path, 0600), 0);
    f->lg = log_new(&f->opts, &e);
    assert_int_not_equal(e.code, ERR_NONE);
    log_line(f->lg, LOGL_INFO, "goes on");
    assert_int_equal(log_count(f->lg), 1);
}

/* The limit tears line 3; a line is 40 bytes. */
static void
test_full_disk_is_survived(void **state)
{
    struct fixture *f = *state;
    char *text;
    int i;

    signal(SIGXFSZ, SIG_IGN);
    f->opts.ring_lines = 50;
    f->lg = log_new(&f->opts, NULL);
    limit_file_size(100);
    for (i = 1; i <= 10; i++)
        log_line(f->lg, LOGL_INFO, "number %02d", i);
    limit_file_size(RLIM_INFINITY);
    assert_non_null(log_file_error(f->lg));
    assert_int_equal(log_count(f->lg), 10);
    for (i = 11; i <= 99; i++)
        log_line(f->lg, LOGL_INFO, "number %02d", i);
    assert_non_null(log_file_error(f->lg));
    log_line(f->lg, LOGL_INFO, "number xx"); /* the 100th */
    assert_null(log_file_error(f->lg));
    assert_int_equal(log_count(f->lg), 50);
    text = file_text(f, "");
    /* whole lines 1-2, the torn one, the gap, then all the ring has */
    assert_non_null(strstr(text, "number 02\n2026-11-21T05:44:1"));
    assert_non_null(
        strstr(text, "\n2026-11-21T05:44:10.123Z warn 48 lines are missing"));
    assert_null(strstr(text, "number 50\n"));
    assert_non_null(strstr(text, "info number 51\n"));
    assert_non_null(strstr(text, "info number xx\n"));
    assert_null(strstr(strstr(text, "number 51\n") + 1, "number 51\n"));
    free(text);
}

static void
test_removed_file_is_made_anew(void **state)
{
    struct fixture *f = *state;
    char old[128], *text;

    f->lg = log_new(&f->opts, NULL);
    log_line(f->lg, LOGL_INFO, "one");
    text_fmt(old, sizeof old, "%s.old", f->path);
    assert_int_equal(rename(f->path, old), 0);
    f->wall_s += 60;
    log_line(f->lg, LOGL_INFO, "two");
    text = file_text(f, "");
    assert_null(strstr(text, "one"));
    assert_non_null(strstr(text, "two"));
    free(text);
}

static void
test_level_names(void **state)
{
    (void)state;
    assert_string_equal(log_level_name(LOGL_DEBUG), "debug");
    assert_string_equal(log_level_name(LOGL_ERROR), "error");
    assert_string_equal(log_level_name((enum log_level)9), "unknown");
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH(test_lines_reach_ring_and_file),
        WITH(test_ring_keeps_the_newest),
        cmocka_unit_test(test_null_log_is_silent),
        WITH(test_long_line_is_cut_on_a_character),
        WITH(test_rotation_keeps_so_many_files),
        WITH(test_two_writers_share_the_size),
        WITH(test_file_that_cannot_be_opened),
        WITH(test_links_and_fifos_are_refused),
        WITH(test_full_disk_is_survived),
        WITH(test_removed_file_is_made_anew),
        cmocka_unit_test(test_level_names),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
