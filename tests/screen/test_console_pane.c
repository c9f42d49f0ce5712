/*
 * test_console_pane.c - the console pane over the lives of its guest, on a
 * simulated host and the virtual clock: attached before the first line, the
 * seam of a restart, the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/fdio.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"
#include "ui/desk/desk_int.h"
#include "ui/pane/console/pane_console.h"
#include "ui/widget/notice.h"

#define FIRST_LINE "Linux version"

/* A front end without a terminal: no frame is ever due. */
struct ui {
    struct desk desk;
    struct pane *closed; /* the last one that asked for it */
    int rings;
};

struct fixture {
    struct world w;
    struct settings set;
    struct test_session ts;
    struct ui ui;
    struct buf text;
};

static void
note_close(struct ui *ui, struct pane *p)
{
    ui->closed = p;
}

static void
note_ring(struct ui *ui)
{
    ui->rings++;
}

static const struct desk_ops desk_ops = { .pane_close = note_close,
                                          .bell = note_ring };

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    world_open(&f->w, 0, false);
    test_session_open(&f->ts, f->w.en, f->w.lp);
    settings_default(&f->set, &f->ts.cmds);
    f->ui.desk.ops = &desk_ops;
    f->ui.desk.dirty = true;
    f->ui.desk.ses = &f->ts.ses;
    f->ui.desk.lp = f->w.lp;
    f->ui.desk.en = f->w.en;
    f->ui.desk.set = &f->set;
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    notice_fini(&f->ui);
    buf_free(&f->text);
    world_close(&f->w);
    free(f);
    return 0;
}

/* All lines of the pane, as `console-save' writes them. */
static const char *
text_of(struct fixture *f, struct pane *p)
{
    char path[128];

    text_fmt(path, sizeof path, "%s/saved", f->w.dir);
    unlink(path);
    buf_clear(&f->text);
    assert_int_equal(console_pane_save(p, path, NULL), 0);
    assert_int_equal(fd_read_file(path, 1024 * 1024, &f->text, NULL), 0);
    unlink(path);
    return buf_text(&f->text);
}

static const char *
see_after(struct fixture *f, struct pane *p, const char *mark, const char *text)
{
    const char *at = NULL;
    int i;

    for (i = 0; i < 500 && at == NULL; i++) {
        world_hand_over();
        world_pass(&f->w, 1000);
        at = strstr(text_of(f, p), mark);
        if (at != NULL)
            at = strstr(at, text);
    }
    if (at == NULL)
        fail_msg("no '%s' after '%s' in:\n%s", text, mark, text_of(f, p));
    return at;
}

static struct pane *
open_pane(struct fixture *f, const char *more, uint64_t *id_out)
{
    struct pane *p;

    *id_out = world_guest(&f->w, "seam", more);
    p = console_pane_new(&f->ui, *id_out, 0, NULL);
    assert_non_null(p);
    return p;
}

static void
wait_for_all(struct world *w)
{
    size_t i;

    assert_true(world_until_event(w, "restarts after"));
    for (i = 0; i < engine_op_count(w->en); i++)
        assert_int_equal(world_wait(w, engine_op_at(w->en, i)->id), OP_DONE);
}

static void
test_restart_is_a_seam(void **state)
{
    struct fixture *f = *state;
    uint64_t id, op;
    struct pane *p = open_pane(f, "", &id);
    uint32_t domid = engine_dom_by_id(f->w.en, id)->domid;
    const char *seam, *text;
    char want[64], arrow[64];

    world_pass(&f->w, 25000);
    assert_int_equal(engine_reboot(f->w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&f->w, op), OP_DONE);
    wait_for_all(&f->w); /* the restart: its helper is a real process */
    text_fmt(want, sizeof want, "seam: reboot, domain %u", domid);
    /* Both boots from their first line. */
    see_after(f, p, want, FIRST_LINE);
    assert_int_equal(console_pane_of(p)->state, CONSOLE_ATTACHED);
    assert_int_not_equal(p->dom_id, id);
    assert_non_null(engine_dom_by_id(f->w.en, p->dom_id));
    text = text_of(f, p);
    seam = strstr(text, want);
    text_fmt(arrow, sizeof arrow, "domain %u -> %u", domid,
             console_pane_of(p)->domid);
    assert_non_null(strstr(seam, arrow));
    assert_true(strstr(text, FIRST_LINE) < seam);
    p->ops->free(p);
}

static void
press(struct pane *p, uint32_t code)
{
    const struct key k = { .code = code };

    assert_true(p->ops->key(p, &k));
}

