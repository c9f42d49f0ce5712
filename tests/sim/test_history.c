/*
 * test_history.c - the last hour as the engine records it, on the virtual
 * clock: what is unknown, whom it follows, and what it may cost.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/host/host_int.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

#define HOUR_MS 3600000U

static struct world w;
static struct rates_want want;

WORLD_FIXTURE(world_open(&w, 2, false), world_close(&w))

static void
record_for(uint64_t ms)
{
    engine_rates_want(w.en, &want, RATES_HISTORY);
    world_pass(&w, ms);
}

static uint64_t
id_of(const char *name)
{
    const struct dom *d = engine_dom_find(w.en, name, NULL);

    return d != NULL ? d->id : 0;
}

/* Values known among the last n. */
static size_t
known(uint64_t id, enum history_what what, size_t n)
{
    double *v = calloc(n, sizeof(*v));
    size_t i, k = 0;

    engine_history_last(w.en, id, what, v, n);
    for (i = 0; i < n; i++)
        k += v[i] >= 0;
    free(v);
    return k;
}

static void
test_nothing_is_recorded_unless_wanted(void **state)
{
    (void)state;
    world_pass(&w, 5000);
    assert_int_equal(engine_history_step(w.en), 0);
    assert_int_equal(known(HISTORY_HOST, HISTORY_MEM, 100), 0);
    record_for(5100);
    assert_int_equal(engine_history_step(w.en), 1);
    assert_int_equal(known(HISTORY_HOST, HISTORY_MEM, 100), 5);
    engine_rates_unwant(&want);
    world_pass(&w, 1100);
    assert_int_equal(engine_history_bytes(w.en), 0);
}

static void
test_an_hour_is_read_back(void **state)
{
    struct history_sum sum;
    uint64_t id = id_of("web1");
    double last[3];

    (void)state;
    sim_dom_load(sim_dom_find(w.sim, 1), 250);
    record_for(HOUR_MS + 10000);
    assert_int_equal(known(id, HISTORY_MEM, HISTORY_SPAN_S + 50),
                     HISTORY_SPAN_S);
    engine_history_last(w.en, id, HISTORY_CPU, last, 3);
    assert_true(last[0] > 20 && last[2] > 20);
    engine_history_sum(w.en, id, HISTORY_CPU, 600, &sum);
    assert_int_equal(sum.known, 600);
    assert_true(sum.mean > 20 && sum.peak >= sum.mean);
    engine_history_sum(w.en, id, HISTORY_MEM, 60, &sum);
    assert_true(sum.last > 0 && sum.peak >= sum.mean);
    assert_true(engine_history_bytes(w.en) < 200U * 1024);
}

static void
test_a_refused_listing_is_a_gap(void **state)
{
    uint64_t id = id_of("web1");
    unsigned nth;
    size_t before;

    (void)state;
    record_for(10100);
    before = known(id, HISTORY_MEM, 60);
    for (nth = 1; nth <= 4; nth++)
        sim_fault_add(w.sim, "hv.list", nth, EIO);
    world_pass(&w, 8000);
    assert_int_equal(known(id, HISTORY_MEM, 60), before + 4);
}

static void
test_an_unknown_id_has_no_history(void **state)
{
    struct history_sum sum;

    (void)state;
    record_for(3000);
    engine_history_sum(w.en, 123456, HISTORY_CPU, 3600, &sum);
    assert_true(sum.last < 0 && sum.mean < 0 && sum.peak < 0);
    assert_int_equal(sum.known, 0);
}

/* All that a domain has is divided among its vcpus. */
static void
test_each_vcpu_has_its_share(void **state)
{
    uint64_t id;
    double v[2], all;
    unsigned i;

    (void)state;
    engine_rates_want(w.en, &want, RATES_HISTORY);
    id = world_guest(&w, "web9", "vcpus = 2;");
    world_pass(&w, 20000); /* it has booted */
    sim_dom_load(sim_dom_find(w.sim, world_dom(&w, "web9")->domid), 500);
    world_pass(&w, 10100);
    assert_int_equal(engine_history_vcpus(w.en, id), 2);
    engine_history_last(w.en, id, HISTORY_CPU, &all, 1);
    for (i = 0; i < 2; i++)
        engine_history_last(w.en, id, HISTORY_VCPU(i), &v[i], 1);
    assert_true(all > 20 && v[0] > 10 && v[1] > 10);
    assert_true(v[0] + v[1] > all * 0.95 && v[0] + v[1] < all * 1.05);
    engine_history_last(w.en, id, HISTORY_VCPU(2), &all, 1);
    assert_true(all < 0);
    assert_int_equal(engine_history_vcpus(w.en, HISTORY_HOST),
                     engine_host_info(w.en)->cpus);
    engine_history_last(w.en, HISTORY_HOST, HISTORY_VCPU(0), &all, 1);
    assert_true(all >= 0);
}

