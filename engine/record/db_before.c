/*
 * db_before.c - see db_before.h. The files beside are links, so that nothing is
 * copied: those of db.c are replaced by renaming, never written into.
 */
#include "engine/record/db_before.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/uuid.h"
#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "src/base/text.h"

#define BEFORE_MAX (1024 * 1024)

static const char *const before_suffix[] = { ".conf", ".state" };

static void
before_path(char *dst, size_t n, const char *dir, const uint8_t uuid[16],
            const char *suffix, const char *was)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s%s%s", dir, text, suffix, was);
}

static int
keep_one(const char *path, const char *was, struct buf *text, bool *there,
         struct err *e)
{
    if (unlink(was) < 0 && errno != ENOENT)
        return err_sys(e, errno, "file %s", was);
    *there = true;
    if (fd_read_file(path, BEFORE_MAX, text, e) == 0) {
        if (link(path, was) < 0)
            return err_sys(e, errno, "file %s", was);
        return 0;
    }
    if (e->code != ERR_NOENT)
        return -1;
    *there = false;
    err_clear(e);
    return 0;
}

int
db_before_keep(const char *dir, const uint8_t uuid[16], struct db_before *b,
               struct err *e)
{
    struct buf *const texts[] = { &b->conf, &b->state };
    bool *const there[] = { &b->conf_there, &b->state_there };
    char path[512], was[512];
    unsigned i;

    db_before_fini(b);
    for (i = 0; i < 2; i++) {
        before_path(path, sizeof(path), dir, uuid, before_suffix[i], "");
        before_path(was, sizeof(was), dir, uuid, before_suffix[i], ".was");
        if (keep_one(path, was, texts[i], there[i], e) < 0) {
            db_before_whole(dir, uuid);
            return -1;
        }
    }
    b->kept = true;
    return 0;
}

/* The state first: a configuration alone is no definition. */
void
db_before_whole(const char *dir, const uint8_t uuid[16])
{
    bool stood = false;
    char was[512];
    unsigned i;

    for (i = 2; i-- > 0;) {
        before_path(was, sizeof(was), dir, uuid, before_suffix[i], ".was");
        stood = unlink(was) == 0 || stood;
    }
    if (stood) /* a sync of the creation's own files has had them on disk */
        db_sync(dir);
}

int
db_before_back(const char *dir, const uint8_t uuid[16], struct db_before *b,
               struct err *e)
{
    int rc = 0;

    if (!b->state_there || !b->conf_there)
        rc = db_remove(dir, uuid, e);
    if (rc == 0 && b->conf_there)
        rc = db_put_text(dir, uuid, before_suffix[0], &b->conf, e);
    if (rc == 0 && b->state_there)
        rc = db_put_text(dir, uuid, before_suffix[1], &b->state, e);
    if (rc == 0)
        db_before_whole(dir, uuid);
    b->kept = false;
    return rc;
}

bool
db_before_found(const char *dir, const uint8_t uuid[16])
{
    char path[512], was[512];
    bool found = false;
    unsigned i;

    for (i = 0; i < 2; i++) {
        before_path(path, sizeof(path), dir, uuid, before_suffix[i], "");
        before_path(was, sizeof(was), dir, uuid, before_suffix[i], ".was");
        if (rename(was, path) < 0)
            continue;
        /* Of two links to one file rename removes neither. */
        (void)unlink(was);
        found = true;
    }
    return found;
}

bool
db_before_is(const char *name, uint8_t uuid[16])
{
    char text[37];

    if (strlen(name) < 36 || (strcmp(name + 36, ".conf.was") != 0 &&
                              strcmp(name + 36, ".state.was") != 0))
        return false;
    text_fmt(text, sizeof(text), "%.36s", name);
    return uuid_parse_text(text, uuid);
}

void
db_before_fini(struct db_before *b)
{
    buf_free(&b->conf);
    buf_free(&b->state);
    *b = (struct db_before){ 0 };
}
