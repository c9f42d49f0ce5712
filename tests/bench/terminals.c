/*
 * terminals.c - what further terminals on one engine cost: memory, and CPU of
 * a statistics tick. Engine and front ends are in this process; another one
 * reads the terminals.
 */
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/api/toolstack.h"
#include "src/command/command.h"
#include "src/command/session.h"
#include "src/command/settings.h"
#include "tests/bench/bench.h"
#include "ui/app/front.h"

#define TERMINALS_MAX 50
#define DOMAINS       100U
#define TICK_MS       250U
#define TICKS         16U
#define SETTLE_MS     1500U
#define BUDGET_KIB    1024.0

struct terminals {
    struct loop *lp;
    struct engine *en;
    struct settings set;
    struct cmd_set cmds;
    struct session ses[TERMINALS_MAX];
    int rows, cols;
    struct ui *ui[TERMINALS_MAX];
    int master[TERMINALS_MAX], slave[TERMINALS_MAX];
    pid_t reader;
    size_t n;
};

static void
owner_call(struct ui *ui, void *arg)
{
    (void)ui, (void)arg;
}

static const struct ui_owner owner = { .detach = owner_call,
                                       .end = owner_call };

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

static void
pass(struct terminals *t, unsigned ms)
{
    loop_until(t->lp, never, NULL, ms);
}

static void
read_all(const struct terminals *t)
{
    struct pollfd pf[TERMINALS_MAX];
    char bytes[16384];
    int i;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (i = 0; i < TERMINALS_MAX; i++)
        pf[i] = (struct pollfd){ .fd = t->master[i], .events = POLLIN };
    while (poll(pf, TERMINALS_MAX, -1) > 0)
        for (i = 0; i < TERMINALS_MAX; i++)
            if (pf[i].revents != 0 && read(pf[i].fd, bytes, sizeof(bytes)) <= 0)
                _exit(0);
    _exit(0);
}

static bool
make_terminals(struct terminals *t)
{
    struct winsize ws = { .ws_row = (unsigned short)t->rows,
                          .ws_col = (unsigned short)t->cols };
    int i;

    for (i = 0; i < TERMINALS_MAX; i++)
        if (openpty(&t->master[i], &t->slave[i], NULL, NULL, &ws) < 0)
            return false;
    t->reader = fork();
    if (t->reader == 0)
        read_all(t);
    return t->reader > 0;
}

static bool
begin(struct terminals *t)
{
    struct engine_opts eo = { .host = ENGINE_SIM,
                              .sim_domains = DOMAINS,
                              .tick_ms = TICK_MS };

    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    cmd_set_init(&t->cmds);
    ui_verbs_add(&t->cmds);
    settings_default(&t->set, &t->cmds);
    t->lp = loop_new(LOOP_CLOCK_REAL);
    eo.lp = t->lp;
    t->en = t->lp != NULL ? engine_open(&eo, NULL) : NULL;
    return t->en != NULL && make_terminals(t);
}

static void
end(struct terminals *t)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        ui_close(t->ui[i]);
    engine_close(t->en);
    loop_free(t->lp);
    if (t->reader > 0) {
        kill(t->reader, SIGKILL);
        waitpid(t->reader, NULL, 0);
    }
    for (i = 0; i < TERMINALS_MAX; i++) {
        close(t->master[i]);
        close(t->slave[i]);
    }
}

static bool
open_up_to(struct terminals *t, size_t n)
{
    struct ui_opts o = { .lp = t->lp,
                         .en = t->en,
                         .set = &t->set,
                         .term = "xterm-256color",
                         .utf8 = true,
                         .owner = &owner };

    for (; t->n < n; t->n++) {
        t->ses[t->n] = (struct session){ .info = { .kind = SESSION_TERMINAL,
                                                   .rights = RIGHT_ADMIN },
                                         .granted = RIGHT_ADMIN,
                                         .en = t->en,
                                         .lp = t->lp,
                                         .cmds = &t->cmds,
                                         .set = &t->set };
        o.session = &t->ses[t->n];
        o.in_fd = o.out_fd = t->slave[t->n];
        t->ui[t->n] = ui_open(&o, NULL);
        if (t->ui[t->n] == NULL)
            return false;
    }
    pass(t, SETTLE_MS);
    return true;
}

/* CPU of a tick in ms. */
static double
tick_ms(struct terminals *t)
{
    uint64_t start = bench_now_ns(), cpu = bench_cpu_ns(getpid());

    pass(t, TICKS * TICK_MS);
    cpu = bench_cpu_ns(getpid()) - cpu;
    return (double)cpu / NS_PER_MS /
           ((double)(bench_now_ns() - start) / NS_PER_MS / TICK_MS);
}

static bool
measure(struct terminals *t)
{
    static const size_t steps[] = { 1, 10, TERMINALS_MAX };
    double ms, first_ms = 0, kib, first_kib = 0, each;
    char name[48];
    size_t i;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (!open_up_to(t, steps[i]))
            return false;
        ms = tick_ms(t);
        kib = (double)bench_status_kib(getpid(), "RssAnon:");
        if (i == 0) {
            first_ms = ms;
            first_kib = kib;
        }
        snprintf(name, sizeof(name), "%zu, %dx%d", steps[i], t->cols, t->rows);
        printf("  %-22s %7.2f %9.2f %9.0f", name, ms,
               i > 0 ? (ms - first_ms) / (double)(steps[i] - 1) : 0.0, kib);
        each = i > 0 ? (kib - first_kib) / (double)(steps[i] - 1) : 0;
        printf(" %9.0f   %-8s %s\n", each, i > 0 ? "1024" : "-",
               i > 0 ? verdict(each, BUDGET_KIB) : "-");
    }
    return true;
}

/* In a process of its own, whose memory is new. */
static bool
row(int rows, int cols)
{
    struct terminals t = { .rows = rows, .cols = cols };
    int status = -1;
    pid_t pid;
    bool ok;

    fflush(stdout);
    pid = fork();
    if (pid != 0)
        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
    ok = begin(&t) && measure(&t);
    end(&t);
    fflush(stdout);
    _exit(ok ? 0 : 1);
}

bool
bench_terminals(const struct bench *b)
{
    (void)b;
    printf("Terminals on one engine, %u domains, list visible (tick: %.2f s)\n",
           DOMAINS, TICK_MS / 1000.0);
    printf("  %-22s %7s %9s %9s %9s   %-8s\n", "terminals", "tick ms",
           "each more", "KiB", "each more", "budget");
    return row(24, 80) && row(60, 200);
}
