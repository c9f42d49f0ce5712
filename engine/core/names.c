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
#include "src/base/sys/lock_holder.h"

int
names_lock(struct engine *en, struct err *e)
{
    char path[512], who[96];
    int fd, errnum;

    text_fmt(path, sizeof(path), "%s/create.lock", en->paths.run);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(e, errno, "lock %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    errnum = errno;
    lock_holder(fd, who, sizeof(who));
    close(fd);
    if (errnum != EWOULDBLOCK)
        return err_sys(e, errnum, "lock %s", path);
    return err_set(e, ERR_BUSY, "%s holds the lock of names, %s", who, path);
}
