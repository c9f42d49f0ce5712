/*
 * wire.c - see wire.h.
 */
#include "src/attach/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define SOCKET_LISTENS 0x10000U /* __SO_ACCEPTCON of Linux */
#define BULK_SEALS     (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

union fd_room {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
};

static void
add_fds(struct msghdr *mh, union fd_room *room, const int *fds, size_t n_fds)
{
    struct cmsghdr *cm;

    if (n_fds == 0)
        return;
    memset(room, 0, sizeof(*room));
    mh->msg_control = room->bytes;
    mh->msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
    cm = CMSG_FIRSTHDR(mh);
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
    memcpy(CMSG_DATA(cm), fds, n_fds * sizeof(int));
}

enum wire_rc
wire_send(int sock, enum wire_kind kind, const void *data, size_t n,
          const int *fds, size_t n_fds)
{
    char head = (char)kind;
    struct iovec iov[2] = { { &head, 1 }, { (void *)(uintptr_t)data, n } };
    struct msghdr mh = { .msg_iov = iov, .msg_iovlen = n > 0 ? 2 : 1 };
    union fd_room room;
    ssize_t r;

    if (n > WIRE_PAYLOAD_MAX || n_fds > WIRE_FDS_MAX)
        return WIRE_BAD;
    add_fds(&mh, &room, fds, n_fds);
    do
        r = sendmsg(sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (r < 0 && errno == EINTR);
    if (r >= 0)
        return WIRE_OK;
    /* ETOOMANYREFS: more descriptors are on their way than one user may have
     * open. */
    return errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS
               ? WIRE_AGAIN
               : WIRE_GONE;
}

/* There was no room for more than a packet has places. */
static bool
wire_take_fds(struct msghdr *mh, struct wire_packet *p)
{
    struct cmsghdr *cm;
    size_t i, n;

    for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
        const unsigned char *at = CMSG_DATA(cm);

        if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
            continue;
        n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (i = 0; i < n && p->n_fds < WIRE_FDS_MAX; i++, at += sizeof(int))
            memcpy(&p->fds[p->n_fds++], at, sizeof(int));
    }
    return (mh->msg_flags & MSG_CTRUNC) == 0;
}

static bool
known_kind(char c)
{
    return c == WIRE_MSG || c == WIRE_OUT || c == WIRE_ERR;
}

/* ECONNRESET is told once, before what was sent until then. */
static ssize_t
wire_receive(int sock, struct msghdr *mh, int flags)
{
    int tries = 0;
    ssize_t r;

    do
        r = recvmsg(sock, mh, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (r < 0 && (errno == EINTR || (errno == ECONNRESET && tries++ == 0)));
    return r;
}

/* Takes the packet that was looked at out of the socket. */
static void
consume(int sock)
{
    char head;
    struct iovec iov = { &head, 1 };
    struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

    (void)wire_receive(sock, &mh, 0);
}

/* A packet is looked at first: the kernel would close here the descriptors for
 * which there is no room, and the last close of a stranger's may wait. Those of
 * a bad packet stay in the socket until it is closed. */
enum wire_rc
wire_recv(int sock, bool with_fds, struct wire_packet *p)
{
    char head = '\0';
    char *data = xcalloc(1, WIRE_PAYLOAD_MAX + 1);
    struct iovec iov[2] = { { &head, 1 }, { data, WIRE_PAYLOAD_MAX } };
    struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2 };
    union fd_room room;
    ssize_t r;
    size_t i;

    memset(p, 0, sizeof(*p));
    for (i = 0; i < WIRE_FDS_MAX; i++)
        p->fds[i] = -1;
    if (with_fds) {
        mh.msg_control = room.bytes;
        mh.msg_controllen = sizeof(room.bytes);
    }
    r = wire_receive(sock, &mh, MSG_PEEK);
    if (r <= 0) {
        free(data);
        return r < 0 && errno == EAGAIN ? WIRE_AGAIN : WIRE_GONE;
    }
    p->data = data;
    p->n = (size_t)r - 1;
    p->kind = (enum wire_kind)head;
    data[p->n] = '\0';
    if (!wire_take_fds(&mh, p) || (mh.msg_flags & MSG_TRUNC) != 0 ||
        !known_kind(head))
        return WIRE_BAD;
    consume(sock);
    return WIRE_OK;
}

