/*
 * nodes.c - see nodes.h. The names, values and permissions are those that
 * libxl 4.17 writes, so that xl's commands work on our domains; the mark below
 * /libxl/DOMID/xendeck is the only addition. What only one kind of guest has
 * comes from its handler.
 */
#include "engine/guest/nodes.h"

#include <string.h>

#include "engine/guest/guest.h"
#include "engine/model/mark.h"
#include "src/base/maker.h"

#define CONSOLE_LIMIT "1048576"
#define HEIRS_MAX     16

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* As the parent's (a node that dom0 makes inherits them: one call saved for
 * each); dom0 only; the guest may read; the guest owns it. */
enum perm { PERM_SAME, PERM_NOPERM, PERM_RO, PERM_RW };

struct node {
    const char *path; /* below /local/domain/DOMID */
    const char *value;
    enum perm perm;
};

static const struct node skeleton[] = {
    { "cpu", "", PERM_SAME },
    { "memory", "", PERM_SAME },
    { "device", "", PERM_SAME },
    { "control", "", PERM_SAME },
    { "device/suspend", "", PERM_SAME },
    { "device/suspend/event-channel", "", PERM_RW },
    { "control/shutdown", "", PERM_RW },
    { "control/feature-poweroff", "", PERM_RW },
    { "control/feature-reboot", "", PERM_RW },
    { "control/feature-suspend", "", PERM_RW },
    { "control/sysrq", "", PERM_RW },
    { "control/platform-feature-multiprocessor-suspend", "1", PERM_SAME },
    { "control/platform-feature-xs_reset_watches", "1", PERM_SAME },
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

/* Where nodes are written, and for which guest. */
struct sink {
    struct store *st;
    store_tx tx;
    uint32_t domid;
};

static int
nodes_put(const struct sink *to, const char *path, const char *value,
          enum perm perm, struct err *e)
{
    struct store_perm p[2] = { { 0, STORE_PERM_NONE },
                               { to->domid, STORE_PERM_READ } };
    size_t n = perm == PERM_RO ? 2 : 1;

    if (perm == PERM_RW)
        p[0].domid = to->domid;
    if (store_write(to->st, to->tx, path, value, e) < 0)
        return -1;
    if (perm == PERM_SAME)
        return 0;
    return store_set_perms(to->st, to->tx, path, p, n, e);
}

static int
nodes_put_all(const struct sink *to, const char *dir, const struct node *nodes,
              size_t count, struct err *e)
{
    char path[STORE_PATH_MAX];
    size_t i;

    for (i = 0; i < count; i++) {
        store_path(path, sizeof(path), "%s/%s", dir, nodes[i].path);
        if (nodes_put(to, path, nodes[i].value, nodes[i].perm, e) < 0)
            return -1;
    }
    return 0;
}

static int
put_u64(const struct sink *to, const char *dir, const char *name,
        uint64_t value, struct err *e)
{
    char text[24];
    const struct node nd = { name, text, PERM_SAME };

    text_fmt(text, sizeof(text), "%llu", (unsigned long long)value);
    return nodes_put_all(to, dir, &nd, 1, e);
}

/* Which of the parents this creation will be the one to make. */
static void
missing_parents(struct store *st, store_tx tx, char *dst, size_t dst_size)
{
    struct buf made = { 0 };
    size_t i;

    for (i = 0; i < N_PARENTS; i++)
        if (!store_exists(st, tx, parents[i]))
            buf_fmt(&made, "%s%s", made.len > 0 ? " " : "", parents[i]);
    text_fmt(dst, dst_size, "%s", buf_text(&made));
    buf_free(&made);
}

static int
nodes_put_mark(const struct sink *to, const struct nodes *n,
               const struct paths *p, const char *made, struct err *e)
{
    char restarts[16];
    const struct node mark[] = {
        { "owner", MARK_OWNER, PERM_SAME },
        { "state", MARK_BUILDING, PERM_SAME },
        { "maker", n->maker, PERM_SAME },
        { "uuid", p->vm + strlen("/vm/"), PERM_SAME },
        { "made", made, PERM_SAME },
        { "restarts", restarts, PERM_SAME },
    };

    text_fmt(restarts, sizeof(restarts), "%u", n->restarts);
    return nodes_put_all(to, p->mark, mark, COUNT(mark), e);
}

static int
put_identity(const struct sink *to, const struct nodes *n,
             const struct paths *p, struct err *e)
{
    const char *name = n->name;
    const struct node fe[] = { { "vm", p->vm, PERM_SAME },
                               { "name", name, PERM_SAME } };
    const struct node vm[] = { { "uuid", p->vm + strlen("/vm/"), PERM_SAME },
                               { "name", name, PERM_SAME } };
    const struct node lx[] = { { "device", "", PERM_SAME },
                               { "type", n->type->kind, PERM_SAME },
                               { "dm-version", "qemu_xen", PERM_SAME } };

    if (nodes_put_all(to, p->fe, fe, COUNT(fe), e) < 0 ||
        nodes_put_all(to, p->vm, vm, COUNT(vm), e) < 0)
        return -1;
    return nodes_put_all(to, p->lx, lx, COUNT(lx), e);
}

static int
skeleton_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct nodes *n = arg;
    const struct sink to = { st, tx, n->domid };
    struct paths p;
    char made[256];

    paths_fill(&p, n->domid, n->uuid);
    missing_parents(st, tx, made, sizeof(made));
    /* What a dead domain with this domid may have left behind. */
    if (store_rm(st, tx, p.fe, e) < 0 || store_rm(st, tx, p.vm, e) < 0 ||
        store_rm(st, tx, p.lx, e) < 0)
        return -1;
    if (nodes_put(&to, p.fe, "", PERM_RO, e) < 0 ||
        nodes_put(&to, p.vm, "", PERM_RO, e) < 0 ||
        nodes_put(&to, p.lx, "", PERM_NOPERM, e) < 0 ||
        nodes_put_all(&to, p.fe, skeleton, COUNT(skeleton), e) < 0 ||
        put_identity(&to, n, &p, e) < 0)
        return -1;
    return nodes_put_mark(&to, n, &p, made, e);
}

