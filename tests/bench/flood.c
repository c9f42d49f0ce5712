/*
 * flood.c - 40 MB of lines through a console, from Enter to the prompt that
 * follows, beside tmux with the same bytes on a terminal of the same size.
 *
 * Three of them: a pane of tmux in which cat prints the file; the console pane
 * alone (pane.c: the pane's terminal and drawing, fed by cat over a pty as
 * tmux is); and the whole program, where the simulated guest prints the same
 * lines. That guest lives in the program's one thread, so that its work is
 * counted there, which on a real host is another machine's. The CPU time of
 * cat is not counted, that of tmux is its server's and client's together.
 */
#include <stdio.h>
#include <string.h>

#include "tests/bench/bench.h"

#define RUNS     3
#define LIMIT_MS 60000
#define BUDGET   0.5 /* times tmux */
#define PROMPT   "web1:~#"
/* By then no frame shows the prompt before the flood any more. */
#define GONE_MS 100U

struct cost {
    struct sample wall_ms, cpu_ms, sent_kb;
};

static void
cost_free(struct cost *c)
{
    sample_free(&c->wall_ms);
    sample_free(&c->cpu_ms);
    sample_free(&c->sent_kb);
}

static void
cost_add(struct cost *c, const struct pty *p, uint64_t begin, uint64_t sent,
         uint64_t cpu)
{
    sample_add(&c->wall_ms, (double)(p->last_ns - begin) / NS_PER_MS);
    sample_add(&c->cpu_ms, (double)cpu / NS_PER_MS);
    sample_add(&c->sent_kb, (double)(p->sent - sent) / 1000);
}

/* Types Enter and waits for the end of the flood; other: a further process
 * whose CPU counts. */
static bool
run(struct pty *p, const char *end, pid_t other, struct cost *c)
{
    uint64_t cpu = bench_cpu_ns(p->pid) + bench_cpu_ns(other);
    uint64_t begin = bench_now_ns(), sent = p->sent;

    pty_forget(p);
    pty_type(p, "\r");
    if (strcmp(end, PROMPT) == 0) {
        pty_for(p, GONE_MS);
        pty_forget(p);
    }
    if (!pty_until(p, end, LIMIT_MS))
        return false;
    cpu = bench_cpu_ns(p->pid) + bench_cpu_ns(other) - cpu;
    cost_add(c, p, begin, sent, cpu);
    return true;
}

static bool
run_tmux(const struct bench *b, const char *file, struct cost *c)
{
    char command[512];
    pid_t server;
    struct pty p;
    bool ok;

    snprintf(command, sizeof(command),
             "echo ready; read x; cat '%s'; echo PROM''PT; read x", file);
    if (!tmux_start(&p, b, command, &server))
        return false;
    ok = run(&p, "PROMPT", server, c);
    tmux_end(&p, b);
    return ok;
}

static bool
run_pane(const struct bench *b, const char *file, struct cost *c)
{
    const char *argv[] = { b->pane, file, NULL };
    struct pty p;
    bool ok;

    if (!pty_start(&p, 24, 80, argv))
        return false;
    ok = pty_until(&p, "ready", LIMIT_MS) && run(&p, "PROMPT", 0, c);
    pty_end(&p);
    return ok;
}

static bool
run_xendeck(const struct bench *b, struct cost *c)
{
    const char *argv[] = { b->xendeck, "--sim", NULL };
    struct pty p;
    bool ok;

    if (!pty_start(&p, 24, 80, argv))
        return false;
    ok = pty_until(&p, "Quit", LIMIT_MS);
    pty_type(&p, ":console web1\r");
    pty_quiet(&p, 200);
    pty_type(&p, "\035z"); /* the whole screen, as tmux's pane has it */
    pty_for(&p, 2000);
    pty_type(&p, "\rflood 40");
    pty_for(&p, 500);
    ok = ok && run(&p, PROMPT, 0, c);
    pty_end(&p);
    return ok;
}

/* tmux: what the row is judged against, its time or, as plain lines come no
 * faster than a terminal can be read, its CPU time; 0: nothing. Returns the
 * row's own. */
static double
print_row(const char *name, struct cost *c, double tmux, bool by_cpu)
{
    double wall = sample_at(&c->wall_ms, 0.5), cpu = sample_at(&c->cpu_ms, 0.5);
    double own = by_cpu ? cpu : wall;

    printf("  %-28s %7.0f %7.0f %8.0f", name, wall, cpu,
           sample_at(&c->sent_kb, 0.5));
    if (tmux > 0)
        printf(" %7.2f   %-8s %s\n", own / tmux,
               by_cpu ? "0.5 CPU" : "0.5 time", verdict(own / tmux, BUDGET));
    else
        printf(" %7s   %-8s -\n", "-", "-");
    cost_free(c);
    return own;
}

/* One file through each; the simulated guest prints only the plain one. */
static bool
compare(const struct bench *b, const char *file)
{
    struct cost tmux = { 0 }, pane = { 0 }, all = { 0 };
    bool have = bench_have("tmux"), ok = true, plain = file == b->flood;
    double base = 0;
    int i;

    for (i = 0; i < RUNS && ok; i++) {
        have = have && run_tmux(b, file, &tmux);
        ok = run_pane(b, file, &pane) && (!plain || run_xendeck(b, &all));
    }
    printf("  %s\n", plain ? "plain lines" : "colours, wide characters");
    if (have)
        base = print_row("  tmux pane, cat", &tmux, 0, plain);
    else
        printf("    tmux: not installed or did not start, not compared\n");
    print_row("  console pane alone, cat", &pane, base, plain);
    if (plain)
        print_row("  xendeck, simulated guest", &all, 0, plain);
    cost_free(&tmux);
    return ok;
}

bool
bench_flood(const struct bench *b)
{
    printf("Flood of a console, 40 MiB, terminal of 80x24 (median of %d)\n",
           RUNS);
    printf("  %-28s %7s %7s %8s %7s   %-8s\n", "", "ms", "CPU ms", "sent kB",
           "ratio", "budget");
    return compare(b, b->flood) && compare(b, b->colors);
}
