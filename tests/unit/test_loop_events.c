/*
 * test_loop_events.c - signals and children in the event loop, and its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/loop_probe.h"

static void
signal_note(struct loop_signal *ls)
{
    struct probe *p = container_of(ls, struct probe, ls);

    note(p);
    kill_victim(p);
}

static bool
is_blocked(int signo)
{
    sigset_t now;

    sigprocmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, signo) == 1;
}

static void
test_signals_arrive_and_the_mask_returns(void **state)
{
    struct loop *lp = *state;
    struct buf trace = { 0 };
    struct probe *a = probe_new(&trace, 'a'), *b = probe_new(&trace, 'b');
    struct probe *c = probe_new(&trace, 'c');

    assert_int_equal(loop_signal_add(lp, &a->ls, SIGUSR1, signal_note), 0);
    assert_int_equal(loop_signal_add(lp, &b->ls, SIGUSR1, signal_note), 0);
    assert_int_equal(loop_signal_add(lp, &c->ls, SIGUSR2, signal_note), 0);
    assert_int_equal(loop_signal_add(lp, &c->ls, SIGKILL, signal_note), -1);
    assert_true(is_blocked(SIGUSR1));
    raise(SIGUSR1);
    raise(SIGUSR1); /* the kernel keeps one */
    assert_int_equal(loop_turn(lp, -1), 2);
    assert_string_equal(buf_text(&trace), "ab");
    loop_signal_del(&a->ls);
    assert_true(is_blocked(SIGUSR1));
    raise(SIGUSR1);
    assert_int_equal(loop_turn(lp, -1), 1);
    loop_signal_del(&b->ls);
    assert_false(is_blocked(SIGUSR1));
    assert_true(is_blocked(SIGUSR2));
    loop_signal_del(&c->ls);
    assert_false(is_blocked(SIGUSR2));
    assert_int_equal(loop_fd_count(lp), 0);
    probe_free(a);
    probe_free(b);
    probe_free(c);
    buf_free(&trace);
}

static void
test_signal_handler_frees_the_next(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_new(NULL, 'a');

    a->victim = probe_new(NULL, 'b');
    assert_int_equal(loop_signal_add(lp, &a->ls, SIGUSR1, signal_note), 0);
    assert_int_equal(loop_signal_add(lp, &a->victim->ls, SIGUSR1, signal_note),
                     0);
    raise(SIGUSR1);
    assert_int_equal(loop_turn(lp, -1), 1);
    a->victim = a; /* the last handler frees itself: the signalfd goes */
    raise(SIGUSR1);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_false(is_blocked(SIGUSR1));
}

static void
test_signal_blocked_before_stays_blocked(void **state)
{
    struct loop *lp = *state;
    struct probe *a = probe_new(NULL, 'a');
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    sigprocmask(SIG_BLOCK, &one, NULL);
    assert_int_equal(loop_signal_add(lp, &a->ls, SIGUSR1, signal_note), 0);
    probe_free(a);
    assert_true(is_blocked(SIGUSR1));
    sigprocmask(SIG_UNBLOCK, &one, NULL);
}

static void
child_note(struct loop_child *lc, int status)
{
    struct probe *p = container_of(lc, struct probe, lc);

    assert_null(lc->lp);
    note(p);
    p->status = status;
    kill_victim(p);
}

/* valgrind 3.19 knows no pidfd_open: said as skipped, never as passed. */
static void
need_pidfd(void)
{
    int fd = pidfd_open(getpid(), 0);

    if (fd < 0 && errno == ENOSYS)
        skip();
    close(fd);
}

/* A child that exits with code once the pipe of p was poked. A program of its
 * own, because a checker of memory would look into a mere copy of us. */
static pid_t
spawn(struct probe *p, int code)
{
    char script[64];
    pid_t pid;

    text_fmt(script, sizeof script, "dd bs=1 count=1 >&- 2>&-; exit %d", code);
    pid = fork();
    assert_true(pid >= 0);
    if (pid != 0)
        return pid;
    fcntl(p->p[0], F_SETFL, 0);
    if (dup2(p->p[0], STDIN_FILENO) == STDIN_FILENO)
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    _exit(99);
}