int
nodes_write_skeleton(struct store *st, const struct nodes *n, struct err *e)
{
    return store_tx_run(st, skeleton_body, (void *)(uintptr_t)n, e);
}

static int
put_cpus(const struct sink *to, const struct nodes *n, const char *fe,
         struct err *e)
{
    char name[48];
    unsigned i;

    for (i = 0; i < n->cfg->maxvcpus; i++) {
        const struct node nd = { name, i < n->cfg->vcpus ? "online" : "offline",
                                 PERM_SAME };

        text_fmt(name, sizeof(name), "cpu/%u/availability", i);
        if (nodes_put_all(to, fe, &nd, 1, e) < 0)
            return -1;
    }
    return 0;
}

static int
nodes_put_own(const struct sink *to, const struct nodes *n,
              const struct paths *p, struct err *e)
{
    struct guest_node own[GUEST_NODES_MAX];
    size_t i, count = n->type->nodes(n, own);

    for (i = 0; i < count; i++) {
        const struct node nd = { own[i].path, own[i].value,
                                 own[i].dir == GUEST_OWN ? PERM_RW
                                                         : PERM_SAME };

        if (nodes_put_all(to, own[i].dir == GUEST_VM ? p->vm : p->fe, &nd, 1,
                          e) < 0)
            return -1;
    }
    return 0;
}

static int
put_facts(const struct sink *to, const struct nodes *n, const struct paths *p,
          struct err *e)
{
    struct guest_memory m;

    n->type->memory(n->cfg, &m);
    if (put_u64(to, p->fe, "memory/static-max", n->cfg->maxmem_kib, e) < 0 ||
        put_u64(to, p->fe, "memory/target", m.target_kib, e) < 0 ||
        put_u64(to, p->fe, "memory/videoram", m.video_kib, e) < 0 ||
        put_u64(to, p->fe, "domid", n->domid, e) < 0 ||
        put_u64(to, p->fe, "store/port", n->store_port, e) < 0 ||
        put_cpus(to, n, p->fe, e) < 0)
        return -1;
    return nodes_put_own(to, n, p, e);
}

/* The same facts stand in the frontend, the backend and libxl's copy. */
static int
put_console(const struct sink *to, const struct nodes *n, const struct paths *p,
            struct err *e)
{
    char front[96], back[128], copy[128], id[16];
    const struct node in_front[] = { { "backend", back, PERM_SAME },
                                     { "backend-id", "0", PERM_SAME },
                                     { "limit", CONSOLE_LIMIT, PERM_SAME },
                                     { "type", "xenconsoled", PERM_SAME },
                                     { "output", "pty", PERM_SAME },
                                     { "tty", "", PERM_SAME } };
    const struct node behind[] = { { "frontend", front, PERM_SAME },
                                   { "frontend-id", id, PERM_SAME },
                                   { "online", "1", PERM_SAME },
                                   { "state", "1", PERM_SAME },
                                   { "protocol", "vt100", PERM_SAME } };

    store_path(front, sizeof(front), "%s/console", p->fe);
    store_path(back, sizeof(back), "%s/0", p->back);
    store_path(copy, sizeof(copy), "%s/device/console/0", p->lx);
    text_fmt(id, sizeof(id), "%u", n->domid);
    if (nodes_put(to, back, "", PERM_RO, e) < 0 ||
        nodes_put_all(to, front, in_front, COUNT(in_front), e) < 0 ||
        nodes_put_all(to, back, behind, COUNT(behind), e) < 0 ||
        nodes_put_all(to, copy, in_front, 1, e) < 0 || /* "backend" */
        nodes_put_all(to, copy, behind, COUNT(behind), e) < 0)
        return -1;
    return put_u64(to, front, "port", n->console_port, e);
}

static int
rest_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct nodes *n = arg;
    const struct sink to = { st, tx, n->domid };
    struct paths p;

    paths_fill(&p, n->domid, n->uuid);
    if (put_facts(&to, n, &p, e) < 0)
        return -1;
    return put_console(&to, n, &p, e);
}

