/*
 * shrink_plan.c - see shrink_plan.h.
 */
#include "engine/host/shrink_plan.h"

#include <string.h>

#include "engine/host/dom0_memory.h"
#include "engine/host/host_int.h"

#define LEAST_KIB (128ULL * 1024)
#define MIB_KIB   1024ULL

/* KiB that it could give, of what it is on its way to. */
static uint64_t
shrink_spare(const struct engine *en, const struct dom *d)
{
    uint64_t has = d->mem_kib;

    if (d->domid == 0)
        return dom0_memory_spare(en);
    if (d->target_kib == 0 || d->building || d->left ||
        (d->flags & (DOM_F_DYING | DOM_F_SHUTDOWN | DOM_F_PAUSED)) != 0)
        return 0;
    has = d->target_kib < has ? d->target_kib : has;
    return has / 2 >= LEAST_KIB ? has - has / 2 : 0;
}

static bool
is_planned(const struct shrink *plan, size_t n, const struct dom *d)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (plan[i].d == d)
            return true;
    return false;
}

/* Domain 0 first, then who has most to give; NULL: nobody has. */
static const struct dom *
shrink_next(const struct engine *en, const struct shrink *plan, size_t n)
{
    const struct dom *best = NULL;
    const struct dom_entry *de;
    uint64_t most = 0, spare;
    size_t i;

    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        spare = shrink_spare(en, &de->d);
        if (spare == 0 || is_planned(plan, n, &de->d))
            continue;
        if (de->d.domid == 0)
            return &de->d;
        if (spare > most) {
            most = spare;
            best = &de->d;
        }
    }
    return best;
}

size_t
shrink_plan(const struct engine *en, uint64_t lack_kib,
            struct shrink out[SHRINK_MAX])
{
    const struct dom *d;
    uint64_t spare, has;
    size_t n = 0;

    while (lack_kib > 0) {
        if (n == SHRINK_MAX || (d = shrink_next(en, out, n)) == NULL)
            return 0;
        spare = shrink_spare(en, d);
        has = d->target_kib != 0 && d->target_kib < d->mem_kib ? d->target_kib
                                                               : d->mem_kib;
        spare = spare < lack_kib ? spare : lack_kib;
        out[n].d = d;
        out[n++].to_kib = (has - spare) / MIB_KIB * MIB_KIB;
        lack_kib -= spare;
    }
    return n;
}

void
shrink_text(const struct engine *en, const struct shrink *plan, size_t n,
            char *dst, size_t dst_size)
{
    struct buf b = { 0 };
    size_t i, whole;

    for (i = 0; i < n; i++) {
        whole = b.len;
        buf_str(&b, i > 0 ? ", `mem-set " : "`mem-set ");
        engine_dom_word(en, plan[i].d, &b);
        buf_fmt(&b, " %lluM'", (unsigned long long)plan[i].to_kib / MIB_KIB);
        if (b.len < dst_size)
            continue;
        b.len = whole; /* half a number would be another one */
        break;
    }
    text_fmt(dst, dst_size, "%.*s", (int)b.len, buf_text(&b));
    buf_free(&b);
}
