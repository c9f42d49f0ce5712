/*
 * test_command_tune.c - the verbs of tuning on a simulated host: their words,
 * what they print, and what they refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/api/toolstack.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

static struct world w;
static struct buf out;
static struct err e;

static void
end(void)
{
    world_close(&w);
    buf_free(&out);
}

WORLD_FIXTURE(world_open(&w, 3, true), end())

/* Runs a line as -e does; an operation is waited for, its error is the line's.
 */
static enum cmd_rc
run_line(const char *line, bool read_only)
{
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };
    enum cmd_rc rc;

    buf_clear(&out);
    err_clear(&e);
    test_session_open(&ts, w.en, w.lp);
    if (read_only)
        ts.ses.info.rights = RIGHT_VIEW;
    rc = test_run_line(&ctx, line);
    if (rc != CMD_WAIT)
        return rc;
    if (world_wait(&w, ctx.op) == OP_DONE)
        return CMD_OK;
    e = engine_op_by_id(w.en, ctx.op)->err;
    return CMD_ERROR;
}

static void
ok(const char *line)
{
    if (run_line(line, false) != CMD_OK)
        fail_msg("%s: %s", line, e.msg);
}

static void
prints(const char *line, const char *text)
{
    ok(line);
    if (strstr(buf_text(&out), text) == NULL)
        fail_msg("%s: '%s' is not in:\n%s", line, text, buf_text(&out));
}

/* Xen's limit is 1 MiB more: that is nobody's setting. */
static void
test_maximum_is_told_as_it_was_set(void **state)
{
    (void)state;
    ok("mem-max web1 1100");
    prints("show web1", "at most 1126400 KiB");
    prints("list --json", "\"max_kib\": 1126400");
    prints("mem-set web1 512", "");
    prints("show web1", "at most 524288 KiB");
}

struct refusal {
    const char *line;
    enum cmd_rc rc;
    const char *text;
};

static void
refuses(const struct refusal *r)
{
    assert_int_equal(run_line(r->line, false), r->rc);
    if (strstr(e.msg, r->text) == NULL)
        fail_msg("%s: '%s' is not in: %s", r->line, r->text, e.msg);
}

