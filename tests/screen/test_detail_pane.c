/*
 * test_detail_pane.c - the detail and log panes on a simulated host, drawn
 * into a window whose rows are read back.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/api/open_on.h"
#include "engine/api/toolstack.h"
#include "engine/store/store.h"
#include "src/base/log.h"
#include "ui/desk/desk_int.h"
#include "ui/draw/color.h"
#include "ui/pane/detail/detail.h"
#include "ui/pane/log/pane_log.h"

#define ROWS      20
#define COLS_WIDE 80

/* A front end with a list that is a cursor, nothing else. */
struct ui {
    struct desk desk;
    struct pane list;
};

struct fixture {
    struct loop *lp;
    struct log *lg;
    struct engine *en;
    struct ui *ui;
    FILE *out;
    SCREEN *scr;
    WINDOW *w;
    char row[4 * 256];
};

static const struct pane_ops list_ops = { .kind = PANE_LIST };

static struct pane *
find_list(struct ui *ui, enum pane_kind kind, uint64_t dom_id)
{
    return kind == PANE_LIST && dom_id == 0 ? &ui->list : NULL;
}

static const struct desk_ops desk_ops = { .pane_find = find_list };

static void
fixture_open(struct fixture *f)
{
    f->out = fopen("/dev/null", "r+");
    assert_non_null(f->out);
    f->scr = newterm("xterm-256color", f->out, f->out);
    assert_non_null(f->scr);
    f->ui->desk.colors = colors_new(false);
    theme_default(&f->ui->desk.theme);
    f->w = newpad(ROWS, COLS_WIDE);
    assert_non_null(f->w);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct engine_opts o = { .host = ENGINE_SIM, .sim_domains = 3 };
    struct err e = { 0 };

    f->lp = loop_new(LOOP_CLOCK_VIRTUAL);
    loop_set_wall(f->lp, 1000000000);
    f->lg = log_new(&(struct log_opts){ .level = LOGL_DEBUG }, &e);
    o.lp = f->lp;
    o.log = f->lg;
    f->en = engine_open(&o, &e);
    assert_non_null(f->en);
    f->ui = calloc(1, sizeof *f->ui);
    f->ui->desk.ops = &desk_ops;
    f->ui->desk.lp = f->lp;
    f->ui->desk.en = f->en;
    f->ui->desk.dirty = true; /* no frame timer */
    f->ui->list.ops = &list_ops;
    f->ui->list.ui = f->ui;
    fixture_open(f);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    delwin(f->w);
    colors_free(f->ui->desk.colors);
    endwin();
    delscreen(f->scr);
    fclose(f->out);
    free(f->ui);
    engine_close(f->en);
    log_free(f->lg);
    loop_free(f->lp);
    free(f);
    return 0;
}

static struct pane *
place(struct pane *p, int cols)
{
    p->rows = ROWS;
    p->cols = cols;
    return p;
}

static uint64_t
dom_of(struct fixture *f, const char *name)
{
    const struct dom *d = engine_dom_find(f->en, name, NULL);

    assert_non_null(d);
    return d->id;
}

static void
show(struct fixture *f, struct pane *p, unsigned changed)
{
    wresize(f->w, ROWS, p->cols);
    p->ops->sync(p, changed);
    p->ops->draw(p, f->w);
}

/* A drawn row without the blanks at its end. */
static const char *
row(struct fixture *f, int y)
{
    wchar_t cells[256];
    size_t n;

    mvwinnwstr(f->w, y, 0, cells, getmaxx(f->w));
    n = wcstombs(f->row, cells, sizeof f->row - 1);
    assert_true(n != (size_t)-1);
    while (n > 0 && f->row[n - 1] == ' ')
        n--;
    f->row[n] = '\0';
    return f->row;
}

static bool
shown(struct fixture *f, const char *text)
{
    int y;

    for (y = 0; y < ROWS; y++)
        if (strstr(row(f, y), text) != NULL)
            return true;
    return false;
}

