/*
 * test_reshape.c - a tree of splits that is given other forms: borders that
 * move, arrangements, text; and that whatever is done to it, each cell of the
 * screen belongs to one part, and no part is smaller than its least size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/screen/reshape.h"

#define N(a)     (sizeof(a) / sizeof((a)[0]))
#define ROWS_MIN 4
#define COLS_MIN 20
#define ROWS_MAX 70
#define COLS_MAX 220

static struct rect
at(struct split *root, int id)
{
    return split_find(root, id)->r;
}

static struct split *
parsed(const char *text)
{
    struct split *root = split_parse(text, ROWS_MIN, COLS_MIN);

    assert_non_null(root);
    return root;
}

static void
expect_form(const struct split *root, const char *text)
{
    struct buf b = { 0 };

    split_print(root, &b);
    assert_string_equal(buf_text(&b), text);
    buf_free(&b);
}

static void
test_a_border_moves_its_neighbours_only(void **state)
{
    struct split *root = parsed("|1/4(1,|1/3(2,|1/2(3,4)))");
    const struct rect screen = { 0, 0, 24, 203 };

    (void)state;
    split_place(root, screen, 1);
    assert_true(split_resize(split_find(root, 2), SIDE_LEFT, 10));
    split_place(root, screen, 1);
    assert_int_equal(at(root, 1).cols, 50);
    assert_int_equal(at(root, 2).cols, 40);
    assert_int_equal(at(root, 3).cols, 60);
    assert_int_equal(at(root, 4).cols, 50);
    assert_true(split_resize(split_find(root, 1), SIDE_RIGHT, 5));
    split_place(root, screen, 1);
    assert_int_equal(at(root, 1).cols, 55);
    assert_int_equal(at(root, 2).cols, 35);
    assert_int_equal(at(root, 3).cols, 60);
    /* the last one has no right border: its left one moves */
    assert_true(split_resize(split_find(root, 4), SIDE_LEFT, 7));
    split_place(root, screen, 1);
    assert_int_equal(at(root, 3).cols, 53);
    assert_int_equal(at(root, 4).cols, 57);
    assert_false(split_resize(split_find(root, 1), SIDE_DOWN, 1));
    split_free(root);
}

static void
test_least_sizes_stop_a_border(void **state)
{
    struct split *root = parsed("-1/2(1,2)");
    const struct rect screen = { 0, 0, 10, 80 };

    (void)state;
    split_place(root, screen, 1);
    assert_true(split_resize(split_find(root, 1), SIDE_DOWN, 100));
    split_place(root, screen, 1);
    assert_int_equal(at(root, 1).rows, 6);
    assert_int_equal(at(root, 2).rows, ROWS_MIN);
    assert_false(split_resize(split_find(root, 1), SIDE_DOWN, 1));
    /* what cannot be seen has no border */
    split_place(root, (struct rect){ 0, 0, 7, 80 }, 1);
    assert_false(split_resize(split_find(root, 1), SIDE_UP, 1));
    split_free(root);
}

static void
test_a_form_survives_a_tiny_screen(void **state)
{
    struct split *root = parsed("|1/3(1,-2/5(2,3))");
    const struct rect screen = { 0, 0, 40, 120 };
    struct rect was[3];
    int i;

    (void)state;
    split_place(root, screen, 1);
    assert_true(split_resize(split_find(root, 1), SIDE_RIGHT, 3));
    split_place(root, screen, 1);
    for (i = 0; i < 3; i++)
        was[i] = at(root, i + 1);
    split_place(root, (struct rect){ 0, 0, 3, 10 }, 2);
    assert_int_equal(at(root, 2).cols, 10);
    assert_int_equal(at(root, 1).rows, 0);
    split_place(root, screen, 1);
    for (i = 0; i < 3; i++)
        assert_memory_equal(&was[i], &split_find(root, i + 1)->r,
                            sizeof(was[i]));
    split_free(root);
}

