/*
 * view.h - a column of text rows that scrolls and is searched: what the detail
 * and log panes are made of. The owner says which rows there are (segments of
 * its items) and formats one when it is asked: only for rows on screen, and
 * while searching.
 */
#ifndef XENDECK_UI_VIEW_H
#define XENDECK_UI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/model.h"
#include "src/base/buf.h"
#include "ui/desk/pane.h"
#include "ui/draw/curses.h"
#include "ui/draw/theme.h"
#include "ui/draw/ui_text.h"

#define VIEW_SPANS_MAX  24
#define VIEW_SEARCH_MAX 128
#define VIEW_NONE       ((size_t)-1)

/* One row of the screen: bytes [from, to) of an item's text. */
struct view_seg {
    uint64_t item; /* its owner's name for it, ascending */
    uint32_t from, to;
};

/* A row being written: text, and where in it roles begin. */
struct view_row {
    struct buf text;
    size_t from, to; /* what of the text is shown */
    int indent;      /* blank columns before it */
    size_t n_spans;
    struct {
        size_t at;
        enum role role;
    } span[VIEW_SPANS_MAX];
};

struct view {
    struct view_seg *seg;
    size_t n, cap;
    size_t top;
    int rows;
    bool follow; /* stays at the end while it grows */
    size_t hit;  /* row of the last match; VIEW_NONE: none */
    char sought[VIEW_SEARCH_MAX];
    bool typing; /* an incremental search began at origin */
    size_t origin;
    uint64_t keep_item; /* top row while segments are made anew */
    uint32_t keep_from;
    size_t keep_hit;
    /* Formats a segment; the row is empty, from 0 to UINT32_MAX. */
    void (*format)(const struct pane *p, const struct view_seg *s,
                   struct view_row *r);
};

/* Appends to a row in a role. */
void view_put(struct view_row *r, enum role role, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "[||||    ]" of width columns; used: 0..1. */
void view_put_bar(struct view_row *r, double used, int width);
void view_row_clear(struct view_row *r);

/* New segments: between begin and end the owner adds them. The top stays on
 * its item, or at the end if it followed. */
void view_begin(struct view *v);
void view_add(struct view *v, uint64_t item, uint32_t from, uint32_t to);
/* As many segments as text needs, the first of first columns, the others of
 * rest; words: broken at blanks if they are near. */
void view_wrap(struct view *v, uint64_t item, const char *text, int first,
               int rest, bool words);
void view_end(struct view *v, int rows);
/* The same segments in another height. */
void view_rows(struct view *v, int rows);
/* No segments, top and search forgotten. */
void view_reset(struct view *v);
void view_fini(struct view *v);

size_t view_top_max(const struct view *v);
void view_scroll(struct view *v, long lines);
/* As pane_ops.search. */
bool view_search(struct view *v, const struct pane *p, const char *text,
                 int dir, bool incremental);

/* Draws all rows at y0 and below. */
void view_draw(const struct view *v, const struct pane *p, WINDOW *w, int y0);
/* One row, over the whole width; sought may be "". */
void view_draw_row(struct ui *ui, WINDOW *w, int y, const struct view_row *r,
                   const char *sought);

#endif
