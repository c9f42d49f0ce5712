/*
 * test_same_file.c - files known by their numbers, under all their names; and
 * what lies on a dead file server is not touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dom0/same_file.h"
#include "src/base/buf.h"

static char dir[64], file[128], hard[128], soft[128], other[128];

static int
begin(void **state)
{
    FILE *f;

    (void)state;
    text_fmt(dir, sizeof(dir), "/tmp/same-file-XXXXXX");
    assert_non_null(mkdtemp(dir));
    text_fmt(file, sizeof(file), "%s/disk", dir);
    text_fmt(hard, sizeof(hard), "%s/hard", dir);
    text_fmt(soft, sizeof(soft), "%s/soft", dir);
    text_fmt(other, sizeof(other), "%s/other", dir);
    f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    f = fopen(other, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(link(file, hard), 0);
    assert_int_equal(symlink("../../tmp/./", soft), 0);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    unlink(file);
    unlink(hard);
    unlink(soft);
    unlink(other);
    return rmdir(dir);
}

static void
test_all_names_of_a_file(void **state)
{
    struct known_file k = { .mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" };
    char path[256];
    struct stat st;

    (void)state;
    assert_int_equal(stat(file, &st), 0);
    k.dev = st.st_dev;
    k.ino = st.st_ino;
    assert_true(same_file_path(&k, file));
    assert_true(same_file_path(&k, hard));
    assert_false(same_file_path(&k, other));
    assert_false(same_file_path(&k, "disk"));
    assert_false(same_file_path(&k, "/nowhere/disk"));
    text_fmt(path, sizeof(path), "%s/soft/%s//./disk", dir, dir + 5);
    assert_true(same_file_path(&k, path));
    unlink(soft);
    assert_int_equal(symlink("soft", soft), 0);
    assert_false(same_file_path(&k, soft));
}

/* By the table this directory is served by another host. */
static void
test_remote_is_told_by_the_table(void **state)
{
    char mounts[512], path[256];

    (void)state;
    text_fmt(mounts, sizeof(mounts),
             "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "30 22 0:40 / %s/srv rw - nfs4 nas:/srv rw\n"
             "31 30 8:2 / %s/srv/near rw - ext4 /dev/sda2 rw\n",
             dir, dir);
    assert_false(path_is_remote(mounts, file));
    text_fmt(path, sizeof(path), "%s/srv/disk.img", dir);
    assert_true(path_is_remote(mounts, path));
    text_fmt(path, sizeof(path), "%s/srv", dir);
    assert_true(path_is_remote(mounts, path));
    /* What is mounted there can be reached through the server alone. */
    text_fmt(path, sizeof(path), "%s/srv/near/disk.img", dir);
    assert_true(path_is_remote(mounts, path));
    /* A link that leads there is not followed into it. */
    unlink(soft);
    assert_int_equal(symlink("srv/disk.img", soft), 0);
    assert_true(path_is_remote(mounts, soft));
    assert_false(path_is_remote(mounts, "/nowhere/disk"));
}

static void
test_remote_file_systems_are_not_touched(void **state)
{
    char mounts[256];
    struct known_file k = { .mounts = mounts };
    struct stat st;

    (void)state;
    assert_int_equal(stat(file, &st), 0);
    k.dev = st.st_dev;
    k.ino = st.st_ino;
    text_fmt(mounts, sizeof(mounts),
             "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "23 22 0:99 / %s rw shared:1 - nfs4 server:/srv rw\n",
             dir);
    assert_false(same_file_path(&k, file));
    text_fmt(mounts, sizeof(mounts),
             "23 22 %u:%u / %s rw - nfs4 server:/srv rw\n", major(st.st_dev),
             minor(st.st_dev), dir);
    assert_true(same_file_path(&k, file)); /* it has just answered */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_names_of_a_file, begin, end),
        cmocka_unit_test_setup_teardown(test_remote_is_told_by_the_table, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_remote_file_systems_are_not_touched, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
