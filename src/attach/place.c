/*
 * place.c - see place.h.
 */
#include "src/attach/place.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/attach/wire.h"
#include "src/base/fdio.h"

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
        text_fmt(pl->sock, sizeof(pl->sock), PLACE_RUN_DIR "/sock");
    if (on_sim && path != NULL)
        text_fmt(pl->lock, sizeof(pl->lock), "%s.lock", path);
    else if (on_sim)
        text_fmt(pl->lock, sizeof(pl->lock), "%s/xendeck-sim-%u.lock",
                 temporary(), (unsigned)geteuid());
    return 0;
}

static bool
listens(const char *path)
{
    int fd = wire_connect(path, NULL);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

bool
place_find_sim(struct place *pl)
{
    char pattern[300];
    struct timespec newest = { 0 };
    struct stat sb;
    bool found = false;
    glob_t g;
    size_t i;

    if (pl->given)
        return listens(pl->sock);
    text_fmt(pattern, sizeof(pattern), "%s/xendeck-sim.*/run/sock",
             temporary());
    if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0)
        return false;
    for (i = 0; i < g.gl_pathc; i++) {
        const char *path = g.gl_pathv[i];

        if (strlen(path) >= sizeof(pl->sock) || lstat(path, &sb) < 0 ||
            !S_ISSOCK(sb.st_mode) || sb.st_uid != geteuid() ||
            (found && (sb.st_ctim.tv_sec < newest.tv_sec ||
                       (sb.st_ctim.tv_sec == newest.tv_sec &&
                        sb.st_ctim.tv_nsec < newest.tv_nsec))) ||
            !listens(path))
            continue;
        newest = sb.st_ctim;
        text_fmt(pl->sock, sizeof(pl->sock), "%s", path);
        found = true;
    }
    globfree(&g);
    return found;
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
    text_fmt(pid, sizeof(pid), "- %ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, strlen(pid), 0) < 0)
        return fd; /* the name is for people */
    return fd;
}

/* "BOOT_ID PID STARTTIME", or "- PID". Only a lock that is held counts. */
int
place_holder(const struct place *pl)
{
    const char *path =
        pl->lock[0] != '\0' ? pl->lock : PLACE_RUN_DIR "/engine.lock";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char text[128] = "", *space;
    ssize_t n = 0;

    if (fd < 0)
        return 0;
    if (fd_locked(fd))
        n = read(fd, text, sizeof(text) - 1);
    close(fd);
    space = n > 0 ? strchr(text, ' ') : NULL;
    return space != NULL ? (int)strtol(space, NULL, 10) : 0;
}
