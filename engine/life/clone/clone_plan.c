/*
 * clone_plan.c - what a clone is to be: the configuration on record with
 * another identity, and for each disk what becomes of it and where a copy
 * goes.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/core/paths.h"
#include "engine/device/device.h"
#include "engine/device/device_handler.h"
#include "engine/life/clone/clone_int.h"
#include "engine/record/db.h"
#include "src/base/xalloc.h"

#define DEVICES "/dev/"
#define MEMORY  "/dev/shm/" /* where files are */

static bool
is_device_path(const char *path)
{
    return strncmp(path, DEVICES, strlen(DEVICES)) == 0 &&
           strncmp(path, MEMORY, strlen(MEMORY)) != 0;
}

static const struct clone_word *
clone_word_of(const struct clone_opts *o, const char *disk)
{
    size_t i;

    for (i = 0; i < o->n_words; i++)
        if (strcmp(o->words[i].disk, disk) == 0)
            return &o->words[i];
    return NULL;
}

/* Beside the original, or in dir: the original's name with the new domain's in
 * place of the old one's, or before it. */
static int
clone_path(const struct clone_opts *o, const char *old, struct clone_disk *k,
           struct err *e)
{
    const char *base = strrchr(k->from, '/'), *at;
    struct buf path = { 0 };
    int rc = 0;

    base = base != NULL ? base + 1 : k->from;
    at = strstr(base, old);
    if (o->dir != NULL)
        buf_fmt(&path, "%s/", o->dir);
    else
        buf_fmt(&path, "%.*s", (int)(base - k->from), k->from);
    if (at != NULL)
        buf_fmt(&path, "%.*s%s%s", (int)(at - base), base, o->name,
                at + strlen(old));
    else
        buf_fmt(&path, "%s-%s", o->name, base);
    if (o->dir != NULL && is_device_path(k->from))
        buf_str(&path, ".img");
    if (path.len >= sizeof(k->to))
        rc = err_set(e, ERR_RANGE,
                     "clone: the path of the copy of %s has %zu bytes, "
                     "allowed %zu",
                     k->name, path.len, sizeof(k->to) - 1);
    else
        text_fmt(k->to, sizeof(k->to), "%s", buf_text(&path));
    buf_free(&path);
    return rc;
}

static int
clone_given_path(const char *path, struct clone_disk *k, struct err *e)
{
    if (path[0] != '/' || strlen(path) >= sizeof(k->to) ||
        strpbrk(path, "\n\t") != NULL)
        return err_set(e, ERR_INVALID,
                       "clone: %s: found \"%s\", allowed an absolute path of "
                       "at most %zu bytes",
                       k->name, path, sizeof(k->to) - 1);
    text_fmt(k->to, sizeof(k->to), "%s", path);
    return 0;
}

static int
clone_refuse_share(const struct device_medium *m, struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "clone: %s is writable, and two domains that write one disk "
                   "destroy it: copy it, or leave it out (%s=none)%s",
                   m->name, m->name,
                   m->alone ? "" : ", or share this one by name");
}

static int
clone_disk_way(const struct clone_opts *o, const struct clone_word *w,
               const struct device_medium *m, struct clone_disk *k,
               struct err *e)
{
    if (w != NULL)
        k->way = w->way;
    else if (m->writes || o->way == CLONE_LEAVE)
        k->way = o->way;
    if (k->way == CLONE_USUAL)
        k->way = m->writes ? CLONE_COPY : CLONE_SHARE;
    if (k->way == CLONE_SHARE && m->writes && (m->alone || w == NULL))
        return clone_refuse_share(m, e);
    if (k->way == CLONE_COPY && m->far != NULL)
        return err_set(e, ERR_UNSUPPORTED,
                       "clone: %s cannot be copied: %s; leave it out (%s=none) "
                       "and attach one afterwards",
                       m->name, m->far, m->name);
    return 0;
}

/* No copy is another one, or a disk that there is. */
static int
clone_check_twice(const struct clone_plan *p, struct err *e)
{
    const struct clone_disk *a, *b;

    for (a = p->disks; a < p->disks + p->n; a++)
        for (b = p->disks; a->way == CLONE_COPY && b < p->disks + p->n; b++)
            if (strcmp(a->to, b->from) == 0 ||
                (a != b && strcmp(a->to, b->to) == 0))
                return err_set(e, ERR_INVALID,
                               "clone: the copy of %s would be %s %s, %s: name "
                               "another file (%s=FILE)",
                               a->name,
                               strcmp(a->to, b->from) == 0 ? "the disk"
                                                           : "that of",
                               b->name, a->to, a->name);
    return 0;
}

static int
clone_plan_disk(const struct clone_opts *o, const char *old,
                const struct device_medium *m, struct clone_plan *p, size_t nth,
                struct err *e)
{
    const struct clone_word *w = clone_word_of(o, m->name);
    struct clone_disk k = { .nth = nth };
    char uuid[37];

    text_fmt(k.name, sizeof(k.name), "%s", m->name);
    text_fmt(k.from, sizeof(k.from), "%s", m->path);
    if (clone_disk_way(o, w, m, &k, e) < 0)
        return -1;
    if (k.way == CLONE_COPY) {
        if ((w != NULL && w->path != NULL ? clone_given_path(w->path, &k, e)
                                          : clone_path(o, old, &k, e)) < 0)
            return -1;
        uuid_print_text(p->cfg->uuid, uuid);
        if (!is_device_path(k.to))
            text_fmt(k.part, sizeof(k.part), "%s.%s.part", k.to, uuid);
    }
    p->disks = xrealloc(p->disks, p->n + 1, sizeof(p->disks[0]));
    p->disks[p->n++] = k;
    return 0;
}

