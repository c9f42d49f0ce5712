/*
 * test_linux_model.c - device models as processes, played by shell scripts:
 * what they inherit, their sentinel, how their end is told, their sockets, what
 * they leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dom0/dom0_model_log.h"
#include "engine/dom0/linux/linux_model.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define DOMID 7

struct place {
    char dir[64], log[96], program[96];
    struct loop *lp;
    struct dom0 *d;
    struct dom0_model m;
    int ends, status;
    struct err e;
};

static void
model_over(struct dom0_model *m, int status)
{
    struct place *p = container_of(m, struct place, m);

    p->ends++;
    p->status = status;
}

static int
setup(void **state)
{
    struct place *p = xcalloc(1, sizeof(*p));

    text_fmt(p->dir, sizeof(p->dir), "/tmp/test-model.XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    text_fmt(p->log, sizeof(p->log), "%s/model.log", p->dir);
    text_fmt(p->program, sizeof(p->program), "%s/model", p->dir);
    p->lp = loop_new(LOOP_CLOCK_REAL);
    p->d = linux_dom0_open_at(p->lp, p->dir);
    p->m = (struct dom0_model){ .domid = DOMID, .ended = model_over };
    *state = p;
    return 0;
}

static int
teardown(void **state)
{
    struct place *p = *state;

    dom0_model_unwatch(p->d, &p->m);
    if (p->m.pid > 0 && kill(p->m.pid, SIGKILL) == 0)
        (void)waitpid(p->m.pid, NULL, 0);
    dom0_close(p->d);
    loop_free(p->lp);
    fd_remove_tree(p->dir);
    free(p);
    return 0;
}

static void
write_program(struct place *p, const char *script)
{
    FILE *f = fopen(p->program, "we");

    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", script);
    fclose(f);
    assert_int_equal(chmod(p->program, 0700), 0);
}

/* -xen-domid 7 -name "a b" */
static int
start_with(struct place *p, const char *script, bool confined,
           const struct dom0_model_files *files)
{
    struct buf args = { 0 };
    struct dom0_model_job j = { .domid = DOMID,
                                .program = p->program,
                                .args = &args,
                                .n_args = 4,
                                .log = p->log,
                                .logs_kept = 2,
                                .hvm = true,
                                .confined = confined,
                                .files = files };
    int rc;

    write_program(p, script);
    buf_add(&args, "-xen-domid\0007\0-name\0a b", 23);
    rc = dom0_model_start(p->d, &j, &p->m.pid, &p->e);
    buf_free(&args);
    return rc;
}

static void
start(struct place *p, const char *script)
{
    if (start_with(p, script, false, NULL) < 0)
        fail_msg("%s", p->e.msg);
}

static void
watch(struct place *p)
{
    if (dom0_model_watch(p->d, &p->m, &p->e) < 0)
        fail_msg("%s", p->e.msg);
}

static bool
model_ended_once(void *arg)
{
    const struct place *p = arg;

    return p->ends > 0;
}

static void
wait_end(struct place *p)
{
    assert_true(loop_until(p->lp, model_ended_once, p, 60000));
    assert_int_equal(p->ends, 1);
}

static char *
log_of(struct place *p)
{
    struct buf b = { 0 };

    assert_int_equal(fd_read_file(p->log, 65536, &b, NULL), 0);
    return buf_take(&b);
}

static void
test_it_inherits_nothing(void **state)
{
    struct place *p = *state;
    int leak = open("/etc/passwd", O_RDONLY); /* as a library might leave it */
    char *text;

    assert_int_equal(setenv("SECRET_OF_THE_ENGINE", "x", 1), 0);
    start(p, "for n in 0 1 2 3 4 5 6 7 8 9; do\n"
             "[ -e /proc/$$/fd/$n ] && readlink /proc/$$/fd/$n\ndone\n"
             "env | sort; echo \"$@\"; read line || echo no-input");
    watch(p);
    wait_end(p);
    close(leak);
    text = log_of(p);
    assert_non_null(strstr(text, "/dev/null\n"));
    assert_non_null(strstr(text, "xendeck-dm-7.fifo\n"));
    assert_null(strstr(text, "passwd"));
    assert_null(strstr(text, "SECRET"));
    assert_non_null(strstr(text, "XEN_DOMAIN_ID=7\n"));
    assert_non_null(strstr(text, "XEN_QEMU_CONSOLE_LIMIT=1048576\n"));
    assert_non_null(strstr(text, "-xen-domid 7 -name a b\nno-input\n"));
    free(text);
    assert_true(WIFEXITED(p->status));
}

