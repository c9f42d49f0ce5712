/*
 * reshape.c - a tree of splits is given another form. A share is kept as the
 * rows or columns that were last asked for, of those that were there then, so
 * that a terminal may shrink and grow again without a change of the form.
 */
#include "ui/screen/reshape.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"

/* --- borders --- */

static int
extent(const struct split *s, enum split_way way)
{
    return way == SPLIT_ROWS ? s->r.rows : s->r.cols;
}

static bool
all_shown(const struct split *s)
{
    if (s->way == SPLIT_LEAF)
        return s->r.rows > 0;
    return all_shown(s->a) && all_shown(s->b);
}

static void
set_share(struct split *s, int first, int all)
{
    s->size = (struct split_size){ .num = first, .den = all };
}

/* The extent of s will be `now', changed at one of its ends: what lies at the
 * other end keeps its size as long as the rest can give way. */
static void
keep_far_part(struct split *s, enum split_way way, int now, bool near_first)
{
    struct split *near = near_first ? s->a : s->b;
    struct split *far = near_first ? s->b : s->a;
    int line = way == SPLIT_COLS, n;

    if (s->way == SPLIT_LEAF)
        return;
    if (s->way != way) {
        keep_far_part(s->a, way, now, near_first);
        keep_far_part(s->b, way, now, near_first);
        return;
    }
    n = now - line - extent(far, way);
    if (n < split_min(near, way))
        n = split_min(near, way);
    set_share(s, near_first ? n : now - line - n, now);
    keep_far_part(near, way, n, near_first);
    keep_far_part(far, way, now - line - n, near_first);
}

bool
split_move_line(struct split *node, int by)
{
    int all = extent(node, node->way), was = extent(node->a, node->way);
    int line = node->way == SPLIT_COLS;
    int most = all - line - split_min(node->b, node->way);
    int least = split_min(node->a, node->way), now;

    if (!all_shown(node) || most < least)
        return false;
    now = by > most - was ? most : by < least - was ? least : was + by;
    if (now == was)
        return false;
    keep_far_part(node->a, node->way, now, false);
    keep_far_part(node->b, node->way, all - line - now, true);
    set_share(node, now, all);
    return true;
}

/* The node of this way whose line is the leaf's right or lower border, or with
 * first false its left or upper one. */
static struct split *
border_of(struct split *leaf, enum split_way way, bool first)
{
    struct split *s = leaf;

    for (; s->up != NULL; s = s->up)
        if (s->up->way == way && (s->up->a == s) == first)
            return s->up;
    return NULL;
}

bool
split_resize(struct split *leaf, enum split_side side, int n)
{
    bool rows = side == SIDE_UP || side == SIDE_DOWN;
    enum split_way way = rows ? SPLIT_ROWS : SPLIT_COLS;
    struct split *node = border_of(leaf, way, true);

    if (node == NULL)
        node = border_of(leaf, way, false);
    return node != NULL &&
           split_move_line(node, side == SIDE_LEFT || side == SIDE_UP ? -n : n);
}

static bool
rect_has(struct rect r, int y, int x)
{
    return y >= r.y && y < r.y + r.rows && x >= r.x && x < r.x + r.cols;
}

struct split *
split_line_at(struct split *root, int y, int x)
{
    struct split *s;

    if (root == NULL || root->way == SPLIT_LEAF || !all_shown(root))
        return NULL;
    if (root->way == SPLIT_COLS ? rect_has(root->line, y, x)
                                : y == root->b->r.y && rect_has(root->r, y, x))
        return root;
    s = split_line_at(root->a, y, x);
    return s != NULL ? s : split_line_at(root->b, y, x);
}

struct split *
split_beside(struct split *root, const struct split *leaf, enum split_side side)
{
    struct split *all[SPLIT_LEAVES_MAX];
    size_t i, n = split_leaves(root, all, SPLIT_LEAVES_MAX);
    struct rect r = leaf->r;
    int y = r.y + r.rows / 2, x = r.x + r.cols / 2;

    if (side == SIDE_LEFT)
        x = r.x - 2;
    else if (side == SIDE_RIGHT)
        x = r.x + r.cols + 1;
    else
        y = side == SIDE_UP ? r.y - 1 : r.y + r.rows;
    for (i = 0; i < n; i++) {
        struct rect wide = all[i]->r;

        wide.cols++; /* with the line to its right */
        if (all[i] != leaf && rect_has(wide, y, x))
            return all[i];
    }
    return NULL;
}

/* --- places --- */

void
split_swap(struct split *a, struct split *b)
{
    int id = a->id;

    a->id = b->id;
    b->id = id;
}

/* One behind the other, all of the same size. */
static struct split *
chain(enum split_way way, struct split **part, size_t n)
{
    const struct split_size share = { .num = 1, .den = (int)n };

    if (n == 1)
        return part[0];
    return split_node(way, part[0], chain(way, part + 1, n - 1), &share);
}

