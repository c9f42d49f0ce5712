/*
 * test_names.c - a name is one domain's, running or off, whoever asks for it at
 * the same time: several operations of one engine, or several engines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/listing.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

#define UUID_A "uuid = \"11111111-2222-4333-8444-555555555555\";"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static size_t
count_named(const char *name)
{
    size_t i, n = 0;

    for (i = 0; i < engine_dom_count(w.en); i++)
        n += strcmp(engine_dom_at(w.en, i)->name, name) == 0;
    return n;
}

/* Engines of other processes: they end as these do. */
static void
leave(struct engine *other)
{
    engine_set(other, ENGINE_KEEP_HOST, true);
    engine_close(other);
}

static enum op_state
end_of(struct engine *en, uint64_t op)
{
    while (engine_op_by_id(en, op)->state <= OP_RUNNING)
        world_pass(&w, 100);
    return engine_op_by_id(en, op)->state;
}

static void
test_rename_onto_a_definition_is_refused(void **state)
{
    uint64_t id = world_guest(&w, "web1", ""), op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", ""), &e), 0);
    assert_int_equal(engine_rename(w.en, id, "pn", &op, &e), -1);
    assert_string_equal(
        e.msg, "name: found \"pn\", which a defined domain has already");
    assert_int_equal(count_named("pn"), 1);
}

static void
test_define_with_the_name_of_another_is_refused(void **state)
{
    (void)state;
    world_guest(&w, "web1", "");
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", ""), &e), 0);
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", UUID_A), &e), -1);
    assert_non_null(strstr(e.msg, "is the name of another domain"));
    assert_int_equal(engine_define(w.en, world_conf(&w, "web1", UUID_A), &e),
                     -1);
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", ""), &e), 0);
    assert_int_equal(count_named("pn"), 1);
    assert_int_equal(count_named("web1"), 1);
}

/* Each engine knows the definitions as they were. */
static void
test_define_of_one_name_by_three_engines(void **state)
{
    struct engine *b = world_beside(&w, true), *c = world_beside(&w, true);

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", ""), &e), 0);
    assert_int_equal(engine_define(b, world_conf(&w, "pn", ""), &e), 0);
    assert_int_equal(engine_define(c, world_conf(&w, "pn", ""), &e), 0);
    leave(b);
    leave(c);
    world_pass(&w, 1000);
    assert_int_equal(count_named("pn"), 1);
}

static void
test_two_creations_of_one_file(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, NULL, &e), -1);
    assert_non_null(strstr(e.msg, "'web9' is being started already"));
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(count_named("web9"), 1);
}

static void
test_two_creations_of_one_file_by_two_engines(void **state)
{
    struct engine *b = world_beside(&w, true);
    uint64_t op_a, op_b;
    int done;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op_a, &e), 0);
    assert_int_equal(
        engine_create(b, world_conf(&w, "web9", ""), NULL, &op_b, &e), 0);
    done = (end_of(w.en, op_a) == OP_DONE) + (end_of(b, op_b) == OP_DONE);
    assert_int_equal(done, 1);
    leave(b);
    world_pass(&w, 2000);
    assert_int_equal(count_named("web9"), 1);
}

static void
test_two_renames_to_one_name_by_two_engines(void **state)
{
    struct engine *b;
    uint64_t id = world_guest(&w, "web1", ""), op_a, op_b;
    int done;

    (void)state;
    (void)world_guest(&w, "web2", "");
    b = world_beside(&w, true);
    assert_int_equal(engine_rename(w.en, id, "pn", &op_a, &e), 0);
    assert_int_equal(
        engine_rename(b, engine_dom_find(b, "web2", &e)->id, "pn", &op_b, &e),
        0);
    done = (end_of(w.en, op_a) == OP_DONE) + (end_of(b, op_b) == OP_DONE);
    assert_int_equal(done, 1);
    leave(b);
    world_pass(&w, 1000);
    assert_int_equal(count_named("pn"), 1);
}