static void
test_its_death_is_told_at_once(void **state)
{
    struct place *p = *state;

    start(p, "echo up; exec sleep 1000");
    watch(p);
    assert_int_equal(linux_sentinel_look(p->d, DOMID), SENTINEL_HELD);
    assert_int_equal(loop_timer_count(p->lp), 0); /* none looks after it */
    assert_int_equal(kill(p->m.pid, SIGKILL), 0);
    wait_end(p);
    assert_true(WIFSIGNALED(p->status));
    assert_int_equal(WTERMSIG(p->status), SIGKILL);
    assert_int_equal(linux_sentinel_look(p->d, DOMID), SENTINEL_DEAD);
    p->m.pid = 0;
}

/* Whoever watches a process that is no child of its own: the next engine. */
static void
test_a_stranger_hears_of_it_by_the_sentinel(void **state)
{
    struct place *p = *state;
    int fd;
    char byte;

    start(p, "exec sleep 1000");
    fd = linux_sentinel_open(p->d, DOMID);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(kill(p->m.pid, SIGKILL), 0);
    assert_int_equal(waitpid(p->m.pid, NULL, 0), p->m.pid);
    p->m.pid = 0;
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
    assert_int_equal(linux_sentinel_open(p->d, DOMID), -1);
}

/* Nobody else may pass for it: a process that has let go of the sentinel. */
static void
test_who_lets_go_of_the_sentinel_is_ended(void **state)
{
    struct place *p = *state;
    char path[96];

    start(p, "exec 3>&-; echo gone >&2; exec sleep 1000");
    watch(p);
    wait_end(p);
    assert_int_equal(p->status, -1);
    assert_int_equal(waitpid(p->m.pid, NULL, 0), p->m.pid);
    p->m.pid = 0;
    text_fmt(path, sizeof(path), "%s/xendeck-dm-7.fifo", p->dir);
    assert_int_equal(access(path, F_OK), 0);
    dom0_model_clean(p->d, DOMID);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(linux_sentinel_look(p->d, DOMID), SENTINEL_NONE);
}

static void
test_it_is_found_by_what_it_is(void **state)
{
    struct place *p = *state;
    char *copy;
    struct rlimit before, none = { .rlim_cur = 0 };
    pid_t found;

    /* the name of the domain stays in its arguments: no exec */
    start(p, "echo up; while :; do sleep 1; done");
    while (copy = log_of(p), strcmp(copy, "up\n") != 0) {
        free(copy);
        (void)loop_turn(p->lp, 10);
    }
    free(copy);
    assert_int_equal(dom0_model_serves(p->d, DOMID, (uint64_t)p->m.pid),
                     LIFE_ALIVE);
    assert_int_equal(dom0_model_serves(p->d, DOMID + 1, (uint64_t)p->m.pid),
                     LIFE_GONE);
    assert_int_equal(dom0_model_find(p->d, DOMID, &found, &p->e), 0);
    assert_int_equal(found, p->m.pid);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(dom0_model_find(p->d, DOMID, &found, &p->e), -1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(p->e.sys, EMFILE);
    watch(p);
    dom0_model_end(p->d, &p->m, false);
    wait_end(p);
    assert_true(WIFSIGNALED(p->status) && WTERMSIG(p->status) == SIGHUP);
    assert_int_equal(dom0_model_serves(p->d, DOMID, (uint64_t)p->m.pid),
                     LIFE_GONE);
    p->m.pid = 0;
}

static void
test_logs_are_kept(void **state)
{
    struct place *p = *state;
    static const char *const said[] = { "echo one", "echo two", "echo three",
                                        "echo four" };
    char path[128], tail[64], *text;
    struct buf b = { 0 };
    size_t i;

    for (i = 0; i < 4; i++) {
        start(p, said[i]);
        p->ends = 0;
        watch(p);
        wait_end(p);
    }
    text = log_of(p);
    assert_string_equal(text, "four\n");
    free(text);
    text_fmt(path, sizeof(path), "%s.2", p->log);
    assert_int_equal(fd_read_file(path, 100, &b, NULL), 0);
    assert_string_equal(buf_text(&b), "two\n");
    buf_free(&b);
    text_fmt(path, sizeof(path), "%s.3", p->log);
    assert_int_equal(access(path, F_OK), -1);
    dom0_model_log_tail(p->d, p->log, tail, sizeof(tail));
    assert_string_equal(tail, "four");
}

static int
listen_at(struct place *p, const char *name)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    text_fmt(sa.sun_path, sizeof(sa.sun_path), "%.60s/%s", p->dir, name);
    assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(listen(fd, 0), 0);
    return fd;
}

