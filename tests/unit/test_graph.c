/*
 * test_graph.c - curves in cells: what is filled, what is blank, scales.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/draw/graph.h"

/* The cells of one row. */
static void
expect(const struct graph *g, int row, const char *text)
{
    struct buf out = { 0 };

    graph_row(g, row, &out);
    assert_string_equal(buf_text(&out), text);
    buf_free(&out);
}

static void
test_scales_are_round(void **state)
{
    (void)state;
    assert_true(graph_scale(0, 1) == 1);
    assert_true(graph_scale(1.5, 1) == 2);
    assert_true(graph_scale(3, 1) == 5);
    assert_true(graph_scale(5, 1) == 5);
    assert_true(graph_scale(5.1, 1) == 10);
    assert_true(graph_scale(101, 1) == 200);
    assert_true(graph_scale(800, 1) == 1000);
    assert_true(graph_scale_bytes(0, 1024) == 1024);
    assert_true(graph_scale_bytes(3000, 1024) == 4096);
}

/* An unknown value is blank in every style, a known 0 is seen. */
static void
test_a_gap_is_no_zero(void **state)
{
    const double v[] = { 0, -1, -1, 100 };
    struct graph g = { .v = v, .rows = 2, .top = 100, .cols = 4 };

    (void)state;
    g.style = GRAPH_ASCII;
    expect(&g, 0, "   #");
    expect(&g, 1, "_  #");
    g.style = GRAPH_BLOCK;
    expect(&g, 0, "   \u2588");
    expect(&g, 1, "\u2581  \u2588");
    g.style = GRAPH_BRAILLE;
    g.cols = 2;
    assert_int_equal(graph_points(GRAPH_BRAILLE, 2), 4);
    expect(&g, 0, " \u28b8");
    expect(&g, 1, "\u2840\u28b8");
}

/* What is more than the scale fills the rows and no more. */
static void
test_levels_rise_with_values(void **state)
{
    const double v[] = { 12, 50, 75, 1000 };
    struct graph g = {
        .style = GRAPH_ASCII, .v = v, .rows = 1, .top = 100, .cols = 4
    };

    (void)state;
    expect(&g, 0, "_=*#");
    g.style = GRAPH_BLOCK;
    expect(&g, 0, "\u2581\u2584\u2586\u2588");
    g.style = GRAPH_BRAILLE;
    g.cols = 2;
    expect(&g, 0, "\u28e0\u28fe");
}

static void
test_no_room_is_no_cell(void **state)
{
    const double v[] = { 1 };
    struct graph g = { .style = GRAPH_BRAILLE, .v = v, .rows = 1 };

    (void)state;
    assert_int_equal(graph_points(GRAPH_BLOCK, -3), 0);
    expect(&g, 0, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scales_are_round),
        cmocka_unit_test(test_a_gap_is_no_zero),
        cmocka_unit_test(test_levels_rise_with_values),
        cmocka_unit_test(test_no_room_is_no_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