int
nodes_write_rest(struct store *st, const struct nodes *n, struct err *e)
{
    return store_tx_run(st, rest_body, (void *)(uintptr_t)n, e);
}

/* "BOOT_ID SECONDS" in the mark: how long it runs can be told whatever becomes
 * of the wall clock. */
static int
nodes_put_started(struct store *st, const struct nodes *n, struct err *e)
{
    char path[96], boot[64], text[96];

    maker_boot(boot, sizeof(boot));
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/started", n->domid);
    text_fmt(text, sizeof(text), "%s %.2f", boot, n->start_boot_s);
    return store_write(st, 0, path, text, e);
}

/* Where the loader of an HVM domain finds tables that came as files. */
static int
put_tables(const struct sink *to, const char *fe, const char *name, uint64_t at,
           uint64_t bytes, struct err *e)
{
    char path[64], text[24];
    const struct node nd = { path, text, PERM_SAME };

    if (bytes == 0)
        return 0;
    text_fmt(path, sizeof(path), "hvmloader/%s/address", name);
    text_fmt(text, sizeof(text), "0x%llx", (unsigned long long)at);
    if (nodes_put_all(to, fe, &nd, 1, e) < 0)
        return -1;
    text_fmt(path, sizeof(path), "hvmloader/%s/length", name);
    text_fmt(text, sizeof(text), "0x%llx", (unsigned long long)bytes);
    return nodes_put_all(to, fe, &nd, 1, e);
}

/* Before the introduction: xenconsoled then finds a whole console at once. */
int
nodes_write_rings(struct store *st, const struct nodes *n, struct err *e)
{
    const struct sink to = { st, 0, n->domid };
    struct paths p;
    char start[32];
    const struct node when = { "start_time", start, PERM_SAME };

    paths_fill(&p, n->domid, n->uuid);
    text_fmt(start, sizeof(start), "%.2f", n->start_wall_s);
    if (put_u64(&to, p.fe, "store/ring-ref", n->built.store_mfn, e) < 0 ||
        put_u64(&to, p.fe, "console/ring-ref", n->built.console_mfn, e) < 0 ||
        put_tables(&to, p.fe, "acpi", n->built.acpi_at, n->built.acpi_bytes,
                   e) < 0 ||
        put_tables(&to, p.fe, "smbios", n->built.smbios_at,
                   n->built.smbios_bytes, e) < 0)
        return -1;
    return nodes_put_started(st, n, e) < 0
               ? -1
               : nodes_put_all(&to, p.vm, &when, 1, e);
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

/* Is this one of the blank-separated words? */
static bool
nodes_has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    const char *s = words;

    while ((s = strstr(s, word)) != NULL) {
        if ((s == words || s[-1] == ' ') && (s[n] == ' ' || s[n] == '\0'))
            return true;
        s += n;
    }
    return false;
}

/* Parents that are still in use are from now on the next domain's to remove:
 * the first other one of ours. Without one among the first few they stay, as
 * libxl's do: each look at one is a round trip. */
static int
hand_over(struct store *st, store_tx tx, const char *left, struct err *e)
{
    struct buf ids = { 0 };
    char path[128], made[256];
    const char *id;
    size_t i, n;
    int rc = 0;

    if (left[0] == '\0' || store_list(st, tx, "/libxl", &ids, &n, NULL) < 0)
        return 0;
    for (i = 0, id = ids.data; i < n && i < HEIRS_MAX;
         i++, id += strlen(id) + 1) {
        store_path(path, sizeof(path), "/libxl/%s/" MARK_DIR "/made", id);
        if (store_read_text(st, tx, path, made, sizeof(made), NULL) < 0)
            continue;
        rc = store_writef(st, tx, e, path, "%s%s%s", made,
                          made[0] != '\0' ? " " : "", left);
        break;
    }
    buf_free(&ids);
    return rc;
}

/* Parents that creation had to make go again once nothing is below them; the
 * list orders children before their own parents. */
static int
rm_made_parents(struct store *st, store_tx tx, const char *made, struct err *e)
{
    struct buf left = { 0 };
    bool gone;
    size_t i;
    int rc = 0;

    for (i = 0; i < N_PARENTS && rc == 0; i++) {
        if (!nodes_has_word(made, parents[i]))
            continue;
        rc = store_rm_if_empty(st, tx, parents[i], &gone, e);
        if (rc == 0 && !gone)
            buf_fmt(&left, "%s%s", left.len > 0 ? " " : "", parents[i]);
    }
    if (rc == 0)
        rc = hand_over(st, tx, buf_text(&left), e);
    buf_free(&left);
    return rc;
}

static int
remove_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct removal *r = arg;
    struct paths p;
    char path[128], made[256];

    paths_fill(&p, r->domid, r->uuid);
    store_path(path, sizeof(path), "%s/made", p.mark);
    /* Without our mark it is libxl's domain: libxl keeps /libxl and /vm, and
     * removes what is empty of the backends. */
    if (store_read_text(st, tx, path, made, sizeof(made), NULL) < 0)
        text_fmt(made, sizeof(made), "%s %s", parents[2], parents[3]);
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
