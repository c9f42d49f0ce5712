/*
 * affinity.c - on which cpus a domain's vcpus may run: one list for all of
 * them, or one for each. Kept as texts that cpus_parse has taken; a mask is
 * made of one when it is needed.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "src/base/xalloc.h"

void
config_cpus_fini(struct config_cpus *k)
{
    config_cpus_cut(k, 0);
    free(k->texts);
    *k = (struct config_cpus){ 0 };
}

void
config_cpus_cut(struct config_cpus *k, unsigned vcpus)
{
    if (!k->each && vcpus > 0)
        return;
    while (k->n > vcpus)
        free(k->texts[--k->n]);
}

static void
affinity_append(struct config_cpus *k, const char *text)
{
    k->texts = xrealloc(k->texts, k->n + 1, sizeof k->texts[0]);
    k->texts[k->n++] = xstrdup(text);
}

void
config_cpus_all(struct config_cpus *k, const char *text)
{
    char *one = xstrdup(text);

    config_cpus_fini(k);
    affinity_append(k, one);
    free(one);
}

void
config_cpus_add(struct config_cpus *k, const char *text)
{
    if (!k->each)
        config_cpus_fini(k);
    k->each = true;
    affinity_append(k, text);
}

void
config_cpus_pin(struct config_cpus *k, unsigned vcpus, unsigned vcpu,
                const char *text)
{
    char *rest = xstrdup(k->n > 0 && !k->each ? k->texts[0] : "all");

    if (!k->each)
        config_cpus_fini(k);
    k->each = true;
    while (k->n <= vcpu || (k->n < vcpus && strcmp(rest, "all") != 0))
        affinity_append(k, rest);
    free(k->texts[vcpu]);
    k->texts[vcpu] = xstrdup(text);
    free(rest);
}

const char *
config_cpus_text(const struct config_cpus *k, unsigned vcpu)
{
    if (!k->each)
        vcpu = 0;
    return vcpu < k->n ? k->texts[vcpu] : NULL;
}

bool
config_cpus_alike(const struct config_cpus *k, unsigned vcpus)
{
    unsigned i;

    for (i = 1; i < k->n && i < vcpus; i++)
        if (strcmp(k->texts[i], k->texts[0]) != 0)
            return false;
    return k->n > 0 && (!k->each || k->n >= vcpus);
}

bool
config_cpus_mask(const struct config_cpus *k, unsigned vcpu, uint8_t *mask)
{
    const char *text = config_cpus_text(k, vcpu);

    return text != NULL && cpus_parse(text, mask, NULL) == 0;
}

void
config_cpus_print(const struct config_cpus *k, const char *key, const char *end,
                  struct buf *out)
{
    unsigned i;

    if (k->n == 0)
        return;
    buf_fmt(out, k->each ? "%s = [ " : "%s = ", key);
    for (i = 0; i < k->n; i++) {
        if (i > 0)
            buf_str(out, ", ");
        value_quoted(out, k->texts[i]);
    }
    buf_fmt(out, k->each ? " ]%s" : "%s", end);
}
