/*
 * bridge.c - bridges of this kernel: read from sysfs, made and removed with
 * the bridge ioctls, which need no child process and no netlink library.
 */
#include "engine/dom0/linux/bridge.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dom0/dom0.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define FLAGS_MAX 8192 /* sysfs says 4096 of each file, whatever is in it */

static int
bridge_by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in a directory, in order; each is the caller's to free, and the array.
 * *errnum_out: why it could not be read; one that is not there has none. */
static size_t
names_in(const char *path, char ***out, int *errnum_out)
{
    DIR *d = opendir(path);
    const struct dirent *de;
    size_t n = 0;

    *out = NULL;
    if (d == NULL && errno != ENOENT)
        *errnum_out = errno;
    while (d != NULL && (de = readdir(d)) != NULL) {
        if (de->d_name[0] == '.')
            continue;
        *out = xrealloc(*out, n + 1, sizeof(**out));
        (*out)[n++] = xstrdup(de->d_name);
    }
    if (d != NULL)
        closedir(d);
    if (n > 1)
        qsort(*out, n, sizeof(**out), bridge_by_name);
    return n;
}

static void
free_names(char **names, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

static bool
is_up(const char *dir)
{
    char path[512];
    struct buf b = { 0 };
    unsigned long flags = 0;

    text_fmt(path, sizeof(path), "%s/flags", dir);
    if (fd_read_file(path, FLAGS_MAX, &b, NULL) == 0)
        flags = strtoul(buf_text(&b), NULL, 16);
    buf_free(&b);
    return (flags & IFF_UP) != 0;
}

/* False: no bridge. */
static bool
bridge_look_at(const char *sysfs, const char *name, struct vnet *out,
               int *errnum_out)
{
    char dir[384], path[512], **member;
    size_t i, n;

    *out = (struct vnet){ 0 };
    text_fmt(dir, sizeof(dir), "%s/%.64s", sysfs, name);
    text_fmt(path, sizeof(path), "%s/bridge", dir);
    if (strlen(name) >= sizeof(out->name) || access(path, F_OK) < 0)
        return false;
    text_safe(out->name, sizeof(out->name), name, strlen(name));
    out->up = is_up(dir);
    text_fmt(path, sizeof(path), "%s/brif", dir);
    n = names_in(path, &member, errnum_out);
    for (i = 0; i < n; i++)
        vnet_add_member(out, member[i]);
    free_names(member, n);
    return true;
}

int
bridges_read(const char *sysfs, struct vnet *out, size_t max, size_t *n_out,
             struct err *e)
{
    size_t i, found = 0, n_names;
    int errnum = 0;
    struct vnet one;
    char **names;

    n_names = names_in(sysfs, &names, &errnum);
    for (i = 0; i < n_names; i++) {
        if (!bridge_look_at(sysfs, names[i], &one, &errnum))
            continue;
        if (found < max)
            out[found] = one;
        found++;
    }
    free_names(names, n_names);
    *n_out = found;
    return errnum == 0 ? 0 : err_sys(e, errnum, "bridges in %s", sysfs);
}

static int
bridge_set_up(int fd, const char *name, bool up)
{
    struct ifreq ifr = { 0 };

    text_fmt(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
        return -1;
    if (up)
        ifr.ifr_flags = (short)(ifr.ifr_flags | IFF_UP);
    else
        ifr.ifr_flags = (short)(ifr.ifr_flags & ~IFF_UP);
    return ioctl(fd, SIOCSIFFLAGS, &ifr);
}

static int
control_socket(struct err *e)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    return fd >= 0 ? fd : err_sys(e, errno, "a socket for network control");
}

int
bridge_make(const char *name, struct err *e)
{
    int fd = control_socket(e), rc = 0;

    if (fd < 0)
        return -1;
    if (ioctl(fd, SIOCBRADDBR, name) < 0) {
        rc = err_sys(e, errno, "bridge %s", name);
    } else if (bridge_set_up(fd, name, true) < 0) {
        rc = err_sys(e, errno, "bridge %s: bring it up", name);
        (void)ioctl(fd, SIOCBRDELBR, name);
    }
    close(fd);
    return rc;
}

/* The kernel removes only what is down. */
int
bridge_unmake(const char *name, struct err *e)
{
    int fd = control_socket(e), rc = 0;

    if (fd < 0)
        return -1;
    if (bridge_set_up(fd, name, false) < 0 ||
        ioctl(fd, SIOCBRDELBR, name) < 0) {
        rc = err_sys(e, errno, "bridge %s", name);
        (void)bridge_set_up(fd, name, true);
    }
    close(fd);
    return rc;
}

/* --- a guest's interface on one --- */

static int
port_ioctl(int fd, unsigned long call, const char *name, struct ifreq *ifr)
{
    text_fmt(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
    return ioctl(fd, call, ifr);
}

/* The largest address that is no broadcast: a bridge takes the smallest of its
 * ports for its own. */
static int
port_set_address(int fd, const char *name)
{
    struct ifreq ifr = { .ifr_hwaddr = { .sa_family = ARPHRD_ETHER } };

    memset(ifr.ifr_hwaddr.sa_data, 0xff, IFHWADDRLEN);
    ifr.ifr_hwaddr.sa_data[0] = (char)0xfe;
    return port_ioctl(fd, SIOCSIFHWADDR, name, &ifr);
}

/* What an interface refuses it does not get, as with the script. */
static void
port_set_mtu(int fd, const struct dom0_port *p, unsigned *mtu_out)
{
    struct ifreq ifr = { .ifr_mtu = (int)p->mtu };

    if (p->mtu != 0 || port_ioctl(fd, SIOCGIFMTU, p->bridge, &ifr) == 0)
        (void)port_ioctl(fd, SIOCSIFMTU, p->ifname, &ifr);
    *mtu_out = (unsigned)ifr.ifr_mtu;
}

static int
port_move(int fd, unsigned long call, const struct dom0_port *p)
{
    struct ifreq ifr = { .ifr_ifindex = (int)if_nametoindex(p->ifname) };

    return ifr.ifr_ifindex == 0 ? -1 : port_ioctl(fd, call, p->bridge, &ifr);
}

/* The order is the script's. An interface that is down has no addresses but
 * those that somebody gave it, and this one is new. */
int
bridge_port_join(const struct dom0_port *p, unsigned *mtu_out, struct err *e)
{
    int fd = control_socket(e), rc = 0;

    if (fd < 0)
        return -1;
    if (bridge_set_up(fd, p->ifname, false) < 0 ||
        port_set_address(fd, p->ifname) < 0) {
        rc = err_sys(e, errno, "interface %s", p->ifname);
    } else {
        port_set_mtu(fd, p, mtu_out);
        if (port_move(fd, SIOCBRADDIF, p) < 0)
            rc = err_sys(e, errno, "interface %s on bridge %s", p->ifname,
                         p->bridge);
        else if (bridge_set_up(fd, p->ifname, true) < 0)
            rc = err_sys(e, errno, "interface %s: bring it up", p->ifname);
    }
    close(fd);
    return rc;
}

/* It goes by itself when its backend ends, at any moment. */
int
bridge_port_leave(const struct dom0_port *p, struct err *e)
{
    int fd = control_socket(e), rc = 0;

    if (fd < 0)
        return -1;
    if (bridge_set_up(fd, p->ifname, false) < 0 ||
        port_move(fd, SIOCBRDELIF, p) < 0)
        rc = if_nametoindex(p->ifname) == 0
                 ? 0
                 : err_sys(e, errno, "interface %s of bridge %s", p->ifname,
                           p->bridge);
    close(fd);
    return rc;
}

bool
bridge_port_needs_script(const char *scripts, const char *filter)
{
    struct buf b = { 0 };
    char pattern[256];
    glob_t g = { 0 };
    bool needs;

    text_fmt(pattern, sizeof(pattern), "%svif-post.d/*.hook", scripts);
    needs = glob(pattern, GLOB_NOSORT, NULL, &g) != GLOB_NOMATCH;
    globfree(&g);
    if (fd_read_file(filter, FLAGS_MAX, &b, NULL) == 0)
        needs |= buf_text(&b)[0] != '0';
    buf_free(&b);
    return needs;
}
