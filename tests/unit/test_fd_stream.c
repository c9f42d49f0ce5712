/*
 * test_fd_stream.c - what the kernel is told of large files that are read or
 * written once.
 */
#include "src/base/sys/fd_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/unit/tmpdir.h"

static int
file_setup(void **state)
{
    *state = tmpdir_new(sizeof(struct tmpdir), "file");
    return *state == NULL ? -1 : 0;
}

static void
write_bytes(int fd, size_t n)
{
    char *bytes = xcalloc(n, 1);

    assert_int_equal(fd_write_all(fd, bytes, n), 0);
    free(bytes);
}

static void
test_the_disk_gets_whole_parts(void **state)
{
    const struct tmpdir *t = *state;
    struct fd_stream s = { 0 };

    s.fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(s.fd >= 0);
    write_bytes(s.fd, 4096); /* a head that is none of the stream */
    fd_stream_began(&s);
    write_bytes(s.fd, FD_STREAM_BYTES - 1);
    assert_int_equal(fd_stream_wrote(&s), 0);
    write_bytes(s.fd, FD_STREAM_BYTES + 2);
    assert_int_equal(fd_stream_wrote(&s), 2 * FD_STREAM_BYTES);
    assert_int_equal(fd_stream_wrote(&s), 0);
    fd_stream_reads(s.fd); /* at its end: no more than advice */
    assert_int_equal(lseek(s.fd, 0, SEEK_CUR), 4097 + 2 * FD_STREAM_BYTES);
    close(s.fd);
}

/* Of a connection nothing is given to a disk, and it carries more at once. */
static void
test_a_connection_is_widened(void **state)
{
    struct fd_stream s = { 0 };
    int pair[2], before = 0, after = 0;
    socklen_t n = sizeof(int);

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                     0);
    s.fd = pair[0];
    assert_int_equal(getsockopt(s.fd, SOL_SOCKET, SO_SNDBUF, &before, &n), 0);
    fd_stream_began(&s);
    assert_int_equal(getsockopt(s.fd, SOL_SOCKET, SO_SNDBUF, &after, &n), 0);
    assert_true(after >= before);
    write_bytes(s.fd, 4096);
    assert_int_equal(fd_stream_wrote(&s), 0);
    close(pair[0]);
    close(pair[1]);
    s.fd = -1; /* nothing at all */
    fd_stream_began(&s);
    assert_int_equal(fd_stream_wrote(&s), 0);
    fd_stream_reads(-1);
}

static void
test_a_pipe_is_widened(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fd_stream_reads(ends[0]);
    assert_true(fcntl(ends[0], F_GETPIPE_SZ) > 65536);
    close(ends[0]);
    close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_disk_gets_whole_parts,
                                        file_setup, tmpdir_teardown),
        cmocka_unit_test(test_a_connection_is_widened),
        cmocka_unit_test(test_a_pipe_is_widened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
