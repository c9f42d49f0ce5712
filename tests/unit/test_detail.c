/*
 * test_detail.c - what the detail and log panes show, as rows of text: facts,
 * vcpus, events; wrapping, scrolling, searching.
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

#include "src/base/text.h"
#include "ui/draw/ui_text.h"
#include "ui/pane/detail/detail_text.h"
#include "ui/pane/log/event_row.h"

static struct detail_facts
facts(void)
{
    struct detail_facts f = {
        .known = true,
        .wall_s = 1000000100,
        .cols = 80,
        .d = { .id = 9,
               .domid = 7,
               .name = "web1",
               .flags = DOM_F_RUNNING,
               .mem_kib = 512 * 1024,
               .max_kib = 1024 * 1024,
               .cpu_ns = 1500000000,
               .cpu_pct = 50,
               .vcpus_online = 1,
               .vcpus_max = 2,
               .start_wall_s = 1000000000,
               .owned = true },
    };

    return f;
}

/* The overview's row of a label; the text is the caller's to free. */
static char *
field(const struct detail_facts *f, const char *label)
{
    struct view_row r = { 0 };
    size_t i;

    for (i = 0; i < detail_overview_rows(f); i++) {
        view_row_clear(&r);
        detail_overview_row(f, i, &r);
        if (strncmp(buf_text(&r.text), label, strlen(label)) == 0 &&
            buf_text(&r.text)[strlen(label)] == ' ')
            return buf_take(&r.text);
    }
    buf_free(&r.text);
    return NULL;
}

static void
expect(const struct detail_facts *f, const char *label, const char *want)
{
    char *row = field(f, label);

    assert_non_null(row);
    assert_string_equal(row, want);
    free(row);
}

static void
test_overview_of_a_running_domain(void **state)
{
    struct detail_facts f = facts();

    (void)state;
    expect(&f, "name", "name       web1");
    expect(&f, "uuid", "uuid       00000000-0000-0000-0000-000000000000");
    expect(&f, "state", "state      running  r-----");
    expect(
        &f, "memory",
        "memory     [||||||||||||||||                ] 512M of at most 1.0G");
    expect(&f, "cpu time", "cpu time   1.5s");
    expect(&f, "uptime", "uptime     1m40s");
    expect(&f, "operation", "operation  none");
    expect(&f, "vcpus", "vcpus      1 online of 2");
}

static void
test_overview_of_an_off_domain(void **state)
{
    struct detail_facts f = facts();

    (void)state;
    f.d.off = f.d.autostart = true;
    f.d.domid = DOM_NO_DOMID;
    f.d.flags = 0;
    f.d.cpu_pct = -1;
    expect(&f, "domid", "domid      -");
    expect(&f, "state", "state      off  ------");
    expect(&f, "owner", "owner      xendeck, starts with the host");
    expect(&f, "memory", "memory     at most 1.0G");
    expect(&f, "vcpus", "vcpus      2");
    expect(&f, "last end", "last end   -");
    f.d.refused = true;
    text_fmt(f.d.last_end, sizeof f.d.last_end, "crash");
    expect(&f, "state", "state      refused  ------");
}

static void
test_overview_of_edges(void **state)
{
    struct detail_facts f = facts();
    struct detail_facts none = { 0 };

    (void)state;
    assert_int_equal(detail_overview_rows(&none), 0);
    f.gone = true;
    f.cols = 20;
    f.d.max_kib = UINT64_MAX;
    f.d.cpu_pct = -1;
    f.d.start_wall_s = 2000000000; /* the clock was set back */
    f.d.flags = DOM_F_SHUTDOWN;
    f.d.reason = DOM_CRASH;
    expect(&f, "name", "name       web1  gone");
    expect(&f, "state",
           "state      crashed  ---sc-  ended by crash  (when last seen)");
    expect(&f, "memory", "memory     512M, no limit");
    expect(&f, "cpu", "cpu        -");
    expect(&f, "uptime", "uptime     0s");
    f.d.mem_kib = f.d.max_kib = 0;
    expect(&f, "memory", "memory     0K of at most 0K");
}

