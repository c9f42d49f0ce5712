/*
 * test_image.c - command lines of guest kernels, and the files of an image.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/set.h"
#include "engine/guest/image.h"
#include "tests/unit/tmpdir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct fixture {
    struct tmpdir t;
    struct domain_config *c;
    struct image_files files;
    struct err e;
};

/* As if it were written in line 3. */
static void
set(struct fixture *f, const char *name, const char *value)
{
    const struct config_src src = { .file = "t.conf", .e = &f->e };
    const struct config_item it = { .name = name, .value = value, .line = 3 };

    if (value != NULL && config_set(&src, f->c, &it) < 0)
        fail_msg("%s", f->e.msg);
}

static int
setup(void **state)
{
    struct fixture *f = tmpdir_new(sizeof *f, "kernel");

    if (f == NULL)
        return -1;
    f->c = config_new("t.conf");
    set(f, "image.type", "linux");
    set(f, "image.kernel", f->t.path);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    config_free(f->c);
    return tmpdir_teardown(state);
}

static void
write_kernel(const struct fixture *f, const char *text)
{
    int fd = open(f->t.path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void
assert_open_says(struct fixture *f, const char *setting, const char *path,
                 const char *found)
{
    char says[512];

    snprintf(says, sizeof says,
             "t.conf:%s: found %s%s, allowed a readable regular file", setting,
             path, found);
    assert_int_equal(image_open(f->c, &f->files, &f->e), -1);
    assert_string_equal(f->e.msg, says);
}

static void
test_cmdlines(void **state)
{
    static const struct {
        const char *type, *root, *ip, *args;
        const char *line;
    } lines[] = {
        { "linux", NULL, NULL, NULL, "" },
        { "linux", "/dev/xvda1 ro", "dhcp", "quiet a=b",
          "root=/dev/xvda1 ro ip=dhcp quiet a=b" },
        { "linux", NULL, NULL, "console=hvc0", "console=hvc0" },
        { "linux", "/dev/xvda1", NULL, NULL, "root=/dev/xvda1" },
        { "linux", NULL, "dhcp", "quiet", "ip=dhcp quiet" },
        { "netbsd", "xbd0a", NULL, "-s", "bootdev=xbd0a -s" },
        { "netbsd", "/dev/xbd1b", "10.0.0.2", NULL,
          "bootdev=xbd1b ip=10.0.0.2" },
    };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < COUNT(lines); i++) {
        struct buf b = { 0 };

        config_free(f->c);
        f->c = config_new("t.conf");
        set(f, "image.type", lines[i].type);
        set(f, "image.root", lines[i].root);
        set(f, "image.ip", lines[i].ip);
        set(f, "image.args", lines[i].args);
        assert_int_equal(image_cmdline(f->c, &b, &f->e), 0);
        assert_string_equal(buf_text(&b), lines[i].line);
        buf_free(&b);
    }
}

static void
test_cmdline_limit_counts_all_parts(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    char root[1020];

    memset(root, 'r', sizeof root);
    root[1018] = '\0';
    set(f, "image.root", root); /* "root=" and 1018: exactly what fits */
    assert_int_equal(image_cmdline(f->c, &b, &f->e), 0);
    assert_int_equal(b.len, 1023);
    buf_clear(&b);
    root[1018] = 'r';
    root[1019] = '\0';
    set(f, "image.root", root);
    assert_int_equal(image_cmdline(f->c, &b, &f->e), -1);
    assert_string_equal(f->e.msg, "t.conf:3: image.root: found a linux command "
                                  "line of 1024 bytes (root, ip and args), "
                                  "allowed 1023");
    assert_int_equal(b.len, 0);
    buf_free(&b);
}

static void
test_types(void **state)
{
    struct buf b = { 0 };

    (void)state;
    image_type_names(&b);
    assert_string_equal(buf_text(&b), "linux, netbsd");
    buf_free(&b);
    assert_string_equal(image_type_find("linux")->ostype, "linux");
    assert_int_equal(image_type_find("linux")->cmdline_max, 1023);
    assert_int_equal(image_type_find("netbsd")->cmdline_max, 255);
    assert_null(image_type_find("hvm"));
    assert_null(image_type_find(""));
}

static void
test_open_gives_descriptors(void **state)
{
    struct fixture *f = *state;
    char byte;

    write_kernel(f, "k");
    assert_int_equal(image_open(f->c, &f->files, &f->e), 0);
    assert_int_equal(f->files.ramdisk_fd, -1);
    assert_int_equal(read(f->files.kernel_fd, &byte, 1), 1);
    assert_true((fcntl(f->files.kernel_fd, F_GETFD) & FD_CLOEXEC) != 0);
    image_close(&f->files);
    assert_int_equal(f->files.kernel_fd, -1);
    image_close(&f->files);

    set(f, "image.ramdisk", f->t.path);
    assert_int_equal(image_open(f->c, &f->files, &f->e), 0);
    assert_true(f->files.ramdisk_fd >= 0);
    image_close(&f->files);
}

static void
test_open_refuses_what_is_no_kernel(void **state)
{
    struct fixture *f = *state;

    assert_open_says(f, "3: image.kernel", f->t.path,
                     " (No such file or directory)");
    assert_int_equal(f->e.code, ERR_NOENT);
    write_kernel(f, "");
    assert_open_says(f, "3: image.kernel", f->t.path, ", an empty file");
    unlink(f->t.path);
    assert_int_equal(mkfifo(f->t.path, 0600), 0);
    assert_open_says(f, "3: image.kernel", f->t.path, ", a fifo");
    set(f, "image.kernel", f->t.dir);
    assert_open_says(f, "3: image.kernel", f->t.dir, ", a directory");
    assert_int_equal(f->e.code, ERR_INVALID);
    set(f, "image.kernel", "/dev/null");
    assert_open_says(f, "3: image.kernel", "/dev/null", ", a device");
}

static void
test_bad_ramdisk_leaves_no_descriptor(void **state)
{
    struct fixture *f = *state;
    int before, after;

    write_kernel(f, "k");
    set(f, "image.ramdisk", f->t.dir);
    before = dup(STDOUT_FILENO);
    close(before);
    assert_open_says(f, "3: image.ramdisk", f->t.dir, ", a directory");
    after = dup(STDOUT_FILENO);
    close(after);
    assert_int_equal(before, after);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cmdlines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cmdline_limit_counts_all_parts,
                                        setup, teardown),
        cmocka_unit_test(test_types),
        cmocka_unit_test_setup_teardown(test_open_gives_descriptors, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_open_refuses_what_is_no_kernel,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_ramdisk_leaves_no_descriptor,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
