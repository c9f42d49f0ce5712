/*
 * test_reach.c - the way to an engine where systemd is asked for one: a unit
 * that listens, one that believes so, and one that does not. The engine that is
 * started in its place is this program, with LISTEN_ARG.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/attach/launch.h"
#include "src/attach/reach.h"
#include "src/attach/wire.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"

#define LISTEN_ARG "listen"

static char dir[64];
static char sock[96];
static int unit_fd, asked, works_at;
static char *launch[] = { (char *)(uintptr_t) "xendeck",
                          (char *)(uintptr_t)LISTEN_ARG, sock, NULL };

static int
listen_at(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct sockaddr_un sa;

    if (!wire_address(path, &sa) ||
        bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0 ||
        listen(fd, 4) < 0)
        abort();
    return fd;
}

/* The one that was started: until its client has gone. */
static int
run_listener(const char *path)
{
    int fd = listen_at(path), client;
    char byte;

    launch_tell_ready();
    client = accept(fd, NULL, NULL);
    (void)!read(client, &byte, 1);
    return 0;
}

/* Says yes each time; listens from call works_at on. */
static bool
unit(bool again)
{
    assert_int_equal(again, asked > 0);
    if (asked++ == works_at)
        unit_fd = listen_at(sock);
    return true;
}

static bool
no_unit(bool again)
{
    (void)again;
    asked++;
    return false;
}

static int
setup(void **state)
{
    (void)state;
    text_fmt(dir, sizeof(dir), "/tmp/xendeck-reach.XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    text_fmt(sock, sizeof(sock), "%s/sock", dir);
    unit_fd = -1;
    asked = 0;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    if (unit_fd >= 0)
        close(unit_fd);
    fd_remove_tree(dir);
    return 0;
}

/* What is reached; *r_out says how. */
static void
reach_by(bool (*asks)(bool again), struct reach *r)
{
    struct err e = { 0 };
    int fd;

    memset(r, 0, sizeof(*r));
    text_fmt(r->place.sock, sizeof(r->place.sock), "%s", sock);
    text_fmt(r->place.lock, sizeof(r->place.lock), "%s/lock", dir);
    r->launch = launch;
    r->unit = asks;
    fd = reach_engine(r, &e);
    if (fd < 0)
        fail_msg("%s", e.msg);
    close(fd);
}

static void
test_unit_listens(void **state)
{
    struct reach r;

    (void)state;
    works_at = 0;
    reach_by(unit, &r);
    assert_false(r.started);
    assert_int_equal(asked, 1);
}

/* An engine has taken the path from it, and removed it at its end. */
static void
test_unit_is_started_anew(void **state)
{
    struct reach r;

    (void)state;
    works_at = 1;
    reach_by(unit, &r);
    assert_false(r.started);
    assert_int_equal(asked, 2);
}

static void
test_engine_is_started_without_the_unit(void **state)
{
    struct reach r;

    (void)state;
    works_at = -1;
    reach_by(unit, &r);
    assert_true(r.started);
    assert_int_equal(asked, 2);
}

static void
test_no_unit(void **state)
{
    struct reach r;

    (void)state;
    reach_by(no_unit, &r);
    assert_true(r.started);
    assert_int_equal(asked, 1);
}

int
main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_unit_listens),
        T(test_unit_is_started_anew),
        T(test_engine_is_started_without_the_unit),
        T(test_no_unit),
    };

    if (argc == 3 && strcmp(argv[1], LISTEN_ARG) == 0)
        return run_listener(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
