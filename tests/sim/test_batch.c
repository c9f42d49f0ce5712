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
#define MANY 200 /* lines */

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

/* --- an interrupt while the step at work cannot be cancelled --- */

struct interrupt {
    struct caller *c;
    struct loop_timer later;
    bool came, in_vain; /* in_vain: the operation refused to end just then */
};

static void
interrupt_due(struct loop_timer *lt)
{
    batch_cancel(container_of(lt, struct interrupt, later)->c->b);
}

/* At once where the step is to refuse it; else from the loop, as in life: a
 * step that is cut in the midst of its call is no case. */
static void
interrupt_here(void *arg)
{
    struct interrupt *i = arg;
    const struct op *op = newest_op(OP_CREATE);

    i->came = true;
    i->in_vain = op != NULL && op->state == OP_RUNNING && !op->cancellable;
    if (i->in_vain)
        batch_cancel(i->c->b);
    else
        loop_timer_arm(w.lp, &i->later, 0, interrupt_due);
}

/* The creation either is undone, or was past the last step that can be; or it
 * was not begun, and before is the last one. True: it is undone. */
static bool
must_have_heard(struct caller *c, uint64_t before)
{
    const struct op *op = newest_op(OP_CREATE);
    bool begun = op != NULL && op->id != before, made;

    made = begun && op->state == OP_DONE;
    assert_true(!begun || made || op->state == OP_CANCELLED);
    if (c->status == BATCH_OK) /* it was over by then */
        assert_true(made);
    else
        expect(c, SESSION_ERR, begun && !made ? "cancelled" : "interrupted",
               true);
    if (made)
        assert_int_equal(
            engine_destroy(w.en, world_dom(&w, "new")->id, NULL, NULL), 0);
    assert_true(world_until_gone(&w, "new"));
    return begun && !made;
}

static void
test_an_interrupt_is_heard_at_any_call(void **state)
{
    struct caller *a = &callers[0];
    struct interrupt at = { .c = a, .came = true };
    unsigned n, undone = 0, in_vain = 0;
    uint64_t before;
    char line[128];

    (void)state;
    text_fmt(line, sizeof line, "create %s", world_conf(&w, "new", ""));
    for (n = 1; at.came; n++) {
        at.came = at.in_vain = false;
        before = newest_op(OP_CREATE) != NULL ? newest_op(OP_CREATE)->id : 0;
        start(a, line, NULL);
        sim_kill_at(w.sim, n, interrupt_here, &at);
        wait_for(a);
        loop_timer_del(&at.later);
        sim_kill_at(w.sim, 0, NULL, NULL);
        if (at.came && must_have_heard(a, before)) {
            undone++;
            in_vain += at.in_vain;
        }
        world_idle(&w);
        batch_detach(a->b);
        a->b = NULL;
        buf_clear(&a->ts.to[SESSION_ERR]);
    }
    print_message("interrupted at each of %u calls: %u undone, %u of them "
                  "refused at first\n",
                  n - 2, undone, in_vain);
    assert_true(in_vain > 5);
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
start_many(struct caller *c, const char *line)
{
    struct cmd_line lines[MANY];
    size_t i;

    for (i = 0; i < MANY; i++)
        lines[i] = (struct cmd_line){ line, NULL };
    c->status = -1;
    c->b = batch_start(&c->ts.ses, lines, MANY, done, c);
}

/* The next line waits for who does not read what the last ones have printed:
 * else the engine keeps all of it, and gives up in the end. */
static void
test_a_slow_reader_holds_the_next_line(void **state)
{
    struct caller *a = &callers[0];
    size_t one;

    (void)state;
    start(a, "help", NULL);
    wait_for(a);
    one = a->ts.to[SESSION_OUT].len;
    batch_detach(a->b);
    a->ts.full = 1;
    start_many(a, "help");
    world_pass(&w, 1000);
    assert_true(a->ts.to[SESSION_OUT].len < 512U * 1024);
    a->ts.full = 0;
    session_drained(&a->ts.ses);
    wait_for(a);
    assert_int_equal(a->status, BATCH_OK);
    assert_int_equal(a->ts.to[SESSION_OUT].len, one * (MANY + 1));
}

static void
test_a_batch_that_waits_for_its_reader_is_cancelled(void **state)
{
    struct caller *a = &callers[0];

    (void)state;
    a->ts.full = 1;
    start_many(a, "help");
    world_pass(&w, 1000);
    batch_cancel(a->b);
    world_pass(&w, 1000);
    a->ts.full = 0;
    session_drained(&a->ts.ses);
    wait_for(a);
    assert_int_equal(a->status, BATCH_FAILED);
    expect(a, SESSION_ERR, "interrupted", true);
    assert_true(a->ts.to[SESSION_OUT].len < 512U * 1024);
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

/* More operations at work than are kept once they have ended. */
static void
test_ends_are_seen_beside_many(void **state)
{
    struct caller *a = &callers[0];
    char name[16];
    int i;

    (void)state;
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%d", i);
        (void)world_guest(&w, name, "");
        sim_guest_ignore_control(w.sim, world_dom(&w, name)->domid, true);
    }
    world_pass(&w, 10000);
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%d", i);
        assert_int_equal(
            engine_shutdown(w.en, world_dom(&w, name)->id, NULL, NULL), 0);
    }
    world_pass(&w, 1000);
    for (i = 0; i < 30; i++) {
        uint64_t op;

        assert_int_equal(
            engine_pause(w.en, world_dom(&w, "web1")->id, &op, NULL), 0);
        (void)loop_turn(w.lp, 0);
        assert_int_equal(
            engine_unpause(w.en, world_dom(&w, "web1")->id, NULL, NULL), 0);
        assert_non_null(engine_op_by_id(w.en, op));
        world_pass(&w, 100);
        assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    }
    start(a, "pause web1", "unpause web1");
    wait_for(a);
    assert_string_equal(says(a, SESSION_ERR), "");
    assert_int_equal(a->status, BATCH_OK);
}

