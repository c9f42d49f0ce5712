/*
 * save_restore.c - a saved domain comes back: its file is opened, checked and
 * read up to where its memory begins; the rest is a creation that is given the
 * stream in the place of a kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/load.h"
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "engine/life/create_int.h"
#include "engine/life/define.h"
#include "engine/life/formats.h"
#include "engine/life/save/save_int.h"
#include "engine/life/save/save_restore.h"
#include "engine/saved/saved_file.h"
#include "engine/task/xl_line.h"

/* --- the file */

/* Opening never blocks; what is no file is refused. */
static int
restore_open(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat sb;

    if (fd < 0)
        return err_sys(e, errno, "file %s", path);
    if (fstat(fd, &sb) < 0 || !S_ISREG(sb.st_mode)) {
        close(fd);
        return err_set(e, ERR_INVALID, "%s is no regular file", path);
    }
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

/* As xl has it: JSON, or the text of an xl.cfg. */
static int
restore_parse_xl(const struct saved_head *h, const struct config_src *src,
                 struct domain_config **out)
{
    struct buf cfg = { 0 };
    int rc = 0;

    if (h->json)
        rc = config_xl_from_json(buf_text(&h->config), &cfg, src->e);
    else
        buf_str(&cfg, buf_text(&h->config));
    if (rc == 0)
        rc = config_xl_parse(buf_text(&cfg), src, out);
    else
        err_wrap(src->e, "%s", src->file);
    buf_free(&cfg);
    return rc;
}

int
restore_parse(const struct saved_head *h, const struct config_src *src,
              struct domain_config **out)
{
    if (h->native.len > 0)
        return config_parse(buf_text(&h->native), src->file, src->dir, out,
                            src->e);
    return restore_parse_xl(h, src, out);
}

static int
restore_load(const char *path, struct domain_config **out,
             struct create_from *from, struct buf *warn, struct err *e)
{
    struct config_src src = { .file = path, .dir = "/", .warn = warn, .e = e };
    struct saved_head h = { 0 };
    int rc;

    from->fd = restore_open(path, e);
    if (from->fd < 0)
        return -1;
    rc = saved_head_read(from->fd, path, &h, e);
    if (rc == 0)
        rc = restore_parse(&h, &src, out);
    from->packed = h.packed;
    if (rc < 0)
        close(from->fd);
    saved_head_fini(&h);
    return rc;
}

/* --- its identity */

/* A definition of this name is its own, or in the way. */
int
restore_check_name(struct engine *en, struct domain_config *c, struct err *e)
{
    const struct dom_entry *de;
    const struct def *f;

    if (!c->uuid_set && uuid_make(c->uuid, e) < 0)
        return -1;
    c->uuid_set = true;
    /* What another tool ended a moment ago is gone, not in the way. */
    if (domains_scan(en, false, e) < 0 ||
        create_check_begun(en, c->name, e) < 0)
        return -1;
    f = defs_by_uuid(en, c->uuid);
    de = domains_by_uuid(en, c->uuid);
    /* The creation waits for one that is dying. */
    if (de != NULL && !(de->d.flags & DOM_F_DYING))
        return err_set(e, ERR_EXISTS,
                       "%s: '%s' runs already, as domain %u: end it first",
                       c->file, de->d.name, de->d.domid);
    return f == NULL ? defs_check_free(en, c, e) : 0;
}

static void
restore_note(struct task *t, const char *path, bool paused, bool packed)
{
    oplog_note(t, "file", "%s", path);
    if (!packed)
        task_set_xl_words(t, paused ? "xl restore -p" : "xl restore",
                          (const char *const[]){ path, NULL });
}

static int
restore_begin(struct engine *en, const char *path, bool paused,
              uint64_t *op_out, struct err *e)
{
    struct create_opts o = { .paused = paused };
    struct create_from from = { .fd = -1 };
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    uint64_t op;
    int rc = restore_load(path, &c, &from, &warn, e);

    if (rc == 0 && restore_check_name(en, c, e) < 0) {
        close(from.fd);
        config_free(c);
        rc = -1;
    }
    if (rc == 0) {
        formats_warn(en, c->name, &warn);
        op = create_begin_from(en, c, &from, &o);
        restore_note(task_by_op(en, op), path, paused, from.packed);
        if (op_out != NULL)
            *op_out = op;
    }
    buf_free(&warn);
    return rc;
}

/* --- the verbs */

bool
engine_saved_file(const struct engine *en, uint64_t dom_id, char *dst,
                  unsigned dst_size)
{
    const struct dom *d = defs_off_by_id(en, dom_id);
    struct db_state s;

    if (d == NULL || !d->saved)
        return false;
    db_state_load(engine_paths(en)->state, d->uuid, &s);
    text_fmt(dst, dst_size, "%s", s.saved);
    return s.saved[0] != '\0';
}

int
engine_restore(struct engine *en, const char *path, bool paused,
               uint64_t *op_out, struct err *e)
{
    return restore_begin(en, path, paused, op_out, e);
}
