/*
 * test_loop.c - the event loop: descriptors, timers on both clocks, hooks,
 * removal in callbacks, turns that nest.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "src/base/loop_first.h"
#include "tests/unit/loop_probe.h"

static void
test_ready_fds_are_called(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a'), *b = probe_pipe(lp, NULL, 'b');

    assert_int_equal(loop_turn(lp, 0), 0);
    poke(a);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(a->calls, 1);
    assert_int_equal(a->ready, LOOP_READ);
    assert_int_equal(b->calls, 0);
    poke(a);
    poke(b);
    assert_int_equal(loop_turn(lp, -1), 2);
    assert_int_equal(loop_fd_count(lp), 2);
    probe_free(a);
    probe_free(b);
    assert_int_equal(loop_fd_count(lp), 0);
}

static void
test_want_is_honoured(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a'), *w = probe_pipe(NULL, NULL, 0);

    poke(a);
    assert_int_equal(loop_fd_want(&a->lf, 0), 0);
    assert_int_equal(loop_turn(lp, 0), 0);
    assert_int_equal(loop_fd_want(&a->lf, LOOP_READ), 0);
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_int_equal(loop_fd_add(lp, &w->lf, w->p[1], LOOP_WRITE, fd_note), 0);
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_int_equal(w->ready, LOOP_WRITE);
    loop_fd_del(&w->lf);
    loop_fd_del(&w->lf);
    assert_int_equal(loop_fd_want(&w->lf, LOOP_READ), -1);
    assert_int_equal(loop_turn(lp, 0), 0);
    probe_free(a);
    probe_free(w);
}

static void
test_hang_up_lets_the_reader_see_the_end(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a');

    close(a->p[1]);
    a->p[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(a->ready, LOOP_READ | LOOP_HUP);
    loop_fd_want(&a->lf, 0);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(a->ready, LOOP_HUP);
    probe_free(a);
}

static void
test_refused_descriptors(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a');
    struct loop_fd lf = { 0 };
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    assert_int_equal(loop_fd_add(lp, &lf, fd, LOOP_READ, fd_note), -1);
    assert_int_equal(errno, EPERM);
    assert_null(lf.lp);
    close(fd);
    assert_int_equal(loop_fd_add(lp, &lf, fd, LOOP_READ, fd_note), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(loop_fd_add(lp, &lf, a->p[0], LOOP_READ, fd_note), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(loop_fd_count(lp), 1);
    probe_free(a);
}

/* Whichever of two ready handlers runs first frees the other. */
static void
test_ready_handler_freed_by_another(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct probe *a = probe_pipe(lp, &trace, 'a');
    struct probe *b = probe_pipe(lp, &trace, 'b');

    a->victim = b;
    b->victim = a;
    poke(a);
    poke(b);
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_int_equal(trace.len, 1);
    assert_int_equal(loop_turn(lp, 0), 0);
    assert_int_equal(loop_fd_count(lp), 1);
    probe_free(trace.data[0] == 'a' ? a : b);
    buf_free(&trace);
}

static void
test_handler_frees_itself(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a');
    struct probe *t = probe_new(NULL, 't');

    a->victim = a;
    poke(a);
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_int_equal(loop_fd_count(lp), 0);
    t->victim = t;
    loop_timer_arm(lp, &t->lt, 0, timer_note);
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_int_equal(loop_timer_count(lp), 0);
}

/* The number of a closed descriptor is taken at once by the newcomer: it must
 * not get the event of its predecessor, nor its own before the next turn. */
static void
test_added_in_a_turn_waits_for_the_next(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct probe *a = probe_pipe(lp, &trace, 'a');
    struct probe *n = probe_pipe(NULL, &trace, 'n');

    a->newcomer = n;
    poke(a);
    poke(n);
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_string_equal(buf_text(&trace), "a");
    assert_int_equal(loop_turn(lp, 0), 1);
    assert_string_equal(buf_text(&trace), "an");
    probe_free(a);
    probe_free(n);
    buf_free(&trace);
}

