/*
 * nodes.c - see nodes.h. The names, values and permissions are those that
 * libxl 4.17 writes for a PV domain, so that xl's commands work on ours; the
 * mark below /libxl/DOMID/xendeck is the only addition.
 */
#include "engine/life/nodes.h"

#include <string.h>

#include "engine/life/mark.h"

#define CONSOLE_LIMIT "1048576"

/* dom0 only; the guest may read; the guest owns it. */
enum perm { PERM_NOPERM, PERM_RO, PERM_RW };

struct node {
    const char *path; /* below /local/domain/DOMID */
    const char *value;
    enum perm perm;
};

static const struct node skeleton[] = {
    { "cpu", "", PERM_RO },
    { "memory", "", PERM_RO },
    { "device", "", PERM_RO },
    { "control", "", PERM_RO },
    { "device/suspend", "", PERM_RO },
    { "device/suspend/event-channel", "", PERM_RW },
    { "control/shutdown", "", PERM_RW },
    { "control/feature-poweroff", "", PERM_RW },
    { "control/feature-reboot", "", PERM_RW },
    { "control/feature-suspend", "", PERM_RW },
    { "control/sysrq", "", PERM_RW },
    { "control/platform-feature-multiprocessor-suspend", "1", PERM_RO },
    { "control/platform-feature-xs_reset_watches", "1", PERM_RO },
    { "data", "", PERM_RW },
    { "drivers", "", PERM_RW },
    { "feature", "", PERM_RW },
    { "attr", "", PERM_RW },
    { "error", "", PERM_RW },
};

/* Directories that creation may be the first to need on this host. */
static const char *const parents[] = {
    "/vm",
    "/libxl",
    "/local/domain/0/backend/console",
    "/local/domain/0/backend",
};

#define N_PARENTS (sizeof(parents) / sizeof(parents[0]))

struct paths {
    char fe[64], lx[64], vm[64], back[96], mark[96];
};

static void
paths_fill(struct paths *p, uint32_t domid, const uint8_t uuid[16])
{
    char text[37];

    uuid_print_text(uuid, text);
    store_path(p->fe, sizeof(p->fe), "/local/domain/%u", domid);
    store_path(p->lx, sizeof(p->lx), "/libxl/%u", domid);
    store_path(p->vm, sizeof(p->vm), "/vm/%s", text);
    store_path(p->back, sizeof(p->back), "/local/domain/0/backend/console/%u",
               domid);
    store_path(p->mark, sizeof(p->mark), "/libxl/%u/" MARK_DIR, domid);
}

static int
put(struct store *st, store_tx tx, uint32_t domid, const char *path,
    const char *value, enum perm perm, struct err *e)
{
    struct store_perm p[2] = { { 0, STORE_PERM_NONE },
                               { domid, STORE_PERM_READ } };
    size_t n = perm == PERM_RO ? 2 : 1;

    if (perm == PERM_RW)
        p[0].domid = domid;
    if (store_write(st, tx, path, value, e) < 0)
        return -1;
    return store_set_perms(st, tx, path, p, n, e);
}

static int
put_below(struct store *st, store_tx tx, uint32_t domid, const char *dir,
          const struct node *nd, struct err *e)
{
    char path[STORE_PATH_MAX];

    store_path(path, sizeof(path), "%s/%s", dir, nd->path);
    return put(st, tx, domid, path, nd->value, nd->perm, e);
}

static int
note_parents(struct store *st, store_tx tx, const char *mark, struct err *e)
{
    struct buf made = { 0 };
    char path[128];
    size_t i;
    int rc;

    for (i = 0; i < N_PARENTS; i++)
        if (!store_exists(st, tx, parents[i]))
            buf_fmt(&made, "%s%s", made.len > 0 ? " " : "", parents[i]);
    store_path(path, sizeof(path), "%s/made", mark);
    rc = store_write(st, tx, path, buf_text(&made), e);
    buf_free(&made);
    return rc;
}

static int
put_mark(struct store *st, store_tx tx, const struct nodes *n,
         const struct paths *p, struct err *e)
{
    const struct node mark[] = {
        { "owner", MARK_OWNER, PERM_NOPERM },
        { "state", MARK_BUILDING, PERM_NOPERM },
        { "maker", n->maker, PERM_NOPERM },
    };
    size_t i;

    for (i = 0; i < sizeof(mark) / sizeof(mark[0]); i++)
        if (put_below(st, tx, n->domid, p->mark, &mark[i], e) < 0)
            return -1;
    return 0;
}

