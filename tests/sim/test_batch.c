/*
 * test_batch.c - batches of verbs on the loop: several at once in one engine,
 * cancelled, left by their caller, with a slow reader.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/command/batch.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

/* A caller: a session, and the batch that runs in it. */
struct caller {
    struct test_session ts;
    struct batch *b;
    int status; /* -1: not done */
};

static struct world w;
static struct caller callers[3];

static void
begin(void)
{
    size_t i;

    world_open(&w, 2, false);
    memset(callers, 0, sizeof callers);
    for (i = 0; i < 3; i++) {
        test_session_open(&callers[i].ts, w.en, w.lp);
        callers[i].status = -1;
    }
}

static void
end(void)
{
    size_t i;

    for (i = 0; i < 3; i++) {
        batch_detach(callers[i].b);
        test_session_close(&callers[i].ts);
    }
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

static void
done(struct batch *b, int status, void *arg)
{
    struct caller *c = arg;

    assert_ptr_equal(b, c->b);
    assert_int_equal(c->status, -1);
    c->status = status;
}

static void
start(struct caller *c, const char *one, const char *two)
{
    struct cmd_line lines[2] = { { one, NULL }, { two, NULL } };

    c->status = -1;
    c->b = batch_start(&c->ts.ses, lines, two != NULL ? 2 : 1, done, c);
}

static bool
is_done(void *arg)
{
    return ((struct caller *)arg)->status >= 0;
}

static void
wait_for(struct caller *c)
{
    assert_true(loop_until(w.lp, is_done, c, 1000000));
}

static const char *
says(struct caller *c, enum session_to to)
{
    return buf_text(&c->ts.to[to]);
}

static void
expect(struct caller *c, enum session_to to, const char *text, bool there)
{
    if ((strstr(says(c, to), text) != NULL) != there)
        fail_msg("'%s' in '%s'", text, says(c, to));
}

static void
test_batches_run_side_by_side(void **state)
{
    struct caller *a = &callers[0], *b = &callers[1], *c = &callers[2];

    (void)state;
    sim_guest_ignore_control(w.sim, world_dom(&w, "web1")->domid, true);
    start(a, "shutdown web1", "list");
    start(b, "pause web2", "list");
    start(c, "wait web2 5", NULL);
    wait_for(b);
    assert_int_equal(b->status, BATCH_OK);
    assert_int_equal(a->status, -1);
    assert_int_equal(c->status, -1);
    expect(b, SESSION_OUT, "web2", true);
    expect(b, SESSION_OUT, "--p---", true);
    wait_for(c);
    assert_int_equal(c->status, BATCH_FAILED);
    expect(c, SESSION_ERR, "xendeck: wait: web2 is still there after 5 s",
           true);
    assert_int_equal(a->status, -1);
    wait_for(a);
    assert_int_equal(a->status, BATCH_FAILED);
    assert_string_equal(says(a, SESSION_OUT), "");
    assert_string_equal(says(b, SESSION_ERR), "");
}

static const struct op *
newest_op(enum op_verb verb)
{
    const struct op *found = NULL;
    size_t i;

    for (i = 0; i < engine_op_count(w.en); i++)
        if (engine_op_at(w.en, i)->verb == verb &&
            (found == NULL || engine_op_at(w.en, i)->id > found->id))
            found = engine_op_at(w.en, i);
    return found;
}

/* ^C ends what the batch began, and nothing of others. */
static void
test_cancel_ends_its_own_operation(void **state)
{
    struct caller *a = &callers[0], *b = &callers[1];
    uint64_t op_a, op_b;

    (void)state;
    sim_guest_ignore_control(w.sim, world_dom(&w, "web1")->domid, true);
    sim_guest_ignore_control(w.sim, world_dom(&w, "web2")->domid, true);
    start(a, "shutdown web1", "list");
    world_pass(&w, 100);
    op_a = newest_op(OP_SHUTDOWN)->id;
    start(b, "shutdown web2", NULL);
    world_pass(&w, 100);
    op_b = newest_op(OP_SHUTDOWN)->id;
    assert_int_not_equal(op_a, op_b);
    batch_cancel(a->b);
    wait_for(a);
    assert_int_equal(a->status, BATCH_FAILED);
    assert_string_equal(says(a, SESSION_OUT), "");
    assert_int_equal(engine_op_by_id(w.en, op_a)->state, OP_CANCELLED);
    assert_int_equal(engine_op_by_id(w.en, op_b)->state, OP_RUNNING);
    assert_int_equal(b->status, -1);
}

static void
test_a_second_cancel_waits_for_nothing(void **state)
{
    struct caller *a = &callers[0];

    (void)state;
    start(a, "wait web1", NULL);
    world_pass(&w, 100);
    batch_cancel(a->b);
    batch_cancel(a->b);
    wait_for(a);
    assert_int_equal(a->status, BATCH_FAILED);
    expect(a, SESSION_ERR, "wait: interrupted", true);
}

/* A caller that dies cancels nothing that changes a domain. */
static void
test_a_caller_that_dies_cancels_nothing(void **state)
{
    struct caller *a = &callers[0], *b = &callers[1];
    char path[128];
    char line[160];
    uint64_t op;

    (void)state;
    text_fmt(path, sizeof path, "%s", world_conf(&w, "web9", ""));
    text_fmt(line, sizeof line, "create %s", path);
    start(a, line, "destroy web1");
    start(b, "events --follow", NULL);
    while (newest_op(OP_CREATE) == NULL)
        loop_turn(w.lp, 10);
    op = newest_op(OP_CREATE)->id;
    batch_detach(a->b);
    batch_detach(b->b);
    a->b = b->b = NULL;
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 5000);
    assert_non_null(world_dom(&w, "web9"));
    assert_non_null(world_dom(&w, "web1")); /* the second line did not begin */
    assert_int_equal(a->status, -1);
}

