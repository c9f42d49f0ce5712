/*
 * disk_use.c - see disk.h. Looks through the backends of dom0, which no guest
 * can write: by the numbers of the device once the script has written them,
 * and by its path.
 */
#include <stdio.h>
#include <string.h>

#include "engine/device/disk.h"
#include "engine/dom0/dom0.h"
#include "engine/dom0/same_file.h"
#include "src/base/fdio.h"

#define BACKENDS   "/local/domain/0/backend/"
#define MOUNTS_MAX (4U << 20)

struct search {
    struct engine *en;
    const struct disk_spec *spec;
    const struct dom0_disk *disk;
    char *who;
    size_t n;
    struct buf mounts; /* the text of mountinfo, for a disk that is a file */
};

static void
read_node(const struct search *s, const char *dir, const char *name, char *dst,
          size_t n)
{
    char path[256];

    store_path(path, sizeof(path), "%s/%s", dir, name);
    if (store_read_text(engine_store(s->en), 0, path, dst, n, NULL) < 0)
        dst[0] = '\0';
}

static bool
has_number(const struct dom0_disk *d, unsigned major, unsigned minor)
{
    size_t i;

    if (d->kind == DOM0_DISK_BLOCK && d->major == major && d->minor == minor)
        return true;
    for (i = 0; i < d->n_also; i++)
        if (d->also[i].major == major && d->also[i].minor == minor)
            return true;
    return false;
}

/* A file has as many names as links lead to it. */
static bool
same_file(const struct search *s, const char *path)
{
    const struct known_file k = { .mounts = buf_text(&s->mounts),
                                  .dev = s->disk->file_dev,
                                  .ino = s->disk->file_ino };

    return k.ino != 0 && same_file_path(&k, path);
}

/* qdisk: "aio:/srv/disk.img". */
static bool
same_disk(const struct search *s, const char *dir)
{
    char params[1100], number[32];
    const char *path = params;
    unsigned major, minor;

    read_node(s, dir, "physical-device", number, sizeof(number));
    if (sscanf(number, "%x:%x", &major, &minor) == 2 &&
        has_number(s->disk, major, minor))
        return true;
    read_node(s, dir, "params", params, sizeof(params));
    if (params[0] != '/' && strchr(params, ':') != NULL)
        path = strchr(params, ':') + 1;
    return path[0] != '\0' &&
           (strcmp(path, s->spec->params) == 0 ||
            strcmp(path, s->disk->path) == 0 || same_file(s, path));
}

static bool
conflicts(const struct search *s, const char *dir, const char *domid)
{
    const struct dom_entry *de;
    unsigned long long id;
    char mode[8], dev[32];

    if (!same_disk(s, dir))
        return false;
    read_node(s, dir, "mode", mode, sizeof(mode));
    if (s->spec->mode[0] == 'r' && mode[0] == 'r')
        return false;
    read_node(s, dir, "dev", dev, sizeof(dev));
    de = text_u64(domid, 0, HV_DOMID_MAX, &id)
             ? domains_by_domid(s->en, (uint32_t)id)
             : NULL;
    text_fmt(s->who, s->n, "domain %s (%s), %s, mode %s", domid,
             de != NULL ? de->d.name : "gone", dev, mode);
    return true;
}

static bool
search_domain(const struct search *s, const char *kind, const char *domid)
{
    struct buf ids = { 0 };
    char dir[128];
    const char *id;
    bool found = false;
    size_t i, n;

    store_path(dir, sizeof(dir), BACKENDS "%s/%s", kind, domid);
    if (store_list(engine_store(s->en), 0, dir, &ids, &n, NULL) == 0)
        for (i = 0, id = ids.data; i < n && !found; i++, id += strlen(id) + 1) {
            store_path(dir, sizeof(dir), BACKENDS "%s/%s/%s", kind, domid, id);
            found = conflicts(s, dir, domid);
        }
    buf_free(&ids);
    return found;
}

bool
disk_used_by_guest(struct engine *en, const struct disk_spec *spec,
                   const struct dom0_disk *disk, char *who, size_t size)
{
    static const char *const kinds[] = { "vbd", "qdisk" };
    struct search s = { .en = en, .spec = spec, .disk = disk, .n = size };
    struct buf ids = { 0 };
    bool found = false;
    char path[96];
    const char *id;
    size_t k, i, n;

    s.who = who;
    if (disk->file_ino != 0)
        (void)fd_read_file("/proc/self/mountinfo", MOUNTS_MAX, &s.mounts, NULL);
    for (k = 0; k < 2 && !found; k++) {
        store_path(path, sizeof(path), BACKENDS "%s", kinds[k]);
        if (store_list(engine_store(en), 0, path, &ids, &n, NULL) < 0)
            continue;
        for (i = 0, id = ids.data; i < n && !found; i++, id += strlen(id) + 1)
            found = search_domain(&s, kinds[k], id);
    }
    buf_free(&ids);
    buf_free(&s.mounts);
    return found;
}
