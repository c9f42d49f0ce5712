/*
 * test_migrate.c - a domain goes from one simulated host to another: its memory
 * comes along, a failure leaves it where it was, a lost connection leaves it on
 * exactly one side.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "engine/saved/move_note.h"
#include "tests/sim/pair.h"

static struct pair p;
static struct err e;

static void
open_pair(void)
{
    pair_open(&p, PAIR_DISK);
    e = (struct err){ 0 };
}

WORLD_FIXTURE(open_pair(), pair_close(&p))

static uint64_t
migrate_with(const struct migrate_opts *o)
{
    uint64_t op = 0;

    if (engine_migrate(p.a.en, p.id, "beta", o, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static enum op_state
end_of_all(struct world *w, uint64_t op)
{
    enum op_state end = pair_wait(&p, w, op);
    const struct op *o = engine_op_by_id(w->en, op);

    if (end != OP_DONE)
        e = o->err;
    return end != OP_DONE || o->next == 0 ? end : end_of_all(w, o->next);
}

static void
assert_done(uint64_t op)
{
    if (end_of_all(&p.a, op) != OP_DONE)
        fail_msg("%s", e.msg);
}

static uint64_t
count_on(struct world *w)
{
    const struct dom *d = world_dom(w, "web9");
    uint64_t n = 0;

    assert_non_null(d);
    assert_int_equal(sim_guest_count(w->sim, d->domid, &n), 0);
    return n;
}

static void
assert_moved(uint64_t before)
{
    assert_true(pair_runs(&p.b));
    assert_false(pair_has(&p.a));
    assert_true(count_on(&p.b) >= before);
}

static void
assert_stayed(uint64_t before)
{
    pair_settle(&p, 5000);
    assert_true(pair_runs(&p.a));
    assert_false(pair_has(&p.b));
    assert_true(count_on(&p.a) >= before);
}

static void
test_it_moves(void **state)
{
    uint64_t before = count_on(&p.a);
    uint64_t op = migrate_with(NULL);

    (void)state;
    if (end_of_all(&p.a, op) != OP_DONE)
        fail_msg("%s", e.msg);
    assert_int_equal(end_of_all(&p.b, p.received), OP_DONE);
    pair_settle(&p, 2000);
    assert_moved(before);
    assert_true(count_on(&p.b) < before + 100);
    assert_true(world_dom(&p.b, "web9")->owned);
    assert_non_null(world_event(&p.a, "has moved to beta"));
    assert_non_null(world_event(&p.a, "it stood still for"));
    assert_int_equal(p.n_wires, 2); /* a question, the domain */
}

/* The bridges there learn where it is now; those here hear nothing. */
static void
moves_and_announces(const char *kind)
{
    char more[256];

    pair_close(&p);
    text_fmt(more, sizeof(more),
             "type = \"%s\"; devices = ( { type = \"vif\"; mac = "
             "\"00:16:3e:00:00:09\"; ip = \"10.1.2.3\"; } );",
             kind);
    pair_open(&p, more);
    assert_done(migrate_with(NULL));
    pair_settle(&p, 2000);
    assert_true(pair_runs(&p.b));
    assert_string_equal(sim_announced(p.b.sim),
                        "xenbr0 00:16:3e:00:00:09 10.1.2.3");
    assert_string_equal(sim_announced(p.a.sim), "");
}

static void
test_its_interfaces_announce_themselves(void **state)
{
    (void)state;
    moves_and_announces("pv");
    moves_and_announces("pvh");
    moves_and_announces("hvm");
}

static void
test_a_host_that_cannot_be_reached(void **state)
{
    uint64_t before = count_on(&p.a);

    (void)state;
    p.no_route = true;
    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    assert_non_null(strstr(e.msg, "migrate 'web9' to beta: "));
    assert_stayed(before);
}

/* --- asked beforehand --- */

static void
assert_refused(const char *text)
{
    uint64_t before = count_on(&p.a);
    char *was = world_dump(&p.b);

    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    if (strstr(e.msg, text) == NULL)
        fail_msg("found '%s', wanted '%s'", e.msg, text);
    assert_int_equal(p.n_wires, 1); /* nothing was sent */
    assert_stayed(before);
    world_unchanged(&p.b, was);
}

