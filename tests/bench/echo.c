/*
 * echo.c - from a key to its echo on the terminal: a bare pty, tmux, and a
 * console pane, a key to each in turn so that what else the machine does
 * falls on all alike. The first two have a program behind them that sends back
 * what it reads (cat, raw); behind the pane is the simulated guest's shell,
 * which lives in the program itself; and behind one more, while twenty other
 * guests flood their consoles, which are open but not shown. The last row is a
 * key for the program itself, typed at its prompt while a guest floods the pane
 * beside.
 */
#include <stdio.h>
#include <string.h>

#include "tests/bench/bench.h"

#define KEYS       500U
#define FLOOD_KEYS 200U
#define LINE_KEYS  30U /* then the line is taken back */
#define LIMIT_MS   2000
#define START_MS   10000
#define PAUSE_MS   12U /* between keys: and up to as much again */
#define BUDGET_MS  1.0
#define FRAME_MS   16.0
/* None of them occurs in what a redraw of the header, or moving the cursor,
 * sends. */
#define FLOODS  20
#define LETTERS "@~^`&$=+#!"
#define RAW     "stty raw -echo; echo ready; exec cat"

enum { BARE, TMUX, OURS, FLOODED, SUBJECTS };

struct subject {
    const char *name;
    struct pty p;
    bool on;
    struct sample ms;
};

static bool
open_bare(struct pty *p)
{
    const char *argv[] = { "sh", "-c", RAW, NULL };

    return pty_start(p, 24, 80, argv) && pty_until(p, "ready", START_MS);
}

static bool
open_console(const struct bench *b, struct pty *p)
{
    const char *argv[] = { b->xendeck, "--sim", NULL };

    if (!pty_start(p, 24, 80, argv) || !pty_until(p, "Quit", START_MS))
        return false;
    pty_type(p, ":console web1\r");
    pty_for(p, 2000);
    return true;
}

/* The console of the first of many, while those behind it flood theirs. */
static bool
open_flooded(const struct bench *b, struct pty *p)
{
    const char *argv[] = { b->xendeck, "--sim=21", NULL };
    char line[64];
    int i;

    if (!pty_start(p, 24, 80, argv) || !pty_until(p, "Quit", START_MS))
        return false;
    for (i = 2; i < 2 + FLOODS; i++) {
        snprintf(line, sizeof(line), "%s:console vm%03d\r",
                 i == 2 ? "" : "\035", i);
        pty_type(p, line);
        pty_for(p, 400);
        pty_type(p, "\rflood\r");
        pty_for(p, 100);
    }
    pty_type(p, "\035:console vm001\r");
    pty_for(p, 2000);
    return true;
}

/* Types one key and waits until it is shown. */
static bool
one_key(struct subject *s, unsigned i)
{
    char key[2] = { LETTERS[i % strlen(LETTERS)], '\0' };
    uint64_t begin;

    pty_quiet(&s->p, 1);
    pty_forget(&s->p);
    begin = bench_now_ns();
    pty_type(&s->p, key);
    if (!pty_until(&s->p, key, LIMIT_MS))
        return false;
    sample_add(&s->ms, (double)(s->p.last_ns - begin) / NS_PER_MS);
    return true;
}

/* The simulated shell empties the line; cat sends the key on. */
static void
new_lines(struct subject *s)
{
    int k;

    for (k = 0; k < SUBJECTS; k++) {
        if (!s[k].on)
            continue;
        pty_type(&s[k].p, "\025\r");
        pty_for(&s[k].p, 60);
    }
}

static void
measure(struct subject *s)
{
    unsigned i;
    int k;

    for (i = 0; i < KEYS; i++) {
        if (i % LINE_KEYS == 0)
            new_lines(s);
        for (k = 0; k < SUBJECTS; k++) {
            s[k].on = s[k].on && one_key(&s[k], i);
            if (s[k].on)
                pty_for(&s[k].p, PAUSE_MS + i * 7 % PAUSE_MS);
        }
    }
}

/* The palette's line, with the guest's lines running in the pane. No quiet to
 * wait for: a key of the letters is shown when it comes. */
static bool
measure_flood(const struct bench *b, struct subject *s)
{
    char key[2] = "";
    uint64_t begin;
    unsigned i;

    if (!open_console(b, &s->p))
        return false;
    pty_type(&s->p, "\rflood\r");
    pty_for(&s->p, 300);
    for (i = 0; i < FLOOD_KEYS; i++) {
        if (i % LINE_KEYS == 0) {
            pty_type(&s->p, i == 0 ? "\035:" : "\025");
            pty_for(&s->p, 100);
        }
        key[0] = LETTERS[i % strlen(LETTERS)];
        pty_forget(&s->p);
        begin = bench_now_ns();
        pty_type(&s->p, key);
        if (!pty_until(&s->p, key, LIMIT_MS))
            return false;
        sample_add(&s->ms, (double)(s->p.last_ns - begin) / NS_PER_MS);
        pty_for(&s->p, PAUSE_MS + i * 7 % PAUSE_MS);
    }
    return true;
}

static void
print_row(struct subject *s, struct sample *bare, double budget)
{
    double p50 = sample_at(&s->ms, 0.5), p99 = sample_at(&s->ms, 0.99);
    double added = p50 - sample_at(bare, 0.5);

    if (!s->on) {
        printf("  %s: not installed, or gave no echo: not compared\n", s->name);
        return;
    }
    printf("  %-20s %7.2f %7.2f %7.2f", s->name, p50, sample_at(&s->ms, 0.9),
           p99);
    if (&s->ms == bare)
        printf(" %7s %7s", "-", "-");
    else
        printf(" %7.2f %7.2f", added, p99 - sample_at(bare, 0.99));
    if (budget > 0)
        printf("   %.0f ms %s\n", budget, verdict(added, budget));
    else
        printf("   -\n");
}

static void
print_head(void)
{
    printf("Key to echo in a console, 80x24, ms (%u keys, %u in the flood)\n",
           KEYS, FLOOD_KEYS);
    printf("  %-20s %7s %7s %7s %7s %7s   %s\n", "", "median", "p90", "p99",
           "added", "at p99", "budget");
}

bool
bench_echo(const struct bench *b)
{
    struct subject s[] = {
        { .name = "bare pty" },
        { .name = "tmux" },
        { .name = "xendeck" },
        { .name = "xendeck, 20 floods" },
    };
    struct subject flood = { .name = "prompt, in a flood" };
    pid_t server;
    bool ok;
    int k;

    s[BARE].on = open_bare(&s[BARE].p);
    s[TMUX].on = bench_have("tmux") && tmux_start(&s[TMUX].p, b, RAW, &server);
    s[OURS].on = open_console(b, &s[OURS].p);
    s[FLOODED].on = open_flooded(b, &s[FLOODED].p);
    measure(s);
    ok = s[BARE].on && s[OURS].on;
    if (s[TMUX].p.pid > 0)
        tmux_end(&s[TMUX].p, b);
    pty_end(&s[BARE].p);
    pty_end(&s[OURS].p);
    pty_end(&s[FLOODED].p);
    flood.on = measure_flood(b, &flood);
    pty_end(&flood.p);
    print_head();
    for (k = 0; k < SUBJECTS; k++)
        print_row(&s[k], &s[BARE].ms, k >= OURS ? BUDGET_MS : 0);
    print_row(&flood, &s[BARE].ms, FRAME_MS);
    for (k = 0; k < SUBJECTS; k++)
        sample_free(&s[k].ms);
    sample_free(&flood.ms);
    return ok;
}