static void
test_losers_of_a_start_say_why(void **state)
{
    struct engine *b, *c;
    uint64_t op_a, op_b, op_c;
    int done;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    b = world_beside(&w, true);
    c = world_beside(&w, true);
    assert_int_equal(engine_start(w.en, engine_dom_find(w.en, "web9", &e)->id,
                                  false, &op_a, &e),
                     0);
    assert_int_equal(engine_start(w.en, engine_dom_find(w.en, "web9", &e)->id,
                                  false, NULL, &e),
                     -1);
    assert_non_null(strstr(e.msg, "is being started already"));
    assert_int_equal(
        engine_start(b, engine_dom_find(b, "web9", &e)->id, false, &op_b, &e),
        0);
    assert_int_equal(
        engine_start(c, engine_dom_find(c, "web9", &e)->id, false, &op_c, &e),
        0);
    done = (end_of(w.en, op_a) == OP_DONE) + (end_of(b, op_b) == OP_DONE) +
           (end_of(c, op_c) == OP_DONE);
    assert_int_equal(done, 1);
    if (engine_op_by_id(b, op_b)->state == OP_FAILED)
        assert_non_null(strstr(engine_op_by_id(b, op_b)->err.msg,
                               "'web9' is being started already, as domain"));
    leave(b);
    leave(c);
}

/* Another tool gives a running domain any name. */
static void
name_by_hand(uint64_t id, const char *name)
{
    char path[64];

    text_fmt(path, sizeof(path), "/local/domain/%u/name",
             engine_dom_by_id(w.en, id)->domid);
    assert_int_equal(store_write(engine_store(w.en), 0, path, name, &e), 0);
    world_pass(&w, 5000);
    assert_string_equal(engine_dom_by_id(w.en, id)->name, name);
}

static void
check_word(const struct dom *d, bool by_name)
{
    struct buf word = { 0 };
    const struct dom *found;

    engine_dom_word(w.en, d, &word);
    found = engine_dom_find(w.en, buf_text(&word), &e);
    assert_ptr_equal(found, d);
    assert_int_equal(strcmp(buf_text(&word), d->name) == 0, by_name);
    assert_null(strchr(buf_text(&word), ' '));
    buf_free(&word);
}

static uint64_t user_at;

static uint64_t
user_is_at(struct screen *sc)
{
    (void)sc;
    return user_at;
}

/* `start' without a word: the domain under the cursor. */
static void
check_start(uint64_t id)
{
    static const struct screen_ops ops = { .domain = user_is_at };
    struct screen screen = { .ops = &ops };
    struct test_session ts = { 0 };
    struct cmd_call *call = NULL;

    test_session_open(&ts, w.en, w.lp);
    ts.ses.screen = &screen;
    user_at = id;
    if (cmd_parse(&ts.ses, "start", 0, &call, &e) != CMD_OK)
        fail_msg("%s", e.msg);
    assert_int_equal(call->target.dom_id, id);
    assert_int_equal(call->argc, 1);
    cmd_call_free(call);
    test_session_close(&ts);
}

/* One that is off, and one that runs and is given its name too. */
static void
test_a_word_finds_its_domain(void **state)
{
    static const char *const names[] = { "7", "a b", "-x", "(null)", "pn" };
    uint64_t id = world_guest(&w, "web1", ""), off;
    size_t i;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", ""), &e), 0);
    off = engine_dom_find(w.en, "pn", &e)->id;
    check_word(engine_dom_by_id(w.en, off), true);
    check_word(engine_dom_by_id(w.en, id), true);
    check_word(engine_dom_by_domid(w.en, 0), true);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        check_start(off);
        name_by_hand(id, names[i]);
        check_word(engine_dom_by_id(w.en, id), false);
        check_start(id);
    }
    assert_null(engine_dom_find(w.en, "pn", &e));
    check_word(engine_dom_by_id(w.en, off), false);
    check_start(off);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_rename_onto_a_definition_is_refused),
        T(test_define_with_the_name_of_another_is_refused),
        T(test_define_of_one_name_by_three_engines),
        T(test_two_creations_of_one_file),
        T(test_two_creations_of_one_file_by_two_engines),
        T(test_two_renames_to_one_name_by_two_engines),
        T(test_losers_of_a_start_say_why),
        T(test_a_word_finds_its_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
