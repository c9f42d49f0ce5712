/*
 * test_list_cursor.c - where the list's cursor is over the lives of its domain,
 * on a simulated host and the virtual clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"
#include "tests/unit/run_line.h"
#include "ui/desk/desk_int.h"
#include "ui/pane/list/pane_list.h"

/* A front end without a terminal: no frame is ever due. */
struct ui {
    struct desk desk;
};

struct fixture {
    struct world w;
    struct settings set;
    struct test_session ts;
    struct ui ui;
    struct pane *list;
    uint64_t guest, neighbour;
};

static void
cursor_moved(struct ui *ui)
{
    (void)ui;
}

static const struct desk_ops desk_ops = { .cursor_moved = cursor_moved };

static void
redraw(struct fixture *f)
{
    f->list->ops->sync(f->list, ENGINE_CH_DOMS);
}

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
    f->guest = world_guest(&f->w, "first", "");
    f->neighbour = world_guest(&f->w, "second", "");
    f->list = list_pane_new(&f->ui);
    f->list->rows = 10;
    f->list->cols = 80;
    redraw(f);
    list_select(f->list, f->guest);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    f->list->ops->free(f->list);
    world_close(&f->w);
    free(f);
    return 0;
}

/* The guest's first life is over, and a frame shows the list without it. */
static void
first_life_ends(struct fixture *f)
{
    uint64_t op;
    int i;

    world_pass(&f->w, 25000);
    assert_int_equal(engine_reboot(f->w.en, f->guest, &op, NULL), 0);
    for (i = 0; i < 100000 && f->list->dom_id == f->guest; i++) {
        loop_turn(f->w.lp, 1);
        redraw(f);
    }
    assert_int_equal(f->list->dom_id, f->neighbour);
}

static const struct dom *
next_life(struct fixture *f)
{
    size_t i;

    assert_true(world_until_event(&f->w, "restarts after"));
    for (i = 0; i < engine_op_count(f->w.en); i++)
        world_wait(&f->w, engine_op_at(f->w.en, i)->id);
    redraw(f);
    return engine_dom_by_name(f->w.en, "first");
}

static void
test_cursor_goes_back_to_the_next_life(void **state)
{
    struct fixture *f = *state;
    const struct dom *d;

    first_life_ends(f);
    d = next_life(f);
    assert_non_null(d);
    assert_int_not_equal(d->id, f->guest);
    assert_int_equal(f->list->dom_id, d->id);
}

static void
test_cursor_that_was_moved_stays(void **state)
{
    struct fixture *f = *state;

    first_life_ends(f);
    f->list->ops->scroll(f->list, -1);
    f->list->ops->scroll(f->list, 1);
    assert_int_equal(f->list->dom_id, f->neighbour);
    assert_non_null(next_life(f));
    assert_int_equal(f->list->dom_id, f->neighbour);
}

/* One that only the filter hides is not gone: the cursor does not go back. */
static void
test_cursor_stays_when_the_filter_ends(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(list_filter(f->list, "second", NULL), 0);
    assert_int_equal(f->list->dom_id, f->neighbour);
    assert_int_equal(list_filter(f->list, NULL, NULL), 0);
    assert_int_equal(f->list->dom_id, f->neighbour);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cursor_goes_back_to_the_next_life,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_cursor_that_was_moved_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cursor_stays_when_the_filter_ends,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
