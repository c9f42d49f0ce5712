/*
 * vnet.c - virtual networks: the bridges of dom0, as xend's vnets were. Those
 * made here are noted in the state directory and made again at the start, for
 * a bridge does not survive a reboot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/dom0/dom0.h"
#include "engine/host/domains.h"
#include "engine/host/vnet.h"
#include "engine/task/task.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define NOTE_MAX 65536 /* bytes of the note */

/* --- the note of ours: a name a line --- */

static void
note_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/networks", engine_paths(en)->state);
}

/* None: none is ours. */
static int
note_read(const struct engine *en, struct buf *out, struct err *e)
{
    char path[320];
    struct err why = { 0 };

    note_path(en, path, sizeof(path));
    if (fd_read_file(path, NOTE_MAX, out, &why) == 0 || why.code == ERR_NOENT)
        return 0;
    if (e != NULL)
        *e = why;
    return -1;
}

/* The line of a name; NULL: it is not noted. */
static char *
note_find(const struct buf *b, const char *name)
{
    size_t n = strlen(name);
    char *p = b->data;

    while (p != NULL && *p != '\0') {
        if (strncmp(p, name, n) == 0 && (p[n] == '\n' || p[n] == '\0'))
            return p;
        p = strchr(p, '\n');
        if (p != NULL)
            p++;
    }
    return NULL;
}

/* The sync blocks the loop, and is meant to: a rename that is on disk before
 * its file is leaves an empty note after a power cut, and with it all networks
 * would be gone at the next start; and the operation says that it is done once
 * this has returned. It is a line a network, in the engine's own directory on
 * this host, written when an administrator makes or removes one. */
static int
note_write(const struct engine *en, const struct buf *b, struct err *e)
{
    char path[320], tmp[330];
    int fd, errnum = 0;

    note_path(en, path, sizeof(path));
    text_fmt(tmp, sizeof(tmp), "%s.new", path);
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(e, errno, "%s", tmp);
    if (fd_write_all(fd, buf_text(b), b->len) < 0 || fsync(fd) < 0)
        errnum = errno;
    if (close(fd) < 0 && errnum == 0)
        errnum = errno;
    if (errnum == 0 && rename(tmp, path) < 0)
        errnum = errno;
    if (errnum == 0)
        return 0;
    (void)unlink(tmp);
    return err_sys(e, errnum, "%s", path);
}

static int
note_add(const struct engine *en, const char *name, struct err *e)
{
    struct buf b = { 0 };
    int rc = note_read(en, &b, e);

    if (rc == 0 && note_find(&b, name) == NULL) {
        buf_fmt(&b, "%s\n", name);
        rc = note_write(en, &b, e);
    }
    buf_free(&b);
    return rc;
}

static int
note_del(const struct engine *en, const char *name, struct err *e)
{
    struct buf b = { 0 };
    char *at;
    int rc = note_read(en, &b, e);

    at = rc == 0 ? note_find(&b, name) : NULL;
    if (at != NULL) {
        char *end = strchr(at, '\n');

        end = end != NULL ? end + 1 : b.data + b.len;
        memmove(at, end, (size_t)(b.data + b.len - end));
        b.len -= (size_t)(end - at);
        rc = note_write(en, &b, e);
    }
    buf_free(&b);
    return rc;
}

/* --- reading --- */

size_t
engine_vnets(struct engine *en, struct vnet *out, size_t max)
{
    struct buf b = { 0 };
    size_t i, n = 0;

    if (dom0_bridge_list(engine_dom0(en), out, max, &n, NULL) < 0)
        return 0;
    (void)note_read(en, &b, NULL);
    for (i = 0; i < n && i < max; i++)
        out[i].ours = note_find(&b, out[i].name) != NULL;
    buf_free(&b);
    return n;
}

bool
vnet_find(struct engine *en, const char *name, struct vnet *out)
{
    struct vnet *all = xcalloc(VNETS_MAX, sizeof(*all));
    size_t i, n = engine_vnets(en, all, VNETS_MAX);
    bool found = false;

    for (i = 0; i < n && i < VNETS_MAX && !found; i++)
        if (strcmp(all[i].name, name) == 0) {
            *out = all[i];
            found = true;
        }
    free(all);
    return found;
}

/* --- making and removing --- */

struct network {
    struct task t;
    char name[16];
    bool remove;
};

