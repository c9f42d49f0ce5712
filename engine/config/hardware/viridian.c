/*
 * viridian.c - see viridian.h. What a group stands for is libxl's: Xen's own
 * bits (HVMPV_ of xen/hvm/params.h) say "no freq" where people say "freq".
 */
#include "engine/config/hardware/viridian.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    PV_BASE = 1 << 0,
    PV_NO_FREQ = 1 << 1,
    PV_TIME_REF_COUNT = 1 << 2,
    PV_SYNIC = 1 << 7
};

/* by_default: one of "defaults". */
static const struct { /* in libxl's order */
    const char *name;
    uint64_t bits;
    bool by_default;
} groups[] = {
    { "base", PV_BASE, true },
    { "freq", 0, true },
    { "time_ref_count", PV_TIME_REF_COUNT, true },
    { "reference_tsc", 1 << 3, false },
    { "hcall_remote_tlb_flush", 1 << 4, false },
    { "apic_assist", 1 << 5, true },
    { "crash_ctl", 1 << 6, true },
    { "synic", PV_SYNIC, false },
    { "stimer", 1 << 8 | PV_SYNIC | PV_TIME_REF_COUNT, false },
    { "hcall_ipi", 1 << 9, false },
    { "ex_processor_masks", 1 << 10, false },
    { "no_vp_limit", 1 << 11, true },
    { "cpu_hotplug", 1 << 12, true },
};

#define BASE 0 /* the group without which there is none */
#define FREQ 1

/* The groups that a word without its "!" stands for, a bit each; 0: none. */
static unsigned
viridian_groups(const char *word)
{
    bool all = strcmp(word, "all") == 0,
         defaults = strcmp(word, "defaults") == 0;
    unsigned set = 0;
    size_t i;

    for (i = 0; i < COUNT(groups); i++)
        if (all || (defaults && groups[i].by_default) ||
            strcmp(groups[i].name, word) == 0)
            set |= 1U << i;
    return set;
}

unsigned
viridian_chosen(char *const *words, size_t n)
{
    unsigned set = 0;
    size_t i;

    for (i = 0; i < n; i++)
        if (words[i][0] == '!')
            set &= ~viridian_groups(words[i] + 1);
        else
            set |= viridian_groups(words[i]);
    return set;
}

const char *
viridian_name(size_t i)
{
    return i < COUNT(groups) ? groups[i].name : NULL;
}

bool
viridian_word_ok(const char *word)
{
    return viridian_groups(word + (word[0] == '!')) != 0;
}

bool
viridian_has_base(char *const *words, size_t n)
{
    unsigned set = viridian_chosen(words, n);

    return set == 0 || (set & 1U << BASE) != 0;
}

uint64_t
viridian_mask(char *const *words, size_t n)
{
    unsigned set = viridian_chosen(words, n);
    uint64_t mask = 0;
    size_t i;

    if (set == 0)
        return 0;
    for (i = 0; i < COUNT(groups); i++)
        if ((set >> i & 1) != 0)
            mask |= groups[i].bits;
    return (set >> FREQ & 1) != 0 ? mask : mask | PV_NO_FREQ;
}