static void
test_thousands_of_descriptors_each_turn(void **state)
{
    enum { N = 1500 };
    struct loop *lp = *state;
    struct probe *all[N];
    int i, turn;

    fd_raise_nofile();
    for (i = 0; i < N; i++) {
        all[i] = probe_pipe(lp, NULL, 'x');
        poke(all[i]);
        poke(all[i]);
    }
    assert_true(all[N - 1]->p[1] > 2048); /* beyond FD_SETSIZE */
    for (turn = 1; turn <= 2; turn++) {
        assert_int_equal(loop_turn(lp, 0), N);
        for (i = 0; i < N; i++)
            assert_int_equal(all[i]->calls, turn);
    }
    for (i = 0; i < N; i++)
        probe_free(all[i]);
}

static void
test_virtual_timers_run_in_order(void **state)
{
    static const uint64_t delays[] = { 30000, 5, 20, 20, 7000, 0 };
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct probe *t[6];
    size_t i;

    assert_true(loop_now_ns(lp) == 1000000000ULL);
    for (i = 0; i < 6; i++) {
        t[i] = probe_new(&trace, (char)('a' + i));
        loop_timer_arm(lp, &t[i]->lt, delays[i], timer_note);
    }
    assert_int_equal(loop_timer_count(lp), 6);
    assert_int_equal(loop_turn(lp, -1), 1); /* f, at once */
    assert_int_equal(loop_now_ms(lp), 1000);
    assert_int_equal(loop_turn(lp, -1), 1); /* b */
    assert_int_equal(loop_now_ms(lp), 1005);
    assert_int_equal(loop_turn(lp, -1), 2); /* c, d */
    loop_timer_arm(lp, &t[1]->lt, 60000, timer_note);
    loop_timer_arm(lp, &t[1]->lt, 50000, timer_note); /* moved */
    while (loop_turn(lp, -1) > 0)
        ;
    assert_string_equal(buf_text(&trace), "fbcdeab");
    assert_int_equal(loop_now_ms(lp), 1020 + 50000);
    for (i = 0; i < 6; i++)
        probe_free(t[i]);
    buf_free(&trace);
}

static void
test_virtual_clock_moves_by_the_wait_at_most(void **state)
{
    struct loop *lp = *state;
    struct probe *t = probe_new(NULL, 't');

    assert_int_equal(loop_turn(lp, -1), 0);
    assert_int_equal(loop_now_ms(lp), 1000);
    loop_timer_arm(lp, &t->lt, 100, timer_note);
    assert_int_equal(loop_turn(lp, 0), 0);
    assert_int_equal(loop_now_ms(lp), 1000);
    assert_int_equal(loop_turn(lp, 60), 0);
    assert_int_equal(loop_now_ms(lp), 1060);
    assert_int_equal(loop_turn(lp, 60), 1);
    assert_int_equal(loop_now_ms(lp), 1100);
    loop_timer_arm(lp, &t->lt, UINT64_MAX, timer_note); /* never */
    assert_int_equal(loop_turn(lp, -1), 0);
    assert_int_equal(loop_now_ms(lp), 1100);
    probe_free(t);
}

static void
test_virtual_fds_come_before_time(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct probe *a = probe_pipe(lp, &trace, 'a');

    loop_timer_arm(lp, &a->lt, 10, timer_note);
    poke(a);
    poke(a);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(loop_now_ms(lp), 1000);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(loop_now_ms(lp), 1010);
    probe_free(a);
    buf_free(&trace);
}

static void
test_hold_stops_virtual_time(void **state)
{
    struct loop *lp = *state;
    struct probe *t = probe_new(NULL, 't');

    loop_hold(lp);
    loop_timer_arm(lp, &t->lt, 0, timer_note);
    assert_int_equal(loop_turn(lp, -1), 1); /* due already */
    loop_timer_arm(lp, &t->lt, 1, timer_note);
    assert_int_equal(loop_turn(lp, -1), 0);
    assert_int_equal(loop_turn(lp, 1), 0);
    assert_int_equal(loop_now_ms(lp), 1000);
    loop_release(lp);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(loop_now_ms(lp), 1001);
    probe_free(t);
}

static void
test_wall_clock_follows_the_virtual(void **state)
{
    struct loop *lp = *state;

    loop_set_wall(lp, 1e9);
    assert_true(loop_wall_s(lp) == 1e9);
    loop_turn(lp, 1500);
    assert_true(loop_wall_s(lp) == 1e9 + 1.5);
}

