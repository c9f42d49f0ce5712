/*
 * split.c - a rectangle cut into parts.
 * Invariant after split_place: the leaves that are shown do not overlap, lie
 * inside the rectangle and, with the lines between them, fill it.
 */
#include "ui/screen/split.h"

#include <limits.h>
#include <stdlib.h>

#include "src/base/xalloc.h"

struct split *
split_leaf(int id, int min_rows, int min_cols)
{
    struct split *s = xcalloc(1, sizeof(*s));

    s->id = id;
    s->min_rows = min_rows;
    s->min_cols = min_cols;
    return s;
}

struct split *
split_node(enum split_way way, struct split *a, struct split *b,
           const struct split_size *size)
{
    struct split *s = xcalloc(1, sizeof(*s));

    s->way = way;
    s->a = a;
    s->b = b;
    s->size = *size;
    a->up = b->up = s;
    return s;
}

void
split_free(struct split *root)
{
    if (root == NULL)
        return;
    split_free(root->a);
    split_free(root->b);
    free(root);
}

struct split *
split_find(struct split *root, int id)
{
    struct split *s;

    if (root == NULL || root->way == SPLIT_LEAF)
        return root != NULL && root->id == id ? root : NULL;
    s = split_find(root->a, id);
    return s != NULL ? s : split_find(root->b, id);
}

/* What points to s. */
static struct split **
split_place_of(struct split **root, struct split *s)
{
    if (s->up == NULL)
        return root;
    return s->up->a == s ? &s->up->a : &s->up->b;
}

void
split_insert(struct split **root, struct split *at, enum split_way way,
             struct split *leaf, const struct split_size *size)
{
    struct split **place = split_place_of(root, at), *up = at->up;

    *place = split_node(way, at, leaf, size);
    (*place)->up = up;
}

void
split_remove(struct split **root, struct split *leaf)
{
    struct split *node = leaf->up, *other;

    if (node == NULL) {
        *root = NULL;
    } else {
        other = node->a == leaf ? node->b : node->a;
        *split_place_of(root, node) = other;
        other->up = node->up;
        free(node);
    }
    free(leaf);
}

/* --- sizes --- */

/* Columns or rows that the line between two parts takes. */
static int
line_of(const struct split *s)
{
    return s->way == SPLIT_COLS;
}

static int
sum(int a, int b)
{
    return a > INT_MAX - b ? INT_MAX : a + b;
}

int
split_min(const struct split *s, enum split_way way)
{
    int a, b;

    if (s->way == SPLIT_LEAF)
        return way == SPLIT_ROWS ? s->min_rows : s->min_cols;
    a = split_min(s->a, way);
    b = split_min(s->b, way);
    if (s->way == way)
        return sum(sum(a, b), line_of(s));
    return a > b ? a : b;
}

/* What the first of two parts gets of all, both being shown. */
static int
first_part(const struct split *s, int all)
{
    const struct split_size *z = &s->size;
    int most = all - z->leave, n = z->den > 0 ? all * z->num / z->den : z->min;
    int min_a = split_min(s->a, s->way), min_b = split_min(s->b, s->way);

    if (z->max > 0 && most > z->max)
        most = z->max;
    if (n > most)
        n = most;
    if (n < z->min)
        n = z->min;
    if (z->second)
        n = all - line_of(s) - n;
    if (n > all - line_of(s) - min_b)
        n = all - line_of(s) - min_b;
    return n < min_a ? min_a : n;
}

/* --- places --- */

static void
place_node(struct split *s, struct rect r, int focus)
{
    int all = s->way == SPLIT_ROWS ? r.rows : r.cols, n;
    struct rect a = r, b = r;

    s->line = (struct rect){ 0 };
    if (split_min(s, s->way) > all) { /* no room for both */
        bool second = split_find(s->b, focus) != NULL;

        split_place(second ? s->b : s->a, r, focus);
        split_place(second ? s->a : s->b, (struct rect){ 0 }, focus);
        return;
    }
    n = first_part(s, all);
    if (s->way == SPLIT_ROWS) {
        a.rows = n;
        b.y += n;
        b.rows -= n;
    } else {
        a.cols = n;
        s->line = (struct rect){ r.y, r.x + n, r.rows, 1 };
        b.x += n + 1;
        b.cols -= n + 1;
    }
    split_place(s->a, a, focus);
    split_place(s->b, b, focus);
}

void
split_place(struct split *root, struct rect r, int focus)
{
    root->r = r;
    root->line = (struct rect){ 0 };
    if (root->way == SPLIT_LEAF)
        return;
    if (r.rows > 0) {
        place_node(root, r, focus);
        return;
    }
    split_place(root->a, r, focus);
    split_place(root->b, r, focus);
}

void
split_zoom(struct split *root, struct rect r, int id)
{
    struct split *leaf = split_find(root, id);

    split_place(root, (struct rect){ 0 }, id);
    if (leaf != NULL)
        leaf->r = r;
}

size_t
split_leaves(struct split *root, struct split **out, size_t max)
{
    size_t n;

    if (root == NULL || max == 0)
        return 0;
    if (root->way == SPLIT_LEAF) {
        out[0] = root;
        return 1;
    }
    n = split_leaves(root->a, out, max);
    return n + split_leaves(root->b, out + n, max - n);
}

struct split *
split_copy(const struct split *root)
{
    struct split *s;

    if (root == NULL)
        return NULL;
    s = xcalloc(1, sizeof(*s));
    *s = *root;
    s->up = NULL;
    if (s->way == SPLIT_LEAF)
        return s;
    s->a = split_copy(root->a);
    s->b = split_copy(root->b);
    s->a->up = s->b->up = s;
    return s;
}

size_t
split_lines(const struct split *root, struct rect *out, size_t max)
{
    size_t n = 0;

    if (root == NULL || root->way == SPLIT_LEAF || max == 0)
        return 0;
    if (root->line.rows > 0)
        out[n++] = root->line;
    n += split_lines(root->a, out + n, max - n);
    return n + split_lines(root->b, out + n, max - n);
}
