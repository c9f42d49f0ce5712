/*
 * pair.c - see pair.h.
 */
#include "tests/sim/pair.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "src/base/fdio.h"

#define IDLE_MS   2
#define TURNS     200000
#define LOOKS     3
#define STILL     30 /* turns, while something may be on its way */
#define SMALL_KIB (4608ULL * 1024) /* the least for a simulated host */

static void
wire_close(struct pair_wire *w)
{
    int i;

    for (i = 0; i < PAIR_WAYS; i++) {
        loop_fd_del(&w->lf[i]);
        if (w->open)
            close(w->fd[i]);
    }
    w->open = false;
}

/* How many of n bytes may pass; *cut_out: no more. */
static size_t
wire_limit(struct pair_wire *w, int way, size_t n, bool *cut_out)
{
    const struct pair *p = w->p;
    size_t left;

    *cut_out = false;
    if (p->cut_wire == 0 || w != &p->wires[(p->cut_wire - 1) % 8] ||
        p->n_wires < p->cut_wire || p->cut || way != p->cut_way)
        return n;
    left = p->cut_at - w->passed[way];
    *cut_out = n >= left;
    return n < left ? n : left;
}

static void
wire_pass(struct pair_wire *w, int way)
{
    char bytes[512];
    ssize_t n = read(w->fd[way], bytes, sizeof(bytes));
    bool cut;

    if (n <= 0) {
        wire_close(w);
        return;
    }
    n = (ssize_t)wire_limit(w, way, (size_t)n, &cut);
    if (n > 0 && fd_write_all(w->fd[!way], bytes, (size_t)n) < 0)
        cut = true;
    w->passed[way] += (size_t)n;
    if (way == PAIR_TO)
        buf_add(&w->p->tape, bytes, (size_t)n);
    w->p->seen[way] = w->passed[way];
    if (!cut)
        return;
    w->p->cut = w->p->cut_wire != 0;
    wire_close(w);
}

static void
wire_to(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    wire_pass(container_of(lf, struct pair_wire, lf[PAIR_TO]), PAIR_TO);
}

static void
wire_back(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    wire_pass(container_of(lf, struct pair_wire, lf[PAIR_BACK]), PAIR_BACK);
}

void
pair_wire_add(struct pair *p, int near, int far)
{
    struct pair_wire *w = &p->wires[p->n_wires++ % 8];

    wire_close(w);
    buf_clear(&p->tape);
    memset(p->seen, 0, sizeof(p->seen));
    *w = (struct pair_wire){ .p = p,
                             .fd = { [PAIR_TO] = near, [PAIR_BACK] = far },
                             .open = true };
    loop_fd_add(p->a.lp, &w->lf[PAIR_TO], near, LOOP_READ, wire_to);
    loop_fd_add(p->a.lp, &w->lf[PAIR_BACK], far, LOOP_READ, wire_back);
}

/* a's end and b's end of a new wire. */
static void
wire_new(struct pair *p, int *a_out, int *b_out)
{
    int near[2], far[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, near),
                     0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, far),
                     0);
    pair_wire_add(p, near[1], far[1]);
    *a_out = near[0];
    *b_out = far[0];
}

static int
pair_connect(void *arg, const char *line)
{
    struct pair *p = arg;
    struct err e = { 0 };
    int a, b;

    (void)line;
    if (p->no_route || p->b.en == NULL)
        return -1;
    wire_new(p, &a, &b);
    if (engine_receive(p->b.en, b, b, NULL, &p->received, &e) < 0)
        fail_msg("%s", e.msg);
    close(b);
    return a;
}

bool
pair_was_cut(void *arg)
{
    return ((const struct pair *)arg)->cut;
}

static void
open_both(struct pair *p, const char *more, uint64_t total_kib)
{
    char conf[1024];

    memset(p, 0, sizeof(*p));
    world_open_kept(&p->a, 0);
    p->b.total_kib = total_kib;
    world_open_kept_beside(&p->b, p->a.lp);
    sim_join(p->a.sim, pair_connect, p);
    text_fmt(conf, sizeof(conf), PAIR_UUID " %s", more);
    p->id = world_guest(&p->a, "web9", conf);
    world_pass(&p->a, 5000);
}

void
pair_open(struct pair *p, const char *more)
{
    open_both(p, more, 0);
}

void
pair_open_small(struct pair *p, const char *more)
{
    open_both(p, more, SMALL_KIB);
}

void
pair_close(struct pair *p)
{
    size_t i;

    world_close(&p->b);
    for (i = 0; i < 8; i++)
        wire_close(&p->wires[i]);
    world_close(&p->a);
    buf_free(&p->tape);
}