/* Random arming, moving and deletion against a plain search. */
static void
test_heap_agrees_with_a_plain_search(void **state)
{
    enum { N = 300 };
    struct loop *lp = *state;
    static struct probe t[N];
    uint64_t due[N];
    unsigned seed = 12345;
    int step, i;

    memset(t, 0, sizeof t);
    for (step = 0; step < 5000; step++) {
        seed = seed * 1103515245U + 12345U;
        i = (int)(seed >> 16) % N;
        if ((seed >> 8) % 3 == 0) {
            loop_timer_del(&t[i].lt);
            continue;
        }
        due[i] = 1 + (seed >> 10) % 5000;
        loop_timer_arm(lp, &t[i].lt, due[i], timer_note);
    }
    while (loop_timer_count(lp) > 0) {
        uint64_t least = UINT64_MAX;
        int ties = 0;

        for (i = 0; i < N; i++) {
            if (!loop_timer_active(&t[i].lt) || due[i] > least)
                continue;
            ties = due[i] == least ? ties + 1 : 1;
            least = due[i];
        }
        assert_int_equal(loop_turn(lp, -1), ties);
        assert_int_equal(loop_now_ms(lp), 1000 + least);
    }
}

static void
rearm(struct loop_timer *lt)
{
    struct probe *p = container_of(lt, struct probe, lt);

    note(p);
    loop_timer_arm(p->newcomer->lf.lp, lt, 0, rearm);
}

/* A timer that arms itself for now must not keep the turn from ending. */
static void
test_rearmed_timer_waits_for_the_next_turn(void **state)
{
    struct loop *lp = *state;
    struct probe *t = probe_new(NULL, 't'), *a = probe_pipe(lp, NULL, 'a');

    t->newcomer = a;
    loop_timer_arm(lp, &t->lt, 0, rearm);
    poke(a);
    assert_int_equal(loop_turn(lp, -1), 2);
    assert_int_equal(t->calls, 1);
    assert_int_equal(a->calls, 1);
    assert_int_equal(loop_turn(lp, -1), 1);
    probe_free(t);
    probe_free(a);
}

struct busy {
    struct loop_timer timer;
    struct loop *lp;
    unsigned runs;
};

/* It takes as long as all timers of a turn may, and comes again. */
static void
be_busy(struct loop_timer *lt)
{
    struct busy *b = container_of(lt, struct busy, timer);

    b->runs++;
    loop_spend(b->lp, 20000000);
    loop_timer_arm(b->lp, lt, 0, be_busy);
}

/* However many have much to do, descriptors are served after each of them, and
 * each has its turn. */
static void
test_busy_timers_leave_time_for_descriptors(void **state)
{
    struct busy busy[3] = { { .lp = *state },
                            { .lp = *state },
                            { .lp = *state } };
    struct probe *a = probe_pipe(*state, NULL, 'a');
    unsigned i;

    for (i = 0; i < 3; i++)
        loop_timer_arm(*state, &busy[i].timer, 0, be_busy);
    for (i = 0; i < 9; i++) {
        poke(a);
        assert_int_equal(loop_turn(*state, -1), 2);
        assert_int_equal(a->calls, i + 1);
        assert_int_equal(busy[i % 3].runs, i / 3 + 1);
    }
    for (i = 0; i < 3; i++)
        loop_timer_del(&busy[i].timer);
    probe_free(a);
}

static void
test_real_timer_waits_its_time(void **state)
{
    struct loop *lp = *state;
    struct probe *t = probe_new(NULL, 't');
    uint64_t start = loop_now_ns(lp);

    loop_timer_arm(lp, &t->lt, 20, timer_note);
    /* A busy machine may come back late from a wait of 5 ms. */
    assert_true(loop_turn(lp, 5) == 0 || loop_now_ns(lp) - start >= 20000000);
    while (t->calls == 0)
        assert_true(loop_turn(lp, -1) >= 0);
    assert_true(loop_now_ns(lp) - start >= 20000000);
    probe_free(t);
}

