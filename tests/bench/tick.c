/*
 * tick.c - what an idle program with its list on screen costs: CPU of a
 * statistics tick, resident memory, bytes for the terminal.
 */
#include <stdio.h>

#include "tests/bench/bench.h"

#define TICK_MS       250U
#define TICKS         32U
#define SETTLE_MS     1500U
#define START_MS      10000U
#define TICK_BUDGET   5.0  /* ms, 1,000 domains */
#define MEMORY_BUDGET 12.0 /* MB, 100 domains */
#define BYTES_S       8U
#define BYTES_BUDGET  1000.0 /* a second: a tenth of a serial line's */

struct tick {
    unsigned domains;
    double ms; /* CPU */
    double rss_mb, anon_mb;
};

static bool
open_list(struct pty *p, const struct bench *b, const char *sim,
          const char *delay, int rows, int cols)
{
    const char *argv[] = { b->xendeck, sim, "--delay", delay, NULL };

    if (!pty_start(p, rows, cols, argv))
        return false;
    if (!pty_until(p, "Quit", START_MS)) {
        pty_end(p);
        return false;
    }
    pty_for(p, SETTLE_MS);
    pty_forget(p);
    return true;
}

static bool
measure(const struct bench *b, struct tick *t)
{
    uint64_t cpu, begin;
    char sim[24];
    struct pty p;

    snprintf(sim, sizeof(sim), "--sim=%u", t->domains);
    if (!open_list(&p, b, sim, "0.25", 24, 80))
        return false;
    begin = bench_now_ns();
    cpu = bench_cpu_ns(p.pid);
    pty_for(&p, TICKS * TICK_MS);
    cpu = bench_cpu_ns(p.pid) - cpu;
    t->ms = (double)cpu / NS_PER_MS /
            ((double)(bench_now_ns() - begin) / NS_PER_MS / TICK_MS);
    t->rss_mb = (double)bench_status_kib(p.pid, "VmRSS:") / 1024;
    t->anon_mb = (double)bench_status_kib(p.pid, "RssAnon:") / 1024;
    pty_end(&p);
    return true;
}

static void
print_cpu(const struct tick *t, size_t n)
{
    double budget;
    size_t i;

    printf("CPU of a statistics tick, list visible, 80x24 (%u ticks of "
           "%.2f s)\n",
           TICKS, TICK_MS / 1000.0);
    printf("  %-28s %7s %12s   %-8s\n", "domains", "ms", "us a domain",
           "budget");
    for (i = 0; i < n; i++) {
        budget = t[i].domains == 1000 ? TICK_BUDGET : 0;
        printf("  %-28u %7.2f ", t[i].domains, t[i].ms);
        if (i > 0) /* what each domain more adds: alike if linear */
            printf("%12.2f", 1000 * (t[i].ms - t[i - 1].ms) /
                                 (double)(t[i].domains - t[i - 1].domains));
        else
            printf("%12s", "");
        printf("   %-8s %s\n", budget > 0 ? "5 ms" : "-",
               verdict(t[i].ms, budget));
    }
}

static void
print_memory(const struct tick *t, size_t n)
{
    double budget;
    size_t i;

    printf("\nResident memory, empty scrollback, MB\n");
    printf("  %-28s %7s %12s   %-8s\n", "domains", "VmRSS", "its own",
           "budget");
    for (i = 0; i < n; i++) {
        budget = t[i].domains == 100 ? MEMORY_BUDGET : 0;
        printf("  %-28u %7.1f %12.1f   %-8s %s\n", t[i].domains, t[i].rss_mb,
               t[i].anon_mb, budget > 0 ? "12 MB" : "-",
               verdict(t[i].rss_mb, budget));
    }
}

bool
bench_tick(const struct bench *b)
{
    struct tick t[] = { { .domains = 10 },
                        { .domains = 100 },
                        { .domains = 1000 } };
    const size_t n = sizeof(t) / sizeof(t[0]);
    size_t i;

    for (i = 0; i < n; i++)
        if (!measure(b, &t[i]))
            return false;
    print_cpu(t, n);
    print_memory(t, n);
    return true;
}

static bool
bytes_row(const struct bench *b, const char *sim, int rows, int cols)
{
    char name[48];
    uint64_t first, begin, sent;
    unsigned bursts = 0;
    double rate;
    struct pty p;

    if (!open_list(&p, b, sim, "1", rows, cols))
        return false;
    first = p.sent;
    begin = bench_now_ns();
    while (bench_now_ns() < begin + BYTES_S * 1000 * NS_PER_MS)
        if (pty_read(&p, 100 * NS_PER_MS)) {
            bursts++;
            pty_quiet(&p, 20); /* the rest of this refresh */
        }
    sent = p.sent - first;
    rate = (double)sent / ((double)(bench_now_ns() - begin) / NS_PER_MS / 1000);
    snprintf(name, sizeof(name), "%s, %dx%d", sim, cols, rows);
    printf("  %-22s %5llu %7.0f %12.0f   %-8s %s\n", name,
           (unsigned long long)first, bursts > 0 ? (double)sent / bursts : 0.0,
           rate, "1000/s", verdict(rate, BYTES_BUDGET));
    pty_end(&p);
    return true;
}

bool
bench_bytes(const struct bench *b)
{
    printf("Bytes sent to the terminal, list, a tick a second (%u s each)\n",
           BYTES_S);
    printf("  %-22s %5s %7s %12s   %-8s\n", "", "start", "refresh", "a second",
           "aim");
    return bytes_row(b, "--sim=50", 24, 80) &&
           bytes_row(b, "--sim=50", 60, 200) &&
           bytes_row(b, "--sim", 24, 80) && /* guests that do something */
           bytes_row(b, "--sim", 60, 200);
}
