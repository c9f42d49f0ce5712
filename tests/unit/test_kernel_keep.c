/*
 * test_kernel_keep.c - kernels that are kept unpacked: who gets one, and what
 * becomes of those that are damaged, too many, half written or of another boot.
 */
#include "engine/hv/kernel_keep.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "engine/hv/kernel_keep_dir.h"
#include "engine/hv/xen/xen.h"
#include "tests/unit/file_limit.h"
#include "tests/unit/packed_kernel.h"
#include "tests/unit/tmpdir.h"

#define MUCH (UINT64_C(1) << 30)

struct kept {
    struct tmpdir t; /* first; path: the packed kernel */
    char keep[80];   /* where they are kept */
    char entry[384]; /* the one there is, by only_entry */
    struct buf kernel;
};

/* A guest is built from the packed kernel as on a host without Xen. */
static int
build_with(const struct kept *k, uint64_t max_bytes)
{
    struct hv_build b = { .kind = HV_PV,
                          .ramdisk_fd = -1,
                          .cmdline = "",
                          .mem_kib = 65536,
                          .max_vcpus = 1,
                          .keep_dir = k->keep,
                          .keep_bytes = max_bytes };
    struct err e = { 0 };
    int rc;

    b.kernel_fd = open(k->t.path, O_RDONLY | O_CLOEXEC);
    assert_true(b.kernel_fd >= 0);
    rc = xen_build_dry(&b, NULL, NULL, &e);
    close(b.kernel_fd);
    return rc;
}

/* Those of a suffix; the last one's path is k->entry. */
static unsigned
entries(struct kept *k, const char *suffix)
{
    DIR *d = opendir(k->keep);
    const struct dirent *de;
    unsigned n = 0;

    while (d != NULL && (de = readdir(d)) != NULL)
        if (strstr(de->d_name, suffix) != NULL) {
            text_fmt(k->entry, sizeof(k->entry), "%s/%s", k->keep, de->d_name);
            n++;
        }
    if (d != NULL)
        closedir(d);
    return n;
}

/* Is there a kernel for the packed file now? It must be the right one. */
static bool
is_kept(const struct kept *k)
{
    int fd = open(k->t.path, O_RDONLY | O_CLOEXEC);
    struct kernel_keep keep;
    bool found;

    assert_true(kernel_keep_open(&keep, fd, k->keep, MUCH));
    found = keep.kernel != NULL;
    if (found) {
        assert_true(keep.kernel_bytes >= k->kernel.len); /* room at its end */
        assert_memory_equal(keep.kernel, k->kernel.data, k->kernel.len);
    }
    kernel_keep_close(&keep);
    close(fd);
    return found;
}

static int
setup(void **state)
{
    struct kept *k = tmpdir_new(sizeof(*k), "vmlinuz");

    if (k == NULL)
        return -1;
    text_fmt(k->keep, sizeof(k->keep), "%s/kernels", k->t.dir);
    packed_write(k->t.path, "one");
    *state = k;
    return fd_read_file(PACKED_KERNEL_OF, 1 << 20, &k->kernel, NULL);
}

static int
teardown(void **state)
{
    struct kept *k = *state;

    limit_file_size(RLIM_INFINITY);
    fd_remove_tree(k->keep);
    buf_free(&k->kernel);
    return tmpdir_teardown(state);
}

static void
test_a_kernel_is_kept_by_its_content(void **state)
{
    struct kept *k = *state;

    assert_false(is_kept(k));
    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(entries(k, ""), 3); /* it, "." and ".." */
    assert_true(is_kept(k));
    assert_int_equal(build_with(k, MUCH), 0); /* from there */
    unlink(k->t.path);
    packed_write(k->t.path, "one"); /* the same in another file */
    assert_true(is_kept(k));
    packed_write(k->t.path, "two");
    assert_false(is_kept(k));
    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(entries(k, KEEP_SUFFIX), 2);
}

static void
test_what_needs_no_unpacking_is_not_kept(void **state)
{
    struct kept *k = *state;

    assert_int_equal(tmpdir_write(&k->t, k->kernel.data, k->kernel.len), 0);
    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(tmpdir_write(&k->t, "\x1f\x8b\x08rubbish", 10), 0);
    assert_int_equal(build_with(k, MUCH), -1);
    assert_int_equal(entries(k, KEEP_SUFFIX), 0);
    assert_int_equal(entries(k, KEEP_PART), 0);
}

static void
kept_change(const char *path, off_t at, const char *byte)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    assert_int_equal(pwrite(fd, byte, 1, at), 1);
    close(fd);
}

/* The head, its boot, the packed file, the kernel; a name that fits by chance.
 */
static void
test_a_damaged_one_is_made_anew(void **state)
{
    static const off_t places[] = { 3, 20, 64, KEEP_PAGE + 30, 2 * KEEP_PAGE };
    struct kept *k = *state;
    struct stat sb;
    size_t i;

    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        assert_int_equal(build_with(k, MUCH), 0);
        assert_int_equal(entries(k, KEEP_SUFFIX), 1);
        kept_change(k->entry, places[i], "\xee");
        assert_false(is_kept(k));
    }
    assert_int_equal(build_with(k, MUCH), 0);
    assert_true(is_kept(k));
    assert_int_equal(stat(k->entry, &sb), 0);
    assert_int_equal(truncate(k->entry, sb.st_size - 1), 0);
    assert_false(is_kept(k));
}