static void
fill_the_other_host(void)
{
    char name[16];
    uint64_t op;
    int i;

    for (i = 0; i < 20; i++) {
        text_fmt(name, sizeof(name), "fill%d", i);
        assert_int_equal(
            engine_create(p.b.en, world_conf(&p.b, name, ""), NULL, &op, &e),
            0);
        if (pair_wait(&p, &p.b, op) != OP_DONE)
            return;
    }
    fail_msg("it has too much memory");
}

static void
test_no_memory_there(void **state)
{
    (void)state;
    pair_close(&p);
    pair_open_small(&p, PAIR_DISK);
    fill_the_other_host();
    pair_settle(&p, 2000);
    assert_refused("memory");
}

static void
test_its_name_is_taken_there(void **state)
{
    uint32_t domid;

    (void)state;
    assert_int_equal(sim_foreign_guest(p.b.sim, "web9", &domid), 0);
    pair_pass(&p, 2000);
    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    assert_non_null(strstr(e.msg, "\"web9\", which domain"));
    assert_true(pair_runs(&p.a));
}

static void
test_older_processors_there(void **state)
{
    (void)state;
    sim_has_old_cpu(p.b.sim, true);
    assert_refused("the processors here lack features that it may use");
}

static void
test_no_bridge_there(void **state)
{
    (void)state;
    pair_close(&p);
    pair_open(&p, "devices = ( { type = \"vif\"; bridge = \"xenbr0\"; } );");
    assert_int_equal(dom0_bridge_remove(sim_dom0(p.b.sim), "xenbr0", &e), 0);
    assert_refused("xenbr0");
}

static void
test_unchecked_asks_nothing(void **state)
{
    const struct migrate_opts o = { .unchecked = true };
    uint64_t before = count_on(&p.a);

    (void)state;
    assert_done(migrate_with(&o));
    pair_settle(&p, 2000);
    assert_moved(before);
    assert_int_equal(p.n_wires, 1);
}

/* --- kinds, and what goes along --- */

static void
test_pvh_runs_meanwhile(void **state)
{
    uint64_t before;

    (void)state;
    pair_close(&p);
    pair_open(&p, "type = \"pvh\"; vcpus = 2;");
    before = count_on(&p.a);
    assert_done(migrate_with(NULL));
    pair_settle(&p, 2000);
    assert_moved(before);
    assert_non_null(world_event(&p.a, "MiB in 1 rounds while it ran"));
    assert_null(world_event(&p.a, "stands still for all of its way"));
}

static void
test_a_pv_domain_is_told_to_stop(void **state)
{
    (void)state;
    assert_done(migrate_with(NULL));
    assert_non_null(world_event(&p.a, "stands still for all of its way to "
                                      "beta: this Xen has no shadow paging"));
}

static void
test_shadow_paging_lets_a_pv_domain_run(void **state)
{
    (void)state;
    sim_has_shadow(p.a.sim, true);
    assert_done(migrate_with(NULL));
    assert_null(world_event(&p.a, "stands still for all of its way"));
}

static void
test_the_definition_goes_along(void **state)
{
    const struct dom *d;

    (void)state;
    assert_int_equal(engine_define(p.a.en, p.a.conf, &e), 0);
    assert_done(migrate_with(NULL));
    pair_settle(&p, 3000);
    assert_null(engine_dom_find(p.a.en, "web9", NULL));
    d = engine_dom_find(p.b.en, "web9", NULL);
    assert_non_null(d);
    assert_true(db_defined(engine_paths(p.b.en)->state, d->uuid));
}

/* --- ends half-way --- */

static bool
at_step(void *arg)
{
    const struct op *o = engine_op_by_id(p.a.en, *(uint64_t *)arg);

    return o->state > OP_RUNNING || strcmp(o->label, "writing memory") == 0;
}

static void
test_cancelled_it_runs_on(void **state)
{
    uint64_t before = count_on(&p.a), op = migrate_with(NULL);

    (void)state;
    pair_until(&p, at_step, &op);
    assert_int_equal(engine_op_cancel(p.a.en, op, &e), 0);
    assert_int_equal(end_of_all(&p.a, op), OP_CANCELLED);
    assert_stayed(before);
}

/* The report is lost, and the other side with it. */
static uint64_t
lose_the_other_side(void)
{
    uint64_t op = migrate_with(NULL);

    p.cut_wire = 2;
    p.cut_way = PAIR_BACK;
    p.cut_at = sizeof(MOVE_BANNER) - 1 + sizeof(MOVE_READY) + 1;
    pair_until(&p, pair_was_cut, &p);
    p.no_route = true;
    return op;
}