static int
check_name(const char *name, struct err *e)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strlen(name);
    bool letter = (name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z';

    if (n == 0 || n > 15 || !letter || strspn(name, allowed) != n)
        return err_set(e, ERR_INVALID,
                       "network: found '%s', allowed 1 to 15 of letters, "
                       "digits, '.', '_' and '-', a letter first",
                       name);
    return 0;
}

static int
check_removable(struct engine *en, const char *name, struct err *e)
{
    struct vnet v;

    if (!vnet_find(en, name, &v))
        return err_set(e, ERR_NOENT, "there is no network '%s'", name);
    if (v.n_members > 0)
        return err_set(e, ERR_BUSY, "network '%s' is in use by %s", name,
                       v.members);
    if (!v.ours)
        return err_set(e, ERR_DENIED,
                       "network '%s' was not made by vnet-create: whatever "
                       "made it removes it",
                       name);
    return 0;
}

/* Noted first: one that is not noted nobody here may remove. */
static int
vnet_make(struct engine *en, const char *name, struct err *e)
{
    struct vnet v;

    if (vnet_find(en, name, &v))
        return err_set(e, ERR_EXISTS, "there is a network '%s' already", name);
    if (note_add(en, name, e) < 0)
        return -1;
    if (dom0_bridge_create(engine_dom0(en), name, e) == 0)
        return 0;
    (void)note_del(en, name, NULL);
    return -1;
}

static int
unmake(struct engine *en, const char *name, struct err *e)
{
    if (check_removable(en, name, e) < 0 ||
        dom0_bridge_remove(engine_dom0(en), name, e) < 0)
        return -1;
    return note_del(en, name, e);
}

/* The note is one file for all: who writes it alone loses no line of
 * another's. */
static enum step_rc
run_network(struct task *t, struct err *e)
{
    const struct network *nw = container_of(t, struct network, t);
    enum step_rc got;
    int rc, lock;

    got = task_lock_names(t, &lock, e);
    if (got != STEP_DONE)
        return got;
    rc =
        nw->remove ? unmake(t->en, nw->name, e) : vnet_make(t->en, nw->name, e);
    close(lock);
    return rc == 0 ? STEP_DONE : STEP_FAIL;
}

static void
network_free(struct task *t)
{
    free(container_of(t, struct network, t));
}

static const struct step steps[] = {
    { .id = "bridge", .label = "bridge", .run = run_network }
};
static const struct task_type type = { .steps = steps,
                                       .n_steps = 1,
                                       .free = network_free };

static uint64_t
vnet_begin(struct engine *en, const char *name, bool remove)
{
    struct network *nw = xcalloc(1, sizeof(*nw));

    text_fmt(nw->name, sizeof(nw->name), "%s", name);
    nw->remove = remove;
    return task_begin(en, &nw->t, &type, OP_NETWORK, NULL, name);
}

int
engine_vnet_create(struct engine *en, const char *name, uint64_t *op_out,
                   struct err *e)
{
    struct vnet v;
    uint64_t op;

    if (check_name(name, e) < 0)
        return -1;
    if (vnet_find(en, name, &v))
        return err_set(e, ERR_EXISTS, "there is a network '%s' already", name);
    op = vnet_begin(en, name, false);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_vnet_delete(struct engine *en, const char *name, uint64_t *op_out,
                   struct err *e)
{
    uint64_t op;

    if (check_name(name, e) < 0 || check_removable(en, name, e) < 0)
        return -1;
    op = vnet_begin(en, name, true);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

/* --- at the start --- */

static void
make_again(struct engine *en, const char *name)
{
    struct err e = { 0 };
    struct vnet v;

    if (check_name(name, NULL) < 0 || vnet_find(en, name, &v))
        return;
    if (dom0_bridge_create(engine_dom0(en), name, &e) < 0)
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL, "network %s: %s", name,
                  e.msg);
    else
        event_add(en, EVENT_ENGINE, EVENT_INFO, NULL,
                  "network %s is made again, it was missing", name);
}

void
vnets_restore(struct engine *en)
{
    struct buf b = { 0 };
    char *name, *save = NULL;
    struct err e = { 0 };

    if (note_read(en, &b, &e) < 0)
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "networks are not made again: %s", e.msg);
    if (b.data != NULL)
        for (name = strtok_r(b.data, "\n", &save); name != NULL;
             name = strtok_r(NULL, "\n", &save))
            make_again(en, name);
    buf_free(&b);
}
