/*
 * test_badinput.c - the program as it is run, given what it cannot use: each
 * fault is one sentence on stderr and an exit status, and nothing is left
 * behind, no process and no temporary file. The program is $XENDECK, else
 * $BUILD/xendeck.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define CREATIONS  20
#define ARGS_MAX   (2 * CREATIONS)
#define LIMIT_S    60
#define DEATH_S    20
#define OUTPUT_MAX (1024 * 1024)

struct fixture {
    char dir[64];     /* inputs */
    char scratch[80]; /* the program's TMPDIR, home and settings */
    struct buf out, err;
    int status;
};

/* --- running --- */

static const char *
program(void)
{
    static char path[4200];
    const char *given = getenv("XENDECK"), *build = getenv("BUILD");

    if (given != NULL)
        return given;
    text_fmt(path, sizeof(path), "%s/xendeck", build != NULL ? build : "build");
    return path;
}

static void
child(const struct fixture *f, const char *const *args, int out, int err)
{
    char *argv[ARGS_MAX + 3] = { (char *)(uintptr_t) "xendeck",
                                 (char *)(uintptr_t) "--sim=3" };
    int i;

    for (i = 0; args[i] != NULL; i++)
        argv[i + 2] = (char *)(uintptr_t)args[i];
    setenv("TMPDIR", f->scratch, 1);
    setenv("HOME", f->scratch, 1);
    setenv("XDG_CONFIG_HOME", f->scratch, 1);
    setenv("XDG_STATE_HOME", f->scratch, 1);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(program(), argv);
    _exit(127);
}

/* Those processes whose parent is pid; a subreaper's own orphans too. */
static size_t
children_of(pid_t pid, pid_t *out, size_t max)
{
    char path[64];
    struct buf b = { 0 };
    char *p, *end;
    size_t n = 0;

    text_fmt(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
             (int)pid);
    if (fd_read_file(path, OUTPUT_MAX, &b, NULL) == 0)
        for (p = b.data; p != NULL && n < max; p = end) {
            long id = strtol(p, &end, 10);

            if (end == p)
                break;
            out[n++] = (pid_t)id;
        }
    buf_free(&b);
    return n;
}

