/*
 * test_loader_program.c - a boot loader as a process: where it is looked for,
 * its terminal, what ends with it, and what a confined one may do. The last is
 * for root alone, who has something to give up.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dom0/linux/loader/loader_image.h"
#include "engine/dom0/linux/loader/loader_program.h"
#include "src/base/fdio.h"

static char image[128];
static const char *opens; /* the format of that image, NULL: there is none */
static char dir[64], program[128], disk[128], out[128], answer[128], word[32];
static struct loop *lp;
static struct dom0_loader l;
static struct buf said;
static bool over;
static int how;
static struct err e;

static void
write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static int
setup(void **state)
{
    (void)state;
    text_fmt(dir, sizeof(dir), "/tmp/xendeck-test.XXXXXX");
    assert_non_null(mkdtemp(dir));
    text_fmt(program, sizeof(program), "%s/bin", dir);
    assert_int_equal(mkdir(program, 0755), 0);
    text_fmt(program, sizeof(program), "%s/bin/loader", dir);
    text_fmt(disk, sizeof(disk), "%s/disk", dir);
    text_fmt(answer, sizeof(answer), "%s/answer", dir);
    text_fmt(out, sizeof(out), "%s/files", dir);
    write_file(disk, "what the guest has", 0600);
    write_file(answer, "", 0600);
    assert_int_equal(mkdir(out, 0700), 0);
    lp = loop_new(LOOP_CLOCK_REAL);
    over = false;
    opens = NULL;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    loader_program_stop(&l);
    loop_free(lp);
    buf_free(&said);
    fd_remove_tree(dir);
    return 0;
}

static void
has_ended(struct dom0_loader *d, int status)
{
    (void)d;
    over = true;
    how = status;
}

static void
listen_to_it(void)
{
    char bytes[512];
    ssize_t n = read(l.tty, bytes, sizeof(bytes));

    if (n > 0)
        buf_add(&said, bytes, (size_t)n);
}

/* A script with these lines; its first argument is the disk's path. */
static void
start(const char *lines, bool confined)
{
    struct buf text = { 0 }, args = { 0 };
    const struct dom0_loader_job j = { .program = program,
                                       .args = &args,
                                       .n_args = 2,
                                       .confined = confined,
                                       .disk = disk,
                                       .image = opens != NULL ? image : NULL,
                                       .format = opens,
                                       .dir = out,
                                       .answer = answer };

    buf_fmt(&text, "#!/bin/sh\n%s\n", lines);
    write_file(program, buf_text(&text), 0755);
    buf_add(&args, word, strlen(word) + 1);
    buf_add(&args, disk, strlen(disk) + 1);
    l.ended = has_ended;
    if (loader_program_start(lp, &l, &j, &e) < 0)
        fail_msg("%s", e.msg);
    buf_free(&text);
    buf_free(&args);
}

static bool
is_over(const void *arg)
{
    (void)arg;
    return over;
}

static bool
has_said(const void *text)
{
    return strstr(buf_text(&said), text) != NULL;
}

static bool
has_gone(const void *pid)
{
    return kill(*(const pid_t *)pid, 0) < 0;
}

/* For a minute at most. */
static void
until(bool (*done)(const void *arg), const void *arg)
{
    time_t end = time(NULL) + 60;

    while (!done(arg) && time(NULL) < end) {
        (void)loop_turn(lp, 20);
        listen_to_it();
    }
    assert_true(done(arg));
}

static void
until_over(void)
{
    int i;

    until(is_over, NULL);
    for (i = 0; i < 20; i++)
        listen_to_it();
}

static void
test_it_has_a_terminal_and_little_else(void **state)
{
    (void)state;
    text_fmt(word, sizeof(word), "two words");
    start("tty; stty size; echo \"<$1> $# $TERM\"\n"
          "echo \"fds $(ls /proc/self/fd | wc -l).\"",
          false);
    until_over();
    assert_int_equal(how, 0);
    assert_non_null(strstr(buf_text(&said), "/dev/pts/"));
    assert_non_null(strstr(buf_text(&said), "24 80"));
    assert_non_null(strstr(buf_text(&said), "<two words> 2 vt100"));
    assert_non_null(strstr(buf_text(&said), "fds 4.")); /* and its look */
}

