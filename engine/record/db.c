/*
 * db.c - see db.h.
 */
#include "engine/record/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/value.h"
#include "engine/config/load.h"
#include "src/base/conf.h"
#include "src/base/fdio.h"

#define FILE_MAX (1024 * 1024)

static void
db_path(char *dst, size_t n, const char *dir, const uint8_t uuid[16],
        const char *suffix)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s%s", dir, text, suffix);
}

static int
db_write_file(const char *path, const struct buf *b, bool sync, struct err *e)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int errnum = 0;

    if (fd < 0)
        return err_sys(e, errno, "configuration %s", path);
    if (fd_write_all(fd, b->data, b->len) < 0 || (sync && fsync(fd) < 0))
        errnum = errno;
    if (close(fd) < 0 && errnum == 0)
        errnum = errno;
    if (errnum != 0) {
        (void)unlink(path);
        return err_sys(e, errnum, "configuration %s", path);
    }
    return 0;
}

/* The rename is on disk once its directory is.
 *
 * This sync and that of the file block the loop, and are meant to: `define'
 * says that it is done, and a domain that was saved is destroyed, once this has
 * returned; after a power cut the definition, or where the memory lies, has to
 * be there, whole. Given to a helper, each of the dozen callers (a rename, a
 * changed device, a reboot amid a death) would become a step that waits, with
 * the old record in force meanwhile. It is a file of some KiB in the engine's
 * own directory on this host, not written if nothing has changed; what changes
 * with each life of a domain that is not kept is not synced. */
void
db_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* What stands there already is not written again: a full disk then harms
 * nobody. */
static bool
file_holds(const char *path, const struct buf *b)
{
    struct buf now = { 0 };
    bool same = fd_read_file(path, FILE_MAX, &now, NULL) == 0 &&
                now.len == b->len && b->len > 0 &&
                memcmp(now.data, b->data, b->len) == 0;

    buf_free(&now);
    return same;
}

/* Old or new, never half of either. */
static int
replace_file(const char *path, const struct buf *b, bool sync, struct err *e)
{
    char tmp[520];

    if (file_holds(path, b))
        return 0;
    text_fmt(tmp, sizeof(tmp), "%s.new", path);
    if (db_write_file(tmp, b, sync, e) < 0)
        return -1;
    if (rename(tmp, path) == 0)
        return 0;
    err_sys(e, errno, "configuration %s", path);
    (void)unlink(tmp);
    return -1;
}

int
db_replace_file(const char *path, const struct buf *text, struct err *e)
{
    return replace_file(path, text, false, e);
}

int
db_put_text(const char *dir, const uint8_t uuid[16], const char *suffix,
            const struct buf *text, struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, suffix);
    if (replace_file(path, text, true, e) < 0)
        return -1;
    db_sync(dir);
    return 0;
}

int
db_get_text(const char *dir, const uint8_t uuid[16], const char *suffix,
            struct buf *out, struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, suffix);
    return fd_read_file(path, FILE_MAX, out, e);
}

int
db_save(const char *dir, const uint8_t uuid[16], const struct domain_config *c,
        struct err *e)
{
    char path[512];
    struct buf b = { 0 };
    int rc;

    db_path(path, sizeof(path), dir, uuid, ".conf");
    rc = config_print_checked(c, &b, e);
    if (rc == 0)
        rc = replace_file(path, &b, true, e);
    buf_free(&b);
    if (rc == 0)
        db_sync(dir);
    return rc;
}

int
db_load(const char *dir, const uint8_t uuid[16], struct domain_config **out,
        struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, ".conf");
    return config_load(path, out, e);
}

static int
remove_file(const char *dir, const uint8_t uuid[16], const char *suffix,
            struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, suffix);
    if (unlink(path) < 0 && errno != ENOENT)
        return err_sys(e, errno, "configuration %s", path);
    return 0;
}

int
db_drop_text(const char *dir, const uint8_t uuid[16], const char *suffix,
             struct err *e)
{
    if (remove_file(dir, uuid, suffix, e) < 0)
        return -1;
    db_sync(dir);
    return 0;
}

/* The state first: without it a configuration is no definition, and a later
 * look for leftovers finishes this. What was kept does not come back after a
 * power cut. */
int
db_remove(const char *dir, const uint8_t uuid[16], struct err *e)
{
    bool was_kept = db_kept(dir, uuid);

    if (remove_file(dir, uuid, ".state", e) < 0)
        return -1;
    if (was_kept)
        db_sync(dir);
    return remove_file(dir, uuid, ".conf", e);
}

int
db_forget(const char *dir, const uint8_t uuid[16], struct err *e)
{
    return db_kept(dir, uuid) ? 0 : db_remove(dir, uuid, e);
}

