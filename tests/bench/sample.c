/*
 * sample.c - measured values: their order statistics, and the word on a
 * budget.
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/base/xalloc.h"
#include "tests/bench/bench.h"

void
sample_add(struct sample *s, double v)
{
    if (s->n == s->cap) {
        s->cap = s->cap == 0 ? 64 : s->cap * 2;
        s->v = xrealloc(s->v, s->cap, sizeof(*s->v));
    }
    s->v[s->n++] = v;
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
sample_at(struct sample *s, double q)
{
    if (s->n == 0)
        return 0;
    qsort(s->v, s->n, sizeof(*s->v), by_value);
    return s->v[(size_t)(q * (double)(s->n - 1) + 0.5)];
}

void
sample_free(struct sample *s)
{
    free(s->v);
    s->v = NULL;
    s->n = s->cap = 0;
}

const char *
verdict(double value, double budget)
{
    if (budget <= 0)
        return "-";
    return value <= budget ? "good" : "MISSED";
}

void
sample_head(void)
{
    printf("  %-28s %7s %7s %7s   %-8s\n", "", "least", "median", "p90",
           "budget");
}

void
sample_row(const char *name, struct sample *s, double budget)
{
    double p50 = sample_at(s, 0.5);
    char text[16] = "-";

    if (budget > 0)
        snprintf(text, sizeof(text), "%.0f ms", budget);
    printf("  %-28s %7.1f %7.1f %7.1f   %-8s %s\n", name, sample_at(s, 0), p50,
           sample_at(s, 0.9), text, verdict(p50, budget));
}
