/*
 * sim_dump.c - the state of the simulated host as text, for comparing: the
 * domains, then the whole xenstore with permissions. What time alone or the
 * kernel's choice of a pty moves is left out or masked, so equal states give
 * equal bytes.
 */
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/dom0/sim_model.h"
#include "engine/sim/dom0/sim_pci.h"
#include "engine/sim/sim_int.h"

static void
dump_dom(const struct sim_dom *d, struct buf *out)
{
    static const char *const kinds[] = { "pv", "pvh", "hvm" };
    char uuid[37];

    sim_uuid_text(d->uuid, uuid);
    buf_fmt(out, "domain %u uuid=%s kind=%s", d->domid, uuid, kinds[d->kind]);
    buf_fmt(out, " mem=%llu max=%llu", (unsigned long long)d->mem_kib,
            (unsigned long long)d->max_kib);
    buf_fmt(out, " vcpus=%u/%u pauses=%u ports=%u", d->online,
            d->vcpus_made ? d->max_vcpus : 0, d->pauses, d->ports);
    if (d->pool != 0 || d->weight != 0 || d->cap != 0)
        buf_fmt(out, " pool=%u weight=%u cap=%u", d->pool, d->weight, d->cap);
    buf_str(out, d->host_map ? " host_map" : "");
    buf_fmt(out, "%s%s", d->built ? " built" : "",
            d->introduced ? " introduced" : "");
    if (d->shutdown)
        buf_fmt(out, " shutdown=%u", d->reason);
    buf_str(out, d->dying ? " dying\n" : "\n");
}

static void
dump_value(const struct sim_node *n, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < n->len; i++) {
        unsigned char c = (unsigned char)n->val[i];

        if (c == '"' || c == '\\')
            buf_fmt(out, "\\%c", c);
        else if (c < ' ' || c >= 0x7f)
            buf_fmt(out, "\\x%02x", c);
        else
            buf_chr(out, (char)c);
    }
}

/* The kernel chooses the pty, and the wall clock the time of a start. */
static const char *
mask(const char *path, const struct sim_node *n)
{
    static const char dev[] = "/dev/pts/";
    size_t len = strlen(path);

    if (n->len > sizeof(dev) - 1 && memcmp(n->val, dev, sizeof(dev) - 1) == 0 &&
        len > 12 && strcmp(path + len - 12, "/console/tty") == 0)
        return SIM_TTY_LAZY;
    if (n->len > 0 && strncmp(path, "/vm/", 4) == 0 &&
        strcmp(n->name, "start_time") == 0)
        return "TIME";
    return NULL;
}

static void
dump_perms(const struct sim_perms *p, struct buf *out)
{
    static const char letters[] = "nrwb";
    unsigned i;

    for (i = 0; i < p->n; i++)
        buf_fmt(out, "%s%c%u", i == 0 ? "(" : ",", letters[p->p[i].perms & 3],
                p->p[i].domid);
    buf_str(out, ")\n");
}

static void
dump_node(const struct sim_node *n, struct buf *path, struct buf *out)
{
    size_t len = path->len;
    const char *masked;
    uint32_t i;

    for (i = 0; i < n->n_kids; i++) {
        const struct sim_node *kid = n->kids[i];

        buf_fmt(path, "/%s", kid->name);
        buf_fmt(out, "%s = \"", buf_text(path));
        masked = mask(buf_text(path), kid);
        if (masked != NULL)
            buf_str(out, masked);
        else
            dump_value(kid, out);
        buf_str(out, "\"   ");
        dump_perms(kid->perms, out);
        dump_node(kid, path, out);
        path->len = len;
        path->data[len] = '\0';
    }
}

void
sim_dump(struct sim *s, struct buf *out)
{
    struct buf path = { 0 };
    size_t i;

    for (i = 0; i < s->n_doms; i++)
        dump_dom(s->doms[i], out);
    sim_pci_dump(s, out);
    sim_models_dump(s, out);
    sim_taps_dump(s, out);
    dump_node(s->tree.root, &path, out);
    buf_free(&path);
}
