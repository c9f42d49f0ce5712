/*
 * test_event_file.c - the journal of lines: rotation, several writers, hostile
 * bytes, a file that cannot be written.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/event/event_file.h"
#include "src/base/fdio.h"

struct fixture {
    char dir[64];
    struct loop *lp;
    struct event_file *f;
    struct buf got; /* lines that were told */
    unsigned failed;
};

static void
take_line(void *arg, const char *line, size_t n)
{
    struct fixture *fx = arg;

    buf_add(&fx->got, line, n);
    buf_chr(&fx->got, '\n');
}

static void
take_failure(void *arg, const char *why)
{
    struct fixture *fx = arg;

    assert_non_null(strstr(why, "journal"));
    fx->failed++;
}

static struct event_file *
open_file(struct fixture *fx, size_t max_bytes)
{
    struct event_file_opts o = { .lp = fx->lp,
                                 .dir = fx->dir,
                                 .max_bytes = max_bytes,
                                 .keep = 2,
                                 .line = take_line,
                                 .failed = take_failure,
                                 .arg = fx };
    struct err e = { 0 };
    struct event_file *f = event_file_open(&o, &e);

    if (f == NULL)
        fail_msg("%s", e.msg);
    return f;
}

static int
setup(void **state)
{
    struct fixture *fx = calloc(1, sizeof(*fx));

    assert_non_null(fx);
    text_fmt(fx->dir, sizeof(fx->dir), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(fx->dir));
    fx->lp = loop_new(LOOP_CLOCK_VIRTUAL);
    *state = fx;
    return 0;
}

static void
path_of(const struct fixture *fx, const char *name, char dst[128])
{
    text_fmt(dst, 128, "%s/%s", fx->dir, name);
}

static int
teardown(void **state)
{
    static const char *const names[] = { "events.json", "events.json.1",
                                         "events.json.2", ".lock", "moved" };
    struct fixture *fx = *state;
    char path[128];
    size_t i;

    event_file_close(fx->f);
    loop_free(fx->lp);
    buf_free(&fx->got);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_of(fx, names[i], path);
        (void)chmod(path, 0600);
        if (unlink(path) < 0)
            (void)rmdir(path);
    }
    assert_int_equal(rmdir(fx->dir), 0); /* nothing else was made */
    free(fx);
    return 0;
}

static void
add(struct event_file *f, const char *line)
{
    event_file_add(f, line, strlen(line));
}

static char *
tail(struct event_file *f, size_t max)
{
    struct buf b = { 0 };

    assert_int_equal(event_file_tail(f, max, &b, NULL), 0);
    return buf_take(&b);
}

static void
test_newest_lines_come_oldest_first(void **state)
{
    struct fixture *fx = *state;
    char *text;

    fx->f = open_file(fx, 0);
    text = tail(fx->f, 10);
    assert_string_equal(text, "");
    free(text);
    add(fx->f, "one");
    add(fx->f, "two");
    add(fx->f, "three");
    text = tail(fx->f, 2);
    assert_string_equal(text, "two\nthree\n");
    free(text);
    text = tail(fx->f, 99);
    assert_string_equal(text, "one\ntwo\nthree\n");
    free(text);
}

static void
test_files_are_rotated_and_bounded(void **state)
{
    struct fixture *fx = *state;
    char line[32], path[128], *text;
    struct stat sb;
    unsigned i;

    fx->f = open_file(fx, 200);
    for (i = 0; i < 100; i++) {
        text_fmt(line, sizeof(line), "line number %03u", i);
        add(fx->f, line);
    }
    for (i = 0; i < 3; i++) {
        text_fmt(line, sizeof(line), i == 0 ? "events.json" : "events.json.%u",
                 i);
        path_of(fx, line, path);
        assert_int_equal(stat(path, &sb), 0);
        assert_true(sb.st_size <= 200);
        assert_int_equal(sb.st_mode & 0777, 0600);
    }
    path_of(fx, "events.json.3", path);
    assert_int_equal(access(path, F_OK), -1);
    text = tail(fx->f, 15); /* over two files */
    assert_non_null(strstr(text, "line number 085\n"));
    assert_null(strstr(text, "line number 084\n"));
    assert_non_null(strstr(text, "line number 099\n"));
    free(text);
    assert_int_equal(fx->failed, 0);
}

