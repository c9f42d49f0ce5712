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
keep_one(const char *dir, const uint8_t uuid[16], unsigned i, struct buf *text,
         struct err *e)
{
    char path[512], was[512];

    before_path(path, sizeof(path), dir, uuid, before_suffix[i], "");
    before_path(was, sizeof(was), dir, uuid, before_suffix[i], ".was");
    if (unlink(was) < 0 && errno != ENOENT)
        return err_sys(e, errno, "file %s", was);
    if (db_get_text(dir, uuid, before_suffix[i], text, e) < 0)
        return -1;
    return link(path, was) < 0 ? err_sys(e, errno, "file %s", was) : 0;
}

int
db_before_keep(const char *dir, const uint8_t uuid[16], struct db_before *b,
               struct err *e)
{
    struct buf *const texts[] = { &b->conf, &b->state };
    bool *const there[] = { &b->conf_there, &b->state_there };
    unsigned i;

    db_before_fini(b);
    for (i = 0; i < 2; i++) {
        *there[i] = keep_one(dir, uuid, i, texts[i], e) == 0;
        if (!*there[i] && e->code != ERR_NOENT) {
            db_before_whole(dir, uuid);
            return -1;
        }
        err_clear(e);
    }
    b->kept = true;
    db_before_own(dir, uuid, b);
    return 0;
}

/* Is it there as it was, or still missing? What cannot be read says nothing. */
static bool
is_own(const char *dir, const uint8_t uuid[16], const char *suffix,
       const struct buf *own)
{
    struct buf now = { 0 };
    struct err e = { 0 };
    bool same = db_get_text(dir, uuid, suffix, &now, &e) < 0
                    ? e.code != ERR_NOENT || own->len == 0
                    : strcmp(buf_text(&now), buf_text(own)) == 0;

    buf_free(&now);
    return same;
}

void
db_before_look(const char *dir, const uint8_t uuid[16], struct db_before *b)
{
    if (!b->kept)
        return;
    b->others_conf |= !is_own(dir, uuid, before_suffix[0], &b->own_conf);
    b->others_state |= !is_own(dir, uuid, before_suffix[1], &b->own_state);
}

void
db_before_own(const char *dir, const uint8_t uuid[16], struct db_before *b)
{
    struct buf *const own[] = { &b->own_conf, &b->own_state };
    unsigned i;

    for (i = 0; i < 2 && b->kept; i++) {
        buf_free(own[i]);
        (void)db_get_text(dir, uuid, before_suffix[i], own[i], NULL);
    }
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

/* One that others have changed is of a definition that was there before. */
static int
put_back(const char *dir, const uint8_t uuid[16], const struct db_before *b,
         struct err *e)
{
    int rc = 0;

    if (!b->state_there || !b->conf_there)
        rc = db_remove(dir, uuid, e);
    if (rc == 0 && b->conf_there && !b->others_conf)
        rc = db_put_text(dir, uuid, before_suffix[0], &b->conf, e);
    if (rc == 0 && b->state_there)
        rc = db_put_text(dir, uuid, before_suffix[1], &b->state, e);
    return rc;
}

int
db_before_back(const char *dir, const uint8_t uuid[16], struct db_before *b,
               struct err *e)
{
    int rc = 0;

    db_before_look(dir, uuid, b);
    if (b->others_state) /* defined, or no longer */
        rc = db_forget(dir, uuid, e);
    else
        rc = put_back(dir, uuid, b, e);
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
    buf_free(&b->own_conf);
    buf_free(&b->own_state);
    *b = (struct db_before){ 0 };
}