static void
test_hooks_run_after_work_only(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct probe *a = probe_pipe(lp, &trace, 'a');
    struct probe *h = probe_new(&trace, 'h'), *i = probe_new(&trace, 'i');

    loop_hook_add(lp, &h->lh, hook_note);
    loop_hook_add(lp, &i->lh, hook_note);
    assert_int_equal(loop_turn(lp, 0), 0);
    assert_string_equal(buf_text(&trace), "");
    poke(a);
    loop_timer_arm(lp, &a->lt, 0, timer_note);
    assert_int_equal(loop_turn(lp, 0), 4);
    assert_string_equal(buf_text(&trace), "aahi");
    h->victim = i; /* the first removes the second */
    poke(a);
    assert_int_equal(loop_turn(lp, 0), 2);
    assert_string_equal(buf_text(&trace), "aahiah");
    probe_free(a);
    probe_free(h);
    buf_free(&trace);
}

static void
nested_turn(struct loop_fd *lf, unsigned ready)
{
    struct probe *p = container_of(lf, struct probe, lf);
    char c;

    (void)ready;
    note(p);
    assert_int_equal(read(lf->fd, &c, 1), 1);
    loop_turn(lf->lp, 0);
    kill_victim(p);
}

/* Both are ready; the first to run dispatches the other from within. */
static void
test_turns_may_nest(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a'), *b = probe_pipe(lp, NULL, 'b');
    struct probe *h = probe_new(NULL, 'h');

    assert_int_equal(loop_fd_add(lp, &a->lf, a->p[0], LOOP_READ, nested_turn),
                     0);
    assert_int_equal(loop_fd_add(lp, &b->lf, b->p[0], LOOP_READ, nested_turn),
                     0);
    loop_hook_add(lp, &h->lh, hook_note);
    poke(a);
    poke(b);
    loop_turn(lp, 0);
    assert_int_equal(a->calls, 1);
    assert_int_equal(b->calls, 1);
    assert_int_equal(loop_turn(lp, 0), 0);
    assert_int_equal(h->calls, 2); /* at the end of each turn */
    probe_free(a);
    probe_free(b);
    probe_free(h);
}

static void
stop_note(struct loop_timer *lt)
{
    struct probe *p = container_of(lt, struct probe, lt);

    note(p);
    loop_stop(p->lf.lp);
}

static void
test_run_ends_with_stop(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_pipe(lp, NULL, 'a');

    loop_timer_arm(lp, &a->lt, 3600000, stop_note);
    loop_run(lp);
    assert_int_equal(a->calls, 1);
    assert_int_equal(loop_now_ms(lp), 3601000);
    loop_stop(lp); /* before the run: it counts once */
    loop_run(lp);
    probe_free(a);
}

static void
test_until_gives_up_at_its_limit(void **state)
{
    struct loop *lp = *state;
    struct probe *t = probe_new(NULL, 't');

    assert_false(loop_until(lp, was_called, t, 5000));
    assert_int_equal(loop_now_ms(lp), 6000);
    loop_timer_arm(lp, &t->lt, 300, timer_note);
    assert_true(loop_until(lp, was_called, t, 5000));
    assert_int_equal(loop_now_ms(lp), 6300);
    assert_int_equal(loop_timer_count(lp), 0);
    t->calls = 0;
    loop_timer_arm(lp, &t->lt, 300, timer_note);
    assert_true(loop_until(lp, was_called, t, UINT64_MAX));
    assert_int_equal(loop_now_ms(lp), 6600);
    probe_free(t);
}

/* --- what comes first --- */

/* A callback that takes longer than any turn gives to such as it. */
static void
busy_note(struct loop_fd *lf, unsigned ready)
{
    struct probe *p = container_of(lf, struct probe, lf);
    uint64_t end = loop_now_ns(lf->lp) + 1000000;

    fd_note(lf, ready);
    poke(p); /* and there is more at once */
    while (loop_now_ns(lf->lp) < end)
        ;
}

#define BUSY 4

struct crowd {
    struct probe *busy[BUSY], *key;
};

static void
crowd_come(struct crowd *c, struct loop *lp, struct buf *trace)
{
    size_t i;

    for (i = 0; i < BUSY; i++) {
        c->busy[i] = probe_pipe(lp, trace, (char)('a' + i));
        c->busy[i]->lf.cb = busy_note;
        poke(c->busy[i]);
    }
    c->key = probe_pipe(lp, trace, 'k');
    loop_fd_first(&c->key->lf, true);
}