/* Does the process wait for something, or has it ended? One that could run, and
 * is only not let, does not. */
static bool
process_waits(long pid)
{
    char path[64], text[512];
    const char *s;
    FILE *f;

    text_fmt(path, sizeof(path), "/proc/%ld/stat", pid);
    f = fopen(path, "re");
    if (f == NULL)
        return true;
    s = fgets(text, sizeof(text), f) != NULL ? strrchr(text, ')') : NULL;
    fclose(f);
    return s == NULL || strncmp(s, ") S", 3) == 0 || strncmp(s, ") Z", 3) == 0;
}

/* Each helper waits for the other host, or for a timer; *any_out: there is one
 * at all. */
static bool
helpers_wait(bool *any_out)
{
    char path[64], text[1024];
    char *at = text, *end;
    bool wait = true;
    ssize_t n;
    long pid;
    int fd;

    *any_out = true;
    text_fmt(path, sizeof(path), "/proc/self/task/%ld/children",
             (long)getpid());
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    *any_out = n > 0;
    for (; wait && (pid = strtol(at, &end, 10)) > 0; at = end)
        wait = process_waits(pid);
    return wait;
}

/* Nothing goes on. Seen several times, with nothing for us in between: a helper
 * that was looked at may have been given something by the next. */
static bool
all_wait(struct pair *p)
{
    bool any = true;
    int i;

    for (i = 0; i < LOOKS && any; i++)
        if (!helpers_wait(&any) || (any && loop_turn(p->a.lp, 0) != 0))
            return false;
    return true;
}

void
pair_until(struct pair *p, bool (*done)(void *arg), void *arg)
{
    int i, n, still = 0;

    for (i = 0; i < TURNS; i++) {
        if (done(arg))
            return;
        n = loop_turn(p->a.lp, IDLE_MS);
        still = n == 0 && all_wait(p) ? still + 1 : 0;
        if (still == 0 ||
            (still < STILL && p->underway != NULL && p->underway()))
            continue;
        loop_skip(p->a.lp);
        still = 0;
    }
    for (i = 0; p->a.en != NULL && i < (int)engine_op_count(p->a.en); i++)
        print_message("alpha: %s %s: %s: %s\n",
                      op_verb_name(engine_op_at(p->a.en, (size_t)i)->verb),
                      op_state_name(engine_op_at(p->a.en, (size_t)i)->state),
                      engine_op_at(p->a.en, (size_t)i)->label,
                      engine_op_at(p->a.en, (size_t)i)->err.msg);
    fail_msg("never at rest: %llu ms",
             (unsigned long long)loop_now_ms(p->a.lp));
}

struct pair_op {
    struct world *w;
    uint64_t op;
};

static bool
pair_op_ended(void *arg)
{
    const struct pair_op *q = arg;
    const struct op *o = engine_op_by_id(q->w->en, q->op);

    return o == NULL || o->state > OP_RUNNING;
}

enum op_state
pair_wait(struct pair *p, struct world *w, uint64_t op)
{
    struct pair_op q = { w, op };

    pair_until(p, pair_op_ended, &q);
    return engine_op_by_id(w->en, op)->state;
}

struct pair_calm {
    struct pair *p;
    uint64_t since, ms;
};

static bool
pair_is_calm(void *arg)
{
    struct pair_calm *c = arg;
    const struct pair *p = c->p;
    uint64_t now = loop_now_ms(p->a.lp);

    if ((p->a.en != NULL && engine_busy(p->a.en)) ||
        (p->b.en != NULL && engine_busy(p->b.en)))
        c->since = now;
    return now - c->since >= c->ms;
}

void
pair_settle(struct pair *p, uint64_t ms)
{
    struct pair_calm c = { p, loop_now_ms(p->a.lp), ms };

    pair_until(p, pair_is_calm, &c);
}

struct pair_time {
    const struct pair *p;
    uint64_t until;
};

static bool
pair_is_time(void *arg)
{
    const struct pair_time *t = arg;

    return loop_now_ms(t->p->a.lp) >= t->until;
}

void
pair_pass(struct pair *p, uint64_t ms)
{
    struct pair_time t = { p, loop_now_ms(p->a.lp) + ms };

    pair_until(p, pair_is_time, &t);
}

bool
pair_runs(struct world *w)
{
    const struct dom *d = world_dom(w, "web9");

    return d != NULL && !d->building &&
           (d->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED | DOM_F_DYING)) == 0;
}

bool
pair_has(struct world *w)
{
    return world_dom(w, "web9") != NULL ||
           world_dom(w, "web9--incoming") != NULL;
}