static void
test_it_waits_for_an_answer(void **state)
{
    uint64_t before = count_on(&p.a), op = lose_the_other_side();

    (void)state;
    pair_pass(&p, 60000);
    assert_false(pair_runs(&p.a)); /* suspended: nobody knows */
    assert_non_null(world_event(&p.a, "does not say whether it runs there"));
    p.no_route = false;
    assert_done(op);
    pair_settle(&p, 5000);
    assert_moved(before);
}

static void
test_an_operator_decides(void **state)
{
    uint64_t before = count_on(&p.a), op = lose_the_other_side();

    (void)state;
    pair_pass(&p, 60000);
    assert_int_equal(engine_op_cancel(p.a.en, op, &e), 0);
    assert_int_equal(end_of_all(&p.a, op), OP_CANCELLED);
    pair_pass(&p, 1000);
    assert_true(pair_runs(&p.a));
    assert_true(count_on(&p.a) >= before);
}

static void
test_unpause_waits_for_the_answer(void **state)
{
    uint64_t op = lose_the_other_side();

    (void)state;
    (void)op;
    pair_pass(&p, 5000);
    assert_int_equal(engine_unpause(p.a.en, p.id, NULL, &e), 0);
    pair_pass(&p, 20000);
    assert_false(pair_runs(&p.a));
}

/* --- a guest with a device model --- */

static void
test_hvm(void **state)
{
    char conf[96];
    uint64_t before;

    (void)state;
    pair_close(&p);
    text_fmt(conf, sizeof(conf), "type = \"hvm\";");
    pair_open(&p, conf);
    pair_pass(&p, 20000);
    before = count_on(&p.a);
    assert_done(migrate_with(NULL));
    pair_settle(&p, 2000);
    assert_moved(before);
}

/* Whether it may leave is not known: it stays. */
static void
test_unreadable_configuration_stays(void **state)
{
    char path[300], aside[310], uuid[37];
    uint64_t before = count_on(&p.a);

    (void)state;
    uuid_print_text(world_dom(&p.a, "web9")->uuid, uuid);
    text_fmt(path, sizeof(path), "%s/%s.conf", engine_paths(p.a.en)->state,
             uuid);
    text_fmt(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(path, path), 0);
    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    assert_non_null(strstr(e.msg, "whether it may move cannot be told"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(aside, path), 0);
    assert_stayed(before);
}

static void
test_nomigrate_stays(void **state)
{
    uint64_t before;

    (void)state;
    pair_close(&p);
    pair_open(&p, "machine = { nomigrate = true; };");
    before = count_on(&p.a);
    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    assert_non_null(strstr(e.msg, "nomigrate"));
    assert_stayed(before);
}

/* --- the other side is played by the test --- */

/* What a sender says until the other side is ready, as it was heard once. */
static struct buf
record_sender(void)
{
    struct buf tape = { 0 };

    assert_done(migrate_with(NULL));
    pair_settle(&p, 2000);
    buf_add(&tape, p.tape.data, p.tape.len - sizeof(MOVE_GO));
    pair_close(&p);
    pair_open(&p, PAIR_DISK);
    return tape;
}

/* A sender's end of a connection to the second host. */
static int
play_sender(const struct buf *tape)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    assert_int_equal(
        engine_receive(p.b.en, ends[1], ends[1], NULL, &p.received, &e), 0);
    close(ends[1]);
    assert_int_equal(write(ends[0], tape->data, tape->len), (ssize_t)tape->len);
    return ends[0];
}

static bool
b_offers(void *arg)
{
    const struct op *o = engine_op_by_id(p.b.en, p.received);

    (void)arg;
    o = o != NULL && o->next != 0 ? engine_op_by_id(p.b.en, o->next) : NULL;
    return o != NULL && strstr(o->label, "permission") != NULL;
}

static void
test_a_permission_that_never_comes(void **state)
{
    struct buf tape = record_sender();
    int fd = play_sender(&tape);

    (void)state;
    pair_until(&p, b_offers, NULL);
    assert_non_null(world_dom(&p.b, "web9--incoming"));
    assert_null(world_dom(&p.b, "web9"));
    pair_pass(&p, 50000);
    assert_true(pair_has(&p.b));
    pair_pass(&p, 30000);
    assert_false(pair_has(&p.b));
    assert_non_null(world_event(&p.b, "wait for the other host's permission"));
    close(fd);
    buf_free(&tape);
}