static struct split *
main_and_rest(enum split_way way, struct split **part, size_t n)
{
    const struct split_size half = { .num = 1, .den = 2 };

    if (n == 1)
        return part[0];
    return split_node(
        way, part[0],
        chain(way == SPLIT_COLS ? SPLIT_ROWS : SPLIT_COLS, part + 1, n - 1),
        &half);
}

/* As near to a square as it can be; the last row may have fewer. */
static struct split *
tiles(struct split **part, size_t n)
{
    struct split *row[SPLIT_LEAVES_MAX];
    size_t rows = 1, cols = 1, i;

    while (rows * cols < n) {
        rows++;
        if (rows * cols < n)
            cols++;
    }
    for (i = 0; i * cols < n; i++)
        row[i] = chain(SPLIT_COLS, part + i * cols,
                       n - i * cols < cols ? n - i * cols : cols);
    return chain(SPLIT_ROWS, row, i);
}

/* Frees the nodes; the leaves are on their own. */
static void
take_apart(struct split *s)
{
    if (s->way == SPLIT_LEAF) {
        s->up = NULL;
        return;
    }
    take_apart(s->a);
    take_apart(s->b);
    free(s);
}

void
split_arrange(struct split **root, enum split_shape shape)
{
    struct split *leaf[SPLIT_LEAVES_MAX];
    size_t n = split_leaves(*root, leaf, SPLIT_LEAVES_MAX);

    if (n < 2)
        return;
    take_apart(*root);
    switch (shape) {
    case SHAPE_COLUMNS:
        *root = chain(SPLIT_COLS, leaf, n);
        break;
    case SHAPE_ROWS:
        *root = chain(SPLIT_ROWS, leaf, n);
        break;
    case SHAPE_MAIN_LEFT:
        *root = main_and_rest(SPLIT_COLS, leaf, n);
        break;
    case SHAPE_MAIN_TOP:
        *root = main_and_rest(SPLIT_ROWS, leaf, n);
        break;
    default:
        *root = tiles(leaf, n);
    }
}

const char *
split_shape_name(enum split_shape shape)
{
    static const char *const names[SHAPES] = { "columns", "rows", "main-left",
                                               "main-top", "tiled" };

    return names[shape];
}

/* --- text --- */

void
split_print(const struct split *root, struct buf *out)
{
    if (root->way == SPLIT_LEAF) {
        buf_fmt(out, "%d", root->id);
        return;
    }
    buf_fmt(out, "%c%d/%d(", root->way == SPLIT_COLS ? '|' : '-',
            root->size.num, root->size.den);
    split_print(root->a, out);
    buf_chr(out, ',');
    split_print(root->b, out);
    buf_chr(out, ')');
}

struct form_reader {
    const char *at;
    int min_rows, min_cols;
    int ids[SPLIT_LEAVES_MAX];
    size_t n;
};

/* A number from 1 on, below 10,000. */
static bool
form_number(struct form_reader *fr, int *out)
{
    int n = 0;

    while (*fr->at >= '0' && *fr->at <= '9' && n < 1000)
        n = n * 10 + (*fr->at++ - '0');
    *out = n;
    return n > 0;
}

static bool
form_chr(struct form_reader *fr, char c)
{
    if (*fr->at != c)
        return false;
    fr->at++;
    return true;
}

static struct split *
form_leaf(struct form_reader *fr)
{
    size_t i;
    int id;

    if (fr->n == SPLIT_LEAVES_MAX || !form_number(fr, &id))
        return NULL;
    for (i = 0; i < fr->n; i++)
        if (fr->ids[i] == id)
            return NULL;
    fr->ids[fr->n++] = id;
    return split_leaf(id, fr->min_rows, fr->min_cols);
}

static struct split *read_form(struct form_reader *fr, int depth);

static struct split *
form_node(struct form_reader *fr, enum split_way way, int depth)
{
    struct split_size size = { 0 };
    struct split *a, *b;

    if (!form_number(fr, &size.num) || !form_chr(fr, '/') ||
        !form_number(fr, &size.den) || !form_chr(fr, '('))
        return NULL;
    a = read_form(fr, depth + 1);
    b = a != NULL && form_chr(fr, ',') ? read_form(fr, depth + 1) : NULL;
    if (b == NULL || !form_chr(fr, ')')) {
        split_free(a);
        split_free(b);
        return NULL;
    }
    return split_node(way, a, b, &size);
}

static struct split *
read_form(struct form_reader *fr, int depth)
{
    if (depth > SPLIT_LEAVES_MAX)
        return NULL;
    if (form_chr(fr, '|'))
        return form_node(fr, SPLIT_COLS, depth);
    if (form_chr(fr, '-'))
        return form_node(fr, SPLIT_ROWS, depth);
    return form_leaf(fr);
}

struct split *
split_parse(const char *text, int min_rows, int min_cols)
{
    struct form_reader fr = { .at = text,
                              .min_rows = min_rows,
                              .min_cols = min_cols };
    struct split *root = read_form(&fr, 0);

    if (root != NULL && *fr.at != '\0') {
        split_free(root);
        return NULL;
    }
    return root;
}