/* A refused reading of the vcpus is a gap in them alone. */
static void
test_refused_vcpus_are_a_gap(void **state)
{
    uint64_t id;
    double v, all;
    unsigned i;

    (void)state;
    engine_rates_want(w.en, &want, RATES_HISTORY);
    id = world_guest(&w, "web9", "vcpus = 2;");
    world_pass(&w, 5100);
    for (i = 1; i <= 4; i++) /* of all that have several */
        sim_fault_add(w.sim, "hv.vcpu_times", i, EIO);
    world_pass(&w, 1000);
    engine_history_last(w.en, id, HISTORY_VCPU(1), &v, 1);
    engine_history_last(w.en, id, HISTORY_CPU, &all, 1);
    assert_true(v < 0 && all >= 0);
}

/* What it was at a moment: also its state, and nothing before its birth. */
static void
test_a_moment_is_read_back(void **state)
{
    uint64_t id, op = 0, before, paused, first, last;
    struct dom d;

    (void)state;
    record_for(3100);
    before = loop_now_ms(w.lp);
    id = world_guest(&w, "web9", "");
    world_pass(&w, 5100);
    assert_int_equal(engine_pause(w.en, id, &op, NULL), 0);
    world_idle(&w);
    world_pass(&w, 5000);
    paused = loop_now_ms(w.lp);
    assert_int_equal(engine_unpause(w.en, id, &op, NULL), 0);
    world_idle(&w);
    world_pass(&w, 5000);
    d = *engine_dom_by_id(w.en, id);
    assert_true(engine_history_dom(w.en, paused, &d));
    assert_string_equal(dom_state_word(&d), "paused");
    assert_true(d.mem_kib > 0 && d.cpu_pct >= 0);
    assert_true(engine_history_dom(w.en, loop_now_ms(w.lp), &d));
    assert_string_not_equal(dom_state_word(&d), "paused");
    assert_false(engine_history_dom(w.en, before - 1000, &d));
    assert_true(d.cpu_pct < 0 && d.mem_kib == 0);
    assert_true(engine_history_span(w.en, &first, &last));
    assert_true(first < before && last <= loop_now_ms(w.lp) && last > paused);
}

/* One of ours is followed by its uuid: the restart is a gap in one past. */
static void
test_a_restart_goes_on(void **state)
{
    uint64_t first, second;
    size_t before;

    (void)state;
    engine_rates_want(w.en, &want, RATES_HISTORY);
    first =
        world_guest(&w, "web9", "on_reboot = \"restart\"; restart_min = 0;");
    world_pass(&w, 30000);
    before = known(first, HISTORY_MEM, 120);
    assert_true(before >= 29);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT), 0);
    world_idle(&w);
    world_pass(&w, 20000);
    second = id_of("web9");
    assert_true(second != 0);
    assert_true(known(second, HISTORY_MEM, 120) >= before + 19);
}

/* Of another tool: a life, forgotten with it. */
static void
test_a_foreign_life_is_forgotten(void **state)
{
    uint64_t id = id_of("web1");

    (void)state;
    record_for(10000);
    assert_int_equal(hv_destroy(engine_hv(w.en), 1, NULL), 0);
    world_pass(&w, 2000);
    assert_int_equal(known(id, HISTORY_MEM, 60), 0);
}

/* A defined one that is off shows what it did, for an hour. */
static void
test_what_is_off_is_kept_an_hour(void **state)
{
    struct err e = { 0 };
    uint64_t id, op = 0;

    (void)state;
    engine_rates_want(w.en, &want, RATES_HISTORY);
    if (engine_define(w.en, world_conf(&w, "web9", ""), &e) < 0 ||
        engine_start(w.en, id_of("web9"), false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 20000);
    assert_int_equal(engine_destroy(w.en, id_of("web9"), &op, &e), 0);
    world_idle(&w);
    world_pass(&w, 60000);
    id = id_of("web9");
    assert_true(engine_dom_by_id(w.en, id)->off);
    assert_true(known(id, HISTORY_MEM, 120) >= 19);
    assert_int_equal(known(id, HISTORY_MEM, 50), 0);
    world_pass(&w, HOUR_MS);
    assert_int_equal(known(id, HISTORY_MEM, HISTORY_SPAN_S), 0);
}

/* Many domains have coarser samples, and all together a bound. */
static void
test_many_domains_have_coarser_samples(void **state)
{
    enum { MANY = 700 };
    size_t i, n;

    (void)state;
    world_close(&w);
    world_open(&w, MANY, false);
    for (i = 1; i <= MANY; i++)
        sim_dom_load(sim_dom_find(w.sim, (uint32_t)i), 100 + (unsigned)i);
    record_for(200100);
    assert_int_equal(engine_history_step(w.en), 8);
    n = known(engine_dom_at(w.en, 5)->id, HISTORY_MEM, 450);
    assert_true(n == 200 / 8 || n == 200 / 8 + 1);
    world_pass(&w, 400000);
    assert_true(engine_history_bytes(w.en) < 6U * 1024 * 1024);
}

/* The engine slept: what it did not see is unknown. */
static void
test_a_late_tick_is_a_gap(void **state)
{
    struct host_room *h = host_room(w.en);
    uint64_t id = id_of("web1");

    (void)state;
    record_for(10100);
    assert_int_equal(known(id, HISTORY_MEM, 100), 10);
    loop_timer_arm(w.lp, &h->tick, 30000, h->tick.cb);
    world_pass(&w, 32100);
    assert_int_equal(known(id, HISTORY_MEM, 100), 10 + 3);
}

/* --- the verbs --- */

static struct buf out;
static struct err failed;

static enum cmd_rc
verb(const char *line, bool utf8)
{
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &failed };
    enum cmd_rc rc;

    buf_clear(&out);
    err_clear(&failed);
    test_session_open(&ts, w.en, w.lp);
    ts.ses.utf8 = utf8;
    ts.ses.info.rights = RIGHT_VIEW;
    rc = test_run_line(&ctx, line);
    test_session_close(&ts);
    return rc;
}

