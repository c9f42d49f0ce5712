/*
 * test_command_call.c - a line is parsed once: what names a domain, what was
 * confirmed, and what a session may do.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"
#include "ui/draw/ui_text.h"

static struct world w;
static struct test_session ts;
static struct buf out;
static struct err e;

static void
begin(void)
{
    world_open(&w, 2, false);
    memset(&ts, 0, sizeof ts);
    test_session_open(&ts, w.en, w.lp);
    err_clear(&e);
}

static void
end(void)
{
    test_session_close(&ts);
    buf_free(&out);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

static enum cmd_rc
run(const char *line)
{
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };
    enum cmd_rc rc;

    buf_clear(&out);
    err_clear(&e);
    rc = test_run_line(&ctx, line);
    if (rc == CMD_WAIT)
        rc = world_wait(&w, ctx.op) == OP_DONE ? CMD_OK : CMD_ERROR;
    return rc;
}

static void
refused(const char *line, const char *sentence)
{
    if (run(line) == CMD_OK || strstr(e.msg, sentence) == NULL)
        fail_msg("%s: '%s'", line, e.msg);
}

/* shared/cases/03: digits are a domid, whoever is named so. */
static void
test_a_domain_named_as_a_number_is_not_hit(void **state)
{
    uint32_t domid;
    char uuid[37];

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "2", &domid), 0);
    world_pass(&w, 2000);
    assert_int_equal(domid, 3);
    assert_int_equal(run("destroy 2"), CMD_OK);
    world_pass(&w, 2000);
    assert_null(engine_dom_by_domid(w.en, 2));
    assert_non_null(engine_dom_by_domid(w.en, 3));
    refused("destroy 2", "there is no domain '2'");
    assert_non_null(engine_dom_by_domid(w.en, 3));
    uuid_print_text(engine_dom_by_domid(w.en, 3)->uuid, uuid);
    assert_int_equal(run("show 3"), CMD_OK);
    assert_non_null(strstr(buf_text(&out), uuid));
}

/* The column in which a row's domid ends. */
static int
domid_col(const char *name, const char *domid)
{
    const char *row = strstr(buf_text(&out), name), *end;
    char text[160];

    assert_non_null(row);
    snprintf(text, sizeof text, " %s ", domid);
    end = strstr(row + strlen(name), text);
    assert_non_null(end);
    snprintf(text, sizeof text, "%.*s", (int)(end - row), row);
    return ui_text_cols(text) + 1 + (int)strlen(domid);
}

/* Other tools take names of any length, and of characters of two columns. */
static void
test_columns_of_the_list_stay_in_line(void **state)
{
    static const char wide[] = "caf\u00e9 \u6f22\u5b57 vm",
                      longest[] =
                          "a-name-that-is-longer-than-forty-bytes-as-some-are";
    uint32_t domid;
    int col;

    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    assert_int_equal(sim_foreign_guest(w.sim, wide, &domid), 0);
    assert_int_equal(sim_foreign_guest(w.sim, longest, &domid), 0);
    world_pass(&w, 2000);
    assert_int_equal(run("list"), CMD_OK);
    col = domid_col("Name", "ID");
    assert_int_equal(domid_col("Domain-0", "0"), col);
    assert_int_equal(domid_col(wide, "3"), col);
    assert_int_equal(domid_col(longest, "4"), col);
    assert_true(col > (int)strlen(longest));
}

/* shared/cases/07 */
static void
test_a_hexadecimal_number_is_no_domid(void **state)
{
    (void)state;
    refused("destroy 0x2", "there is no domain '0x2'");
    refused("destroy +2", "there is no domain '+2'");
    assert_non_null(engine_dom_by_domid(w.en, 2));
    assert_int_equal(run("destroy 2"), CMD_OK);
}

static void
test_a_name_of_two_is_refused_with_both(void **state)
{
    const struct dom *a;
    char uuid[37], line[64];
    uint32_t domid;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "web1", &domid), 0);
    world_pass(&w, 2000);
    a = engine_dom_by_domid(w.en, 1);
    uuid_print_text(a->uuid, uuid);
    refused("destroy web1", "'web1' names two domains, ");
    assert_non_null(strstr(e.msg, uuid));
    uuid_print_text(engine_dom_by_domid(w.en, domid)->uuid, uuid);
    assert_non_null(strstr(e.msg, uuid));
    text_fmt(line, sizeof line, "destroy %s", uuid);
    assert_int_equal(run(line), CMD_OK);
    world_pass(&w, 2000);
    assert_non_null(engine_dom_by_domid(w.en, 1));
    assert_null(engine_dom_by_domid(w.en, domid));
}

