/*
 * loop_probe.h - what the tests of the loop share: a probe with one handler of
 * each kind, and its callbacks that note the call and may remove a handler.
 */
#ifndef XENDECK_TESTS_LOOP_PROBE_H
#define XENDECK_TESTS_LOOP_PROBE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

/* A pipe end, a timer, a signal and a hook that note what happened. */
struct probe {
    struct loop_fd lf;
    struct loop_timer lt;
    struct loop_signal ls;
    struct loop_hook lh;
    struct loop_child lc;
    int p[2];
    int calls, status;
    unsigned ready;
    char name;
    struct buf *trace;      /* gets the name at each call */
    struct probe *victim;   /* deleted (and freed) by the callback */
    struct probe *newcomer; /* registered by the callback */
};

static inline void
probe_free(struct probe *p)
{
    loop_fd_del(&p->lf);
    loop_timer_del(&p->lt);
    loop_signal_del(&p->ls);
    loop_hook_del(&p->lh);
    loop_child_del(&p->lc);
    if (p->p[1] > 0) {
        close(p->p[0]);
        close(p->p[1]);
    }
    free(p);
}

static inline struct probe *
probe_new(struct buf *trace, char name)
{
    struct probe *p = xcalloc(1, sizeof *p);

    p->trace = trace;
    p->name = name;
    return p;
}

static inline void
note(struct probe *p)
{
    p->calls++;
    if (p->trace != NULL)
        buf_chr(p->trace, p->name);
}

/* A callback that removes a handler, perhaps its own. */
static inline void
kill_victim(struct probe *p)
{
    struct probe *v = p->victim;

    if (v == NULL)
        return;
    p->victim = NULL;
    probe_free(v);
}

static inline void
fd_note(struct loop_fd *lf, unsigned ready)
{
    struct probe *p = container_of(lf, struct probe, lf);
    struct loop *lp = lf->lp;
    char c;

    note(p);
    p->ready = ready;
    if (ready & LOOP_READ && read(lf->fd, &c, 1) < 0)
        assert_int_equal(errno, EAGAIN);
    if (p->newcomer != NULL) {
        struct probe *n = p->newcomer;

        assert_int_equal(loop_fd_add(lp, &n->lf, n->p[0], LOOP_READ, fd_note),
                         0);
        p->newcomer = NULL;
    }
    kill_victim(p);
}

static inline struct probe *
probe_pipe(struct loop *lp, struct buf *trace, char name)
{
    struct probe *p = probe_new(trace, name);

    assert_int_equal(pipe2(p->p, O_CLOEXEC | O_NONBLOCK), 0);
    if (lp != NULL)
        assert_int_equal(loop_fd_add(lp, &p->lf, p->p[0], LOOP_READ, fd_note),
                         0);
    return p;
}

static inline void
timer_note(struct loop_timer *lt)
{
    struct probe *p = container_of(lt, struct probe, lt);

    assert_false(loop_timer_active(lt));
    note(p);
    kill_victim(p);
}

static inline void
hook_note(struct loop_hook *lh)
{
    struct probe *p = container_of(lh, struct probe, lh);

    note(p);
    kill_victim(p);
}

static inline bool
was_called(void *arg)
{
    return ((struct probe *)arg)->calls > 0;
}

static inline void
poke(struct probe *p)
{
    assert_int_equal(write(p->p[1], "x", 1), 1);
}

static inline int
setup_real(void **state)
{
    *state = loop_new(LOOP_CLOCK_REAL);
    return *state == NULL;
}

static inline int
setup_virtual(void **state)
{
    *state = loop_new(LOOP_CLOCK_VIRTUAL);
    return *state == NULL;
}

static inline int
teardown(void **state)
{
    loop_free(*state);
    return 0;
}

#define REAL(f)    cmocka_unit_test_setup_teardown(f, setup_real, teardown)
#define VIRTUAL(f) cmocka_unit_test_setup_teardown(f, setup_virtual, teardown)

#endif