static void
test_operation_shows_step_and_progress(void **state)
{
    struct detail_facts f = facts();

    (void)state;
    f.cols = 31;
    f.has_op = true;
    f.now_ms = 9000;
    f.op = (struct op){ .verb = OP_CREATE,
                        .title = "create",
                        .state = OP_RUNNING,
                        .label = "build",
                        .percent = 50,
                        .start_ms = 2000 };
    expect(&f, "operation", "operation  create: build [||||    ] 50% 7s");
    f.op.percent = -1;
    expect(&f, "operation", "operation  create: build 7s");
    f.op.state = OP_QUEUED;
    expect(&f, "operation", "operation  create queued");
    f.op.state = OP_FAILED;
    expect(&f, "operation", "operation  none, last: create, failed");
}

/* What Xen keeps for it, and that the grant table has a limit. */
static void
test_what_is_beside_its_memory(void **state)
{
    struct detail_facts f = facts();

    (void)state;
    expect(&f, "beside it", "beside it  -");
    f.has_use = true;
    f.use = (struct memory_use){ .grant_frames = 4, .grant_frames_max = 64 };
    expect(&f, "beside it", "beside it  4 of 64 grant frames");
    f.use.paging_kib = 9 * 1024;
    f.use.grant_frames = 64;
    expect(&f, "beside it",
           "beside it  9.0M for page tables, 64 of 64 grant frames: no device "
           "can be added");
}

/* Rows of a device model are those of a domain that has one. */
static void
test_model_is_told(void **state)
{
    struct detail_facts f = facts();
    size_t n = detail_overview_rows(&f);

    (void)state;
    f.has_model = true;
    f.model = (struct model_info){
        .pid = 77, .state = "running", .port = 5901, .log = "/var/log/x.log"
    };
    assert_int_equal(detail_overview_rows(&f), n + 3);
    expect(&f, "model", "model      running  process 77");
    expect(&f, "screen",
           "screen     VNC port 5901  `vnc' says how to reach it");
    expect(&f, "model log", "model log  /var/log/x.log");
    f.model.port = 0;
    expect(&f, "screen", "screen     not shown by VNC");
}

static void
test_history_is_a_sparkline(void **state)
{
    struct detail_facts f = { .cpu = { -1, -1, 0, 50, -1, 1000 } };
    struct buf b = { 0 };

    (void)state;
    detail_sparkline(&f, 100, 10, &b);
    assert_string_equal(buf_text(&b), "");
    f.n_cpu = 6; /* a gap is a blank, but for the time before the first one */
    detail_sparkline(&f, 100, 10, &b);
    assert_string_equal(buf_text(&b), "_+ #");
    buf_clear(&b);
    f.unicode = true;
    detail_sparkline(&f, 100, 3, &b);
    assert_string_equal(buf_text(&b), "\u2585 \u2588");
    buf_clear(&b);
    f.n_cpu = DETAIL_HISTORY;
    detail_sparkline(&f, 0, 100000, &b);
    assert_int_equal(b.len, 3 * (DETAIL_HISTORY - 2) - 2);
    buf_free(&b);
}

static void
test_vcpu_rows_stand_under_their_heads(void **state)
{
    struct dom_vcpu v = { .id = 1,
                          .online = true,
                          .running = true,
                          .cpu = 3,
                          .cpu_ns = 12300000000,
                          .cpu_pct = 7.5,
                          .hard = "0-3",
                          .soft = "all" };
    struct view_row head = { 0 }, row = { 0 };

    (void)state;
    detail_vcpu_head(&head);
    detail_vcpu_row(&v, &row);
    assert_string_equal(
        buf_text(&head.text),
        "VCPU STATE     CPU      TIME   %CPU  AFFINITY       SOFT");
    assert_string_equal(
        buf_text(&row.text),
        "   1 running     3      12.3    7.5  0-3            all");
    v.online = v.running = false;
    v.cpu_pct = -1;
    view_row_clear(&row);
    detail_vcpu_row(&v, &row);
    assert_string_equal(
        buf_text(&row.text),
        "   1 offline     -      12.3      -  0-3            all");
    buf_free(&head.text);
    buf_free(&row.text);
}

