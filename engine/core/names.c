/*
 * names.c - see names.h.
 */
#include "engine/core/names.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "src/base/buf.h"

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
