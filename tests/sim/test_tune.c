/*
 * test_tune.c - what is set while a domain runs, on the simulated host: the
 * guest that follows and the one that does not, ranges, what is kept for a
 * restart, what is taken back.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "tests/sim/world.h"

#define MIB 1024ULL

static struct world w;
static uint64_t id;
static uint32_t domid;
static struct err e;

static void
begin(void)
{
    err_clear(&e);
    world_open(&w, 0, false);
    id = world_guest(&w, "web9", "vcpus = 2; maxvcpus = 4; maxmem = 256;");
    domid = engine_dom_by_id(w.en, id)->domid;
    world_pass(&w, 5000);
}

WORLD_FIXTURE(begin(), world_close(&w))

static const struct op *
op_at(uint64_t op)
{
    return engine_op_by_id(w.en, op);
}

static void
assert_says(const struct err *err, const char *text)
{
    if (strstr(err->msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, err->msg);
}

static void
assert_done(uint64_t op)
{
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", op_at(op)->err.msg);
}

static void
assert_fails(uint64_t op, enum err_code code, const char *text)
{
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_says(&op_at(op)->err, text);
    assert_int_equal(op_at(op)->err.code, code);
}

/* A call that is refused at once. */
static void
assert_refused(int rc, enum err_code code, const char *text)
{
    assert_int_equal(rc, -1);
    assert_says(&e, text);
    assert_int_equal(e.code, code);
    err_clear(&e);
}

static struct hv_dom
dom_now(uint32_t which)
{
    struct hv_dom d;

    assert_int_equal(hv_get(engine_hv(w.en), which, &d, NULL), 0);
    return d;
}

/* The configuration on record; the caller's. */
static struct domain_config *
kept(void)
{
    struct domain_config *c;

    if (db_load(engine_paths(w.en)->state, engine_dom_by_id(w.en, id)->uuid, &c,
                &e) < 0)
        fail_msg("%s", e.msg);
    return c;
}

static void
assert_node(const char *rest, const char *want)
{
    char path[96], text[64] = "";

    text_fmt(path, sizeof(path), "/local/domain/%u/%s", domid, rest);
    (void)store_read_text(engine_store(w.en), 0, path, text, sizeof(text),
                          NULL);
    assert_string_equal(text, want);
}

/* --- memory --- */

static void
test_balloon_up_and_down(void **state)
{
    struct domain_config *c;
    uint64_t op;
    int seen = 0;

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 256 * MIB, &op, &e), 0);
    assert_string_equal(op_at(op)->xl, "xl mem-set web9 262144k");
    while (op_at(op)->state <= OP_RUNNING) {
        (void)loop_turn(w.lp, 100);
        if (op_at(op)->percent > 0 && op_at(op)->percent < 100)
            seen = op_at(op)->percent;
    }
    assert_done(op);
    assert_true(seen > 0);
    assert_true(dom_now(domid).mem_kib > 250 * MIB);
    assert_node("memory/target", "262144");
    assert_int_equal(engine_dom_by_id(w.en, id)->target_kib, 256 * MIB);
    assert_int_equal(engine_mem_set(w.en, id, 48 * MIB, &op, &e), 0);
    assert_done(op);
    assert_true(dom_now(domid).mem_kib < 54 * MIB);
    assert_int_equal(dom_now(domid).max_kib, 49 * MIB);
    c = kept();
    assert_int_equal(c->mem_kib, 48 * MIB);
    assert_int_equal(c->maxmem_kib, 256 * MIB);
    config_free(c);
}

/* More than the host has is out of the range, whatever it was made with; more
 * than it has left is said when the guest gets no further. */
static void
test_a_host_short_of_memory(void **state)
{
    uint64_t op;

    (void)state;
    id = world_guest(&w, "big", "maxmem = \"70G\";");
    domid = engine_dom_by_id(w.en, id)->domid;
    world_pass(&w, 10000);
    assert_refused(engine_mem_set(w.en, id, 65537 * MIB, &op, &e), ERR_RANGE,
                   "found 65537 MiB, allowed 4 to 65536 MiB");
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_int_equal(engine_mem_set(w.en, id, 65536 * MIB, &op, &e), 0);
    assert_fails(op, ERR_TIMEOUT, "it needs 65472 MiB more, and the host has");
}

