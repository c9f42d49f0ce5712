/*
 * start.c - from the start of the program to its first whole frame. Curses
 * sends a frame from the top row to the bottom one, so the last word of the
 * bottom row ends it.
 */
#include <stdio.h>

#include "tests/bench/bench.h"

#define STARTS    20
#define BUDGET_MS 30
#define LIMIT_MS  5000

static bool
starts(const char *const *argv, const char *last, struct sample *s)
{
    struct pty p;
    int i;
    bool ok;

    for (i = 0; i < STARTS; i++) {
        if (!pty_start(&p, 24, 80, argv))
            return false;
        ok = pty_until(&p, last, LIMIT_MS);
        if (ok)
            sample_add(s, (double)(p.last_ns - p.begin_ns) / NS_PER_MS);
        pty_end(&p);
        if (!ok)
            return false;
    }
    return true;
}

static bool
row(const char *name, const char *const *argv, const char *last, double budget)
{
    struct sample s = { 0 };
    bool ok = starts(argv, last, &s);
    double p50 = sample_at(&s, 0.5);
    char text[16] = "-";

    if (budget > 0)
        snprintf(text, sizeof(text), "%.0f ms", budget);
    if (ok)
        printf("  %-28s %7.1f %7.1f %7.1f   %-8s %s\n", name, sample_at(&s, 0),
               p50, sample_at(&s, 0.9), text, verdict(p50, budget));
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
    printf("  %-28s %7s %7s %7s   %-8s\n", "", "least", "median", "p90",
           "budget");
    ok = row("xendeck --sim=100", ours, "Quit", BUDGET_MS);
    row("xendeck --sim=1", empty, "Quit", 0);
    if (!bench_have("htop"))
        printf("  htop: not installed, not measured\n");
    else if (!row("htop", htop, "Quit", 0))
        printf("  htop: did not come up\n");
    return ok;
}