/* shared/cases/04: a running domain and a definition of one name. */
static void
test_a_definition_of_the_name_is_another(void **state)
{
    uint32_t domid;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "pn", ""), &e), 0);
    assert_int_equal(sim_foreign_guest(w.sim, "pn", &domid), 0);
    world_pass(&w, 2000);
    refused("start pn", "'pn' names two domains, ");
    refused("undefine pn", "'pn' names two domains, ");
    refused("destroy pn", "'pn' names two domains, ");
}

static struct cmd_call *
asked(const char *line)
{
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };
    struct cmd_call *call;

    assert_int_equal(cmd_parse(&ts.ses, line, 0, &call, &e), CMD_OK);
    assert_int_equal(cmd_run(&ctx, call), CMD_ASK);
    free(ctx.question);
    call->undoable = ctx.undoable;
    call->confirmed = true;
    return call;
}

static enum cmd_rc
confirmed(struct cmd_call *call, uint64_t *op_out)
{
    struct cmd_ctx ctx = { .ses = &ts.ses, .out = &out, .e = &e };
    enum cmd_rc rc;

    err_clear(&e);
    rc = cmd_run(&ctx, call);
    *op_out = ctx.op;
    cmd_call_free(call);
    return rc;
}

static void
test_what_was_confirmed_runs(void **state)
{
    struct screen screen = { 0 };
    uint64_t op;

    (void)state;
    ts.ses.screen = &screen;
    assert_int_equal(confirmed(asked("destroy web1"), &op), CMD_WAIT);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* What was said to stand still first is not ended at once. */
static void
test_what_can_be_undone_is_not_destroyed_at_once(void **state)
{
    struct screen screen = { 0 };
    struct cmd_call *call;
    uint64_t id, op;

    (void)state;
    world_guest(&w, "web9", "");
    id = world_dom(&w, "web9")->id;
    ts.ses.screen = &screen;
    call = asked("destroy web9 --undo=10");
    assert_int_equal(engine_destroy_after(w.en, id, 10, &op, &e), 0);
    world_pass(&w, 1000);
    assert_int_equal(confirmed(call, &op), CMD_ERROR);
    assert_string_equal(e.msg, "destroy: something has begun on web9 "
                               "meanwhile: do it again");
    assert_int_not_equal(engine_destroy_undo(w.en, id), 0);
    assert_int_equal(confirmed(asked("destroy web9 --undo=10"), &op), CMD_WAIT);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* Each disk has two texts. */
static void
test_a_clone_with_all_words_there_are(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    refused("clone web9 new a=/1 b=/2 c=/3 d=/4 e=/5 f=/6 g=/7 h=/8 i=/9 j=/a "
            "k=/b l=/c m=/d",
            "clone: found the disk 'a'");
}

/* The domid may be the same, and the name is. */
static void
test_another_life_is_not_hit(void **state)
{
    struct screen screen = { 0 };
    struct cmd_call *call;
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "on_reboot = \"restart\"; restart_min = 0;");
    ts.ses.screen = &screen;
    call = asked("destroy web9");
    sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT);
    world_pass(&w, 30000);
    assert_non_null(world_dom(&w, "web9"));
    assert_int_equal(confirmed(call, &op), CMD_ERROR);
    assert_string_equal(
        e.msg, "destroy: web9 has restarted meanwhile; nothing was done");
    assert_false(world_dom(&w, "web9")->off);
    call = asked("destroy web9");
    assert_int_equal(engine_destroy(w.en, world_dom(&w, "web9")->id, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 1000);
    assert_int_equal(confirmed(call, &op), CMD_ERROR);
    assert_string_equal(e.msg,
                        "destroy: web9 has ended meanwhile; nothing was done");
}

/* Verbs that may do without a domain take the one that the line named, too. */
static void
test_a_named_life_is_the_target(void **state)
{
    static const char *const lines[] = { "sched web9",
                                         "sched-credit2 -d web9 -w 300",
                                         "sched-credit2 --domain=web9",
                                         "vcpu-list web9",
                                         "start --paused web9",
                                         "event inject note web9 hello" };
    struct cmd_call *calls[6];
    uint64_t op;
    size_t i;

    (void)state;
    world_guest(&w, "web9", "on_reboot = \"restart\"; restart_min = 0;");
    for (i = 0; i < 6; i++) {
        assert_int_equal(cmd_parse(&ts.ses, lines[i], 0, &calls[i], &e),
                         CMD_OK);
        assert_int_equal(calls[i]->target.dom_id, world_dom(&w, "web9")->id);
    }
    sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT);
    world_pass(&w, 30000);
    for (i = 0; i < 6; i++) {
        assert_int_equal(confirmed(calls[i], &op), CMD_ERROR);
        assert_non_null(strstr(e.msg, "web9 has restarted meanwhile"));
    }
    refused("sched nobody", "nobody");
    refused("vcpu-list nobody", "nobody");
}