static void
test_event_rows_wrap_under_their_head(void **state)
{
    struct event ev = { .wall_s = 3661,
                        .level = EVENT_WARN,
                        .name = "a-name-that-is-long",
                        .text = "one two three" };
    struct view_seg first = { 1, 0, 8 }, rest = { 1, 8, 13 };
    struct view_row r = { 0 };

    (void)state;
    view_row_clear(&r);
    event_row(&ev, &first, 40, true, &r);
    assert_string_equal(buf_text(&r.text), "01:01:01 W a-name- one two three");
    assert_int_equal(r.from, 0);
    assert_int_equal(r.to, strlen("01:01:01 W a-name- one two "));
    view_row_clear(&r);
    event_row(&ev, &rest, 40, true, &r);
    assert_string_equal(buf_text(&r.text) + r.from, "three");
    assert_int_equal(r.indent, event_row_head(40, true));
    view_row_clear(&r);
    event_row(&ev, &first, 12, true, &r); /* no room for a head */
    assert_string_equal(buf_text(&r.text), "one two three");
    buf_free(&r.text);
}

static void
test_fit_cuts_between_characters_and_words(void **state)
{
    (void)state;
    assert_int_equal(ui_text_fit("", 5, true), 0);
    assert_int_equal(ui_text_fit("abc", 5, true), 3);
    assert_int_equal(ui_text_fit("abcdefgh", 5, false), 5);
    assert_int_equal(ui_text_fit("abc defgh", 5, true), 4);
    assert_int_equal(ui_text_fit("a bcdefghij", 9, true),
                     9); /* blank too far */
    assert_int_equal(ui_text_fit("\u4e2d\u6587", 3, false), 3);
    assert_int_equal(ui_text_fit("\u4e2d\u6587", 1, false),
                     3); /* one at least */
    assert_int_equal(ui_text_fit("e\u0301e", 1, false),
                     3); /* its accent stays */
    assert_int_equal(ui_text_fit("\xe4", 1, false), 1);
    assert_int_equal(ui_text_next("abc def", 3), 4); /* its blank is over */
    assert_int_equal(ui_text_next("abc def", 4), 4);
    assert_int_equal(ui_text_next("abc   def", 4), 4);
    assert_int_equal(ui_text_next("abc", 3), 3);
    assert_int_equal(ui_text_next("", 0), 0);
}

static void
test_match_ignores_case_without_a_capital(void **state)
{
    size_t at = 0, end = 0;

    (void)state;
    assert_true(text_match("a Console", "console", &at, &end));
    assert_int_equal(at, 2);
    assert_int_equal(end, 9);
    at = 3;
    assert_false(text_match("a Console", "console", &at, &end));
    at = 0;
    assert_false(text_match("a console", "Console", &at, &end));
    assert_false(text_match("a", "", &at, &end));
    at = 9;
    assert_false(text_match("a", "a", &at, &end));
}

static void
format_number(const struct pane *p, const struct view_seg *s,
              struct view_row *r)
{
    (void)p;
    view_put(r, ROLE_TEXT, "line %llu", (unsigned long long)s->item);
    r->from = s->from;
}

static void
fill(struct view *v, uint64_t first, size_t n)
{
    size_t i;

    view_begin(v);
    for (i = 0; i < n; i++)
        view_add(v, first + i, 0, UINT32_MAX);
    view_end(v, 10);
}

static struct view
view_new(void)
{
    struct view v = { .format = format_number };

    view_reset(&v);
    return v;
}

