/*
 * disk_use.c - see disk.h. Looks through the backends of dom0, which no guest
 * can write: by the numbers of the device once the script has written them,
 * and by its path.
 */
#include <stdio.h>
#include <string.h>

#include "engine/device/device.h"
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
    struct err *blind; /* why somebody could not be looked at */
};

/* What is not there uses nothing; what cannot be read may use all. */
static void
disk_use_note(const struct search *s, const struct err *e)
{
    if (e->code != ERR_NOENT && s->blind->code == ERR_NONE)
        *s->blind = *e;
}

static void
read_node(const struct search *s, const char *dir, const char *name, char *dst,
          size_t n)
{
    struct err e = { 0 };
    char path[256];

    store_path(path, sizeof(path), "%s/%s", dir, name);
    if (store_read_text(engine_store(s->en), 0, path, dst, n, &e) == 0)
        return;
    dst[0] = '\0';
    disk_use_note(s, &e);
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
disk_use_same_file(const struct search *s, const char *path)
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
            strcmp(path, s->disk->path) == 0 || disk_use_same_file(s, path));
}

static bool
disk_use_conflicts(const struct search *s, const char *dir, const char *domid)
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
    struct err e = { 0 };
    bool found = false;
    size_t i, n;

    store_path(dir, sizeof(dir), BACKENDS "%s/%s", kind, domid);
    if (store_list(engine_store(s->en), 0, dir, &ids, &n, &e) < 0)
        disk_use_note(s, &e);
    else
        for (i = 0, id = ids.data; i < n && !found; i++, id += strlen(id) + 1) {
            store_path(dir, sizeof(dir), BACKENDS "%s/%s/%s", kind, domid, id);
            found = disk_use_conflicts(s, dir, domid);
        }
    buf_free(&ids);
    return found;
}

static bool
search_kind(const struct search *s, const char *kind)
{
    struct buf ids = { 0 };
    struct err e = { 0 };
    bool found = false;
    char path[96];
    const char *id;
    size_t i, n;

    store_path(path, sizeof(path), BACKENDS "%s", kind);
    if (store_list(engine_store(s->en), 0, path, &ids, &n, &e) < 0)
        disk_use_note(s, &e);
    else
        for (i = 0, id = ids.data; i < n && !found; i++, id += strlen(id) + 1)
            found = search_domain(s, kind, id);
    buf_free(&ids);
    return found;
}

int
disk_used_by_guest(struct engine *en, const struct disk_spec *spec,
                   const struct dom0_disk *disk, struct disk_user *out,
                   struct err *e)
{
    struct err blind = { 0 };
    struct search s = { .en = en,
                        .spec = spec,
                        .disk = disk,
                        .who = out->who,
                        .n = sizeof(out->who),
                        .blind = &blind };
    int rc;

    if (disk->file_ino != 0 &&
        fd_read_file("/proc/self/mountinfo", MOUNTS_MAX, &s.mounts, e) < 0)
        return -1;
    rc = search_kind(&s, device_vbd.kind) ||
         search_kind(&s, device_vbd.model_kind);
    buf_free(&s.mounts);
    if (rc == 0 && blind.code != ERR_NONE) {
        *e = blind;
        return err_wrap(e, "whether a guest has this disk cannot be told");
    }
    return rc;
}