static void
test_arrangements(void **state)
{
    static const char *const forms[SHAPES] = {
        "|1/5(1,|1/4(2,|1/3(3,|1/2(4,5))))",
        "-1/5(1,-1/4(2,-1/3(3,-1/2(4,5))))",
        "|1/2(1,-1/4(2,-1/3(3,-1/2(4,5))))",
        "-1/2(1,|1/4(2,|1/3(3,|1/2(4,5))))",
        "-1/3(|1/2(1,2),-1/2(|1/2(3,4),5))",
    };
    struct split *root = parsed(forms[0]);
    int i;

    (void)state;
    for (i = 0; i < SHAPES; i++) {
        split_arrange(&root, (enum split_shape)i);
        expect_form(root, forms[i]);
    }
    split_swap(split_find(root, 1), split_find(root, 5));
    expect_form(root, "-1/3(|1/2(5,2),-1/2(|1/2(3,4),1))");
    split_free(root);
}

static void
test_what_is_no_form_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "x",
        "1,2",
        "|1/2(1,1)",
        "|1/2(1,2",
        "|1/0(1,2)",
        "|0/2(1,2)",
        "|1/2(1)",
        "|1/2(1,2))",
        "|1/2(1,2)x",
        "|1/2(0,2)",
        "|-1/2(1,2)",
        "|1 /2(1,2)",
        "|1/2(1,2,3)",
        "|1/2(,2)",
        "12345",
        "|12345/2(1,2)",
    };
    struct buf deep = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < N(bad); i++)
        assert_null(split_parse(bad[i], ROWS_MIN, COLS_MIN));
    for (i = 1; i < 2000; i++)
        buf_fmt(&deep, "|1/2(%zu,", i);
    assert_null(split_parse(buf_text(&deep), ROWS_MIN, COLS_MIN));
    buf_free(&deep);
}

static void
test_lines_and_neighbours_are_found(void **state)
{
    struct split *root = parsed("|1/2(1,-1/2(2,3))");

    (void)state;
    split_place(root, (struct rect){ 1, 0, 20, 81 }, 1);
    assert_ptr_equal(split_line_at(root, 5, 40), root);
    assert_ptr_equal(split_line_at(root, 11, 60), root->b);
    assert_null(split_line_at(root, 1, 60)); /* the upper one's title */
    assert_null(split_line_at(root, 11, 10));
    assert_int_equal(split_beside(root, split_find(root, 2), SIDE_LEFT)->id, 1);
    assert_int_equal(split_beside(root, split_find(root, 2), SIDE_DOWN)->id, 3);
    assert_int_equal(split_beside(root, split_find(root, 3), SIDE_UP)->id, 2);
    assert_int_equal(split_beside(root, split_find(root, 1), SIDE_RIGHT)->id,
                     3);
    assert_null(split_beside(root, split_find(root, 1), SIDE_LEFT));
    assert_null(split_beside(root, split_find(root, 3), SIDE_DOWN));
    split_free(root);
}

/* --- any sequence */

/* Marks the cells of a rectangle; each must be free. */
static void
cover(char (*screen)[COLS_MAX], struct rect r)
{
    int y, x;

    for (y = r.y; y < r.y + r.rows; y++)
        for (x = r.x; x < r.x + r.cols; x++) {
            assert_int_equal(screen[y][x], 0);
            screen[y][x] = 1;
        }
}

