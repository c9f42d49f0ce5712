/*
 * test_split.c - the tree of splits: nesting, minimum sizes, parts that go; and
 * the arrangement that the layout makes of it at all sizes.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/screen/layout.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const struct split_size half = { .num = 1, .den = 2 };

static void
expect_rect(struct rect r, int y, int x, int rows, int cols)
{
    assert_int_equal(r.y, y);
    assert_int_equal(r.x, x);
    assert_int_equal(r.rows, rows);
    assert_int_equal(r.cols, cols);
}

static struct rect
at(struct split *root, int id)
{
    return split_find(root, id)->r;
}

/* 1 | 2 over 3 */
static struct split *
nested(void)
{
    struct split *root = split_leaf(1, 5, 10);

    split_insert(&root, root, SPLIT_COLS, split_leaf(2, 5, 10), &half);
    split_insert(&root, split_find(root, 2), SPLIT_ROWS, split_leaf(3, 5, 10),
                 &half);
    return root;
}

static void
test_nested_parts_fill_their_place(void **state)
{
    struct split *root = nested();
    struct rect line[4];

    (void)state;
    assert_int_equal(split_min(root, SPLIT_ROWS), 10);
    assert_int_equal(split_min(root, SPLIT_COLS), 21);
    split_place(root, (struct rect){ 2, 1, 20, 41 }, 1);
    expect_rect(at(root, 1), 2, 1, 20, 20);
    expect_rect(at(root, 2), 2, 22, 10, 20);
    expect_rect(at(root, 3), 12, 22, 10, 20);
    assert_int_equal(split_lines(root, line, N(line)), 1);
    expect_rect(line[0], 2, 21, 20, 1);
    assert_int_equal(split_lines(root, line, 0), 0);
    split_free(root);
}

static void
test_the_focus_has_what_is_too_small_for_both(void **state)
{
    struct split *root = nested();
    struct rect line[4];

    (void)state;
    split_place(root, (struct rect){ 0, 0, 9, 41 }, 3); /* 10 rows for both */
    expect_rect(at(root, 1), 0, 0, 9, 20);
    assert_int_equal(at(root, 2).rows, 0);
    expect_rect(at(root, 3), 0, 21, 9, 20);
    split_place(root, (struct rect){ 0, 0, 9, 41 }, 1); /* elsewhere: first */
    expect_rect(at(root, 2), 0, 21, 9, 20);
    assert_int_equal(at(root, 3).rows, 0);
    split_place(root, (struct rect){ 0, 0, 20, 20 }, 3);
    assert_int_equal(at(root, 1).rows, 0);
    expect_rect(at(root, 2), 0, 0, 10, 20);
    expect_rect(at(root, 3), 10, 0, 10, 20);
    assert_int_equal(split_lines(root, line, N(line)), 0);
    split_free(root);
}

static void
test_sizes_are_bounded(void **state)
{
    static const struct {
        struct split_size size;
        int all, first;
    } t[] = {
        { { .num = 1, .den = 3, .min = 6, .max = 16 }, 30, 10 },
        { { .num = 1, .den = 3, .min = 6, .max = 16 }, 12, 6 },
        { { .num = 1, .den = 3, .min = 6, .max = 16 }, 90, 16 },
        { { .second = true, .min = 7, .max = 7 }, 30, 23 },
        { { .num = 1, .den = 1, .leave = 4 }, 30, 26 },
        { { .num = 1, .den = 1 }, 30, 28 },          /* the other's minimum */
        { { .min = 0, .num = 0, .den = 9 }, 30, 2 }, /* its own */
    };
    size_t i;

    (void)state;
    for (i = 0; i < N(t); i++) {
        struct split *root = split_node(SPLIT_ROWS, split_leaf(1, 2, 2),
                                        split_leaf(2, 2, 2), &t[i].size);

        split_place(root, (struct rect){ 0, 0, t[i].all, 10 }, 1);
        expect_rect(at(root, 1), 0, 0, t[i].first, 10);
        expect_rect(at(root, 2), t[i].first, 0, t[i].all - t[i].first, 10);
        split_free(root);
    }
}

static void
test_a_part_that_goes_leaves_its_place(void **state)
{
    struct split *root = nested();

    (void)state;
    split_remove(&root, split_find(root, 1));
    assert_null(split_find(root, 1));
    assert_null(root->up);
    split_place(root, (struct rect){ 0, 0, 20, 41 }, 2);
    expect_rect(at(root, 2), 0, 0, 10, 41);
    split_remove(&root, split_find(root, 2));
    split_place(root, (struct rect){ 0, 0, 20, 41 }, 3);
    expect_rect(at(root, 3), 0, 0, 20, 41);
    split_remove(&root, root);
    assert_null(root);
    split_free(root);
}

static void
test_an_inner_part_goes(void **state)
{
    struct split *root = nested();

    (void)state;
    split_remove(&root, split_find(root, 3));
    split_place(root, (struct rect){ 0, 0, 20, 41 }, 2);
    expect_rect(at(root, 1), 0, 0, 20, 20);
    expect_rect(at(root, 2), 0, 21, 20, 20);
    assert_ptr_equal(split_find(root, 2)->up, root);
    split_free(root);
}

static void
test_zoom_hides_the_others(void **state)
{
    struct split *root = nested();
    struct rect line[4];

    (void)state;
    split_place(root, (struct rect){ 0, 0, 20, 41 }, 2);
    split_zoom(root, (struct rect){ 0, 0, 22, 41 }, 2);
    expect_rect(at(root, 2), 0, 0, 22, 41);
    assert_int_equal(at(root, 1).rows, 0);
    assert_int_equal(at(root, 3).rows, 0);
    assert_int_equal(split_lines(root, line, N(line)), 0);
    split_free(root);
}