static void
test_a_feed_is_stopped_well(void **state)
{
    struct caller *a = &callers[0];

    (void)state;
    start(a, "events --follow", NULL);
    world_pass(&w, 100);
    assert_int_equal(engine_event_inject(w.en, "note", 0, "hello", NULL), 0);
    world_pass(&w, 100);
    expect(a, SESSION_OUT, "hello", true);
    batch_cancel(a->b);
    wait_for(a);
    assert_int_equal(a->status, BATCH_OK);
    assert_string_equal(says(a, SESSION_ERR), "");
}

static void
inject_many(int from, int n)
{
    char text[32];

    for (; n > 0; n--, from++) {
        text_fmt(text, sizeof text, "number %d.", from);
        assert_int_equal(engine_event_inject(w.en, "note", 0, text, NULL), 0);
        if (n % 100 == 0)
            world_pass(&w, 10);
    }
    world_pass(&w, 10);
}

/* What a reader does not take is not kept for it without bound. */
static void
test_a_slow_reader_holds_its_feed(void **state)
{
    struct caller *a = &callers[0];
    size_t held;

    (void)state;
    start(a, "events --follow", NULL);
    world_pass(&w, 100);
    a->ts.full = 1; /* reads one byte */
    inject_many(0, 3000);
    held = a->ts.to[SESSION_OUT].len;
    assert_true(held > 0 && held < 70000);
    inject_many(3000, 1000);
    assert_int_equal(a->ts.to[SESSION_OUT].len, held);
    a->ts.full = 0;
    session_drained(&a->ts.ses);
    expect(a, SESSION_OUT, "number 3999.", true);
    session_output_lost(&a->ts.ses, 0);
    wait_for(a);
    assert_int_equal(a->status, BATCH_OK);
}

/* The end waits for the reader, the engine does not. */
static void
test_the_end_waits_for_the_reader(void **state)
{
    struct caller *a = &callers[0];

    (void)state;
    a->ts.full = 1;
    start(a, "list", NULL);
    world_pass(&w, 1000);
    assert_int_equal(a->status, -1);
    a->ts.full = 0;
    session_drained(&a->ts.ses);
    wait_for(a);
    assert_int_equal(a->status, BATCH_OK);
}

static void
test_output_that_is_lost_fails(void **state)
{
    struct caller *a = &callers[0];

    (void)state;
    session_output_lost(&a->ts.ses, ENOSPC);
    start(a, "list", NULL);
    wait_for(a);
    assert_int_equal(a->status, BATCH_FAILED);
    expect(a, SESSION_ERR, "standard output", true);
}

/* A warning is told to the batch whose verb it is about, and to no other. */
static void
test_warnings_are_of_their_batch(void **state)
{
    struct caller *a = &callers[0], *b = &callers[1], *c = &callers[2];

    (void)state;
    sim_guest_ignore_control(w.sim, world_dom(&w, "web2")->domid, true);
    start(b, "wait web2 3", NULL);
    start(c, "shutdown web2", NULL);
    world_pass(&w, 100);
    start(a, "attach web1 vif model=e1000", NULL);
    wait_for(a);
    assert_int_equal(a->status, BATCH_OK);
    expect(a, SESSION_ERR, "model \"e1000\" is not honoured", true);
    wait_for(b);
    wait_for(c);
    expect(b, SESSION_ERR, "e1000", false);
    expect(c, SESSION_ERR, "e1000", false);
}

/* Who asked is the session's user, not the engine's. */
static void
test_who_asked_is_the_session(void **state)
{
    struct caller *a = &callers[0], *b = &callers[1];

    (void)state;
    text_fmt(a->ts.ses.info.who, sizeof a->ts.ses.info.who, "ann@pts/1");
    text_fmt(b->ts.ses.info.who, sizeof b->ts.ses.info.who, "bob@pts/2");
    start(a, "pause web1", "unpause web1");
    start(b, "pause web2", NULL);
    wait_for(a);
    wait_for(b);
    assert_string_equal(newest_op(OP_UNPAUSE)->who, "ann@pts/1");
    assert_string_equal(newest_op(OP_PAUSE)->who, "bob@pts/2");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        T(test_batches_run_side_by_side),
        T(test_cancel_ends_its_own_operation),
        T(test_a_second_cancel_waits_for_nothing),
        T(test_a_caller_that_dies_cancels_nothing),
        T(test_a_feed_is_stopped_well),
        T(test_a_slow_reader_holds_its_feed),
        T(test_the_end_waits_for_the_reader),
        T(test_output_that_is_lost_fails),
        T(test_warnings_are_of_their_batch),
        T(test_who_asked_is_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
