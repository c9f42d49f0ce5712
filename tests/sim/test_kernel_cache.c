/*
 * test_kernel_cache.c - kernels that the engine keeps unpacked: creations share
 * one, the setting bounds them, the next engine sweeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <string.h>

#include "tests/sim/world.h"
#include "tests/unit/packed_kernel.h"

static struct world w;
static char packed[128];

static void
cache_open(uint64_t kib)
{
    world_open_kept(&w, 0);
    w.kernel_cache_kib = kib; /* of the next engine */
    world_kill(&w);
    world_start(&w, false);
    text_fmt(packed, sizeof(packed), "%s/vmlinuz", w.dir);
    packed_write(packed, "one");
    w.kernel = packed;
}

WORLD_FIXTURE(w = (struct world){ 0 }, world_close(&w))

/* Files below the directory of kernels; the last one's path. */
static unsigned
cached(char *last, size_t n)
{
    char dir[128];
    const struct dirent *de;
    unsigned found = 0;
    DIR *d;

    text_fmt(dir, sizeof(dir), "%s/kernels", w.state);
    d = opendir(dir);
    while (d != NULL && (de = readdir(d)) != NULL) {
        if (de->d_name[0] == '.')
            continue;
        text_fmt(last, n, "%s/%s", dir, de->d_name);
        found++;
    }
    if (d != NULL)
        closedir(d);
    return found;
}

static void
test_creations_share_one(void **state)
{
    char path[512], other[512];

    (void)state;
    cache_open(64 * 1024);
    world_guest(&w, "one", "");
    assert_int_equal(cached(path, sizeof(path)), 1);
    world_guest(&w, "two", "");
    assert_int_equal(cached(other, sizeof(other)), 1);
    assert_string_equal(path, other);
    packed_write(packed, "a newer kernel"); /* in the same file */
    world_guest(&w, "three", "");
    assert_int_equal(cached(other, sizeof(other)), 2);
}

static void
test_nothing_is_kept_if_the_setting_says_so(void **state)
{
    char path[512];

    (void)state;
    cache_open(0);
    world_guest(&w, "one", "");
    assert_int_equal(cached(path, sizeof(path)), 0);
}

static void
test_the_next_engine_sweeps(void **state)
{
    char path[512], left[600];
    int fd;

    (void)state;
    cache_open(64 * 1024);
    world_guest(&w, "one", "");
    assert_int_equal(cached(path, sizeof(path)), 1);
    text_fmt(left, sizeof(left), "%s.part", path);
    fd = open(left, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    world_kill(&w);
    world_start(&w, false);
    world_idle(&w);
    assert_int_equal(cached(left, sizeof(left)), 1);
    assert_string_equal(path, left);
    world_kill(&w);
    w.kernel_cache_kib = 0;
    world_start(&w, false);
    world_idle(&w);
    assert_int_equal(cached(path, sizeof(path)), 0);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_creations_share_one),
        T(test_nothing_is_kept_if_the_setting_says_so),
        T(test_the_next_engine_sweeps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
