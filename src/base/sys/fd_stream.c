/*
 * fd_stream.c - see fd_stream.h. All of it is advice: what fails is left out.
 */
#include "src/base/sys/fd_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_BYTES (1024 * 1024)
#define AHEAD      (4 * FD_STREAM_BYTES)

/* Of TCP the kernel finds the best size itself, unless it is told one. */
static void
stream_widen_socket(int fd)
{
    int bytes = PIPE_BYTES, domain = AF_UNSPEC;
    socklen_t n = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) < 0 ||
        domain != AF_UNIX)
        return;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

void
fd_stream_reads(int fd)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    struct stat sb;

    if (fstat(fd, &sb) < 0)
        return;
    if (S_ISFIFO(sb.st_mode))
        (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
    else if (S_ISSOCK(sb.st_mode))
        stream_widen_socket(fd);
    if (!S_ISREG(sb.st_mode) || at < 0)
        return;
    (void)posix_fadvise(fd, at, 0, POSIX_FADV_SEQUENTIAL);
    (void)posix_fadvise(fd, at, AHEAD, POSIX_FADV_WILLNEED);
}

void
fd_stream_began(struct fd_stream *s)
{
    struct stat sb;

    s->given = -1;
    if (fstat(s->fd, &sb) < 0)
        return;
    if (S_ISSOCK(sb.st_mode))
        stream_widen_socket(s->fd);
    if (S_ISREG(sb.st_mode))
        s->given = lseek(s->fd, 0, SEEK_CUR);
}

/* Whole parts only: what a page gets later would be written twice. */
int64_t
fd_stream_wrote(struct fd_stream *s)
{
    int64_t at = s->given < 0 ? -1 : lseek(s->fd, 0, SEEK_CUR), n;

    if (at - s->given < FD_STREAM_BYTES)
        return 0;
    n = (at - s->given) / FD_STREAM_BYTES * FD_STREAM_BYTES;
    if (sync_file_range(s->fd, s->given, n, SYNC_FILE_RANGE_WRITE) < 0)
        n = 0;
    s->given += n;
    return n;
}
