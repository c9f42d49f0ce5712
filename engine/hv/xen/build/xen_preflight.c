/*
 * xen_preflight.c - what must be there before the Xen driver can work, asked
 * of the file system and of xenstored's socket, in plain words.
 * Never hangs: files are read without waiting, xenstored has a time limit.
 */
#include "engine/hv/xen/build/xen_preflight.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <xenstore_lib.h>

#include "engine/hv/xen/xen.h"
#include "src/base/fdio.h"

#define START_XEN     "start it with: /etc/init.d/xen start"
#define STORE_WAIT_MS 2000
#define PATH_BYTES    512
#define BUSY_STEP_MS  10

static void
xen_preflight_join(const struct preflight *p, char *dst, size_t dst_size,
                   const char *path)
{
    text_fmt(dst, dst_size, "%s%s", p->root, path);
}

static bool
exists(const struct preflight *p, const char *path)
{
    char full[PATH_BYTES];

    xen_preflight_join(p, full, sizeof(full), path);
    return access(full, F_OK) == 0;
}

/* True if the file can be read and has these words in it. */
static bool
file_has(const struct preflight *p, const char *path, const char *words)
{
    char full[PATH_BYTES];
    struct buf b = { 0 };
    bool found;

    xen_preflight_join(p, full, sizeof(full), path);
    found = fd_read_file(full, 65536, &b, NULL) == 0 &&
            strstr(buf_text(&b), words) != NULL;
    buf_free(&b);
    return found;
}

/* The pid file of Debian's init script names it at once; a look at every
 * process takes a tenth of a second on a slow host. */
static bool
pid_file_names(const struct preflight *p, const char *file, const char *name)
{
    char full[PATH_BYTES], path[64], line[32];
    struct buf b = { 0 };
    long pid = 0;

    xen_preflight_join(p, full, sizeof(full), file);
    if (fd_read_file(full, 64, &b, NULL) == 0)
        pid = strtol(buf_text(&b), NULL, 10);
    buf_free(&b);
    text_fmt(path, sizeof(path), "/proc/%ld/comm", pid);
    text_fmt(line, sizeof(line), "%s\n", name);
    return pid > 0 && file_has(p, path, line);
}

static bool
process_runs(const struct preflight *p, const char *name)
{
    char dir[PATH_BYTES], path[64], line[32];
    struct dirent *de;
    bool found = false;
    DIR *d;

    xen_preflight_join(p, dir, sizeof(dir), "/proc");
    d = opendir(dir);
    if (d == NULL)
        return false;
    text_fmt(line, sizeof(line), "%s\n", name);
    while (!found && (de = readdir(d)) != NULL) {
        if (!isdigit((unsigned char)de->d_name[0]))
            continue;
        text_fmt(path, sizeof(path), "/proc/%.20s/comm", de->d_name);
        found = file_has(p, path, line);
    }
    closedir(d);
    return found;
}

/* A full queue of connections (EAGAIN) is waited for, as xs.c does. */
static int
xen_preflight_connect_patiently(int fd, const struct sockaddr_un *sa,
                                int wait_ms)
{
    static const struct timespec step = { .tv_nsec = BUSY_STEP_MS * 1000000L };
    int r;

    do {
        r = connect(fd, (const struct sockaddr *)sa, sizeof(*sa));
        if (r == 0 || errno != EAGAIN || wait_ms <= 0)
            return r;
        (void)nanosleep(&step, NULL);
        wait_ms -= BUSY_STEP_MS;
    } while (true);
}

