/*
 * test_model_probe.c - which options a device model's program knows, by
 * programs that are shell scripts: old and new ones, silent and endless ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dom0/linux/linux_model.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

struct asked {
    char dir[64], program[96];
    struct loop *lp;
    struct dom0 *d;
    struct dom0_model_probe p;
    unsigned told;
    struct err e;
};

static void
probe_told(struct dom0_model_probe *p)
{
    container_of(p, struct asked, p)->told++;
}

static int
setup(void **state)
{
    struct asked *a = xcalloc(1, sizeof(*a));

    text_fmt(a->dir, sizeof(a->dir), "/tmp/test-probe.XXXXXX");
    assert_non_null(mkdtemp(a->dir));
    text_fmt(a->program, sizeof(a->program), "%s/qemu", a->dir);
    a->lp = loop_new(LOOP_CLOCK_REAL);
    a->d = linux_dom0_open_at(a->lp, a->dir);
    a->p.done = probe_told;
    *state = a;
    return 0;
}

static int
teardown(void **state)
{
    struct asked *a = *state;

    dom0_model_probe_stop(a->d, &a->p);
    dom0_close(a->d);
    loop_free(a->lp);
    fd_remove_tree(a->dir);
    free(a);
    return 0;
}

/* A new file each time, as a package brings it. */
static void
program_is(struct asked *a, const char *script)
{
    FILE *f;

    (void)unlink(a->program);
    f = fopen(a->program, "we");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", script);
    fclose(f);
    assert_int_equal(chmod(a->program, 0700), 0);
}

static bool
is_known(void *arg)
{
    const struct asked *a = arg;

    return a->p.known;
}

static void
asks(struct asked *a)
{
    a->p = (struct dom0_model_probe){ .done = probe_told };
    a->told = 0;
    if (dom0_model_probe(a->d, &a->p, a->program, &a->e) < 0)
        fail_msg("%s", a->e.msg);
}

static void
answers(struct asked *a, bool chroot, bool user)
{
    asks(a);
    assert_true(a->p.asked);
    assert_true(loop_until(a->lp, is_known, a, 60000));
    assert_int_equal(a->told, 1);
    assert_false(a->p.asked);
    assert_int_equal(a->p.run_with_chroot, chroot);
    assert_int_equal(a->p.run_with_user, user);
}

/* The lines are those of QEMU 7.2, 9.0 and 10.0. */
static void
test_old_and_new_programs(void **state)
{
    struct asked *a = *state;

    program_is(a, "[ \"$*\" = -help ] && echo '-machine x' &&"
                  "echo '-iscsi [user=user]' && echo '-chroot dir     chroot'");
    answers(a, false, false);
    program_is(a, "echo '-machine x'\n"
                  "echo '-run-with [async-teardown=on|off][,chroot=dir]'\n"
                  "echo '                user=none'");
    answers(a, true, false);
    program_is(a, "echo '-machine x'\n"
                  "echo '-run-with [async-teardown=on|off][,chroot=dir]"
                  "[user=username|uid:gid]'\necho more");
    answers(a, true, true);
}

static void
test_the_answer_is_kept(void **state)
{
    struct asked *a = *state;

    program_is(a, "echo; echo '-run-with [,chroot=dir][user=u]'; "
                  "echo x >>${0%/*}/runs");
    answers(a, true, true);
    asks(a);
    assert_true(a->p.known);
    assert_true(a->p.run_with_chroot && a->p.run_with_user);
    assert_int_equal(a->told, 0); /* it was there at once */
    program_is(a, "echo another");
    answers(a, false, false);
}

static bool
both_known(void *arg)
{
    const struct asked *const *both = arg;

    return both[0]->p.known && both[1]->p.known;
}

/* The answer of one is not taken for the other's, whoever is first. */
static void
test_two_programs_at_once(void **state)
{
    struct asked *a = *state, b = { .lp = a->lp, .d = a->d };
    struct asked *both[] = { a, &b };

    text_fmt(b.program, sizeof(b.program), "%s/other", a->dir);
    program_is(a, "sleep 0.3; echo old");
    program_is(&b, "echo; echo '-run-with [,chroot=dir][user=u]'");
    asks(a);
    asks(&b);
    assert_true(loop_until(a->lp, both_known, both, 60000));
    asks(&b);
    if (!b.p.known)
        assert_true(loop_until(a->lp, both_known, both, 60000));
    assert_true(b.p.run_with_chroot && b.p.run_with_user);
    asks(a);
    if (!a->p.known)
        assert_true(loop_until(a->lp, both_known, both, 60000));
    assert_false(a->p.run_with_chroot || a->p.run_with_user);
}

/* What it says on its last breath counts, not how it ends; one that failed is
 * asked again. */
static void
test_silent_and_failing_programs(void **state)
{
    struct asked *a = *state;

    program_is(a, "exit 1");
    answers(a, false, false);
    answers(a, false, false);
    program_is(a, "echo; echo '-run-with [,chroot=dir][user=u]'; kill -9 $$");
    answers(a, true, true);
    answers(a, true, true);
}

/* A megabyte is kept, the rest is read. */
static void
test_a_program_that_says_much(void **state)
{
    struct asked *a = *state;

    program_is(a,
               "echo; echo '-run-with [,chroot=dir]'; yes | head -c 3000000");
    answers(a, true, false);
}

static void
test_one_that_is_stopped(void **state)
{
    struct asked *a = *state;

    program_is(a, "exec sleep 1000");
    asks(a);
    assert_true(a->p.asked);
    dom0_model_probe_stop(a->d, &a->p);
    assert_false(a->p.asked);
    assert_int_equal(a->told, 0);
    program_is(a, "echo");
    answers(a, false, false);
}

static void
test_none_is_named(void **state)
{
    struct asked *a = *state;

    assert_int_equal(dom0_model_probe(a->d, &a->p, "/nonexistent/qemu", &a->e),
                     -1);
    assert_non_null(strstr(a->e.msg, "/nonexistent/qemu"));
    assert_false(a->p.asked || a->p.known);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_old_and_new_programs),        T(test_the_answer_is_kept),
        T(test_silent_and_failing_programs), T(test_a_program_that_says_much),
        T(test_one_that_is_stopped),         T(test_none_is_named),
        T(test_two_programs_at_once),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