/* It is not taken for none, in whose place another would be written. */
static void
test_a_maximum_that_cannot_be_read(void **state)
{
    (void)state;
    sim_fault_add(w.sim, "store.read", 2, EIO);
    assert_int_equal(engine_mem_set(w.en, id, 48 * MIB, NULL, &e), -1);
    assert_int_equal(e.sys, EIO);
}

static void
test_guest_that_does_not_balloon(void **state)
{
    uint64_t op, began = loop_now_ms(w.lp);

    (void)state;
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_int_equal(engine_mem_set(w.en, id, 128 * MIB, &op, &e), 0);
    assert_fails(op, ERR_TIMEOUT, "stands at 64 MiB on its way from 64 to 128");
    assert_says(&op_at(op)->err, "its balloon driver does not follow");
    assert_says(&op_at(op)->err, "the target stays");
    assert_in_range(loop_now_ms(w.lp) - began, 30000, 40000);
    assert_node("memory/target", "131072");
}

/* It goes on as long as anything moves. */
static void
test_balloon_that_stops_half_way(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 256 * MIB, &op, &e), 0);
    while (dom_now(domid).mem_kib < 128 * MIB)
        (void)loop_turn(w.lp, 100);
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_fails(op, ERR_TIMEOUT, "nothing moved in 30 s");
}

static void
test_memory_ranges(void **state)
{
    uint64_t op, dom0 = engine_dom_by_domid(w.en, 0)->id;

    (void)state;
    assert_refused(engine_mem_set(w.en, id, 257 * MIB, &op, &e), ERR_RANGE,
                   "memory of 'web9': found 257 MiB, allowed 4 to 256 MiB");
    assert_refused(engine_mem_set(w.en, id, 3 * MIB, &op, &e), ERR_RANGE,
                   "found 3 MiB, allowed 4");
    assert_refused(engine_mem_set(w.en, dom0, 127 * MIB, &op, &e), ERR_RANGE,
                   "found 127 MiB, allowed 128 to");
    assert_refused(engine_mem_set(w.en, 77, 64 * MIB, &op, &e), ERR_NOENT,
                   "no longer exists");
    assert_refused(engine_mem_max(w.en, id, 63 * MIB, &op, &e), ERR_RANGE,
                   "maximum memory of 'web9': found 63 MiB, allowed 64 to");
    assert_refused(engine_mem_max(w.en, dom0, 512 * MIB, &op, &e), ERR_DENIED,
                   "dom0 is the host itself");
    assert_int_equal(engine_pause(w.en, id, &op, &e), 0);
    assert_done(op);
    assert_int_equal(engine_mem_set(w.en, id, 128 * MIB, &op, &e), 0);
    assert_fails(op, ERR_INVALID, "unpause it first");
}

static void
test_memory_of_dom0(void **state)
{
    uint64_t op, dom0 = engine_dom_by_domid(w.en, 0)->id;

    (void)state;
    domid = 0;
    assert_int_equal(engine_mem_set(w.en, dom0, 2048 * MIB, &op, &e), 0);
    assert_done(op);
    assert_node("memory/target", "2097152");
    assert_true(dom_now(0).mem_kib < 2100 * MIB);
    assert_int_equal(engine_mem_set(w.en, dom0, 4096 * MIB, &op, &e), 0);
    assert_done(op);
}

/* Each call of the setting fails in turn: the limit is as before. */
static void
test_failed_target_changes_nothing(void **state)
{
    static const char *const calls[] = { "hv.set_maxmem", "store.write",
                                         "store.tx_begin", "store.tx_end" };
    char *before = world_dump(&w), *after;
    uint64_t op;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        sim_fault_add(w.sim, calls[i], 1, EIO);
        assert_int_equal(engine_mem_set(w.en, id, 128 * MIB, &op, &e), 0);
        assert_fails(op, ERR_IO, calls[i]);
        after = world_dump(&w);
        assert_string_equal(before, after);
        free(after);
    }
    sim_fault_add(w.sim, "store.tx_end", 1, EAGAIN); /* redone */
    assert_int_equal(engine_mem_set(w.en, id, 128 * MIB, &op, &e), 0);
    assert_done(op);
    free(before);
}