static void
turn(struct fixture *fx)
{
    (void)loop_turn(fx->lp, 0);
    (void)loop_turn(fx->lp, 0);
}

static void
test_lines_of_others_are_told_once_over_rotations(void **state)
{
    struct fixture *fx = *state;
    struct event_file *other;
    char line[32];
    unsigned i;

    fx->f = open_file(fx, 300);
    other = open_file(fx, 300);
    add(other, "before");
    assert_int_equal(event_file_follow(fx->f, NULL), 0);
    for (i = 0; i < 60; i++) {
        text_fmt(line, sizeof(line), "theirs %02u", i);
        add(other, line);
        if (i % 7 == 0)
            add(fx->f, "ours");
        turn(fx);
    }
    assert_null(strstr(buf_text(&fx->got), "before"));
    for (i = 0; i < 60; i++) {
        const char *at;

        text_fmt(line, sizeof(line), "theirs %02u\n", i);
        at = strstr(buf_text(&fx->got), line);
        assert_non_null(at);
        assert_null(strstr(at + 1, line));
    }
    event_file_close(other);
}

static void
test_torn_and_endless_lines_are_passed_over(void **state)
{
    struct fixture *fx = *state;
    char path[128], *big = malloc(100000);
    int fd;

    assert_non_null(big);
    memset(big, 'x', 100000);
    fx->f = open_file(fx, 0);
    add(fx->f, "first");
    assert_int_equal(event_file_follow(fx->f, NULL), 0);
    path_of(fx, "events.json", path);
    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, big, 100000), 0);
    assert_int_equal(fd_write_all(fd, "\n\n\n", 3), 0);
    assert_int_equal(fd_write_all(fd, "hal", 3), 0);
    turn(fx);
    assert_string_equal(buf_text(&fx->got), "");
    assert_int_equal(fd_write_all(fd, "ves\n", 4), 0);
    turn(fx);
    assert_string_equal(buf_text(&fx->got), "halves\n");
    close(fd);
    free(big);
}

/* A directory in its place stands for every refusal of the system. */
static void
open_blocked(struct fixture *fx, char path[128])
{
    fx->f = open_file(fx, 0);
    path_of(fx, "events.json", path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void
test_what_cannot_be_written_is_said_once_and_tried_again(void **state)
{
    struct fixture *fx = *state;
    char path[128];
    char *text;

    open_blocked(fx, path);
    add(fx->f, "lost 1");
    add(fx->f, "lost 2");
    assert_int_equal(fx->failed, 1);
    assert_non_null(event_file_error(fx->f));
    assert_int_equal(event_file_lost(fx->f), 2);
    assert_int_equal(rmdir(path), 0);
    add(fx->f, "lost 3"); /* not tried at each line */
    assert_int_equal(event_file_lost(fx->f), 3);
    text = tail(fx->f, 9);
    assert_string_equal(text, "");
    free(text);
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

static void
test_writing_works_again_after_a_while(void **state)
{
    struct fixture *fx = *state;
    char path[128];
    char *text;

    open_blocked(fx, path);
    add(fx->f, "lost");
    assert_int_equal(rmdir(path), 0);
    (void)loop_until(fx->lp, never, NULL, 31000);
    add(fx->f, "kept");
    assert_null(event_file_error(fx->f));
    text = tail(fx->f, 9);
    assert_string_equal(text, "kept\n");
    free(text);
}

static void
test_a_link_in_its_place_is_not_followed(void **state)
{
    struct fixture *fx = *state;
    char path[128], target[128];

    fx->f = open_file(fx, 0);
    path_of(fx, "events.json", path);
    path_of(fx, "moved", target);
    assert_int_equal(symlink(target, path), 0);
    add(fx->f, "nowhere");
    assert_int_equal(fx->failed, 1);
    assert_int_equal(access(target, F_OK), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_newest_lines_come_oldest_first),
        T(test_files_are_rotated_and_bounded),
        T(test_lines_of_others_are_told_once_over_rotations),
        T(test_torn_and_endless_lines_are_passed_over),
        T(test_what_cannot_be_written_is_said_once_and_tried_again),
        T(test_writing_works_again_after_a_while),
        T(test_a_link_in_its_place_is_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