static void
test_view_stays_on_its_item(void **state)
{
    struct view v = view_new();

    (void)state;
    fill(&v, 100, 50);
    assert_int_equal(v.top, 0);
    view_scroll(&v, 20);
    fill(&v, 105, 50); /* five went, five came */
    assert_int_equal(v.seg[v.top].item, 120);
    fill(&v, 200, 50); /* its item is gone */
    assert_int_equal(v.seg[v.top].item, 200);
    view_scroll(&v, 1000);
    assert_int_equal(v.top, 40);
    view_scroll(&v, -1000);
    assert_int_equal(v.top, 0);
    v.follow = true;
    fill(&v, 200, 60);
    assert_int_equal(v.top, 50);
    fill(&v, 200, 3);
    assert_int_equal(v.top, 0);
    fill(&v, 0, 0);
    assert_int_equal(v.top, 0);
    view_scroll(&v, 5);
    assert_int_equal(v.top, 0);
    view_fini(&v);
}

static void
test_search_goes_round_and_back(void **state)
{
    struct view v = view_new();

    (void)state;
    assert_false(view_search(&v, NULL, NULL, 1, false));   /* nothing sought */
    assert_false(view_search(&v, NULL, "line", 1, false)); /* no rows */
    fill(&v, 0, 50);
    assert_true(view_search(&v, NULL, "line 4", 1, false));
    assert_int_equal(v.hit, 4);
    assert_true(view_search(&v, NULL, NULL, 1, false));
    assert_int_equal(v.hit, 40);
    assert_true(v.hit >= v.top && v.hit < v.top + 10);
    assert_true(view_search(&v, NULL, NULL, -1, false));
    assert_int_equal(v.hit, 4);
    assert_true(view_search(&v, NULL, NULL, -1, false));
    assert_int_equal(v.hit, 49);
    assert_false(view_search(&v, NULL, "nothing", 1, false));
    assert_int_equal(v.hit, 49);
    view_fini(&v);
}

/* Each further letter looks from where the search began, not from the match
 * of the letters before; Enter stays there. */
static void
test_typing_searches_from_the_origin(void **state)
{
    struct view v = view_new();

    (void)state;
    fill(&v, 0, 50);
    view_scroll(&v, 5);
    assert_true(view_search(&v, NULL, "1", 1, true));
    assert_int_equal(v.hit, 10);
    assert_true(view_search(&v, NULL, "12", 1, true));
    assert_int_equal(v.hit, 12);
    assert_true(view_search(&v, NULL, "1", 1, true)); /* Backspace */
    assert_int_equal(v.hit, 10);
    assert_true(view_search(&v, NULL, "1", 1, false)); /* Enter */
    assert_int_equal(v.hit, 10);
    assert_true(view_search(&v, NULL, NULL, 1, false)); /* n */
    assert_int_equal(v.hit, 11);
    view_fini(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overview_of_a_running_domain),
        cmocka_unit_test(test_overview_of_an_off_domain),
        cmocka_unit_test(test_overview_of_edges),
        cmocka_unit_test(test_operation_shows_step_and_progress),
        cmocka_unit_test(test_what_is_beside_its_memory),
        cmocka_unit_test(test_model_is_told),
        cmocka_unit_test(test_history_is_a_sparkline),
        cmocka_unit_test(test_vcpu_rows_stand_under_their_heads),
        cmocka_unit_test(test_event_rows_wrap_under_their_head),
        cmocka_unit_test(test_fit_cuts_between_characters_and_words),
        cmocka_unit_test(test_match_ignores_case_without_a_capital),
        cmocka_unit_test(test_view_stays_on_its_item),
        cmocka_unit_test(test_search_goes_round_and_back),
        cmocka_unit_test(test_typing_searches_from_the_origin),
    };

    setlocale(LC_ALL, "C.UTF-8"); /* widths of characters */
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