/* What an operator has said of the domain since it is on record here holds,
 * though it does not come. */
static void
decide_while_b_waits(int (*decide)(uint64_t id), const char *definition)
{
    struct buf tape = record_sender();
    int fd;

    if (definition != NULL &&
        engine_define(p.b.en, world_conf(&p.b, "web9", definition), &e) < 0)
        fail_msg("%s", e.msg);
    fd = play_sender(&tape);
    pair_until(&p, b_offers, NULL);
    if (decide(world_dom(&p.b, "web9--incoming")->id) < 0)
        fail_msg("%s", e.msg);
    pair_pass(&p, 90000);
    assert_false(pair_has(&p.b));
    close(fd);
    buf_free(&tape);
}

static int
define_on_b(uint64_t id)
{
    (void)id;
    return engine_define(
        p.b.en, world_conf(&p.b, "web9", PAIR_UUID "maxvcpus = 3;"), &e);
}

static int
undefine_on_b(uint64_t id)
{
    return engine_undefine(p.b.en, id, &e);
}

static int
autostart_on_b(uint64_t id)
{
    return engine_set_autostart(p.b.en, id, true, &e);
}

static void
assert_defined_on_b(unsigned maxvcpus, bool autostart)
{
    const struct dom *d = engine_dom_find(p.b.en, "web9", NULL);
    struct domain_config *c;

    assert_non_null(d);
    assert_true(db_defined(engine_paths(p.b.en)->state, d->uuid));
    assert_int_equal(d->autostart, autostart);
    if (db_load(engine_paths(p.b.en)->state, d->uuid, &c, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(c->maxvcpus, maxvcpus);
    config_free(c);
}

static void
test_defined_here_while_it_came(void **state)
{
    (void)state;
    decide_while_b_waits(define_on_b, NULL);
    assert_defined_on_b(3, false);
}

static void
test_defined_anew_while_it_came(void **state)
{
    (void)state;
    decide_while_b_waits(define_on_b, PAIR_UUID "maxvcpus = 2;");
    assert_defined_on_b(3, false);
}

static void
test_undefined_here_while_it_came(void **state)
{
    (void)state;
    decide_while_b_waits(undefine_on_b, PAIR_UUID "maxvcpus = 2;");
    assert_null(engine_dom_find(p.b.en, "web9", NULL));
}

static void
test_autostart_while_it_came(void **state)
{
    (void)state;
    decide_while_b_waits(autostart_on_b, PAIR_UUID "maxvcpus = 2;");
    assert_defined_on_b(2, true);
}

/* The engine dies as well: the next one finds what the operator said. */
static void
test_defined_while_it_came_and_the_engine_dies(void **state)
{
    struct buf tape = record_sender();
    int fd;

    (void)state;
    if (engine_define(p.b.en, world_conf(&p.b, "web9", PAIR_UUID), &e) < 0)
        fail_msg("%s", e.msg);
    fd = play_sender(&tape);
    pair_until(&p, b_offers, NULL);
    assert_int_equal(define_on_b(0), 0);
    world_kill(&p.b);
    world_start(&p.b, false);
    pair_pass(&p, 90000);
    assert_false(pair_has(&p.b));
    assert_defined_on_b(3, false);
    close(fd);
    buf_free(&tape);
}

/* "" from a receiver that says nothing more. */
static void
read_all(int fd, struct buf *out)
{
    char bytes[512];
    ssize_t n;

    while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        buf_add(out, bytes, (size_t)n);
}

static void
test_it_cannot_be_started_there(void **state)
{
    const size_t first = sizeof(MOVE_BANNER) - 1 + sizeof(MOVE_READY);
    struct buf tape = record_sender(), said = { 0 };
    int fd = play_sender(&tape);

    (void)state;
    pair_until(&p, b_offers, NULL);
    sim_fault_add(p.b.sim, "hv.unpause", 1, EIO);
    assert_int_equal(write(fd, MOVE_GO, sizeof(MOVE_GO)), sizeof(MOVE_GO));
    pair_settle(&p, 5000);
    assert_false(pair_has(&p.b));
    read_all(fd, &said);
    assert_int_equal(said.len,
                     first + sizeof(MOVE_REPORT) + 1 + sizeof(MOVE_GO));
    assert_memory_equal(said.data + first, MOVE_REPORT, sizeof(MOVE_REPORT));
    assert_int_not_equal(said.data[first + sizeof(MOVE_REPORT)], 0);
    close(fd);
    buf_free(&said);
    buf_free(&tape);
}

static void
test_a_name_that_is_taken_meanwhile(void **state)
{
    struct buf tape = record_sender();
    int fd = play_sender(&tape);
    uint32_t domid;

    (void)state;
    pair_until(&p, b_offers, NULL);
    assert_int_equal(sim_foreign_guest(p.b.sim, "web9", &domid), 0);
    pair_pass(&p, 1000);
    assert_int_equal(write(fd, MOVE_GO, sizeof(MOVE_GO)), sizeof(MOVE_GO));
    pair_settle(&p, 5000);
    assert_null(world_dom(&p.b, "web9--incoming"));
    assert_int_equal(world_dom(&p.b, "web9")->domid, domid);
    close(fd);
    buf_free(&tape);
}

static void
test_the_start_fails_and_it_runs_on(void **state)
{
    uint64_t before = count_on(&p.a);

    (void)state;
    sim_fault_add(p.b.sim, "hv.unpause", 1, EIO);
    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    assert_non_null(strstr(e.msg, "the other host could not start it"));
    assert_stayed(before);
}

static void
test_no_definition_is_left_where_it_did_not_start(void **state)
{
    (void)state;
    assert_int_equal(engine_define(p.a.en, p.a.conf, &e), 0);
    sim_fault_add(p.b.sim, "hv.unpause", 1, EIO);
    assert_int_equal(end_of_all(&p.a, migrate_with(NULL)), OP_FAILED);
    pair_settle(&p, 3000);
    assert_null(engine_dom_find(p.b.en, "web9", NULL));
    assert_non_null(engine_dom_find(p.a.en, "web9", NULL));
}

static void
test_noise_in_place_of_a_greeting(void **state)
{
    uint64_t before = count_on(&p.a);

    (void)state;
    sim_join(p.a.sim, NULL, NULL); /* lines are run */
    assert_int_equal(end_of_all(&p.a, migrate_with(&(struct migrate_opts){
                                          .command = "printf '%060d' 7; #" })),
                     OP_FAILED);
    assert_non_null(strstr(e.msg, "does not greet as xl and xendeck do"));
    assert_stayed(before);
}

static void
test_a_command_that_fails_says_why(void **state)
{
    uint64_t before = count_on(&p.a);

    (void)state;
    sim_join(p.a.sim, NULL, NULL);
    assert_int_equal(
        end_of_all(&p.a,
                   migrate_with(&(struct migrate_opts){
                       .command = "sh -c 'echo no route >&2; exit 1' #" })),
        OP_FAILED);
    assert_non_null(strstr(e.msg, "(no route)"));
    assert_stayed(before);
}

static void
test_hosts_that_a_shell_would_read(void **state)
{
    static const char *const bad[] = { "", "-x", "a;b", "a b", "$(x)", "a'b" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(engine_migrate(p.a.en, p.id, bad[i], NULL, NULL, &e),
                         -1);
}

static int
run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_it_moves),
        T(test_its_interfaces_announce_themselves),
        T(test_a_host_that_cannot_be_reached),
        T(test_no_memory_there),
        T(test_its_name_is_taken_there),
        T(test_older_processors_there),
        T(test_no_bridge_there),
        T(test_unchecked_asks_nothing),
        T(test_pvh_runs_meanwhile),
        T(test_a_pv_domain_is_told_to_stop),
        T(test_shadow_paging_lets_a_pv_domain_run),
        T(test_the_definition_goes_along),
        T(test_cancelled_it_runs_on),
        T(test_it_waits_for_an_answer),
        T(test_an_operator_decides),
        T(test_unpause_waits_for_the_answer),
        T(test_hvm),
        T(test_nomigrate_stays),
        T(test_unreadable_configuration_stays),
        T(test_a_permission_that_never_comes),
        T(test_defined_here_while_it_came),
        T(test_defined_anew_while_it_came),
        T(test_undefined_here_while_it_came),
        T(test_autostart_while_it_came),
        T(test_defined_while_it_came_and_the_engine_dies),
        T(test_it_cannot_be_started_there),
        T(test_a_name_that_is_taken_meanwhile),
        T(test_the_start_fails_and_it_runs_on),
        T(test_no_definition_is_left_where_it_did_not_start),
        T(test_noise_in_place_of_a_greeting),
        T(test_a_command_that_fails_says_why),
        T(test_hosts_that_a_shell_would_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
