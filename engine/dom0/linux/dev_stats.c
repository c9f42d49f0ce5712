/*
 * dev_stats.c - see dev_stats.h. Many devices must stay cheap: all interfaces
 * come in one read of /proc/net/dev, and a vbd's directory of counters is
 * opened once and kept.
 * Invariant: at most DIRS_MAX directories are open; what was not asked for in
 * IDLE_READS readings is forgotten.
 */
#include "engine/dom0/linux/dev_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/hv/hv_types.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define BUS         "/sys/bus/xen-backend/devices"
#define NET_MAX     (8U << 20)
#define NET_NUMBERS 16
#define DIRS_MAX    1024
#define IDLE_READS  64
#define EMU         "-emu"

struct known {
    struct dom0_dev dev;
    int dir;               /* vbd: its statistics, -1: not open */
    char ifname[IFNAMSIZ]; /* vif: as it is called now */
    uint64_t used;
};

struct iface {
    char name[IFNAMSIZ];
    uint64_t v[NET_NUMBERS]; /* as the columns of /proc/net/dev */
};

struct dev_stats {
    char *root;
    struct known *known; /* sorted by device */
    size_t n_known, cap_known;
    size_t n_dirs;
    uint64_t reads;
    struct iface *net; /* sorted by name; of the reading at work */
    size_t n_net, cap_net;
};

struct dev_stats *
dev_stats_new(const char *root)
{
    struct dev_stats *ds = xcalloc(1, sizeof(*ds));

    ds->root = xstrdup(root);
    return ds;
}

static void
dir_close(struct dev_stats *ds, struct known *k)
{
    if (k->dir < 0)
        return;
    close(k->dir);
    k->dir = -1;
    ds->n_dirs--;
}

void
dev_stats_free(struct dev_stats *ds)
{
    size_t i;

    if (ds == NULL)
        return;
    for (i = 0; i < ds->n_known; i++)
        dir_close(ds, &ds->known[i]);
    free(ds->known);
    free(ds->net);
    free(ds->root);
    free(ds);
}

/* --- which there are --- */

/* "vbd-7-51712" or "vif-7-0". */
static bool
parse_name(const char *name, struct dom0_dev *out)
{
    unsigned long long domid, devid;
    char text[64], *dash;

    if (strncmp(name, "vbd-", 4) != 0 && strncmp(name, "vif-", 4) != 0)
        return false;
    text_fmt(text, sizeof(text), "%s", name + 4);
    dash = strchr(text, '-');
    if (dash == NULL)
        return false;
    *dash = '\0';
    if (!text_u64(text, 0, HV_DOMID_MAX, &domid) ||
        !text_u64(dash + 1, 0, UINT32_MAX, &devid))
        return false;
    *out = (struct dom0_dev){ .vif = name[1] == 'i',
                              .domid = (uint32_t)domid,
                              .devid = (uint32_t)devid };
    return true;
}

int
dev_stats_list(struct dev_stats *ds, struct dom0_dev *out, size_t max,
               size_t *n_out, struct err *e)
{
    char *path = xasprintf("%s%s", ds->root, BUS);
    DIR *d = opendir(path);
    const struct dirent *de;
    struct dom0_dev dev;

    (void)e; /* no such bus: no backend driver is loaded */
    free(path);
    *n_out = 0;
    while (d != NULL && (de = readdir(d)) != NULL) {
        if (!parse_name(de->d_name, &dev))
            continue;
        if (*n_out < max)
            out[*n_out] = dev;
        (*n_out)++;
    }
    if (d != NULL)
        closedir(d);
    return 0;
}

/* --- what is kept of each --- */

static int
by_dev(const struct dom0_dev *a, const struct dom0_dev *b)
{
    if (a->vif != b->vif)
        return a->vif ? 1 : -1;
    if (a->domid != b->domid)
        return a->domid > b->domid ? 1 : -1;
    return (a->devid > b->devid) - (a->devid < b->devid);
}

static struct known *
known_get(struct dev_stats *ds, const struct dom0_dev *dev)
{
    size_t lo = 0, hi = ds->n_known;
    struct known *k;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (by_dev(&ds->known[mid].dev, dev) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == ds->n_known || by_dev(&ds->known[lo].dev, dev) != 0) {
        if (ds->n_known == ds->cap_known) {
            ds->cap_known = ds->cap_known == 0 ? 32 : 2 * ds->cap_known;
            ds->known = xrealloc(ds->known, ds->cap_known, sizeof(*ds->known));
        }
        memmove(&ds->known[lo + 1], &ds->known[lo],
                (ds->n_known - lo) * sizeof(*ds->known));
        ds->known[lo] = (struct known){ .dev = *dev, .dir = -1 };
        ds->n_known++;
    }
    k = &ds->known[lo];
    k->used = ds->reads;
    return k;
}

static void
forget_idle(struct dev_stats *ds)
{
    size_t i, n = 0;

    for (i = 0; i < ds->n_known; i++) {
        if (ds->known[i].used + IDLE_READS < ds->reads)
            dir_close(ds, &ds->known[i]);
        else
            ds->known[n++] = ds->known[i];
    }
    ds->n_known = n;
}

/* --- vif --- */

static int
dev_stats_by_name(const void *a, const void *b)
{
    return strcmp(((const struct iface *)a)->name,
                  ((const struct iface *)b)->name);
}

/* "  vif1.0: 1 2 3 ..."; the two lines of headings have no colon. */
static bool
parse_iface(char *line, struct iface *out)
{
    char *colon = strrchr(line, ':'), *p, *end;
    size_t i;

    line += strspn(line, " ");
    if (colon == NULL || colon - line >= IFNAMSIZ)
        return false;
    *colon = '\0';
    text_fmt(out->name, sizeof(out->name), "%s", line);
    for (i = 0, p = colon + 1; i < NET_NUMBERS; i++, p = end) {
        out->v[i] = strtoull(p, &end, 10);
        if (end == p)
            return false;
    }
    return true;
}