static void
test_sizes(void **state)
{
    static const char *const lines[] = {
        "mem-set web1 512",       "mem-set web1 512M", "mem-set web1 1G",
        "mem-set web1 524288KiB", "mem-set web1 1GB",  "balloon web1 512MiB",
        "mem-set 0 2048",         "mem-max web1 2g",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ok(lines[i]);
    assert_int_equal(engine_dom_find(w.en, "web1", &e)->target_kib, 512 * 1024);
}

static void
test_refusals(void **state)
{
    static const struct refusal cases[] = {
        { "mem-set web1 1X", CMD_USAGE, "size: found \"1X\", allowed" },
        { "mem-set web1 -1", CMD_USAGE, "found \"-1\"" },
        { "mem-set web1 0", CMD_ERROR, "found 0 MiB, allowed 4 to 1024 MiB" },
        { "mem-set web1 1048577K", CMD_ERROR,
          "found 1048577 KiB, allowed 4096 to 1048576 KiB" },
        { "mem-max web1 4095K", CMD_ERROR, "found 4095 KiB, allowed" },
        { "mem-set web1 G", CMD_USAGE, "found \"G\"" },
        { "mem-set web1 1GG", CMD_USAGE, "found \"1GG\"" },
        { "mem-set web1 999999999999T", CMD_USAGE, "allowed a number" },
        { "mem-set web1 900T", CMD_ERROR, "allowed 4 to 1024 MiB" },
        { "mem-set 512", CMD_USAGE, "no domain" },
        { "mem-max 0 512", CMD_ERROR, "refused for Domain-0" },
        { "vcpu-set web1 two", CMD_USAGE, "found \"two\", allowed a number" },
        { "vcpu-set web1 -1", CMD_USAGE, "allowed a number of 1 to 2" },
        { "vcpu-pin web1 -1 1", CMD_USAGE,
          "allowed a number or all, of 0 to 1" },
        { "vcpu-pin web1 0 0-99", CMD_ERROR,
          "hard affinity: found \"0-99\", allowed cpus 0 to 7" },
        { "vcpu-pin web1 0 all 0,8", CMD_ERROR,
          "soft affinity: found \"8\", allowed cpus 0 to 7" },
        { "vcpu-pin web1 0 nodes:1", CMD_ERROR,
          "found \"nodes:1\", allowed nodes 0 to 0" },
        { "vcpu-pin web1 0 node:", CMD_ERROR, "allowed nodes 0 to 0" },
        { "vcpu-pin web1 0 nodes:0,^node:0", CMD_ERROR, "leaves no cpu" },
        { "vcpu-pin web1 0 1,,2", CMD_ERROR, "allowed a list such as" },
        { "vcpu-pin web1 0 3-1", CMD_ERROR, "allowed a list such as" },
        { "vcpu-set web1 3", CMD_ERROR, "found 3, allowed 1 to 2" },
        { "vcpu-pin web1 x 1", CMD_USAGE, "allowed a number or all" },
        { "vcpu-pin web1 2 1", CMD_ERROR, "found 2, allowed 0 to 1" },
        { "vcpu-pin web1 0 99", CMD_ERROR, "allowed cpus 0 to 7" },
        { "sched nosuch", CMD_ERROR, "no domain 'nosuch'" },
        { "sched-credit2 web1 -w 70000", CMD_ERROR,
          "found \"70000\", allowed 1 to 65535" },
        { "sched-credit2 web1 -w", CMD_USAGE, "found \"-w\", allowed" },
        { "sched-credit2 web1 -p 5", CMD_USAGE, "found \"-p\", allowed" },
        { "sched-credit2 web1 web2", CMD_USAGE, "found \"web2\"" },
        { "sched-credit2 -w 5", CMD_ERROR, "no domain" },
        { "sched-rtds -d web1", CMD_ERROR, "use sched-credit2" },
        { "sched-rtds web1 -p 5", CMD_ERROR, "use sched-credit2" },
        { "cpupool-migrate web1 nosuch", CMD_ERROR, "allowed Pool-0" },
        { "rename web1 web2", CMD_ERROR, "which domain 2 has already" },
        { "rename 0 me", CMD_ERROR, "refused for Domain-0" },
        { "sysrq web1 ss", CMD_USAGE, "allowed one letter" },
        { "sysrq web1 !", CMD_ERROR, "allowed a letter or a digit" },
        { "trigger web1 reset", CMD_USAGE, "the verb reset ends" },
        { "trigger web1 power 1", CMD_USAGE, "none after a button" },
        { "trigger web1 power", CMD_ERROR, "only an HVM domain has" },
        { "trigger web1 nmi x", CMD_USAGE, "allowed a number of 0 to 1" },
        { "dump-core web1 ''", CMD_USAGE, "allowed a path" },
        { "trigger web1 nmi 9", CMD_ERROR, "allowed 0 to 1" },
        { "dump-core 0", CMD_ERROR, "refused for Domain-0" },
        { "bvt 1 2 3 4 5", CMD_ERROR, "sched-credit2" },
        { "fbvt", CMD_ERROR, "sched-credit2" },
        { "bvt_ctxallow 5", CMD_ERROR, "credit2" },
        { "rrobin 5", CMD_ERROR, "credit2" },
        { "atropos 1 2 3 4 5", CMD_ERROR, "sched-rtds" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refuses(&cases[i]);
    assert_int_equal(run_line("vcpu-list nosuch", false), CMD_ERROR);
    assert_int_equal(out.len, 0); /* no heading either */
    assert_int_equal(run_line("sched nosuch", false), CMD_ERROR);
    assert_int_equal(out.len, 0);
    assert_int_equal(run_line("sched-credit2", true), CMD_OK);
    assert_int_equal(run_line("sched-credit2 -d web1 --json", true), CMD_OK);
    assert_int_equal(run_line("sched-rtds", true), CMD_OK);
    assert_int_equal(run_line("trace", true), CMD_OK);
    assert_int_equal(run_line("trace on", true), CMD_ERROR);
    assert_int_equal(run_line("sched-credit2 -w 5 web1", true), CMD_ERROR);
    assert_int_equal(run_line("sched-credit2 web1 -w 5", true), CMD_ERROR);
    assert_non_null(strstr(e.msg, "read-only"));
    assert_int_equal(run_line("mem-set web1 512", true), CMD_ERROR);
    assert_non_null(strstr(e.msg, "read-only"));
}

static void
test_one_that_is_off(void **state)
{
    static const char *const lines[] = { "sched off1", "vcpu-list off1",
                                         "sched-credit2 off1",
                                         "sched-credit2 off1 -w 5",
                                         "mem-set off1 64" };
    char line[200];
    size_t i;

    (void)state;
    text_fmt(line, sizeof line, "define %s", world_conf(&w, "off1", ""));
    ok(line);
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(run_line(lines[i], false), CMD_ERROR);
        if (strstr(e.msg, "off1 is off: `start off1'") == NULL)
            fail_msg("%s: %s", lines[i], e.msg);
        assert_int_equal(out.len, 0);
    }
    ok("sched");
    ok("vcpu-list");
}

/* Before its builder has told Xen how many vcpus it has. */
static void
test_one_that_is_being_built(void **state)
{
    static const char *const verbs[] = {
        "vcpu-set %u 1",        "vcpu-pin %u all 1", "trigger %u nmi",
        "mem-set %u 64",        "mem-max %u 64",     "vcpu-pin %u 0 1",
        "sched-credit2 %u -w 5"
    };
    const struct hv_create c = { .max_vcpus = 1, .uuid = { 7 } };
    char line[64], id[16];
    uint32_t domid;
    size_t i;

    (void)state;
    assert_int_equal(hv_create(engine_hv(w.en), &c, &domid, &e), 0);
    world_pass(&w, 2000);
    text_fmt(id, sizeof id, "%u", domid);
    for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        const char *at = strchr(verbs[i], '%');

        text_fmt(line, sizeof line, "%.*s%s%s", (int)(at - verbs[i]), verbs[i],
                 id, at + 2);
        assert_int_equal(run_line(line, false), CMD_ERROR);
        if (strstr(e.msg, "' is being built") == NULL)
            fail_msg("%s: %s", line, e.msg);
    }
}

static void
test_cpus_of_nodes(void **state)
{
    (void)state;
    ok("vcpu-pin web1 0 nodes:0,^1 node:0");
    prints("vcpu-list web1", "0,2-7 / all\n");
    ok("vcpu-pin web1 all 'all, ^nodes:0 , 3'");
    prints("vcpu-list web1", "3 / all\n");
    ok("vcpu-pin web1 1 nodes:all");
    prints("vcpu-list web1", "all / all\n");
}

static void
test_vcpus(void **state)
{
    struct json_object *js, *v;

    (void)state;
    ok("vcpu-set web1 1");
    ok("vcpu-pin web1 all 2-3 3");
    ok("vcpu-pin web1 0 - 2");
    prints("vcpu-list web1", " 0     3  -b-");
    prints("vcpu-list web1", "2-3 / 2\n");
    prints("vcpu-list web1", "  1     -  --p");
    prints("vcpu-list", "Domain-0");
    ok("vcpu-list web1 --json");
    js = json_tokener_parse(buf_text(&out));
    assert_non_null(js);
    assert_int_equal(json_object_array_length(js), 2);
    assert_true(json_object_object_get_ex(json_object_array_get_idx(js, 1),
                                          "online", &v));
    assert_false(json_object_get_boolean(v));
    json_object_put(js);
}

/* Long, short and glued options, as xl takes them. */
static void
test_schedulers(void **state)
{
    (void)state;
    ok("sched-credit2 -d web1 -w 512");
    prints("sched web1", "credit2      512     0");
    ok("sched-credit2 web1 --weight=300 --cap 50");
    prints("sched web1", "credit2      300    50");
    ok("sched-credit2 --domain=web1 -c75 -w301");
    prints("sched-credit2 -d web1", "credit2      301    75");
    prints("sched", "Domain-0");
    prints("sched web1 --json", "\"cap\": 75");
    ok("sched-rtds"); /* nobody is there: a head alone */
    assert_null(strstr(buf_text(&out), "web1"));
}

static void
test_pools(void **state)
{
    (void)state;
    assert_int_equal(sim_pool_add(w.sim, "rt", SCHEDULER_RTDS, 7, 1), 1);
    prints("cpupool-list", "rt                          1  rtds            0");
    prints("cpupool-list --json", "\"cpus\": \"0-6\"");
    ok("cpupool-migrate web1 rt");
    ok("sched-rtds web1 -v 1 -p 20000 -b 5000 -e 0");
    prints("sched-rtds -d web1 -v 1", "20000      5000    no");
    prints("sched web1", "10000      4000   yes");
    ok("sched-rtds web1 -v all -b 6000");
    prints("sched web1", "10000      6000   yes");
    ok("cpupool-migrate web1 0");
    prints("sched web1", "credit2      256");
}

static void
test_the_rest(void **state)
{
    char line[128], file[96];

    (void)state;
    ok("sysrq web1 s");
    ok("trigger web1 nmi");
    ok("trigger web1 nmi 1");
    text_fmt(file, sizeof file, "%s/core", w.dir);
    text_fmt(line, sizeof line, "dump-core web1 %s", file);
    ok(line);
    assert_int_equal(access(file, R_OK), 0);
    (void)unlink(file);
    ok("rename web1 www");
    prints("list", "www ");
    assert_int_equal(run_line("show web1", false), CMD_ERROR);
}

static int
run(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_sizes),
        T(test_maximum_is_told_as_it_was_set),
        T(test_one_that_is_being_built),
        T(test_refusals),
        T(test_one_that_is_off),
        T(test_cpus_of_nodes),
        T(test_vcpus),
        T(test_schedulers),
        T(test_pools),
        T(test_the_rest),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