static void
expect_title(const struct pane *p, const char *want)
{
    struct buf b = { 0 };

    p->ops->title(p, &b);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

/* A list's neighbour of the domain with this id. */
static uint64_t
other_dom(struct fixture *f, uint64_t id)
{
    size_t i;

    for (i = 1; i < engine_dom_count(f->en); i++)
        if (engine_dom_at(f->en, i)->id != id)
            return engine_dom_at(f->en, i)->id;
    return 0;
}

static void
test_tabs_show_their_contents(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), COLS_WIDE);

    f->ui->list.dom_id = dom_of(f, "1");
    show(f, p, 0);
    assert_string_equal(
        row(f, 0),
        " overview  vcpus  tune  devices  configuration  xenstore  events  "
        "graphs");
    assert_true(shown(f, "domid      1"));
    detail_tab(p, 1);
    show(f, p, 0);
    assert_true(shown(f, "VCPU STATE"));
    assert_true(shown(f, "   0 "));
    detail_tab_step(p, 1);
    show(f, p, 0);
    assert_true(shown(f, "scheduler  credit2"));
    detail_tab_step(p, 1);
    show(f, p, 0);
    assert_true(shown(f, "console console0"));
    detail_tab_step(p, 1);
    show(f, p, 0);
    assert_true(shown(f, "memory"));
    detail_tab_step(p, 1);
    show(f, p, 0);
    assert_true(shown(f, "/local/domain/1"));
    detail_tab_step(p, 1);
    show(f, p, 0);
    assert_true(shown(f, " i "));
    detail_tab_step(p, 1);
    show(f, p, 0);
    assert_true(shown(f, "nothing is recorded yet"));
    detail_tab_step(p, 1); /* round */
    show(f, p, 0);
    assert_true(shown(f, "uptime"));
    detail_tab(p, -1);
    detail_tab(p, 99);
    p->ops->free(p);
}

static void
test_no_domain_is_said(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), 40);
    int t;

    for (t = 0; t < 8; t++) {
        detail_tab(p, t);
        show(f, p, 0);
        assert_true(shown(f, "no domain is selected"));
    }
    assert_string_equal(row(f, 0), " over  vcpu  tune  dev  conf  store  ev");
    p->ops->free(p);
}

static void
test_follows_the_cursor(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), COLS_WIDE);

    f->ui->list.dom_id = dom_of(f, "1");
    show(f, p, 0);
    f->ui->list.dom_id = dom_of(f, "2");
    show(f, p, ENGINE_CH_DOMS);
    assert_true(shown(f, "domid      2"));
    assert_int_equal(p->dom_id, f->ui->list.dom_id);
    p->ops->free(p);
}

static void
kill_dom(struct fixture *f, uint64_t id)
{
    struct err e = { 0 };
    int i;

    assert_int_equal(engine_destroy(f->en, id, NULL, &e), 0);
    for (i = 0; i < 1000 && engine_dom_by_id(f->en, id) != NULL; i++)
        loop_turn(f->lp, 100);
    assert_null(engine_dom_by_id(f->en, id));
}

static void
test_gone_domain_keeps_its_facts(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), COLS_WIDE);
    uint64_t id = dom_of(f, "1");
    char title[128];

    text_fmt(title, sizeof title, "%s (1) gone",
             engine_dom_by_id(f->en, id)->name);
    f->ui->list.dom_id = id;
    show(f, p, 0);
    kill_dom(f, id);
    f->ui->list.dom_id =
        other_dom(f, id); /* by itself: the list lost its row */
    show(f, p, ENGINE_CH_DOMS);
    assert_int_equal(p->dom_id, id);
    assert_true(shown(f, "domid      1"));
    expect_title(p, title);
    detail_tab(p, 5);
    show(f, p, 0);
    assert_true(shown(f, "the domain is gone"));
    f->ui->list.dom_id = dom_of(f, "0"); /* by the user */
    show(f, p, ENGINE_CH_DOMS);
    assert_true(shown(f, "/local/domain/0"));
    p->ops->free(p);
}

static void
test_entering_leaves_a_gone_domain(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), COLS_WIDE);
    uint64_t id = dom_of(f, "1");

    f->ui->list.dom_id = id;
    show(f, p, 0);
    kill_dom(f, id);
    f->ui->list.dom_id = other_dom(f, id);
    show(f, p, ENGINE_CH_DOMS);
    p->focused = true;
    show(f, p, 0);
    assert_int_equal(p->dom_id, f->ui->list.dom_id);
    p->ops->free(p);
}

