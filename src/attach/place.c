/*
 * place.c - see place.h.
 */
#include "src/attach/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/dom0/places.h"
#include "src/attach/wire.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

static const char *
temporary(void)
{
    const char *tmp = getenv("TMPDIR");

    return tmp != NULL && tmp[0] == '/' && strlen(tmp) < 200 ? tmp : "/tmp";
}

int
place_init(struct place *pl, bool on_sim, const char *path, struct err *e)
{
    memset(pl, 0, sizeof(*pl));
    pl->sim = on_sim;
    pl->given = path != NULL;
    if (path != NULL && strlen(path) >= sizeof(pl->sock))
        return err_set(e, ERR_RANGE, "--socket: found %zu bytes, allowed %zu",
                       strlen(path), sizeof(pl->sock) - 1);
    if (path != NULL)
        text_fmt(pl->sock, sizeof(pl->sock), "%s", path);
    else if (!on_sim)
        text_fmt(pl->sock, sizeof(pl->sock), PLACES_RUN_DIR "/sock");
    if (on_sim && path != NULL)
        text_fmt(pl->lock, sizeof(pl->lock), "%s.lock", path);
    else if (on_sim)
        text_fmt(pl->lock, sizeof(pl->lock), "%s/xendeck-sim-%u.lock",
                 temporary(), (unsigned)geteuid());
    return 0;
}

void
place_replace_words(const struct place *pl, char *dst, size_t n)
{
    const char *sim = pl->sim ? "--sim --attach " : "";

    if (pl->given)
        text_fmt(dst, n, "xendeck %s--socket %s --replace", sim, pl->sock);
    else
        text_fmt(dst, n, "xendeck %s--replace", sim);
}

static bool
place_is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_ctim.tv_sec != b->st_ctim.tv_sec)
        return a->st_ctim.tv_sec > b->st_ctim.tv_sec;
    return a->st_ctim.tv_nsec >= b->st_ctim.tv_nsec;
}

/* The connection that was looked at is the one that is used: what lies at the
 * path may be another thing the next time. */
static int
connect_newest(struct place *pl, const glob_t *g)
{
    struct stat sb, newest = { 0 };
    int best = -1, fd;
    size_t i;

    for (i = 0; i < g->gl_pathc; i++) {
        const char *path = g->gl_pathv[i];

        if (strlen(path) >= sizeof(pl->sock) || lstat(path, &sb) < 0 ||
            !S_ISSOCK(sb.st_mode) || sb.st_uid != geteuid() ||
            (best >= 0 && !place_is_newer(&sb, &newest)))
            continue;
        fd = wire_connect(path, NULL);
        if (fd < 0)
            continue;
        if (best >= 0)
            close(best);
        best = fd;
        newest = sb;
        text_fmt(pl->sock, sizeof(pl->sock), "%s", path);
    }
    return best;
}

int
place_connect_sim(struct place *pl, struct err *e)
{
    char pattern[300];
    int fd = -1;
    glob_t g;

    if (pl->given)
        return wire_connect(pl->sock, e);
    text_fmt(pattern, sizeof(pattern), "%s/xendeck-sim.*/run/sock",
             temporary());
    if (glob(pattern, GLOB_NOSORT, NULL, &g) == 0) {
        fd = connect_newest(pl, &g);
        globfree(&g);
    }
    if (fd >= 0)
        return fd;
    return err_set(e, ERR_NOENT,
                   "no simulated host of yours is running: `xendeck --sim' "
                   "starts one");
}

/* Empty, or "- PID" and more: what is anybody's file stays as it is. */
static bool
is_lock_file(int fd)
{
    char text[3] = "";

    return pread(fd, text, 2, 0) == 0 || strcmp(text, "- ") == 0;
}