static void
test_what_it_started_ends_with_it(void **state)
{
    pid_t child;

    (void)state;
    start("sleep 1000 & echo \"child $!.\"; read x; exit 4", false);
    until(has_said, ".");
    child = (pid_t)strtol(strstr(buf_text(&said), "child ") + 6, NULL, 10);
    assert_true(child > 1);
    assert_int_equal(kill(child, 0), 0);
    assert_int_equal(write(l.tty, "\r", 1), 1);
    until_over();
    assert_int_equal(WEXITSTATUS(how), 4);
    until(has_gone, &child);
}

static void
test_the_hangup_of_its_terminal_ends_it(void **state)
{
    (void)state;
    start("echo up; sleep 1000; sleep 1000", false);
    close(l.tty); /* as the end of the engine does */
    l.tty = 0;
    while (!over)
        (void)loop_turn(lp, 20);
    assert_true(WIFSIGNALED(how));
}

static void
test_what_is_no_program_is_told(void **state)
{
    struct buf args = { 0 };
    const struct dom0_loader_job j = { .program = disk,
                                       .args = &args,
                                       .disk = disk,
                                       .dir = out,
                                       .answer = answer };

    (void)state;
    assert_int_equal(loader_program_start(lp, &l, &j, &e), -1);
    assert_non_null(strstr(e.msg, "Permission denied"));
    assert_int_equal(l.pid, 0);
}

static void
test_programs_are_found(void **state)
{
    char path[512], same[512];

    (void)state;
    assert_int_equal(loader_program_find("sh", path, sizeof(path), &e), 0);
    assert_int_equal(path[0], '/');
    assert_int_equal(loader_program_find(path, same, sizeof(same), &e), 0);
    assert_string_equal(same, path);
    assert_int_equal(
        loader_program_find("no-such-loader", path, sizeof(path), &e), -1);
    assert_int_equal(e.code, ERR_NOENT);
}

/* Each line says OK or NO for what stands in front of it. */
static void
test_a_confined_one_has_few_rights(void **state)
{
    static const char lines[] =
        "try() { if eval \"$2\" >/dev/null 2>&1; then echo \"$1 OK;\"; else "
        "echo \"$1 NO;\"; fi; }\n"
        "try disk 'cat \"$2\"'\n"
        "disk=$2\n"
        "try read 'cat $disk'\n"
        "try write 'echo x >>$disk'\n"
        "try shadow 'cat /etc/shadow'\n"
        "try make 'echo x >$(dirname $disk)/files/kernel'\n"
        "try answer 'echo x >$(dirname $disk)/answer'\n"
        "try beside 'echo x >$(dirname $disk)/other'\n"
        "try tmp 'echo x >/tmp/xendeck-test-by-nobody'\n"
        "try kill 'kill -0 1'\n"
        "echo \"user $(id -u) $(id -g) $(id -G).\"\n"
        "echo \"nets $(grep -c : /proc/net/dev).\"\n";

    (void)state;
    if (geteuid() != 0)
        skip();
    start(lines, true);
    until_over();
    print_message("%s", buf_text(&said));
    assert_int_equal(how, 0);
    assert_non_null(strstr(buf_text(&said), "read OK;"));
    assert_non_null(strstr(buf_text(&said), "write NO;"));
    assert_non_null(strstr(buf_text(&said), "make OK;"));
    assert_non_null(strstr(buf_text(&said), "answer OK;"));
    assert_non_null(strstr(buf_text(&said), "beside NO;"));
    assert_non_null(strstr(buf_text(&said), "user 65534 65534 65534."));
    assert_non_null(strstr(buf_text(&said), "nets 1."));
}

/* --- the image of a disk --- */

#define CLUSTER 65536U

static void
put_be(unsigned char *at, unsigned bytes, uint64_t v)
{
    while (bytes-- > 0) {
        at[bytes] = (unsigned char)v;
        v >>= 8;
    }
}

/* A qcow2 image of 1 MiB (docs/interop/qcow2.txt of QEMU): header, table and
 * block of reference counts, both levels of the map, one cluster of data. */
