/*
 * list_int.h - what the files of the domain list share.
 */
#ifndef XENDECK_UI_LIST_INT_H
#define XENDECK_UI_LIST_INT_H

#include "engine/model/model.h"
#include "ui/draw/theme.h"

#define LIST_COLS_MAX 24

#define LIST_NAME_COLS 44 /* of a name column unless one needs more */

struct list_col {
    const char *name; /* in `sort NAME` and xendeck.conf; NULL: no sorting */
    const char *head;
    int width;      /* 0: the name, which takes what is left */
    int drop;       /* the highest goes first where room is short */
    bool right;     /* aligned */
    bool big_first; /* sorted descending unless reversed */
    void (*text)(const struct dom *d, double wall_s, char *out, size_t size);
    double (*key)(const struct dom *d); /* NULL: by name */
    bool state;                         /* drawn in the colour of the state */
    bool rates;                         /* needs RATES_DEVICES */
};

/* By position; NULL past the end. */
const struct list_col *list_col_at(int i);
int list_col_find(const char *name); /* -1: none */
/* Which columns fit into cols: their widths (0: dropped), by position. The one
 * that is sorted by stays: an order that cannot be seen surprises. */
void list_col_fit(int cols, int sort, bool long_names,
                  int widths[LIST_COLS_MAX]);
enum role list_state_role(const struct dom *d);

#endif