int
place_take_lock(const struct place *pl, struct err *e)
{
    int fd = open(pl->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    char pid[32];
    struct stat sb;
    int errnum;

    if (fd < 0)
        return err_sys(e, errno, "lock %s", pl->lock);
    if (fstat(fd, &sb) < 0 || sb.st_uid != geteuid()) {
        close(fd);
        return err_set(e, ERR_DENIED, "lock %s is another user's: remove it",
                       pl->lock);
    }
    if (fd_lock(fd) < 0) {
        errnum = errno;
        close(fd);
        if (errnum == EAGAIN || errnum == EACCES)
            return err_set(e, ERR_BUSY, "an engine runs there already");
        return err_sys(e, errnum, "lock %s", pl->lock);
    }
    if (!S_ISREG(sb.st_mode) || !is_lock_file(fd)) {
        close(fd);
        return err_set(
            e, ERR_EXISTS,
            "lock %s: found a file that is no lock: move it away, or "
            "choose another place with --socket",
            pl->lock);
    }
    text_fmt(pid, sizeof(pid), "- %ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, strlen(pid), 0) < 0)
        return fd; /* the name is for people */
    return fd;
}

/* Whether one of its open files has the lock on this file. */
static bool
has_lock(int pid, const struct stat *lock)
{
    char path[64];
    struct dirent *de;
    bool found = false;
    DIR *d;

    text_fmt(path, sizeof(path), "/proc/%d/fd", pid);
    d = opendir(path);
    while (d != NULL && !found && (de = readdir(d)) != NULL) {
        struct buf info = { 0 };
        struct stat sb;

        if (fstatat(dirfd(d), de->d_name, &sb, 0) < 0 ||
            sb.st_dev != lock->st_dev || sb.st_ino != lock->st_ino)
            continue;
        text_fmt(path, sizeof(path), "/proc/%d/fdinfo/%.12s", pid, de->d_name);
        found = fd_read_file(path, 4096, &info, NULL) == 0 &&
                strstr(buf_text(&info), "\nlock:") != NULL;
        buf_free(&info);
    }
    if (d != NULL)
        closedir(d);
    return found;
}

/* "BOOT_ID PID STARTTIME", or "- PID", then perhaps MAKER_CLOSING: the pid,
 * once it is proven. */
static int
holder_named(const char *path, int fd, const struct stat *lock,
             bool *closing_out, struct err *e)
{
    char text[160] = "", *space;
    int pid;

    if (read(fd, text, sizeof(text) - 1) < 0)
        return err_sys(e, errno, "lock %s", path);
    space = strchr(text, ' ');
    pid = space != NULL ? (int)strtol(space, NULL, 10) : 0;
    if (pid > 0 && has_lock(pid, lock)) {
        *closing_out = strstr(text, MAKER_CLOSING) != NULL;
        return pid;
    }
    return err_set(e, ERR_BUSY,
                   "lock %s is held, but does not name its process: try again",
                   path);
}

/* Nobody else may have written there, or lock it. Only a lock that is held
 * counts. */
static int
holder_at(const char *path, int fd, bool *closing_out, struct err *e)
{
    struct stat sb;
    int locked;

    if (fstat(fd, &sb) < 0)
        return err_sys(e, errno, "lock %s", path);
    if (!S_ISREG(sb.st_mode) || (sb.st_uid != geteuid() && sb.st_uid != 0) ||
        (sb.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return err_set(e, ERR_DENIED,
                       "lock %s is another user's, or may be written by one: "
                       "remove it",
                       path);
    locked = fd_locked(fd);
    if (locked < 0)
        return err_sys(e, errno, "lock %s", path);
    return locked == 0 ? 0 : holder_named(path, fd, &sb, closing_out, e);
}

int
place_holder_closing(const struct place *pl, bool *closing_out, struct err *e)
{
    const char *path =
        pl->lock[0] != '\0' ? pl->lock : PLACES_RUN_DIR "/engine.lock";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), pid;

    *closing_out = false;
    if (fd < 0)
        return errno == ENOENT ? 0 : err_sys(e, errno, "lock %s", path);
    pid = holder_at(path, fd, closing_out, e);
    close(fd);
    return pid;
}

int
place_holder(const struct place *pl, struct err *e)
{
    bool closing;

    return place_holder_closing(pl, &closing, e);
}
