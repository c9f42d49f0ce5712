/*
 * term_int.h - what the files of the terminal share. Private to ui/term.
 *
 * Of libvterm the parser and state layers are used; the screen is our own
 * (grid.h): its lines survive every resize whole, scrolling moves no cells, and
 * a line goes into the scrollback without passing through 40-byte cells.
 */
#ifndef XENDECK_UI_TERM_TERM_INT_H
#define XENDECK_UI_TERM_TERM_INT_H

#include <vterm.h>

#include "ui/draw/theme.h"
#include "ui/term/fast/ahead.h"
#include "ui/term/filter.h"
#include "ui/term/grid.h"
#include "ui/term/sb.h"
#include "ui/term/term.h"
#include "ui/term/term_screen.h"

#define TERM_TITLE_MAX 128

/* What is drawn as selected: rows first..last by their numbers (sb.h), in the
 * first one from column `from`, in the last one to column `to`; a block's
 * columns are those of each row. */
struct term_selection {
    int shape; /* enum copy_shape */
    uint64_t first, last;
    int from, to;
};

/* DECSC. */
struct saved_cursor {
    bool valid;
    VTermPos pos; /* the column is term_next_col's */
    struct cell pen;
    bool origin, protect;
    char set[4];
    int gl;
};

struct term {
    struct term_opts opts;
    VTerm *vt;
    VTermState *st;
    struct filter filter;
    struct ahead ahead; /* of libvterm */
    int rows, cols;
    struct grid grid[2]; /* main, alternate */
    bool alt;
    struct cell pen;
    struct sb sb;
    size_t view; /* lines scrolled back */
    bool held;   /* the view stands still, also where it is live */
    struct term_selection sel;
    /* While the alternate screen is shown: rows of the main one pushed out by
     * changes of the size,
     * and where its cursor is by now. */
    int alt_pushed;
    VTermPos main_cursor;
    struct saved_cursor saved[2]; /* of the main and the alternate screen */
    int top, bottom;              /* margins: rows [top, bottom) scroll */
    bool origin;                  /* DECOM */
    bool colm_allowed;            /* mode 40: DECCOLM has an effect */
    bool own_stops;               /* the guest has set tab stops */
    bool switching;               /* what libvterm erases now stays */
    bool aligned;                 /* the screen is DECALN's, untouched since */
    bool cursor_visible, reverse, bell;
    int mouse; /* VTERM_PROP_MOUSE_ */
    /* Where the last glyph went while the cursor has not moved from there: at
     * the edge that means that the next one wraps. Row -1: it has moved. */
    VTermPos put;
    int put_width;
    /* Where the next glyph goes if nothing is said in between; the column is
     * beyond the edge if it wraps. Row -1: something was said. */
    VTermPos after;
    VTermPos
        resized; /* the main screen's cursor, on its way through a resize */
    char title[TERM_TITLE_MAX];

    bool *dirty; /* by screen row */
    bool any_dirty, all_dirty;
    unsigned drawn_match; /* hash of what was highlighted */
    uint64_t hit;         /* number (sb.h) of the row of the last match */
    bool hit_valid;
    unsigned hit_text;      /* hash of what was looked for */
    struct term_hunt *hunt; /* term_hunt.h; NULL: none */
};

/* Of a search text; 0 of NULL. */
unsigned term_text_hash(const char *s);

static inline struct grid *
term_grid(struct term *t)
{
    return &t->grid[t->alt];
}

/* Work beyond the bytes that asked for it, in cells. */
static inline void
term_cost(struct term *t, int cells)
{
    t->filter.cost += (size_t)cells;
}

static inline int
term_clamp(int v, int min, int max)
{
    return v < min ? min : v > max ? max : v;
}

/* term.c */
/* libvterm has bytes for the guest; arg: the terminal. */
void term_on_output(const char *bytes, size_t n, void *arg);
void term_reply(struct term *t, const char *text);
/* Copies the main screen into the scrollback, as it is about to be erased;
 * nothing while the alternate one is shown. */
void term_keep_screen(struct term *t);

/* term_state.c */
bool term_mode(void *arg, long mode, bool on);
void term_own(void *arg, enum filter_own what);
/* The main screen and plain modes, but for the text on it: the guest that set
 * them is gone. */
void term_leave_guest(struct term *t);

/* term_view.c. The row of a line that is at `line` goes on in the next. */
bool term_goes_on(const struct term *t, size_t line, const struct row *r);

/* term_flow.c. The size of the main screen becomes rows x cols: its lines are
 * laid anew, what does not fit goes into the scrollback, and room at the top is
 * filled from there with at most `most` rows. at: the cursor, whose column may
 * be the width, if the next glyph wraps; it is moved with the text. */
void term_flow(struct term *t, int rows, int cols, int most, VTermPos *at);

/* The view stands still while text comes. */
void term_hold(struct term *t, bool on);
void term_select(struct term *t, struct term_selection s);

/* term_view.c. Brings a line into view, a third down from the top. */
void term_show_line(struct term *t, size_t line);
/* The row of a line as term_line_text counts, in work if it is of
 * the scrollback; the caller frees that. NULL past the end. */
const struct row *term_row(const struct term *t, size_t line, struct row *work);

#endif