static void
wait_op(struct fixture *f, uint64_t id)
{
    const struct op *op = engine_op_by_id(f->en, id);
    int i;

    for (i = 0; i < 1000 && (op->state == OP_QUEUED || op->state == OP_RUNNING);
         i++)
        loop_turn(f->lp, 100);
    if (op->state != OP_DONE)
        fail_msg("%s", op->err.msg);
    for (i = 0; i < 20; i++) /* the guest's driver takes it */
        loop_turn(f->lp, 100);
}

static void
attach(struct fixture *f, uint64_t id, const char *kind, const char *word)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_device_add(
            f->en, id,
            &(struct device_want){ .kind = kind, .words = &word, .n = 1 }, &op,
            &e) < 0)
        fail_msg("%s", e.msg);
    wait_op(f, op);
}

#define PROBLEM                                                                \
    "/etc/xen/scripts/vif-bridge failed; error detected by its last words"

/* Where there is no room beside each other, what a device is, its counters and
 * its error can be read all the same. */
static void
narrow_devices(struct fixture *f, struct pane *p)
{
    struct err e = { 0 };

    assert_int_equal(
        store_write(engine_store(f->en), 0,
                    "/local/domain/0/backend/vif/1/0/hotplug-error", PROBLEM,
                    &e),
        0);
    p->cols = 52;
    show(f, p, ENGINE_CH_OPS);
    assert_true(shown(f, "00:16:3e:00:00:01"));
    assert_true(shown(f, "0 drop"));
    assert_true(shown(f, "  /etc/xen/scripts/vif-bridge failed; error"));
    assert_true(shown(f, "  detected by its last words"));
    p->cols = COLS_WIDE;
    show(f, p, ENGINE_CH_OPS);
}

static void
test_devices_and_their_cursor(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), COLS_WIDE);
    uint64_t id = dom_of(f, "1");

    f->ui->list.dom_id = id;
    detail_tab(p, PANE_TAB_DEVICES);
    assert_string_equal(detail_device(p)->kind, "console");
    attach(f, id, "vif", "mac=00:16:3e:00:00:01");
    attach(f, id, "pci", "bdf=0000:03:00.0");
    show(f, p, ENGINE_CH_OPS);
    assert_true(shown(f, "KIND"));
    assert_true(shown(f, "00:16:3e:00:00:01"));
    assert_true(shown(f, "pkts, 0 err, 0 drop; out"));
    narrow_devices(f, p);
    p->ops->scroll(p, -(1L << 24));
    assert_string_equal(detail_device(p)->kind, "console");
    p->ops->scroll(p, 1);
    assert_string_equal(detail_device(p)->kind, "pci");
    p->ops->scroll(p, 1);
    assert_string_equal(detail_device(p)->name, "vif1.0");
    p->ops->scroll(p, 1);
    assert_string_equal(detail_device(p)->name, "vif1.0");
    attach(f, id, "vif", "mac=00:16:3e:00:00:02"); /* it stays on its device */
    attach(f, id, "pci", "bdf=0000:04:00.0");
    show(f, p, ENGINE_CH_OPS);
    assert_string_equal(detail_device(p)->name, "vif1.0");
    p->ops->mouse(p, &(struct mouse){ .what = MOUSE_PRESS, .y = 3 });
    assert_string_equal(detail_device(p)->name, "0000:03:00.0");
    detail_tab(p, 0);
    assert_null(detail_device(p));
    p->ops->free(p);
}

/* Of a device that is not connected it is said what is waited for. */
static void
test_a_handshake_is_told(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), COLS_WIDE);
    uint64_t id = dom_of(f, "1");

    f->ui->list.dom_id = id;
    detail_tab(p, PANE_TAB_DEVICES);
    attach(f, id, "vif", "mac=00:16:3e:00:00:01");
    show(f, p, ENGINE_CH_OPS);
    assert_false(shown(f, "waits for the guest's driver"));
    assert_int_equal(store_write(engine_store(f->en), 0,
                                 "/local/domain/0/backend/vif/1/0/state", "2",
                                 NULL),
                     0);
    show(f, p, ENGINE_CH_OPS);
    assert_true(shown(f, "waiting"));
    assert_true(shown(f, "waits for the guest's driver"));
    p->ops->free(p);
}