void
wire_packet_fini(struct wire_packet *p)
{
    size_t i;

    for (i = 0; i < p->n_fds; i++)
        if (p->fds[i] >= 0)
            close(p->fds[i]);
    free(p->data);
    memset(p, 0, sizeof(*p));
}

bool
wire_address(const char *path, struct sockaddr_un *out)
{
    size_t n = strlen(path);

    memset(out, 0, sizeof(*out));
    out->sun_family = AF_UNIX;
    if (n == 0 || n >= sizeof(out->sun_path))
        return false;
    memcpy(out->sun_path, path, n + 1);
    return true;
}

static bool
wire_peer(int sock, struct ucred *out)
{
    socklen_t len = sizeof(*out);

    return getsockopt(sock, SOL_SOCKET, SO_PEERCRED, out, &len) == 0;
}

/* Who listens there is given a terminal, and runs programs on it: it must be
 * one who could do so anyhow. Takes fd. */
static int
check_engine(int fd, const char *path, struct err *e)
{
    struct ucred cred;

    if (wire_peer(fd, &cred) && (cred.uid == 0 || cred.uid == geteuid()))
        return fd;
    close(fd);
    return err_set(e, ERR_DENIED,
                   "the engine at %s is neither root's nor yours: it is not to "
                   "be trusted with a terminal",
                   path);
}

int
wire_connect(const char *path, struct err *e)
{
    struct sockaddr_un sa;
    int fd, errnum;

    if (!wire_address(path, &sa))
        return err_set(e, ERR_RANGE,
                       "the socket's path %s is longer than %zu bytes", path,
                       sizeof(sa.sun_path) - 1);
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_sys(e, errno, "socket");
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
        return check_engine(fd, path, e);
    errnum = errno;
    close(fd);
    if (errnum == ECONNREFUSED || errnum == ENOENT || errnum == ENOTDIR)
        return err_set(e, ERR_NOENT, "no engine listens at %s", path);
    return err_sys(e, errnum, "the engine's socket %s", path);
}

/* A line of /proc/net/unix: "ADDRESS: REFS PROTOCOL FLAGS TYPE STATE INODE
 * PATH". */
static bool
listens_at(const char *line, const char *path)
{
    unsigned flags;
    int at = 0;

    return sscanf(line, "%*s %*s %*s %x %*s %*s %*s %n", &flags, &at) == 1 &&
           at > 0 && (flags & SOCKET_LISTENS) != 0 &&
           strcmp(line + at, path) == 0;
}

bool
wire_is_served(const char *path)
{
    FILE *f = fopen("/proc/net/unix", "re");
    bool found = false;
    char line[512];

    while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = listens_at(line, path);
    }
    if (f != NULL)
        fclose(f);
    return found;
}

pid_t
wire_peer_pid(int sock)
{
    struct ucred cred;

    return wire_peer(sock, &cred) ? cred.pid : 0;
}

int
wire_bulk_make(const char *text, size_t n)
{
    int fd = memfd_create("xendeck-bulk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int errnum;

    if (fd < 0)
        return -1;
    if (fd_write_all(fd, text, n) == 0 &&
        fcntl(fd, F_ADD_SEALS, BULK_SEALS) == 0)
        return fd;
    errnum = errno;
    close(fd);
    errno = errnum;
    return -1;
}

/* Only a memory file has seals, and none of its reads waits for anything. */
bool
wire_bulk_size(int fd, size_t *out)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat sb;

    if (seals < 0 || (seals & BULK_SEALS) != BULK_SEALS || fstat(fd, &sb) < 0)
        return false;
    *out = (size_t)sb.st_size;
    return true;
}

bool
wire_bulk_read(int fd, struct buf *out)
{
    char piece[16384];
    size_t size, at = 0;

    if (!wire_bulk_size(fd, &size) || size > WIRE_BULK_MAX)
        return false;
    while (at < size) {
        ssize_t r = pread(fd, piece, sizeof(piece), (off_t)at);

        if (r <= 0)
            return false;
        buf_add(out, piece, (size_t)r);
        at += (size_t)r;
    }
    return true;
}