static void
net_read(struct dev_stats *ds)
{
    char *path = xasprintf("%s/proc/net/dev", ds->root), *line, *save = NULL;
    struct buf b = { 0 };

    ds->n_net = 0;
    if (fd_read_file(path, NET_MAX, &b, NULL) == 0 && b.data != NULL)
        for (line = strtok_r(b.data, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save)) {
            if (ds->n_net == ds->cap_net) {
                ds->cap_net = ds->cap_net == 0 ? 32 : 2 * ds->cap_net;
                ds->net = xrealloc(ds->net, ds->cap_net, sizeof(*ds->net));
            }
            if (parse_iface(line, &ds->net[ds->n_net]))
                ds->n_net++;
        }
    if (ds->n_net > 0)
        qsort(ds->net, ds->n_net, sizeof(*ds->net), dev_stats_by_name);
    buf_free(&b);
    free(path);
}

static const struct iface *
net_find(const struct dev_stats *ds, const char *name)
{
    struct iface key = { 0 };

    text_fmt(key.name, sizeof(key.name), "%s", name);
    if (ds->n_net == 0)
        return NULL;
    return bsearch(&key, ds->net, ds->n_net, sizeof(key), dev_stats_by_name);
}

/* The interface of this backend, whatever it has been renamed to. */
static void
find_ifname(const struct dev_stats *ds, struct known *k)
{
    char *path = xasprintf("%s" BUS "/vif-%u-%u/net", ds->root, k->dev.domid,
                           k->dev.devid);
    DIR *d = opendir(path);
    const struct dirent *de;

    text_fmt(k->ifname, sizeof(k->ifname), "vif%u.%u", k->dev.domid,
             k->dev.devid);
    while (d != NULL && (de = readdir(d)) != NULL)
        if (de->d_name[0] != '.' && strlen(de->d_name) < IFNAMSIZ)
            text_fmt(k->ifname, sizeof(k->ifname), "%s", de->d_name);
    if (d != NULL)
        closedir(d);
    free(path);
}

/* What dom0 received the guest has sent. */
static void
add_iface(const struct iface *f, struct dom0_dev_stats *out)
{
    out->tx_bytes += f->v[0];
    out->tx_packets += f->v[1];
    out->tx_errors += f->v[2];
    out->tx_drops += f->v[3];
    out->rx_bytes += f->v[8];
    out->rx_packets += f->v[9];
    out->rx_errors += f->v[10];
    out->rx_drops += f->v[11];
    out->known = true;
}

static void
read_vif(struct dev_stats *ds, struct known *k, struct dom0_dev_stats *out)
{
    const struct iface *f = NULL;
    char emu[IFNAMSIZ + sizeof(EMU)];

    if (k->ifname[0] != '\0')
        f = net_find(ds, k->ifname);
    if (f == NULL) {
        find_ifname(ds, k);
        f = net_find(ds, k->ifname);
    }
    if (f == NULL)
        return;
    add_iface(f, out);
    /* Its emulated twin, while an HVM guest has not unplugged it. */
    text_fmt(emu, sizeof(emu), "%s" EMU, k->ifname);
    f = strlen(emu) < IFNAMSIZ ? net_find(ds, emu) : NULL;
    if (f != NULL)
        add_iface(f, out);
}

/* --- vbd --- */

static bool
dev_stats_read_number(int dir, const char *name, uint64_t *out)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    char text[32], *end;
    ssize_t n;

    if (fd < 0)
        return false;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    *out = strtoull(text, &end, 10);
    return end != text;
}

static int
dir_open(const struct dev_stats *ds, const struct dom0_dev *dev)
{
    char *path = xasprintf("%s" BUS "/vbd-%u-%u/statistics", ds->root,
                           dev->domid, dev->devid);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    free(path);
    return fd;
}

static bool
read_numbers(int dir, bool full, struct dom0_dev_stats *out)
{
    if (!dev_stats_read_number(dir, "rd_sect", &out->rd_sectors) ||
        !dev_stats_read_number(dir, "wr_sect", &out->wr_sectors))
        return false;
    return !full || (dev_stats_read_number(dir, "rd_req", &out->rd_req) &&
                     dev_stats_read_number(dir, "wr_req", &out->wr_req));
}

static void
read_vbd(struct dev_stats *ds, struct known *k, bool full,
         struct dom0_dev_stats *out)
{
    if (k->dir >= 0) {
        out->known = read_numbers(k->dir, full, out);
        if (out->known)
            return;
        dir_close(ds, k); /* attached anew since: another directory */
    }
    k->dir = dir_open(ds, &k->dev);
    if (k->dir < 0)
        return;
    ds->n_dirs++;
    out->known = read_numbers(k->dir, full, out);
    if (!out->known || ds->n_dirs > DIRS_MAX)
        dir_close(ds, k);
}

int
dev_stats_read(struct dev_stats *ds, const struct dom0_dev *devs, size_t n,
               bool full, struct dom0_dev_stats *out, struct err *e)
{
    bool net = false;
    size_t i;

    (void)e;
    ds->reads++;
    for (i = 0; i < n; i++) {
        struct known *k = known_get(ds, &devs[i]);

        out[i] = (struct dom0_dev_stats){ 0 };
        if (devs[i].vif && !net)
            net_read(ds);
        net = net || devs[i].vif;
        if (devs[i].vif)
            read_vif(ds, k, &out[i]);
        else
            read_vbd(ds, k, full, &out[i]);
    }
    if (ds->reads % IDLE_READS == 0)
        forget_idle(ds);
    return 0;
}
