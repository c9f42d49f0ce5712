/*
 * console_lock.c - the per-domain console lock that xenconsole (xl console)
 * takes: an flock on a file which its holder removes while holding it, so a
 * waiter must check that the path still names what it locked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/console/console_int.h"
#include "engine/console/console_lock.h"
#include "src/base/fdio.h"

/* The process that /proc/locks gives for this inode; 0: not found. */
static long
holder_of(ino_t ino)
{
    struct buf b = { 0 };
    char *line, *save = NULL;
    long pid = 0;

    if (fd_read_file("/proc/locks", 1024 * 1024, &b, NULL) < 0 ||
        b.data == NULL)
        return 0;
    for (line = strtok_r(b.data, "\n", &save); line != NULL && pid == 0;
         line = strtok_r(NULL, "\n", &save)) {
        unsigned long long at;
        long p;

        if (sscanf(line, "%*s FLOCK %*s %*s %ld %*x:%*x:%llu", &p, &at) == 2 &&
            at == (unsigned long long)ino)
            pid = p;
    }
    buf_free(&b);
    return pid;
}

static int
console_lock_held(int fd, struct err *e)
{
    char path[64], name[64] = "?";
    struct buf b = { 0 };
    struct stat sb;
    long pid = fstat(fd, &sb) == 0 ? holder_of(sb.st_ino) : 0;

    if (pid <= 0)
        return err_set(e, ERR_BUSY, "another program reads this console");
    text_fmt(path, sizeof(path), "/proc/%ld/comm", pid);
    if (fd_read_file(path, 4096, &b, NULL) == 0 && b.len > 0)
        text_safe(name, sizeof(name), b.data, strcspn(b.data, "\n"));
    buf_free(&b);
    return err_set(e, ERR_BUSY, "%s (pid %ld) reads this console", name, pid);
}

static bool
console_lock_same_file(const char *path, int fd)
{
    struct stat a, b;

    return stat(path, &a) == 0 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

void
console_lock_path(const struct console *c, char *dst, size_t n)
{
    const char *dir = engine_paths(c->en)->consoles;

    if (c->place.number == 0)
        text_fmt(dst, n, "%s/xenconsole.%u", dir, c->domid);
    else
        text_fmt(dst, n, "%s/xenconsole.%u.%u", dir, c->domid, c->place.number);
}

int
console_lock(const char *path, struct err *e)
{
    int fd, tries;

    for (tries = 0; tries < 16; tries++) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return err_sys(e, errno, "console lock %s", path);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
            if (errno == EWOULDBLOCK)
                console_lock_held(fd, e);
            else
                err_sys(e, errno, "console lock %s", path);
            close(fd);
            return -1;
        }
        if (console_lock_same_file(path, fd))
            return fd;
        close(fd);
    }
    return err_set(e, ERR_BUSY, "console lock %s changes hands", path);
}

void
console_unlock(const char *path, int fd)
{
    if (fd < 0)
        return;
    (void)unlink(path);
    close(fd);
}

void
console_locks_sweep(const struct engine *en)
{
    const char *dir = engine_paths(en)->consoles;
    struct dirent **names;
    int i, n = scandir(dir, &names, NULL, NULL);
    unsigned long long domid;
    char path[320];

    for (i = 0; i < n; i++) {
        const char *name = names[i]->d_name;

        if (strncmp(name, "xenconsole.", 11) == 0 &&
            text_u64(name + 11, 1, HV_DOMID_MAX, &domid) &&
            domains_by_domid(en, (uint32_t)domid) == NULL) {
            text_fmt(path, sizeof(path), "%s/%s", dir, name);
            console_unlock(path, console_lock(path, NULL));
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}
