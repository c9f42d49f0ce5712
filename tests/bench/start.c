/*
 * start.c - from the start of the program to its first whole frame.
 */
#include <stdio.h>

#include "tests/bench/bench.h"

#define STARTS    20
#define BUDGET_MS 30

static bool
row(const char *name, const char *const *argv, double budget)
{
    struct sample s = { 0 };
    bool ok = pty_frames(argv, STARTS, &s);

    if (ok)
        sample_row(name, &s, budget);
    sample_free(&s);
    return ok;
}

bool
bench_start(const struct bench *b)
{
    const char *ours[] = { b->xendeck, "--sim=100", NULL };
    const char *empty[] = { b->xendeck, "--sim=1", NULL };
    const char *htop[] = { "htop", NULL };
    bool ok;

    printf("First frame after start, 80x24, ms (%d starts)\n", STARTS);
    sample_head();
    ok = row("xendeck --sim=100", ours, BUDGET_MS);
    row("xendeck --sim=1", empty, 0);
    if (!bench_have("htop"))
        printf("  htop: not installed, not measured\n");
    else if (!row("htop", htop, 0))
        printf("  htop: did not come up\n");
    return ok;
}