/* A connected socket that does not block, or -1 with errno. */
static int
store_connect(const struct preflight *p)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    char full[PATH_BYTES];
    int fd, errnum;

    xen_preflight_join(p, full, sizeof(full), p->socket);
    if (strlen(full) >= sizeof(sa.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(sa.sun_path, full, strlen(full) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (xen_preflight_connect_patiently(fd, &sa, p->store_wait_ms) == 0)
        return fd;
    errnum = errno;
    close(fd);
    errno = errnum;
    return -1;
}

/* Asks for the names below / and waits for the first byte of an answer. */
static bool
store_answers(int fd, int wait_ms)
{
    struct {
        struct xsd_sockmsg h;
        char path[2];
    } msg = { .h = { .type = XS_DIRECTORY, .len = 2 }, .path = "/" };
    struct pollfd pfd = { .fd = fd, .events = POLLIN };
    size_t n = sizeof(msg.h) + sizeof(msg.path);
    char byte;

    if (send(fd, &msg, n, MSG_NOSIGNAL) != (ssize_t)n)
        return false;
    return poll(&pfd, 1, wait_ms) == 1 && recv(fd, &byte, 1, 0) == 1;
}

/* With xenstored in a domain of its own there is no socket; the kernel's
 * device then opens, which it refuses while no xenstored was ever seen. */
static bool
store_elsewhere(const struct preflight *p)
{
    char full[PATH_BYTES];
    int fd;

    xen_preflight_join(p, full, sizeof(full), "/dev/xen/xenbus");
    fd = open(full, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int
miss(struct buf *why, const char *sentence)
{
    buf_fmt(why, "%s\n", sentence);
    return 1;
}

static int
check_store(const struct preflight *p, struct buf *why)
{
    int fd = store_connect(p);
    bool ok;

    if (fd < 0 && errno == ENOENT && store_elsewhere(p))
        return 0;
    /* Only root may connect: nothing is known then. */
    if (fd < 0 && (errno == EACCES || errno == EPERM))
        return 0;
    if (fd < 0 && errno == EAGAIN)
        return miss(why, "xenstored takes no connection: too many programs "
                         "want one at once, or it hangs");
    if (fd < 0) {
        buf_fmt(why, "xenstored is not running (%s: %s): " START_XEN "\n",
                p->socket, strerror(errno));
        return 1;
    }
    ok = store_answers(fd, p->store_wait_ms);
    close(fd);
    return ok ? 0
              : miss(why, "xenstored is running but does not answer: it cannot "
                          "be restarted under running guests, look into "
                          "/var/log/xen/xenstored.log");
}

static int
check_kernel(const struct preflight *p, struct buf *why)
{
    if (exists(p, "/dev/xen/privcmd") || exists(p, "/proc/xen/privcmd"))
        return 0;
    return miss(why, "the device /dev/xen/privcmd is missing: load its driver "
                     "with: modprobe xen-privcmd");
}

static int
check_root(const struct preflight *p, struct buf *why)
{
    if (p->uid == 0)
        return 0;
    return miss(why, "only root may manage domains: start xendeck as root, for "
                     "example with sudo");
}

bool
preflight_console(const struct preflight *p)
{
    return pid_file_names(p, "/run/xenconsoled.pid", "xenconsoled") ||
           process_runs(p, "xenconsoled");
}

bool
xen_console_runs(struct err *e)
{
    struct preflight p = { .root = "" };

    if (preflight_console(&p))
        return true;
    err_set(e, ERR_LOST,
            "xenconsoled is not running, so guests have no console and none "
            "can be created: " START_XEN);
    return false;
}

/* dom0: whether it is worth asking anything else. */
static int
check_role(const struct preflight *p, struct buf *why, bool *on_xen, bool *dom0)
{
    *dom0 = false;
    *on_xen = file_has(p, "/sys/hypervisor/type", "xen");
    if (!*on_xen)
        return miss(why, "this machine does not run under the Xen hypervisor: "
                         "boot it through Xen (the package "
                         "xen-system-amd64), or try the simulated host with: "
                         "xendeck --sim");
    *dom0 = file_has(p, "/proc/xen/capabilities", "control_d");
    if (*dom0)
        return 0;
    if (exists(p, "/proc/xen/capabilities"))
        return miss(why, "this is a guest of Xen, not its control domain: "
                         "start xendeck in domain 0 of the host");
    *dom0 = true; /* unknown: the other answers still help */
    return miss(why, "/proc/xen/capabilities is missing, so xenfs is not "
                     "mounted: mount it with: mount -t xenfs xenfs /proc/xen");
}

int
preflight_run(const struct preflight *p, struct buf *why, bool *on_xen_out)
{
    bool dom0;
    int n = check_role(p, why, on_xen_out, &dom0);

    if (!*on_xen_out || !dom0)
        return n;
    n += check_root(p, why);
    n += check_kernel(p, why);
    n += check_store(p, why);
    return n;
}

int
xen_preflight(struct buf *why, bool *on_xen_out)
{
    struct preflight p = { .root = "",
                           .socket = xs_daemon_socket(),
                           .uid = geteuid(),
                           .store_wait_ms = STORE_WAIT_MS };

    return preflight_run(&p, why, on_xen_out);
}
