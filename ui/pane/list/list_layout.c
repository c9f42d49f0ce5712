/*
 * list_layout.c - which columns the list has, in which order and how wide: a
 * line of their names, as the user types it and the settings hold it; and which
 * of them fit.
 */
#include <string.h>

#include "ui/pane/list/list_int.h"

#define WIDTH_MIN 3
#define WIDTH_MAX 99
#define NAME_MIN  16
#define NAME_LONG 63 /* the longest that a configuration may give */

void
list_layout_default(struct list_layout *l)
{
    const struct list_col *c;
    int i;

    *l = (struct list_layout){ .n = 0 };
    for (i = 0; (c = list_col_at(i)) != NULL; i++)
        if (!c->extra)
            l->at[l->n++].col = i;
}

static bool
layout_has(const struct list_layout *l, int col)
{
    int k;

    for (k = 0; k < l->n; k++)
        if (l->at[k].col == col)
            return true;
    return false;
}

static int
layout_refuse_name(const char *word, struct err *e)
{
    struct buf all = { 0 };
    const struct list_col *c;
    int i;

    for (i = 0; (c = list_col_at(i)) != NULL; i++)
        buf_fmt(&all, "%s%s", i > 0 ? " " : "", c->name);
    err_set(e, ERR_INVALID,
            "columns: found '%.32s', allowed %s, each with "
            ":WIDTH or without",
            word, buf_text(&all));
    buf_free(&all);
    return -1;
}

/* NAME or NAME:WIDTH. */
static int
layout_add(struct list_layout *l, const char *word, struct err *e)
{
    size_t n = strcspn(word, ":");
    unsigned long long width = 0;
    char name[32];
    int col;

    text_fmt(name, sizeof(name), "%.*s", (int)n, word);
    col = n < sizeof(name) ? list_col_find(name) : -1;
    if (col < 0)
        return layout_refuse_name(word, e);
    if (layout_has(l, col))
        return err_set(e, ERR_INVALID, "columns: found '%s' twice", name);
    if (word[n] == ':' && !text_u64(word + n + 1, WIDTH_MIN, WIDTH_MAX, &width))
        return err_set(e, ERR_RANGE,
                       "columns: found '%.32s', allowed a width of %d to %d",
                       word, WIDTH_MIN, WIDTH_MAX);
    l->at[l->n].col = col;
    l->at[l->n++].width = (int)width;
    return 0;
}

int
list_layout_parse(struct list_layout *l, const char *text, struct err *e)
{
    struct list_layout next = { .own = true };
    char word[48];
    size_t n;

    if (strcmp(text, "default") == 0) {
        list_layout_default(l);
        return 0;
    }
    for (; *text != '\0'; text += n) {
        text += strspn(text, " ,");
        n = strcspn(text, " ,");
        text_fmt(word, sizeof(word), "%.*s", (int)n, text);
        if (n > 0 && layout_add(&next, word, e) < 0)
            return -1;
    }
    if (!layout_has(&next, list_col_find("name")))
        return err_set(e, ERR_INVALID,
                       "columns: found no name, which tells the domains apart");
    *l = next;
    return 0;
}

void
list_layout_print(const struct list_layout *l, struct buf *out)
{
    int k;

    for (k = 0; k < l->n; k++) {
        buf_fmt(out, "%s%s", k > 0 ? " " : "", list_col_at(l->at[k].col)->name);
        if (l->at[k].width > 0)
            buf_fmt(out, ":%d", l->at[k].width);
    }
}

/* --- what fits --- */

/* What each would take: nothing if it is not among those of the layout. */
static void
cols_want(const struct list_fit *fit, int widths[LIST_COLS_MAX])
{
    int i, k;

    for (i = 0; list_col_at(i) != NULL; i++)
        widths[i] = 0;
    for (k = 0; k < fit->layout->n; k++) {
        i = fit->layout->at[k].col;
        if (list_col_at(i)->tags && !fit->tags && !fit->layout->own &&
            i != fit->sort)
            continue;
        widths[i] =
            list_col_at(i)->width > 0 ? list_col_at(i)->width : NAME_MIN;
        if (fit->layout->at[k].width > 0)
            widths[i] = fit->layout->at[k].width;
    }
}

/* The one that goes first: of the user's own the last one, else by the table.
 * -1: all of them stay. */
static int
cols_worst(const struct list_fit *fit, const int *widths)
{
    int i, k, worst = -1;

    for (k = 0; k < fit->layout->n; k++) {
        i = fit->layout->at[k].col;
        if (widths[i] == 0 || i == fit->sort || list_col_at(i)->width == 0 ||
            (!fit->layout->own && list_col_at(i)->drop == 0))
            continue;
        if (worst < 0 || fit->layout->own ||
            list_col_at(i)->drop > list_col_at(worst)->drop)
            worst = i;
    }
    return worst;
}

/* The name takes what is left, up to what names need. */
static void
cols_stretch(const struct list_fit *fit, int left, int widths[LIST_COLS_MAX])
{
    int k, i, most = fit->long_names ? NAME_LONG : LIST_NAME_COLS;

    for (k = 0; k < fit->layout->n; k++) {
        i = fit->layout->at[k].col;
        if (list_col_at(i)->width > 0 || fit->layout->at[k].width > 0)
            continue;
        if (left > 0)
            widths[i] += left;
        if (widths[i] > most)
            widths[i] = most;
    }
}

void
list_col_fit(const struct list_fit *fit, int widths[LIST_COLS_MAX])
{
    int i, worst, used;

    cols_want(fit, widths);
    for (;;) {
        used = -1;
        for (i = 0; list_col_at(i) != NULL; i++)
            used += widths[i] > 0 ? widths[i] + 1 : 0;
        worst = cols_worst(fit, widths);
        if (used <= fit->room || worst < 0)
            break;
        widths[worst] = 0;
    }
    cols_stretch(fit, fit->room - used, widths);
}
