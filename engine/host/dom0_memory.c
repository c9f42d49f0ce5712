/*
 * dom0_memory.c - see dom0_memory.h.
 * Facts of Xen: domain 0 has no nodes below memory before the first balloon
 * operation; a tool writes its static-max then, and only then does its kernel
 * know where it may come back to.
 */
#include "engine/host/dom0_memory.h"

#include <ctype.h>
#include <string.h>

#include "engine/core/engine_options.h"
#include "engine/host/host_int.h"
#include "engine/host/host_room.h"
#include "engine/host/host_xl.h"
#include "engine/host/shrink_plan.h"
#include "engine/store/store.h"

#define DOM0_TARGET "/local/domain/0/memory/target"
#define DOM0_MAX    "/local/domain/0/memory/static-max"
#define MEMORY_MAX  (1ULL << 40) /* KiB */

/* "dom0_mem=4G,max:4G" of Xen. As with xl, a limit alone ("min:1G") fixes it,
 * too. */
static bool
dom0_memory_is_fixed(const char *cmdline)
{
    static const char word[] = "dom0_mem=";
    const char *p;

    for (p = cmdline; (p = strstr(p, word)) != NULL; p++)
        if ((p == cmdline || p[-1] == ' ') &&
            (isdigit((unsigned char)p[sizeof(word) - 1]) ||
             strncmp(p + sizeof(word) - 1, "min:", 4) == 0 ||
             strncmp(p + sizeof(word) - 1, "max:", 4) == 0))
            return true;
    return false;
}

bool
dom0_memory_may_go(struct engine *en, const struct hv_host *h)
{
    unsigned how = engine_options(en)->autoballoon;
    struct xl_conf xl;

    if (how == ENGINE_BALLOON_XL) {
        host_xl_conf(en, &xl);
        how = xl.autoballoon == XL_BALLOON_ON    ? ENGINE_BALLOON_ON
              : xl.autoballoon == XL_BALLOON_OFF ? ENGINE_BALLOON_OFF
                                                 : ENGINE_BALLOON_AUTO;
    }
    if (how == ENGINE_BALLOON_AUTO)
        return !dom0_memory_is_fixed(h->cmdline);
    return how == ENGINE_BALLOON_ON;
}

/* What it is on its way to, if that is less than it has: the rest is promised
 * to others. */
uint64_t
dom0_memory_spare(const struct engine *en)
{
    const struct dom_entry *de = domains_by_domid(en, 0);
    uint64_t least = engine_options(en)->dom0_min_kib, has;

    if (de == NULL)
        return 0;
    has = de->d.mem_kib;
    if (de->d.target_kib != 0 && de->d.target_kib < has)
        has = de->d.target_kib;
    return has > least ? has - least : 0;
}

void
dom0_memory_remedy(const struct engine *en, uint64_t lack_kib, char *dst,
                   size_t n)
{
    static const char also[] = ", or shrink what runs: ";
    const struct dom_entry *de = domains_by_domid(en, 0);
    struct shrink plan[SHRINK_MAX];
    char how[SHRINK_TEXT_MAX];
    size_t n_plan, used;

    if (de == NULL || dom0_memory_spare(en) < lack_kib) {
        n_plan = shrink_plan(en, lack_kib, plan);
        text_fmt(dst, n, "lower its memory, or end other domains");
        used = strlen(dst) + strlen(also);
        how[0] = '\0';
        if (n > used) /* a command is there as a whole, or not at all */
            shrink_text(en, plan, n_plan, how,
                        n - used < sizeof(how) ? n - used : sizeof(how));
        if (how[0] != '\0')
            text_fmt(dst + strlen(dst), n - strlen(dst), "%s%s", also, how);
        return;
    }
    text_fmt(dst, n,
             "`mem-set 0 %lluM' frees it from domain 0, dom0_mem= on Xen's "
             "command line does for good",
             (unsigned long long)(de->d.mem_kib - lack_kib) / 1024);
}

/* --- the target --- */

struct dom0_move {
    struct engine *en;
    int64_t kib, moved;
};

static int
dom0_memory_read(struct store *st, store_tx tx, const struct dom0_move *m,
                 uint64_t *target_out, uint64_t *max_out, struct err *e)
{
    struct err none = { 0 };
    struct hv_dom h;

    if (store_read_u64(st, tx, DOM0_MAX, MEMORY_MAX, max_out, &none) == 0 &&
        store_read_u64(st, tx, DOM0_TARGET, MEMORY_MAX, target_out, &none) == 0)
        return 0;
    if (hv_get(engine_hv(m->en), 0, &h, e) < 0)
        return -1;
    *target_out = h.mem_kib;
    *max_out = h.max_kib < engine_host_info(m->en)->total_kib
                   ? h.max_kib
                   : engine_host_info(m->en)->total_kib;
    return store_writef(st, tx, e, DOM0_MAX, "%llu",
                        (unsigned long long)*max_out);
}

static int
dom0_memory_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    struct dom0_move *m = arg;
    int64_t least = (int64_t)engine_options(m->en)->dom0_min_kib, to;
    uint64_t target, max;

    if (dom0_memory_read(st, tx, m, &target, &max, e) < 0)
        return -1;
    to = (int64_t)target + m->kib;
    if (to < least)
        to = (int64_t)target < least ? (int64_t)target : least;
    if (to > (int64_t)max)
        to = (int64_t)max;
    m->moved = to - (int64_t)target;
    return store_writef(st, tx, e, DOM0_TARGET, "%lld", (long long)to);
}

int
dom0_memory_move(struct engine *en, int64_t kib, int64_t *moved_out,
                 struct err *e)
{
    struct dom0_move m = { .en = en, .kib = kib };
    struct dom_entry *de;

    if (store_tx_run(engine_store(en), dom0_memory_body, &m, e) < 0)
        return -1;
    *moved_out = m.moved;
    de = domains_by_domid(en, 0);
    if (de != NULL)
        domains_read_store(de);
    engine_changed(en, ENGINE_CH_DOMS);
    return 0;
}