static void
test_after_the_end_q_closes_but_no_word_does(void **state)
{
    struct fixture *f = *state;
    uint64_t id, op;
    struct pane *p = open_pane(f, "", &id);
    struct buf title = { 0 };

    see_after(f, p, "", FIRST_LINE);
    assert_int_equal(engine_destroy(f->w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&f->w, op), OP_DONE);
    world_pass(&f->w, 1000);
    p->ops->title(p, &title);
    assert_non_null(strstr(buf_text(&title), "ended"));
    assert_non_null(strstr(buf_text(&title), "q: close"));
    assert_non_null(strstr(text_of(f, p), FIRST_LINE));
    press(p, 'e');
    press(p, 'q');
    assert_null(f->ui.closed);
    world_pass(&f->w, 2000);
    press(p, 'q');
    assert_ptr_equal(f->ui.closed, p);
    p->ops->free(p);
    buf_free(&title);
}

/* --- keys that are lost --- */

/* In a small terminal the sentence lies over the console's title. */
static void
test_refusal_ends_with_its_reason(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);

    see_after(f, p, "", FIRST_LINE);
    assert_int_equal(console_release(f->w.en, id, NULL), 0);
    press(p, 'a');
    assert_true(notice_shown(&f->ui));
    assert_int_equal(console_retake(f->w.en, id, NULL), 0);
    assert_false(notice_shown(&f->ui));
    press(p, 'a');
    assert_false(notice_shown(&f->ui));
    p->ops->free(p);
}

/* --- who may type --- */

static void
test_viewer_is_refused_once(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);

    see_after(f, p, "", FIRST_LINE);
    f->ts.ses.info.rights = RIGHT_VIEW;
    press(p, 'a');
    assert_true(notice_shown(&f->ui));
    ui_notice_end(&f->ui, console_pane_of(p)->refusal.msg);
    assert_false(notice_shown(&f->ui));
    press(p, 'a');
    assert_false(notice_shown(&f->ui));
    p->ops->free(p);
}

/* A guest that has switched mouse reports on, as mc, htop and vim do. */
static struct pane *
open_mouse_pane(struct fixture *f, struct console_client *other)
{
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);

    p->rows = 24;
    p->cols = 80;
    p->ops->sync(p, 0);
    see_after(f, p, "", FIRST_LINE);
    see_after(f, p, "", "seam:~#");
    assert_int_equal(console_attach(f->w.en, id, 0, other, NULL), 0);
    console_pane_of(p)->client.data(&console_pane_of(p)->client,
                                    "\033[?1000;1006h", 13);
    return p;
}

static void
nothing_read(struct console_client *cl, const char *bytes, size_t n)
{
    (void)cl;
    (void)bytes;
    (void)n;
}

static void
test_mouse_of_a_viewer_is_no_typing(void **state)
{
    struct fixture *f = *state;
    struct console_client other = { .data = nothing_read };
    struct pane *p = open_mouse_pane(f, &other);
    struct mouse m = { .what = MOUSE_PRESS, .y = 1, .x = 2, .button = 1 };

    f->ts.ses.info.rights = RIGHT_VIEW;
    assert_false(p->ops->mouse(p, &m));
    m.what = MOUSE_WHEEL;
    m.wheel = -1;
    assert_false(p->ops->mouse(p, &m)); /* it scrolls the view */
    assert_null(console_typist(&other));
    f->ts.ses.info.rights = RIGHT_OPERATE;
    assert_true(p->ops->mouse(p, &m));
    assert_non_null(console_typist(&other));
    console_detach(&other);
    p->ops->free(p);
}

/* --- a guest that asks for much work --- */

#define READ_BYTES (64 * 1024)

static void
deliver(struct pane *p, const char *bytes, size_t n)
{
    struct console_pane *cp = console_pane_of(p);

    cp->client.data(&cp->client, bytes, n);
}

static void
hostile_read(struct buf *b)
{
    while (b->len + 4 <= READ_BYTES)
        buf_str(b, "x\033#8");
}

/* Turns of the loop until the pane lets the engine read on. */
static size_t
turns_until_read_on(struct fixture *f, struct pane *p)
{
    size_t n = 0;

    while (console_pane_of(p)->client.hold) {
        assert_true(n++ < 100000);
        loop_turn(f->w.lp, 0);
        assert_true(term_cost_of_turn(console_pane_of(p)->t) <
                    2 * TERM_TURN_COST);
    }
    return n;
}