static void
test_child_holds_virtual_time_until_reaped(void **state)
{
    struct loop *lp = *state;
    struct probe *p, *t;
    pid_t pid;

    need_pidfd();
    p = probe_pipe(NULL, NULL, 'c');
    t = probe_new(NULL, 't');
    pid = spawn(p, 7);
    assert_int_equal(loop_child_add(lp, &p->lc, pid, child_note), 0);
    loop_timer_arm(lp, &t->lt, 10, timer_note);
    assert_int_equal(loop_turn(lp, 1), 0);
    poke(p);
    assert_true(loop_until(lp, was_called, p, 1000));
    assert_int_equal(t->calls, 0); /* no time passed */
    assert_true(WIFEXITED(p->status));
    assert_int_equal(WEXITSTATUS(p->status), 7);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
    assert_int_equal(loop_turn(lp, -1), 1); /* the hold is gone */
    assert_int_equal(t->calls, 1);
    probe_free(p);
    probe_free(t);
}

static void
test_child_deleted_is_left_to_the_caller(void **state)
{
    struct loop *lp = *state;
    struct probe *p;
    pid_t pid;
    int status = 0;

    need_pidfd();
    p = probe_pipe(NULL, NULL, 'c');
    pid = spawn(p, 3);
    assert_int_equal(loop_child_add(lp, &p->lc, pid, child_note), 0);
    loop_child_del(&p->lc);
    loop_child_del(&p->lc);
    assert_int_equal(loop_fd_count(lp), 0);
    poke(p);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_int_equal(p->calls, 0);
    assert_int_equal(loop_child_add(lp, &p->lc, pid, child_note), -1);
    assert_int_equal(errno, ESRCH);
    probe_free(p);
}

static void
test_child_reaped_by_another_is_told(void **state)
{
    struct loop *lp = *state;
    struct probe *p;
    pid_t pid;

    need_pidfd();
    p = probe_pipe(NULL, NULL, 'c');
    pid = spawn(p, 3);
    assert_int_equal(loop_child_add(lp, &p->lc, pid, child_note), 0);
    poke(p);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(loop_until(lp, was_called, p, 5000));
    assert_int_equal(p->status, -1);
    assert_false(WIFEXITED(p->status) || WIFSIGNALED(p->status));
    probe_free(p);
}

static void
test_child_callback_frees_its_owner(void **state)
{
    struct loop *lp = *state;
    struct probe *p;
    pid_t pid;

    need_pidfd();
    p = probe_pipe(NULL, NULL, 'c');
    pid = spawn(p, 0);
    p->victim = p;
    assert_int_equal(loop_child_add(lp, &p->lc, pid, child_note), 0);
    poke(p);
    assert_int_equal(loop_turn(lp, -1), 1);
    assert_int_equal(loop_fd_count(lp), 0);
}

static void
test_free_makes_everything_idle(void **state)
{
    struct loop *lp;
    struct probe *p, *c;
    pid_t pid;

    need_pidfd();
    lp = loop_new(LOOP_CLOCK_REAL);
    p = probe_pipe(lp, NULL, 'a');
    c = probe_pipe(NULL, NULL, 0);
    pid = spawn(c, 0);
    (void)state;
    loop_timer_arm(lp, &p->lt, 1, timer_note);
    loop_hook_add(lp, &p->lh, hook_note);
    assert_int_equal(loop_signal_add(lp, &p->ls, SIGUSR1, signal_note), 0);
    assert_int_equal(loop_child_add(lp, &c->lc, pid, child_note), 0);
    loop_free(lp);
    loop_free(NULL);
    assert_null(p->lf.lp);
    assert_null(p->lt.lp);
    assert_null(p->lh.lp);
    assert_null(p->ls.lp);
    assert_null(c->lc.lp);
    assert_int_equal(c->lc.pidfd, -1);
    assert_false(is_blocked(SIGUSR1));
    poke(c);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    probe_free(p);
    probe_free(c);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        REAL(test_signals_arrive_and_the_mask_returns),
        REAL(test_signal_handler_frees_the_next),
        REAL(test_signal_blocked_before_stays_blocked),
        VIRTUAL(test_child_holds_virtual_time_until_reaped),
        REAL(test_child_deleted_is_left_to_the_caller),
        REAL(test_child_reaped_by_another_is_told),
        REAL(test_child_callback_frees_its_owner),
        cmocka_unit_test(test_free_makes_everything_idle),
    };

    return cmocka_run_group_tests_name("loop events", tests, NULL, NULL);
}