static void
test_store_is_searched_and_scrolled(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(detail_pane_new(f->ui), 40);

    f->ui->list.dom_id = dom_of(f, "1");
    detail_tab(p, 5);
    show(f, p, 0);
    assert_true(p->ops->search(p, "/libxl/1", 1, true));
    show(f, p, 0);
    assert_true(shown(f, "/libxl/1"));
    assert_false(p->ops->search(p, "no such path", 1, false));
    p->ops->scroll(p, -(1L << 24));
    show(f, p, 0);
    assert_memory_equal(row(f, 1), "/local/domain/1", 15);
    p->ops->scroll(p, 1L << 24);
    show(f, p, 0);
    assert_true(row(f, ROWS - 1)[0] != '\0');
    p->ops->free(p);
}

static void
test_log_follows_and_filters(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(log_pane_new(f->ui), COLS_WIDE);

    kill_dom(f, dom_of(f, "1"));
    show(f, p, ENGINE_CH_EVENTS);
    assert_true(shown(f, "destroy begins"));
    expect_title(p, "events");
    log_filter(p, "reaped");
    show(f, p, 0);
    assert_true(shown(f, "reaped"));
    assert_false(shown(f, "destroy begins"));
    expect_title(p, "events with 'reaped'");
    log_filter(p, "nothing like it");
    show(f, p, 0);
    assert_true(shown(f, "no line has 'nothing like it'"));
    log_filter(p, NULL);
    log_tab_step(p, 1);
    show(f, p, 0);
    expect_title(p, "operations");
    assert_true(shown(f, " destroy "));
    log_tab_step(p, 1);
    show(f, p, 0);
    expect_title(p, "engine log");
    assert_true(shown(f, "destroy begins"));
    log_tab_step(p, 1);
    show(f, p, 0);
    expect_title(p, "Xen log");
    log_tab_step(p, -3);
    show(f, p, 0);
    expect_title(p, "events");
    p->ops->free(p);
}

/* Up and Down choose an event; the newest is chosen until then. */
static void
test_log_has_a_cursor(void **state)
{
    struct fixture *f = *state;
    struct pane *p = place(log_pane_new(f->ui), COLS_WIDE);
    const struct event *newest, *ev;

    kill_dom(f, dom_of(f, "1"));
    show(f, p, ENGINE_CH_EVENTS);
    newest = engine_event_at(f->en, engine_event_count(f->en) - 1);
    assert_ptr_equal(log_event(p), newest);
    p->ops->scroll(p, -1);
    ev = log_event(p);
    assert_int_equal(ev->seq, newest->seq - 1);
    p->ops->scroll(p, 1);
    assert_ptr_equal(log_event(p), newest);
    p->ops->scroll(p, -(1L << 20));
    assert_non_null(log_event(p));
    log_filter(p, "kind=op-start name=web");
    show(f, p, 0);
    assert_int_equal(log_event(p)->kind, EVENT_OP_START);
    expect_title(p, "events with 'kind=op-start name=web'");
    log_filter(p, NULL);
    log_tab_step(p, 1);
    assert_null(log_event(p));
    p->ops->free(p);
}

static void
test_any_size_is_drawn(void **state)
{
    struct fixture *f = *state;
    struct pane *d = place(detail_pane_new(f->ui), COLS_WIDE);
    struct pane *l = place(log_pane_new(f->ui), COLS_WIDE);
    int cols, t;

    f->ui->list.dom_id = dom_of(f, "1");
    for (cols = 1; cols <= COLS_WIDE; cols++) {
        d->cols = l->cols = cols;
        d->rows = l->rows = cols % ROWS + 1;
        for (t = 0; t < 7; t++) {
            detail_tab_step(d, 1);
            show(f, d, ~0U);
            log_tab_step(l, 1);
            show(f, l, ~0U);
        }
    }
    d->ops->free(d);
    l->ops->free(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tabs_show_their_contents),
        TEST(test_no_domain_is_said),
        TEST(test_follows_the_cursor),
        TEST(test_gone_domain_keeps_its_facts),
        TEST(test_entering_leaves_a_gone_domain),
        TEST(test_devices_and_their_cursor),
        TEST(test_a_handshake_is_told),
        TEST(test_store_is_searched_and_scrolled),
        TEST(test_log_follows_and_filters),
        TEST(test_log_has_a_cursor),
        TEST(test_any_size_is_drawn),
    };

    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