static void
test_maximum(void **state)
{
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(engine_mem_max(w.en, id, 512 * MIB, &op, &e), 0);
    assert_done(op);
    assert_int_equal(dom_now(domid).max_kib, 513 * MIB);
    c = kept();
    assert_int_equal(c->maxmem_kib, 512 * MIB);
    config_free(c);
}

/* Two on one domain queue; the end of the guest ends them. */
static void
test_end_of_the_guest_ends_the_wait(void **state)
{
    uint64_t op, next;

    (void)state;
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_int_equal(engine_mem_set(w.en, id, 128 * MIB, &op, &e), 0);
    assert_int_equal(engine_mem_set(w.en, id, 96 * MIB, &next, &e), 0);
    world_pass(&w, 1000);
    assert_int_equal(op_at(op)->state, OP_RUNNING);
    assert_int_equal(op_at(next)->state, OP_QUEUED);
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_POWEROFF), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_int_equal(world_wait(&w, next), OP_FAILED);
    assert_true(world_until_gone(&w, "web9"));
}

/* --- vcpus --- */

static int
pin(unsigned vcpu, const char *hard, const char *soft, uint64_t *op)
{
    struct engine_pin p = { .vcpu = vcpu, .hard = hard, .soft = soft };

    return engine_vcpu_pin(w.en, id, &p, op, &e);
}

static void
test_vcpus_off_and_on(void **state)
{
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(dom_now(domid).vcpus_online, 2); /* as configured */
    assert_int_equal(engine_vcpu_set(w.en, id, 1, &op, &e), 0);
    assert_done(op);
    assert_int_equal(dom_now(domid).vcpus_online, 1);
    assert_node("cpu/0/availability", "online");
    assert_node("cpu/1/availability", "offline");
    assert_int_equal(engine_vcpu_set(w.en, id, 4, &op, &e), 0);
    assert_done(op);
    assert_int_equal(dom_now(domid).vcpus_online, 4);
    c = kept();
    assert_int_equal(c->vcpus, 4);
    config_free(c);
}

static void
test_vcpus_refused(void **state)
{
    uint64_t op;

    (void)state;
    assert_refused(engine_vcpu_set(w.en, id, 5, &op, &e), ERR_RANGE,
                   "vcpus of 'web9': found 5, allowed 1 to 4");
    assert_refused(engine_vcpu_set(w.en, id, 0, &op, &e), ERR_RANGE,
                   "found 0, allowed 1");
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_int_equal(engine_vcpu_set(w.en, id, 1, &op, &e), 0);
    assert_fails(op, ERR_TIMEOUT, "has 2 vcpus online, 1 were asked for");
}

static void
assert_pins(unsigned vcpu, const char *hard, const char *soft)
{
    struct dom_vcpu v[8];
    size_t n;

    assert_int_equal(engine_vcpus(w.en, id, v, 8, &n, &e), 0);
    assert_true(vcpu < n);
    assert_string_equal(v[vcpu].hard, hard);
    assert_string_equal(v[vcpu].soft, soft);
}

static void
test_pins(void **state)
{
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(pin(1, "2-3", "3", &op), 0);
    assert_string_equal(op_at(op)->xl, "xl vcpu-pin web9 1 2-3 3");
    assert_done(op);
    assert_pins(0, "all", "all");
    assert_pins(1, "2-3", "3");
    c = kept();
    assert_string_equal(config_cpus_text(&c->cpus, 0), "all");
    assert_string_equal(config_cpus_text(&c->cpus, 1), "2-3");
    assert_null(config_cpus_text(&c->cpus, 2));
    assert_string_equal(config_cpus_text(&c->cpus_soft, 1), "3");
    config_free(c);
    assert_int_equal(pin(ENGINE_ALL_VCPUS, NULL, "0-1", &op), 0);
    assert_done(op);
    assert_pins(1, "2-3", "0-1");
    assert_int_equal(pin(ENGINE_ALL_VCPUS, "4", NULL, &op), 0);
    assert_done(op);
    assert_pins(3, "4", "0-1");
    c = kept();
    assert_false(c->cpus.each);
    assert_string_equal(config_cpus_text(&c->cpus, 3), "4");
    assert_false(c->cpus_soft.each);
    assert_string_equal(config_cpus_text(&c->cpus_soft, 0), "0-1");
    config_free(c);
    /* one of them leaves what was set for all to the others */
    assert_int_equal(pin(2, "5-6", NULL, &op), 0);
    assert_done(op);
    c = kept();
    assert_int_equal(c->cpus.n, 4);
    assert_string_equal(config_cpus_text(&c->cpus, 1), "4");
    assert_string_equal(config_cpus_text(&c->cpus, 2), "5-6");
    assert_string_equal(config_cpus_text(&c->cpus, 3), "4");
    assert_false(c->cpus_soft.each);
    config_free(c);
}

