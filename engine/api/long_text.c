/*
 * long_text.c - long texts for the detail pane: configuration, xenstore
 * subtrees. All made safe to show: most of it was written by a guest.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/api/texts.h"
#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/host/listing.h"
#include "engine/life/drift.h"
#include "engine/record/db.h"
#include "src/base/fdio.h"

#define DEPTH_MAX   12
#define VALUE_SHOWN 256

/* --- xenstore --- */

struct walk {
    struct engine *en;
    struct buf *out;
    size_t lines, max_lines;
};

/* Where xl and device models keep the password of a screen. */
static bool
is_password(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && (strcmp(slash, "/vncpasswd") == 0 ||
                             strcmp(slash, "/vnc-pass") == 0);
}

static void
show_node(struct walk *w, const char *path)
{
    struct buf v = { 0 };

    buf_safe(w->out, path, STORE_PATH_MAX);
    if (is_password(path))
        buf_str(w->out, " = (a password, not shown)");
    else if (store_read(engine_store(w->en), 0, path, &v, NULL) == 0 &&
             v.len > 0) {
        buf_str(w->out, " = ");
        buf_safe(w->out, v.data, v.len < VALUE_SHOWN ? v.len : VALUE_SHOWN);
        if (v.len > VALUE_SHOWN)
            buf_str(w->out, "...");
    }
    buf_chr(w->out, '\n');
    buf_free(&v);
    w->lines++;
}

static void
walk_below(struct walk *w, const char *path, int depth)
{
    char child[STORE_PATH_MAX];
    struct buf names = { 0 };
    const char *s;
    size_t i, n;

    if (depth == DEPTH_MAX ||
        store_list(engine_store(w->en), 0, path, &names, &n, NULL) < 0)
        return;
    for (i = 0, s = names.data; i < n && w->lines < w->max_lines;
         i++, s += strlen(s) + 1) {
        if (!store_path(child, sizeof(child), "%s/%s", path, s))
            continue;
        show_node(w, child);
        walk_below(w, child, depth + 1);
    }
    buf_free(&names);
}

int
engine_store_text(struct engine *en, uint64_t dom_id, size_t max_lines,
                  struct buf *out, struct err *e)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);
    struct walk w = { .en = en, .out = out, .max_lines = max_lines };
    char roots[3][64], uuid[37];
    size_t i;

    if (de == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    if (store_lost(engine_store(en)))
        return err_set(e, ERR_LOST, "xenstored is gone");
    uuid_print_text(de->d.uuid, uuid);
    store_path(roots[0], sizeof(roots[0]), "/local/domain/%u", de->d.domid);
    store_path(roots[1], sizeof(roots[1]), "/libxl/%u", de->d.domid);
    store_path(roots[2], sizeof(roots[2]), "/vm/%s", uuid);
    for (i = 0; i < 3; i++)
        walk_below(&w, roots[i], 0);
    if (w.lines >= max_lines)
        buf_fmt(out, "... (the first %zu lines)\n", max_lines);
    return 0;
}

/* --- configuration --- */

static void
known_facts(const struct dom *d, struct buf *out)
{
    char uuid[37];

    uuid_print_text(d->uuid, uuid);
    buf_fmt(out, "# %s: what the host knows of it\n",
            d->owned ? "its configuration is not on record"
                     : "made by another tool");
    buf_fmt(out, "# name = \"%s\"\n# uuid = \"%s\"\n# type: %s\n", d->name,
            uuid, dom_kind_name(d->kind));
    buf_fmt(out, "# memory = %llu MiB\n",
            (unsigned long long)d->mem_kib / 1024);
    if (d->max_kib != UINT64_MAX)
        buf_fmt(out, "# maxmem = %llu MiB\n",
                (unsigned long long)d->max_kib / 1024);
    buf_fmt(out, "# vcpus = %u of %u\n", d->vcpus_online, d->vcpus_max);
}

/* Each line of text as a comment of libconfig. */
static void
comment_lines(const struct buf *text, struct buf *out)
{
    const char *p = buf_text(text);
    size_t n;

    for (; *p != '\0'; p += n + (p[n] == '\n')) {
        n = strcspn(p, "\n");
        buf_fmt(out, "# %.*s\n", (int)n, p);
    }
}

int
engine_config_text(struct engine *en, uint64_t dom_id, struct buf *out,
                   struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    struct buf left_out = { 0 }, drift = { 0 };
    struct domain_config *c;

    if (d == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    if (d->owned && db_load(engine_paths(en)->state, d->uuid, &c, NULL) == 0) {
        config_drop_secrets(c, &left_out);
        config_print(c, out);
        comment_lines(&left_out, out);
        if (engine_drift(en, dom_id, &drift, NULL) == 0 && drift.len > 0)
            buf_str(out, "# The running domain differs from this:\n");
        comment_lines(&drift, out);
        buf_free(&drift);
        buf_free(&left_out);
        config_free(c);
        return 0;
    }
    known_facts(d, out);
    return 0;
}