static void
crowd_go(struct crowd *c)
{
    size_t i;

    for (i = 0; i < BUSY; i++)
        probe_free(c->busy[i]);
    probe_free(c->key);
}

/* One of the busy ones a turn, each in its turn; the key before them. */
static void
test_busy_descriptors_do_not_keep_a_key_waiting(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct crowd c;
    int turn;

    crowd_come(&c, lp, &trace);
    for (turn = 0; turn < BUSY; turn++)
        assert_int_equal(loop_turn(lp, -1), 1);
    poke(c.key);
    for (turn = 0; trace.len < 2 * BUSY + 1; turn++) {
        assert_true(turn < 2 * BUSY);
        (void)loop_turn(lp, -1);
    }
    assert_int_equal(trace.len, 2 * BUSY + 1);
    assert_memory_equal(trace.data, "abcdkabcd", 2 * BUSY + 1);
    crowd_go(&c);
    buf_free(&trace);
}

/* Keys without end do not keep the others waiting. */
static void
test_what_comes_first_leaves_time_for_others(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct crowd c;

    crowd_come(&c, lp, &trace);
    do {
        poke(c.key);
        assert_true(loop_turn(lp, -1) > 0);
    } while (c.busy[BUSY - 1]->calls == 0);
    assert_true(c.busy[0]->calls <= 2); /* a slow machine: a slow key */
    crowd_go(&c);
    buf_free(&trace);
}

/* A terminal that floods its input takes its time in each turn: others get as
 * much, and are not left aside for it. */
static void
test_a_flood_that_comes_first_takes_half(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct crowd c;
    unsigned turn, i, calls = 0;

    crowd_come(&c, lp, &trace);
    c.key->lf.cb = busy_note;
    poke(c.key);
    for (turn = 0; turn < 20; turn++)
        (void)loop_turn(lp, -1);
    for (i = 0; i < BUSY; i++)
        calls += (unsigned)c.busy[i]->calls;
    assert_true(calls >= 20);
    crowd_go(&c);
    buf_free(&trace);
}

/* What an earlier turn has left is not called for what is over by now. */
static void
test_what_is_left_is_looked_at_anew(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct crowd c;
    char byte;

    crowd_come(&c, lp, &trace);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(read(c.busy[1]->p[0], &byte, 1), 1);
    loop_fd_del(&c.busy[2]->lf);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_memory_equal(trace.data, "ad", 2);
    crowd_go(&c);
    buf_free(&trace);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        REAL(test_ready_fds_are_called),
        REAL(test_want_is_honoured),
        REAL(test_hang_up_lets_the_reader_see_the_end),
        REAL(test_refused_descriptors),
        REAL(test_ready_handler_freed_by_another),
        REAL(test_handler_frees_itself),
        REAL(test_added_in_a_turn_waits_for_the_next),
        REAL(test_thousands_of_descriptors_each_turn),
        VIRTUAL(test_virtual_timers_run_in_order),
        VIRTUAL(test_virtual_clock_moves_by_the_wait_at_most),
        VIRTUAL(test_virtual_fds_come_before_time),
        VIRTUAL(test_hold_stops_virtual_time),
        VIRTUAL(test_wall_clock_follows_the_virtual),
        VIRTUAL(test_heap_agrees_with_a_plain_search),
        VIRTUAL(test_rearmed_timer_waits_for_the_next_turn),
        VIRTUAL(test_busy_timers_leave_time_for_descriptors),
        REAL(test_real_timer_waits_its_time),
        REAL(test_hooks_run_after_work_only),
        REAL(test_busy_descriptors_do_not_keep_a_key_waiting),
        REAL(test_what_comes_first_leaves_time_for_others),
        REAL(test_a_flood_that_comes_first_takes_half),
        REAL(test_what_is_left_is_looked_at_anew),
        VIRTUAL(test_turns_may_nest),
        VIRTUAL(test_run_ends_with_stop),
        VIRTUAL(test_until_gives_up_at_its_limit),
    };

    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
