/*
 * userdata.c - see userdata.h.
 */
#include "engine/record/userdata.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/task/xl_lock.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define FILE_MAX       (1024 * 1024)
#define HISTORY_MAX    (256 * 1024)
#define HISTORY_KEEP_S 60 /* as long as libxl refuses a domid */

/* kind and name may be patterns. The caller's to free. */
static char *
userdata_path(const char *dir, uint32_t domid, const uint8_t uuid[16],
              const char *kind, const char *name)
{
    char text[37];

    uuid_print_text(uuid, text);
    return xasprintf("%s/userdata-%s.%u.%s.%s", dir, kind, domid, text, name);
}

/* libxl wants the terminating NUL in the file. */
static int
write_text(const char *path, const char *text)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int errnum = 0;

    if (fd < 0)
        return errno;
    if (fd_write_all(fd, text, strlen(text) + 1) < 0)
        errnum = errno;
    if (close(fd) < 0 && errnum == 0)
        errnum = errno;
    if (errnum != 0)
        (void)unlink(path);
    return errnum;
}

int
userdata_save(const char *dir, uint32_t domid, const uint8_t uuid[16],
              struct json_object *o, struct err *e)
{
    char *path = userdata_path(dir, domid, uuid, "d", "libxl-json");
    char *aside = userdata_path(dir, domid, uuid, "n", "libxl-json");
    int errnum = write_text(
        aside, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
    int rc = 0;

    if (errnum == 0 && rename(aside, path) < 0) {
        errnum = errno;
        (void)unlink(aside);
    }
    if (errnum != 0)
        rc = err_sys(e, errnum, "file %s for xl", path);
    free(path);
    free(aside);
    return rc;
}

int
userdata_load(const char *dir, uint32_t domid, const uint8_t uuid[16],
              struct json_object **out, struct err *e)
{
    char *path = userdata_path(dir, domid, uuid, "d", "libxl-json");
    struct buf b = { 0 };
    int rc = 0;

    *out = NULL;
    if (access(path, F_OK) == 0 || errno != ENOENT) {
        rc = fd_read_file(path, FILE_MAX, &b, e);
        if (rc == 0)
            *out = json_tokener_parse(buf_text(&b));
        if (rc == 0 && !json_object_is_type(*out, json_type_object))
            rc = err_set(e, ERR_INVALID, "file %s for xl: not a JSON object",
                         path);
    }
    if (rc < 0) {
        json_object_put(*out);
        *out = NULL;
    }
    buf_free(&b);
    free(path);
    return rc;
}

static int
set_name(const char *dir, uint32_t domid, const uint8_t uuid[16],
         const char *name, struct err *e)
{
    json_object *o, *info;
    int rc = userdata_load(dir, domid, uuid, &o, e);

    if (rc == 0 && o != NULL && json_object_object_get_ex(o, "c_info", &info) &&
        json_object_is_type(info, json_type_object)) {
        json_object_object_add(info, "name", json_object_new_string(name));
        rc = userdata_save(dir, domid, uuid, o, e);
    }
    json_object_put(o);
    return rc;
}

int
userdata_set_name(const char *dir, uint32_t domid, const uint8_t uuid[16],
                  const char *name, struct err *e)
{
    int rc, fd = xl_lock(dir, domid, uuid, XL_LOCK_USERDATA, e);

    if (fd < 0)
        return -1;
    rc = set_name(dir, domid, uuid, name, e);
    xl_unlock(dir, domid, uuid, XL_LOCK_USERDATA, fd);
    return rc;
}

/* takes pattern */
static void
remove_matching(char *pattern)
{
    glob_t g;
    size_t i;

    if (glob(pattern, 0, NULL, &g) == 0) {
        for (i = 0; i < g.gl_pathc; i++)
            (void)unlink(g.gl_pathv[i]);
        globfree(&g);
    }
    free(pattern);
}

void
userdata_remove(const char *dir, uint32_t domid, const uint8_t uuid[16])
{
    remove_matching(userdata_path(dir, domid, uuid, "?", "*"));
}

void
userdata_remove_all(const char *dir, const uint8_t uuid[16])
{
    char text[37];

    uuid_print_text(uuid, text);
    remove_matching(xasprintf("%s/userdata-?.*.%s.*", dir, text));
}

void
userdata_rename(const char *dir, uint32_t domid, const uint8_t from[16],
                const uint8_t to[16])
{
    char *pattern = userdata_path(dir, domid, from, "?", "*");
    char old[37], new[37];
    glob_t g;
    size_t i;

    uuid_print_text(from, old);
    uuid_print_text(to, new);
    if (glob(pattern, 0, NULL, &g) == 0) {
        for (i = 0; i < g.gl_pathc; i++) {
            char *path = xstrdup(g.gl_pathv[i]), *at = strstr(path, old);

            if (at != NULL)
                memcpy(at, new, strlen(new));
            (void)rename(g.gl_pathv[i], path);
            free(path);
        }
        globfree(&g);
    }
    free(pattern);
}

/* Keeps the lines that are young enough, and adds ours. */
static void
history_lines(const char *old, uint32_t domid, uint64_t now_s, struct buf *out)
{
    const char *s = old;

    while (*s != '\0') {
        size_t n = strcspn(s, "\n");
        unsigned long long at = strtoull(s, NULL, 10);

        if (n > 0 && at <= now_s && now_s - at < HISTORY_KEEP_S) {
            buf_add(out, s, n);
            buf_chr(out, '\n');
        }
        s += n + (s[n] == '\n');
    }
    buf_fmt(out, "%llu %u\n", (unsigned long long)now_s, domid);
}

static int
history_write(const char *path, uint32_t domid, uint64_t now_s, struct err *e)
{
    struct buf old = { 0 }, lines = { 0 };
    struct err why = { 0 };
    char tmp[300];
    int out, rc = 0;

    text_fmt(tmp, sizeof(tmp), "%s.xendeck", path);
    if (fd_read_file(path, HISTORY_MAX, &old, &why) < 0 &&
        why.code != ERR_NOENT)
        return err_set(e, why.code, "history of domids: %s", why.msg);
    history_lines(buf_text(&old), domid, now_s, &lines);
    out =
        open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (out < 0 || fd_write_all(out, lines.data, lines.len) < 0 ||
        rename(tmp, path) < 0)
        rc = err_sys(e, errno, "history of domids %s", path);
    if (out >= 0)
        close(out);
    buf_free(&old);
    buf_free(&lines);
    return rc;
}

int
domid_history_add(const char *path, uint32_t domid, uint64_t now_s,
                  struct err *e)
{
    char lock[300];
    int fd, rc;

    if (path[0] == '\0')
        return 0;
    text_fmt(lock, sizeof(lock), "%s.lock", path);
    fd = xl_lock_file(lock, e);
    if (fd < 0)
        return -1;
    rc = history_write(path, domid, now_s, e);
    /* The lock file goes while it is held, as libxl does: whoever waits for
     * it then finds another inode and tries again. */
    (void)unlink(lock);
    close(fd);
    return rc;
}
