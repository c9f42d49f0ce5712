/*
 * scroll_file.c - see scroll_file.h. No descriptor stays open between two
 * calls: a host has hundreds of consoles.
 */
#include "engine/console/scroll_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/uuid.h"

#define PATH_ROOM  360
#define READ_CHUNK 65536
#define UUID_CHARS 36

enum scroll_half { SCROLL_NEW, SCROLL_OLD };

static void
scroll_file_path(char *dst, const char *dir, const uint8_t uuid[16],
                 enum scroll_half half)
{
    char text[UUID_CHARS + 1];

    uuid_print_text(uuid, text);
    text_fmt(dst, PATH_ROOM, "%s/%s%s", dir, text,
             half == SCROLL_OLD ? ".old" : "");
}

/* --- writing --- */

static int
scroll_file_make_dir(const char *dir, struct err *e)
{
    struct stat sb;

    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", dir);
    if (lstat(dir, &sb) < 0)
        return err_sys(e, errno, "directory %s", dir);
    if (!S_ISDIR(sb.st_mode))
        return err_set(e, ERR_INVALID, "%s is in the way: not a directory",
                       dir);
    return 0;
}

/* The newer file and its size. -1 with *e. */
static int
scroll_file_open(const char *path, size_t *size_out, struct err *e)
{
    struct stat sb;
    int fd = open(path,
                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
                      O_NOCTTY | O_NONBLOCK,
                  0600);

    if (fd < 0)
        return err_sys(e, errno, "console text %s", path);
    if (fstat(fd, &sb) < 0 || !S_ISREG(sb.st_mode)) {
        close(fd);
        return err_set(e, ERR_INVALID, "console text %s: no regular file",
                       path);
    }
    *size_out = (size_t)sb.st_size;
    return fd;
}

static int
scroll_file_append(int fd, const char *bytes, size_t n, size_t *done)
{
    ssize_t r = 0;
    size_t at = 0;

    while (at < n) {
        r = write(fd, bytes + at, n - at);
        if (r < 0 && errno != EINTR)
            break;
        at += r > 0 ? (size_t)r : 0;
    }
    *done += at;
    return r < 0 && at < n ? -1 : 0;
}

/* As much as the newer file has room for; *full: it has none for more. */
static int
scroll_file_fill(const char *path, size_t half, struct scroll_text *t,
                 bool *full, struct err *e)
{
    size_t size = 0, room, n = t->n - t->done;
    int fd = scroll_file_open(path, &size, e), rc = 0;

    if (fd < 0)
        return -1;
    room = size < half ? half - size : 0;
    *full = n > room;
    if (scroll_file_append(fd, t->bytes + t->done, n < room ? n : room,
                           &t->done) < 0)
        rc = err_sys(e, errno, "console text %s", path);
    if (close(fd) < 0 && rc == 0)
        rc = err_sys(e, errno, "console text %s", path);
    return rc;
}

int
scroll_file_add(const char *dir, const uint8_t uuid[16], size_t max_bytes,
                struct scroll_text *t, struct err *e)
{
    char path[PATH_ROOM], old[PATH_ROOM];
    size_t half = max_bytes / 2;
    bool full = false;

    if (scroll_file_make_dir(dir, e) < 0)
        return -1;
    scroll_file_path(path, dir, uuid, SCROLL_NEW);
    scroll_file_path(old, dir, uuid, SCROLL_OLD);
    while (t->done < t->n) {
        if (scroll_file_fill(path, half, t, &full, e) < 0)
            return -1;
        if (full && rename(path, old) < 0)
            return err_sys(e, errno, "console text %s", path);
    }
    return 0;
}

/* --- reading --- */

/* The last bytes of a file, at most max_bytes. *cut: there are older ones. */
static int
scroll_file_tail(const char *path, size_t max_bytes, struct buf *out, bool *cut,
                 struct err *e)
{
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    char chunk[READ_CHUNK];
    struct stat sb;
    off_t at, end;
    ssize_t r = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : err_sys(e, errno, "console text %s", path);
    if (fstat(fd, &sb) < 0 || !S_ISREG(sb.st_mode)) {
        close(fd);
        return err_set(e, ERR_INVALID, "console text %s: no regular file",
                       path);
    }
    end = sb.st_size;
    *cut = (size_t)end > max_bytes;
    for (at = *cut ? end - (off_t)max_bytes : 0; at < end; at += r) {
        size_t want = (size_t)(end - at);

        r = pread(fd, chunk, want < sizeof(chunk) ? want : sizeof(chunk), at);
        if (r <= 0)
            break;
        buf_add(out, chunk, (size_t)r);
    }
    close(fd);
    return r < 0 ? err_sys(e, errno, "console text %s", path) : 0;
}

/* Drops what is before the first line that is whole. */
static void
scroll_file_whole_lines(struct buf *b)
{
    const char *nl = b->len > 0 ? memchr(b->data, '\n', b->len) : NULL;

    if (nl != NULL)
        buf_consume(b, (size_t)(nl - b->data) + 1);
}

int
scroll_file_read(const char *dir, const uint8_t uuid[16], size_t max_bytes,
                 struct buf *out, struct err *e)
{
    struct buf older = { 0 }, newer = { 0 };
    bool older_cut = false, newer_cut = false;
    char path[PATH_ROOM];
    int rc;

    scroll_file_path(path, dir, uuid, SCROLL_NEW);
    rc = scroll_file_tail(path, max_bytes, &newer, &newer_cut, e);
    scroll_file_path(path, dir, uuid, SCROLL_OLD);
    if (rc == 0 && newer.len < max_bytes)
        rc = scroll_file_tail(path, max_bytes - newer.len, &older, &older_cut,
                              e);
    if (older_cut || (newer_cut && older.len == 0))
        scroll_file_whole_lines(older.len > 0 ? &older : &newer);
    if (rc == 0 && older.len > 0)
        buf_add(out, older.data, older.len);
    if (rc == 0 && newer.len > 0)
        buf_add(out, newer.data, newer.len);
    buf_free(&older);
    buf_free(&newer);
    return rc;
}

/* --- removing --- */

void
scroll_file_remove(const char *dir, const uint8_t uuid[16])
{
    char path[PATH_ROOM];

    scroll_file_path(path, dir, uuid, SCROLL_NEW);
    (void)unlink(path);
    scroll_file_path(path, dir, uuid, SCROLL_OLD);
    (void)unlink(path);
}

/* The uuid of a name that is one of ours. */
static bool
scroll_file_uuid(const char *name, uint8_t uuid[16])
{
    char text[UUID_CHARS + 1];
    size_t n = strlen(name);

    if (n != UUID_CHARS &&
        (n != UUID_CHARS + 4 || strcmp(name + UUID_CHARS, ".old") != 0))
        return false;
    text_fmt(text, sizeof(text), "%.*s", UUID_CHARS, name);
    return uuid_parse_text(text, uuid);
}

void
scroll_files_sweep(const char *dir,
                   bool (*keep)(void *arg, const uint8_t uuid[16]), void *arg)
{
    struct dirent **names;
    int i, n = scandir(dir, &names, NULL, NULL);
    uint8_t uuid[16];

    for (i = 0; i < n; i++) {
        if (scroll_file_uuid(names[i]->d_name, uuid) && !keep(arg, uuid))
            scroll_file_remove(dir, uuid);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}
