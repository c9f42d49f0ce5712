/*
 * test_vnet.c - bridges as sysfs shows them, from a tree of the test's own.
 */
#include <fcntl.h>
#include <ftw.h>
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

#include "engine/dom0/dom0.h"
#include "engine/dom0/linux/bridge.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"

struct fixture {
    char dir[64];
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    text_fmt(f->dir, sizeof(f->dir), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    *state = f;
    return 0;
}

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *w)
{
    (void)sb;
    (void)type;
    (void)w;
    return remove(path);
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    (void)nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static void
make_dir(const struct fixture *f, const char *path)
{
    char full[256];

    text_fmt(full, sizeof(full), "%s/%s", f->dir, path);
    assert_int_equal(mkdir(full, 0700), 0);
}

static void
make_file(const struct fixture *f, const char *path, const char *text)
{
    char full[256];
    int fd;

    text_fmt(full, sizeof(full), "%s/%s", f->dir, path);
    fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

static void
test_bridges_and_members(void **state)
{
    struct fixture *f = *state;
    struct rlimit was, none;
    struct err e = { 0 };
    struct vnet v[4];
    size_t n;
    int rc;

    make_dir(f, "eth0"); /* no bridge */
    make_dir(f, "xenbr1");
    make_dir(f, "xenbr1/bridge");
    make_dir(f, "xenbr1/brif");
    make_file(f, "xenbr1/flags", "0x1003\n");
    make_file(f, "xenbr1/brif/vif3.0", "");
    make_file(f, "xenbr1/brif/eth0", "");
    make_dir(f, "abr");
    make_dir(f, "abr/bridge"); /* down, no brif at all */
    make_file(f, "abr/flags", "0x1002\n");
    assert_int_equal(bridges_read(f->dir, v, 4, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_string_equal(v[0].name, "abr");
    assert_false(v[0].up);
    assert_int_equal(v[0].n_members, 0);
    assert_string_equal(v[1].name, "xenbr1");
    assert_true(v[1].up);
    assert_int_equal(v[1].n_members, 2);
    assert_string_equal(v[1].members, "eth0 vif3.0");
    assert_int_equal(bridges_read(f->dir, v, 1, &n, &e), 0);
    assert_int_equal(n, 2); /* told, not kept */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    rc = bridges_read(f->dir, v, 4, &n, &e);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    assert_int_equal(rc, -1); /* nobody could look: that is no "none" */
}

static void
test_many_members_are_cut_whole(void **state)
{
    struct fixture *f = *state;
    struct vnet v = { 0 };
    char name[16];
    unsigned i;

    (void)f;
    for (i = 0; i < 100; i++) {
        text_fmt(name, sizeof(name), "vif%03u.0", i);
        vnet_add_member(&v, name);
    }
    assert_int_equal(v.n_members, 100);
    assert_true(strlen(v.members) < sizeof(v.members));
    assert_string_equal(v.members + strlen(v.members) - 2, ".0");
}

static void
test_no_tree_has_no_bridges(void **state)
{
    struct vnet v;
    size_t n;

    (void)state;
    assert_int_equal(bridges_read("/nonexistent/net", &v, 1, &n, NULL), 0);
    assert_int_equal(n, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_bridges_and_members),
        T(test_many_members_are_cut_whole),
        T(test_no_tree_has_no_bridges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