/* Which disks there are, for who has named another one. */
static int
clone_check_words(const struct clone_opts *o, const struct clone_plan *p,
                  const char *old, struct err *e)
{
    struct buf names = { 0 };
    size_t i, n;

    for (i = 0; i < o->n_words; i++) {
        for (n = 0; n < p->n; n++)
            if (strcmp(p->disks[n].name, o->words[i].disk) == 0)
                break;
        if (n < p->n)
            continue;
        for (n = 0; n < p->n; n++)
            buf_fmt(&names, "%s%s", n > 0 ? ", " : "", p->disks[n].name);
        err_set(e, ERR_NOENT, "clone: found the disk '%s', '%s' has %s",
                o->words[i].disk, old,
                names.len > 0 ? buf_text(&names) : "no disks");
        buf_free(&names);
        return -1;
    }
    return 0;
}

static int
clone_plan_disks(const struct clone_opts *o, const char *old,
                 struct clone_plan *p, struct err *e)
{
    struct device_medium m;
    size_t i;

    for (i = 0; i < p->cfg->n_devices; i++) {
        const struct config_device *c = &p->cfg->devices[i];
        const struct device_type *type = device_type_find(c->kind);

        if (type != NULL && type->medium != NULL && type->medium(c, &m) &&
            clone_plan_disk(o, old, &m, p, i, e) < 0)
            return -1;
    }
    return clone_check_words(o, p, old, e) < 0 ? -1 : clone_check_twice(p, e);
}

/* The devices as they are to be; from the last on, for some go. */
static void
clone_set_devices(struct clone_plan *p)
{
    size_t i, k, n;

    for (i = p->cfg->n_devices; i-- > 0;) {
        struct config_device *c = &p->cfg->devices[i];
        const struct device_type *type = device_type_find(c->kind);
        const struct clone_disk *disk = NULL;

        for (n = 0; n < p->n; n++)
            if (p->disks[n].nth == i)
                disk = &p->disks[n];
        if (disk != NULL && disk->way == CLONE_LEAVE) {
            config_device_del(p->cfg, i);
            continue;
        }
        if (disk != NULL && disk->way == CLONE_COPY)
            type->set_medium(c, disk->to);
        for (k = 0; type != NULL && type->own_keys != NULL &&
                    type->own_keys[k] != NULL;
             k++)
            device_set_value(c, type->own_keys[k], NULL);
    }
}

static int
clone_set_identity(struct domain_config *c, const char *name, struct err *e)
{
    if (!config_name_ok(name))
        return err_set(e, ERR_INVALID,
                       "clone: found the name \"%s\", allowed 1 to %d of A-Z "
                       "a-z 0-9 . _ - +, a letter or digit first, and no "
                       "number",
                       name, CONFIG_NAME_MAX);
    free(c->name);
    c->name = xstrdup(name);
    free(c->file);
    c->file = xasprintf("clone %s", name);
    c->xl_file = false;
    c->autostart = false;
    c->uuid_set = true;
    return uuid_make(c->uuid, e);
}

int
clone_plan_make(struct engine *en, const struct dom *d,
                const struct clone_opts *o, struct clone_plan *out,
                struct err *e)
{
    struct err why = { 0 };
    int rc;

    *out = (struct clone_plan){ 0 };
    if (db_load(engine_paths(en)->state, d->uuid, &out->cfg, &why) < 0) {
        out->cfg = NULL;
        if (why.code != ERR_NOENT) {
            *e = why;
            return -1;
        }
        return err_set(e, ERR_NOENT,
                       "%s: xendeck has no configuration of it on record%s",
                       d->name, d->owned ? "" : ": `adopt' takes it in");
    }
    rc = clone_set_identity(out->cfg, o->name, e);
    if (rc == 0)
        rc = clone_plan_disks(o, d->name, out, e);
    if (rc == 0)
        clone_set_devices(out);
    return rc;
}

void
clone_plan_fini(struct clone_plan *p)
{
    config_free(p->cfg);
    free(p->disks);
    *p = (struct clone_plan){ 0 };
}

void
clone_plan_tell(const struct clone_plan *p, struct buf *out,
                struct buf *over_out)
{
    size_t i;

    buf_fmt(out, "%s: %llu MiB, %u vcpu%s; new uuid and macs; off\n",
            p->cfg->name, (unsigned long long)p->cfg->mem_kib / 1024,
            p->cfg->vcpus, p->cfg->vcpus == 1 ? "" : "s");
    for (i = 0; i < p->n; i++) {
        const struct clone_disk *k = &p->disks[i];

        if (k->way == CLONE_LEAVE)
            buf_fmt(out, "%s is left out\n", k->name);
        else if (k->way == CLONE_SHARE)
            buf_fmt(out, "%s is shared: %s\n", k->name, k->from);
        else
            buf_fmt(out, "%s is copied %s %s\n", k->name,
                    k->part[0] == '\0' ? "over what is on" : "to", k->to);
        if (over_out != NULL && k->way == CLONE_COPY && k->part[0] == '\0')
            buf_fmt(over_out, "%s%s", over_out->len > 0 ? ", " : "", k->to);
    }
}
