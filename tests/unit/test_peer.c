/*
 * test_peer.c - who is at the other end of a connection, without asking a name
 * service: its servers may be dead.
 */
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/attach/peer.h"
#include "src/base/fdio.h"
#include "src/base/sys/passwd.h"
#include "tests/unit/tmpdir.h"

#define STRANGER 47113 /* no user of any host */

static unsigned asked;

/* In place of the C library's: a call is seen. */
int
getpwuid_r(uid_t uid, struct passwd *pw, char *room, size_t n,
           struct passwd **found)
{
    (void)uid;
    (void)pw;
    (void)room;
    (void)n;
    *found = NULL;
    asked++;
    return 0;
}

/* Connects as a user and waits for the end of the connection. */
static void
be_client(const struct sockaddr_un *sa, socklen_t len, uid_t uid)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    char byte;

    if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0 ||
        connect(fd, (const struct sockaddr *)sa, len) < 0)
        _exit(1);
    _exit(read(fd, &byte, 1) == 0 ? 0 : 1);
}

static void
peer_with_uid(uid_t uid, struct peer *out)
{
    struct peer_groups none = { (gid_t)-1, (gid_t)-1, (gid_t)-1 };
    struct sockaddr_un sa = { .sun_family = AF_UNIX }; /* abstract: by bind */
    socklen_t len = sizeof(sa);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), in, status;
    pid_t pid;

    assert_int_equal(
        bind(fd, (const struct sockaddr *)&sa, sizeof(sa_family_t)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
    pid = fork();
    if (pid == 0)
        be_client(&sa, len, uid);
    in = accept(fd, NULL, NULL);
    assert_true(in >= 0);
    assert_int_equal(peer_of(in, &none, out), 0);
    close(in);
    close(fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void
test_stranger_is_a_number_at_once(void **state)
{
    struct peer p;

    (void)state;
    if (geteuid() != 0)
        skip();
    peer_with_uid(STRANGER, &p);
    assert_int_equal(p.uid, STRANGER);
    assert_string_equal(p.user, "uid 47113");
    assert_int_equal(p.rights, RIGHT_NONE);
    peer_with_uid(0, &p);
    assert_string_equal(p.user, "root");
    assert_int_equal(asked, 0);
}

static int
setup(void **state)
{
    *state = tmpdir_new(sizeof(struct tmpdir), "passwd");
    return *state != NULL ? 0 : -1;
}

static void
test_users_are_read_from_a_file(void **state)
{
    static const char users[] = "root:x:0:0:root:/root:/bin/sh\n"
                                "\n"
                                ":x:7:7::/:\n"
                                "+@nis::\n"
                                "short:x:8\n"
                                "ne\033g:x:9:9::/:\n"
                                "big:x:99999999999:1::/:\n"
                                "ann:x:1000:100:A:/:/bin/sh\n"
                                "bob:x:1000:101:B:/:/bin/sh";
    const struct tmpdir *t = *state;
    const char *file = t->path;
    char name[8] = "before";
    uid_t uid = 1;
    gid_t gid = 1;

    assert_int_equal(tmpdir_write(t, users, sizeof(users) - 1), 0);
    assert_false(passwd_name(file, 7, name, sizeof(name)));
    assert_false(passwd_name(file, 8, name, sizeof(name)));
    assert_string_equal(name, "before");
    assert_true(passwd_name(file, 1000, name, sizeof(name)));
    assert_string_equal(name, "ann");
    assert_true(passwd_name(file, 9, name, sizeof(name)));
    assert_null(strchr(name, '\033'));
    assert_true(passwd_ids(file, "bob", &uid, &gid));
    assert_int_equal(uid, 1000);
    assert_int_equal(gid, 101);
    assert_false(passwd_ids(file, "big", &uid, &gid));
    assert_false(passwd_ids("/nowhere/passwd", "bob", &uid, &gid));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stranger_is_a_number_at_once),
        cmocka_unit_test_setup_teardown(test_users_are_read_from_a_file, setup,
                                        tmpdir_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