static void
test_pins_refused(void **state)
{
    uint64_t op;

    (void)state;
    assert_refused(pin(4, "1", NULL, &op), ERR_RANGE,
                   "vcpu of 'web9': found 4, allowed 0 to 3");
    assert_refused(pin(0, "70", NULL, &op), ERR_RANGE,
                   "hard affinity: found \"70\", allowed cpus 0 to 7");
    assert_refused(pin(0, NULL, "x", &op), ERR_INVALID,
                   "soft affinity: found \"x\", allowed a list");
    /* The third of four is refused: the first two are as before. */
    sim_fault_add(w.sim, "hv.set_affinity", 3, EIO);
    assert_int_equal(pin(ENGINE_ALL_VCPUS, "4", NULL, &op), 0);
    assert_fails(op, ERR_IO, "hv.set_affinity");
    assert_pins(0, "all", "all");
    assert_pins(1, "all", "all");
}

/* --- schedulers and pools --- */

static int
set_all(unsigned vcpu, const char *const *names, const char *const *values,
        size_t n, uint64_t *op)
{
    struct engine_sched want = {
        .vcpu = vcpu, .names = names, .values = values, .n = n
    };

    return engine_sched_set(w.en, id, &want, op, &e);
}

static int
set_one(unsigned vcpu, const char *name, const char *value, uint64_t *op)
{
    return set_all(vcpu, &name, &value, 1, op);
}

static void
test_credit2(void **state)
{
    static const char *const names[] = { "weight", "cap" };
    static const char *const values[] = { "512", "150" };
    struct sched_params p;
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(engine_sched_get(w.en, id, ENGINE_ALL_VCPUS, &p, &e), 0);
    assert_int_equal(p.kind, SCHEDULER_CREDIT2);
    assert_int_equal(p.weight, 256);
    assert_int_equal(set_all(ENGINE_ALL_VCPUS, names, values, 2, &op), 0);
    assert_string_equal(op_at(op)->xl,
                        "xl sched-credit2 -d web9 -w 512 -c 150");
    assert_done(op);
    assert_int_equal(engine_sched_get(w.en, id, ENGINE_ALL_VCPUS, &p, &e), 0);
    assert_int_equal(p.weight, 512);
    assert_int_equal(p.cap, 150);
    c = kept();
    assert_int_equal(c->weight, 512);
    assert_int_equal(c->cap, 150);
    config_free(c);
}

static void
test_scheduler_ranges(void **state)
{
    uint64_t op;

    (void)state;
    assert_refused(set_one(ENGINE_ALL_VCPUS, "weight", "70000", &op), ERR_RANGE,
                   "weight of 'web9': found \"70000\", allowed 1 to 65535");
    assert_refused(set_one(ENGINE_ALL_VCPUS, "weight", "0", &op), ERR_RANGE,
                   "allowed 1 to 65535");
    assert_refused(set_one(ENGINE_ALL_VCPUS, "cap", "401", &op), ERR_RANGE,
                   "cap of 'web9': found \"401\", allowed 0 to 400");
    assert_refused(set_one(ENGINE_ALL_VCPUS, "budget", "5000", &op),
                   ERR_INVALID,
                   "found \"budget\", allowed weight, cap: its cpu pool has "
                   "the credit2 scheduler");
    assert_refused(set_one(1, "weight", "5", &op), ERR_INVALID,
                   "sets domains, not vcpus");
}