static void
test_costly_output_waits_and_holds_the_guest(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);
    struct console_pane *cp = console_pane_of(p);
    struct buf b = { 0 };

    p->rows = 60;
    p->cols = 250;
    p->ops->sync(p, 0);
    hostile_read(&b);
    deliver(p, b.data, b.len);
    assert_true(cp->client.hold);
    assert_true(cp->feed.wait.len > 0);
    assert_true(term_cost_of_turn(cp->t) < 2 * TERM_TURN_COST);
    deliver(p, "\033c\r\nthe end", 12);
    assert_true(turns_until_read_on(f, p) > 10);
    assert_int_equal(cp->feed.wait.len, 0);
    assert_non_null(strstr(text_of(f, p), "the end"));
    buf_free(&b);
    p->ops->free(p);
}

/* A line of ours stands behind what the guest had said by then. */
static void
test_a_seam_waits_for_its_place(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);
    struct buf b = { 0 };
    const char *text;

    p->rows = 60;
    p->cols = 250;
    p->ops->sync(p, 0);
    hostile_read(&b);
    deliver(p, b.data, b.len);
    deliver(p, "\033cbefore\r\n", 10);
    console_feed_seam(console_pane_of(p), "-- ours --");
    deliver(p, "behind\r\n", 8);
    (void)turns_until_read_on(f, p);
    text = text_of(f, p);
    assert_non_null(strstr(text, "before\n-- ours --\nbehind\n"));
    buf_free(&b);
    p->ops->free(p);
}

static void
test_closing_a_pane_with_work_left(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);
    struct buf b = { 0 };

    hostile_read(&b);
    deliver(p, b.data, b.len);
    console_feed_seam(console_pane_of(p), "-- ours --");
    assert_true(console_pane_of(p)->client.hold);
    p->ops->free(p);
    world_pass(&f->w, 1000);
    buf_free(&b);
}

/* What happens behind one's back is marked until it is seen: the bell most of
 * all, then what was said, then that nothing is said any more. */
static void
test_marks_of_a_pane_that_nobody_looks_at(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);

    f->set.silence_s = 30;
    assert_int_equal(p->mark, PANE_UNMARKED); /* a replay is no news */
    p->hidden = true;
    deliver(p, "x", 1);
    assert_int_equal(p->mark, PANE_ACTIVE);
    deliver(p, "\a", 1);
    assert_int_equal(p->mark, PANE_BELL);
    deliver(p, "x", 1);
    assert_int_equal(p->mark, PANE_BELL);
    p->hidden = false;
    p->ops->sync(p, 0); /* seen, but another one has the keys */
    assert_int_equal(p->mark, PANE_BELL);
    p->focused = true;
    p->ops->sync(p, 0);
    assert_int_equal(p->mark, PANE_UNMARKED);
    deliver(p, "x\a", 2);
    assert_int_equal(p->mark, PANE_UNMARKED);
    p->ops->free(p);
}

static void
test_silence_is_marked_and_ends(void **state)
{
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p;

    f->set.silence_s = 30;
    p = open_pane(f, "", &id);
    world_pass(&f->w, 60000); /* it boots */
    deliver(p, "x", 1);
    world_pass(&f->w, 20000);
    deliver(p, "x", 1);
    world_pass(&f->w, 29000);
    assert_int_equal(p->mark, PANE_UNMARKED);
    world_pass(&f->w, 2000);
    assert_int_equal(p->mark, PANE_SILENT);
    deliver(p, "x", 1);
    assert_int_equal(p->mark, PANE_UNMARKED);
    p->focused = true;
    world_pass(&f->w, 60000);
    assert_int_equal(p->mark, PANE_UNMARKED);
    p->ops->free(p);
}

static void
test_the_bell_as_it_is_set(void **state)
{
    static const struct {
        enum settings_bell how;
        int rings;
        enum pane_mark mark;
    } t[] = { { BELL_PASS, 1, PANE_BELL },
              { BELL_VISIBLE, 0, PANE_BELL },
              { BELL_OFF, 0, PANE_UNMARKED } };
    struct fixture *f = *state;
    uint64_t id;
    struct pane *p = open_pane(f, "", &id);
    size_t i;

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        p->mark = PANE_UNMARKED;
        f->ui.rings = 0;
        f->set.bell = t[i].how;
        deliver(p, "\a", 1);
        assert_int_equal(f->ui.rings, t[i].rings);
        assert_int_equal(p->mark, t[i].mark);
    }
    p->ops->free(p);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_restart_is_a_seam, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_after_the_end_q_closes_but_no_word_does, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusal_ends_with_its_reason,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_viewer_is_refused_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_mouse_of_a_viewer_is_no_typing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_costly_output_waits_and_holds_the_guest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_seam_waits_for_its_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_closing_a_pane_with_work_left,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_marks_of_a_pane_that_nobody_looks_at, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence_is_marked_and_ends, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_bell_as_it_is_set, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