static int
put_identity(struct store *st, store_tx tx, const struct nodes *n,
             const struct paths *p, struct err *e)
{
    const char *name = n->cfg->name;
    const struct node fe[] = { { "vm", p->vm, PERM_RO },
                               { "name", name, PERM_RO } };
    const struct node vm[] = { { "uuid", p->vm + strlen("/vm/"), PERM_RO },
                               { "name", name, PERM_RO } };
    const struct node lx[] = { { "device", "", PERM_NOPERM },
                               { "type", "pv", PERM_NOPERM },
                               { "dm-version", "qemu_xen", PERM_NOPERM } };
    size_t i;

    for (i = 0; i < 2; i++)
        if (put_below(st, tx, n->domid, p->fe, &fe[i], e) < 0 ||
            put_below(st, tx, n->domid, p->vm, &vm[i], e) < 0)
            return -1;
    for (i = 0; i < 3; i++)
        if (put_below(st, tx, n->domid, p->lx, &lx[i], e) < 0)
            return -1;
    return 0;
}

static int
skeleton_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct nodes *n = arg;
    struct paths p;
    size_t i;

    paths_fill(&p, n->domid, n->uuid);
    /* What a dead domain with this domid may have left behind. */
    if (store_rm(st, tx, p.fe, e) < 0 || store_rm(st, tx, p.vm, e) < 0 ||
        store_rm(st, tx, p.lx, e) < 0)
        return -1;
    if (note_parents(st, tx, p.mark, e) < 0 ||
        put(st, tx, n->domid, p.fe, "", PERM_RO, e) < 0 ||
        put(st, tx, n->domid, p.vm, "", PERM_RO, e) < 0 ||
        put(st, tx, n->domid, p.lx, "", PERM_NOPERM, e) < 0)
        return -1;
    for (i = 0; i < sizeof(skeleton) / sizeof(skeleton[0]); i++)
        if (put_below(st, tx, n->domid, p.fe, &skeleton[i], e) < 0)
            return -1;
    if (put_identity(st, tx, n, &p, e) < 0)
        return -1;
    return put_mark(st, tx, n, &p, e);
}

int
nodes_write_skeleton(struct store *st, const struct nodes *n, struct err *e)
{
    return store_tx_run(st, skeleton_body, (void *)(uintptr_t)n, e);
}

static int
put_u64(struct store *st, store_tx tx, const struct nodes *n, const char *dir,
        const char *name, uint64_t value, struct err *e)
{
    char text[24];
    struct node nd = { name, text, PERM_RO };

    text_fmt(text, sizeof(text), "%llu", (unsigned long long)value);
    return put_below(st, tx, n->domid, dir, &nd, e);
}

static int
put_cpus(struct store *st, store_tx tx, const struct nodes *n, const char *fe,
         struct err *e)
{
    char name[48];
    unsigned i;

    for (i = 0; i < n->cfg->maxvcpus; i++) {
        struct node nd = { name, i < n->cfg->vcpus ? "online" : "offline",
                           PERM_RO };

        text_fmt(name, sizeof(name), "cpu/%u/availability", i);
        if (put_below(st, tx, n->domid, fe, &nd, e) < 0)
            return -1;
    }
    return 0;
}

static int
put_image(struct store *st, store_tx tx, const struct nodes *n, const char *vm,
          struct err *e)
{
    const struct config_image *im = &n->cfg->image;
    char start[32];
    const struct node nodes[] = {
        { "image/ostype", n->ostype, PERM_RO },
        { "image/kernel", im->kernel, PERM_RO },
        { "image/cmdline", n->cmdline, PERM_RO },
        { "start_time", start, PERM_RO },
        { "image/ramdisk", im->ramdisk, PERM_RO }, /* last: may be missing */
    };
    size_t i, count = sizeof(nodes) / sizeof(nodes[0]);

    text_fmt(start, sizeof(start), "%.2f", n->start_wall_s);
    for (i = 0; i < (im->ramdisk != NULL ? count : count - 1); i++)
        if (put_below(st, tx, n->domid, vm, &nodes[i], e) < 0)
            return -1;
    return 0;
}

static int
built_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct nodes *n = arg;
    struct paths p;
    struct node domid = { "domid", NULL, PERM_RO };
    char text[16];

    paths_fill(&p, n->domid, n->uuid);
    text_fmt(text, sizeof(text), "%u", n->domid);
    domid.value = text;
    if (put_u64(st, tx, n, p.fe, "memory/static-max", n->cfg->maxmem_kib, e) <
            0 ||
        put_u64(st, tx, n, p.fe, "memory/target", n->cfg->mem_kib, e) < 0 ||
        put_u64(st, tx, n, p.fe, "memory/videoram", 0, e) < 0 ||
        put_below(st, tx, n->domid, p.fe, &domid, e) < 0 ||
        put_u64(st, tx, n, p.fe, "store/port", n->store_port, e) < 0 ||
        put_u64(st, tx, n, p.fe, "store/ring-ref", n->store_mfn, e) < 0 ||
        put_cpus(st, tx, n, p.fe, e) < 0)
        return -1;
    return put_image(st, tx, n, p.vm, e);
}