static void
test_pools_and_rtds(void **state)
{
    static const char *const names[] = { "period", "budget", "extratime" };
    static const char *const values[] = { "20000", "5000", "0" };
    struct cpupool pools[4];
    struct sched_params p;
    uint64_t op;
    size_t n;

    (void)state;
    assert_int_equal(sim_pool_add(w.sim, "fast", SCHEDULER_RTDS, 6, 2), 1);
    assert_int_equal(engine_pools(w.en, pools, 4, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_string_equal(pools[0].name, "Pool-0");
    assert_string_equal(pools[0].cpus, "0-5");
    assert_int_equal(pools[0].n_doms, 2);
    assert_string_equal(pools[1].name, "fast");
    assert_int_equal(pools[1].sched, SCHEDULER_RTDS);
    assert_refused(engine_pool_move(w.en, id, "slow", &op, &e), ERR_NOENT,
                   "cpu pool: found \"slow\", allowed Pool-0, fast");
    assert_int_equal(engine_pool_move(w.en, id, "fast", &op, &e), 0);
    assert_done(op);
    assert_int_equal(engine_dom_by_id(w.en, id)->cpupool, 1);
    assert_int_equal(set_all(1, names, values, 3, &op), 0);
    assert_string_equal(op_at(op)->xl,
                        "xl sched-rtds -d web9 -v 1 -p 20000 -b 5000 -e 0");
    assert_done(op);
    assert_int_equal(set_one(1, "budget", "6000", &op), 0);
    assert_string_equal(op_at(op)->xl,
                        "xl sched-rtds -d web9 -v 1 -p 20000 -b 6000 -e 0");
    assert_int_equal(set_one(1, "budget", "5000", &op), 0);
    assert_done(op);
    assert_int_equal(set_one(ENGINE_ALL_VCPUS, "extratime", "1", &op), 0);
    assert_string_equal(op_at(op)->xl,
                        "xl sched-rtds -d web9 -v all -p 10000 -b 4000 -e 1");
    assert_done(op);
    assert_int_equal(set_all(1, names, values, 3, &op), 0);
    assert_done(op);
    assert_int_equal(engine_sched_get(w.en, id, 1, &p, &e), 0);
    assert_int_equal(p.period_us, 20000);
    assert_int_equal(p.budget_us, 5000);
    assert_false(p.extratime);
    assert_int_equal(engine_sched_get(w.en, id, 0, &p, &e), 0);
    assert_int_equal(p.budget_us, 4000);
    assert_refused(set_one(ENGINE_ALL_VCPUS, "budget", "10001", &op), ERR_RANGE,
                   "budget of 'web9': found 10001, allowed 10 to its period "
                   "of 10000");
    /* Its pins must leave it a cpu of the pool. */
    assert_int_equal(pin(0, "0", NULL, &op), 0);
    assert_fails(op, ERR_INVALID, "online in its cpu pool");
    assert_int_equal(engine_pool_move(w.en, id, "0", &op, &e), 0);
    assert_done(op);
    assert_int_equal(engine_dom_by_id(w.en, id)->cpupool, 0);
}

/* --- what a configuration says, and what a restart keeps --- */

static void
test_configured_at_creation(void **state)
{
    struct sched_params p;

    (void)state;
    assert_int_equal(sim_pool_add(w.sim, "fast", SCHEDULER_RTDS, 6, 2), 1);
    id = world_guest(&w, "rt1",
                     "vcpus = 2; pool = \"fast\"; cpus = \"6\"; "
                     "cpus_soft = \"7\"; period = 20000; budget = 5000; "
                     "extratime = false;");
    assert_int_equal(engine_dom_by_id(w.en, id)->cpupool, 1);
    assert_pins(1, "6", "7");
    assert_int_equal(engine_sched_get(w.en, id, 1, &p, &e), 0);
    assert_int_equal(p.kind, SCHEDULER_RTDS);
    assert_int_equal(p.period_us, 20000);
    assert_int_equal(p.budget_us, 5000);
    assert_false(p.extratime);
    id = world_guest(&w, "credit1", "weight = 300; cap = 50;");
    assert_int_equal(engine_sched_get(w.en, id, ENGINE_ALL_VCPUS, &p, &e), 0);
    assert_int_equal(p.weight, 300);
    assert_int_equal(p.cap, 50);
}

/* Each vcpu of its own list, those behind the last as by default, lists behind
 * the last vcpu for nobody; and so again after a restart. */
static void
test_each_vcpu_as_configured(void **state)
{
    const struct dom_entry *de;
    int round;

    (void)state;
    id = world_guest(&w, "each1",
                     "vcpus = 2; maxvcpus = 4; cpus = (\"0\", \"1-3\", 5); "
                     "cpus_soft = [\"all\", \"2\"];");
    for (round = 0; round < 2; round++) {
        assert_pins(0, "0", "all");
        assert_pins(1, "1-3", "2");
        assert_pins(2, "5", "all");
        assert_pins(3, "all", "all");
        if (round > 0)
            break;
        world_pass(&w, 30000); /* past the minimum restart time */
        domid = engine_dom_by_id(w.en, id)->domid;
        assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_REBOOT), 0);
        while ((de = domains_by_name(w.en, "each1")) == NULL ||
               de->d.id == id || de->d.building)
            world_pass(&w, 100);
        id = de->d.id;
    }
    id = world_guest(&w, "each2", "cpus = [6, 70];");
    assert_pins(0, "6", "all");
}