static void
test_its_own_socket_is_taken_first(void **state)
{
    struct place *p = *state;
    int libxl, own, a, b;
    bool shared;

    assert_int_equal(dom0_model_connect(p->d, DOMID, &a, &shared, &p->e), -1);
    assert_int_equal(p->e.code, ERR_LOST);
    libxl = listen_at(p, "qmp-libxl-7");
    assert_int_equal(dom0_model_connect(p->d, DOMID, &a, &shared, &p->e), 0);
    assert_true(shared);
    close(a);
    own = listen_at(p, "qmp-xendeck-7");
    assert_int_equal(dom0_model_connect(p->d, DOMID, &a, &shared, &p->e), 0);
    assert_false(shared);
    /* no place for one more */
    assert_int_equal(dom0_model_connect(p->d, DOMID, &b, &shared, &p->e), -1);
    assert_int_equal(p->e.code, ERR_AGAIN);
    close(a);
    close(own);
    assert_int_equal(dom0_model_connect(p->d, DOMID, &b, &shared, &p->e), -1);
    assert_int_equal(p->e.code, ERR_LOST);
    close(libxl);
}

static bool
lives_none(void *arg, uint32_t domid)
{
    *(uint32_t *)arg = domid;
    return false;
}

static void
test_the_sweep_spares_the_living(void **state)
{
    struct place *p = *state;
    uint32_t asked = 0;
    char path[96];

    start(p, "exec sleep 1000");
    text_fmt(path, sizeof(path), "%s/xendeck-dm-7.fifo", p->dir);
    dom0_model_sweep(p->d, lives_none, &asked);
    assert_int_equal(asked, DOMID);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(kill(p->m.pid, SIGKILL), 0);
    assert_int_equal(waitpid(p->m.pid, NULL, 0), p->m.pid);
    p->m.pid = 0;
    dom0_model_sweep(p->d, lives_none, &asked);
    assert_int_equal(access(path, F_OK), -1);
}

/* A name in the place's directory; 0: there is nothing. */
static const char *
model_file(struct place *p, const char *name, mode_t kind, off_t bytes)
{
    static char path[128];
    int fd;

    text_fmt(path, sizeof(path), "%s/%s", p->dir, name);
    if (kind == S_IFIFO) {
        assert_int_equal(mkfifo(path, 0600), 0);
    } else if (kind == S_IFREG) {
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(ftruncate(fd, bytes), 0);
        close(fd);
    }
    return path;
}

