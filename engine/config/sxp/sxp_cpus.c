/*
 * sxp_cpus.c - "(cpus ...)" of xend, and how it is written again:
 *
 *   (cpus 0-3)           one list of cpus, of all vcpus
 *   (cpus (0 1))         the same, as xend kept it up to its version 3.3
 *   (cpus ((0 1) (2)))   one for each vcpu, as later ones kept it
 *   (cpus (0-1 2))       the same, as their xm was given it
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "engine/config/sxp/sxp_int.h"
#include "src/base/xalloc.h"

static bool
sxp_cpus_is_number(const char *text)
{
    return strspn(text, "0123456789") == strlen(text);
}

/* One list of cpus of a row, (0 1): in short, for xend's rows have no ranges.
 * An empty one is that of a vcpu which is not bound. */
static void
sxp_cpus_row_text(const struct sxp *row, struct buf *out)
{
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    struct buf list = { 0 };
    size_t i;

    for (i = 0; i < row->n; i++)
        buf_fmt(&list, "%s%s", i > 0 ? "," : "",
                row->kids[i].atom != NULL ? row->kids[i].atom : "()");
    if (list.len == 0)
        buf_str(out, "all");
    else if (row->n > 1 && cpus_parse(buf_text(&list), mask, NULL) == 0)
        cpus_print(mask, CONFIG_CPUS_MAX, out);
    else
        buf_str(out, buf_text(&list));
    buf_free(&list);
}

/* A row, or a text; nth as that of an item. */
static int
map_row(struct sxp_map *m, const struct sxp *row, unsigned nth)
{
    struct config_item it = { .name = "cpus", .line = row->line, .nth = nth };
    char *shown =
        nth > 0 ? xasprintf("vm.cpus[%u]", nth - 1) : xstrdup("vm.cpus");
    struct buf text = { 0 };
    int rc;

    it.shown = shown;
    if (row->atom != NULL)
        buf_str(&text, row->atom);
    else
        sxp_cpus_row_text(row, &text);
    it.value = buf_text(&text);
    rc = config_set(&m->src, m->c, &it);
    buf_free(&text);
    free(shown);
    return rc;
}

/* Numbers only: of all vcpus. */
static bool
is_row(const struct sxp *list)
{
    size_t i;

    for (i = 0; i < list->n; i++)
        if (list->kids[i].atom == NULL ||
            !sxp_cpus_is_number(list->kids[i].atom))
            return false;
    return true;
}

/* True if no vcpu is bound: (), and (() ()) of two. */
static bool
is_empty(const struct sxp *list)
{
    size_t i;

    for (i = 0; i < list->n; i++)
        if (list->kids[i].atom != NULL || list->kids[i].n > 0)
            return false;
    return true;
}

static unsigned
vcpus_of(const struct domain_config *c)
{
    return c->maxvcpus > 0 ? c->maxvcpus : 1;
}

/* A list for each vcpu. */
static int
map_each(struct sxp_map *m, const struct sxp *list)
{
    const struct config_item all = { .name = "cpus",
                                     .shown = "vm.cpus",
                                     .line = list->line,
                                     .found = "a list" };
    struct config_cpus *k = &m->c->cpus;
    unsigned i;

    for (i = 0; i < list->n; i++)
        if (map_row(m, &list->kids[i], i + 1) < 0)
            return -1;
    if (config_cpus_alike(k, vcpus_of(m->c))) /* xend had repeated it */
        config_cpus_all(k, k->texts[0]);
    config_remember(m->c, &all);
    return 0;
}

int
sxp_map_cpus(struct sxp_map *m, const struct sxp *field)
{
    const struct sxp rest = { .kids = field->kids + 1,
                              .n = field->n - 1,
                              .line = field->line },
                     *v = field->n == 2 ? &field->kids[1] : &rest;

    if (v->atom != NULL ? *v->atom == '\0' : is_empty(v))
        return 0;
    if (v->atom != NULL || is_row(v))
        return map_row(m, v, 0);
    return map_each(m, v);
}

void
sxp_add_cpus(struct sxp *vm, const struct domain_config *c)
{
    const struct config_cpus *k = &c->cpus;
    struct sxp *field, *list;
    bool rows = true;
    unsigned i;

    if (!k->each || config_cpus_alike(k, vcpus_of(c))) {
        sxp_add_pair(vm, "cpus", config_cpus_text(k, 0));
        return;
    }
    for (i = 0; i < k->n; i++) /* a list of numbers would be of all vcpus */
        rows = rows && sxp_cpus_is_number(k->texts[i]);
    field = sxp_add_list(vm);
    sxp_add_atom(field, "cpus");
    list = sxp_add_list(field);
    for (i = 0; i < k->n; i++)
        sxp_add_atom(rows ? sxp_add_list(list) : list, k->texts[i]);
}

/* Bits of a mask, written in decimal or, however long, in hexadecimal; 0 if it
 * is none. */
static unsigned
count_bits(const char *text)
{
    unsigned long long v;
    unsigned n = 0;

    if (text_u64(text, 0, UINT64_MAX, &v))
        return (unsigned)__builtin_popcountll(v);
    if (strncmp(text, "0x", 2) != 0 || strlen(text) > 2 + CONFIG_VCPUS_MAX / 4)
        return 0;
    for (text += 2; *text != '\0'; text++) {
        char digit[4] = { '0', 'x', *text, '\0' };

        if (!text_u64(digit, 0, 15, &v))
            return 0;
        n += (unsigned)__builtin_popcountll(v);
    }
    return n;
}

/* xend's vcpus is the most that there can be; vcpu_avail is the mask of those
 * that there are. */
int
sxp_map_vcpus(struct sxp_map *m)
{
    const struct sxp *max = sxp_child(m->vm, "vcpus"),
                     *avail = sxp_child(m->vm, "vcpu_avail");
    const char *mask = NULL;
    char text[16];
    unsigned n;

    if (avail != NULL && sxp_map_text(m, avail, "vm", &mask) < 0)
        return -1;
    if (max == NULL || sxp_value(max) == NULL)
        return 0;
    if (sxp_map_set(m, max, "vm", "maxvcpus", sxp_value(max)) < 0)
        return -1;
    if (mask == NULL)
        return sxp_map_set(m, max, "vm", "vcpus", sxp_value(max));
    n = count_bits(mask);
    if (n == 0)
        return sxp_map_refuse(m, avail, "vm",
                              "a mask of virtual cpus, in decimal or 0x");
    if (n > m->c->maxvcpus) /* old ones of xend had all bits set */
        n = m->c->maxvcpus;
    text_fmt(text, sizeof text, "%u", n);
    return sxp_map_set(m, avail, "vm", "vcpus", text);
}