static void
test_configurations_refused_at_creation(void **state)
{
    static const struct {
        const char *more, *text;
    } cases[] = {
        { "pool = \"nosuch\";", "pool: cpu pool: found \"nosuch\", allowed" },
        { "period = 20000;", "period: found one, allowed none" },
        { "pool = \"fast\"; weight = 5;", "weight: found one, allowed none" },
        { "pool = \"fast\"; cpus = \"0\";", "online in its cpu pool" },
        { "vcpus = 2; pool = \"fast\"; cpus = [6, 1];", "vcpu 1 of domain" },
        { "cpus = \"70-71\";", "cpus: found \"70-71\", allowed 0 to 7" },
        { "vcpus = 2; cpus = [\"1\", \"70\"];",
          "cpus: found \"70\" for vcpu 1, allowed 0 to 7" },
    };
    char *before, *after;
    uint64_t op;
    size_t i;

    (void)state;
    assert_int_equal(sim_pool_add(w.sim, "fast", SCHEDULER_RTDS, 6, 2), 1);
    before = world_dump(&w);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(engine_create(w.en,
                                       world_conf(&w, "bad1", cases[i].more),
                                       NULL, &op, &e),
                         0);
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        assert_says(&op_at(op)->err, cases[i].text);
        world_pass(&w, 1000);
        after = world_dump(&w);
        assert_string_equal(before, after);
        free(after);
    }
    free(before);
}

static void
test_restart_keeps_what_was_set(void **state)
{
    static const char *const name = "weight", *const value = "512";
    struct sched_params p;
    const struct dom_entry *de;
    uint64_t op;

    (void)state;
    assert_int_equal(engine_mem_set(w.en, id, 128 * MIB, &op, &e), 0);
    assert_done(op);
    assert_int_equal(engine_vcpu_set(w.en, id, 3, &op, &e), 0);
    assert_done(op);
    assert_int_equal(pin(ENGINE_ALL_VCPUS, "4-5", "5", &op), 0);
    assert_done(op);
    assert_int_equal(set_all(ENGINE_ALL_VCPUS, &name, &value, 1, &op), 0);
    assert_done(op);
    assert_int_equal(engine_rename(w.en, id, "web10", &op, &e), 0);
    assert_done(op);
    world_pass(&w, 30000); /* past the minimum restart time */
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_REBOOT), 0);
    assert_true(world_until_event(&w, "create done"));
    while ((de = domains_by_name(w.en, "web10")) == NULL || de->d.id == id ||
           de->d.building)
        world_pass(&w, 100);
    world_pass(&w, 5000);
    id = de->d.id;
    domid = de->d.domid;
    assert_true(dom_now(domid).mem_kib >= 128 * MIB);
    assert_int_equal(dom_now(domid).vcpus_online, 3);
    assert_pins(2, "4-5", "5");
    assert_int_equal(engine_sched_get(w.en, id, ENGINE_ALL_VCPUS, &p, &e), 0);
    assert_int_equal(p.weight, 512);
}