/* By its name: a leak checker has a child too, at the end. */
static bool
is_helper(pid_t pid)
{
    char path[64];
    struct buf b = { 0 };
    bool yes;

    text_fmt(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    yes = fd_read_file(path, OUTPUT_MAX, &b, NULL) == 0 &&
          strcmp(buf_text(&b), "xendeck-helper") == 0;
    buf_free(&b);
    return yes;
}

static void
kill_helpers_of(pid_t pid)
{
    pid_t kids[16];
    size_t i, n = children_of(pid, kids, 16);

    for (i = 0; i < n; i++)
        if (is_helper(kids[i]))
            kill(kids[i], SIGKILL);
}

static bool
drain(int fd, struct buf *out)
{
    char tmp[4096];
    ssize_t r = read(fd, tmp, sizeof(tmp));

    if (r > 0 && out->len < OUTPUT_MAX)
        buf_add(out, tmp, (size_t)r);
    return r > 0;
}

/* Reads both until both are at their end. */
static void
collect(struct fixture *f, pid_t pid, int out, int err, bool kill_helpers)
{
    struct pollfd p[2] = { { .fd = out, .events = POLLIN },
                           { .fd = err, .events = POLLIN } };
    int left = 2, i;
    time_t end_s = time(NULL) + LIMIT_S;

    while (left > 0) {
        int r = poll(p, 2, kill_helpers ? 0 : 100);

        if (kill_helpers)
            kill_helpers_of(pid);
        if (r == 0 && time(NULL) > end_s)
            kill(pid, SIGKILL);
        for (i = 0; r > 0 && i < 2; i++)
            if (p[i].fd >= 0 && p[i].revents != 0 &&
                !drain(p[i].fd, i == 0 ? &f->out : &f->err)) {
                p[i].fd = -1;
                left--;
            }
    }
}

static void
run_killing(struct fixture *f, bool kill_helpers, const char *const *args)
{
    int out[2], err[2], status;
    pid_t pid;

    buf_clear(&f->out);
    buf_clear(&f->err);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(f, args, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    collect(f, pid, out[0], err[0], kill_helpers);
    close(out[0]);
    close(err[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    f->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define RUN(f, ...)                                                            \
    run_killing(f, false, (const char *const[]){ __VA_ARGS__, NULL })

/* --- what must hold after each run --- */

/* What was killed at the program's end may still be dying. */
static void
assert_no_process_left(void)
{
    time_t end_s = time(NULL) + DEATH_S;
    pid_t kids[4];

    while (children_of(getpid(), kids, 4) > 0 && time(NULL) < end_s)
        if (waitpid(-1, NULL, WNOHANG) == 0)
            usleep(1000);
    assert_int_equal(children_of(getpid(), kids, 4), 0);
}

static void
assert_nothing_left(const struct fixture *f)
{
    struct stat st;

    /* only its log's directory may be new */
    if (stat(f->scratch, &st) < 0)
        fail_msg("%s", f->scratch);
    assert_true(st.st_nlink <= 3);
    assert_no_process_left();
}

static void
assert_says(const struct fixture *f, int status, const char *text)
{
    const char *err = buf_text(&f->err);

    if (f->status != status || strstr(err, text) == NULL)
        fail_msg("status %d, allowed %d with '%s', found: %s", f->status,
                 status, text, err);
    assert_memory_equal(err, "xendeck: ", 9);
    assert_ptr_equal(strchr(err, '\n'), err + f->err.len - 1); /* one line */
    assert_nothing_left(f);
}

static char *
path_in(const struct fixture *f, const char *name)
{
    return xasprintf("%s/%s", f->dir, name);
}

/* Makes a file of n bytes. The caller's to free. */
static char *
put(const struct fixture *f, const char *name, const void *p, size_t n)
{
    char *path = path_in(f, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, p, n), 0);
    close(fd);
    return path;
}

/* Makes a configuration of this name. The caller's to free. */
static char *
put_conf(const struct fixture *f, const char *name, const char *kernel)
{
    struct buf b = { 0 };
    char *path, *file = xasprintf("%s.conf", name);

    buf_fmt(&b, "name = \"%s\"; memory = 4;\nimage = { kernel = \"%s\"; };\n",
            name, kernel);
    path = put(f, file, b.data, b.len);
    free(file);
    buf_free(&b);
    return path;
}

static void
create_with_kernel(struct fixture *f, const char *kernel)
{
    char *path = put_conf(f, "bad", kernel);
    char *line = xasprintf("create %s", path);

    RUN(f, "-e", line);
    free(line);
    free(path);
}

/* A kernel that boots, made by the Makefile. The caller's to free. */
static char *
good_kernel(void)
{
    const char *slash = strrchr(program(), '/');
    char *path = xasprintf("%.*stests/minikernel", (int)(slash + 1 - program()),
                           program());
    char *whole = realpath(path, NULL);

    if (whole == NULL)
        fail_msg("%s: %s", path, strerror(errno));
    free(path);
    return whole;
}

/* --- tests --- */

static int
setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof(*f));

    text_fmt(f->dir, sizeof(f->dir), "/tmp/xendeck-test.XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    text_fmt(f->scratch, sizeof(f->scratch), "%s/scratch", f->dir);
    /* What the program leaves behind becomes our child. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    *state = f;
    return mkdir(f->scratch, 0700);
}

static int
teardown(void **state)
{
    static const char *const files[] = {
        "scratch/xendeck/xendeck.log",
        "scratch/xendeck/xendeck.conf",
        "scratch/xendeck/x.theme",
        "bad.conf",
        "web.conf",
        "kernel",
        "log",
    };
    struct fixture *f = *state;
    char *path;
    size_t i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        path = path_in(f, files[i]);
        (void)unlink(path);
        free(path);
    }
    path = path_in(f, "scratch/xendeck");
    (void)rmdir(path);
    free(path);
    (void)rmdir(f->scratch);
    i = rmdir(f->dir) == 0;
    buf_free(&f->out);
    buf_free(&f->err);
    free(f);
    return i == 1 ? 0 : -1;
}

static void
test_kernel_is_no_file(void **state)
{
    struct fixture *f = *state;
    char *fifo = path_in(f, "kernel");

    create_with_kernel(f, f->dir);
    assert_says(f, 1, "bad.conf:2: image.kernel: found ");
    assert_says(f, 1, "a directory, allowed a readable regular file");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    create_with_kernel(f, fifo);
    assert_says(f, 1, "a fifo, allowed a readable regular file");
    create_with_kernel(f, "/dev/zero");
    assert_says(f, 1, "a device, allowed a readable regular file");
    create_with_kernel(f, "/nosuch/kernel");
    assert_says(f, 1, "image.kernel: found /nosuch/kernel");
    free(fifo);
}

static void
test_kernel_is_cut_short(void **state)
{
    static const size_t sizes[] = { 0, 10, 64, 600, 1000 };
    struct fixture *f = *state;
    struct buf whole = { 0 };
    char *path = good_kernel();
    size_t i;

    assert_int_equal(fd_read_file(path, OUTPUT_MAX, &whole, NULL), 0);
    free(path);
    assert_true(whole.len > 1000);
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        path = put(f, "kernel", whole.data, sizes[i]);
        create_with_kernel(f, path);
        assert_says(f, 1, sizes[i] == 0 ? "an empty file" : "the kernel ");
        free(path);
    }
    buf_free(&whole);
}

/* A helper may be quicker than we are, on a busy machine: not 20 of them. */
static void
test_helper_is_killed(void **state)
{
    struct fixture *f = *state;
    const char *args[2 * CREATIONS + 1] = { NULL };
    char *kernel = good_kernel(), *lines[CREATIONS], *path, name[16];
    size_t i;

    for (i = 0; i < CREATIONS; i++) {
        text_fmt(name, sizeof(name), "bad%zu", i);
        path = put_conf(f, name, kernel);
        lines[i] = xasprintf("create %s", path);
        args[2 * i] = "-e";
        args[2 * i + 1] = lines[i];
        free(path);
    }
    run_killing(f, true, args);
    assert_says(f, 1, "create 'bad");
    assert_says(f, 1, ": the helper process was killed");
    for (i = 0; i < CREATIONS; i++) {
        assert_int_equal(unlink(lines[i] + strlen("create ")), 0);
        free(lines[i]);
    }
    free(kernel);
}

static void
test_configuration_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    char *path = path_in(f, "bad.conf"), *line = xasprintf("create %s", path);

    RUN(f, "-e", line);
    assert_says(f, 1, "bad.conf: No such file or directory");
    free(put(f, "bad.conf", "", 0));
    assert_int_equal(truncate(path, 10 << 20), 0);
    RUN(f, "-e", line);
    assert_says(f, 1, "bad.conf: found 10485760 bytes, allowed 1048576");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    RUN(f, "-e", line);
    assert_says(f, 1, "bad.conf: not a regular file, but a fifo");
    RUN(f, "-e", "create /");
    assert_says(f, 1, "not a regular file, but a directory");
    /* a regular file that nobody can read at its begin, root neither */
    RUN(f, "-e", "create /proc/self/mem");
    assert_says(f, 1, "/proc/self/mem: Input/output error");
    free(line);
    free(path);
}

static void
test_settings_are_broken(void **state)
{
    struct fixture *f = *state;
    char *path = put(f, "bad.conf", "mouse = \n", 9), *dir;

    RUN(f, "--config", path, "-e", "list");
    assert_says(f, 2, "bad.conf:2: syntax: found a mistake before the end");
    RUN(f, "--config", "/nosuch", "-e", "list");
    assert_says(f, 2, "/nosuch: No such file or directory");
    RUN(f, "--config", f->dir, "-e", "list");
    assert_says(f, 2, "not a regular file, but a directory");
    assert_int_equal(f->out.len, 0);
    free(path);
    /* The user's own is passed over with a sentence. */
    dir = path_in(f, "scratch/xendeck");
    assert_int_equal(mkdir(dir, 0700), 0);
    free(dir);
    path = put(f, "scratch/xendeck/xendeck.conf", "mouse = 5;\n", 11);
    RUN(f, "-e", "list");
    assert_says(f, 0, "xendeck.conf:1: mouse: found 5, allowed true or false");
    assert_non_null(strstr(buf_text(&f->out), "Domain-0"));
    free(path);
}

static void
test_theme_is_missing(void **state)
{
    struct fixture *f = *state;

    RUN(f, "--theme", "nosuch", "-e", "list");
    assert_says(f, 2, "theme 'nosuch': no file nosuch.theme in ");
    RUN(f, "--theme", "../../etc/passwd", "-e", "list");
    assert_says(f, 2, "found a name that is no file's");
    assert_int_equal(f->out.len, 0);
}

/* What was asked for is done all the same. */
static void
test_log_cannot_be_opened(void **state)
{
    struct fixture *f = *state;

    RUN(f, "--log", "/dev/full", "-e", "list");
    assert_says(f, 0, "log file /dev/full: not a regular file");
    assert_non_null(strstr(buf_text(&f->out), "Domain-0"));
    RUN(f, "--log", f->dir, "-e", "list");
    assert_says(f, 0, "Is a directory");
    RUN(f, "--log", "/nosuch/dir/log", "-e", "list");
    assert_says(f, 0, "log file /nosuch/dir/log: open: No such file");
}

/* In a process of its own, which sees the disk and is gone with it. */
static int
on_full_disk(struct fixture *f)
{
    char *log = path_in(f, "log/x");
    char *fill = path_in(f, "log/fill");
    char *dir = path_in(f, "log");
    char page[4096] = "";
    int fd;

    if (unshare(CLONE_NEWNS) < 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", dir, "tmpfs", 0, "size=4096,mode=0700") < 0)
        return 77;
    fd = open(fill, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fd_write_all(fd, page, sizeof(page)) < 0)
        return 77;
    RUN(f, "--log", log, "-e", "list", "-e", "pause web1");
    return f->status == 0 && strstr(buf_text(&f->err), "No space left") &&
                   strchr(buf_text(&f->err), '\n') ==
                       buf_text(&f->err) + f->err.len - 1 &&
                   strstr(buf_text(&f->out), "Domain-0")
               ? 0
               : 1;
}

static void
test_disk_of_the_log_is_full(void **state)
{
    struct fixture *f = *state;
    char *dir = path_in(f, "log");
    int status;
    pid_t pid;

    assert_int_equal(mkdir(dir, 0700), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(on_full_disk(f));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(rmdir(dir), 0);
    free(dir);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip(); /* no right to mount */
    assert_int_equal(status, 0);
    assert_nothing_left(f);
}

static void
test_standard_output_is_full(void **state)
{
    struct fixture *f = *state;
    const char *const args[] = { "-e", "list", NULL };
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC), err[2], status;
    pid_t pid;

    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(f, args, full, err[1]);
    close(full);
    close(err[1]);
    while (drain(err[0], &f->err))
        ;
    close(err[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    f->status = WEXITSTATUS(status);
    assert_says(f, 1, "standard output");
}

/* No engine is opened for these, but a simulated host that is asked for can be
 * asked. */
static void
test_verbs_that_need_no_host(void **state)
{
    struct fixture *f = *state;
    char *kernel = good_kernel(), *path = put_conf(f, "web", kernel);
    char *check = xasprintf("check %s", path);
    char *convert = xasprintf("convert %s --format json", path);

    RUN(f, "-e", "help");
    assert_int_equal(f->status, 0);
    assert_non_null(strstr(buf_text(&f->out), "destroy"));
    RUN(f, "-e", check);
    assert_int_equal(f->status, 0);
    assert_non_null(strstr(buf_text(&f->out), " MiB free; 1 virtual cpu, the "
                                              "host has "));
    assert_string_equal(buf_text(&f->err), "");
    RUN(f, "-e", convert);
    assert_int_equal(f->status, 0);
    assert_non_null(strstr(buf_text(&f->out), "\"web\""));
    assert_int_equal(unlink(path), 0);
    free(kernel);
    free(path);
    free(check);
    free(convert);
}

/* What is done, but not all that was asked for, is said. */
static void
test_device_settings_not_honoured(void **state)
{
    struct fixture *f = *state;

    RUN(f, "-e", "attach 1 vif model=e1000", "-e", "list");
    assert_says(f, 0, "model \"e1000\" is not honoured");
    RUN(f, "-e", "attach 1 vif nictype=ioemu", "-e", "list");
    assert_says(f, 0, "nictype \"ioemu\" is not honoured");
    RUN(f, "-e", "attach 1 vif model=e1000 bridge=nosuch");
    assert_says(f, 1, "found \"nosuch\", allowed a bridge");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_kernel_is_no_file),
        T(test_kernel_is_cut_short),
        T(test_helper_is_killed),
        T(test_configuration_cannot_be_read),
        T(test_settings_are_broken),
        T(test_theme_is_missing),
        T(test_device_settings_not_honoured),
        T(test_log_cannot_be_opened),
        T(test_disk_of_the_log_is_full),
        T(test_standard_output_is_full),
        T(test_verbs_that_need_no_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
