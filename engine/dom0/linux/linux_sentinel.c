/*
 * linux_sentinel.c - see linux_model.h. As xend had it: the kernel lets go of
 * it whatever ends the model, and it outlives every engine. Opening it for
 * writing fails with ENXIO if the model is dead; reading from it ends when the
 * model does.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_model.h"

void
linux_sentinel_path(const struct dom0 *d, uint32_t domid, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/xendeck-dm-%u.fifo", linux_model_dir(d), domid);
}

int
linux_sentinel_make(struct dom0 *d, uint32_t domid, int *fd_out, struct err *e)
{
    char path[160];
    struct stat st;
    int fd;

    linux_sentinel_path(d, domid, path, sizeof(path));
    (void)unlink(path); /* of an earlier domain of this number */
    if (mkfifo(path, 0600) < 0)
        return err_sys(e, errno, "device model: %s", path);
    fd = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, errno, "device model: %s", path);
    if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_DENIED, "device model: %s is no fifo of ours",
                       path);
    }
    *fd_out = fd;
    return 0;
}

static int
sentinel_writer(struct dom0 *d, uint32_t domid)
{
    char path[160];

    linux_sentinel_path(d, domid, path, sizeof(path));
    return open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
}

enum linux_sentinel
linux_sentinel_look(struct dom0 *d, uint32_t domid)
{
    int fd = sentinel_writer(d, domid);

    if (fd < 0)
        return errno == ENXIO ? SENTINEL_DEAD : SENTINEL_NONE;
    close(fd);
    return SENTINEL_HELD;
}

/* The writer of ours stays until there is a reader: one that opens a fifo
 * which nobody writes to would never be told of an end. */
int
linux_sentinel_open(struct dom0 *d, uint32_t domid)
{
    int writer = sentinel_writer(d, domid), fd;
    char path[160];

    if (writer < 0)
        return -1;
    linux_sentinel_path(d, domid, path, sizeof(path));
    fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    close(writer);
    return fd;
}