static void
test_the_verb_draws_sparklines(void **state)
{
    (void)state;
    assert_int_equal(verb("history web1", false), CMD_ERROR);
    assert_non_null(strstr(failed.msg, "history: nothing is recorded"));
    sim_dom_load(sim_dom_find(w.sim, 1), 250);
    record_for(600100);
    assert_int_equal(verb("history web1 --span 1m", false), CMD_OK);
    assert_non_null(strstr(buf_text(&out), "web1, the last 1m00s, 1 s a samp"));
    assert_non_null(strstr(buf_text(&out), "\nmemory   ########"));
    assert_null(strstr(buf_text(&out), "\u2588"));
    assert_int_equal(verb("host-history --span=1h", true), CMD_OK);
    assert_non_null(strstr(buf_text(&out), "\u2588"));
    assert_int_equal(verb("history web1 --span 5s", false), CMD_USAGE);
    assert_non_null(strstr(failed.msg, "allowed 10s to 1h"));
    assert_int_equal(verb("history web1 --spam 5m", false), CMD_USAGE);
    buf_free(&out);
}

static void
test_the_verb_prints_json(void **state)
{
    struct json_object *js, *memory, *all;

    (void)state;
    record_for(20100);
    assert_int_equal(verb("history web1 --span 30 --json", false), CMD_OK);
    js = json_tokener_parse(buf_text(&out));
    assert_non_null(js);
    assert_true(json_object_object_get_ex(js, "mem_bytes", &memory));
    assert_true(json_object_object_get_ex(memory, "samples", &all));
    assert_int_equal(json_object_array_length(all), 30);
    assert_null(json_object_array_get_idx(all, 0)); /* unknown, not 0 */
    assert_true(json_object_get_int64(json_object_array_get_idx(all, 29)) > 0);
    json_object_put(js);
}

/* An hour of 64 vcpus is more than an engine that serves others prints. */
static void
test_many_vcpus_have_coarser_samples(void **state)
{
    struct json_object *js, *v;

    (void)state;
    world_guest(&w, "web9", "vcpus = 64;");
    record_for(10100);
    assert_int_equal(verb("history web9 --span 1h --json", false), CMD_OK);
    js = json_tokener_parse(buf_text(&out));
    assert_true(json_object_object_get_ex(js, "cpu_step_s", &v));
    assert_int_equal(json_object_get_int(v), 3);
    assert_true(json_object_object_get_ex(js, "vcpus_pct", &v));
    assert_int_equal(json_object_array_length(v), 64);
    v = json_object_array_get_idx(v, 63);
    assert_true(json_object_object_get_ex(v, "samples", &v));
    assert_int_equal(json_object_array_length(v), 1200);
    assert_null(json_object_array_get_idx(v, 0));
    assert_non_null(json_object_array_get_idx(v, 1199));
    json_object_put(js);
    buf_free(&out);
}

static int
run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_nothing_is_recorded_unless_wanted),
        T(test_an_hour_is_read_back),
        T(test_a_refused_listing_is_a_gap),
        T(test_an_unknown_id_has_no_history),
        T(test_each_vcpu_has_its_share),
        T(test_refused_vcpus_are_a_gap),
        T(test_a_moment_is_read_back),
        T(test_a_restart_goes_on),
        T(test_a_foreign_life_is_forgotten),
        T(test_what_is_off_is_kept_an_hour),
        T(test_many_domains_have_coarser_samples),
        T(test_a_late_tick_is_a_gap),
        T(test_the_verb_draws_sparklines),
        T(test_the_verb_prints_json),
        T(test_many_vcpus_have_coarser_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