static void
write_qcow2(const char *text)
{
    static const struct {
        unsigned at, bytes;
        uint64_t v;
    } fields[] = {
        { 0, 4, 0x514649fb },
        { 4, 4, 2 },
        { 20, 4, 16 },
        { 24, 8, 1 << 20 },
        { 36, 4, 1 },
        { 40, 8, 3 * CLUSTER },
        { 48, 8, CLUSTER },
        { 56, 4, 1 },
        { CLUSTER, 8, 2 * CLUSTER },
        { 2 * CLUSTER, 8, 0x0001000100010001 },
        { 2 * CLUSTER + 8, 4, 0x00010001 },
        { 3 * CLUSTER, 8, 1ULL << 63 | 4 * CLUSTER },
        { 4 * CLUSTER, 8, 1ULL << 63 | 5 * CLUSTER },
    };
    unsigned char *bytes = calloc(6, CLUSTER);
    size_t i;
    int fd = open(image, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(bytes != NULL && fd >= 0);
    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        put_be(bytes + fields[i].at, fields[i].bytes, fields[i].v);
    memcpy(bytes + 5 * CLUSTER, text, strlen(text));
    assert_int_equal(fd_write_all(fd, bytes, 6 * CLUSTER), 0);
    close(fd);
    free(bytes);
}

static bool
is_mounted(void)
{
    struct buf text = { 0 };
    bool found;

    assert_int_equal(fd_read_file("/proc/self/mounts", 1 << 20, &text, &e), 0);
    found = strstr(buf_text(&text), disk) != NULL;
    buf_free(&text);
    return found;
}

static void
need_opener(void)
{
    if (geteuid() != 0 || loader_image_can_open("qcow2", &e) < 0 ||
        mount("none", out, "tmpfs", 0, NULL) < 0)
        skip(); /* who may not mount cannot show it either */
    assert_int_equal(umount(out), 0);
    text_fmt(image, sizeof(image), "%s/a,b.qcow2", dir);
    write_file(disk, "", 0600);
    opens = "qcow2";
}

static void
test_an_image_is_shown_as_a_disk(void **state)
{
    (void)state;
    need_opener();
    write_qcow2("what the guest wrote");
    start("stat -c 'size %s.' $2; head -c 20 $2; echo \".\";"
          "echo x >>$2 || echo \"read only.\"",
          true);
    assert_true(l.opening);
    until_over();
    assert_int_equal(how, 0);
    assert_false(l.opening);
    assert_non_null(strstr(buf_text(&said), "size 1048576."));
    assert_non_null(strstr(buf_text(&said), "what the guest wrote."));
    assert_non_null(strstr(buf_text(&said), "read only."));
    assert_true(is_mounted());
    loader_program_stop(&l);
    assert_false(is_mounted());
}

static void
test_an_image_of_another_format(void **state)
{
    (void)state;
    need_opener();
    write_file(image, "this is no image at all", 0600);
    start("echo ran", true);
    until_over();
    assert_true(l.opening && WEXITSTATUS(how) != 0);
    assert_non_null(strstr(buf_text(&said), "not in qcow2 format"));
    assert_null(strstr(buf_text(&said), "ran"));
    loader_program_stop(&l);
    assert_false(is_mounted());
}

static void
test_an_image_is_let_go_while_it_is_read(void **state)
{
    pid_t pid;

    (void)state;
    need_opener();
    write_qcow2("data");
    start("exec 3<$2; echo \"pid $$.\"; sleep 1000", false);
    until(has_said, ".");
    pid = l.pid;
    loader_program_stop(&l);
    assert_false(is_mounted());
    until(has_gone, &pid);
}

/* As an engine leaves it that is killed: its process dies with it, what it
 * mounted stays. */
static void
test_what_was_left_is_let_go(void **state)
{
    (void)state;
    need_opener();
    assert_int_equal(mount("none", out, "tmpfs", 0, NULL), 0);
    loader_image_let_go(out);
    assert_int_equal(umount(out), -1);
    loader_image_let_go(out);
    loader_image_let_go("/no/such/file");
}

static void
test_formats_that_nothing_shows(void **state)
{
    (void)state;
    assert_int_equal(loader_image_can_open("vdi", &e), -1);
    assert_non_null(strstr(e.msg, "nothing on this host shows a vdi image"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_has_a_terminal_and_little_else),
        TEST(test_what_it_started_ends_with_it),
        TEST(test_the_hangup_of_its_terminal_ends_it),
        TEST(test_what_is_no_program_is_told),
        TEST(test_programs_are_found),
        TEST(test_a_confined_one_has_few_rights),
        TEST(test_an_image_is_shown_as_a_disk),
        TEST(test_an_image_of_another_format),
        TEST(test_an_image_is_let_go_while_it_is_read),
        TEST(test_what_was_left_is_let_go),
        TEST(test_formats_that_nothing_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