/* All end at once, and new ones begin before anybody has looked. */
static void
test_many_ends_at_once_are_seen(void **state)
{
    uint64_t ops[70];
    char name[16];
    size_t i;

    (void)state;
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%zu", i);
        (void)world_guest(&w, name, "");
    }
    world_pass(&w, 10000);
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%zu", i);
        assert_int_equal(
            engine_pause(w.en, world_dom(&w, name)->id, &ops[i], NULL), 0);
    }
    world_pass(&w, 500);
    for (i = 0; i < 70; i++) {
        text_fmt(name, sizeof(name), "g%zu", i);
        assert_int_equal(
            engine_unpause(w.en, world_dom(&w, name)->id, NULL, NULL), 0);
    }
    world_pass(&w, 500);
    for (i = 0; i < 70; i++) {
        assert_non_null(engine_op_by_id(w.en, ops[i]));
        assert_int_equal(engine_op_by_id(w.en, ops[i])->state, OP_DONE);
    }
    world_pass(&w, 10000);
    assert_int_equal(engine_pause(w.en, world_dom(&w, "g0")->id, NULL, NULL),
                     0);
    assert_true(engine_op_count(w.en) <= 64);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        T(test_batches_run_side_by_side),
        T(test_cancel_ends_its_own_operation),
        T(test_an_interrupt_is_heard_at_any_call),
        T(test_a_second_cancel_waits_for_nothing),
        T(test_a_caller_that_dies_cancels_nothing),
        T(test_a_feed_is_stopped_well),
        T(test_a_slow_reader_holds_its_feed),
        T(test_the_end_waits_for_the_reader),
        T(test_a_slow_reader_holds_the_next_line),
        T(test_a_batch_that_waits_for_its_reader_is_cancelled),
        T(test_output_that_is_lost_fails),
        T(test_warnings_are_of_their_batch),
        T(test_who_asked_is_the_session),
        T(test_ends_are_seen_beside_many),
        T(test_many_ends_at_once_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
