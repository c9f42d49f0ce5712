/*
 * db.c - see db.h.
 */
#include "engine/db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/fdio.h"

static void
db_path(char *dst, size_t n, const char *dir, const uint8_t uuid[16],
        const char *suffix)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s.conf%s", dir, text, suffix);
}

static int
write_file(const char *path, const struct buf *b, struct err *e)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int errnum = 0;

    if (fd < 0)
        return err_sys(e, errno, "configuration %s", path);
    if (fd_write_all(fd, b->data, b->len) < 0 || fsync(fd) < 0)
        errnum = errno;
    if (close(fd) < 0 && errnum == 0)
        errnum = errno;
    if (errnum != 0) {
        (void)unlink(path);
        return err_sys(e, errnum, "configuration %s", path);
    }
    return 0;
}

/* The rename is on disk once its directory is. */
static void
sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

int
db_save(const char *dir, const uint8_t uuid[16], const struct domain_config *c,
        struct err *e)
{
    char path[512], tmp[520];
    struct buf b = { 0 };
    int rc;

    db_path(path, sizeof(path), dir, uuid, "");
    db_path(tmp, sizeof(tmp), dir, uuid, ".new");
    rc = config_print_checked(c, &b, e);
    if (rc == 0)
        rc = write_file(tmp, &b, e);
    buf_free(&b);
    if (rc < 0)
        return -1;
    if (rename(tmp, path) < 0) {
        err_sys(e, errno, "configuration %s", path);
        (void)unlink(tmp);
        return -1;
    }
    sync_dir(dir);
    return 0;
}

int
db_load(const char *dir, const uint8_t uuid[16], struct domain_config **out,
        struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, "");
    return config_load(path, out, e);
}

int
db_remove(const char *dir, const uint8_t uuid[16], struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, "");
    if (unlink(path) < 0 && errno != ENOENT)
        return err_sys(e, errno, "configuration %s", path);
    return 0;
}
