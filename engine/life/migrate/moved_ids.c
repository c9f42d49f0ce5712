/*
 * moved_ids.c - STATE_DIR/moved: a line for each of the last migrations whose
 * domain was taken in here. A sender that lost its connection asks for it,
 * perhaps when the domain has long ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/life/migrate/incoming.h"
#include "src/base/fdio.h"

#define IDS_KEPT  256
#define ID_BYTES  MOVE_ID_MAX /* with its line's end */
#define FILE_SIZE (2 * IDS_KEPT * ID_BYTES)

static void
moved_path(const struct engine *en, const char *suffix, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/moved%s", engine_paths(en)->state, suffix);
}

/* A file that is not there is empty. */
static int
moved_read(struct engine *en, struct buf *out, struct err *e)
{
    char path[DB_FILE_MAX];

    moved_path(en, "", path, sizeof(path));
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return 0;
    return fd_read_file(path, FILE_SIZE, out, e);
}

static const char *
moved_find(const struct buf *b, const char *id)
{
    const char *s = id[0] != '\0' ? strstr(buf_text(b), id) : NULL;

    return s != NULL && s[strlen(id)] == '\n' ? s : NULL;
}

/* All or nothing, and on disk. */
static int
moved_write(struct engine *en, const struct buf *b, struct err *e)
{
    char path[DB_FILE_MAX], fresh[DB_FILE_MAX];
    int fd, rc = 0;

    moved_path(en, "", path, sizeof(path));
    moved_path(en, ".new", fresh, sizeof(fresh));
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
              0600);
    if (fd < 0)
        return err_sys(e, errno, "file %s", fresh);
    if (fd_write_all(fd, buf_text(b), b->len) < 0 || fsync(fd) < 0)
        rc = err_sys(e, errno, "file %s", fresh);
    close(fd);
    if (rc == 0 && rename(fresh, path) < 0)
        rc = err_sys(e, errno, "file %s", path);
    return rc;
}

int
moved_ids_add(struct engine *en, const char *id, struct err *e)
{
    struct buf b = { 0 };
    int rc = 0;

    if (id[0] == '\0')
        return 0;
    rc = moved_read(en, &b, e);
    if (rc == 0 && moved_find(&b, id) == NULL) {
        buf_fmt(&b, "%s\n", id);
        if (b.len > IDS_KEPT * ID_BYTES)
            buf_consume(&b, b.len - IDS_KEPT * ID_BYTES);
        rc = moved_write(en, &b, e);
    }
    buf_free(&b);
    return rc;
}

void
moved_ids_drop(struct engine *en, const char *id)
{
    struct buf b = { 0 }, left = { 0 };
    struct err e = { 0 };
    const char *s;

    s = moved_read(en, &b, &e) == 0 ? moved_find(&b, id) : NULL;
    if (s != NULL) {
        buf_add(&left, b.data, (size_t)(s - b.data));
        buf_str(&left, s + strlen(id) + 1);
        if (moved_write(en, &left, &e) < 0)
            log_line(engine_log(en), LOGL_ERROR, "%s", e.msg);
    }
    buf_free(&b);
    buf_free(&left);
}

int
moved_ids_find(struct engine *en, const char *id)
{
    struct buf b = { 0 };
    struct err e = { 0 };
    int rc = moved_read(en, &b, &e);

    if (rc == 0)
        rc = moved_find(&b, id) != NULL;
    buf_free(&b);
    return rc;
}