/* --- the arrangement */

static const struct {
    struct layout_in in;
    struct rect list, side, log;
} screens[] = {
    /* the list alone */
    { { 24, 80, .focus = LAYOUT_LIST }, { 2, 0, 20, 80 }, { 0 }, { 0 } },
    /* details below it */
    { { 24, 80, .side = true, .focus = LAYOUT_SIDE },
      { 2, 0, 6, 80 },
      { 8, 0, 14, 80 },
      { 0 } },
    /* too low for both */
    { { 15, 80, .side = true, .focus = LAYOUT_SIDE },
      { 0 },
      { 1, 0, 12, 80 },
      { 0 } },
    { { 15, 80, .side = true, .focus = LAYOUT_LIST },
      { 1, 0, 12, 80 },
      { 0 },
      { 0 } },
    /* help is not squeezed */
    { { 24, 80, .side = true, .help = true, .focus = LAYOUT_SIDE },
      { 0 },
      { 2, 0, 20, 80 },
      { 0 } },
    /* side by side, and the log below both */
    { { 60, 200, .side = true, .log = true, .focus = LAYOUT_SIDE },
      { 2, 0, 44, 80 },
      { 2, 81, 44, 119 },
      { 46, 0, 12, 200 } },
    { { 24, 120, .side = true, .focus = LAYOUT_LIST },
      { 2, 0, 20, 39 },
      { 2, 40, 20, 80 },
      { 0 } },
    /* the log in the place of the details */
    { { 24, 80, .side = true, .log = true, .focus = LAYOUT_LOG },
      { 2, 0, 6, 80 },
      { 0 },
      { 8, 0, 14, 80 } },
    /* a console that has it all */
    { { 24, 80, .side = true, .console = true, .zoom = true,
        .focus = LAYOUT_SIDE },
      { 0 },
      { 0, 0, 24, 80 },
      { 0 } },
};

static void
test_known_screens(void **state)
{
    struct layout l = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < N(screens); i++) {
        struct rect list, side, log;

        layout_make(&screens[i].in, &l);
        list = layout_rect(&l, LAYOUT_LIST);
        side = layout_rect(&l, LAYOUT_SIDE);
        log = layout_rect(&l, LAYOUT_LOG);
        assert_int_equal(list.rows, screens[i].list.rows);
        assert_int_equal(side.rows, screens[i].side.rows);
        assert_int_equal(log.rows, screens[i].log.rows);
        if (list.rows > 0)
            assert_memory_equal(&list, &screens[i].list, sizeof list);
        if (side.rows > 0)
            assert_memory_equal(&side, &screens[i].side, sizeof side);
        if (log.rows > 0)
            assert_memory_equal(&log, &screens[i].log, sizeof log);
    }
    layout_fini(&l);
}

static bool
inside(struct rect r, int rows, int cols)
{
    return r.rows == 0 || (r.rows >= 2 && r.cols >= 1 && r.y >= 0 && r.x >= 0 &&
                           r.y + r.rows <= rows && r.x + r.cols <= cols);
}

static bool
apart(struct rect a, struct rect b)
{
    return a.rows == 0 || b.rows == 0 || a.y + a.rows <= b.y ||
           b.y + b.rows <= a.y || a.x + a.cols <= b.x || b.x + b.cols <= a.x;
}

static void
check(const struct layout_in *in, struct layout *l)
{
    struct rect r[3];
    size_t i, k;

    layout_make(in, l);
    if (l->too_small)
        return;
    for (i = 0; i < 3; i++)
        r[i] = layout_rect(l, (enum layout_part)i);
    assert_true(r[in->focus].rows >= 2); /* the focus is always seen */
    for (i = 0; i < 3; i++) {
        assert_true(inside(r[i], in->rows, in->cols));
        for (k = i + 1; k < 3; k++)
            assert_true(apart(r[i], r[k]));
        if (!l->bare)
            assert_true(apart(r[i], l->status) && apart(r[i], l->bar) &&
                        apart(r[i], l->header));
    }
}

static void
test_all_sizes_hold_together(void **state)
{
    struct layout l = { 0 };
    struct layout_in in;
    int rows, cols;
    unsigned bits;

    (void)state;
    for (rows = 1; rows < 80; rows++)
        for (cols = 30; cols < 260; cols += 5)
            for (bits = 0; bits < 96; bits++) {
                in = (struct layout_in){ .rows = rows,
                                         .cols = cols,
                                         .side = bits & 1,
                                         .console = (bits & 3) == 3,
                                         .help = (bits & 7) == 5,
                                         .log = bits & 8,
                                         .zoom = bits & 16,
                                         .focus = bits / 32 };
                if ((in.focus == LAYOUT_SIDE && !in.side) ||
                    (in.focus == LAYOUT_LOG && !in.log))
                    continue;
                check(&in, &l);
            }
    layout_fini(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested_parts_fill_their_place),
        cmocka_unit_test(test_the_focus_has_what_is_too_small_for_both),
        cmocka_unit_test(test_sizes_are_bounded),
        cmocka_unit_test(test_a_part_that_goes_leaves_its_place),
        cmocka_unit_test(test_an_inner_part_goes),
        cmocka_unit_test(test_zoom_hides_the_others),
        cmocka_unit_test(test_known_screens),
        cmocka_unit_test(test_all_sizes_hold_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
