/*
 * test_place.c - who holds the lock of an engine, and when that cannot be told.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/attach/place.h"
#include "src/attach/reach.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

static char dir[64];
static struct place pl;
static struct err e;
static int fd;

static int
setup(void **state)
{
    (void)state;
    text_fmt(dir, sizeof(dir), "/tmp/xendeck-place.XXXXXX");
    memset(&pl, 0, sizeof(pl));
    err_clear(&e);
    fd = -1;
    if (mkdtemp(dir) == NULL)
        return -1;
    text_fmt(pl.lock, sizeof(pl.lock), "%s/lock", dir);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    if (fd >= 0)
        close(fd);
    fd_remove_tree(dir);
    return 0;
}

static void
write_lock(const char *text, bool locked)
{
    fd = open(pl.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
    if (locked)
        assert_int_equal(fd_lock(fd), 0);
}

static void
test_nobody(void **state)
{
    (void)state;
    assert_int_equal(place_holder(&pl, &e), 0);
    write_lock("- 123\n", false); /* of one that is gone */
    assert_int_equal(place_holder(&pl, &e), 0);
}

static void
test_holder(void **state)
{
    char text[32];

    (void)state;
    text_fmt(text, sizeof(text), "- %ld\n", (long)getpid());
    write_lock(text, true);
    assert_int_equal(place_holder(&pl, &e), getpid());
}

/* Its end in order takes a while, and is told from one that hangs. */
static void
test_holder_that_is_closing(void **state)
{
    bool closing = true;
    int other;

    (void)state;
    assert_int_equal(place_holder_closing(&pl, &closing, &e), 0);
    assert_false(closing);
    fd = place_take_lock(&pl, &e);
    assert_true(fd >= 0);
    assert_int_equal(place_holder_closing(&pl, &closing, &e), getpid());
    assert_false(closing);
    maker_add_closing(fd);
    maker_add_closing(fd);
    assert_int_equal(place_holder_closing(&pl, &closing, &e), getpid());
    assert_true(closing);
    close(fd);
    assert_int_equal(place_holder_closing(&pl, &closing, &e), 0);
    assert_false(closing);
    other = place_take_lock(&pl, &e);
    assert_int_equal(place_holder_closing(&pl, &closing, &e), getpid());
    assert_false(closing);
    fd = other;
}

/* --replace kills none that does not have the lock, whatever stands in it. */
static void
test_holder_that_has_not_the_lock(void **state)
{
    char text[32];

    (void)state;
    text_fmt(text, sizeof(text), "- %ld\n", (long)getppid());
    write_lock(text, true);
    assert_int_equal(place_holder(&pl, &e), -1);
    assert_non_null(strstr(e.msg, "does not name"));
}

static void
test_lock_that_others_write(void **state)
{
    char text[32];

    (void)state;
    text_fmt(text, sizeof(text), "- %ld\n", (long)getpid());
    write_lock(text, true);
    assert_int_equal(fchmod(fd, 0622), 0);
    assert_int_equal(place_holder(&pl, &e), -1);
    assert_non_null(strstr(e.msg, "another user's"));
    assert_int_equal(fchmod(fd, 0600), 0);
    if (geteuid() != 0)
        return;
    assert_int_equal(fchown(fd, 65534, 65534), 0);
    assert_int_equal(place_holder(&pl, &e), -1);
}

static void
test_lock_that_is_no_file(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(pl.lock, 0600), 0);
    assert_int_equal(place_holder(&pl, &e), -1);
}

static void
test_holder_without_a_name(void **state)
{
    (void)state;
    write_lock("", true);
    assert_int_equal(place_holder(&pl, &e), -1);
    assert_non_null(strstr(e.msg, "does not name"));
}

/* --replace says so, and ends there. */
static void
test_unreadable_lock(void **state)
{
    struct reach r = { 0 };

    (void)state;
    assert_int_equal(symlink(pl.lock, pl.lock), 0);
    assert_int_equal(place_holder(&pl, &e), -1);
    assert_non_null(strstr(e.msg, pl.lock));
    r.place = pl;
    err_clear(&e);
    assert_int_equal(reach_end_engine(&r, &e), -1);
    assert_non_null(strstr(e.msg, pl.lock));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_nobody),
        T(test_holder),
        T(test_holder_that_is_closing),
        T(test_holder_that_has_not_the_lock),
        T(test_holder_without_a_name),
        T(test_lock_that_others_write),
        T(test_lock_that_is_no_file),
        T(test_unreadable_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