/* --- name, keys, interrupts --- */

static void
test_rename(void **state)
{
    struct domain_config *c;
    uint64_t op;

    (void)state;
    assert_int_equal(engine_rename(w.en, id, "web10", &op, &e), 0);
    assert_string_equal(op_at(op)->xl, "xl rename web9 web10");
    assert_done(op);
    assert_node("name", "web10");
    assert_string_equal(engine_dom_by_id(w.en, id)->name, "web10");
    c = kept();
    assert_string_equal(c->name, "web10");
    config_free(c);
    assert_refused(engine_rename(w.en, id, "web10", &op, &e), ERR_EXISTS,
                   "which domain 1 has already");
    assert_refused(engine_rename(w.en, id, "7", &op, &e), ERR_INVALID,
                   "name: found \"7\", allowed");
    assert_refused(engine_rename(w.en, id, "Domain-0", &op, &e), ERR_INVALID,
                   "allowed");
}

/* The name is taken between the call and its turn. */
static void
test_rename_lost_the_race(void **state)
{
    uint64_t op;
    uint32_t other;

    (void)state;
    assert_int_equal(engine_rename(w.en, id, "theirs", &op, &e), 0);
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &other), 0);
    assert_fails(op, ERR_EXISTS, "which domain 2 has already");
    assert_node("name", "web9");
}

static void
test_sysrq(void **state)
{
    uint64_t op;

    (void)state;
    assert_refused(engine_sysrq(w.en, id, '\n', &op, &e), ERR_INVALID,
                   "sysrq key: found '?', allowed a letter");
    assert_int_equal(engine_sysrq(w.en, id, 's', &op, &e), 0);
    assert_done(op);
    assert_non_null(world_event(&w, "sysrq s begins"));
    assert_node("control/sysrq", "");
    assert_int_equal(sim_guest_ignore_tuning(w.sim, domid, true), 0);
    assert_int_equal(engine_sysrq(w.en, id, 's', &op, &e), 0);
    assert_fails(op, ERR_TIMEOUT, "wait for the guest to take the key");
    assert_node("control/sysrq", ""); /* not obeyed next week */
}

static void
test_sysrq_that_ends_the_guest(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_sysrq(w.en, id, 'c', &op, &e), 0);
    assert_true(world_until_event(&w, "reaped (crash)"));
}

static void
test_nmi(void **state)
{
    uint64_t op;

    (void)state;
    assert_refused(engine_nmi(w.en, id, 4, &op, &e), ERR_RANGE,
                   "vcpu of 'web9': found 4, allowed 0 to 3");
    assert_int_equal(engine_nmi(w.en, id, 1, &op, &e), 0);
    assert_done(op);
    assert_int_equal(dom_now(domid).flags & HV_SHUTDOWN, 0);
}

static int
run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_balloon_up_and_down),
        T(test_a_host_short_of_memory),
        T(test_a_maximum_that_cannot_be_read),
        T(test_guest_that_does_not_balloon),
        T(test_balloon_that_stops_half_way),
        T(test_memory_ranges),
        T(test_memory_of_dom0),
        T(test_failed_target_changes_nothing),
        T(test_maximum),
        T(test_end_of_the_guest_ends_the_wait),
        T(test_vcpus_off_and_on),
        T(test_vcpus_refused),
        T(test_pins),
        T(test_pins_refused),
        T(test_credit2),
        T(test_scheduler_ranges),
        T(test_pools_and_rtds),
        T(test_configured_at_creation),
        T(test_each_vcpu_as_configured),
        T(test_configurations_refused_at_creation),
        T(test_restart_keeps_what_was_set),
        T(test_rename),
        T(test_rename_lost_the_race),
        T(test_sysrq),
        T(test_sysrq_that_ends_the_guest),
        T(test_nmi),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