static bool
has_no_life(void *arg)
{
    (void)arg;
    return world_dom(&w, "web9") == NULL;
}

/* A guest that reboots in a loop has no domain for moments. */
static void
test_destroy_between_two_lives(void **state)
{
    struct screen screen = { 0 };
    struct cmd_call *call;
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "on_reboot = \"restart\"; restart_min = 0;");
    ts.ses.screen = &screen;
    sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT);
    assert_true(loop_until(w.lp, has_no_life, NULL, 20000));
    call = asked("destroy web9");
    if (confirmed(call, &op) != CMD_WAIT)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 60000);
    assert_null(world_dom(&w, "web9"));
}

static void
rights(enum session_right granted, enum session_right now)
{
    ts.ses.granted = granted;
    ts.ses.info.rights = now;
}

static void
test_rights_are_asked_of_every_verb(void **state)
{
    static const enum cmd_rc want[3][3] = {
        { CMD_OK, CMD_ERROR, CMD_ERROR },
        { CMD_OK, CMD_OK, CMD_ERROR },
        { CMD_OK, CMD_OK, CMD_OK },
    };
    int i;

    (void)state;
    for (i = 0; i < 3; i++) {
        rights(RIGHT_VIEW + (unsigned)i, RIGHT_VIEW + (unsigned)i);
        assert_int_equal(run("list"), want[i][0]);
        assert_int_equal(run("event inject note seen"), want[i][1]);
        assert_int_equal(run("autostart web1 on"), CMD_ERROR);
        assert_int_equal(e.code == ERR_DENIED, want[i][2] == CMD_ERROR);
        assert_int_equal(session_may_type(&ts.ses, &e), want[i][1] == CMD_OK);
    }
}

static void
test_a_refusal_names_the_right(void **state)
{
    (void)state;
    rights(RIGHT_VIEW, RIGHT_VIEW);
    text_fmt(ts.ses.info.who, sizeof ts.ses.info.who, "ann@pts/3");
    refused("destroy web1", "destroy: refused, it needs the right to operate, "
                            "and ann@pts/3 may only view");
    rights(RIGHT_OPERATE, RIGHT_OPERATE);
    refused("create x.conf", "create: refused, it needs the right to "
                             "administer, and ann@pts/3 may only operate");
    rights(RIGHT_ADMIN, RIGHT_VIEW);
    refused("destroy web1", "destroy: refused, this session is read-only");
    assert_false(session_may_type(&ts.ses, &e));
    assert_non_null(strstr(e.msg, "typing into a guest: refused"));
}

/* The engine opens files as root: who may not read one must not see it. */
static void
test_files_are_for_their_user(void **state)
{
    (void)state;
    rights(RIGHT_OPERATE, RIGHT_OPERATE);
    ts.ses.info.uid++;
    refused("check /etc/shadow", "check: refused, it needs the right to adm");
    refused("convert /etc/shadow", "convert: refused");
    refused("start /etc/shadow", "start FILE: refused");
    buf_clear(&out);
    (void)cmd_complete(&ts.ses, "check /et", &out);
    assert_string_equal(buf_text(&out), "");
    ts.ses.info.uid--;
    assert_int_equal(run("check /nonexistent"), CMD_ERROR);
    assert_int_equal(e.code, ERR_NOENT);
}

static void
test_a_relative_path_is_the_sessions(void **state)
{
    const char *path = world_conf(&w, "here", "");
    char dir[128];

    (void)state;
    text_fmt(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    ts.ses.cwd = dir;
    assert_int_equal(run("check here.conf"), CMD_OK);
    buf_clear(&out);
    (void)cmd_complete(&ts.ses, "check her", &out);
    assert_string_equal(buf_text(&out), "here.conf\n");
    ts.ses.cwd = "/";
    assert_int_equal(run("check here.conf"), CMD_ERROR);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_domain_named_as_a_number_is_not_hit),
        T(test_columns_of_the_list_stay_in_line),
        T(test_a_hexadecimal_number_is_no_domid),
        T(test_a_name_of_two_is_refused_with_both),
        T(test_a_definition_of_the_name_is_another),
        T(test_what_was_confirmed_runs),
        T(test_what_can_be_undone_is_not_destroyed_at_once),
        T(test_a_clone_with_all_words_there_are),
        T(test_another_life_is_not_hit),
        T(test_a_named_life_is_the_target),
        T(test_destroy_between_two_lives),
        T(test_rights_are_asked_of_every_verb),
        T(test_a_refusal_names_the_right),
        T(test_files_are_for_their_user),
        T(test_a_relative_path_is_the_sessions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run_all)
