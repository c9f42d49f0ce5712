/*
 * list_int.h - what the files of the domain list share.
 */
#ifndef XENDECK_UI_LIST_INT_H
#define XENDECK_UI_LIST_INT_H

#include "engine/model/model.h"
#include "src/command/filter/dom_filter.h"
#include "ui/draw/theme.h"
#include "ui/pane/list/pane_list.h"

#define LIST_COLS_MAX 32

#define LIST_NAME_COLS 44 /* of a name column unless one needs more */

struct list_col {
    const char *name; /* in `sort`, `columns` and xendeck.conf */
    const char *head;
    int width;      /* 0: the name, which takes what is left */
    int drop;       /* the highest goes first where room is short */
    bool right;     /* aligned */
    bool big_first; /* sorted descending unless reversed */
    /* NULL: a graph. */
    void (*text)(const struct dom *d, double wall_s, char *out, size_t size);
    double (*key)(const struct dom *d);           /* NULL: by a text */
    const char *(*key_text)(const struct dom *d); /* NULL: the name */
    bool state;    /* drawn in the colour of the state */
    bool rates;    /* needs RATES_DEVICES */
    bool unsorted; /* nothing to sort by */
    bool extra;    /* shown only if it is chosen */
    /* Without text: the sum of these; of one twice, that one. */
    enum history_what graph[2];
    bool tags; /* shown only while a domain has some */
};

/* Which columns there are, from left to right. */
struct list_layout {
    struct {
        int col;   /* position in the table */
        int width; /* 0: as the table says */
    } at[LIST_COLS_MAX];
    int n;
    bool own; /* the user's: what does not fit goes from the right */
};

struct list_row {
    uint64_t id;
    size_t at; /* in the engine's table, until the next birth or death */
    uint32_t domid;
    double key;
    const char *text; /* sorted by, if not by key; valid while sorting only */
};

struct list_pane {
    struct pane base;
    struct list_row *rows;
    size_t n_rows, cap, total;
    size_t row, top;
    uint8_t uuid[16]; /* of the domain where the user has put the cursor */
    bool strayed;     /* that one is gone: the cursor is on a neighbour */
    struct list_layout layout;
    int sort;
    bool reverse;
    bool long_names;  /* there is one that wants more than LIST_NAME_COLS */
    bool tags;        /* one that is listed has some */
    uint64_t past_ms; /* the moment that the rows are of; past.h */
    bool stale;       /* order, filter or contents must be worked out anew */
    struct rates_want want;
    struct dom_filter filter;
    char search[128];
    uint64_t *marks; /* ids of the marked domains; list_marks.c */
    size_t n_marks, marks_cap;
    uint64_t anchor; /* where the last one was marked */
    uint64_t origin; /* where an incremental search began */
};

static inline struct list_pane *
list_of_pane(struct pane *p)
{
    return container_of(p, struct list_pane, base);
}

static inline const struct list_pane *
list_const(const struct pane *p)
{
    return (const struct list_pane *)(const void *)p;
}

/* The domain of a row; NULL: there is no such row, or it is gone. */
const struct dom *list_dom_of_row(const struct list_pane *lp, size_t i);

/* The widths of the columns in the room that the marks leave, by position (0:
 * not shown). */
void list_widths(const struct list_pane *lp, int widths[LIST_COLS_MAX]);
/* Columns that the marks take in front of the others. */
int list_gutter(const struct list_pane *lp);

/* list_layout.c */
void list_layout_default(struct list_layout *l);
/* "id name:30 cpu", or "default". -1 with *e: l is as it was. */
int list_layout_parse(struct list_layout *l, const char *text, struct err *e);
/* The reverse. */
void list_layout_print(const struct list_layout *l, struct buf *out);

/* list_marks.c: births and ends are taken over. */
void list_marks_sync(struct list_pane *lp);

/* list_draw.c */
void list_title(const struct pane *p, struct buf *out);
void list_draw(const struct pane *p, WINDOW *w);

/* By position; NULL past the end. */
const struct list_col *list_col_at(int i);
int list_col_find(const char *name); /* -1: none */
/* What decides on the columns. */
struct list_fit {
    const struct list_layout *layout;
    int room;        /* columns of the screen */
    int sort;        /* sorted by this one */
    bool long_names; /* there is one that wants more than LIST_NAME_COLS */
    bool tags;       /* a domain that is listed has tags */
};

/* Which columns fit: their widths (0: dropped), by position. The one that is
 * sorted by stays: an order that cannot be seen surprises. */
void list_col_fit(const struct list_fit *fit, int widths[LIST_COLS_MAX]);
enum role list_state_role(const struct dom *d);

#endif
