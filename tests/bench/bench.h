/*
 * bench.h - what the benchmarks share: a program on a pseudo terminal that is
 * read and timed, and samples. A benchmark judges nothing by itself: it prints
 * its table with the budget of the design beside each number.
 */
#ifndef XENDECK_TESTS_BENCH_BENCH_H
#define XENDECK_TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/buf.h"

#define NS_PER_MS 1000000ULL

/* --- pty.c --- */

struct pty {
    pid_t pid;
    int fd; /* master */
    bool over;
    struct buf out;    /* what came since pty_forget */
    uint64_t sent;     /* bytes that the program sent in all */
    uint64_t begin_ns; /* just before the fork */
    uint64_t last_ns;  /* when the last bytes came */
};

/* What the programs are told about their surroundings: from the command line
 * of the benchmark. */
struct bench {
    const char *xendeck;
    const char *pane;   /* bare_pane.c, built  */
    const char *flood;  /* the file of the flood: what "flood 40" prints */
    const char *colors; /* another: colours and wide characters */
    char tmux_name[32];
};

uint64_t bench_now_ns(void);
/* Starts a program (searched on the path) on a new terminal. False: there is
 * no such program. */
bool pty_start(struct pty *p, int rows, int cols, const char *const *argv);
/* Ends the program (SIGTERM, then SIGKILL) and frees. */
void pty_end(struct pty *p);
void pty_type(struct pty *p, const char *keys);
/* One read, waiting at most wait_ns for it. False: nothing came. */
bool pty_read(struct pty *p, uint64_t wait_ns);
/* Reads until the bytes since pty_forget hold text. False: not in time. */
bool pty_until(struct pty *p, const char *text, unsigned limit_ms);
void pty_forget(struct pty *p);
/* Reads for so long, or until nothing came for so long. */
void pty_for(struct pty *p, unsigned ms);
void pty_quiet(struct pty *p, unsigned ms);
/* So many starts of a program at 80x24, each timed to its first whole frame.
 * Curses sends one from the top row to the bottom one, so the last word of the
 * bottom row, "Quit", ends it. False: one did not come up. */
struct sample;
bool pty_frames(const char *const *argv, int times, struct sample *s);
/* CPU time of a process's first thread so far; 0: it is gone. */
uint64_t bench_cpu_ns(pid_t pid);
/* One number of /proc/PID/status ("VmRSS:"); 0: none. */
unsigned long bench_status_kib(pid_t pid, const char *key);
bool bench_have(const char *program);
/* A tmux of our own, without the user's settings, running a command of the
 * shell; server_out: its process. False: no tmux, or it does not start. */
bool tmux_start(struct pty *p, const struct bench *b, const char *command,
                pid_t *server_out);
void tmux_end(struct pty *p, const struct bench *b);

/* --- sample.c --- */

struct sample {
    double *v;
    size_t n, cap;
};

void sample_add(struct sample *s, double v);
/* q: 0.5 is the median. Sorts. 0 without values. */
double sample_at(struct sample *s, double q);
void sample_free(struct sample *s);

/* Least, median and p90 in ms, the median against the budget; 0: none. */
void sample_head(void);
void sample_row(const char *name, struct sample *s, double budget);
/* "good" or "MISSED", "-" without a budget (0). */
const char *verdict(double value, double budget);

/* --- one table each; false: it could not be measured --- */

bool bench_start(const struct bench *b);
bool bench_attach(const struct bench *b);
bool bench_tick(const struct bench *b);
bool bench_bytes(const struct bench *b);
bool bench_flood(const struct bench *b);
bool bench_echo(const struct bench *b);
bool bench_scroll(const struct bench *b);
bool bench_terminals(const struct bench *b);

#endif