int
nodes_write_built(struct store *st, const struct nodes *n, struct err *e)
{
    return store_tx_run(st, built_body, (void *)(uintptr_t)n, e);
}

/* The same facts stand in the frontend, the backend and libxl's copy. */
static int
put_console(struct store *st, store_tx tx, const struct nodes *n,
            const char *dir, const struct node *nodes, size_t count,
            struct err *e)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (put_below(st, tx, n->domid, dir, &nodes[i], e) < 0)
            return -1;
    return 0;
}

static int
console_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct nodes *n = arg;
    struct paths p;
    char front[96], back[128], copy[128], id[16];

    paths_fill(&p, n->domid, n->uuid);
    store_path(front, sizeof(front), "%s/console", p.fe);
    store_path(back, sizeof(back), "%s/0", p.back);
    store_path(copy, sizeof(copy), "%s/device/console/0", p.lx);
    text_fmt(id, sizeof(id), "%u", n->domid);
    {
        const struct node f[] = { { "backend", back, PERM_RO },
                                  { "backend-id", "0", PERM_RO },
                                  { "limit", CONSOLE_LIMIT, PERM_RO },
                                  { "type", "xenconsoled", PERM_RO },
                                  { "output", "pty", PERM_RO },
                                  { "tty", "", PERM_RO } };
        const struct node b[] = { { "frontend", front, PERM_RO },
                                  { "frontend-id", id, PERM_RO },
                                  { "online", "1", PERM_RO },
                                  { "state", "1", PERM_RO },
                                  { "protocol", "vt100", PERM_RO } };
        const struct node c[] = { { "frontend", front, PERM_NOPERM },
                                  { "backend", back, PERM_NOPERM },
                                  { "frontend-id", id, PERM_NOPERM },
                                  { "online", "1", PERM_NOPERM },
                                  { "state", "1", PERM_NOPERM },
                                  { "protocol", "vt100", PERM_NOPERM } };

        if (put(st, tx, n->domid, back, "", PERM_RO, e) < 0 ||
            put_console(st, tx, n, front, f, 6, e) < 0 ||
            put_console(st, tx, n, back, b, 5, e) < 0 ||
            put_console(st, tx, n, copy, c, 6, e) < 0)
            return -1;
    }
    if (put_u64(st, tx, n, front, "port", n->console_port, e) < 0)
        return -1;
    return put_u64(st, tx, n, front, "ring-ref", n->console_mfn, e);
}

int
nodes_write_console(struct store *st, const struct nodes *n, struct err *e)
{
    return store_tx_run(st, console_body, (void *)(uintptr_t)n, e);
}

int
nodes_mark_built(struct store *st, uint32_t domid, struct err *e)
{
    char path[96];

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/state", domid);
    return store_write(st, 0, path, MARK_BUILT, e);
}

struct removal {
    uint32_t domid;
    const uint8_t *uuid;
};

/* Parents that creation had to make go again once nothing is below them; the
 * list orders children before their own parents. */
static int
rm_made_parents(struct store *st, store_tx tx, const char *made, struct err *e)
{
    size_t i;

    for (i = 0; i < N_PARENTS; i++) {
        const char *s = strstr(made, parents[i]);
        size_t n = strlen(parents[i]);

        while (s != NULL && s[n] != ' ' && s[n] != '\0')
            s = strstr(s + 1, parents[i]);
        if (s != NULL && store_rm_if_empty(st, tx, parents[i], e) < 0)
            return -1;
    }
    return 0;
}

static int
remove_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct removal *r = arg;
    struct paths p;
    char path[128], made[256] = "";

    paths_fill(&p, r->domid, r->uuid);
    store_path(path, sizeof(path), "%s/made", p.mark);
    (void)store_read_text(st, tx, path, made, sizeof(made), NULL);
    store_path(path, sizeof(path), "/local/domain/0/device-model/%u", r->domid);
    if (store_rm(st, tx, path, e) < 0 || store_rm(st, tx, p.back, e) < 0 ||
        store_rm(st, tx, p.vm, e) < 0 || store_rm(st, tx, p.fe, e) < 0 ||
        store_rm(st, tx, p.lx, e) < 0)
        return -1;
    return rm_made_parents(st, tx, made, e);
}

int
nodes_remove(struct store *st, uint32_t domid, const uint8_t uuid[16],
             struct err *e)
{
    struct removal r = { domid, uuid };

    return store_tx_run(st, remove_body, &r, e);
}