/* Whoever may write there might make up any kernel. */
static void
test_what_others_may_write_serves_nobody(void **state)
{
    struct kept *k = *state;
    char real[400];

    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(entries(k, KEEP_SUFFIX), 1);
    assert_int_equal(chmod(k->entry, 0620), 0);
    assert_false(is_kept(k));
    assert_int_equal(chmod(k->entry, 0600), 0);
    assert_true(is_kept(k));
    text_fmt(real, sizeof(real), "%s.real", k->entry);
    assert_int_equal(rename(k->entry, real), 0);
    assert_int_equal(symlink(real, k->entry), 0);
    assert_false(is_kept(k));
}

static void
test_a_full_disk_keeps_none(void **state)
{
    struct kept *k = *state;

    (void)signal(SIGXFSZ, SIG_IGN);
    limit_file_size(KEEP_PAGE);
    assert_int_equal(build_with(k, MUCH), 0);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(entries(k, KEEP_SUFFIX), 0);
    assert_int_equal(entries(k, KEEP_PART), 0);
    fd_remove_tree(k->keep);
    assert_int_equal(symlink("/nowhere", k->keep), 0);
    assert_int_equal(build_with(k, MUCH), 0);
    unlink(k->keep);
}

static void
test_the_one_used_least_gives_way(void **state)
{
    static const struct timespec long_ago[2] = { { 1000, 0 }, { 1000, 0 } };
    struct kept *k = *state;
    struct stat sb;

    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(entries(k, KEEP_SUFFIX), 1);
    assert_int_equal(stat(k->entry, &sb), 0);
    assert_int_equal(utimensat(AT_FDCWD, k->entry, long_ago, 0), 0);
    packed_write(k->t.path, "two");
    assert_int_equal(build_with(k, (uint64_t)sb.st_size), 0);
    assert_int_equal(entries(k, KEEP_SUFFIX), 1);
    assert_true(is_kept(k));
    packed_write(k->t.path, "one"); /* too large for what is allowed */
    assert_int_equal(build_with(k, (uint64_t)sb.st_size - 1), 0);
    packed_write(k->t.path, "two");
    assert_true(is_kept(k));
    kernel_keep_sweep(k->keep, 0);
    assert_int_equal(entries(k, KEEP_SUFFIX), 0);
}

/* In a process of its own, which another may end. 'f': it found the kernel,
 * 'u': it is the one to unpack it. lock: of this process, -1: none. */
static pid_t
opener(const struct kept *k, int tell, int lock)
{
    int fd = open(k->t.path, O_RDONLY | O_CLOEXEC);
    struct kernel_keep keep;
    pid_t pid = fork();

    if (pid == 0) {
        (void)close(lock);
        if (!kernel_keep_open(&keep, fd, k->keep, MUCH) ||
            write(tell, keep.kernel != NULL ? "f" : "u", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    close(fd);
    return pid;
}

static char
told(int fd)
{
    char c = '\0';

    assert_int_equal(read(fd, &c, 1), 1);
    return c;
}

static void
end_opener(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_one_unpacks_and_the_others_wait(void **state)
{
    struct kept *k = *state;
    int fd = open(k->t.path, O_RDONLY | O_CLOEXEC), tell[2];
    struct kernel_keep keep;
    pid_t pid;

    assert_int_equal(pipe(tell), 0);
    assert_true(kernel_keep_open(&keep, fd, k->keep, MUCH));
    pid = opener(k, tell[1], keep.part_fd);
    kernel_keep_put(&keep, k->kernel.data, k->kernel.len);
    assert_int_equal(told(tell[0]), 'f');
    kernel_keep_close(&keep);
    end_opener(pid);
    close(fd);
    close(tell[0]);
    close(tell[1]);
}

static void
test_one_that_is_killed_leaves_it_to_the_next(void **state)
{
    struct kept *k = *state;
    int tell[2];
    pid_t pid;

    assert_int_equal(pipe(tell), 0);
    pid = opener(k, tell[1], -1);
    assert_int_equal(told(tell[0]), 'u');
    end_opener(pid);
    assert_int_equal(entries(k, KEEP_PART), 1);
    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(entries(k, KEEP_PART), 0);
    assert_true(is_kept(k));
    close(tell[0]);
    close(tell[1]);
}

/* What is at work is left alone. */
static void
test_a_sweep_removes_what_is_of_no_use(void **state)
{
    struct kept *k = *state;
    int tell[2];
    pid_t pid;

    assert_int_equal(pipe(tell), 0);
    assert_int_equal(build_with(k, MUCH), 0);
    assert_int_equal(entries(k, KEEP_SUFFIX), 1);
    kernel_keep_sweep(k->keep, MUCH);
    assert_true(is_kept(k));
    kept_change(k->entry, 16, "\xee"); /* of another boot */
    packed_write(k->t.path, "two");
    pid = opener(k, tell[1], -1);
    assert_int_equal(told(tell[0]), 'u');
    kernel_keep_sweep(k->keep, MUCH);
    assert_int_equal(entries(k, KEEP_SUFFIX), 0);
    assert_int_equal(entries(k, KEEP_PART), 1);
    end_opener(pid);
    kernel_keep_sweep(k->keep, MUCH);
    assert_int_equal(entries(k, KEEP_PART), 0);
    kernel_keep_sweep("/nowhere", MUCH);
    close(tell[0]);
    close(tell[1]);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_kernel_is_kept_by_its_content),
        T(test_what_needs_no_unpacking_is_not_kept),
        T(test_a_damaged_one_is_made_anew),
        T(test_what_others_may_write_serves_nobody),
        T(test_a_full_disk_keeps_none),
        T(test_the_one_used_least_gives_way),
        T(test_one_unpacks_and_the_others_wait),
        T(test_one_that_is_killed_leaves_it_to_the_next),
        T(test_a_sweep_removes_what_is_of_no_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
