/*
 * xen_err.c - one sentence for each way in which Xen refuses a call.
 * Xen's errno values have meanings of their own (EACCES is an interface version
 * mismatch, ESRCH a domain that is gone); they are put into words only here.
 */
#include "engine/hv/xen/xen_int.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"

static int
coded(struct err *e, int errnum)
{
    if (e != NULL)
        e->sys = errnum;
    return -1;
}

/* One file of /sys/hypervisor/version, without its newline; "" if missing. */
static void
xen_err_read_word(const char *path, char *dst, size_t dst_size)
{
    struct buf b = { 0 };
    const char *s;

    dst[0] = '\0';
    if (fd_read_file(path, 4096, &b, NULL) == 0) {
        s = buf_text(&b);
        text_safe(dst, dst_size, s, strcspn(s, "\n"));
    }
    buf_free(&b);
}

/* sysfs answers even when the library's own calls are refused. */
static void
running_version(char *dst, size_t dst_size)
{
    char major[16], minor[16], extra[32];

    xen_err_read_word("/sys/hypervisor/version/major", major, sizeof(major));
    xen_err_read_word("/sys/hypervisor/version/minor", minor, sizeof(minor));
    xen_err_read_word("/sys/hypervisor/version/extra", extra, sizeof(extra));
    if (major[0] == '\0')
        text_fmt(dst, dst_size, "version unknown");
    else
        text_fmt(dst, dst_size, "%s.%s%s", major, minor, extra);
}

/* The soname carries the version; there is no call that tells it. */
static void
library_name(char *dst, size_t dst_size)
{
    Dl_info info;
    const char *base = NULL;

    if (dladdr((void *)xc_interface_open, &info) != 0 && info.dli_fname)
        base = strrchr(info.dli_fname, '/');
    if (base == NULL || strncmp(base, "/libxenctrl", 11) != 0)
        text_fmt(dst, dst_size, "libxenctrl");
    else
        text_fmt(dst, dst_size, "%s", base + 1);
}

static int
err_mismatch(struct err *e)
{
    char running[96], lib[64];

    running_version(running, sizeof(running));
    library_name(lib, sizeof(lib));
    err_set(e, ERR_DENIED,
            "the running Xen (%s) does not speak the interface of this "
            "program's library (%s): install the libxen packages of the "
            "running version, or boot the Xen that matches the library",
            running, lib);
    return coded(e, EACCES);
}

static int
err_not_root(struct err *e, int errnum)
{
    err_set(e, ERR_DENIED,
            "Xen refuses this process: run it as root in the control domain");
    return coded(e, errnum);
}

/* Opening the devices: here EACCES is the plain one of the file system. */
int
xen_err_open(struct err *e, int errnum)
{
    if (errnum == EACCES || errnum == EPERM)
        return err_not_root(e, errnum);
    if (errnum == ENOENT || errnum == ENXIO || errnum == ENODEV) {
        err_set(e, ERR_NOENT,
                "the device /dev/xen/privcmd is missing: load its driver "
                "with: modprobe xen-privcmd");
        return coded(e, errnum);
    }
    return err_sys(e, errnum, "the hypervisor's device /dev/xen/privcmd");
}

int
xen_err_host(struct err *e, int errnum, const char *what)
{
    if (errnum == EACCES)
        return err_mismatch(e);
    if (errnum == EPERM)
        return err_not_root(e, errnum);
    return err_sys(e, errnum, "%s", what);
}

int
xen_err_dom(struct err *e, uint32_t domid, int errnum, const char *what)
{
    if (errnum == ESRCH) {
        err_set(e, ERR_NOENT, "domain %u no longer exists", domid);
        return coded(e, errnum);
    }
    if (errnum == EACCES)
        return err_mismatch(e);
    if (errnum == EPERM)
        return err_not_root(e, errnum);
    return err_sys(e, errnum, "%s of domain %u", what, domid);
}