bool
db_is_conf(const char *name, uint8_t uuid[16])
{
    char text[37];

    if (strlen(name) != 36 + strlen(".conf") || strcmp(name + 36, ".conf") != 0)
        return false;
    text_fmt(text, sizeof(text), "%.36s", name);
    return uuid_parse_text(text, uuid);
}

/* --- what is known of its lives --- */

static double
db_number(const config_t *cf, const char *path, const char *name)
{
    const config_setting_t *s = config_lookup(cf, name);
    double v = 0;

    if (s == NULL || conf_number(path, s, 0, 1e11, &v, NULL) < 0)
        return 0;
    return v;
}

void
db_state_load(const char *dir, const uint8_t uuid[16], struct db_state *out)
{
    const char *end = "", *saved = "";
    char path[512];
    config_t cf;
    int defined = 1, refused = 0, redefined = 0, resume = 0, held = 0;
    struct err e = { 0 };

    *out = (struct db_state){ 0 };
    db_path(path, sizeof(path), dir, uuid, ".state");
    if (conf_load(path, &cf, &e) < 0) {
        out->defined = e.code != ERR_NOENT;
        out->unread = e.sys != 0 && e.code != ERR_NOENT;
        out->redefined = out->unread; /* nobody concludes that it was not */
        return;
    }
    (void)config_lookup_bool(&cf, "defined", &defined);
    (void)config_lookup_string(&cf, "last_end", &end);
    (void)config_lookup_string(&cf, "saved", &saved);
    (void)config_lookup_bool(&cf, "refused", &refused);
    (void)config_lookup_bool(&cf, "held", &held);
    (void)config_lookup_bool(&cf, "redefined", &redefined);
    (void)config_lookup_bool(&cf, "resume", &resume);
    out->defined = defined != 0;
    out->refused = refused != 0;
    out->held = held != 0;
    out->redefined = redefined != 0;
    out->restarts = (unsigned)db_number(&cf, path, "restarts");
    out->start_wall_s = db_number(&cf, path, "start");
    out->last_end_wall_s = db_number(&cf, path, "last_end_time");
    text_safe(out->last_end, sizeof(out->last_end), end, strlen(end));
    text_fmt(out->saved, sizeof(out->saved), "%s", saved);
    out->resume = resume != 0 && saved[0] != '\0';
    config_destroy(&cf);
}

int
db_state_check(const char *dir, const uint8_t uuid[16],
               const struct db_state *s, struct err *e)
{
    char path[512];

    db_path(path, sizeof(path), dir, uuid, ".state");
    if (!s->unread)
        return 0;
    return err_set(e, ERR_BUSY,
                   "file %s could not be read and is not replaced: try again "
                   "once it can be read, or remove it",
                   path);
}

static bool
db_state_kept(const struct db_state *s)
{
    return s->defined || s->saved[0] != '\0' || s->held;
}

int
db_state_save(const char *dir, const uint8_t uuid[16], const struct db_state *s,
              struct err *e)
{
    bool kept = db_state_kept(s) || db_kept(dir, uuid);
    struct buf b = { 0 };
    char path[512];
    int rc;

    if (db_state_check(dir, uuid, s, e) < 0)
        return -1;
    db_path(path, sizeof(path), dir, uuid, ".state");
    buf_fmt(&b, "defined = %s;\nrestarts = %u;\nstart = %.2f;\n",
            s->defined ? "true" : "false", s->restarts, s->start_wall_s);
    buf_fmt(&b, "last_end = \"%s\";\nlast_end_time = %.2f;\n", s->last_end,
            s->last_end_wall_s);
    if (s->refused)
        buf_str(&b, "refused = true;\n");
    if (s->held)
        buf_str(&b, "held = true;\n");
    if (s->redefined)
        buf_str(&b, "redefined = true;\n");
    if (s->saved[0] != '\0') {
        buf_str(&b, "saved = ");
        value_quoted(&b, s->saved);
        buf_fmt(&b, ";\nresume = %s;\n", s->resume ? "true" : "false");
    }
    /* History may be lost with the power; a definition may not, nor may one
     * come back, nor a saved domain that runs again. */
    rc = replace_file(path, &b, kept, e);
    buf_free(&b);
    if (rc == 0 && kept)
        db_sync(dir);
    return rc;
}

bool
db_defined(const char *dir, const uint8_t uuid[16])
{
    struct db_state s;

    db_state_load(dir, uuid, &s);
    return s.defined;
}

bool
db_kept(const char *dir, const uint8_t uuid[16])
{
    struct db_state s;

    db_state_load(dir, uuid, &s);
    return db_state_kept(&s);
}
