/*
 * test_loop_dir.c - changes in directories as events of the loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/loop.h"

struct look {
    struct loop_dir ld;
    unsigned told;
    struct look *victim; /* deleted by the callback */
};

static char dirs[2][64];
static struct loop *lp;
static struct look a, b, c;

static int
set_up(void **state)
{
    size_t i;

    (void)state;
    a = b = c = (struct look){ .told = 0 };
    for (i = 0; i < 2; i++) {
        text_fmt(dirs[i], sizeof(dirs[i]), "/tmp/xendeck-test.XXXXXX");
        assert_non_null(mkdtemp(dirs[i]));
    }
    lp = loop_new(LOOP_CLOCK_VIRTUAL);
    return lp == NULL;
}

static int
tear_down(void **state)
{
    size_t i;
    char cmd[160];

    (void)state;
    loop_free(lp);
    for (i = 0; i < 2; i++) {
        text_fmt(cmd, sizeof(cmd), "rm -rf %s", dirs[i]);
        assert_int_equal(system(cmd), 0);
    }
    return 0;
}

static void
look_told(struct loop_dir *ld)
{
    struct look *l = container_of(ld, struct look, ld);

    l->told++;
    if (l->victim != NULL)
        loop_dir_del(&l->victim->ld);
}

static void
watch(struct look *l, int dir, uint32_t mask)
{
    assert_int_equal(loop_dir_add(lp, &l->ld, dirs[dir], mask, look_told), 0);
}

static void
make(int dir, const char *name)
{
    char path[128];
    int fd;

    text_fmt(path, sizeof(path), "%s/%s", dirs[dir], name);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void
drop(int dir, const char *name)
{
    char path[128];

    text_fmt(path, sizeof(path), "%s/%s", dirs[dir], name);
    assert_int_equal(unlink(path), 0);
}

static void
test_each_is_told_of_its_own(void **state)
{
    (void)state;
    watch(&a, 0, IN_CREATE);
    watch(&b, 0, IN_DELETE);
    watch(&c, 1, IN_CREATE);
    make(0, "x");
    make(0, "y");
    loop_turn(lp, 0);
    assert_int_equal(a.told, 1); /* once a turn */
    assert_int_equal(b.told, 0);
    assert_int_equal(c.told, 0);
    drop(0, "x");
    make(1, "z");
    loop_turn(lp, 0);
    assert_int_equal(a.told, 1);
    assert_int_equal(b.told, 1);
    assert_int_equal(c.told, 1);
    assert_int_equal(loop_fd_count(lp), 1); /* for all of them */
}

static void
test_who_is_deleted_is_told_no_more(void **state)
{
    (void)state;
    watch(&a, 0, IN_CREATE);
    watch(&b, 0, IN_CREATE);
    loop_dir_del(&a.ld);
    make(0, "x"); /* the kernel still watches for b */
    loop_turn(lp, 0);
    assert_int_equal(a.told, 0);
    assert_int_equal(b.told, 1);
    make(0, "y");
    loop_dir_del(&b.ld); /* with an event on its way */
    loop_turn(lp, 0);
    assert_int_equal(b.told, 1);
    watch(&a, 0, IN_CREATE);
    loop_turn(lp, 0);
    assert_int_equal(a.told, 0); /* what was before is not its own */
    make(0, "z");
    loop_turn(lp, 0);
    assert_int_equal(a.told, 1);
    loop_dir_del(&a.ld);
    loop_dir_del(&a.ld); /* idle: nothing happens */
}

static void
test_a_callback_deletes_the_next(void **state)
{
    (void)state;
    a.victim = &b;
    c.victim = &c;
    watch(&a, 0, IN_CREATE);
    watch(&b, 0, IN_CREATE);
    watch(&c, 0, IN_CREATE);
    make(0, "x");
    loop_turn(lp, 0);
    make(0, "y");
    loop_turn(lp, 0);
    assert_int_equal(a.told, 2);
    assert_int_equal(b.told, 0);
    assert_int_equal(c.told, 1);
}

static void
test_a_directory_that_is_not_there(void **state)
{
    char path[128];

    (void)state;
    text_fmt(path, sizeof(path), "%s/none", dirs[0]);
    errno = 0;
    assert_int_equal(loop_dir_add(lp, &a.ld, path, IN_CREATE, look_told), -1);
    assert_int_equal(errno, ENOENT);
    assert_null(a.ld.lp);
    make(0, "file");
    text_fmt(path, sizeof(path), "%s/file", dirs[0]);
    assert_int_equal(loop_dir_add(lp, &a.ld, path, IN_CREATE, look_told), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void
test_the_end_of_the_loop_makes_all_idle(void **state)
{
    (void)state;
    watch(&a, 0, IN_CREATE);
    watch(&b, 1, IN_CREATE);
    loop_free(lp);
    lp = NULL;
    assert_null(a.ld.lp);
    assert_null(b.ld.lp);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_each_is_told_of_its_own),
        TEST(test_who_is_deleted_is_told_no_more),
        TEST(test_a_callback_deletes_the_next),
        TEST(test_a_directory_that_is_not_there),
        TEST(test_the_end_of_the_loop_makes_all_idle),
    };

    return cmocka_run_group_tests_name("loop dir", tests, NULL, NULL);
}