static void
expect_covered(struct split *root, struct rect r)
{
    static char screen[ROWS_MAX][COLS_MAX];
    struct split *leaf[SPLIT_LEAVES_MAX];
    struct rect line[SPLIT_LEAVES_MAX];
    size_t i, n = split_leaves(root, leaf, SPLIT_LEAVES_MAX);
    bool room = split_min(root, SPLIT_ROWS) <= r.rows &&
                split_min(root, SPLIT_COLS) <= r.cols;
    int y, x;

    memset(screen, 0, sizeof(screen));
    for (i = 0; i < n; i++) {
        cover(screen, leaf[i]->r);
        if (room)
            assert_true(leaf[i]->r.rows >= ROWS_MIN &&
                        leaf[i]->r.cols >= COLS_MIN);
    }
    n = split_lines(root, line, SPLIT_LEAVES_MAX);
    for (i = 0; i < n; i++)
        cover(screen, line[i]);
    for (y = r.y; y < r.y + r.rows; y++)
        for (x = r.x; x < r.x + r.cols; x++)
            assert_int_equal(screen[y][x], 1);
}

static uint32_t seed;

static int
below(int n)
{
    seed = seed * 1664525U + 1013904223U;
    return (int)((seed >> 8) % (uint32_t)n);
}

static struct split *
any_leaf(struct split *root)
{
    struct split *leaf[SPLIT_LEAVES_MAX];
    size_t n = split_leaves(root, leaf, SPLIT_LEAVES_MAX);

    return leaf[below((int)n)];
}

static void
split_any(struct split **root, int *next)
{
    const struct split_size half = { .num = 1, .den = 2 };
    struct split *leaf[SPLIT_LEAVES_MAX];

    if (split_leaves(*root, leaf, SPLIT_LEAVES_MAX) == SPLIT_LEAVES_MAX)
        return;
    split_insert(root, any_leaf(*root), below(2) ? SPLIT_ROWS : SPLIT_COLS,
                 split_leaf((*next)++, ROWS_MIN, COLS_MIN), &half);
}

/* What is read is what was written. */
static void
write_and_read(struct split **root)
{
    struct buf b = { 0 };
    struct split *again;

    split_print(*root, &b);
    again = split_parse(buf_text(&b), ROWS_MIN, COLS_MIN);
    assert_non_null(again);
    expect_form(again, buf_text(&b));
    split_free(*root);
    *root = again;
    buf_free(&b);
}

static void
step(struct split **root, struct rect *r, int *next)
{
    struct split *copy;

    switch (below(9)) {
    case 0:
    case 1:
        split_any(root, next);
        break;
    case 2:
        if ((*root)->way != SPLIT_LEAF)
            split_remove(root, any_leaf(*root));
        break;
    case 3:
        *r = (struct rect){ below(3), below(3), 1 + below(ROWS_MAX - 3),
                            1 + below(COLS_MAX - 3) };
        break;
    case 4:
    case 5:
        (void)split_resize(any_leaf(*root), (enum split_side)below(4),
                           1 + below(30));
        break;
    case 6:
        if (below(8) == 0)
            split_arrange(root, (enum split_shape)below(SHAPES));
        break;
    case 7:
        split_swap(any_leaf(*root), any_leaf(*root));
        break;
    default:
        copy = split_copy(*root);
        split_free(*root);
        *root = copy;
        write_and_read(root);
    }
}

static void
test_any_sequence_covers_the_screen_once(void **state)
{
    int run, i, next;

    (void)state;
    for (run = 0; run < 60; run++) {
        struct split *root = split_leaf(1, ROWS_MIN, COLS_MIN);
        struct rect r = { 0, 0, 60, 200 };

        seed = (uint32_t)run;
        for (i = 0, next = 2; i < 200; i++) {
            step(&root, &r, &next);
            split_place(root, r, any_leaf(root)->id);
            expect_covered(root, r);
        }
        split_free(root);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_border_moves_its_neighbours_only),
        cmocka_unit_test(test_least_sizes_stop_a_border),
        cmocka_unit_test(test_a_form_survives_a_tiny_screen),
        cmocka_unit_test(test_arrangements),
        cmocka_unit_test(test_what_is_no_form_is_refused),
        cmocka_unit_test(test_lines_and_neighbours_are_found),
        cmocka_unit_test(test_any_sequence_covers_the_screen_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
