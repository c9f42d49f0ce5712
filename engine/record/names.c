/*
 * names.c - the names of domains are one a host, which xenstore does not see
 * to: whoever gives one holds this lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/life/create.h"

int
names_lock(struct engine *en, struct err *e)
{
    char path[512];
    int fd;

    text_fmt(path, sizeof(path), "%s/create.lock", en->paths.run);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) {
        err_sys(e, errno, "lock %s", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}
