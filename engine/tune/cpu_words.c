/*
 * cpu_words.c - a list of cpus as xl's vcpu-pin takes it, in the words of a
 * configuration: numbers only, each of a cpu that the host has. Nodes are
 * looked up now, for a configuration may be read on another host.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/tune/tune.h"
#include "src/base/xalloc.h"

/* "node:0", "nodes:1-2", "nodes:all": the part behind the colon, or NULL. */
static const char *
behind_node(const char *item)
{
    if (strncmp(item, "nodes:", 6) == 0)
        return item + 6;
    return strncmp(item, "node:", 5) == 0 ? item + 5 : NULL;
}

/* "2", "0-3"; all: the whole range. */
static bool
take_range(const char *text, unsigned max, unsigned *first, unsigned *last)
{
    const char *dash = strchr(text, '-');
    unsigned long long a, b;
    char low[16];

    *first = 0;
    *last = max;
    if (strcmp(text, "all") == 0)
        return true;
    text_fmt(low, sizeof(low), "%.*s",
             dash != NULL ? (int)(dash - text) : (int)strlen(text), text);
    if (!text_u64(low, 0, max, &a))
        return false;
    b = a;
    if (dash != NULL && !text_u64(dash + 1, a, max, &b))
        return false;
    *first = (unsigned)a;
    *last = (unsigned)b;
    return true;
}

static bool
on_nodes(const struct hv_topology *t, unsigned cpu, unsigned first,
         unsigned last)
{
    return t->cpu[cpu].online && t->cpu[cpu].node >= first &&
           t->cpu[cpu].node <= last;
}

/* Nodes have numbers with gaps where one has neither cpus nor memory. */
static unsigned
last_node(const struct hv_topology *t)
{
    unsigned i, last = 0;

    for (i = 0; i < t->n_cpus; i++)
        if (t->cpu[i].online && t->cpu[i].node > last)
            last = t->cpu[i].node;
    return last;
}

/* The cpus of these nodes as items, each with what stood before the word. */
static bool
add_nodes(const struct hv_topology *t, const char *sign, const char *nodes,
          struct buf *out)
{
    unsigned first, last, i, from;
    bool any = false;

    if (!take_range(nodes, last_node(t), &first, &last))
        return false;
    for (i = 0; i < t->n_cpus; i++) {
        if (!on_nodes(t, i, first, last))
            continue;
        for (from = i; i + 1 < t->n_cpus && on_nodes(t, i + 1, first, last);)
            i++;
        buf_fmt(out, "%s%s%u", out->len > 0 ? "," : "", sign, from);
        if (i > from)
            buf_fmt(out, "-%u", i);
        any = true;
    }
    return any;
}

/* A word that is none is cpus_parse's to refuse. */
static int
cpu_words_add_item(const struct hv_topology *t, char *item, struct buf *out,
                   struct err *e)
{
    const char *sign = *item == '^' ? "^" : "", *word = item, *nodes;
    unsigned first, last;

    word += *item == '^';
    word += strspn(word, " \t");
    nodes = behind_node(word);
    if (nodes != NULL && !add_nodes(t, sign, nodes, out))
        return err_set(e, ERR_RANGE,
                       "found \"%.64s\", allowed nodes 0 to %u with a cpu "
                       "online",
                       item, last_node(t));
    if (nodes != NULL)
        return 0;
    if (take_range(word, CONFIG_CPUS_MAX - 1, &first, &last) &&
        strcmp(word, "all") != 0 && last >= t->n_cpus)
        return err_set(e, ERR_RANGE, "found \"%.64s\", allowed cpus 0 to %u",
                       item, t->n_cpus - 1);
    buf_fmt(out, "%s%s", out->len > 0 ? "," : "", item);
    return 0;
}

static void
trim(char **item)
{
    size_t n;

    *item += strspn(*item, " \t");
    n = strlen(*item);
    while (n > 0 && strchr(" \t", (*item)[n - 1]) != NULL)
        (*item)[--n] = '\0';
}

char *
cpu_words(struct engine *en, const char *text, struct err *e)
{
    struct hv_topology *t = xcalloc(1, sizeof(*t));
    char *copy = xstrdup(text), *at = copy, *item;
    struct buf out = { 0 };
    int rc = hv_topology(engine_hv(en), t, e);

    while (rc == 0 && (item = strsep(&at, ",")) != NULL) {
        trim(&item);
        rc = *item != '\0' ? cpu_words_add_item(t, item, &out, e)
                           : err_set(e, ERR_INVALID,
                                     "found \"%.64s\", allowed a list such as "
                                     "\"0-3,^2\", \"nodes:0\" or \"all\"",
                                     text);
    }
    free(copy);
    free(t);
    if (rc == 0)
        return buf_take(&out);
    buf_free(&out);
    return NULL;
}
