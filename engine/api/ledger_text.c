/*
 * ledger_text.c - the host's memory as a ledger: who has it, what is free,
 * what a new domain could have of it, and who could shrink for one that lacks
 * some.
 */
#include <stdlib.h>

#include "engine/api/texts.h"
#include "engine/guest/guest.h"
#include "engine/host/dom0_memory.h"
#include "engine/host/domains.h"
#include "engine/host/shrink_plan.h"
#include "src/base/xalloc.h"

#define NAME_COLS 20
#define N_KINDS   3 /* of enum dom_kind */
#define MIB(kib)  ((unsigned long long)(kib) / 1024)

/* What a domain of one vcpu and nothing special needs. */
static uint64_t
need_of(struct domain_config *scratch, enum dom_kind kind, uint64_t mem_kib)
{
    struct guest_memory m;

    scratch->kind = kind;
    scratch->vcpus = scratch->maxvcpus = 1;
    scratch->mem_kib = scratch->maxmem_kib = mem_kib;
    guest_type_of(scratch)->memory(scratch, &m);
    return m.need_kib;
}

/* The largest one that free_kib is enough for, in whole MiB. */
static uint64_t
most_of(struct domain_config *scratch, enum dom_kind kind, uint64_t free_kib)
{
    uint64_t low = 0, high = free_kib / 1024, mid;

    while (low < high) {
        mid = low + (high - low + 1) / 2;
        if (need_of(scratch, kind, mid * 1024) <= free_kib)
            low = mid;
        else
            high = mid - 1;
    }
    return low * 1024;
}

static void
ledger_row(struct buf *out, const char *name, uint64_t kib, const char *note)
{
    buf_fmt(out, "%-*s %9llu MiB  %s", NAME_COLS, name, MIB(kib), note);
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    buf_chr(out, '\n');
}

static void
ledger_dom(const struct engine *en, const struct dom *d, struct buf *out)
{
    char note[96] = "";

    if (d->domid == 0)
        text_fmt(note, sizeof(note), "could give %llu, down to dom0_min",
                 MIB(dom0_memory_spare(en)));
    else if (d->target_kib != 0 && d->target_kib + 1024 < d->mem_kib)
        text_fmt(note, sizeof(note), "on its way to %llu", MIB(d->target_kib));
    else if (d->max_kib != UINT64_MAX)
        text_fmt(note, sizeof(note), "of at most %llu", MIB(d->max_kib));
    ledger_row(out, d->name, d->mem_kib, note);
}

static void
ledger_fits(struct domain_config *scratch, uint64_t free_kib, const char *when,
            struct buf *out)
{
    size_t i;

    buf_fmt(out, "%-*s ", NAME_COLS, when);
    for (i = 0; i < N_KINDS; i++)
        buf_fmt(out, "%s%s %llu MiB", i > 0 ? ", " : "",
                dom_kind_name((enum dom_kind)i),
                MIB(most_of(scratch, (enum dom_kind)i, free_kib)));
    buf_chr(out, '\n');
}

/* What a domain of this size lacks, and who could give it. */
static void
ledger_wish(const struct engine *en, struct domain_config *scratch,
            uint64_t free_kib, uint64_t want_kib, struct buf *out)
{
    uint64_t need;
    struct shrink plan[SHRINK_MAX];
    char how[SHRINK_TEXT_MAX];
    size_t i, n;

    for (i = 0; i < N_KINDS; i++) {
        need = need_of(scratch, (enum dom_kind)i, want_kib);
        buf_fmt(out, "%s of %llu MiB: needs %llu MiB, ",
                dom_kind_name((enum dom_kind)i), MIB(want_kib), MIB(need));
        if (need <= free_kib) {
            buf_str(out, "which are free\n");
            continue;
        }
        n = shrink_plan(en, need - free_kib, plan);
        shrink_text(en, plan, n, how, sizeof(how));
        buf_fmt(out, "lacks %llu MiB: %s\n", MIB(need - free_kib + 1023),
                n > 0 ? how : "no few domains could give so much");
    }
}

/* What nobody of these has, and is not free. */
static uint64_t
xens_own(const struct hv_host *h, uint64_t doms_kib)
{
    uint64_t known = h->free_kib + doms_kib;

    return h->total_kib > known ? h->total_kib - known : 0;
}

int
engine_ledger_text(struct engine *en, uint64_t want_kib, struct buf *out,
                   struct err *e)
{
    struct domain_config *scratch;
    uint64_t doms_kib = 0;
    const struct dom_entry *de;
    struct hv_host h;
    size_t i;

    /* all of one moment: the tables are as old as the last tick */
    if (domains_scan(en, false, e) < 0 || hv_host(engine_hv(en), &h, e) < 0)
        return -1;
    scratch = xcalloc(1, sizeof(*scratch));
    ledger_row(out, "host", h.total_kib, "");
    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        ledger_dom(en, &de->d, out);
        doms_kib += de->d.mem_kib;
    }
    ledger_row(out, "Xen", xens_own(&h, doms_kib),
               "its own, and page tables of domains");
    ledger_row(out, "free", h.free_kib, "");
    ledger_fits(scratch, h.free_kib, "fits now", out);
    ledger_fits(scratch, h.free_kib + dom0_memory_spare(en),
                "fits if dom0 gives", out);
    if (want_kib > 0)
        ledger_wish(en, scratch, h.free_kib, want_kib, out);
    free(scratch);
    return 0;
}