static int
open_descriptors(void)
{
    int fd, n = 0;

    for (fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Each by its number, in its way, and nothing beside them: there is no state,
 * whose number lies between. The engine keeps none. */
static void
test_it_is_handed_its_files(void **state)
{
    struct place *p = *state;
    struct dom0_model_files f = { 0 };
    int before = open_descriptors();
    char *text;

    dom0_model_files_add(&f, model_file(p, "a.img", S_IFREG, 4096), true);
    dom0_model_files_add(&f, model_file(p, "b.iso", S_IFREG, 4096), false);
    if (start_with(p,
                   "for n in 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] &&\n"
                   "echo $n $(readlink /proc/$$/fd/$n) \\\n"
                   "$(grep flags /proc/$$/fdinfo/$n); done",
                   false, &f) < 0)
        fail_msg("%s", p->e.msg);
    assert_int_equal(open_descriptors(), before);
    watch(p);
    wait_end(p);
    text = log_of(p);
    assert_null(strstr(text, "4 "));
    assert_non_null(strstr(text, "5 /"));
    assert_non_null(strstr(text, "/a.img flags: 0100002\n6 /"));
    assert_non_null(strstr(text, "/b.iso flags: 0100000\n"));
    assert_null(strstr(text, "7 /"));
    free(text);
    dom0_model_files_free(&f);
}

static void
handed_refused(struct place *p, const char *path, bool writable,
               const char *words)
{
    struct dom0_model_files f = { 0 };
    int before = open_descriptors();

    dom0_model_files_add(&f, path, writable);
    assert_int_equal(start_with(p, "echo up", false, &f), -1);
    assert_non_null(strstr(p->e.msg, words));
    assert_non_null(strstr(p->e.msg, path));
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(access(p->log, F_OK), -1);
    dom0_model_files_free(&f);
}

static void
test_what_cannot_be_handed_is_named(void **state)
{
    struct place *p = *state;

    handed_refused(p, model_file(p, "none.img", 0, 0), true, "No such file");
    handed_refused(p, model_file(p, "fifo", S_IFIFO, 0), true,
                   "allowed a block device or a file");
    handed_refused(p, "/dev/null", false, "allowed a block device or a file");
}

/* Linux holds each write to the limit: the disks must be below it. */
static void
confined_limit(struct place *p, const struct dom0_model_files *f,
               const char *limit)
{
    char *text;

    if (start_with(p,
                   "echo limit $(prlimit --fsize --raw -o SOFT --noheadings)",
                   true, f) < 0)
        fail_msg("%s", p->e.msg);
    p->ends = 0;
    watch(p);
    wait_end(p);
    text = log_of(p);
    if (strstr(text, limit) == NULL)
        fail_msg("%s", text);
    free(text);
}

static void
test_the_limit_of_files(void **state)
{
    struct place *p = *state;
    struct dom0_model_files f = { 0 };

    /* Namespaces are root's, and want a root that is a mount. */
    if (geteuid() != 0 || system("unshare --mount true 2>/dev/null") != 0)
        skip();
    confined_limit(p, &f, "limit 262144\n");
    dom0_model_files_add(&f, model_file(p, "b.iso", S_IFREG, 8 << 20), false);
    confined_limit(p, &f, "limit 262144\n");
    dom0_model_files_add(&f, model_file(p, "a.img", S_IFREG, 4 << 20), true);
    confined_limit(p, &f, "limit 4194304\n");
    dom0_model_files_add(&f, model_file(p, "odd.img", S_IFREG, (4 << 20) + 1),
                         true);
    confined_limit(p, &f, "limit 4198400\n"); /* QEMU writes whole sectors */
    f.grow = true;
    confined_limit(p, &f, "limit unlimited\n");
    dom0_model_files_free(&f);
}

static void
test_a_missing_program_is_named(void **state)
{
    struct place *p = *state;
    struct buf args = { 0 };
    const struct dom0_model_job j = { .domid = DOMID,
                                      .program = "/nonexistent/qemu",
                                      .args = &args,
                                      .log = p->log };

    buf_chr(&args, '\0');
    assert_int_equal(dom0_model_start(p->d, &j, &p->m.pid, &p->e), -1);
    assert_int_equal(p->e.code, ERR_NOENT);
    assert_non_null(strstr(p->e.msg, "/nonexistent/qemu"));
    buf_free(&args);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_inherits_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_its_death_is_told_at_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_a_stranger_hears_of_it_by_the_sentinel, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_who_lets_go_of_the_sentinel_is_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_is_found_by_what_it_is, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_logs_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_its_own_socket_is_taken_first,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_sweep_spares_the_living, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_it_is_handed_its_files, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_handed_is_named,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_limit_of_files, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_missing_program_is_named, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
